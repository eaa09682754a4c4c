"""The core: what the parts of the driver share. It assembles; the parts do."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from worktrail.contract import SchemaChecker, StepCatalog
from worktrail.engine import Run, Values, Visit, fold
from worktrail.errors import CallerError, ProviderError, WorktrailError
from worktrail.events import Append, Blob, Ref, decode_body
from worktrail.runtime.context import Emits, RuntimeContext, RuntimeContextManager
from worktrail.runtime.driver.live import LiveRun, Placed
from worktrail.runtime.driver.planbook import PlanBook
from worktrail.runtime.driver.ports import Callbacks, TaskChange, TaskPort
from worktrail.runtime.driver.waiting import remember
from worktrail.runtime.handlers import HandlerTable
from worktrail.runtime.hooks import HookTable
from worktrail.store import CommandRow, RunRow, Store, TaskRow

if TYPE_CHECKING:
    from worktrail.runtime.driver.attempts import Attempts
    from worktrail.runtime.driver.children import Children
    from worktrail.runtime.driver.committer import Committer
    from worktrail.runtime.driver.timing.clocks import Clocks
    from worktrail.runtime.driver.turns import Turns

__all__ = ["MAX_VALUE_BYTES", "Core", "Extras", "Stats", "load_run", "plans_of", "run_values", "sentences"]

AGAIN_S = 1.0


MAX_VALUE_BYTES = 64 * 1024 * 1024  # of one value as JSON; over it an input is refused and a visit gets an incident


class Stats(msgspec.Struct):
    """Counters since the driver was opened."""

    runs_started: int = 0
    runs_ended: int = 0
    attempts_started: int = 0
    steps_completed: int = 0
    retries: int = 0


class Extras(msgspec.Struct, frozen=True):
    """What the caller of `start` gave a run in this process: never stored, kept while the run is parked."""

    runtime: RuntimeContext | None = None
    callbacks: Callbacks | None = None


class OwnErrors:
    """Around code of ours that runs by itself on the loop: its errors end the driver, or callers would wait for ever."""

    __slots__ = ("_core",)

    def __init__(self, core: Core) -> None:
        self._core = core

    def __enter__(self) -> None:
        """Nothing to prepare: one object serves all, at every depth."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Exception):
            self._core.committer.break_off(error)
            return True
        return False


class Core:
    """Shared state of one driver."""

    committer: Committer
    clocks: Clocks
    turns: Turns
    attempts: Attempts
    children: Children

    def __init__(
        self,
        store: Store,
        *,
        catalog: StepCatalog,
        handlers: HandlerTable,
        checker: SchemaChecker,
        tasks: TaskPort | None,
        resources: RuntimeContextManager,
        hooks: HookTable | None,
        now_us: Callable[[], int],
        slots: int,
        max_value_bytes: int,
    ) -> None:
        self.store = store
        self.catalog = catalog
        self.handlers = handlers
        self.checker = checker
        self.tasks = tasks
        self.resources = resources
        self.hooks = hooks
        self.emitter: Emits | None = None  # where `ctx.emit` of a step goes: the stream `observed`
        self.now_us = now_us
        self.max_value_bytes = max_value_bytes
        self.free = slots
        self.ready: deque[tuple[str, str]] = deque()  # (run, visit) waiting for a slot
        self.plans = PlanBook(store, catalog, handlers, has_tasks=tasks is not None)
        self.live: dict[str, LiveRun] = {}
        self.extras: dict[str, Extras] = {}
        self.stats = Stats()
        self.watchers: list[Callable[[LiveRun, int, list[Any]], None]] = []
        self.on_end: list[Callable[[LiveRun], None]] = []
        self.on_park: list[Callable[[str, str], None]] = []
        self.closing = False
        self.own_errors = OwnErrors(self)
        self.refused: dict[str, WorktrailError] = {}  # runs that another process began first
        self._fresh_tasks: dict[str, list[TaskChange]] = {}  # until their commit has returned
        self._fresh_blobs: dict[str, bytes] = {}  # until their commit has returned

    def refuse(self, run_ids: list[str], error: WorktrailError) -> set[str]:
        """Forget runs that another process began first, and the children they began here; all ids that are out."""
        out = set(run_ids)
        for live in list(self.live.values()):
            started = live.run.started
            if live.run.id in out or (started is not None and started.root_run_id in out):
                out.add(live.run.id)
                del self.live[live.run.id]
                live.refused = True
                self.free += len(live.attempts)  # reserved: nothing of an uncommitted run is in flight
                live.attempts.clear()
        self.refused.update(dict.fromkeys(run_ids, error))
        return out

    def check(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Problems of a value against a JSON Schema, as sentences."""
        return sentences(self.checker, schema, value)

    def check_ports(self, live: LiveRun, visit: Visit, outputs: Mapping[str, Ref]) -> None:
        """CallerError ANSWER_INVALID where a value does not fit the schema of its port."""
        for port, schema in visit.step.lock.out_schemas.items():
            if port in outputs and (problems := self.check(schema, live.values.read(outputs[port]))):
                raise CallerError("ANSWER_INVALID", f"port '{port}' of '{visit.id}' does not fit its schema: {problems[0]}")

    def keep_blob(self, raw: bytes) -> Ref:
        """Put large bytes aside: they are durable with (never after) the commit that names them. CallerError VALUE_TOO_LARGE."""
        if len(raw) > self.max_value_bytes:
            message = f"a value has {len(raw):,} bytes as JSON; {self.max_value_bytes:,} are kept"
            raise CallerError("VALUE_TOO_LARGE", message, details={"bytes": len(raw), "allowed": self.max_value_bytes})
        address = self.store.blob_address(raw)
        self.committer.batch.blobs.append((address, raw))
        self._fresh_blobs[address] = raw
        self.committer.plan(partial(self._forget_blob, address))
        return Blob(address, len(raw))

    def _forget_blob(self, address: str) -> None:
        self._fresh_blobs.pop(address, None)

    def load_blob(self, address: str) -> bytes:
        fresh = self._fresh_blobs.get(address)
        return fresh if fresh is not None else self.store.get_blob(address)

    def keep_task(self, change: TaskChange) -> None:
        """A task changed: its append and row join the batch, and count from now on."""
        task_id = change.row.task_id
        self.committer.batch.appends.append(change.append)
        self.committer.batch.tasks.append(change.row)
        self._fresh_tasks.setdefault(task_id, []).append(change)
        self.committer.plan(partial(self._forget_task, task_id))

    def _forget_task(self, task_id: str) -> None:
        changes = self._fresh_tasks[task_id]
        del changes[0]
        if not changes:
            del self._fresh_tasks[task_id]

    def load_task(self, task_id: str) -> tuple[TaskRow, list[bytes]] | None:
        """A task and its stream as they are now, what is not durable yet included."""
        fresh = self._fresh_tasks.get(task_id, ())
        row = fresh[-1].row if fresh else self.store.get_task(task_id)
        if row is None:
            return None
        history = [stored.body for stored in self.store.read_stream(f"task:{task_id}")]
        history += [change.append.body for change in fresh if change.append.first_seq > len(history)]
        return row, history

    def get(self, run_id: str) -> LiveRun:
        """The run, folded from its trail when it is not in memory. CallerError NOT_FOUND, RUN_ELSEWHERE (not ours)."""
        live = self.live.get(run_id)
        if live is None:
            row = self.store.get_run(run_id)
            if row is None:
                raise CallerError("NOT_FOUND", f"there is no run '{run_id}'")
            if not self._may_write(row):
                raise CallerError("RUN_ELSEWHERE", f"run '{run_id}' does not belong to this process")
            live = self.adopt(row)
        return live

    def serves(self, run_id: str) -> bool:
        """Whether news of a run can be told to it here."""
        if run_id in self.live:
            return True
        row = self.store.get_run(run_id)
        return row is not None and self._may_write(row)

    def _may_write(self, row: RunRow) -> bool:
        lease = self.committer.lease
        return row.ended_us is not None or (lease is not None and row.owner == lease.lease_id)

    def send(self, command_id: str, kind: str, target: str, body: Any) -> None:
        """News for a run that is not ours go into the inbox, once what they tell is durable."""
        row = CommandRow(command_id, target, kind, msgspec.json.encode(body), "worktrail", self.now_us())

        def put() -> None:
            try:
                self.store.send(row)
            except ProviderError:  # a full disk; a dead handle is noticed by the next commit
                if self.committer.dead is None and not self.closing:
                    asyncio.get_running_loop().call_later(AGAIN_S, put)

        self.committer.plan(put)

    def adopt(self, row: RunRow) -> LiveRun:
        """Fold a run from its row's trail and keep it in memory."""
        plan = self.plans.plan(row.lock_hash)
        appends = (decode_body(stored.body, stored.first_seq) for stored in self.store.read_stream(f"run:{row.run_id}"))
        run = fold(row.run_id, plan, appends)
        placed = Placed(row.segment_id, row.workspace_id, row.instance_id, row.business_key)
        live = self.make_live(run, placed)
        live.written = row.status
        remember(live, row.waiting)
        self.turns.remind(live)
        return live

    def make_live(self, run: Run, placed: Placed) -> LiveRun:
        extras = self.extras.get(run.id)
        runtime = extras.runtime if extras is not None else None
        if runtime is None:
            runtime = self.resources.create_runtime(self.store.tenant_id, placed.instance_id, run.id)
        live = LiveRun(run, Values(run.plan.lock, self.load_blob, self.keep_blob), placed, runtime)
        live.callbacks = extras.callbacks if extras is not None else None
        self.live[run.id] = live
        return live


def sentences(checker: SchemaChecker, schema: dict[str, Any], value: Any) -> list[str]:
    """Problems of a value against a JSON Schema, as sentences."""
    return [f"{problem.pointer or '/'}: {problem.message}" for problem in checker.problems(schema, value)]


def plans_of(store: Store) -> PlanBook:
    """Plans of a database for readers: kept, each compiled once."""
    return PlanBook(store, StepCatalog(), HandlerTable(), has_tasks=True)


def load_run(store: Store, run_id: str, *, plans: PlanBook | None = None, seq: int | None = None) -> Run:
    """A run folded from its trail, for readers; up to and with the event ``seq`` where one is named. CallerError NOT_FOUND."""
    row = store.get_run(run_id)
    if row is None:
        raise CallerError("NOT_FOUND", f"there is no run '{run_id}'")
    plan = (plans or plans_of(store)).plan(row.lock_hash)
    return fold(run_id, plan, _appends(store, run_id, seq))


def _appends(store: Store, run_id: str, seq: int | None) -> Iterator[Append]:
    for stored in store.read_stream(f"run:{run_id}"):
        if seq is not None and stored.first_seq > seq:
            return
        append = decode_body(stored.body, stored.first_seq)
        if seq is not None and stored.first_seq + stored.count - 1 > seq:
            append = msgspec.structs.replace(append, events=append.events[: seq - stored.first_seq + 1])
        yield append


def run_values(store: Store, run: Run) -> Values:
    """Reads values of a run; writing is refused."""

    def refuse(raw: bytes) -> Ref:
        raise CallerError("READ_ONLY", f"a reader does not write values ({len(raw)} bytes)")

    return Values(run.plan.lock, store.get_blob, refuse)
