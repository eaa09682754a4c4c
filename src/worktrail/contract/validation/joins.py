"""Joins: R9 (arity, merges), and what R10 and R11 make of branches that fail.

Rule: a join must be able to get what it waits for. The warnings name what may surprise: an early join does not forgive a failing
branch, and under `finish_rest` one failure may cause a second one at a join that waits for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from worktrail.contract.graph import members
from worktrail.contract.models import JOIN_MERGES, JOIN_MODES
from worktrail.contract.validation.context import EARLY

if TYPE_CHECKING:
    from worktrail.contract.expand import Step
    from worktrail.contract.validation.context import Context, View

__all__ = ["check_joins"]

CAN_FAIL = ("handler", "map", "loop", "child", "message", "inline")


def check_joins(look: Context, view: View) -> None:
    """All joins of a scope whose graph has no cycle."""
    for step in view.scope.steps:
        if step.type.kind != "join" or not _readable(look, step):
            continue
        _arity(look, view, step)
        _settings(look, step)
        _failing_branches(look, view, step)


def _readable(look: Context, step: Step) -> bool:
    """Whether the config says a join at all; the lock depends on it, so it is checked without a schema checker too."""
    pointer, config = f"{step.pointer}/config", step.config
    raw = step.definition.config
    older = [key for key in ("join_type", "merge_strategy") if key in raw]
    good = all(raw[key] in ("all", "any", "first") for key in older)
    if not good:
        look.add("CONFIG_INVALID", f"{pointer}/{older[0]}", f"{' and '.join(older)} must be one of all, any, first")
    if len(older) == 2 and raw["join_type"] != raw["merge_strategy"]:
        look.add("CONFIG_INVALID", f"{pointer}/merge_strategy", "`join_type` and `merge_strategy` say different things")
    if older and "join" in raw:
        look.add("CONFIG_INVALID", f"{pointer}/{older[0]}", f"`join` says what its older spelling `{older[0]}` says")
    for key, allowed in (("join", JOIN_MODES), ("merge", JOIN_MERGES), ("rest", ("finish", "cancel"))):
        if config.get(key) not in allowed:
            look.add("CONFIG_INVALID", f"{pointer}/{key}", f"`{key}` must be one of {', '.join(allowed)}")
            good = False
    return good


def _arity(look: Context, view: View, step: Step) -> None:
    count, pointer = len(view.entering[step.number]), f"{step.pointer}/config"
    if count == 0:
        look.add("JOIN_UNFED", step.pointer, f"no edge leads into the join {step.id!r}")
    elif count == 1:
        look.add("JOIN_SINGLE", step.pointer, f"only one edge leads into the join {step.id!r}")
    n = step.definition.config.get("n")
    if step.config["join"] == "n_of_m":
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            look.add("JOIN_ARITY", f"{pointer}/n", f"the join {step.id!r} needs a whole number `n` from 1")
        elif n > count:
            look.add("JOIN_ARITY", f"{pointer}/n", f"the join {step.id!r} waits for {n} edges, and only {count} lead into it")
    elif n is not None:
        look.add("JOIN_IGNORED", f"{pointer}/n", f"`n` does nothing: the join {step.id!r} is {step.config['join']}")


def _settings(look: Context, step: Step) -> None:
    mode, merge = step.config["join"], step.config["merge"]
    if merge == "shallow" and mode in EARLY:
        message = f"`merge: shallow` needs a join that waits for all its edges, and {step.id!r} is {mode}"
        look.add("JOIN_MERGE", f"{step.pointer}/config/merge", message)
    if step.config["rest"] == "cancel" and mode not in EARLY:
        message = f"`rest: cancel` does nothing: the join {step.id!r} is {mode} and waits for all its edges"
        look.add("JOIN_IGNORED", f"{step.pointer}/config/rest", message)


def _failing_branches(look: Context, view: View, step: Step) -> None:
    """Both warnings say what the rules do; neither is prevented."""
    mode = step.config["join"]
    if mode in EARLY:
        code = "JOIN_BRANCH_FAILS"
    elif mode == "all" and view.on_failure == "finish_rest":
        code = "JOIN_SECOND_FAILURE"
    else:
        return
    branch = view.ancestors[step.number]
    above = view.graph.dominator(step.number)
    while above is not None:
        branch &= ~(1 << above | view.ancestors[above])
        above = view.graph.dominator(above)
    exposed = [view.scope.steps[number] for number in members(branch)]
    names = [
        each.id
        for each in exposed
        if each.type.kind in CAN_FAIL and each.definition.policy.on_error in (None, "fail") and not view.has_error_edge(each)
    ]
    if names:
        what = "fails the run even after" if code == "JOIN_BRANCH_FAILS" else "may also fail"
        shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        look.add(code, step.pointer, f"a failure of {shown} {what} the join {step.id!r}", steps=names[:20])
