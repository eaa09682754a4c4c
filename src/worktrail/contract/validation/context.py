"""What the checks of one segment share: the expanded scopes with the facts of their graphs, and where problems go."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from worktrail.contract.expand import ERROR_PORT, Edge, Scope, Step, graph_of
from worktrail.contract.problems import Problem, problem

if TYPE_CHECKING:
    from worktrail.contract.catalog import StepCatalog
    from worktrail.contract.graph import Graph
    from worktrail.contract.segment import SegmentDefinition

__all__ = ["EARLY", "Context", "View"]

EARLY = ("any", "n_of_m")  # joins that may start before all their edges have ended (R9)


class Context:
    """One look at a segment. ``reads``: pointer of a step or edge → the ancestors that its expressions name."""

    def __init__(self, segment: SegmentDefinition, catalog: StepCatalog, problems: list[Problem]) -> None:
        self.segment = segment
        self.catalog = catalog
        self.problems = problems
        self.reads: dict[str, tuple[str, ...]] = {}

    def add(self, code: str, pointer: str, message: str, *, hint: str = "", **details: Any) -> None:
        """Records a problem."""
        self.problems.append(problem(code, pointer, message, hint=hint, **details))


class View:
    """A scope with the facts of its graph, each worked out when it is first asked for."""

    def __init__(self, scope: Scope, on_failure: str, parent: Step | None) -> None:
        self.scope = scope
        self.on_failure = scope.policy.on_failure or on_failure
        self.parent = parent

    @cached_property
    def graph(self) -> Graph:
        """The graph, fallback edges included."""
        return graph_of(self.scope)

    @cached_property
    def entering(self) -> list[list[Edge]]:
        """For each step its inbound edges, in order."""
        return [[self.scope.edges[number] for number in numbers] for numbers in self.graph.entering]

    @cached_property
    def leaving(self) -> list[list[Edge]]:
        """For each step its outbound edges, in order."""
        return [[self.scope.edges[number] for number in numbers] for numbers in self.graph.leaving]

    @cached_property
    def certain(self) -> tuple[list[int], list[int]]:
        """For each step, and for its edges, the steps certainly decided there (sets of bits)."""
        return self.graph.certain(step.number for step in self.scope.steps if is_early(step))

    @cached_property
    def ancestors(self) -> list[int]:
        """For each step its ancestors (sets of bits)."""
        return self.graph.ancestors()

    def has_error_edge(self, step: Step) -> bool:
        """Whether an edge leaves the step's `error` port, fallbacks included."""
        return any(edge.port == ERROR_PORT for edge in self.leaving[step.number])


def is_early(step: Step) -> bool:
    """Whether a step is a join that may start early."""
    return step.type.kind == "join" and step.config.get("join") in EARLY
