"""One helper for the driver's tests: segments in few words, handlers that wait to be told, a clock that is moved by hand.

``Bench`` keeps one database (in memory or SQLite) and lets drivers live on it one after the other or beside each other.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from worktrail.app.schema_checker import JsonSchemaChecker
from worktrail.contract import PortSpec, SegmentDefinition, StepCatalog, StepCategory, StepTypeMetadata
from worktrail.errors import OurError
from worktrail.events import Event, decode_body
from worktrail.human import TaskDesk
from worktrail.runtime import Driver, Fail, HandlerTable, RuntimeContextManager, StepContext
from worktrail.store import MemoryStore, SqliteStore, Store, TaskFilter, TaskRow

T0 = 1_790_000_000_000_000
PATIENCE_S = float(os.environ.get("WORKTRAIL_PATIENCE_S", "100"))
TYPES = ("gate", "echo", "quick", "probed")


def step(step_id: str, step_type: str, policy: dict[str, Any] | None = None, **config: Any) -> dict[str, Any]:
    return {"step_id": step_id, "step_type": step_type, "config": config, "policy": policy or {}}


def segment(segment_id: str, *steps: dict[str, Any], edges: list[str] | None = None, **more: Any) -> SegmentDefinition:
    """Edges as ``a>b``, ``ask.rejected>b.other``."""
    drawn = []
    for line in edges or []:
        (source, _, port), (target, _, into) = (end.partition(".") for end in line.split(">"))
        drawn.append(
            {"source_step": source, "source_port": port or "output", "target_step": target, "target_port": into or "input"}
        )
    shape = {"worktrail": 1, "segment_id": segment_id, "version": "1.0", "steps": list(steps), "edges": drawn}
    return SegmentDefinition.from_dict(shape | more)


def played(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """An asynchronous test, within the patience."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*arguments, **named), PATIENCE_S))

    return run


def catalog() -> StepCatalog:
    types = StepCatalog()
    for type_id in TYPES:
        types.register_type(
            StepTypeMetadata(
                type_id,
                StepCategory.UTILITY,
                type_id,
                "of the driver's tests",
                input_ports=(PortSpec("input", required=False),),
                output_ports=(PortSpec("output"),),
            )
        )
    return types


class Call(NamedTuple):
    """A handler was entered."""

    run: str
    visit: str
    attempt: int
    key: str
    inputs: Any


class Bench:
    """A database, its clock, and what handlers are told to answer."""

    def __init__(self, kind: str, folder: Path, *, writer: str = "inline") -> None:
        self.kind = kind
        self.folder = folder
        self.writer = writer
        self.now_us = T0
        self.calls: list[Call] = []
        self.probes: list[str] = []
        self.found: Any = "unknown"  # what probes find
        self.resources = RuntimeContextManager()
        self.stores: list[Store] = []
        self._memory = MemoryStore()
        self._called = asyncio.Condition()
        self._answers: dict[tuple[str, str, int], asyncio.Future[Any]] = {}

    # --- drivers ------------------------------------------------------------------------------------------------------

    def store(self, **options: Any) -> Store:
        """A handle of its own, as another process would have one; in memory there is only one."""
        store = self._memory if self.kind == "memory" else SqliteStore(self.folder / "trail.db", **options)
        self.stores.append(store)
        return store

    def make(self, store: Store | None = None, *, lack: tuple[str, ...] = (), **options: Any) -> Driver:
        checker = JsonSchemaChecker()
        rows = HandlerTable()
        for type_id in TYPES:
            if type_id not in lack:
                rows.register(type_id, Probed(self) if type_id == "probed" else getattr(self, type_id))
        defaults: dict[str, Any] = {
            "tasks": TaskDesk(checker),
            "writer": self.writer,
            "serve": False,
            "clock": lambda: self.now_us,
        }
        return Driver(
            store or self.store(),
            catalog=catalog(),
            handlers=rows,
            checker=checker,
            resources=self.resources,
            **(defaults | options),
        )

    @asynccontextmanager
    async def open(self, store: Store | None = None, **options: Any) -> AsyncIterator[Driver]:
        driver = self.make(store, **options)
        await driver.open()
        try:
            yield driver
        finally:
            for answer in self._answers.values():
                answer.cancel()
            await driver.close(grace_s=0)
            if self.kind == "sqlite":
                driver.store.close()

    async def crash(self, driver: Driver) -> None:
        """The process is gone: nothing is given back, nobody is told; its lease is over by the clock."""
        driver._die(OurError("TEST_CRASH", "gone"))
        await driver.close(grace_s=0)
        self.now_us += 20_000_000

    def advance(self, driver: Driver, seconds: float) -> None:
        """Time passes, and the driver notices."""
        self.now_us += int(seconds * 1e6)
        driver._core.clocks._wake()

    def live(self, driver: Driver) -> list[str]:
        """The runs a driver keeps in memory."""
        return sorted(driver._core.live)

    # --- handlers -----------------------------------------------------------------------------------------------------

    async def _note(self, ctx: StepContext, inputs: Any) -> None:
        async with self._called:
            self.calls.append(Call(ctx.run_id, ctx.visit, ctx.attempt, ctx.idempotency_key, inputs))
            self._called.notify_all()

    async def gate(self, ctx: StepContext, config: Mapping[str, Any], inputs: Any) -> Any:
        """Waits to be told."""
        await self._note(ctx, inputs)
        told = await asyncio.shield(self._answer(ctx.run_id, ctx.visit, ctx.attempt))
        if isinstance(told, BaseException):
            raise told
        return told

    async def echo(self, ctx: StepContext, config: Mapping[str, Any], inputs: Any) -> Any:
        """Answers its config's `value`, else its input, at once."""
        await self._note(ctx, inputs)
        return {"output": config["value"] if "value" in config else inputs.get("input")}

    def quick(self, ctx: StepContext, config: Mapping[str, Any], inputs: Any) -> Any:
        """The same without `async`: on a thread."""
        self.calls.append(Call(ctx.run_id, ctx.visit, ctx.attempt, ctx.idempotency_key, inputs))
        return {"output": config["value"] if "value" in config else inputs.get("input")}

    def _answer(self, run: str, visit: str, attempt: int) -> asyncio.Future[Any]:
        key = (run, visit, attempt)
        if key not in self._answers:
            self._answers[key] = asyncio.get_running_loop().create_future()
        return self._answers[key]

    async def called(self, run: str, visit: str, attempt: int = 1) -> Call:
        """Until a handler was entered."""
        async with self._called:
            while True:
                for call in self.calls:
                    if call[:3] == (run, visit, attempt):
                        return call
                await self._called.wait()

    def tell(self, run: str, visit: str, answer: Any = None, attempt: int = 1) -> None:
        """What `gate` answers: a value for its port, or ``Fail``, or an exception to raise, or ``{port: value}``."""
        ready = answer if isinstance(answer, Fail | BaseException | dict) else {"output": answer}
        self._answer(run, visit, attempt).set_result(ready)

    # --- looking ------------------------------------------------------------------------------------------------------

    def tasks(self, store: Store, status: tuple[str, ...] | None = ("open",)) -> list[TaskRow]:
        return store.list_tasks(TaskFilter(status=status))

    def trail(self, store: Store, run: str) -> list[Event]:
        return [event for one in store.read_stream(f"run:{run}") for event in decode_body(one.body, one.first_seq).events]

    def words(self, store: Store, run: str) -> list[str]:
        """``StepStarted a`` and the like, for comparing."""
        return [f"{type(event).__name__} {getattr(event, 'visit', '') or ''}".strip() for event in self.trail(store, run)]


class Probed:
    """A handler with a probe."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    async def __call__(self, ctx: StepContext, config: Mapping[str, Any], inputs: Any) -> Any:
        return await self.bench.gate(ctx, config, inputs)

    def probe(self, ctx: StepContext, config: Mapping[str, Any], inputs: Any) -> Any:
        self.bench.probes.append(ctx.visit)
        return self.bench.found


async def until(true: Callable[[], Any]) -> None:
    """Let the loop turn until something is so."""
    while not true():
        await turns(1)


async def turns(count: int = 20) -> None:
    """Let the loop turn: everything that needs no outside has happened after that."""
    for _ in range(count):
        await asyncio.sleep(0)
