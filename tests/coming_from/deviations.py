"""One check for each row of the table of deviations in docs/coming-from/llmteam.md, by the row's name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from worktrail import (
    CallerError,
    EdgeDefinition,
    ErrorInfo,
    EventEmitter,
    MemoryEventStore,
    PortDefinition,
    RunConfig,
    RuntimeContextManager,
    SegmentDefinition,
    SegmentRunner,
    StepCatalog,
    StepDefinition,
)
from worktrail.contract import SegmentValidationError
from worktrail.runtime import ResourceExistsError
from worktrail.store import TaskFilter

DEVIATIONS: dict[str, Callable[[], None]] = {}
Check = Callable[[], Awaitable[None]]

OLD_JSON = """{"version": "1.0", "segment_id": "two", "name": "Two", "entrypoint": "a", "params": {"max_retries": 3},
 "steps": [{"step_id": "a", "type": "transform", "config": {"expression": "input"}, "ports": {"input": ["input"]}},
           {"step_id": "b", "type": "transform", "config": {"expression": "input"}}],
 "edges": [{"from": "a", "from_port": "output", "to": "b", "to_port": "input"}]}"""


def row(check: Check) -> Check:
    DEVIATIONS[check.__name__.replace("_", "-")] = lambda: asyncio.run(check())  # type: ignore[arg-type]
    return check


def one(step_type: str = "own", **more: Any) -> SegmentDefinition:
    return SegmentDefinition(segment_id="one", steps=[StepDefinition(step_id="a", step_type=step_type, **more)])


def echo(name: str, expression: str = "input") -> StepDefinition:
    return StepDefinition(step_id=name, step_type="transform", config={"expression": expression})


def runner_with(handler: Any) -> SegmentRunner:
    runner = SegmentRunner(catalog=StepCatalog())
    runner.register_handler("own", handler)
    return runner


def answering(answer: Any) -> Any:
    async def handler(ctx: Any, config: Any, input_data: Any) -> Any:
        return answer(input_data) if callable(answer) else answer

    return handler


@row
async def entry_input() -> None:
    seen: list[Any] = []
    await runner_with(answering(lambda data: seen.append(data) or {"output": 1})).run(one(), input_data={"query": "x"})
    assert seen == [{"input": {"query": "x"}}]


@row
async def ports_in_answers() -> None:
    result = await runner_with(answering({"result": 1})).run(one())
    assert result.error is not None and result.error.code == "ANSWER_INVALID"
    result = await runner_with(answering({"result": 1})).run(one(outputs=[PortDefinition(port_id="result")]))
    assert result.outputs == {"result": 1}


@row
async def routing() -> None:
    choose = StepDefinition(step_id="k", step_type="condition", config={"expression": "input > 3"})
    edges = [EdgeDefinition("k", "true", "a"), EdgeDefinition("k", "false", "b"), EdgeDefinition("k", "false", "c")]
    segment = SegmentDefinition(segment_id="s", steps=[choose, echo("a"), echo("b"), echo("c")], edges=edges)
    result = await SegmentRunner().run(segment, input_data=1)
    assert {name: step["status"] for name, step in result.step_results.items()} == {
        "k": "completed", "a": "skipped", "b": "completed", "c": "completed",
    }  # fmt: skip


@row
async def conditions() -> None:
    def guarded(condition: str) -> SegmentDefinition:
        edges = [EdgeDefinition("a", "output", "b", condition=condition)]
        return SegmentDefinition(segment_id="s", steps=[echo("a"), echo("b")], edges=edges)

    assert [problem.code for problem in guarded("approved").validate()] == ["EXPRESSION_INVALID"]
    result = await SegmentRunner().run(guarded("value.approved"), input_data={"approved": True})
    assert result.step_results["b"]["status"] == "completed"
    result = await SegmentRunner().run(guarded("value.approved"), input_data={"approved": "yes"})
    assert result.error is not None and result.error.code == "CONDITION_ERROR"


@row
async def outcomes() -> None:
    ask = StepDefinition(step_id="ask", step_type="human_task", config={"title": "May we?"})
    segment = SegmentDefinition(segment_id="s", steps=[ask, echo("a")], edges=[EdgeDefinition("ask", "approved", "a")])
    async with SegmentRunner() as runner:
        run_id = await runner.start(segment, {"x": 1})
        await runner.driver.settled(run_id)
        (task,) = runner.driver.store.list_tasks(TaskFilter())
        answer = await runner.command("task.decide", task.task_id, {"outcome": "rejected"})
        assert answer["accepted"]
        result = await runner.result(run_id)
    assert result.error is not None and result.error.code == "UNHANDLED_OUTCOME"


@row
async def no_silent_retries() -> None:
    calls: list[int] = []

    async def failing(ctx: Any, config: Any, input_data: Any) -> Any:
        calls.append(ctx.attempt)
        raise ValueError("no")

    await runner_with(failing).run(one())
    assert calls == [1]
    await runner_with(failing).run(one(), config=RunConfig(max_retries=2, retry_delay=0))
    assert calls == [1, 1, 2, 3]


@row
async def raises_before_a_run() -> None:
    with pytest.raises(SegmentValidationError, match="TYPE_UNKNOWN"):
        await SegmentRunner(catalog=StepCatalog()).run(one("nobody"))
    needing = one("transform", config={"expression": "inputs.x"}, inputs=[PortDefinition(port_id="x", required=True)])
    with pytest.raises(CallerError, match="INPUT_INVALID"):
        await SegmentRunner().run(needing, input_data={})


@row
async def run_ids_are_taken() -> None:
    runner = SegmentRunner()
    segment = SegmentDefinition(segment_id="s", steps=[echo("a")])
    await runner.run(segment, run_id="mine")
    with pytest.raises(CallerError, match="RUN_EXISTS"):
        await runner.run(segment, run_id="mine")
    assert (await runner.run(segment)).run_id != (await runner.run(segment)).run_id


@row
async def active_time() -> None:
    pause = StepDefinition(step_id="pause", step_type="wait", config={"duration": "PT0.2S"})
    segment = SegmentDefinition(segment_id="s", steps=[pause])
    result = await SegmentRunner().run(segment, config=RunConfig(timeout_seconds=0.1))
    assert result.status == "completed"
    result = await SegmentRunner().run(segment, config=RunConfig(deadline_s=0.1))
    assert result.status == "timed_out"


@row
async def pause_keeps_the_run() -> None:
    assert not hasattr(SegmentRunner, "get_snapshot")
    pause = StepDefinition(step_id="pause", step_type="wait", config={"duration": "PT0.05S"})
    segment = SegmentDefinition(segment_id="s", steps=[pause, echo("a")], edges=[EdgeDefinition("pause", target_step="a")])
    async with SegmentRunner() as runner:
        run_id = await runner.start(segment, 1)
        assert await runner.pause(run_id) == run_id
        assert runner.get_status(run_id) == "paused"
        result = await runner.resume(run_id)
    assert (result.run_id, result.status, result.resumed_from) == (run_id, "completed", None)


class _Rows(dict[str, Any]):
    def set(self, key: str, value: Any) -> None:
        self[key] = value


@row
async def namespaced_stores() -> None:
    rows = _Rows()
    manager = RuntimeContextManager()
    manager.register_store("rows", rows)
    runtime = manager.create_runtime("acme", "one")
    await runtime.child_context("a").get_store("rows").set("k", 1)
    assert dict(rows) == {"worktrail/acme/one/k": 1}
    assert runtime.stores.get("rows") is rows


class _Vault:
    def get_secret(self, secret_id: str) -> str:
        return "s3cret"


@row
async def secrets_are_declared() -> None:
    async def asking(ctx: Any, config: Any, input_data: Any) -> Any:
        return {"output": len(ctx.get_secret("key"))}

    manager = RuntimeContextManager()
    manager.register_secrets_provider(_Vault())
    result = await runner_with(asking).run(one(), manager.create_runtime("acme", "one"))
    assert result.error is not None and result.error.code == "SECRET_ACCESS_DENIED"
    result = await runner_with(asking).run(one(config={"secret_ref": "key"}), manager.create_runtime("acme", "one"))
    assert result.outputs == {"output": 6}


@row
async def async_secrets() -> None:
    class Slow:
        async def get_secret(self, secret_id: str) -> str:
            return "s3cret"

    sync, slow = RuntimeContextManager(), RuntimeContextManager()
    sync.register_secrets_provider(_Vault())
    slow.register_secrets_provider(Slow())
    assert sync.create_runtime("acme", "one").child_context("a").get_secret("key") == "s3cret"
    assert await slow.create_runtime("acme", "one").child_context("a").get_secret("key") == "s3cret"


@row
async def ids_are_taken_once() -> None:
    manager = RuntimeContextManager()
    manager.register_store("rows", _Rows())
    with pytest.raises(ResourceExistsError):
        manager.register_store("rows", _Rows())
    manager.register_store("rows", _Rows(), replace=True)
    runner = runner_with(answering({"output": 1}))
    runner.register_handler("own", answering({"output": 2}))
    assert (await runner.run(one())).outputs == {"output": 2}


@row
async def errors_have_codes() -> None:
    with pytest.raises(TypeError, match="error_code"):
        ErrorInfo(error_type="T", error_message="m")  # type: ignore[call-arg]
    assert (ErrorInfo("CODE", "words").code, ErrorInfo("CODE", "words").message) == ("CODE", "words")


@row
async def python_keywords() -> None:
    for made in (
        lambda: StepDefinition(step_id="a", type="transform"),  # type: ignore[call-arg]
        lambda: EdgeDefinition(from_step="a", to_step="b"),  # type: ignore[call-arg]
        lambda: PortDefinition(name="a"),  # type: ignore[call-arg]
    ):
        with pytest.raises(TypeError):
            made()
    segment = SegmentDefinition.from_json(OLD_JSON)
    assert (segment.steps[0].step_type, segment.edges[0].source_step, segment.policy.max_retries) == ("transform", "a", 3)


@row
async def entrypoint() -> None:
    segment = SegmentDefinition.from_json(OLD_JSON)
    assert [step.step_id for step in segment.get_entry_steps()] == ["a"]
    assert "entrypoint" not in segment.to_dict()
    both = SegmentDefinition(segment_id="s", steps=[echo("a"), echo("b")])
    assert (await SegmentRunner().run(both, input_data=1)).outputs == {"a": {"output": 1}, "b": {"output": 1}}


@row
async def versions() -> None:
    written = SegmentDefinition.from_json(OLD_JSON).to_dict()
    assert (written["worktrail"], written["version"]) == (1, "1.0.0")
    assert SegmentDefinition(segment_id="s", version="7.1").to_dict()["version"] == "7.1"


@row
async def validate_answers_problems() -> None:
    (problem,) = SegmentDefinition(segment_id="s").validate()
    assert (problem.code, problem.pointer, bool(problem.hint)) == ("NO_STEPS", "/steps", True)
    with pytest.raises(SegmentValidationError):
        SegmentDefinition(segment_id="s").check()


@row
async def run_config() -> None:
    for unknown in ("timeout", "on_step_start", "snapshot_interval"):
        with pytest.raises(TypeError, match=unknown):
            RunConfig(**{unknown: 1})
    config = RunConfig(timeout_seconds=timedelta(minutes=5), retry_delay=timedelta(milliseconds=1), max_retries=1)  # type: ignore[arg-type]
    assert (config.timeout_seconds, config.retry_delay) == (300.0, 0.001)
    result = await SegmentRunner().run(SegmentDefinition(segment_id="s", steps=[echo("a")]), input_data=1, config=config)
    assert result.status == "completed"


@row
async def events_are_observed() -> None:
    store = MemoryEventStore()

    async def claiming(ctx: Any, config: Any, input_data: Any) -> Any:
        await EventEmitter(store).emit_segment_failed(ctx.run_id, "no")
        return {"output": 1}

    result = await runner_with(claiming).run(one())
    assert result.status == "completed"
    assert [event.stream for event in await store.query(run_id=result.run_id)] == ["observed"]
