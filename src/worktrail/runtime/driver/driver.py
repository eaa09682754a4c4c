"""The embedded driver: runs segments durably in this process, on any store.

Rule: acknowledged means our commit returned. A process holds a lease; every commit is fenced by its epoch; runs that nobody
owns are taken over when this process can serve them. Other processes' wishes arrive by socket or inbox and are answered.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from worktrail.contract import SchemaChecker, SegmentDefinition, StepCatalog
from worktrail.engine import Run, Values
from worktrail.errors import CallerError, WorktrailError
from worktrail.events import Origin
from worktrail.runtime.context import RuntimeContext, RuntimeContextManager
from worktrail.runtime.driver.attempts import Attempts
from worktrail.runtime.driver.children import Children
from worktrail.runtime.driver.committer import Committer
from worktrail.runtime.driver.core import MAX_VALUE_BYTES, Core, Extras, Stats, load_run, run_values
from worktrail.runtime.driver.live import LiveRun, Placed, check_place, new_run_row
from worktrail.runtime.driver.planbook import a_segment
from worktrail.runtime.driver.ports import Callbacks, RunConfig, TaskPort
from worktrail.runtime.driver.processes.doorbell import Doorbell
from worktrail.runtime.driver.processes.requests import RunRequest, first_event
from worktrail.runtime.driver.processes.tenure import Tenure
from worktrail.runtime.driver.processes.wishes import Wishes
from worktrail.runtime.driver.timing.clocks import Clocks
from worktrail.runtime.driver.timing.reminders import Reminders
from worktrail.runtime.driver.turns import Turns
from worktrail.runtime.handlers import HandlerTable
from worktrail.runtime.hooks import HookTable, Outcome, RunInfo
from worktrail.runtime.results import SegmentResult, Waiters, result_of
from worktrail.store import Lease, Store

__all__ = ["Driver"]

# How long a thread may keep the interpreter while another one asks for it. The loop and the writer thread ask at every commit:
# beside a thread that computes, Python's 5 ms each time leave little of the engine (docs/performance.md). For the whole process.
SWITCH_S = 0.0005


def _clock_us() -> int:
    return time.time_ns() // 1000


class Driver:
    """One process's engine room. ``open`` it on a running loop, ``close`` it before the loop ends."""

    def __init__(
        self,
        store: Store,
        *,
        catalog: StepCatalog,
        handlers: HandlerTable,
        checker: SchemaChecker,
        tasks: TaskPort | None = None,
        resources: RuntimeContextManager | None = None,
        hooks: HookTable | None = None,
        concurrency: int = 64,
        max_value_bytes: int = MAX_VALUE_BYTES,
        writer: str = "auto",
        lease_ttl_s: float = 10.0,
        clock: Callable[[], int] = _clock_us,
        serve: bool = True,
    ) -> None:
        self._core = Core(
            store,
            catalog=catalog,
            handlers=handlers,
            checker=checker,
            tasks=tasks,
            resources=resources or RuntimeContextManager(),
            hooks=hooks,
            now_us=clock,
            slots=concurrency,
            max_value_bytes=max_value_bytes,
        )
        self._mode = writer
        self._serve = serve
        self._bell = Doorbell(self._ring)
        self._wishes = Wishes(self._core)
        self._waiting = Waiters()
        self._tenure = Tenure(self._core, self._wishes, ttl_s=lease_ttl_s, on_lost=self._die)
        self.dead: WorktrailError | None = None
        self.on_dead: Callable[[WorktrailError], None] | None = None

    @property
    def stats(self) -> Stats:
        """Counters since ``open``."""
        return self._core.stats

    @property
    def store(self) -> Store:
        return self._core.store

    @property
    def lease(self) -> Lease | None:
        return self._core.committer.lease

    @property
    def in_memory(self) -> int:
        """How many runs are in memory: not parked, not ended."""
        return len(self._core.live)

    @property
    def troubled(self) -> str | None:
        """Why commits are being tried again (a full disk), for people; null when all is well."""
        trouble = self._core.committer.trouble
        return None if trouble is None else trouble.message

    # --- open and close ---------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Acquire the lease, take over what nobody owns, go on with it."""
        core = self._core
        if self._mode != "inline":
            sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        core.clocks = Clocks(core.now_us, Reminders(core).come_due)
        core.committer = Committer(
            core.store,
            mode=self._mode,
            idle=lambda: core.attempts.in_flight == 0,
            on_dead=self._die,
            on_foreign=self.look_around,
            on_refused=core.refuse,
        )
        core.turns = Turns(core)
        core.children = Children(core)
        core.attempts = Attempts(core)
        core.on_end.append(lambda live: self._waiting.ended(live.run, live.values))
        core.on_end.append(self._after_run)
        core.on_park.append(self._waiting.parked)
        if self._serve:
            await self._bell.open()
        self._tenure.begin(self._bell.address or None)

    def take_over(self) -> int:
        """Claim and go on with runs that nobody owns; how many."""
        return self._tenure.take_over()

    def can_serve(self, lock_hash: str) -> bool:
        """Whether this process has what runs of a lock need: handlers, semantics."""
        return not self._core.plans.missing(self._core.plans.plan(lock_hash).lock)

    async def close(self, *, grace_s: float = 5.0) -> None:
        """Attempts get the grace period; then everything is parked and the lease given back."""
        core = self._core
        core.closing = True
        self._tenure.stop()
        core.clocks.close()
        await core.attempts.stop_all(grace_s=grace_s)
        await core.committer.close(grace_s=grace_s)
        if self._serve:
            await self._bell.close()
        if self.dead is None:
            self._tenure.end()
        core.live.clear()

    # --- runs -------------------------------------------------------------------------------------------------------

    async def start(
        self,
        segment: SegmentDefinition,
        input_data: Any,
        *,
        run_id: str | None = None,
        config: RunConfig | None = None,
        parameters: Mapping[str, Any] | None = None,
        business_key: str | None = None,
        labels: Mapping[str, str] | None = None,
        instance_id: str = "default",
        workspace_id: str = "default",
        children: Mapping[str, SegmentDefinition] | None = None,
        callbacks: Callbacks | None = None,
        runtime: RuntimeContext | None = None,
        principal: str | None = None,
    ) -> str:
        """Begin a run; returns its id once its first events are durable.

        Raises SegmentValidationError, CallerError (RUN_EXISTS, INPUT_INVALID, PARAMETER_…, CAPABILITY_MISSING …), or what
        ended the driver (STORE_…, LEASE_LOST).
        """
        run_id = run_id or secrets.token_hex(12)
        place = Placed(a_segment(segment).segment_id, workspace_id, instance_id, business_key)
        hooks = self._core.hooks
        if hooks is not None and hooks.listens("before_run"):
            prepared = self._core.plans.prepare(segment, children or {})
            await hooks.before_run(
                RunInfo(
                    run_id=run_id,
                    segment_id=segment.segment_id,
                    tenant_id=self._core.store.tenant_id,
                    workspace_id=workspace_id,
                    instance_id=instance_id,
                    input_data=input_data,
                    segments=self._core.plans.inside(prepared.plan.lock),
                )
            )
        live = self.begin(
            segment,
            input_data,
            run_id=run_id,
            config=config,
            parameters=parameters,
            business_key=business_key,
            labels=labels,
            place=place,
            children=children,
            extras=Extras(runtime, callbacks),
            principal=principal,
        )
        await self._core.committer.flushed()
        if live.refused:
            error = self._core.refused.pop(run_id, None)
            raise CallerError("RUN_EXISTS", f"run '{run_id}' was begun by another process") from error
        return live.run.id

    def begin(
        self,
        segment: SegmentDefinition,
        input_data: Any,
        *,
        place: Placed,
        run_id: str | None = None,
        config: RunConfig | None = None,
        parameters: Mapping[str, Any] | None = None,
        business_key: str | None = None,
        labels: Mapping[str, str] | None = None,
        children: Mapping[str, SegmentDefinition] | None = None,
        extras: Extras | None = None,
        principal: str | None = None,
    ) -> LiveRun:
        """The first turn of a run, without waiting for its commit (``start`` waits)."""
        core = self._core
        if self.dead is not None:
            raise self.dead
        check_place(run_id, place, labels, principal)
        prepared = core.plans.prepare(segment, children or {})
        run_id = run_id or secrets.token_hex(12)
        if run_id in core.live:  # any other run of this id is found by the commit, which refuses this one alone
            raise CallerError("RUN_EXISTS", f"run '{run_id}' exists")
        values = Values(prepared.plan.lock, core.load_blob, core.keep_blob)
        asked = RunRequest(
            segment=segment,
            input_data=input_data,
            run_id=run_id,
            place=msgspec.structs.replace(place, business_key=business_key),
            config=config,
            parameters=parameters or {},
            labels=labels,
        )
        started = first_event(asked, prepared, values, core.check)
        if extras is not None and (extras.runtime is not None or extras.callbacks is not None):
            core.extras[run_id] = extras
        live = core.make_live(Run(run_id, prepared.plan), place)
        row = new_run_row(run_id, started, place, core.now_us())
        core.turns.begin(live, started, row, Origin(principal) if principal else None)
        return live

    async def result(self, run_id: str) -> SegmentResult:
        """The result, once the run has ended. CallerError NOT_FOUND; raises what ended the driver."""
        core = self._core
        if run_id not in core.live:
            row = core.store.get_run(run_id)
            if row is None:
                raise CallerError("NOT_FOUND", f"there is no run '{run_id}'")
            if row.ended_us is not None:
                return self.peek(run_id)
        if self.dead is not None:
            raise self.dead
        return await self._waiting.end_of(run_id)

    def peek(self, run_id: str) -> SegmentResult:
        """What the trail says of a run now."""
        run = load_run(self._core.store, run_id, plans=self._core.plans)
        return result_of(run, run_values(self._core.store, run))

    async def settled(self, run_id: str) -> str:
        """The row's status once the run has ended or can only wait (for a person, a timer, an incident, a child)."""
        core = self._core
        if run_id not in core.live:
            row = core.store.get_run(run_id)
            if row is None:
                raise CallerError("NOT_FOUND", f"there is no run '{run_id}'")
            return row.status
        if self.dead is not None:
            raise self.dead
        return await self._waiting.rest_of(run_id)

    async def command(self, kind: str, target: str, body: Mapping[str, Any], principal: str) -> dict[str, Any]:
        """Carry out a wish; its answer, once durable. Kinds: ``wishes.WISHES``."""
        answer = self._wishes.carry_out(kind, target, body, Origin(principal))
        await self._core.committer.flushed()
        return answer

    def watch(self, watcher: Callable[[LiveRun, int, list[Any]], None]) -> None:
        """``watcher(live, first_seq, events)`` after every commit."""
        self._core.watchers.append(watcher)

    # --- what happens by itself -------------------------------------------------------------------------------------

    def _after_run(self, live: LiveRun) -> None:
        hooks = self._core.hooks
        started = live.run.started
        asked_for = started is not None and started.parent_run_id is None
        if hooks is not None and asked_for and hooks.listens("after_run"):
            result = result_of(live.run, live.values)
            outcome = Outcome(status=result.status, outputs=result.outputs, error=result.error, duration_ms=result.duration_ms)
            self._core.attempts.keep(asyncio.ensure_future(hooks.after_run(live.info(), outcome)))

    async def _ring(self, question: dict[str, Any]) -> dict[str, Any]:
        """Another process asks at the doorbell."""
        origin = Origin(str(question.get("principal", "")), question.get("command_id"))
        answer = self._wishes.carry_out(str(question["kind"]), str(question["target"]), question.get("body") or {}, origin)
        try:
            await self._core.committer.flushed()
        except WorktrailError as error:
            return {"accepted": False, "error": error.to_dict()}
        return answer

    def look_around(self) -> None:
        """Somebody else wrote to the database: perhaps a command for us, perhaps a run that nobody owns yet."""
        if not self._core.closing and self.dead is None:
            self._tenure.look_soon()

    def _die(self, error: WorktrailError) -> None:
        """No further commit is possible: drop all state, tell whoever waits, leave the runs to the next owner."""
        if self.dead is not None:
            return
        core = self._core
        self.dead = error
        core.committer.die(error)
        core.clocks.close()
        for live in core.live.values():
            for attempt in live.attempts.values():
                if attempt.task is not None:
                    attempt.task.cancel()
        core.live.clear()
        self._waiting.fail(error)
        if self.on_dead is not None:
            self.on_dead(error)
