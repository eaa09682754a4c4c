"""The process under test: runs segments on one database until something kills it, or until everything has ended.

    python tests/crash/victim.py FILE LEDGER OPTIONS

OPTIONS is a JSON object: ``skip_s`` (this process's clock is that far ahead, so that the lease of a killed one is over),
``load`` (root runs kept going; 0: nothing new, end when all has ended), ``lack`` (step types without a handler), ``ttl_s``,
``kinds`` (what to start), ``once`` (start this many runs, then act as with load 0), ``idle`` (serve until killed or dead),
``tell_trouble`` (say when the disk is full and when it is not), ``writer`` (the driver's way of committing).

It says on standard output, a line by one system call, what it was told is durable: ``start RUN``, ``seen RUN SEQ`` (its
watcher was shown events up to SEQ), ``decide TASK OUTCOME``, ``sent COMMAND`` (in the inbox), ``cancel RUN``, ``resolve RUN
INCIDENT ACTION``, ``end RUN STATUS OUTPUTS``; besides ``open``, ``claimed N``, ``trouble``, ``refused CODE …``, ``dead CODE``
and ``done``.
Whatever handlers do is told to the ledger first.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from worktrail.app.schema_checker import JsonSchemaChecker
from worktrail.contract import PortSpec, SegmentDefinition, StepCatalog, StepCategory, StepTypeMetadata
from worktrail.errors import WorktrailError
from worktrail.events import (
    HumanTaskCreated,
    IncidentOpened,
    SegmentCancelled,
    SegmentCancelRequested,
    SegmentCompleted,
    SegmentFailed,
)
from worktrail.human import TaskDesk
from worktrail.runtime import Driver, Fail, HandlerTable, LiveRun, StepContext, load_run
from worktrail.runtime.driver.committer import WAIT
from worktrail.store import CommandRow, RunFilter, SqliteStore, TaskFilter, TaskRow, open_store

BIG = 12_000  # characters: more than an event holds inline
TYPES = ("work", "flaky", "charge", "ship", "crunch")


def step(step_id: str, step_type: str, policy: dict[str, Any] | None = None, **config: Any) -> dict[str, Any]:
    return {"step_id": step_id, "step_type": step_type, "config": config, "policy": policy or {}}


def edge(source: str, target: str) -> dict[str, Any]:
    (step_id, _, port), (target_id, _, into) = source.partition("."), target.partition(".")
    return {"source_step": step_id, "source_port": port or "output", "target_step": target_id, "target_port": into or "input"}


def segment(segment_id: str, steps: list[dict[str, Any]], *edges: dict[str, Any], **more: Any) -> SegmentDefinition:
    shape = {"worktrail": 1, "segment_id": segment_id, "version": "1.0", "steps": steps, "edges": list(edges)}
    return SegmentDefinition.from_dict(shape | more)


def body(*steps: dict[str, Any], edges: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"steps": list(steps), "edges": list(edges)}


ONCE = {"effect": "once"}
VERIFY = {"effect": "verify", "retry": {"max_attempts": 50, "delay_s": 0.01}}
RETRY = {"retry": {"max_attempts": 9, "delay_s": 0.02}}
WORK_TWICE = body(step("a", "work"), step("b", "work"), edges=(edge("a", "b"),))
CRUNCH_AND_PAY = body(step("one", "crunch"), step("fee", "charge", ONCE), edges=(edge("one", "fee"),))
PART = segment("part", [step("inner", "work"), step("fee", "charge", ONCE)], edge("inner", "fee"))
ASIDE = segment("aside", [step("nobody", "human_task", task_type="approval", title="nobody")])
MIX = segment(
    "mix",
    [
        step("first", "work", size=BIG),
        step("shaky", "flaky", RETRY),
        step("each", "map", items="=[1, 2, 3]", concurrency=2, body=WORK_TWICE),
        step("sub", "subsegment", segment="part"),
        step("nap", "wait", duration="PT0.05S"),
        step("pay", "charge", ONCE),
        step("send", "ship", VERIFY),
        step("ask", "human_task", task_type="approval", title="go on?"),
        step("last", "work"),
    ],
    *(edge("first", "shaky"), edge("shaky", "each"), edge("each.results", "sub"), edge("sub", "nap"), edge("nap", "pay")),
    *(edge("pay", "send"), edge("send", "ask"), edge("ask.approved", "last")),
    resources={"segments": {"part": {"segment_id": "part"}}},
)
FAN = segment(
    "fan",
    [
        step("left", "crunch"),
        step("long", "wait", duration="PT8S"),
        step("short", "wait", duration="PT0.2S"),
        step("ask", "human_task", task_type="approval", title="which way?"),
        step("rounds", "loop", until="index = 3", max=5, body=body(step("turn", "work"))),
        step("both", "parallel_join", join="all_live"),
        step("last", "work"),
    ],
    *(edge(one, "both") for one in ("left", "long", "short", "ask.approved", "ask.rejected", "rounds")),
    edge("both", "last"),
)
CRUNCH = segment(
    "crunch",
    [
        step("each", "map", items="=[1, 2, 3, 4]", concurrency=4, body=CRUNCH_AND_PAY),
        step("last", "ship", VERIFY),
    ],
    edge("each.results", "last"),
)
DROP = segment(
    "drop",
    [step("first", "work"), step("sub", "subsegment", segment="aside"), step("last", "work")],
    *(edge("first", "sub"), edge("sub", "last")),
    resources={"segments": {"aside": {"segment_id": "aside"}}},
)
ROOTS = {"mix": MIX, "fan": FAN, "crunch": CRUNCH, "drop": DROP}
CHILDREN = {"part": PART, "aside": ASIDE}


def say(*words: object) -> None:
    """A whole line by one system call: a kill cannot cut it."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class Handlers:
    """What the steps do: tell the ledger, and answer with their visit's name."""

    def __init__(self, ledger: str) -> None:
        self.ledger = ledger

    async def tell(self, op: str, run: str, visit: str, kind: str = "", key: str = "", attempt: int = 0) -> Any:
        reader, writer = await asyncio.open_unix_connection(self.ledger)
        try:
            writer.write(json.dumps([op, run, visit, kind, key, attempt]).encode() + b"\n")
            return json.loads(await reader.readline())
        finally:
            writer.close()

    async def _both(self, ctx: StepContext) -> None:
        facts = (ctx.run_id, ctx.visit, ctx.step_type, ctx.idempotency_key, ctx.attempt)
        await self.tell("call", *facts)
        await self.tell("effect", *facts)

    async def work(self, ctx: StepContext, config: dict[str, Any], inputs: Any) -> dict[str, Any]:
        await self._both(ctx)
        return {"output": "x" * config["size"] if "size" in config else answer_of(ctx.visit)}

    async def flaky(self, ctx: StepContext, config: dict[str, Any], inputs: Any) -> dict[str, Any] | Fail:
        await self._both(ctx)
        return Fail("BUSY", "not yet", recoverable=True) if ctx.attempt < 3 else {"output": answer_of(ctx.visit)}

    async def charge(self, ctx: StepContext, config: dict[str, Any], inputs: Any) -> dict[str, Any]:
        await self._both(ctx)
        return {"output": answer_of(ctx.visit)}

    def crunch(self, ctx: StepContext, config: dict[str, Any], inputs: Any) -> dict[str, Any]:
        facts = (ctx.run_id, ctx.visit, ctx.step_type, ctx.idempotency_key, ctx.attempt)
        for op in ("call", "effect"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
                link.connect(self.ledger)
                link.sendall(json.dumps([op, *facts]).encode() + b"\n")
                link.recv(100)
        return {"output": answer_of(ctx.visit)}


class Ship:
    """`effect: verify`: a probe asks the ledger."""

    def __init__(self, handlers: Handlers) -> None:
        self.handlers = handlers

    async def __call__(self, ctx: StepContext, config: dict[str, Any], inputs: Any) -> dict[str, Any]:
        return await self.handlers.charge(ctx, config, inputs)

    async def probe(self, ctx: StepContext, config: dict[str, Any], inputs: Any) -> Any:
        done = await self.handlers.tell("asked", ctx.run_id, ctx.visit)
        return {"output": answer_of(ctx.visit)} if done else "not_executed"


def answer_of(visit: str) -> str:
    """What every handler answers: a function of the visit alone, so that results can be compared."""
    return f"done {visit}"


def catalog() -> StepCatalog:
    types = StepCatalog()
    for type_id in TYPES:
        ports = {"input_ports": [PortSpec("input", required=False)], "output_ports": [PortSpec("output")]}
        types.register_type(StepTypeMetadata(type_id, StepCategory.UTILITY, type_id, "of the crash tests", **ports))  # type: ignore[arg-type]
    return types


def table(handlers: Handlers, lack: list[str]) -> HandlerTable:
    rows = HandlerTable()
    for type_id in TYPES:
        if type_id not in lack:
            rows.register(type_id, Ship(handlers) if type_id == "ship" else getattr(handlers, type_id))
    return rows


class Troubles(logging.Handler):
    """What the driver's log tells people when the disk is full, and when it is not any more."""

    def emit(self, record: logging.LogRecord) -> None:
        say("trouble", "full" if record.msg == WAIT else "over")


class Victim:
    """One life."""

    def __init__(self, path: str, ledger: str, options: dict[str, Any]) -> None:
        self.options = options
        self.handlers = Handlers(ledger)
        self.path = path
        self.skip_us = int(options.get("skip_s", 0) * 1e6)
        self.store = open_store(path)
        self.sender = open_store(path)  # another handle, as another process would have one
        checker = JsonSchemaChecker()
        self.driver = Driver(
            self.store,
            catalog=catalog(),
            handlers=table(self.handlers, options.get("lack", [])),
            checker=checker,
            tasks=TaskDesk(checker),
            lease_ttl_s=options.get("ttl_s", 5.0),
            writer=options.get("writer", "thread"),
            clock=self.now_us,
        )
        self.driver.watch(self.watch)
        self.errands: dict[tuple[str, ...], asyncio.Task[None]] = {}
        self.moved = asyncio.Event()
        self.count = 0

    def now_us(self) -> int:
        return time.time_ns() // 1000 + self.skip_us

    # --- what it is shown ---------------------------------------------------------------------------------------------

    def watch(self, live: LiveRun, first_seq: int, events: list[Any]) -> None:
        say("seen", live.run.id, first_seq + len(events) - 1)
        for event in events:
            if isinstance(event, HumanTaskCreated):
                self.go(("task", event.task_id), lambda task_id=event.task_id: self.decide(task_id))
            elif isinstance(event, IncidentOpened):
                self.go(
                    ("incident", live.run.id, event.incident), lambda one=event: self.repair(live.run.id, one.incident, one.visit)
                )
            elif isinstance(event, SegmentCancelRequested):
                say("noted", "cancel", live.run.id)
            elif (
                isinstance(event, SegmentCompleted | SegmentFailed | SegmentCancelled) and live.run.id.partition("-")[0] in ROOTS
            ):
                self.go(("end", live.run.id), lambda: self.tell_end(live.run.id))
        self.moved.set()

    def go(self, name: tuple[str, ...], errand: Callable[[], Any]) -> None:
        """Do something about it, once, beside everything else."""
        if name not in self.errands:
            self.errands[name] = asyncio.get_running_loop().create_task(self.guarded(name, errand))

    async def guarded(self, name: tuple[str, ...], errand: Callable[[], Any]) -> None:
        try:
            await errand()
        except WorktrailError as error:
            if self.driver.dead is None:
                say("refused", error.code, *name)
        self.moved.set()

    def find_errands(self) -> None:
        """What the lives before left for people to do."""
        for task in self.store.list_tasks(TaskFilter(limit=1000)):
            self.go(("task", task.task_id), lambda task_id=task.task_id: self.decide(task_id))
        for row in self.store.list_runs(RunFilter(status=("running", "waiting", "paused"), limit=1000)):
            for incident in load_run(self.store, row.run_id).incidents.values():
                key = ("incident", row.run_id, incident.id)
                self.go(key, lambda run=row.run_id, one=incident: self.repair(run, one.id, one.visit))

    # --- people -------------------------------------------------------------------------------------------------------

    async def decide(self, task_id: str) -> None:
        for _ in range(4):  # a person needs a while
            await self.handlers.tell("asked", "", "")
        row = self.store.get_task(task_id)
        assert row is not None
        if row.title == "nobody":
            await self.cancel(row)
            return
        outcome = "rejected" if row.title == "which way?" and int(task_id[-1], 16) % 2 else "approved"
        if int(task_id[-2], 16) % 4 == 0:
            wish = json.dumps({"outcome": outcome}).encode()
            self.sender.send(CommandRow(f"wish-{task_id}", task_id, "task.decide", wish, "user:eve", self.now_us()))
            say("sent", f"wish-{task_id}")
            return
        answer = await self.driver.command("task.decide", task_id, {"outcome": outcome}, "user:ann")
        if answer["accepted"]:
            say("decide", task_id, outcome)
        else:
            say("refused", answer["error"]["code"], "task", task_id)

    async def cancel(self, task: TaskRow) -> None:
        """Nobody decides this one: its run's parent is cancelled, unless that was done in a life before."""
        child = self.store.get_run(task.run_id or "")
        assert child is not None and child.parent_run_id is not None
        if load_run(self.store, child.parent_run_id).status == "cancelling":
            return
        answer = await self.driver.command("run.cancel", child.parent_run_id, {"reason": "nobody"}, "user:ann")
        if answer["accepted"]:
            say("cancel", child.parent_run_id)

    async def repair(self, run: str, incident: str, visit: str) -> None:
        """A `once` was in flight: a person looks into the books."""
        done = await self.handlers.tell("asked", run, visit)
        wish: dict[str, Any] = {"incident": incident, "action": "retry"}
        if done:
            wish = {"incident": incident, "action": "deliver", "outputs": {"output": answer_of(visit)}}
        answer = await self.driver.command("incident.resolve", run, wish, "user:ann")
        if answer["accepted"]:
            say("resolve", run, incident, wish["action"])
        else:
            say("refused", answer["error"]["code"], "incident", run)

    async def tell_end(self, run: str) -> None:
        result = await self.driver.result(run)
        say("end", run, result.status, json.dumps(result.outputs, separators=(",", ":")))

    # --- its life -----------------------------------------------------------------------------------------------------

    async def live(self) -> None:
        self.driver.on_dead = lambda error: (say("dead", error.code), self.moved.set())
        await self.driver.open()
        assert self.driver.lease is not None
        say("open", self.driver.lease.lease_id)
        say("claimed", self.driver.take_over())  # once more: what it could not serve before it cannot serve now
        self.find_errands()
        if self.options.get("tell_trouble"):
            logging.getLogger("worktrail.driver").addHandler(Troubles())
        rows = self.store.list_runs(RunFilter(limit=100_000))
        self.count = sum(row.parent_run_id is None for row in rows)
        left = self.options.get("once", 0)
        while self.driver.dead is None:
            self.moved.clear()
            load = self.options.get("load", 0)
            if load and not left:
                await self.fill(load)
            elif left:
                await asyncio.gather(*(self.start() for _ in range(left)))
                left = 0
            elif not self.options.get("idle") and self.all_ended():
                break
            await self.moved.wait()
        if self.driver.dead is None:
            await self.driver.close()
            say("done")

    def all_ended(self) -> bool:
        counts = self.store.count_runs()
        busy = any(not errand.done() for errand in self.errands.values())
        return not busy and not any(counts.get(word) for word in ("running", "waiting", "paused"))

    async def fill(self, load: int) -> None:
        """Keep that many roots going; the patient ones (fan) on top of them, up to half as many."""
        rows = self.store.list_runs(RunFilter(status=("running", "waiting", "paused"), limit=1000))
        roots = [row for row in rows if row.parent_run_id is None]
        busy = sum(row.segment_id != "fan" for row in roots)
        kinds = [("mix", "crunch", "mix", "drop")[(self.count + n) % 4] for n in range(load - busy)]
        kinds += ["fan"] * min(1, load // 2 - (len(roots) - busy))
        await asyncio.gather(*(self.start(kind) for kind in kinds))

    async def start(self, kind: str | None = None) -> None:
        kinds = self.options.get("kinds") or list(ROOTS)
        kind = kind or kinds[self.count % len(kinds)]
        self.count += 1
        run_id = f"{kind}-{self.count}"
        try:
            await self.driver.start(ROOTS[kind], {"n": 1}, run_id=run_id, children=CHILDREN)
        except WorktrailError as error:
            say("refused", error.code, "start", run_id)
        else:
            say("start", run_id)


def main(path: str, ledger: str, options: dict[str, Any]) -> int:
    victim = Victim(path, ledger, options)
    assert isinstance(victim.store, SqliteStore)
    asyncio.run(victim.live())
    return 0 if victim.driver.dead is None else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))
