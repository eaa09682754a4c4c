"""Which edges exclude one another (R3).

Rule: only what can be proven counts. A step of an exclusive type delivers one of its ports, any step delivers either `error` or
its other ports. What must have been chosen for an edge to be delivered is carried along the graph: a step needs one of its
edges (a join that waits for all: every one), and one edge of each required port. Two edges exclude one another if they need
different choices of the same step, or if their conditions are `x` and `not(x)` at the same port. To stay quick only the nearest
choices are remembered: forgetting one proves less, never too much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from worktrail.contract.expand import ERROR_PORT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worktrail.contract.expand import Edge, Step
    from worktrail.contract.validation.context import View

__all__ = ["Guards"]

KEPT = 64  # choices remembered of one edge

Needs = dict[int, frozenset[str]]  # step number → the choices of it that are possible; no entry: all


class Guards:
    """What each step and edge of a scope needs to have been chosen."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.steps: list[Needs] = [{} for _ in view.scope.steps]
        self._edges: dict[str, Needs] = {}
        self._place = {number: at for at, number in enumerate(view.graph.order or ())}
        for number in view.graph.order or ():
            step = view.scope.steps[number]
            edges = view.entering[number]
            if edges:
                self.steps[number] = self._of_step(step, edges)

    def exclude(self, one: Edge, other: Edge) -> bool:
        """Whether it is proven that not both edges are delivered."""
        if (one.source, one.port) == (other.source, other.port) and _opposite(one.condition, other.condition):
            return True
        first, second = self._needs(one), self._needs(other)
        return any(not (choices & second[step]) for step, choices in first.items() if step in second)

    def _needs(self, edge: Edge) -> Needs:
        if edge.pointer not in self._edges:
            self._edges[edge.pointer] = self._of_edge(edge)
        return self._edges[edge.pointer]

    def _of_edge(self, edge: Edge) -> Needs:
        step = self.view.scope.steps[edge.source]
        base = {} if step.type.kind == "join" and edge.port in step.outcomes else self.steps[edge.source]
        needs = {**base, edge.source: frozenset((self._choice(step, edge.port),))}
        if len(needs) <= KEPT:
            return needs
        nearest = sorted(needs, key=self._place.__getitem__)[-KEPT:]
        return {number: needs[number] for number in nearest}

    @staticmethod
    def _choice(step: Step, port: str) -> str:
        return port if step.type.exclusive or port == ERROR_PORT else "*"

    def _choices(self, number: int) -> int:
        step = self.view.scope.steps[number]
        return (len(step.outs) if step.type.exclusive else 1) + 1

    def _of_step(self, step: Step, edges: list[Edge]) -> Needs:
        needs = {id(edge): self._needs(edge) for edge in edges}
        if step.type.kind == "join":
            every = step.config.get("join") == "all"
            return _both(needs.values()) if every else self._either(needs.values())
        found = [self._either(needs.values())]
        for port, spec in step.ins.items():
            fed = [needs[id(edge)] for edge in edges if edge.to == port]
            if spec.required and fed and len(fed) < len(edges):
                found.append(self._either(fed))
        return _both(found)

    def _either(self, needs: Iterable[Needs]) -> Needs:
        """At least one of them holds: a step stays where all of them need it, with all its choices together."""
        first, *rest = needs
        found: Needs = {}
        for step, choices in first.items():
            together = choices
            for other in rest:
                if step not in other:
                    break
                together |= other[step]
            else:
                if len(together) < self._choices(step):
                    found[step] = together
        return found


def _both(needs: Iterable[Needs]) -> Needs:
    """All of them hold."""
    found: Needs = {}
    for each in needs:
        for step, choices in each.items():
            found[step] = found[step] & choices if step in found else choices
    return found


def _opposite(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return False
    first, second = "".join(one.split()), "".join(other.split())
    return first == f"not({second})" or second == f"not({first})"
