"""Emitter, bounded store, stream: order, numbering, eviction, readers."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worktrail import SegmentDefinition, SegmentRunner, StepDefinition
from worktrail.errors import CallerError, ProviderError
from worktrail.events import ErrorInfo, EventSeverity, EventType, WorktrailEvent
from worktrail.runtime.context import RuntimeContextManager
from worktrail.runtime.emitter import EventAnchor, EventEmitter, EventStore, EventStream, MemoryEventStore
from worktrail.runtime.exceptions import EventGapError
from worktrail.runtime.handlers import Fail
from worktrail.runtime.trail import read_trail
from worktrail.store import SqliteStore

START = datetime(2025, 1, 1, tzinfo=UTC)


def ticking() -> Any:
    counter = itertools.count()
    return lambda: START + timedelta(seconds=next(counter))


def emitter(max_events: int = 100, **kw: Any) -> EventEmitter:
    return EventEmitter(MemoryEventStore(max_events), now=ticking(), **kw)


def held(made: EventEmitter) -> MemoryEventStore:
    assert isinstance(made.store, MemoryEventStore)
    return made.store


async def drain(stream: EventStream) -> list[str]:
    return [event.event_id async for event in stream]


def test_u2_emit_query_stream() -> None:
    async def scene() -> None:
        store = MemoryEventStore()
        made = EventEmitter(store)
        await made.emit_step_started("run-1", "step_1", {"query": "x"})
        await made.emit_step_completed("run-1", "step_1", {"answer": "y"}, duration_ms=150)
        await made.emit_step_started("run-2", "step_1", {})

        events = await store.query(run_id="run-1", event_types=[EventType.STEP_COMPLETED])
        assert [(e.event_type, e.step_id, e.duration_ms, e.payload) for e in events] == [
            ("step.completed", "step_1", 150, {"output": {"answer": "y"}})
        ]
        seen = []
        async for event in EventStream(store, run_id="run-1"):
            seen.append((event.event_type, event.step_id))
            if event.event_type == EventType.STEP_COMPLETED:
                break
        assert seen == [("step.started", "step_1"), ("step.completed", "step_1")]

    asyncio.run(scene())


def test_every_method_writes_its_type() -> None:
    made = emitter()

    async def scene() -> None:
        await made.emit_segment_started("r", {"a": 1})
        await made.emit_step_started("r", "s", {"a": 1}, correlation_id="c", parent_event_id="p")
        await made.emit_step_failed("r", "s", ValueError("no"))
        await made.emit_step_skipped("r", "s", reason="R2")
        await made.emit_human_task_created("r", "s", {"title": "t"})
        await made.emit_human_task_completed("r", "s")
        await made.emit_data_published("r", "total", 3)
        await made.emit_custom("r", "mine", {"x": None})
        await made.emit_segment_completed("r", {"b": 2}, duration_ms=7)
        await made.emit_segment_failed("r", "text")
        await made.emit_segment_cancelled("r", "enough")

    asyncio.run(scene())
    events = asyncio.run(held(made).get_by_run("r"))
    assert [event.event_type for event in events] == [
        "segment.started", "step.started", "step.failed", "step.skipped", "human.task_created", "human.task_completed",
        "data.published", "custom", "segment.completed", "segment.failed", "segment.cancelled",
    ]  # fmt: skip
    assert [event.event_id for event in events] == [f"r:{n}" for n in range(1, 12)]
    started, failed = events[1], events[2]
    assert (started.correlation_id, started.parent_event_id, started.stream) == ("c", "p", "observed")
    assert failed.severity == EventSeverity.ERROR
    assert failed.error == ErrorInfo("HANDLER_FAILED", "ValueError: no", "ValueError", recoverable=True)
    assert events[3].reason == "R2"
    assert all(event.timestamp.tzinfo is UTC for event in events)
    assert {type(event.to_json()) for event in events} == {str}


def test_the_other_dialect_reads_ids_from_the_runtime() -> None:
    seen: list[WorktrailEvent] = []
    runtime = RuntimeContextManager().create_runtime("acme", "main", "r", segment_id="seg", on_event=seen.append)
    made = EventEmitter(runtime)
    made.segment_started({"input": 1})
    made.step_started("s", "tool", {"a": 1})
    made.step_completed("s", "tool", 12, {"output": 2})
    made.step_failed("s", "tool", Fail("NO", "no"))
    made.segment_completed(20)
    made.segment_failed(ErrorInfo("NO", "no"))
    assert {(e.tenant_id, e.instance_id, e.run_id, e.segment_id) for e in seen} == {("acme", "main", "r", "seg")}
    assert [e.event_id for e in seen] == [f"r:{n}" for n in range(1, 7)]
    assert seen[2].duration_ms == 12
    assert seen[3].error == ErrorInfo("NO", "no")


def test_a_watcher_that_fails_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: WorktrailEvent) -> None:
        raise ValueError("no")

    made = EventEmitter(RuntimeContextManager().create_runtime("acme", "main", "r", on_event=broken))
    assert made.emit("custom").event_id == "r:1"
    assert len(held(made)) == 1
    assert "the event r:1 stands" in caplog.text


def test_the_current_runtime_gives_the_ids_too() -> None:
    made = emitter()
    with RuntimeContextManager().create_runtime("acme", "main", "r"):
        event = made.emit(EventType.CUSTOM)
    assert (event.tenant_id, event.run_id) == ("acme", "r")


def test_numbers_belong_to_the_store_not_to_the_emitter() -> None:
    store = MemoryEventStore()
    ids = [EventEmitter(store).emit("custom", run_id=run).event_id for run in ("a", "b", "a", "a")]
    assert ids == ["a:1", "b:1", "a:2", "a:3"]
    assert EventEmitter(store).emit("custom").event_id == "observed:1"
    assert isinstance(store, EventStore)


def test_an_event_cannot_be_changed_and_its_payload_is_a_copy() -> None:
    payload = {"rows": [1]}
    event = emitter().emit("custom", payload=payload)
    payload["rows"].append(2)
    assert event.payload == {"rows": [1]}
    with pytest.raises(AttributeError):
        event.run_id = "other"  # type: ignore[misc]


@pytest.mark.parametrize("bad", [{"a": object()}, {"a": [b"x"]}, {"a": float("nan")}, {"a": {1: 2}}, {"a": {1, 2}}])
def test_what_is_not_json_is_refused_not_stringified(bad: Any) -> None:
    made = emitter()
    with pytest.raises(CallerError) as caught:
        made.emit("custom", payload=bad)
    assert caught.value.code == "EVENT_PAYLOAD"
    assert caught.value.pointer is not None
    assert caught.value.pointer.startswith("/a")
    assert len(held(made)) == 0


def test_exact_numbers_stay_and_depth_is_bounded() -> None:
    event = emitter().emit("custom", payload={"d": Decimal("0.10"), "big": 2**80})
    assert event.payload == {"d": Decimal("0.10"), "big": 2**80}
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    with pytest.raises(CallerError, match="deeper"):
        emitter().emit("custom", payload={"a": deep})


def test_errors_bring_no_stack_trace() -> None:
    try:
        raise ProviderError("HANDLER_FAILED", "secret place")
    except ProviderError as error:
        event = emitter().emit("step.failed", error=error)
    assert event.error is not None
    assert event.error.stack_trace is None


def test_query_filters() -> None:
    made = emitter()
    for number in range(6):
        made.emit("custom", run_id="r", step_id=f"s{number % 2}", tenant_id="a" if number < 3 else "b")

    def ids(**filters: Any) -> list[str]:
        return [event.event_id for event in asyncio.run(held(made).query(**filters))]

    assert ids(step_id="s1") == ["r:2", "r:4", "r:6"]
    assert ids(since=START + timedelta(seconds=2), until=START + timedelta(seconds=4)) == ["r:3", "r:4"]
    assert ids(tenant_id="b", limit=2) == ["r:4", "r:5"]
    assert ids(run_id="other") == []
    assert ids(event_types="custom", run_id="r", limit=1) == ["r:1"]
    assert [e.event_id for e in asyncio.run(held(made).get_by_step("r", "s0"))] == ["r:1", "r:3", "r:5"]


def test_inside_a_runtime_only_its_tenant_is_seen() -> None:
    made = emitter()
    for tenant in ("a", "b"):
        made.emit("custom", run_id="r", tenant_id=tenant)
    with RuntimeContextManager().create_runtime("b", "main"):
        assert [event.event_id for event in asyncio.run(held(made).query("r"))] == ["r:2"]
        with pytest.raises(CallerError, match="another tenant"):
            asyncio.run(held(made).query("r", tenant_id="a"))
        stream = EventStream(held(made), follow=False)
    assert asyncio.run(drain(stream)) == ["r:2"]


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_the_oldest_leave_into_an_anchor() -> None:
    made = emitter(max_events=3)
    assert held(made).anchor == EventAnchor(0, "")
    events = [made.emit("custom", run_id="r") for _ in range(5)]
    assert [event.event_id for event in asyncio.run(held(made).query())] == ["r:3", "r:4", "r:5"]
    first = hashlib.sha256(events[0].to_json().encode()).digest()
    assert held(made).anchor == EventAnchor(2, hashlib.sha256(first + events[1].to_json().encode()).hexdigest())
    with pytest.raises(CallerError):
        MemoryEventStore(0)


@given(st.lists(st.sampled_from("abcdef"), max_size=40), st.integers(1, 4))
def test_ids_stay_unique_whatever_is_evicted(runs: list[str], most: int) -> None:
    made = emitter(max_events=most)
    ids = [made.emit("custom", run_id=run).event_id for run in runs]
    assert len(set(ids)) == len(ids)
    store = held(made)
    assert len(store) <= most
    assert len(store._marks) + len(store._gone) <= 2 * most


def test_a_reader_that_was_too_slow_is_told_and_goes_on() -> None:
    async def scene() -> None:
        made = emitter(max_events=3)
        reader = aiter(EventStream(held(made), run_id="r"))
        made.emit("custom", run_id="r")
        assert (await anext(reader)).event_id == "r:1"
        for number in range(8):
            made.emit("custom", run_id="r" if number % 2 else "noise")
        with pytest.raises(EventGapError) as caught:
            await anext(reader)
        assert (caught.value.missed, caught.value.code) == (2, "STREAM_GAP")
        assert (await anext(reader)).event_id == "r:4"

    asyncio.run(scene())


def test_a_late_reader_is_told_what_left_before_it_came() -> None:
    async def scene() -> None:
        made = emitter(max_events=2)
        for _ in range(5):
            made.emit("custom", run_id="r", tenant_id="t")
        for stream in (EventStream(held(made), run_id="r"), EventStream(held(made)), EventStream(held(made), tenant_id="t")):
            reader = aiter(stream)
            with pytest.raises(EventGapError) as caught:
                await anext(reader)
            assert caught.value.missed == 3
            assert (await anext(reader)).event_id == "r:4"

    asyncio.run(scene())


# --- streams ----------------------------------------------------------------------------------------------------------


def test_history_then_live_and_the_terminal_event_ends_it() -> None:
    async def scene() -> None:
        made = emitter()
        made.segment_started()
        made.emit("custom", run_id="r")
        task = asyncio.create_task(drain(EventStream(held(made), run_id="r")))
        await asyncio.sleep(0)
        made.emit("custom", run_id="other")
        made.emit("custom", run_id="r")
        await asyncio.sleep(0)
        await made.emit_segment_completed("r")
        made.emit("custom", run_id="r")
        assert await task == ["r:1", "r:2", "r:3"]

    asyncio.run(scene())


def test_the_terminal_event_ends_it_even_when_filtered_out() -> None:
    async def scene() -> None:
        made = emitter()
        made.emit("custom", run_id="r", step_id="s")
        await made.emit_segment_failed("r", "no")
        made.emit("custom", run_id="r", step_id="s")
        assert await drain(EventStream(held(made), run_id="r", step_id="s")) == ["r:1"]

    asyncio.run(scene())


def test_a_run_whose_end_has_left_the_store_ends_too() -> None:
    async def scene() -> None:
        for after in ("r", "other"):
            made = emitter(max_events=1)
            await made.emit_segment_completed("r")
            made.emit("custom", run_id=after)
            reader = aiter(EventStream(held(made), run_id="r"))
            with pytest.raises(EventGapError):
                await anext(reader)
            assert [event.event_id async for event in reader] == (["r:2"] if after == "r" else [])

    asyncio.run(scene())


def test_close_ends_all_readers_after_what_is_there() -> None:
    async def scene() -> None:
        made = emitter()
        async with EventStream(held(made)) as stream:
            tasks = [asyncio.create_task(drain(stream)) for _ in range(3)]
            await asyncio.sleep(0)
            made.emit("custom", run_id="r")
        assert await asyncio.gather(*tasks) == [["r:1"]] * 3
        assert await drain(stream) == ["r:1"]  # a closed stream still has its history

    asyncio.run(scene())


def test_subscribe_publish_history_unsubscribe() -> None:
    async def scene() -> None:
        stream = EventStream(MemoryEventStore())
        one, other = stream.subscribe("r"), stream.subscribe("q")
        event = WorktrailEvent(event_id="", event_type="custom", timestamp=START, run_id="r")
        assert (await stream.publish(event)).event_id == "r:1"
        assert [e.event_id for e in await stream.get_history("r")] == ["r:1"]
        assert stream.unsubscribe_all("r") == 1
        assert [e.event_id async for e in one] == ["r:1"]
        assert stream.unsubscribe_all("nobody") == 0
        await stream.publish(WorktrailEvent(event_id="", event_type="segment.cancelled", timestamp=START, run_id="q"))
        assert [e.event_id async for e in other] == ["q:1"]

    asyncio.run(scene())


def test_a_reader_wakes_for_another_thread() -> None:
    async def scene() -> None:
        made = emitter(max_events=1000)
        task = asyncio.create_task(drain(EventStream(held(made), run_id="r")))

        refused: list[RuntimeError] = []

        def work() -> None:
            try:
                for _ in range(200):
                    made.emit("custom", run_id="r")
                made.emit("segment.completed", run_id="r")
            except RuntimeError as error:  # the loop's own check, in debug mode
                refused.append(error)

        await asyncio.sleep(0)
        thread = threading.Thread(target=work)
        thread.start()
        await asyncio.to_thread(thread.join)
        assert refused == []
        assert await task == [f"r:{n}" for n in range(1, 202)]

    asyncio.run(scene(), debug=True)


def test_a_reader_given_up_is_forgotten() -> None:
    async def scene() -> None:
        made = emitter()
        made.emit("custom", run_id="r")
        async for _ in EventStream(held(made), run_id="r"):
            break
        assert len(held(made)._readers) == 0

    asyncio.run(scene())


@given(st.lists(st.sampled_from(["emit", "read", "noise"]), max_size=60), st.integers(1, 5))
def test_nothing_is_doubled_and_nothing_is_lost_unsaid(script: list[str], most: int) -> None:
    async def scene() -> None:
        made = emitter(max_events=most)
        store = held(made)
        reader = EventStream(store, run_id="r").__aiter__()
        emitted, seen, missed = 0, 0, 0
        for act in [*script, *["read"] * (most + 1)]:
            if act != "read":
                emitted += act == "emit"
                made.emit("custom", run_id="r" if act == "emit" else "noise")
                continue
            try:
                event, _ = store.take(reader._place)
            except EventGapError as gap:
                missed += gap.missed
                seen += gap.missed
                continue
            if event is not None:
                seen += 1
                assert event.event_id == f"r:{seen}"
        assert seen == emitted

    asyncio.run(scene())


def test_every_event_of_a_trail_is_json(tmp_path: Path) -> None:
    """References hold their bytes as they are; the public event holds them as values, digit by digit."""

    async def scene() -> None:
        store = SqliteStore(tmp_path / "trail.sqlite")
        config = {"mapping": {"total": "=input.price * 3", "deep": {"list": "=[1, 2.50]"}}}
        step = StepDefinition(step_id="a", step_type="transform", config=config)
        segment = SegmentDefinition(segment_id="s", steps=[step])
        result = await SegmentRunner(store).run(segment, input_data={"price": Decimal("9.99")})
        events = read_trail(store, result.run_id)
        assert [event.event_type for event in events] == [
            "segment.started",
            "step.scheduled",
            "step.completed",
            "segment.completed",
        ]
        for event in events:
            assert WorktrailEvent.from_dict(event.to_dict()).to_dict() == event.to_dict()
        assert '{"price":9.99}' in events[0].to_json()
        assert '"total":29.97' in events[2].to_json() and "2.50" in events[2].to_json()
        store.close()

    asyncio.run(scene())
