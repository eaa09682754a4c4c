"""``SegmentRunner``: results, observers, cancel, pause and resume, as a user meets them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.driver.build import Bench, catalog, played, segment, step, turns
from worktrail.app.schema_checker import JsonSchemaChecker
from worktrail.contract import SegmentDefinition
from worktrail.errors import CallerError, WorktrailError
from worktrail.human import TaskDesk
from worktrail.runtime import Fail, HandlerTable, RunConfig, RunnerParts, SegmentRunner, SegmentStatus

LINE = segment("line", step("a", "gate"), step("b", "echo"), edges=["a>b"])


def runner(bench: Bench, **options: Any) -> SegmentRunner:
    checker = JsonSchemaChecker()
    table = HandlerTable()
    for type_id in ("gate", "echo", "quick"):
        table.register(type_id, getattr(bench, type_id))
    parts = RunnerParts(catalog(), table, checker, TaskDesk(checker), bench.resources)
    return SegmentRunner(parts, None if bench.kind == "memory" else bench.store(), **options)


@played
async def test_a_result(bench: Bench) -> None:
    running = asyncio.ensure_future(runner(bench).run(LINE, input_data=1, run_id="r"))
    call = await bench.called("r", "a")
    bench.tell("r", "a", 42)
    result = await running
    assert (call.inputs, call.attempt) == ({"input": 1}, 1)
    assert (result.status, result.outputs, result.output, result.run_id) == ("completed", {"output": 42}, {"output": 42}, "r")
    assert result.status is SegmentStatus.COMPLETED
    assert (result.steps_completed, result.steps_total, result.error) == (2, 2, None)
    assert result.started_at is not None and result.completed_at is not None and result.started_at <= result.completed_at
    assert [one["status"] for one in result.step_results.values()] == ["completed", "completed"]
    assert result.to_dict()["status"] == "completed"


@played
async def test_a_failed_run_is_a_result(bench: Bench) -> None:
    running = asyncio.ensure_future(runner(bench).run(LINE, input_data=1, run_id="r"))
    await bench.called("r", "a")
    bench.tell("r", "a", Fail("BROKEN", "no luck"))
    result = await running
    assert (result.status, result.outputs, result.error and result.error.error_code) == ("failed", None, "BROKEN")
    assert result.step_results["a"]["status"] == "failed"


@played
async def test_a_handler_that_raises_is_a_failed_attempt(bench: Bench) -> None:
    running = asyncio.ensure_future(runner(bench).run(LINE, input_data=1, run_id="r"))
    await bench.called("r", "a")
    bench.tell("r", "a", KeyError("x"))
    result = await running
    assert result.error is not None
    assert (result.status, result.error.error_code, result.error.error_type) == ("failed", "HANDLER_FAILED", "KeyError")


@played
async def test_a_handler_that_cancels_itself_is_a_failed_attempt(bench: Bench) -> None:
    running = asyncio.ensure_future(runner(bench).run(LINE, input_data=1, run_id="r"))
    await bench.called("r", "a")
    bench.tell("r", "a", asyncio.CancelledError())
    result = await running
    assert result.error is not None
    assert (result.status, result.error.error_type) == ("failed", "CancelledError")


@pytest.mark.parametrize("answer", [{"nowhere": 1}, {}, {"output": float("nan")}, {"output": object()}])
@played
async def test_an_answer_that_cannot_be_taken(bench: Bench, answer: dict[str, Any]) -> None:
    running = asyncio.ensure_future(runner(bench).run(LINE, input_data=1, run_id="r"))
    await bench.called("r", "a")
    bench.tell("r", "a", answer)
    result = await running
    assert result.error is not None
    assert (result.status, result.error.error_code) == ("failed", "ANSWER_INVALID")


@pytest.mark.parametrize("style", ["sync", "async"])
@played
async def test_observers_are_told_what_is_durable(bench: Bench, style: str) -> None:
    told: list[tuple[Any, ...]] = []
    host = runner(bench)

    def note(name: str) -> Any:
        def sync(step_id: str, fact: Any) -> None:
            told.append((name, step_id, fact if name != "error" else fact.error_code, len(bench.trail(host.driver.store, "r"))))

        async def later(step_id: str, fact: Any) -> None:
            await asyncio.sleep(0)
            sync(step_id, fact)

        return sync if style == "sync" else later

    flow = segment("flow", step("a", "gate", {"retry": {"max_attempts": 2, "delay_s": 0.001}}), step("b", "gate"), edges=["a>b"])
    async with host:
        await host.driver.start(flow, 1, run_id="warm")
        config = {"on_step_start": note("start"), "on_step_complete": note("complete"), "on_step_error": note("error")}
        running = asyncio.ensure_future(host.run(flow, input_data=1, run_id="r", **config))
        await bench.called("r", "a")
        bench.tell("r", "a", Fail("BUSY", "", recoverable=True))
        while not any(one[0] == "error" for one in told):
            await turns()
        bench.now_us += 1_000_000
        await bench.called("r", "a", 2)
        bench.tell("r", "a", 7, attempt=2)
        await bench.called("r", "b")
        bench.tell("r", "b", 8)
        await running
        await turns()
        seen = [one[:3] for one in told]
        wanted = [
            ("start", "a", {"input": 1}),
            ("error", "a", "BUSY"),
            ("start", "a", {"input": 1}),
            ("complete", "a", {"output": 7}),
            ("start", "b", {"input": 7}),
            ("complete", "b", {"output": 8}),
        ]
        assert sorted(map(repr, seen)) == sorted(map(repr, wanted))
        assert seen[:2] == wanted[:2]
        at = {(name, step_id): length for name, step_id, _, length in told}
        assert at["complete", "a"] >= 6  # started, scheduled, started, retrying, started, completed
        assert at["error", "a"] >= 4
        await host.driver.command("run.cancel", "warm", {}, "user:ann")


@played
async def test_a_broken_observer_breaks_nothing_and_is_told_of(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*facts: Any) -> None:
        raise RuntimeError("observer")

    async def broken_later(*facts: Any) -> None:
        raise RuntimeError("observer")

    for observer in (broken, broken_later):
        run_id = f"r-{observer.__name__}"
        running = asyncio.ensure_future(
            runner(bench).run(LINE, input_data=1, run_id=run_id, on_step_start=observer, on_step_complete=observer)
        )
        await bench.called(run_id, "a")
        bench.tell(run_id, "a", 1)
        assert (await running).status == "completed"
        said = [record.getMessage() for record in caplog.records if record.name == "worktrail.observers"]
        assert said.count("on_step_start failed; the run goes on") == 2  # of two steps
        assert said.count("on_step_complete failed; the run goes on") == 2
        caplog.clear()


@played
async def test_a_sync_handler_and_parameters(bench: Bench) -> None:
    flow = segment(
        "flow",
        step("a", "quick", value="=parameters.greeting"),
        parameters={"greeting": {"schema": {"type": "string"}, "default": "hi"}},
    )
    host = runner(bench)
    assert (await host.run(flow, input_data=None)).outputs == {"output": "hi"}
    assert (await host.run(flow, input_data=None, parameters={"greeting": "hello"})).outputs == {"output": "hello"}
    with pytest.raises(CallerError) as refused:
        await host.run(flow, input_data=None, parameters={"greeting": 1})
    assert refused.value.code.startswith("PARAMETER_")


@played
async def test_what_never_becomes_a_run(bench: Bench) -> None:
    host = runner(bench)
    needy = segment("needy", step("a", "echo"), input_schema={"type": "integer"})
    unknown = segment("unknown", step("a", "http_action", url="http://localhost/"))
    broken = segment("broken", step("a", "echo"), edges=["a>nowhere"])
    for flow, code in ((needy, "INPUT_INVALID"), (unknown, "CAPABILITY_MISSING"), (broken, None)):
        with pytest.raises(WorktrailError) as refused:
            await host.run(flow, input_data="text", run_id="r")
        assert code is None or refused.value.code == code
    assert (await host.run(needy, input_data=1, run_id="r")).status == "completed"
    with pytest.raises(CallerError) as again:
        await host.run(needy, input_data=1, run_id="r")
    assert bench.kind == "memory" or again.value.code == "RUN_EXISTS"


@played
async def test_cancel(bench: Bench) -> None:
    host = runner(bench)
    running = asyncio.ensure_future(host.run(LINE, input_data=1, run_id="r"))
    await bench.called("r", "a")
    assert await host.cancel()
    result = await running
    assert (result.status, result.error) == ("cancelled", None)
    with pytest.raises(CallerError) as closed:
        await host.cancel("r")
    assert closed.value.code == "RUNNER_CLOSED"


@played
async def test_pause_and_resume(bench: Bench) -> None:
    async with runner(bench) as host:
        await host.start(LINE, 1, run_id="r")
        await bench.called("r", "a")
        await host.pause("r")
        bench.tell("r", "a", 5)
        assert await host.driver.settled("r") == "paused"
        assert host.get_status("r") is SegmentStatus.PAUSED
        assert [call.visit for call in bench.calls] == ["a"]
        assert bench.live(host.driver) == []
        result = await host.resume("r")
        assert (result.status, result.outputs) == ("completed", {"output": 5})
        answer = await host.command("run.resume", "r")
        assert (answer["accepted"], answer["error"]["code"]) == (False, "RUN_ENDED")
        assert (await host.result("r")).status == "completed"


@played
async def test_pause_before_a_person_and_a_timer(bench: Bench) -> None:
    """What would begin outside waits for the resumption."""
    flow = segment(
        "flow", step("a", "gate"), step("ask", "human_task", task_type="approval"), step("w", "wait", duration="PT0S"),
        edges=["a>ask", "a>w"], policy={"allow_empty": True},
    )  # fmt: skip
    async with runner(bench) as host:
        await host.start(flow, 1, run_id="r")
        await bench.called("r", "a")
        await host.pause("r")
        bench.tell("r", "a", 5)
        await host.driver.settled("r")
        store = host.driver.store
        assert bench.tasks(store) == []
        await host.command("run.resume", "r")
        assert await host.driver.settled("r") == "waiting"
        (task,) = bench.tasks(store)
        assert (await host.command("task.decide", task.task_id, {"outcome": "approved"}))["accepted"]
        assert (await host.result("r")).status == "completed"


@played
async def test_children(bench: Bench) -> None:
    inner = segment("inner", step("c", "gate"))
    outer = segment(
        "outer",
        step("s", "subsegment", segment="inner"),
        step("b", "echo"),
        edges=["s>b"],
        resources={"segments": {"inner": {"segment_id": "inner"}}},
    )
    children: dict[str, SegmentDefinition] = {"inner": inner}
    host = runner(bench)
    with pytest.raises(CallerError) as unknown:
        await host.run(outer, input_data=1)
    assert unknown.value.code == "SEGMENT_UNKNOWN"
    running = asyncio.ensure_future(host.run(outer, input_data=1, run_id="r", children=children))
    while not bench.calls:
        await turns()
    (call,) = bench.calls
    assert (call.visit, call.inputs, call.run != "r") == ("c", {"input": 1}, True)
    bench.tell(call.run, "c", "deep")
    assert (await running).outputs == {"output": {"output": "deep"}}
    running = asyncio.ensure_future(host.run(outer, input_data=1, run_id="f", children=children))
    while len(bench.calls) < 3:
        await turns()
    bench.tell(bench.calls[-1].run, "c", Fail("BROKEN", "x"))
    result = await running
    assert result.error is not None
    assert (result.status, result.error.error_code) == ("failed", "CHILD_FAILED")


@played
async def test_a_type_of_this_runner_alone(bench: Bench) -> None:
    host = runner(bench)
    host.register_handler("shout", lambda ctx, config, inputs: {"output": str(inputs["input"]).upper()})
    flow = segment("flow", step("a", "shout"))
    assert (await host.run(flow, input_data="hey")).outputs == {"output": "HEY"}
    with pytest.raises(WorktrailError):
        await runner(bench).run(flow, input_data="hey")


@played
async def test_many_runs_at_once_share_the_slots(bench: Bench) -> None:
    host = runner(bench, concurrency=3)
    results = [asyncio.ensure_future(host.run(LINE, input_data=n, run_id=f"r{n}")) for n in range(12)]
    told: set[str] = set()
    while len(told) < 12:
        await turns()
        waiting = [call.run for call in bench.calls if call.visit == "a" and call.run not in told]
        assert len(waiting) <= 3
        for run in waiting:
            bench.tell(run, "a", run)
            told.add(run)
    assert [one.outputs for one in await asyncio.gather(*results)] == [{"output": f"r{n}"} for n in range(12)]


@played
async def test_run_config(bench: Bench) -> None:
    flow = segment("flow", step("a", "gate"))
    host = runner(bench)
    running = asyncio.ensure_future(host.run(flow, None, 1, RunConfig(max_retries=2, retry_delay=0.001), run_id="r"))
    for attempt in (1, 2, 3):
        await bench.called("r", "a", attempt)
        bench.tell("r", "a", Fail("BUSY", "", recoverable=True), attempt=attempt)
        bench.now_us += 1_000_000
    result = await running
    assert (result.status, result.step_results["a"]["attempts"]) == ("failed", 3)
    result = await host.run(flow, None, 1, RunConfig(step_timeout=0.01), run_id="t")
    assert result.error is not None
    assert (result.status, result.error.error_code) == ("failed", "ATTEMPT_TIMED_OUT")


@played
async def test_the_sub_segments_are_those_that_come_with_the_call(bench: Bench) -> None:
    outer = segment("outer", step("s", "subsegment", segment="inner"), resources={"segments": {"inner": {"segment_id": "inner"}}})
    async with runner(bench) as host:
        told = [
            (await host.run(outer, input_data=1, children={"inner": segment("inner", step("c", "echo", value=value))})).outputs
            for value in ("old", "new")
        ]
    assert told == [{"output": {"output": "old"}}, {"output": {"output": "new"}}]


@played
async def test_a_definition_edited_in_place_runs_as_it_is_now(bench: Bench) -> None:
    flow = segment("flow", step("a", "echo", value=1))
    told = []
    async with runner(bench) as host:
        for value in (1, True, "1"):
            flow.steps[0].config["value"] = value
            told.append((await host.run(flow)).output)
    assert [type(each["output"]) for each in told if isinstance(each, dict)] == [int, bool, str]
