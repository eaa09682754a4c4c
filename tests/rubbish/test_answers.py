"""Rubbish out of handlers: whatever user code answers or raises is a failed attempt, as data; the driver and the data are well.

Rule: each of it ends its own visit with a code, a message that can be stored and read, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.rubbish import doors
from tests.rubbish.matrix import endless, endless_list, list_in
from worktrail.app import SegmentRunner
from worktrail.contract import PortSpec, SegmentDefinition, StepCatalog, StepCategory, StepTypeMetadata
from worktrail.errors import CODES, CallerError, OurError, ProviderError
from worktrail.runtime import Fail
from worktrail.store import open_store

MAX_VALUE = 100_000
LONGEST = 4_100  # characters of a message


class UnspeakableError(Exception):
    """Refuses to say what it is."""

    def __str__(self) -> str:
        raise ValueError("no")

    __repr__ = __str__


class Sly(str):
    """A text that lies about itself."""

    __slots__ = ()

    def __str__(self) -> str:
        raise ValueError("no")


class Trap(Mapping[str, Any]):
    """A mapping that breaks when it is read."""

    def __getitem__(self, key: str) -> Any:
        raise KeyError(key)

    def __iter__(self) -> Any:
        return iter(("output",))

    def __len__(self) -> int:
        return 1


class Lazy:
    """What it is nobody knows."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def out(value: Any) -> Callable[[], Any]:
    return lambda: {"output": value}


def raising(error: BaseException) -> Callable[[], Any]:
    def work() -> Any:
        raise error

    return work


def recursing() -> Any:
    return recursing()


def from_below() -> Any:
    try:
        raise ValueError("cause")
    except ValueError as error:
        raise RuntimeError("effect") from error


# What comes out, and the code that the visit fails with.
ANSWERS: dict[str, tuple[Callable[[], Any], str]] = {
    "nothing": (lambda: None, "ANSWER_INVALID"),
    "a number": (lambda: 7, "ANSWER_INVALID"),
    "a text": (lambda: "output", "ANSWER_INVALID"),
    "a list of pairs": (lambda: [("output", 1)], "ANSWER_INVALID"),
    "a class": (lambda: dict, "ANSWER_INVALID"),
    "a generator": (lambda: (each for each in "ab"), "ANSWER_INVALID"),
    "an exception that is not raised": (lambda: ValueError("x"), "ANSWER_INVALID"),
    "no port": (dict, "ANSWER_INVALID"),
    "an unknown port": (lambda: {"output": 1, "outptu": 2}, "ANSWER_INVALID"),
    "a port of the engine": (lambda: {"error": 1}, "ANSWER_INVALID"),
    "a number for a port": (lambda: {1: 1}, "ANSWER_INVALID"),
    "nothing for a port": (lambda: {None: 1}, "ANSWER_INVALID"),
    "a port of half a character": (lambda: {"\ud800": 1}, "ANSWER_INVALID"),
    "a port of a million characters": (lambda: {"o" * 1_000_000: 1}, "ANSWER_INVALID"),
    "many ports": (lambda: {f"p{number}": number for number in range(10_000)}, "ANSWER_INVALID"),
    "a mapping that breaks": (Trap, "HANDLER_FAILED"),
    "an object that breaks": (Lazy, "ANSWER_INVALID"),
    "a value that breaks": (out(Lazy()), "ANSWER_INVALID"),
    "NaN": (out(float("nan")), "ANSWER_INVALID"),
    "infinity far inside": (out([{"a": [1, float("-inf")]}]), "ANSWER_INVALID"),
    "a Decimal that is none": (out(Decimal("sNaN")), "ANSWER_INVALID"),
    "a number of five thousand digits": (out(10**5_000), "ANSWER_INVALID"),
    "an object inside itself": (lambda: {"output": endless()}, "ANSWER_INVALID"),
    "a list inside itself": (lambda: {"output": endless_list()}, "ANSWER_INVALID"),
    "201 lists": (lambda: {"output": list_in(201)}, "ANSWER_INVALID"),
    "50,000 lists": (lambda: {"output": list_in(50_000)}, "ANSWER_INVALID"),
    "a set": (out({1}), "ANSWER_INVALID"),
    "bytes": (out(b"x"), "ANSWER_INVALID"),
    "an object": (out(object()), "ANSWER_INVALID"),
    "a number as a key": (out({1: 2}), "ANSWER_INVALID"),
    "half a character": (out("\ud800"), "ANSWER_INVALID"),
    "a value over the cap": (out("x" * (MAX_VALUE - 1)), "VALUE_TOO_LARGE"),
    "a failure that says nothing": (lambda: Fail("", ""), "HANDLER_FAILED"),
    "a failure of the wrong types": (lambda: Fail(5, None, details=[1], hint=7), "HANDLER_FAILED"),  # type: ignore[arg-type]
    "a failure of half characters": (lambda: Fail("A\ud800", "\ud800", hint="\udfff"), "HANDLER_FAILED"),
    "a failure with a long code": (lambda: Fail("C" * 5_000, "m"), "HANDLER_FAILED"),
    "a failure with endless details": (lambda: Fail("MINE", "m", details=endless()), "MINE"),
    "a failure with huge details": (lambda: Fail("MINE", "m" * 1_000_000, details={"a": "x" * 1_000_000}), "MINE"),
    "a failure with NaN": (lambda: Fail("MINE", "m", details={"a": float("nan")}), "MINE"),
}
ERRORS: dict[str, tuple[Callable[[], Any], str]] = {
    "an exception": (raising(ValueError("no such row")), "HANDLER_FAILED"),
    "with a cause": (from_below, "HANDLER_FAILED"),
    "without a text": (raising(UnspeakableError()), "HANDLER_FAILED"),
    "with a text that is none": (raising(ValueError(Sly("x"))), "HANDLER_FAILED"),
    "with half a character": (raising(ValueError("\ud800")), "HANDLER_FAILED"),
    "with a NUL": (raising(ValueError("a\0b")), "HANDLER_FAILED"),
    "with a million characters": (raising(ValueError("x" * 1_000_000)), "HANDLER_FAILED"),
    "with a million arguments": (raising(ValueError(*range(1_000_000))), "HANDLER_FAILED"),
    "sys.exit": (raising(SystemExit(1)), "HANDLER_FAILED"),
    "StopIteration": (raising(StopIteration(1)), "HANDLER_FAILED"),
    "StopAsyncIteration": (raising(StopAsyncIteration()), "HANDLER_FAILED"),
    "CancelledError of its own": (raising(asyncio.CancelledError()), "HANDLER_FAILED"),
    "TimeoutError": (raising(TimeoutError()), "HANDLER_FAILED"),
    "MemoryError": (raising(MemoryError()), "HANDLER_FAILED"),
    "RecursionError": (recursing, "HANDLER_FAILED"),
    "a group": (raising(ExceptionGroup("g", [ValueError("a"), ExceptionGroup("h", [KeyError("b")])])), "HANDLER_FAILED"),
    "a group of the end": (raising(BaseExceptionGroup("g", [SystemExit(2)])), "HANDLER_FAILED"),
    "one of our own": (raising(CallerError("NOT_FOUND", "x" * 100_000, details={"a": float("nan")})), "NOT_FOUND"),
    "one that says we are broken": (raising(OurError("JOURNAL_CORRUPT", "it says")), "JOURNAL_CORRUPT"),
    "one of the store": (raising(ProviderError("STORE_BROKEN", "it says")), "STORE_BROKEN"),
    "a lost lease": (raising(CallerError("LEASE_LOST", "it says")), "LEASE_LOST"),
    "a run that exists": (raising(CallerError("RUN_EXISTS", "it says", details={"run_ids": ["r"]})), "RUN_EXISTS"),
}
ALL = {**ANSWERS, **{f"raises {name}": row for name, row in ERRORS.items()}}


def catalog(work: Callable[[], Any], *, on_a_thread: bool) -> StepCatalog:
    def plain(ctx: Any, config: Any, inputs: Any) -> Any:
        return work()

    async def loop(ctx: Any, config: Any, inputs: Any) -> Any:
        return work()

    made = StepCatalog.get_instance().copy()
    ports = {"input_ports": (PortSpec("input"),), "output_ports": (PortSpec("output"),)}
    made.register(StepTypeMetadata("rubbish", StepCategory.UTILITY, "rubbish", "", **ports), plain if on_a_thread else loop)
    return made


BAD = SegmentDefinition.from_dict({"worktrail": 1, "segment_id": "bad", "steps": [{"step_id": "a", "step_type": "rubbish"}]})
GOOD = SegmentDefinition.from_dict(
    {"worktrail": 1, "segment_id": "good", "steps": [{"step_id": "a", "step_type": "transform", "config": {"expression": "1"}}]}
)


# What a handler answers is judged at one place for both kinds; what it raises is not.
CASES = [
    pytest.param(name, on_a_thread, id=f"{name}-{word}", marks=[pytest.mark.slow] if name in ANSWERS and not on_a_thread else [])
    for name in ALL
    for word, on_a_thread in (("sync", True), ("async", False))
]


@pytest.mark.parametrize(("name", "on_a_thread"), CASES)
def test_rubbish_out_of_a_handler(name: str, on_a_thread: bool, tmp_path: Path) -> None:
    work, code = ALL[name]
    store = open_store(tmp_path / "worktrail.sqlite")

    async def play() -> Any:
        async with SegmentRunner(store, catalog=catalog(work, on_a_thread=on_a_thread), max_value_bytes=MAX_VALUE) as runner:
            run_id = await runner.start(BAD, 1)
            word = await runner.driver.settled(run_id)
            assert (await runner.run(GOOD, None, 1)).outputs == {"output": 1}, "the driver goes on"
            return word, runner.driver.peek(run_id)

    word, result = asyncio.run(play())
    store.close()
    if code == "VALUE_TOO_LARGE":  # a person decides what becomes of what is too large
        assert word == "waiting"
        assert "VALUE_TOO_LARGE" in str(result)
    else:
        assert word == "failed"
        error = result.error
        assert error is not None
        assert error.error_code == code
        assert 0 < len(error.error_message) <= LONGEST
        assert len(str(error.details)) <= 10_000
        assert code not in CODES or CODES[code].action
        error.error_message.encode()  # it can be shown and stored
    doors.database_is_well(tmp_path)


def test_each_attempt_is_judged_by_itself(tmp_path: Path) -> None:
    """Rubbish, then an exception, then an answer: the retries apply, and the answer counts."""
    said = iter([lambda: {"output": float("nan")}, raising(ValueError("x")), lambda: {"output": 7}])
    flow = BAD.to_dict()
    flow["steps"][0]["policy"] = {"retry": {"max_attempts": 3, "delay_s": 0}}

    def work() -> Any:
        return next(said)()

    store = open_store(tmp_path / "worktrail.sqlite")
    runner = SegmentRunner(store, catalog=catalog(work, on_a_thread=True))
    result = asyncio.run(runner.run(SegmentDefinition.from_dict(flow), None, 1))
    store.close()
    assert (result.status, result.outputs) == ("completed", {"output": 7})
    assert result.step_results["a"]["attempts"] == 3
    doors.database_is_well(tmp_path)
