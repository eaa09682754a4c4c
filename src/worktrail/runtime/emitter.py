"""Events by hand: an emitter, a bounded store in memory, and a stream to watch it.

Rules:
- What user code emits is *observed*: it is shown, never folded into a run. The trail itself comes from the journal.
- The store numbers events, not the emitter: ``<run_id>:<n>`` stays unique however many emitters a run has.
- Memory is bounded. What leaves is counted and hashed into an anchor, and a reader that was too slow is told
  (``EventGapError``), then goes on. A reader holds a place in the store, no queue of its own.
- A reader gets what is there, then what comes, without gap or double, until the run's terminal event or ``close()``.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
import weakref
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, Self, cast, runtime_checkable

import msgspec

from worktrail.errors import CallerError
from worktrail.events import EventSeverity, EventType, WorktrailEvent
from worktrail.runtime.context import RuntimeContext, current_runtime
from worktrail.runtime.exceptions import EventGapError
from worktrail.runtime.handlers import error_info_of

__all__ = ["EventAnchor", "EventEmitter", "EventStore", "EventStream", "MemoryEventStore"]

TERMINAL = frozenset({"segment.completed", "segment.failed", "segment.cancelled"})
DEEPEST = 64  # levels of a payload
_log = logging.getLogger("worktrail.events")


class EventAnchor(msgspec.Struct, frozen=True):
    """What a bounded store no longer holds: how many events, and the SHA-256 chain over their JSON in order."""

    count: int
    hash: str


@runtime_checkable
class EventStore(Protocol):
    """Where an emitter writes. ``add`` is synchronous; an event without ``event_id`` is numbered by the store."""

    def add(self, event: WorktrailEvent) -> WorktrailEvent:
        """Keeps the event; answers it with its id."""

    async def query(
        self,
        run_id: str | None = None,
        event_types: Iterable[str] | str | None = None,
        step_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[WorktrailEvent]:
        """The events that fit, in order."""


class _Mark:
    """What is remembered of a run besides its events."""

    __slots__ = ("ended", "evicted", "held", "number")

    def __init__(self, number: int) -> None:
        self.number = number  # of the last event
        self.held = 0
        self.evicted = 0
        self.ended = False


class _Filter(NamedTuple):
    run_id: str | None
    event_types: frozenset[str] | None
    step_id: str | None
    tenant_id: str | None

    def fits(self, event: WorktrailEvent) -> bool:
        return (
            (self.run_id is None or event.run_id == self.run_id)
            and (self.tenant_id is None or event.tenant_id == self.tenant_id)
            and (self.step_id is None or event.step_id == self.step_id)
            and (self.event_types is None or str(event.event_type) in self.event_types)
        )


def _filter(run_id: str | None, event_types: Iterable[str] | str | None, step_id: str | None, tenant_id: str | None) -> _Filter:
    """A filter; inside a runtime only its own tenant's events are seen, whatever is asked."""
    runtime = current_runtime.get()
    if runtime is not None:
        if tenant_id not in (None, runtime.tenant_id):
            raise CallerError("CONTEXT_INVALID", f"a runtime of tenant {runtime.tenant_id!r} reads no events of another tenant")
        tenant_id = runtime.tenant_id
    kinds = [event_types] if isinstance(event_types, str) else event_types
    return _Filter(run_id, None if kinds is None else frozenset(str(kind) for kind in kinds), step_id, tenant_id)


class _Reader:
    """A place in a store: the next position to look at, and how many fitting events left before it came there."""

    __slots__ = ("__weakref__", "closed", "filter", "loop", "lost", "position", "wake")

    def __init__(self, what: _Filter) -> None:
        self.filter = what
        self.position = 0
        self.lost = 0
        self.closed = False
        self.loop = asyncio.get_running_loop()
        self.wake = asyncio.Event()

    def stir(self) -> None:
        """Wakes the reader, from whatever thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.wake.set)


class MemoryEventStore:
    """Events in memory, at most ``max_events`` of them; the oldest leave first, into ``anchor``. Safe over threads."""

    def __init__(self, max_events: int = 10_000) -> None:
        if max_events < 1:
            raise CallerError("CONTEXT_INVALID", "max_events must be at least 1")
        self._most = max_events
        self._lock = threading.RLock()
        self._events: deque[WorktrailEvent] = deque()
        self._first = 0  # position of the oldest event held
        self._anchor = EventAnchor(0, "")
        self._marks: dict[str, _Mark] = {}
        self._gone: OrderedDict[str, _Mark] = OrderedDict()  # runs without any event held, the latest last
        self._evicted: Counter[str] = Counter()  # tenant → events that left
        self._floor = 0  # no forgotten run had a higher number
        self._readers: weakref.WeakSet[_Reader] = weakref.WeakSet()

    def add(self, event: WorktrailEvent) -> WorktrailEvent:
        """Keeps an event. Without an ``event_id`` it gets ``<run_id>:<n>``, n from 1 in the run (its stream outside runs)."""
        with self._lock:
            mark = self._mark(event.run_id or event.stream)
            if not event.event_id:
                number = mark.number + 1
                event = msgspec.structs.replace(event, event_id=f"{event.run_id or event.stream}:{number}", stream_seq=number)
            mark.number = max(mark.number, event.stream_seq)
            mark.held += 1
            mark.ended = mark.ended or str(event.event_type) in TERMINAL
            self._events.append(event)
            if len(self._events) > self._most:
                self._evict()
            for reader in tuple(self._readers):
                if reader.filter.run_id in (None, event.run_id):
                    reader.stir()
        return event

    async def append(self, event: WorktrailEvent) -> WorktrailEvent:
        """``add``, awaited."""
        return self.add(event)

    async def query(
        self,
        run_id: str | None = None,
        event_types: Iterable[str] | str | None = None,
        step_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        tenant_id: str | None = None,
        limit: int | None = None,
    ) -> list[WorktrailEvent]:
        """What fits, in order; ``since`` counts, ``until`` does not. Inside a runtime only its tenant's events."""
        what = _filter(run_id, event_types, step_id, tenant_id)
        with self._lock:
            events = list(self._events)
        found = [
            event
            for event in events
            if what.fits(event) and (since is None or event.timestamp >= since) and (until is None or event.timestamp < until)
        ]
        return found if limit is None else found[:limit]

    async def get_by_run(self, run_id: str) -> list[WorktrailEvent]:
        """A run's events."""
        return await self.query(run_id)

    async def get_by_step(self, run_id: str, step_id: str) -> list[WorktrailEvent]:
        """A step's events."""
        return await self.query(run_id, step_id=step_id)

    @property
    def anchor(self) -> EventAnchor:
        """What is no longer held; the hash is empty where nothing left."""
        return self._anchor

    def __len__(self) -> int:
        return len(self._events)

    def reader(self, what: _Filter) -> _Reader:
        """A new place before the oldest event; the stream's to call, on its loop."""
        reader = _Reader(what)
        with self._lock:
            reader.position = self._first
            mark = self._known(what.run_id)
            if what.run_id is not None:
                reader.lost = 0 if mark is None else mark.evicted
            else:
                reader.lost = self._anchor.count if what.tenant_id is None else self._evicted[what.tenant_id]
            self._readers.add(reader)
        return reader

    def take(self, reader: _Reader) -> tuple[WorktrailEvent | None, bool]:
        """The next event that fits and whether it ends the run; ``(None, True)`` where nothing can come any more."""
        with self._lock:
            reader.wake.clear()
            if reader.lost:
                lost, reader.lost = reader.lost, 0
                raise EventGapError(lost)
            run_id = reader.filter.run_id
            while reader.position < self._first + len(self._events):
                event = self._events[reader.position - self._first]
                reader.position += 1
                last = run_id is not None and event.run_id == run_id and str(event.event_type) in TERMINAL
                if reader.filter.fits(event):
                    return event, last
                if last:
                    return None, True
            mark = self._known(run_id)  # an ended run whose terminal event is not here any more
            return None, reader.closed or (mark is not None and mark.ended)

    def leave(self, reader: _Reader) -> None:
        """Forgets a reader."""
        with self._lock:
            self._readers.discard(reader)

    def _known(self, run_id: str | None) -> _Mark | None:
        return None if run_id is None else self._marks.get(run_id) or self._gone.get(run_id)

    def _mark(self, name: str) -> _Mark:
        mark = self._marks.get(name) or self._gone.pop(name, None)
        if mark is None:
            mark = _Mark(self._floor)
        self._marks[name] = mark
        return mark

    def _evict(self) -> None:
        event = self._events.popleft()
        chain = hashlib.sha256(bytes.fromhex(self._anchor.hash) + event.to_json().encode())
        self._anchor = EventAnchor(self._anchor.count + 1, chain.hexdigest())
        for reader in tuple(self._readers):
            if reader.position <= self._first:
                reader.position = self._first + 1
                reader.lost += reader.filter.fits(event)
        self._first += 1
        self._evicted[event.tenant_id] += 1
        name = event.run_id or event.stream
        mark = self._marks[name]
        mark.held -= 1
        mark.evicted += 1
        if not mark.held:
            self._gone[name] = self._marks.pop(name)
            while len(self._gone) > self._most:
                self._floor = max(self._floor, self._gone.popitem(last=False)[1].number)


class EventStream:
    """Events to watch: ``async for event in EventStream(store, run_id=…)``, or ``subscribe(run_id)``.

    History first, then live. With ``run_id`` it ends after the run's terminal event; ``follow=False`` ends it after what is
    there; ``close()`` ends every reader. ``EventGapError`` tells a reader what it missed; iterating on goes on after the gap.
    """

    def __init__(
        self,
        store: MemoryEventStore,
        *,
        run_id: str | None = None,
        event_types: Iterable[str] | str | None = None,
        step_id: str | None = None,
        tenant_id: str | None = None,
        follow: bool = True,
    ) -> None:
        self._store = store
        self._filter = _filter(run_id, event_types, step_id, tenant_id)
        self._follow = follow
        self._open: weakref.WeakSet[EventReader] = weakref.WeakSet()
        self._closed = False

    def __aiter__(self) -> EventReader:
        return self._read(self._filter)

    def subscribe(self, run_id: str) -> EventReader:
        """A reader of one run, with this stream's other filters."""
        return self._read(self._filter._replace(run_id=run_id))

    async def publish(self, event: WorktrailEvent) -> WorktrailEvent:
        """Puts an event into the store, and so before every reader."""
        return self._store.add(event)

    async def get_history(self, run_id: str) -> list[WorktrailEvent]:
        """What the store holds of a run."""
        return await self._store.query(run_id)

    def unsubscribe_all(self, run_id: str) -> int:
        """Ends this stream's readers of a run; how many there were. Calling it twice is no error."""
        ending = [reader for reader in tuple(self._open) if reader.run_id == run_id]
        for reader in ending:
            reader.close()
        return len(ending)

    def close(self) -> None:
        """Ends all readers of this stream after what is already in the store; from any thread."""
        self._closed = True
        for reader in tuple(self._open):
            reader.close()

    def _read(self, what: _Filter) -> EventReader:
        reader = EventReader(self._store, what, follow=self._follow and not self._closed)
        self._open.add(reader)
        return reader

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


class EventReader(AsyncIterator[WorktrailEvent]):
    """One reader of a stream; made by it."""

    def __init__(self, store: MemoryEventStore, what: _Filter, *, follow: bool) -> None:
        self._store = store
        self._place = store.reader(what)
        self._ended = False
        self._place.closed = not follow
        self.run_id = what.run_id

    async def __anext__(self) -> WorktrailEvent:
        while not self._ended:
            event, last = self._store.take(self._place)
            if last:
                self._ended = True
                self._store.leave(self._place)
            if event is not None:
                return event
            if not last:
                await self._place.wake.wait()
        raise StopAsyncIteration

    def close(self) -> None:
        """Ends it after what is already in the store."""
        self._place.closed = True
        self._place.stir()


def _plain(value: Any, path: str = "", depth: int = 0) -> Any:
    """A copy of JSON values; anything else is refused, not turned into text."""
    if depth > DEEPEST:
        raise CallerError("EVENT_PAYLOAD", f"the payload is deeper than {DEEPEST} levels", pointer=path)
    if value is None or isinstance(value, bool | int | str | Decimal):
        return value
    if isinstance(value, float) and value - value == 0:
        return value
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(item, f"{path}/{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{path}/{number}", depth + 1) for number, item in enumerate(value)]
    raise CallerError("EVENT_PAYLOAD", f"a {type(value).__name__} cannot stand in an event's payload", pointer=path)


class EventEmitter:
    """Writes events into a store: ``EventEmitter(store)``, ``EventEmitter(runtime, store=store)``, or both by keyword.

    The ids of tenant, instance, run and segment come from the runtime, else from ``current_runtime``, else are "default".
    ``emit`` is synchronous; the ``emit_…`` methods are awaited and take the run. Payloads are JSON values, copied.
    """

    def __init__(
        self,
        source: EventStore | RuntimeContext | None = None,
        *,
        store: EventStore | None = None,
        runtime: RuntimeContext | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        if isinstance(source, RuntimeContext):
            runtime = source
        elif source is not None:
            store = source
        self.store: EventStore = cast("EventStore", MemoryEventStore()) if store is None else store
        self.runtime = runtime
        self._now = now or (lambda: datetime.now(UTC))

    def emit(
        self,
        event_type: str,
        *,
        run_id: str | None = None,
        step_id: str | None = None,
        step_type: str | None = None,
        payload: Mapping[str, Any] | None = None,
        error: Any = None,
        duration_ms: int | None = None,
        severity: str | None = None,
        **facts: Any,
    ) -> WorktrailEvent:
        """Writes one event and answers it. ``error``: ErrorInfo, Fail, exception or text. Further facts: correlation_id,
        parent_event_id, visit, attempt, segment_id, principal, workspace_id."""
        runtime = self.runtime or current_runtime.get()
        known: dict[str, Any] = {"run_id": run_id}
        if runtime is not None:
            known.update(tenant_id=runtime.tenant_id, workspace_id=runtime.workspace_id, instance_id=runtime.instance_id)
            known.update(run_id=run_id or runtime.run_id, segment_id=runtime.segment_id)
        known.update((key, value) for key, value in facts.items() if value is not None)
        event = self.store.add(
            WorktrailEvent(
                event_id="",
                event_type=str(event_type),
                timestamp=self._now(),
                stream="observed",
                step_id=step_id,
                step_type=step_type,
                severity=severity or (EventSeverity.INFO if error is None else EventSeverity.ERROR),
                payload=_plain(payload or {}),
                error=error_info_of(error),
                duration_ms=duration_ms,
                **known,
            )
        )
        if runtime is not None and runtime.on_event is not None:
            try:
                runtime.on_event(event)
            except Exception:  # noqa: BLE001  a watcher never breaks what it watches
                _log.exception("on_event failed; the event %s stands", event.event_id)
        return event

    async def emit_step_started(self, run_id: str, step_id: str, input_data: Any = None, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.STEP_STARTED, run_id=run_id, step_id=step_id, payload={"input": input_data}, **facts)

    async def emit_step_completed(self, run_id: str, step_id: str, output_data: Any = None, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.STEP_COMPLETED, run_id=run_id, step_id=step_id, payload={"output": output_data}, **facts)

    async def emit_step_failed(self, run_id: str, step_id: str, error: Any, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.STEP_FAILED, run_id=run_id, step_id=step_id, error=error, **facts)

    async def emit_step_skipped(self, run_id: str, step_id: str, reason: str | None = None, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.STEP_SKIPPED, run_id=run_id, step_id=step_id, reason=reason, **facts)

    async def emit_segment_started(self, run_id: str, input_data: Any = None, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.SEGMENT_STARTED, run_id=run_id, payload={"input": input_data}, **facts)

    async def emit_segment_completed(self, run_id: str, output_data: Any = None, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.SEGMENT_COMPLETED, run_id=run_id, payload={"output": output_data}, **facts)

    async def emit_segment_failed(self, run_id: str, error: Any, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.SEGMENT_FAILED, run_id=run_id, error=error, **facts)

    async def emit_segment_cancelled(self, run_id: str, reason: str | None = None, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.SEGMENT_CANCELLED, run_id=run_id, reason=reason, **facts)

    async def emit_human_task_created(self, run_id: str, step_id: str, payload: Any = None, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.HUMAN_TASK_CREATED, run_id=run_id, step_id=step_id, payload=payload, **facts)

    async def emit_human_task_completed(self, run_id: str, step_id: str, payload: Any = None, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.HUMAN_TASK_COMPLETED, run_id=run_id, step_id=step_id, payload=payload, **facts)

    async def emit_data_published(self, run_id: str, name: str, payload: Any = None, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.DATA_PUBLISHED, run_id=run_id, payload={"name": name, "payload": payload}, **facts)

    async def emit_custom(self, run_id: str, name: str, payload: Any = None, **facts: Any) -> WorktrailEvent:
        return self.emit(EventType.CUSTOM, run_id=run_id, payload={"name": name, "payload": payload}, **facts)

    def segment_started(self, payload: Mapping[str, Any] | None = None) -> WorktrailEvent:
        return self.emit(EventType.SEGMENT_STARTED, payload=payload)

    def segment_completed(self, duration_ms: int | None = None, payload: Mapping[str, Any] | None = None) -> WorktrailEvent:
        return self.emit(EventType.SEGMENT_COMPLETED, duration_ms=duration_ms, payload=payload)

    def segment_failed(self, error: Any) -> WorktrailEvent:
        return self.emit(EventType.SEGMENT_FAILED, error=error)

    def step_started(self, step_id: str, step_type: str | None = None, payload: Any = None) -> WorktrailEvent:
        return self.emit(EventType.STEP_STARTED, step_id=step_id, step_type=step_type, payload=payload)

    def step_completed(
        self, step_id: str, step_type: str | None = None, duration_ms: int | None = None, payload: Any = None
    ) -> WorktrailEvent:
        return self.emit(EventType.STEP_COMPLETED, step_id=step_id, step_type=step_type, duration_ms=duration_ms, payload=payload)

    def step_failed(self, step_id: str, step_type: str | None = None, error: Any = None) -> WorktrailEvent:
        return self.emit(EventType.STEP_FAILED, step_id=step_id, step_type=step_type, error=error)
