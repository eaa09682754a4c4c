"""Reminders: what to do when a clock comes due. Rule: ask the state what it means now; what it no longer means does nothing."""

from __future__ import annotations

from worktrail.engine import TimeOut, TimeOutRun, TimerDue
from worktrail.errors import CallerError, ProviderError
from worktrail.runtime.driver.core import Core
from worktrail.runtime.driver.live import active_left_us, visit_deadline_us
from worktrail.runtime.driver.processes.wishes import end_task
from worktrail.runtime.driver.timing.clocks import Due

__all__ = ["Reminders"]

AGAIN_US = 1_000_000
MIN_US = 10_000  # a run that uses no active time is not asked more often


class Reminders:
    """One method a kind of reminder (`clocks.Due.kind`)."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def come_due(self, due: Due) -> None:
        """A reminder came due: ask the state what it means now."""
        core = self._core
        if core.committer.dead is not None or core.closing:
            return
        with core.own_errors:
            self._ask(due)

    def _ask(self, due: Due) -> None:
        try:
            getattr(self, f"_due_{due.kind}")(due)
        except CallerError as error:
            if error.code not in {"ANSWER_STALE", "NOT_FOUND", "RUN_ELSEWHERE", "RUN_ENDED", "RUN_PAUSED", "TASK_NOT_OPEN"}:
                raise
        except ProviderError:  # the disk did not answer: a reminder is not forgotten for that
            self._core.clocks.add(self._core.now_us() + AGAIN_US, due.kind, due.key, due.visit)

    def _due_timer(self, due: Due) -> None:
        core = self._core
        live = core.get(due.key)
        visit = live.run.open.get(due.visit)
        if visit is None or visit.due_us > core.now_us() or live.run.paused:
            core.turns.park_if_idle(live)
        elif visit.status == "retrying" and visit.step.kind == "handler":
            core.ready.append((due.key, due.visit))
            core.turns.start_waiting()
        else:
            core.turns.tell(live, TimerDue(due.visit))

    def _due_wake(self, due: Due) -> None:
        """A parked run's next timer: fold it and look."""
        live = self._core.get(due.key)
        for visit in list(live.run.open.values()):
            self._core.turns.look(live, visit)
        self._core.turns.start_waiting()
        self._core.turns.park_if_idle(live)

    def _due_deadline(self, due: Due) -> None:
        live = self._core.get(due.key)
        visit = live.run.open.get(due.visit)
        due_us = visit_deadline_us(visit) if visit is not None else None
        if visit is not None and due_us is not None and due_us <= self._core.now_us():
            self._core.turns.tell(live, TimeOut(due.visit, visit.attempt, "visit"))
        self._core.turns.park_if_idle(live)

    def _due_run(self, due: Due) -> None:
        core = self._core
        if due.visit == "timeout_seconds" and due.key not in core.live:
            return  # a parked run uses no active time; its clocks are set again when it is folded
        live = core.get(due.key)
        if due.visit == "timeout_seconds" and not live.run.ended:
            left_us = active_left_us(live.run, core.now_us())
            if left_us > 0:
                core.turns.park_if_idle(live)
                if core.live.get(due.key) is live:
                    core.clocks.add(core.now_us() + max(left_us, MIN_US), "run", due.key, due.visit)
                return
        core.turns.tell(live, TimeOutRun(due.visit))
        core.turns.park_if_idle(live)

    def _due_task(self, due: Due) -> None:
        core = self._core
        task = core.load_task(due.key)
        if core.tasks is None or task is None or task[0].status != "open":
            return
        if task[0].run_id is not None and not core.serves(task[0].run_id):
            return  # its run must learn it in the same commit
        end_task(core, core.tasks.expire_task(*task, core.now_us()), None)
