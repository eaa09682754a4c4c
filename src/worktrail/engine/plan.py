"""The plan: a lock compiled into the index structures that decisions read.

Rule: built once a lock, shared by all its runs, never changed. Numbers of steps and edges are those of the lock.
"""

from __future__ import annotations

from typing import Any

from worktrail.contract import EdgeLock, GraphLock, Lock, StepLock

__all__ = ["ERROR_PORT", "GraphPlan", "Plan", "StepPlan", "compile_plan"]

ERROR_PORT = "error"
_EARLY = frozenset(("any", "n_of_m"))
# Kinds whose start reads values first: they begin with a bind order.
_BOUND_AT_START = frozenset(("inline", "join", "map", "child", "timer", "human"))


class StepPlan:
    """A step with its edges at hand. ``guarded`` maps port → numbers of its conditional edges."""

    __slots__ = (
        "body",
        "bound_at_start",
        "edges_out",
        "enough",
        "error_edges",
        "guarded",
        "id",
        "in_edges",
        "index",
        "is_container",
        "is_dynamic",
        "is_join",
        "join_early",
        "kind",
        "lock",
        "merge_keys",
        "out_edges",
        "outcomes",
        "plain",
        "pointer",
        "policy",
        "ports_with_edges",
        "required",
        "single",
        "wants_secrets",
    )  # fmt: skip

    def __init__(self, index: int, lock: StepLock, graph: GraphLock, pointer: str) -> None:
        edges = graph.edges
        self.index = index
        self.id = lock.id
        self.lock = lock
        self.kind = lock.kind
        self.policy = lock.policy
        self.pointer = pointer
        self.out_edges = tuple(n for n, edge in enumerate(edges) if edge.source == index)
        self.edges_out = tuple((n, edges[n]) for n in self.out_edges)
        self.in_edges = tuple(n for n, edge in enumerate(edges) if edge.target == index)
        self.error_edges = tuple(n for n in self.out_edges if edges[n].port == ERROR_PORT)
        self.outcomes = frozenset(lock.outcomes)
        self.ports_with_edges = frozenset(edges[n].port for n in self.out_edges)
        self.guarded: dict[str, tuple[int, ...]] = {}
        for n in self.out_edges:
            if edges[n].condition is not None:
                self.guarded[edges[n].port] = (*self.guarded.get(edges[n].port, ()), n)
        self.is_container = lock.kind in {"map", "loop"}
        self.is_join = lock.kind == "join"
        self.bound_at_start = lock.kind in _BOUND_AT_START
        self.wants_secrets = "secret_ref" in lock.config or "secrets" in lock.config
        self.is_dynamic = bool(lock.templates) or _has_expression(lock.config)
        self.join_early = lock.join is not None and lock.join.mode in _EARLY
        self.enough = _needed(lock, len(self.in_edges))
        self.merge_keys = _merge_keys(self.in_edges, graph) if self.is_join else {}
        self.required = tuple(port.id for port in lock.ins if port.required and not port.has_default)
        # The common case, decided without looking at ports: exactly one inbound edge, which fills what is required.
        self.single = len(self.in_edges) == 1 and set(self.required) <= {edges[n].to for n in self.in_edges}
        # One inbound edge and nothing else that could fill a port: (edge, its source, its port, the port here).
        self.plain: tuple[int, int, str, str] | None = None
        if len(self.in_edges) == 1 and not self.is_join and not any(port.many or port.has_default for port in lock.ins):
            edge = edges[self.in_edges[0]]
            if edge.port != ERROR_PORT:
                self.plain = (self.in_edges[0], edge.source, edge.port, edge.to)
        self.body: GraphPlan | None = None
        if lock.body is not None:
            self.body = GraphPlan(lock.body, f"{pointer}/body")


def _has_expression(value: Any) -> bool:
    """Whether a config holds expressions, at any depth."""
    if isinstance(value, str):
        return value.startswith("=")
    if isinstance(value, dict):
        return any(map(_has_expression, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_expression, value))


def _needed(lock: StepLock, edges: int) -> int:
    if lock.join is None:
        return 0
    return {"all": edges, "all_live": 1, "any": 1, "n_of_m": lock.join.n}[lock.join.mode]


def _merge_keys(in_edges: tuple[int, ...], graph: GraphLock) -> dict[int, str]:
    """R9 by_step: the key is the step, or ``step.port`` where one step has several edges here."""
    sources = [graph.edges[n].source for n in in_edges]
    keys = {}
    for n in in_edges:
        edge = graph.edges[n]
        step = graph.steps[edge.source].id
        keys[n] = step if sources.count(edge.source) == 1 else f"{step}.{edge.port}"
    return keys


class GraphPlan:
    """A scope's graph: the run's, or the body of a map or loop."""

    __slots__ = ("edges", "entries", "in_counts", "lock", "numbers", "policy", "steps")

    def __init__(self, lock: GraphLock, pointer: str) -> None:
        self.lock = lock
        self.policy = lock.policy
        self.edges: tuple[EdgeLock, ...] = lock.edges
        self.steps = tuple(StepPlan(n, step, lock, f"{pointer}/steps/{n}") for n, step in enumerate(lock.steps))
        self.numbers = {step.id: step.index for step in self.steps}
        self.entries = tuple(step.index for step in self.steps if not step.in_edges)
        self.in_counts = [len(step.in_edges) for step in self.steps]


class Plan:
    """A whole segment, ready to run."""

    __slots__ = ("asks_people", "lock", "lock_hash", "root")

    def __init__(self, lock: Lock, lock_hash: str) -> None:
        self.lock = lock
        self.lock_hash = lock_hash
        self.root = GraphPlan(lock.graph, "/graph")
        self.asks_people = _has_kind(self.root, "human")


def _has_kind(graph: GraphPlan, kind: str) -> bool:
    return any(step.kind == kind or (step.body is not None and _has_kind(step.body, kind)) for step in graph.steps)


def compile_plan(lock: Lock, lock_hash: str) -> Plan:
    """The plan of a lock (its hash goes with it, so that a run's first event can be checked against it)."""
    return Plan(lock, lock_hash)
