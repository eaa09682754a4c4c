"""Static facts of a graph: order, cycles, reachability, dominators, ends, and the regions of `rest: cancel`.

Rules: R13 (ends), R9 (`entered`: the immediate dominator of a join), R10 (the region that an early join cancels). They are
worked out once and pinned in the lock, so that a decision never walks the graph. Sets of steps are the bits of one integer:
a union of two sets of 2,000 steps is a few machine words, which keeps every fact near linear in the number of edges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Graph", "Link", "members"]


class Link(NamedTuple):
    """An edge as the graph sees it. ``way``: it leaves from a data or outcome port; ``data``: from a data port."""

    source: int
    target: int
    way: bool = True
    data: bool = True


def members(bits: int) -> list[int]:
    """The numbers in a set, ascending."""
    found = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found


class Graph:
    """Facts about `size` steps and their links. What needs an order asks `order` first: it is None where there is a cycle."""

    def __init__(self, size: int, links: Sequence[Link]) -> None:
        self.size = size
        self.links = links
        self.leaving: list[list[int]] = [[] for _ in range(size)]
        self.entering: list[list[int]] = [[] for _ in range(size)]
        for number, link in enumerate(links):
            self.leaving[link.source].append(number)
            self.entering[link.target].append(number)
        self.entries = [step for step in range(size) if not self.entering[step]]
        self.order = self._order()
        self._dominators: list[int] | None = None
        self._ancestors: list[int] | None = None
        self._regions: dict[int, list[list[int]]] = {}

    def _order(self) -> list[int] | None:
        """The steps so that every link leads forward, or None."""
        waiting = [len(entering) for entering in self.entering]
        order = list(self.entries)
        for step in order:  # grows while it is walked
            for number in self.leaving[step]:
                target = self.links[number].target
                waiting[target] -= 1
                if not waiting[target]:
                    order.append(target)
        return order if len(order) == self.size else None

    def cycle(self) -> list[int]:
        """The steps of one cycle in the order of its links; empty if there is none."""
        if self.order is not None:
            return []
        left = [len(leaving) for leaving in self.leaving]  # peel off what cannot lie on a cycle, from both sides
        gone = [step for step in range(self.size) if not left[step]]
        dead = set(gone)
        for step in gone:
            for number in self.entering[step]:
                source = self.links[number].source
                left[source] -= 1
                if not left[source]:
                    gone.append(source)
                    dead.add(source)
        step = next(step for step in range(self.size) if step not in dead)
        path: list[int] = []
        at: dict[int, int] = {}
        while step not in at:
            at[step] = len(path)
            path.append(step)
            step = next(t for t in (self.links[n].target for n in self.leaving[step]) if t not in dead)
        return path[at[step] :]

    def ends(self) -> int:
        """R13: the steps that no edge leaves but from `error` and outcome ports, as a set."""
        found = 0
        for step in range(self.size):
            if not any(self.links[number].data for number in self.leaving[step]):
                found |= 1 << step
        return found

    def dominator(self, step: int) -> int | None:
        """The immediate dominator: the last step that every path from the entries to `step` passes; None if there is none."""
        if self._dominators is None:
            assert self.order is not None
            into = [[self.links[number].source for number in numbers] for numbers in self.entering]
            self._dominators = _closest(self.order, into, 0)
        found = self._dominators[step]
        return None if found < 0 else found

    def entered_by(self, join: int) -> tuple[int, ...] | None:
        """R9: the links that leave the join's immediate dominator and from which the join can be reached; None without one."""
        above = self.dominator(join)
        if above is None:
            return None
        reaching = self.ancestors()[join] | 1 << join
        return tuple(number for number in self.leaving[above] if reaching >> self.links[number].target & 1)

    def region(self, join: int, ends: int) -> tuple[int, ...]:
        """R10: the steps that are no end and from which every way to an end leads through `join`.

        These are the steps that `join` dominates when the ways are walked backwards from the ends: one tree for all joins.
        """
        below = self._regions.get(ends)
        if below is None:
            below = self._regions[ends] = self._behind(ends)
        found = []
        left = [join]
        for step in left:  # grows while it is walked
            found += below[step]
            left += below[step]
        return tuple(sorted(found))

    def _behind(self, ends: int) -> list[list[int]]:
        """For each step those whose next common step on all ways to an end it is."""
        assert self.order is not None
        ways = [[self.links[number].target for number in numbers if self.links[number].way] for numbers in self.leaving]
        closest = _closest(self.order[::-1], ways, ends)
        below: list[list[int]] = [[] for _ in range(self.size)]
        for step, above in enumerate(closest):
            if above >= 0:
                below[above].append(step)
        return below

    def certain(self, early: Iterable[int]) -> tuple[list[int], list[int]]:
        """For each step, and for each step's edges: the steps that are certainly decided there, as sets.

        A step is decided when all its sources are, unless it is an early join: that is decided before them.
        """
        assert self.order is not None
        hasty = set(early)
        inside, behind = [0] * self.size, [0] * self.size
        for step in self.order:
            if step not in hasty:
                for number in self.entering[step]:
                    inside[step] |= behind[self.links[number].source]
            behind[step] = inside[step] | 1 << step
        return inside, behind

    def ancestors(self) -> list[int]:
        """For each step the steps from which it can be reached, as a set, without itself."""
        if self._ancestors is None:
            assert self.order is not None
            self._ancestors = [0] * self.size
            for step in self.order:
                for number in self.entering[step]:
                    source = self.links[number].source
                    self._ancestors[step] |= self._ancestors[source] | 1 << source
        return self._ancestors


def _closest(order: Sequence[int], nexts: Sequence[Sequence[int]], out: int) -> list[int]:
    """For each step the closest one that lies on every path over `nexts`; -1 where there is none.

    In `order` a step stands behind its nexts. Paths end at steps without nexts, and at those of the set `out` they may.
    The closest common step of all nexts is their lowest common ancestor in the tree built so far.
    """
    above = [-1] * len(order)
    depth = [1] * len(order)
    for step in order:
        common = -1
        if not out >> step & 1:
            for at, each in enumerate(nexts[step]):
                common = each if at == 0 else _common(common, each, above, depth)
                if common < 0:
                    break
        if common >= 0:
            above[step], depth[step] = common, depth[common] + 1
    return above


def _common(one: int, other: int, above: list[int], depth: list[int]) -> int:
    while one != other:
        if one < 0 or other < 0:
            return -1
        if depth[one] >= depth[other]:
            one = above[one]
        else:
            other = above[other]
    return one
