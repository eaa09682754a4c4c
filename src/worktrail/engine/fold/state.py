"""The state of a run: what its trail says, in the shape that decisions read.

Rule: only ``apply`` changes it, live and on replay alike. A run has scopes (its own graph, an item of a map, a round of
a loop); a scope has visits, at most one a step; a scope of a container is dropped when it has ended, only its result
stays. ``open`` holds every visit that has not ended, so that ``outstanding`` never scans a scope. ``touched`` names the
visits that changed since a driver last looked; ``dirty``, ``ending`` and ``pump`` are empty at the end of every decision.
"""

from __future__ import annotations

from typing import Any

import msgspec

from worktrail.engine.plan import GraphPlan, Plan, StepPlan
from worktrail.events import ErrorInfo, Ref, SegmentStarted

__all__ = ["ACTIVE", "ENDED", "Box", "Incident", "Run", "Scope", "Status", "Visit"]


class Status:
    """The words of a visit's life (docs/engine.md draws them)."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    PROBING = "probing"
    RETRYING = "retrying"
    WAITING = "waiting"
    BINDING = "binding"
    INSIDE = "inside"
    INCIDENT = "incident"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


ENDED = frozenset((Status.COMPLETED, Status.FAILED, Status.SKIPPED, Status.CANCELLED))
# What counts as active time of a run (`timeout_seconds`): machine work, not waiting for people, timers or messages.
ACTIVE = frozenset((Status.SCHEDULED, Status.RUNNING, Status.PROBING, Status.RETRYING, Status.BINDING))


class Visit:
    """One activation of a step. ``attempt`` is the last one started; ``failures`` and ``lost`` count towards retry and wear."""

    __slots__ = (
        "answered", "attempt", "attempt_us", "box", "child", "counted", "due_us", "error", "failures", "given_up", "id", "lost",
        "outputs", "overdue", "phase", "scheduled_us", "scope", "status", "step", "task_id", "unmet",
    )  # fmt: skip

    def __init__(self, visit_id: str, step: StepPlan, scope: Scope, status: str, at_us: int) -> None:
        self.id = visit_id
        self.step = step
        self.scope = scope
        self.status = status
        self.scheduled_us = at_us
        self.attempt = 0
        self.attempt_us = 0
        self.failures = 0
        self.lost = 0
        self.due_us = 0
        self.outputs: dict[str, Ref] | None = None
        self.error: ErrorInfo | None = None
        self.counted: list[int] | None = None
        self.unmet = False
        self.task_id: str | None = None
        self.child: str | None = None
        self.box: Box | None = None
        self.phase = ""
        self.answered: tuple[str, dict[str, Ref] | None, ErrorInfo | None, str] | None = None
        self.overdue = False  # its `deadline_s` has passed: no further attempt
        self.given_up = False  # a person chose `fail`: nobody is asked again (R11)


class Box:
    """What a container keeps of its items or rounds. ``failing`` is set once it must fail and its inside is being cancelled."""

    __slots__ = ("bound", "count", "errors", "failing", "inputs", "items", "next", "result", "results", "running")

    def __init__(self) -> None:
        self.items: Ref | None = None
        self.count = 0
        self.bound = 1
        self.next = 1
        self.running = 0
        self.results: list[Ref | None] = []
        self.errors: dict[int, ErrorInfo] = {}
        self.inputs: dict[int, Ref] = {}  # loop: number of the round → its input
        self.result: Ref | None = None  # loop: of the last round
        self.failing: ErrorInfo | None = None


class Scope:
    """A graph in execution. ``left`` counts inbound edges that have not ended, ``live`` those delivered, a step each."""

    __slots__ = (
        "agenda", "closed", "cut", "decided", "ends", "error", "failed_visit", "failures", "graph", "held", "key", "left",
        "live", "number", "open", "owner", "visits",
    )  # fmt: skip

    def __init__(self, graph: GraphPlan, key: str, owner: Visit | None, number: int) -> None:
        size = len(graph.steps)
        self.graph = graph
        self.key = key
        self.owner = owner
        self.number = number
        self.visits: list[Visit | None] = [None] * size
        self.left = list(graph.in_counts)
        self.live = [0] * size
        self.decided = bytearray(size)
        self.ends: list[str] = [""] * len(graph.edges)
        self.agenda: list[int] = []
        self.open = 0
        self.held = 0  # condition incidents that keep it open
        self.closed = False  # undecided steps stay undecided
        self.cut: frozenset[int] = frozenset()  # steps in a region of a join that fired with `rest: cancel`
        self.error: ErrorInfo | None = None
        self.failed_visit: str | None = None
        self.failures = 0

    def visit_id(self, step: StepPlan) -> str:
        return f"{self.key}/{step.id}" if self.key else step.id


class Incident:
    """Something stopped that a person must resolve. ``edges`` for conditions: the numbers still open."""

    __slots__ = ("edges", "error", "id", "kind", "opened_us", "visit")

    def __init__(self, incident_id: str, visit: str, kind: str, error: ErrorInfo, edges: list[int], at_us: int) -> None:
        self.id = incident_id
        self.visit = visit
        self.kind = kind
        self.error = error
        self.edges = edges
        self.opened_us = at_us


class Run:
    """A run. ``status``: new, running, cancelling, completed, failed, cancelled; ``paused`` beside it."""

    __slots__ = (
        "active", "active_since_us", "active_us", "cancel_error", "dirty", "ended", "ending", "error", "error_visit", "id",
        "incidents", "now_us", "open", "orders", "outputs", "paused", "plan", "pump", "root", "scopes", "seq", "started",
        "started_us", "status", "touched",
    )  # fmt: skip

    def __init__(self, run_id: str, plan: Plan) -> None:
        self.id = run_id
        self.plan = plan
        self.status = "new"
        self.ended = False  # completed, failed or cancelled
        self.paused = False
        self.seq = 0
        self.now_us = 0
        self.started_us = 0
        self.started: SegmentStarted | None = None
        self.root = Scope(plan.root, "", None, 0)
        self.scopes: dict[str, Scope] = {"": self.root}
        self.open: dict[str, Visit] = {}
        self.orders: dict[str, str] = {}  # visit → phase; "" is the run's result
        self.incidents: dict[str, Incident] = {}
        self.outputs: Ref | None = None
        self.error: ErrorInfo | None = None
        self.error_visit: str | None = None
        self.cancel_error: ErrorInfo | None = None
        self.active = 0
        self.active_us = 0
        self.active_since_us = 0
        self.touched: dict[str, Visit] = {}
        self.dirty: list[Scope] = []
        self.ending: list[Scope] = []
        self.pump: list[Visit] = []

    @property
    def input(self) -> Ref:
        assert self.started is not None
        return self.started.input

    def let_go(self) -> None:
        """Nobody will ask this run anything any more. Visits and scopes point at each other: without this its memory waits for
        the garbage collector, whose long collections stop everybody."""
        for scope in self.scopes.values():
            scope.visits.clear()

    def describe(self) -> dict[str, Any]:
        """The state as plain data, for comparing two folds (tests, snapshots' hashes)."""
        return {
            "status": self.status,
            "paused": self.paused,
            "seq": self.seq,
            "active": (self.active, self.active_us, self.active_since_us),
            "orders": list(self.orders.items()),
            "incidents": {key: (one.visit, one.kind, one.edges) for key, one in self.incidents.items()},
            "scopes": {key: _scope_facts(scope) for key, scope in sorted(self.scopes.items())},
            "open": sorted(self.open),
            "outputs": _shown(self.outputs),
            "error": self.error and self.error.error_code,
        }


def _scope_facts(scope: Scope) -> dict[str, Any]:
    return {
        "left": scope.left,
        "live": scope.live,
        "decided": bytes(scope.decided),
        "ends": scope.ends,
        "open": (scope.open, scope.held),
        "closed": scope.closed,
        "cut": sorted(scope.cut),
        "failed": (scope.error and scope.error.error_code, scope.failed_visit, scope.failures),
        "visits": [visit and _visit_facts(visit) for visit in scope.visits],
    }


def _visit_facts(visit: Visit) -> tuple[Any, ...]:
    box = visit.box
    inside = box and (
        box.count,
        box.bound,
        box.next,
        box.running,
        _shown(box.results),
        sorted(box.errors),
        _shown(box.result),
        box.failing,
    )
    return (
        visit.id,
        visit.status,
        visit.attempt,
        visit.failures,
        visit.lost,
        visit.due_us,
        visit.phase,
        _shown(visit.outputs),
        inside,
    )


def _shown(value: Any) -> str:
    """References by their JSON, so that equal values compare equal."""
    return msgspec.json.encode(value).decode()
