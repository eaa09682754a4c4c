"""What changed between two segments, ignoring layout.

Rule: a difference is what a reader would call one. Steps are matched by id, edges by their four ends, ports by id; order is a
difference only where it counts (steps and edges among those that both have: R1, R3, R9). Keys that take no part in the hash are
compared too, but marked, so that a review can leave them out; where things are drawn is no difference at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from worktrail.contract.problems import join_pointer
from worktrail.contract.reading import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worktrail.contract.segment import SegmentDefinition

__all__ = ["Change", "diff"]

ABSENT: Any = msgspec.UNSET
LAYOUT = ("ui_metadata",)
SILENT = ("name", "description", "label", "edge_id", "metadata")  # of no effect on a run


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One difference. ``pointer`` leads into the newer segment (for ``removed`` into the older); ``step`` is the step it is
    about, if any; ``effect`` says whether it can change a run. ``before`` or ``after`` is UNSET where there is nothing."""

    op: Literal["added", "removed", "changed", "moved"]
    pointer: str
    step: str | None = None
    before: Any = msgspec.UNSET
    after: Any = msgspec.UNSET
    effect: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The JSON shape ``{op, pointer, step?, before?, after?, effect}``."""
        shape: dict[str, Any] = {"op": self.op, "pointer": self.pointer}
        if self.step is not None:
            shape["step"] = self.step
        for key in ("before", "after"):
            if (value := getattr(self, key)) is not msgspec.UNSET:
                shape[key] = value
        return {**shape, "effect": self.effect}


def diff(a: SegmentDefinition, b: SegmentDefinition) -> list[Change]:
    """The changes that lead from `a` to `b`, in the order of `b`; empty where only the layout differs."""
    return list(_object(_whole(a), _whole(b), "", "", None))


def _whole(segment: SegmentDefinition) -> dict[str, Any]:
    found: dict[str, Any] = plain(segment)
    return {"version": segment.version, **found}


def _object(a: dict[str, Any], b: dict[str, Any], at: str, was: str, step: str | None) -> Iterator[Change]:
    for key in (*b, *(key for key in a if key not in b)):
        if key in LAYOUT:
            continue
        before, after = a.get(key, ABSENT), b.get(key, ABSENT)
        here, there = join_pointer(at, key), join_pointer(was, key)
        named = NAMED.get(key)
        if named is not None and _is_named(before, named) and _is_named(after, named):
            yield from _named(before or [], after or [], key, here, there, step)
            continue
        effect = key not in SILENT and not key.startswith("x-")
        yield from (
            msgspec.structs.replace(each, effect=each.effect and effect) for each in _value(before, after, here, there, step)
        )


def _value(before: Any, after: Any, here: str, there: str, step: str | None) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _object(before, after, here, there, step)
    elif before is ABSENT:
        yield Change("added", here, step, after=after)
    elif after is ABSENT:
        yield Change("removed", there, step, before=before)
    elif not _equal(before, after):
        yield Change("changed", here, step, before, after)


def _equal(before: Any, after: Any) -> bool:
    """Equal as JSON: 1 is 1.0, and true is not 1."""
    if isinstance(before, bool) or isinstance(after, bool):
        return before is after
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        return len(before) == len(after) and all(map(_equal, before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(_equal(before[key], after[key]) for key in before)
    return bool(before == after)


def _ends(edge: dict[str, Any]) -> str:
    source = f"{edge.get('source_step')}.{edge.get('source_port', 'output')}"
    return f"{source} → {edge.get('target_step')}.{edge.get('target_port', 'input')}"


# lists whose entries have names → how an entry is named
NAMED: dict[str, Any] = {
    "steps": lambda step: step.get("step_id"),
    "edges": _ends,
    "inputs": lambda port: port.get("port_id"),
    "outputs": lambda port: port.get("port_id"),
}


def _is_named(entries: Any, name: Any) -> bool:
    return entries is ABSENT or (isinstance(entries, list) and all(isinstance(each, dict) and name(each) for each in entries))


def _keys(entries: list[dict[str, Any]], name: Any) -> dict[str, tuple[int, dict[str, Any]]]:
    """Name → place and entry; the second of two equal names gets a number."""
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for at, each in enumerate(entries):
        key, count = str(name(each)), 1
        while key in found:
            count += 1
            key = f"{name(each)} {count}"
        found[key] = (at, each)
    return found


def _named(a: list[Any], b: list[Any], key: str, here: str, there: str, step: str | None) -> Iterator[Change]:
    older, newer = _keys(a, NAMED[key]), _keys(b, NAMED[key])
    for name, (at, entry) in newer.items():
        about = name if key == "steps" else step
        if name in older:
            was, before = older[name]
            yield from _object(before, entry, f"{here}/{at}", f"{there}/{was}", about)
        else:
            yield Change("added", f"{here}/{at}", about, after=entry)
    for name, (was, before) in older.items():
        if name not in newer:
            yield Change("removed", f"{there}/{was}", name if key == "steps" else step, before=before)
    kept, now = [name for name in older if name in newer], [name for name in newer if name in older]
    if kept != now:
        yield Change("moved", here, step, kept, now, effect=key in ("steps", "edges"))
