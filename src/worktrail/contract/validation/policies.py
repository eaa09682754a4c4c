"""Policies: what happens on failure, and which settings a step can have.

Rules: R8 (`on_error` beside error edges, `continue_with` and its ports), and that nothing is accepted that would do nothing: the
clocks of a person's task belong to the task (`timeout_hours`), so a time-out or deadline in the policy of a human step is an
error; other settings that a step cannot have are warned about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.contract.models import RetryPolicy

if TYPE_CHECKING:
    from worktrail.contract.expand import Step
    from worktrail.contract.validation.context import Context, View

__all__ = ["KNOWN_SEMANTICS", "check_policies", "check_segment_policy"]

KNOWN_SEMANTICS = (1,)

# setting → the kinds of step that have it
HAVE: dict[str, tuple[str, ...]] = {
    "retry": ("handler", "map", "loop", "child"),
    "timeout_s": ("handler",),
    "deadline_s": ("handler", "map", "loop", "child", "timer", "message"),
    "effect": ("handler",),
}


def check_segment_policy(look: Context) -> None:
    """SEMANTICS_UNKNOWN."""
    semantics = look.segment.policy.semantics
    if semantics is not None and semantics not in KNOWN_SEMANTICS:
        known = ", ".join(map(str, KNOWN_SEMANTICS))
        look.add("SEMANTICS_UNKNOWN", "/policy/semantics", f"semantics {semantics} is not known here; known: {known}")


def check_policies(look: Context, view: View) -> None:
    """The policies of all steps of a scope."""
    for step in view.scope.steps:
        if step.known:
            _settings(look, step)
        _on_error(look, view, step)


def _settings(look: Context, step: Step) -> None:
    policy, kind = step.definition.policy, step.type.kind
    said = {
        "retry": policy.retry not in (None, RetryPolicy()),
        "timeout_s": policy.timeout_s is not None,
        "deadline_s": policy.deadline_s is not None,
        "effect": policy.effect is not None,
    }
    for setting, kinds in HAVE.items():
        if not said[setting] or kind in kinds:
            continue
        pointer = f"{step.pointer}/policy/{setting}"
        if kind == "human" and setting in ("timeout_s", "deadline_s"):
            message = f"the clock of step {step.id!r} belongs to its human task"
            look.add("HUMAN_CLOCK", pointer, message)
        else:
            look.add("POLICY_IGNORED", pointer, f"`{setting}` does nothing on step {step.id!r}: it is a {step.type.type_id}")


def _on_error(look: Context, view: View, step: Step) -> None:
    """R8."""
    on_error = step.definition.policy.on_error
    if on_error is None or on_error == "fail":
        return
    pointer = f"{step.pointer}/policy/on_error"
    fallback = isinstance(on_error, dict) and "fallback_step" in on_error
    if not fallback and view.has_error_edge(step):
        message = f"step {step.id!r} has an edge from its `error` port, so only `fail` or a `fallback_step` may stand here"
        look.add("ON_ERROR_CONFLICT", pointer, message)
    if isinstance(on_error, dict) and "continue_with" in on_error and step.known:
        _continue_with(look, step, on_error["continue_with"], f"{pointer}/continue_with")


def _continue_with(look: Context, step: Step, value: Any, pointer: str) -> None:
    ports = step.data_outs
    if len(ports) == 1 or (isinstance(value, str) and value.startswith("=")):
        return
    names = ", ".join(ports) or "none"
    if not isinstance(value, dict) or not value:
        look.add("CONTINUE_PORTS", pointer, f"step {step.id!r} has the data ports {names}: the value must be {{port: value}}")
        return
    unknown = [name for name in value if name not in ports]
    if unknown:
        look.add("CONTINUE_PORTS", pointer, f"step {step.id!r} has no data port {unknown[0]!r}; it has {names}")
