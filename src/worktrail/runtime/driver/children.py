"""Child runs: a sub-segment as a visit of its parent.

Rule: a child begins in the commit of its parent's `step.started` and its end is told in the commit of its own last event, so
neither can know more than the other. Its id is a hash of parent run, visit and attempt. What crosses is written out whole.
"""

from __future__ import annotations

from typing import Any

import msgspec

from worktrail.engine import Cancel as CancelRun
from worktrail.engine import ChildEnded, Plan, Run, Values, Visit, bind_parameters, decide, resolve, verdicts_at
from worktrail.errors import CallerError
from worktrail.events import ErrorInfo, Event, Ref, SegmentStarted, StepStarted
from worktrail.runtime.driver.core import Core
from worktrail.runtime.driver.live import LiveRun, Placed, new_run_row

__all__ = ["MAX_DEPTH", "Children"]

MAX_DEPTH = 32  # nesting of child runs


class Children:
    """Starts, cancels and hears child runs."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def start(self, live: LiveRun, event: StepStarted, events: list[Event]) -> None:
        core = self._core
        run = live.run
        visit = run.open[event.visit]
        assert event.child is not None and run.started is not None and event.input is not None
        depth = (run.started.depth or 0) + 1
        digest = run.plan.lock.children[visit.step.lock.child or ""]
        plan = core.plans.plan(digest)
        ref = self._own(live, resolve(run, event.input))
        problem = self._refuse_child(live, ref, plan.lock.input_schema, depth)
        parameters, missing = self._parameters(plan)
        problem = problem or missing
        if problem is not None:
            ended = ChildEnded(visit.id, event.child, "failed", error=problem)
            events += decide(run, ended, run.now_us)
            return
        started = SegmentStarted(
            plan.lock.segment_id,
            plan.lock.segment_hash,
            digest,
            ref,
            f"{run.started.seed}/{visit.id}",
            parameters=parameters,
            root_run_id=run.started.root_run_id or run.id,
            parent_run_id=run.id,
            parent_visit=visit.id,
            depth=depth,
        )
        place = Placed(plan.lock.segment_id, live.place.workspace_id, live.place.instance_id)
        row = new_run_row(event.child, started, place, run.now_us)
        if run.id in core.extras:
            core.extras[event.child] = core.extras[run.id]
        child = core.make_live(Run(event.child, plan), place)
        core.turns.begin(child, started, row)

    def _parameters(self, plan: Plan) -> tuple[dict[str, Ref] | None, ErrorInfo | None]:
        """A sub-segment's parameters have their defaults; nobody gives it others. One without a default refuses the child."""
        core = self._core
        try:
            return bind_parameters(plan, {}, Values(plan.lock, core.load_blob, core.keep_blob), core.check), None
        except CallerError as error:
            return None, ErrorInfo(error.code, f"the child cannot begin: {error.message}", hint=error.hint)

    def _own(self, live: LiveRun, ref: Ref) -> Ref:
        """A reference that stands alone in another run's trail."""
        return live.values.write_bytes(live.values.read_bytes(ref))

    def _refuse_child(self, live: LiveRun, ref: Ref, schema: dict[str, Any] | None, depth: int) -> ErrorInfo | None:
        if depth > MAX_DEPTH:
            return ErrorInfo("CHILD_TOO_DEEP", f"child runs are nested deeper than {MAX_DEPTH}")
        if schema is None:
            return None
        problems = self._core.check(schema, live.values.read(ref))
        return ErrorInfo("INPUT_INVALID", f"the child's input does not fit its input_schema: {problems[0]}") if problems else None

    def cancel(self, visit: Visit) -> None:
        core = self._core
        assert visit.child is not None

        child, reason = visit.child, "its parent is being cancelled"

        def ask() -> None:  # in a turn of its own: the child answers its parent
            if core.serves(child):
                core.turns.tell(core.get(child), CancelRun(reason))
            else:
                core.send(f"cancel-{child}", "run.cancel", child, {"reason": reason})

        core.committer.plan(ask)

    def tell_parent(self, live: LiveRun) -> None:
        """A child ended: its parent learns it in the same commit, or by the inbox where another process runs it."""
        core = self._core
        run = live.run
        started = run.started
        if started is None or started.parent_run_id is None or started.parent_visit is None:
            return
        outputs = self._own(live, run.outputs) if run.outputs is not None else None
        ended = ChildEnded(started.parent_visit, run.id, run.status, outputs, run.error)
        if not core.serves(started.parent_run_id):
            core.send(f"ended-{run.id}", "child.ended", started.parent_run_id, ended)
            return
        parent = core.get(started.parent_run_id)
        visit = parent.run.open.get(started.parent_visit)
        if visit is not None and outputs is not None:
            verdicts = verdicts_at(parent.run, visit, {visit.step.lock.outs[0]: outputs}, parent.values)
            ended = msgspec.structs.replace(ended, verdicts=verdicts)
        core.turns.tell(parent, ended)
