"""The handler table, and how an answer or an exception is settled."""

from __future__ import annotations

import asyncio
import functools
import threading
from typing import Any

import pytest

from worktrail.errors import AuthorError, CallerError, OurError, ProviderError
from worktrail.runtime.context import RuntimeContextManager, current_runtime
from worktrail.runtime.exceptions import HandlerNotFoundError, ResourceExistsError
from worktrail.runtime.handlers import Fail, HandlerTable, fail_of, invoke


async def answer_async(ctx: Any, config: dict[str, Any], input_data: Any) -> dict[str, Any]:
    return {"output": [config, input_data, threading.current_thread() is threading.main_thread()]}


def answer_sync(ctx: Any, config: dict[str, Any], input_data: Any) -> dict[str, Any]:
    return {"output": [config, input_data, threading.current_thread() is threading.main_thread()]}


class Callable:
    async def __call__(self, ctx: Any, config: dict[str, Any], input_data: Any) -> dict[str, Any]:
        return {"output": "object"}


class Plain:
    """Synchronous by its looks, but what it answers must be awaited."""

    def __call__(self, ctx: Any, config: dict[str, Any], input_data: Any) -> Any:
        return answer_async(ctx, config, input_data)


def call(handler: Any, config: Any = None, input_data: Any = None) -> Any:
    table = HandlerTable()
    table.register("t", handler)
    ctx = RuntimeContextManager().create_runtime("acme", "main").child_context("s")
    return asyncio.run(invoke(table.get("t"), ctx, config or {}, input_data))


def test_a_runners_own_table_comes_first() -> None:
    shared = HandlerTable()
    shared.register("a", answer_async, metadata={"version": "1"})
    shared.register("b", answer_async)
    own = HandlerTable(shared)
    own.register("a", answer_sync)
    own.register("c", answer_sync)
    assert own.get("a").handler is answer_sync
    assert shared.get("a").handler is answer_async
    assert shared.get("a").metadata == {"version": "1"}
    assert own.get("b").handler is answer_async
    assert own.list() == ["a", "b", "c"]
    assert own.has("b")
    assert not shared.has("c")
    assert shared.find("c") is None


def test_a_missing_handler_names_the_step_type_and_what_there_is() -> None:
    table = HandlerTable()
    with pytest.raises(HandlerNotFoundError, match=r"'llm_agent'; none is registered"):
        table.get("llm_agent")
    table.register("http_action", answer_async)
    with pytest.raises(HandlerNotFoundError, match=r"'llm_agent'; there are: http_action") as caught:
        table.get("llm_agent")
    assert caught.value.code == "HANDLER_MISSING"


def test_a_second_handler_must_be_meant() -> None:
    table = HandlerTable()
    table.register("a", answer_async)
    with pytest.raises(ResourceExistsError):
        table.register("a", answer_sync)
    table.register("a", answer_sync, replace=True)
    assert table.get("a").handler is answer_sync
    with pytest.raises(TypeError, match="not callable"):
        table.register("b", "handler")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("handler", "is_async"),
    [
        (answer_async, True),
        (answer_sync, False),
        (Callable(), True),
        (functools.partial(answer_async), True),
        (lambda ctx, config, value: {"output": 1}, False),
    ],
)
def test_which_handlers_are_async(handler: Any, is_async: bool) -> None:
    table = HandlerTable()
    table.register("t", handler)
    assert table.get("t").is_async is is_async


def test_async_runs_on_the_loop_and_sync_on_a_thread() -> None:
    assert call(answer_async, {"a": 1}, "in") == {"output": [{"a": 1}, "in", True]}
    assert call(answer_sync, {"a": 1}, "in") == {"output": [{"a": 1}, "in", False]}
    assert call(Callable()) == {"output": "object"}
    assert call(Plain(), {}) == {"output": [{}, None, True]}


def test_a_sync_handler_sees_the_current_runtime() -> None:
    runtime = RuntimeContextManager().create_runtime("acme", "main")
    with runtime:
        assert call(lambda ctx, config, value: {"output": current_runtime.get() is runtime}) == {"output": True}


def test_an_exception_is_a_failure_not_a_crash() -> None:
    def broken(ctx: Any, config: Any, value: Any) -> dict[str, Any]:
        raise ValueError("no such row")

    async def broken_too(ctx: Any, config: Any, value: Any) -> dict[str, Any]:
        return broken(ctx, config, value)

    for handler, name in ((broken, "broken"), (broken_too, "broken_too")):
        failed = call(handler)
        assert (failed.code, failed.message, failed.error_type) == ("HANDLER_FAILED", "ValueError: no such row", "ValueError")
        assert failed.recoverable
        line = handler.__code__.co_firstlineno + 1
        assert failed.details == {"at": f"test_handlers.py:{line} in {name}"}  # the handler's own line, no path, no values
        assert failed.to_error().to_dict()["stack_trace"] is None


def test_cancellation_is_not_swallowed() -> None:
    async def stopped(ctx: Any, config: Any, value: Any) -> dict[str, Any]:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        call(stopped)


@pytest.mark.parametrize("answer", [None, "text", ["output"], {1: "x"}])
def test_an_answer_must_be_ports(answer: Any) -> None:
    failed = call(lambda ctx, config, value: answer)
    assert isinstance(failed, Fail)
    assert failed.code == "ANSWER_INVALID"


def test_fail_passes_through() -> None:
    fail = Fail("CARD_DECLINED", "the card was declined", not_executed=True)
    assert call(lambda ctx, config, value: fail) is fail
    assert fail.to_error().not_executed


@pytest.mark.parametrize(
    ("error", "recoverable", "not_executed"),
    [
        (AuthorError("FEEL_TYPE", "m"), False, False),
        (CallerError("RESOURCE_NOT_FOUND", "m"), False, False),
        (OurError("JOURNAL_CORRUPT", "m"), False, False),
        (ProviderError("HANDLER_FAILED", "m"), True, False),
        (ProviderError("HANDLER_FAILED", "m", details={"recoverable": False, "not_executed": True}), False, True),
        (TimeoutError(), True, False),
    ],
)
def test_what_a_retry_may_hope_for(error: Exception, recoverable: bool, not_executed: bool) -> None:
    fail = fail_of(error)
    assert (fail.recoverable, fail.not_executed) == (recoverable, not_executed)
    assert fail.details is None


def test_other_details_and_the_hint_stay() -> None:
    fail = fail_of(ProviderError("HANDLER_FAILED", "m", hint="wait", details={"retry_after_s": 3, "recoverable": True}))
    assert (fail.code, fail.message, fail.hint, fail.details) == ("HANDLER_FAILED", "m", "wait", {"retry_after_s": 3})
    assert fail_of(TimeoutError()).message == "TimeoutError"
