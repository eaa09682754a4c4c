"""``SegmentRunner``: the one class most Python users meet. In memory without a store, durable with one; same code.

Rule: ``run`` answers with a result for every end of a run (completed, failed, cancelled, timed out); it raises for what never
became a run (invalid segment or input) and for a store that is gone. Used bare it opens its driver for as long as runs are
in flight; as an async context manager it stays open, goes on with unowned runs and answers other processes.
"""

from __future__ import annotations

import asyncio
import getpass
import secrets
from collections.abc import Mapping
from typing import Any, Self

import msgspec

from worktrail.contract import PortSpec, SchemaChecker, SegmentDefinition, StepCatalog, StepCategory, StepTypeMetadata
from worktrail.errors import CallerError
from worktrail.runtime.context import RuntimeContext, RuntimeContextManager
from worktrail.runtime.driver.core import MAX_VALUE_BYTES
from worktrail.runtime.driver.driver import Driver
from worktrail.runtime.driver.ports import Callbacks, RunConfig, TaskPort
from worktrail.runtime.handlers import Handler, HandlerTable
from worktrail.runtime.hooks import HookTable
from worktrail.runtime.results import SegmentResult, SegmentStatus
from worktrail.store import MemoryStore, Store

__all__ = ["RunnerParts", "SegmentRunner"]


class RunnerParts(msgspec.Struct, frozen=True):
    """What a runner is made of; `app` chooses it."""

    catalog: StepCatalog
    handlers: HandlerTable
    checker: SchemaChecker
    tasks: TaskPort | None = None
    resources: RuntimeContextManager | None = None
    hooks: HookTable | None = None


class SegmentRunner:
    """Runs segments. ``store`` is an open store; without one everything stays in memory."""

    def __init__(
        self,
        parts: RunnerParts,
        store: Store | None = None,
        *,
        concurrency: int = 64,
        max_value_bytes: int = MAX_VALUE_BYTES,
        writer: str = "auto",
    ) -> None:
        self._catalog = parts.catalog.copy()
        self._handlers = HandlerTable(parts.handlers)
        self._parts = parts
        self._store = store if store is not None else MemoryStore()
        self._concurrency = concurrency
        self._max_value_bytes = max_value_bytes
        self._writer = writer if store is not None else "inline"
        self._driver: Driver | None = None
        self._opening: asyncio.Lock | None = None
        self._users = 0
        self._running: dict[str, None] = {}

    # --- handlers ---------------------------------------------------------------------------------------------------

    def register_handler(self, step_type: str, handler: Handler) -> None:
        """``handler(ctx, config, input_data) -> {port: value}``, sync or async, for this runner alone; a type the catalogue
        does not know gets one input and one output. A built-in type is then done by the handler."""
        if self._catalog.has_type(step_type):
            known = self._catalog.get_type(step_type)
            if known.kind != "handler":
                self._catalog.register_type(msgspec.structs.replace(known, kind="handler", op=""), replace=True)
        else:
            self._catalog.register_type(
                StepTypeMetadata(
                    type_id=step_type,
                    category=StepCategory.UTILITY,
                    display_name=step_type,
                    description="registered on a runner",
                    input_ports=(PortSpec("input"),),
                    output_ports=(PortSpec("output"),),
                )
            )
        self._handlers.register(step_type, handler, replace=True)

    # --- running ----------------------------------------------------------------------------------------------------

    async def run(
        self,
        segment: SegmentDefinition,
        runtime: RuntimeContext | None = None,
        input_data: Any = None,
        config: RunConfig | None = None,
        *,
        on_step_start: Any = None,
        on_step_complete: Any = None,
        on_step_error: Any = None,
        **more: Any,
    ) -> SegmentResult:
        """Run to the end. ``more`` goes to ``Driver.start`` (run_id, parameters, business_key, labels, children …)."""
        driver = await self._enter()
        run_id = more.pop("run_id", None) or (runtime.run_id if runtime is not None else None) or secrets.token_hex(12)
        try:
            callbacks = Callbacks(on_step_start, on_step_complete, on_step_error)
            if runtime is not None:
                more.setdefault("instance_id", runtime.instance_id)
            self._running[run_id] = None  # before its first step can ask to cancel
            await driver.start(segment, input_data, run_id=run_id, config=config, callbacks=callbacks, runtime=runtime, **more)
            return await driver.result(run_id)
        finally:
            self._running.pop(run_id, None)
            await self._leave()

    async def start(self, segment: SegmentDefinition, input_data: Any = None, **more: Any) -> str:
        """Begin a run and return its id once that is durable. Needs an open runner (``async with``)."""
        return await self._opened("start").start(segment, input_data, **more)

    async def result(self, run_id: str) -> SegmentResult:
        """The result of a run, once it has ended."""
        return await self._opened("result").result(run_id)

    async def resume(self, run_id: str, runtime: RuntimeContext | None = None) -> SegmentResult:
        """Resume a paused run (or go on with a parked one) and wait for its end."""
        driver = await self._enter()
        try:
            row = self._store.get_run(run_id)
            if row is None:
                raise CallerError("NOT_FOUND", f"there is no run '{run_id}'")
            if row.status == "paused":
                self._accepted(await driver.command("run.resume", run_id, {}, _principal()))
            return await driver.result(run_id)
        finally:
            await self._leave()

    async def cancel(self, run_id: str | None = None) -> bool:
        """Cancel a run, or every run that ``run`` is waiting for; whether anything was cancelled."""
        targets = [run_id] if run_id is not None else list(self._running)
        done = False
        for target in targets:
            driver = self._opened("cancel")
            answer = await driver.command("run.cancel", target, {"reason": "cancelled by the runner"}, _principal())
            done = done or bool(answer["accepted"])
        return done

    async def pause(self, run_id: str) -> str:
        """Pause a run: what runs ends, nothing new begins. Returns the id to ``resume`` with."""
        self._accepted(await self._opened("pause").command("run.pause", run_id, {}, _principal()))
        return run_id

    def get_status(self, run_id: str) -> SegmentStatus:
        """The status as the store knows it."""
        row = self._store.get_run(run_id)
        if row is None:
            raise CallerError("NOT_FOUND", f"there is no run '{run_id}'")
        return SegmentStatus(row.status)

    async def command(self, kind: str, target: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Any wish of the driver: task.decide, incident.resolve, run.cancel …"""
        return await self._opened("command").command(kind, target, body or {}, _principal())

    # --- open and close ---------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self._enter()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._leave()

    @property
    def driver(self) -> Driver:
        """The open driver."""
        return self._opened("driver")

    async def _enter(self) -> Driver:
        self._users += 1
        if self._opening is None:
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._driver is None:
                parts = self._parts
                driver = Driver(
                    self._store,
                    catalog=self._catalog,
                    handlers=self._handlers,
                    checker=parts.checker,
                    tasks=parts.tasks,
                    resources=parts.resources,
                    hooks=parts.hooks,
                    concurrency=self._concurrency,
                    max_value_bytes=self._max_value_bytes,
                    writer=self._writer,
                    serve=not isinstance(self._store, MemoryStore),
                )
                try:
                    await driver.open()
                except BaseException:
                    self._users -= 1
                    raise
                self._driver = driver
        return self._driver

    async def _leave(self) -> None:
        self._users -= 1
        if self._users == 0 and self._driver is not None:
            driver, self._driver, self._opening = self._driver, None, None
            await driver.close()

    def _opened(self, what: str) -> Driver:
        if self._driver is None:
            raise CallerError("RUNNER_CLOSED", f"{what} needs an open runner: use `async with runner:` around it")
        return self._driver

    def _accepted(self, answer: Mapping[str, Any]) -> None:
        if not answer["accepted"]:
            error = answer["error"]
            raise CallerError(error["code"], error["message"], hint=error.get("hint", ""))


def _principal() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli:unknown"
