"""From the parts of a segment back to JSON.

Rule: what stands at its default is left out, and nothing else is; ``x-…`` keys come last.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from worktrail.contract.models import StepPosition, StepUIMetadata

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """The JSON value of a part of a segment, or of a lock."""
    if isinstance(value, StepPosition):
        return {"x": value.x, "y": value.y}
    if isinstance(value, msgspec.Struct):
        return _plain_struct(value)
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return value


def _plain_struct(value: msgspec.Struct) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, default in _defaults(type(value)):
        inner = getattr(value, name)
        if inner is default or inner is msgspec.UNSET:
            continue
        if type(inner) is str:
            if inner != default:
                found[name] = inner
        elif not _same(inner, default):
            found[name] = plain(inner)
    more = value.more if isinstance(value, StepUIMetadata) else getattr(value, "extensions", None)
    if more:
        found.update(more)
    return found


def _same(inner: Any, default: Any) -> bool:
    """Equal, and not merely equal in Python's eyes (1 and true); empty lists and tuples are the same."""
    kind = type(inner)
    if kind is list or kind is tuple:
        return not inner and isinstance(default, (list, tuple))
    return kind is type(default) and bool(inner == default)


@cache
def _defaults(kind: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    """The attributes of a struct that become keys, with their defaults (`...` where there is none), in order."""
    made = []
    for info in msgspec.structs.fields(kind):
        if info.name in ("extensions", "more"):
            continue
        if info.default_factory is not msgspec.NODEFAULT:
            made.append((info.name, info.default_factory()))
        else:
            made.append((info.name, ... if info.default is msgspec.NODEFAULT else info.default))
    return tuple(made)
