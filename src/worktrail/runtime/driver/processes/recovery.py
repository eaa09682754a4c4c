"""Recovery: runs that nobody owns are taken over, folded, and gone on with.

Rule: after a crash the trail is all there is. Work that was in flight is interrupted (the table of effects decides what
that means); what was scheduled starts; timers are set from the trail; children that ended meanwhile tell their
parents (a task's end and its run's news are one commit). A parked run stays on disk: only its next timer is remembered.
"""

from __future__ import annotations

from worktrail.contract import read_lock
from worktrail.engine import ChildEnded, Interrupt, Status, Visit, next_order, work_of
from worktrail.runtime.driver.core import Core, load_run, run_values
from worktrail.runtime.driver.live import LiveRun
from worktrail.store import Lease, RunRow, border

__all__ = ["claim_runs", "recover"]

CLAIM_AT_ONCE = 10_000


def claim_runs(core: Core, lease: Lease) -> list[RunRow]:
    """Take what this process can serve (handlers, semantics), and nothing else."""
    store = core.store
    servable = []
    for digest in store.unclaimed_locks(now_us=core.now_us()):
        lock = read_lock(store.get_definition(digest))
        if not core.plans.missing(lock):
            servable.append(digest)
    if not servable:
        return []
    return store.claim(lease, now_us=core.now_us(), locks=servable, limit=CLAIM_AT_ONCE)


def recover(core: Core, rows: list[RunRow]) -> None:
    """Go on with runs just claimed. Parked ones cost a row."""
    if rows:
        border("driver.recovered")
    for row in rows:
        if row.status in {"waiting", "paused"} and not _has_news(row):
            if row.due_us is not None:
                core.clocks.add(row.due_us, "wake", row.run_id)
            continue
        live = core.live.get(row.run_id) or core.adopt(row)
        _go_on(core, live)
    _set_task_clocks(core, rows)


def _has_news(row: RunRow) -> bool:
    """Whether a parked run must be folded now: it may wait for a child run, or have been paused with attempts in flight."""
    return row.status == "paused" or '"child run"' in (row.waiting or "")


def _go_on(core: Core, live: LiveRun) -> None:
    run = live.run
    if next_order(run) is not None or any(visit.status == Status.BINDING for visit in run.open.values()):
        core.turns.go_on(live)  # requested where no driver was: its first turn is not done yet
        return
    for visit in list(run.open.values()):
        if visit.id not in run.open:
            continue
        if visit.status in {Status.RUNNING, Status.PROBING} and visit.step.kind == "handler" and visit.id not in live.attempts:
            if visit.status == Status.RUNNING:
                core.turns.take(live, Interrupt(visit.id, visit.attempt))
            else:
                core.attempts.probe(live, visit.id)
        elif visit.status == Status.WAITING and visit.step.kind == "child":
            _ask_child(core, live, visit)
        else:
            core.turns.look(live, visit)
    core.turns.park_if_idle(live)


def _ask_child(core: Core, live: LiveRun, visit: Visit) -> None:
    """A child that ended while nobody could tell its parent, or that was still to be cancelled."""
    row = core.store.get_run(visit.child or "")
    if row is None:
        return
    if row.ended_us is None:
        work = work_of(live.run, visit)
        if work is not None and work.kind == "cancel_child":
            core.children.cancel(visit)
        return
    child = load_run(core.store, row.run_id, plans=core.plans)
    outputs = None
    if child.outputs is not None:
        outputs = live.values.write_bytes(run_values(core.store, child).read_bytes(child.outputs))
    core.turns.tell(live, ChildEnded(visit.id, child.id, child.status, outputs, child.error))


def _set_task_clocks(core: Core, rows: list[RunRow]) -> None:
    if not rows:
        return
    owned = {None, *(row.run_id for row in rows)}
    for task_id, due_us, run_id in core.store.due_tasks():
        if run_id in owned:
            core.clocks.add(due_us, "task", task_id)
