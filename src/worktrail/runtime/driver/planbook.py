"""The plan book: segments made ready to run, and plans of runs found in a database.

Rule: what runs is stored by its hash before its first event, published or not; a run is always executed under the lock it
was started with. ``missing`` says what a process lacks for a lock, so that it never takes a run it cannot serve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from worktrail.contract import (
    CanvasError,
    GraphLock,
    Lock,
    SegmentDefinition,
    StepCatalog,
    canonical_bytes,
    lock_bytes,
    lock_hash,
    make_lock,
    read_lock,
    segment_hash,
)
from worktrail.engine import Plan, compile_plan
from worktrail.errors import CallerError
from worktrail.runtime.handlers import HandlerTable
from worktrail.store import Store

__all__ = ["SEMANTICS", "PlanBook", "Prepared", "a_segment"]

SEMANTICS = frozenset((1,))  # the numbered behaviours this release can run


_encode = msgspec.msgpack.Encoder(order=None).encode


class Prepared(NamedTuple):
    """A segment ready to run."""

    segment_hash: str
    lock_hash: str
    plan: Plan


def _read(segment: Any) -> SegmentDefinition:
    """The segment as its own document says it: what a program put together may hold plain objects where parts are meant.

    CanvasError SEGMENT_INVALID, SegmentValidationError.
    """
    return SegmentDefinition.from_dict(a_segment(segment).to_dict())


def _content(segment: SegmentDefinition, segments: Mapping[str, SegmentDefinition]) -> bytes | None:
    """All that a segment and its sub-segments hold: a definition may be edited in place between two starts, so the object says
    nothing. It costs a microsecond for ten steps, their hash a quarter of a millisecond. Null for what cannot be written: it
    will be refused."""
    try:
        return _encode((segment, *segments.items()))
    except (TypeError, ValueError, OverflowError, RecursionError, NotImplementedError):
        return None


def a_segment(segment: Any) -> SegmentDefinition:
    """CanvasError SEGMENT_INVALID for what is no segment at all."""
    if not isinstance(segment, SegmentDefinition):
        hint = "Make one with `SegmentDefinition.from_dict`, or load it from a file."
        raise CanvasError("SEGMENT_INVALID", f"what runs is a SegmentDefinition, not {type(segment).__name__}", hint=hint)
    return segment


class PlanBook:
    """Caches plans by lock hash and prepared segments by what they hold."""

    def __init__(self, store: Store, catalog: StepCatalog, handlers: HandlerTable, *, has_tasks: bool) -> None:
        self._store = store
        self._catalog = catalog
        self._handlers = handlers
        self._has_tasks = has_tasks
        self._plans: dict[str, Plan] = {}
        self._prepared: dict[bytes, Prepared] = {}

    def prepare(self, segment: SegmentDefinition, segments: Mapping[str, SegmentDefinition]) -> Prepared:
        """Validate, lock and store a segment and its sub-segments. Raises SegmentValidationError, CallerError
        CAPABILITY_MISSING where a handler is not registered here."""
        seen = _content(a_segment(segment), segments)
        known = self._prepared.get(seen) if seen is not None else None
        if known is not None:
            return known
        prepared = self._prepare(_read(segment), segments, ())
        if len(self._prepared) > 256:
            self._prepared.clear()
        if seen is not None:
            self._prepared[seen] = prepared
        return prepared

    def _prepare(self, segment: SegmentDefinition, segments: Mapping[str, SegmentDefinition], above: tuple[str, ...]) -> Prepared:
        if segment.segment_id in above:
            raise CallerError("SEGMENT_CYCLE", f"sub-segments call each other: {' → '.join((*above, segment.segment_id))}")
        children: dict[str, tuple[str, str]] = {}
        for name, resource in (segment.resources.segments or {}).items():
            wanted = resource.get("segment_id", name) if isinstance(resource, dict) else getattr(resource, "segment_id", name)
            child = segments.get(wanted) or segments.get(name)
            if child is None:
                raise CallerError(
                    "SEGMENT_UNKNOWN", f"sub-segment '{wanted}' of '{segment.segment_id}' is not among the segments given"
                )
            ready = self._prepare(_read(child), segments, (*above, segment.segment_id))
            children[name] = (ready.segment_hash, ready.lock_hash)
        lock = make_lock(segment, self._catalog, children=children)
        lacking = self.missing(lock)
        if lacking:
            raise CallerError("CAPABILITY_MISSING", f"segment '{segment.segment_id}' cannot run here: {'; '.join(lacking)}")
        digest, body = lock_hash(lock), lock_bytes(lock)
        self._store.put_definition(segment_hash(segment), "segment", canonical_bytes(segment))
        self._store.put_definition(digest, "lock", body)
        return Prepared(segment_hash(segment), digest, self._plan_of(digest, body))

    def plan(self, digest: str) -> Plan:
        """The plan of a stored lock."""
        known = self._plans.get(digest)
        return known if known is not None else self._plan_of(digest, self._store.get_definition(digest))

    def _plan_of(self, digest: str, body: bytes) -> Plan:
        # Compiled from the stored bytes, so that a first run and a run after a restart read the very same lock.
        plan = self._plans[digest] = compile_plan(read_lock(body), digest)
        return plan

    def inside(self, lock: Lock) -> tuple[str, ...]:
        """The ids of all sub-segments that may run inside a run of the lock, each once."""
        found: dict[str, None] = {}
        for digest in lock.children.values():
            child = self.plan(digest).lock
            found |= {child.segment_id: None, **dict.fromkeys(self.inside(child))}
        return tuple(found)

    def missing(self, lock: Lock) -> list[str]:
        """What this process lacks to serve a lock, in words; empty when it can."""
        found = [] if lock.semantics in SEMANTICS else [f"semantics {lock.semantics} is not known to this release"]
        self._missing_in(lock.graph, found)
        for digest in lock.children.values():  # whoever starts a child must be able to serve it
            found += self.missing(read_lock(self._store.get_definition(digest)))
        return found

    def _missing_in(self, graph: GraphLock, found: list[str]) -> None:
        for step in graph.steps:
            if step.kind == "handler" and not self._handlers.has(step.type):
                found.append(f"no handler is registered for step type '{step.type}'")
            if step.kind == "human" and not self._has_tasks:
                found.append(f"step '{step.id}' asks a person, and this runner keeps no human tasks")
            if step.kind == "message":
                found.append(f"step '{step.id}' waits for a message, which this release does not do")
            if step.body is not None:
                self._missing_in(step.body, found)
