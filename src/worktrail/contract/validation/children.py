"""Sub-segments: cycles across segments, and how deep they reach.

Rule: a segment must not contain itself, through however many others; bodies and sub-segments inside one another count together
(`MAX_NESTING`). Other segments are looked up by the function that comes in; without one only a segment that names itself is
found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from worktrail.contract.validation.structure import MAX_NESTING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worktrail.contract.models import StepDefinition
    from worktrail.contract.segment import SegmentDefinition
    from worktrail.contract.validation.context import Context

__all__ = ["SegmentLookup", "check_children"]

# (segment id, version or None, hash or None) → the segment, or None where there is none
SegmentLookup: TypeAlias = "Callable[[str, str | None, str | None], SegmentDefinition | None]"

Use = tuple[str, str, int]  # pointer, name in resources.segments, depth of bodies around it


def check_children(look: Context, lookup: SegmentLookup | None) -> None:
    """SEGMENT_UNKNOWN, SEGMENT_CYCLE, NESTING_EXCEEDED."""
    segment = look.segment
    for pointer, name, depth in _uses(segment.steps, "", 0):
        wanted = segment.resources.segments.get(name)
        if isinstance(wanted, dict):
            walk = _Walk(look, lookup, pointer)
            walk.follow(wanted, [_key(segment.segment_id, segment.version)], depth + 1)


def _key(segment_id: str, version: str) -> str:
    return f"{segment_id} {version}"


class _Walk:
    """From one step of the segment down; the first problem of a step is enough."""

    def __init__(self, look: Context, lookup: SegmentLookup | None, pointer: str) -> None:
        self.look = look
        self.lookup = lookup
        self.pointer = pointer
        self.done: dict[str, int] = {}  # segment → the greatest depth it was followed at

    def bad(self, code: str, message: str) -> bool:
        self.look.add(code, f"{self.pointer}/config/segment", message)
        return False

    def follow(self, wanted: dict[str, Any], above: list[str], depth: int) -> bool:
        """Follows one use; False where a problem was found."""
        segment_id, version = str(wanted.get("segment_id")), wanted.get("version")
        found = None if self.lookup is None else self.lookup(segment_id, version, wanted.get("hash"))
        if found is None:
            own = self.look.segment
            if segment_id == own.segment_id and version in (None, own.version):
                return self.bad("SEGMENT_CYCLE", f"segment {segment_id!r} contains itself")
            return self.lookup is None or self.bad("SEGMENT_UNKNOWN", f"there is no segment {_shown(segment_id, version)}")
        key = _key(found.segment_id, found.version)
        if key in above:
            way = " → ".join(each.split(" ")[0] for each in (*above[above.index(key) :], key))
            return self.bad("SEGMENT_CYCLE", f"segments contain one another in a circle: {way}")
        if depth > MAX_NESTING:
            return self.bad("NESTING_EXCEEDED", f"bodies and sub-segments are nested more than {MAX_NESTING} deep")
        if self.done.get(key, -1) >= depth:
            return True
        self.done[key] = depth
        for _, name, inner in _uses(found.steps, "", 0):
            below = found.resources.segments.get(name)
            if isinstance(below, dict) and not self.follow(below, [*above, key], depth + inner + 1):
                return False
        return True


def _shown(segment_id: str, version: Any) -> str:
    return repr(segment_id) if version is None else f"{segment_id!r} of version {version!r}"


def _uses(steps: Sequence[StepDefinition], pointer: str, depth: int) -> Iterator[Use]:
    """Every `subsegment` step below `steps`, also inside bodies."""
    raw = [(step.step_type, step.config) for step in steps]
    yield from _raw_uses(raw, pointer, depth)


def _raw_uses(steps: Sequence[tuple[str, dict[str, Any]]], pointer: str, depth: int) -> Iterator[Use]:
    for at, (kind, config) in enumerate(steps):
        here = f"{pointer}/steps/{at}"
        if kind == "subsegment" and isinstance(config.get("segment"), str):
            yield here, config["segment"], depth
        body = config.get("body")
        if kind in ("map", "loop") and isinstance(body, dict):
            inner = [(str(each.get("step_type")), each.get("config") or {}) for each in body.get("steps", [])]
            yield from _raw_uses(inner, f"{here}/config/body", depth + 1)
