"""Turns: a command becomes events, bind orders are answered, work begins; one append, committed with all it entails.

Rule: within one turn the state runs ahead of the disk; nothing leaves it before its commit has returned (``committer``). A
run that only waits is parked: dropped from memory, its row says what for. Parents and children, tasks and their runs
change in the same commit because they change in the same turn of the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from worktrail.engine import (
    Bound,
    Command,
    RequestRun,
    Start,
    Status,
    TaskEnded,
    Visit,
    bind,
    decide,
    next_order,
    resolve,
    verdicts_at,
    work_of,
)
from worktrail.errors import CallerError, OurError
from worktrail.events import (
    Event,
    HumanTaskCreated,
    IncidentResolved,
    Origin,
    SegmentStarted,
    StepCompleted,
    StepRetrying,
    StepScheduled,
    StepStarted,
    encode_body,
)
from worktrail.runtime.driver.core import Core
from worktrail.runtime.driver.live import (
    TIMED,
    LiveRun,
    active_left_us,
    next_due_us,
    run_limits_s,
    status_word,
    visit_deadline_us,
)
from worktrail.runtime.driver.ports import TaskChange
from worktrail.runtime.driver.waiting import what_it_waits_for
from worktrail.store import NewRun, RunUpdate, StreamAppend, border

__all__ = ["MAX_DEPTH", "Turns"]

MAX_DEPTH = 32  # nesting of child runs


class Turns:
    """Carries commands out. All methods run on the loop and never wait."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._entailed: dict[type, Callable[[LiveRun, Any, int, list[Event]], None]] = {
            StepScheduled: self._entail_deadline,
            IncidentResolved: self._entail_deadline,
            StepStarted: self._entail_child,
            StepCompleted: self._entail_count,
            StepRetrying: self._entail_retry,
            HumanTaskCreated: self._entail_task,
        }

    def begin(self, live: LiveRun, started: SegmentStarted, row: NewRun, origin: Origin | None = None) -> None:
        """The first turn of a run: its row and its first append belong to one commit."""
        self._core.committer.batch.new_runs.append(row)
        self._core.stats.runs_started += 1
        live.written = "running"
        self.take(live, RequestRun(started), origin)
        self.limits(live)

    def take(self, live: LiveRun, command: Command | None, origin: Origin | None = None) -> None:
        """One command of one run. CallerError where it cannot be obeyed: then nothing has changed.

        A command for a run that is in its own turn (a child ended at once) waits for the end of that turn."""
        if live.in_turn and command is not None:
            live.queued.append(command)
            return
        live.in_turn = True
        try:
            self._take(live, command, origin)
        finally:
            live.in_turn = False
        while live.queued:
            self.tell(live, live.queued.pop(0))

    def go_on(self, live: LiveRun) -> None:
        """A turn without news: what the last decision of another process left to be worked out and begun."""
        live.run.touched.update(live.run.open)
        self.take(live, None)

    def _take(self, live: LiveRun, command: Command | None, origin: Origin | None) -> None:
        core = self._core
        run = live.run
        at_us = max(core.now_us(), run.now_us)
        first_seq = run.seq + 1
        try:
            events = [] if command is None else decide(run, command, at_us)
        except CallerError:
            self.park_if_idle(live)  # it may have been folded for this alone
            raise
        after: list[Callable[[], None]] = []
        self._follow(live, events, after, at_us)
        if not events:
            self.park_if_idle(live)
            return
        self._write(live, events, first_seq, at_us, origin)
        live.uncommitted += 1
        core.committer.plan(partial(self._committed, live, first_seq, at_us, events, after))
        if run.ended:
            core.children.tell_parent(live)

    # --- what follows within the turn -------------------------------------------------------------------------------

    def _follow(self, live: LiveRun, events: list[Event], after: list[Callable[[], None]], at_us: int) -> None:
        run = live.run
        seen = 0
        while True:
            if run.plan.asks_people:
                self._cancel_tasks(live, events, at_us)
            while run.orders and (order := next_order(run)) is not None:
                events += decide(run, self._bind(live, *order), at_us)
            while seen < len(events):
                event = events[seen]
                if (entail := self._entailed.get(type(event))) is not None:
                    entail(live, event, at_us, events)
                seen += 1
            if run.orders and next_order(run) is not None:
                continue
            changed, run.touched = run.touched, {}
            for visit in changed.values():
                if visit.id in run.open or visit.id in live.attempts:
                    self._see(live, visit, events, after, at_us)
            if seen == len(events) and not run.touched and not (run.orders and next_order(run) is not None):
                return

    def _bind(self, live: LiveRun, visit_id: str, phase: str) -> Bound:
        return bind(live.run, visit_id, phase, live.values, self._core.check)

    # What an event brings about beside the run's own stream, in the same commit.

    def _entail_deadline(self, live: LiveRun, event: StepScheduled | IncidentResolved, at_us: int, events: list[Event]) -> None:
        if (visit := live.run.open.get(event.visit)) is not None:
            self._set_deadline(live, visit)

    def _entail_count(self, live: LiveRun, event: StepCompleted, at_us: int, events: list[Event]) -> None:
        self._core.stats.steps_completed += 1

    def _entail_retry(self, live: LiveRun, event: StepRetrying, at_us: int, events: list[Event]) -> None:
        self._core.stats.retries += 1

    def _entail_child(self, live: LiveRun, event: StepStarted, at_us: int, events: list[Event]) -> None:
        if event.child is not None:
            self._core.children.start(live, event, events)

    def _see(self, live: LiveRun, visit: Visit, events: list[Event], after: list[Callable[[], None]], at_us: int) -> None:
        """A visit changed: begin, remind, or stop what the process holds of it."""
        core = self._core
        run = live.run
        work = work_of(run, visit) if visit.id in run.open else None
        if visit.id in live.attempts and visit.status != Status.RUNNING and visit.status != Status.PROBING:
            core.attempts.stop(live, visit.id)
        if work is None:
            return
        if work.kind == "attempt":
            self._ask_for_slot(live, visit, events, after, at_us)
        elif work.kind == "probe":
            after.append(lambda: core.attempts.probe(live, visit.id))
        elif work.kind == "timer":
            core.clocks.add(visit.due_us, "timer", run.id, visit.id)
        elif work.kind == "bind":
            events += decide(run, self._bind(live, visit.id, work.phase), at_us)
        elif work.kind == "cancel_child":
            core.children.cancel(visit)

    def _set_deadline(self, live: LiveRun, visit: Visit) -> None:
        if visit.step.policy.deadline_s is not None and (due_us := visit_deadline_us(visit)) is not None:
            self._core.clocks.add(due_us, "deadline", live.run.id, visit.id)

    def _ask_for_slot(
        self, live: LiveRun, visit: Visit, events: list[Event], after: list[Callable[[], None]], at_us: int
    ) -> None:
        core = self._core
        if core.free <= 0 or core.closing or (live.attempts and not self._may_begin(live)):
            core.ready.append((live.run.id, visit.id))
            return
        core.free -= 1
        events += decide(live.run, Start(visit.id), at_us)
        live.run.touched.pop(visit.id, None)
        attempt = core.attempts.reserve(live, visit)
        after.append(partial(core.attempts.dispatch, live, attempt))

    def _may_begin(self, live: LiveRun) -> bool:
        """`policy.parallel: false`: one attempt at a time in this run."""
        return not live.attempts or live.run.plan.root.policy.parallel

    def _may_start(self, visit: Visit) -> bool:
        """Whether an attempt of the visit may begin now. An entry that waited for a slot may be older than the visit's state:
        meanwhile it was begun by another entry, failed, and is in its back-off."""
        if visit.status == Status.RETRYING:
            return visit.step.kind == "handler" and visit.due_us <= self._core.now_us()
        return visit.status == Status.SCHEDULED

    def tell(self, live: LiveRun, command: Command, origin: Origin | None = None) -> None:
        """Like ``take``, for news: what comes too late is nobody's mistake."""
        try:
            self.take(live, command, origin)
        except CallerError as error:
            if error.code not in {"ANSWER_STALE", "RUN_ENDED"}:
                raise

    def with_verdicts(self, live: LiveRun, ended: TaskEnded) -> TaskEnded:
        """The task's answer with the conditions of its port evaluated (RULES §3: an answer may bring them along)."""
        visit = live.run.open.get(ended.visit)
        if visit is None or ended.value is None:
            return ended
        verdicts = verdicts_at(live.run, visit, {ended.outcome: ended.value}, live.values)
        return msgspec.structs.replace(ended, verdicts=verdicts)

    def look(self, live: LiveRun, visit: Visit) -> None:
        """Recovery: do for an open visit what its state asks for."""
        run = live.run
        if visit.status == Status.SCHEDULED:
            self._core.ready.append((run.id, visit.id))
        elif visit.due_us and visit.status in TIMED:
            self._core.clocks.add(visit.due_us, "timer", run.id, visit.id)

    def remind(self, live: LiveRun) -> None:
        """Set every clock of a run that was folded."""
        if live.run.ended:
            return
        for visit in live.run.open.values():
            self._set_deadline(live, visit)
            if visit.due_us and visit.status in TIMED:
                self._core.clocks.add(visit.due_us, "timer", live.run.id, visit.id)
        self.limits(live)

    def limits(self, live: LiveRun) -> None:
        """Set the clocks of the run's own time limits. Active time is counted from what is left of it: a run that was folded
        after it had waited long is not out of it."""
        for name, limit_s in run_limits_s(live.run).items():
            due_us = live.run.started_us + int(limit_s * 1e6)
            if name == "timeout_seconds":
                due_us = self._core.now_us() + active_left_us(live.run, self._core.now_us())
            self._core.clocks.add(due_us, "run", live.run.id, name)

    def start_waiting(self) -> None:
        """Slots are free: begin what waits for one, oldest first."""
        core = self._core
        held: list[tuple[str, str]] = []  # of runs that take one attempt at a time
        while core.free > 0 and core.ready and not core.closing:
            run_id, visit_id = core.ready.popleft()
            live = core.live.get(run_id)
            visit = live.run.open.get(visit_id) if live is not None else None
            if live is None or visit is None or live.run.paused or not self._may_start(visit):
                continue
            if not self._may_begin(live):
                held.append((run_id, visit_id))
                continue
            core.free -= 1
            self.take(live, Start(visit_id))
            attempt = core.attempts.reserve(live, visit)
            core.committer.plan(partial(core.attempts.dispatch, live, attempt))
        core.ready.extendleft(reversed(held))

    # --- people and children ----------------------------------------------------------------------------------------

    def _entail_task(self, live: LiveRun, event: HumanTaskCreated, at_us: int, events: list[Event]) -> None:
        tasks = self._core.tasks
        assert tasks is not None
        visit = live.run.open[event.visit]
        form = live.task_form(resolve(live.run, event.form))
        self.write_task(tasks.open_task(event.task_id, live.task_place(visit), form, at_us))

    def write_task(self, change: TaskChange) -> None:
        """A task's append and row join the batch; its clock is set."""
        core = self._core
        core.keep_task(change)
        if change.row.status == "open" and change.row.due_us is not None:
            core.clocks.add(change.row.due_us, "task", change.row.task_id)

    def _cancel_tasks(self, live: LiveRun, events: list[Event], at_us: int) -> None:
        """Tasks of visits that are being cancelled are asked, and answer on the spot (R10)."""
        core = self._core
        run = live.run
        asked = [one for one in run.touched.values() if one.task_id is not None and one.id in run.open]
        for visit in asked:
            work = work_of(run, visit)
            if work is None or work.kind != "cancel_task" or visit.task_id is None:
                continue
            task = core.load_task(visit.task_id)
            if core.tasks is None or task is None or task[0].status != "open":
                continue  # its own answer is on its way
            self.write_task(core.tasks.cancel_task(*task, Origin("worktrail"), at_us))
            events += decide(run, TaskEnded(visit.id, visit.task_id, "cancelled"), at_us)

    # --- the commit -------------------------------------------------------------------------------------------------

    def _write(self, live: LiveRun, events: list[Event], first_seq: int, at_us: int, origin: Origin | None) -> None:
        run = live.run
        if run.seq - first_seq + 1 != len(events):
            raise OurError("JOURNAL_CORRUPT", f"run {run.id}: {len(events)} events for seq {first_seq}..{run.seq}")
        batch = self._core.committer.batch
        batch.appends.append(StreamAppend(live.stream, first_seq, len(events), encode_body(at_us, origin, events)))
        word = status_word(run)
        reasons = what_it_waits_for(live, word, events)
        if word != live.written or word == "waiting" or reasons != live.reasons:
            ended_us = at_us if run.ended else None
            code = run.error.error_code if run.error is not None else None
            due_us = None if run.ended else next_due_us(run)
            batch.run_updates.append(RunUpdate(run.id, word, at_us, ended_us, code, reasons, due_us, run.error_visit))
            live.written, live.reasons = word, reasons

    def _committed(self, live: LiveRun, first_seq: int, at_us: int, events: list[Event], after: list[Callable[[], None]]) -> None:
        """Durable: now it may be seen."""
        core = self._core
        live.uncommitted -= 1
        if live.refused:
            return
        for watch in core.watchers:
            watch(live, first_seq, events)
        for call in after:
            call()
        run = live.run
        if run.ended:
            # The state may be ahead of the disk: the end is told when nothing of the run is left to commit.
            if not live.uncommitted and core.live.pop(run.id, None) is not None:
                border("driver.acknowledge")
                core.stats.runs_ended += 1
                for tell in core.on_end:
                    tell(live)
                core.extras.pop(run.id, None)
                run.let_go()
        elif run.active == 0 or run.paused:
            self.park_if_idle(live)

    def park_if_idle(self, live: LiveRun) -> None:
        """A run that only waits, or has ended, is dropped from memory; its row says what for."""
        core = self._core
        run = live.run
        idle = (run.active == 0 or run.paused or run.ended) and not live.attempts and not live.uncommitted
        if idle and core.live.get(run.id) is live:
            del core.live[run.id]
            for parked in core.on_park:
                parked(run.id, live.written)
