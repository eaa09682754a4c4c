"""Worktrail runs AI workflows durably, with people in the loop.

A workflow is a segment (a graph of steps, held as data); what happens to it is a trail (a stream of events).
Each room of the package has one door: import from ``worktrail.<room>``, never from the modules inside it. The names most
programs need can be had from ``worktrail`` itself; a room is loaded when one of its names is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "app": "SegmentRunner run_segment step",
    "contract": "EdgeDefinition PortDefinition SegmentDefinition SegmentParams SegmentPolicy StepCatalog StepCategory "
    "StepDefinition StepPolicy StepTypeMetadata",
    "errors": "AuthorError CallerError OurError ProviderError WorktrailError",
    "events": "ErrorInfo EventSeverity EventType WorktrailEvent",
    "runtime": "EventEmitter EventStream Fail MemoryEventStore RunConfig RuntimeContext RuntimeContextManager SegmentResult "
    "SegmentStatus StepContext current_runtime",
}
_WHERE = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "AuthorError",
    "CallerError",
    "EdgeDefinition",
    "ErrorInfo",
    "EventEmitter",
    "EventSeverity",
    "EventStream",
    "EventType",
    "Fail",
    "MemoryEventStore",
    "OurError",
    "PortDefinition",
    "ProviderError",
    "RunConfig",
    "RuntimeContext",
    "RuntimeContextManager",
    "SegmentDefinition",
    "SegmentParams",
    "SegmentPolicy",
    "SegmentResult",
    "SegmentRunner",
    "SegmentStatus",
    "StepCatalog",
    "StepCategory",
    "StepContext",
    "StepDefinition",
    "StepPolicy",
    "StepTypeMetadata",
    "WorktrailError",
    "WorktrailEvent",
    "__version__",
    "current_runtime",
    "run_segment",
    "step",
]


def __getattr__(name: str) -> Any:
    room = _WHERE.get(name)
    if room is None:
        raise AttributeError(f"module 'worktrail' has no attribute {name!r}")
    if name in {"StepCatalog", "SegmentDefinition"}:
        # The contract room is pure and has no JSON Schema checker of its own; the process's catalogue gets one here, so that
        # `validate` leaves nothing unchecked.
        import_module("worktrail.app").checked_catalog()
    value = globals()[name] = getattr(import_module(f"worktrail.{room}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
