"""Facts of graphs against their definitions, taken literally, on random small graphs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.reading import catalog, segment
from worktrail.contract import make_lock
from worktrail.contract.graph import Graph, Link, members

SIZE = 7


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs without cycles, their steps in any order."""
    size = draw(st.integers(1, SIZE))
    places = draw(st.permutations(range(size)))
    links = []
    for one in range(size):
        for other in range(one + 1, size):
            for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
                way = draw(st.sampled_from([True, True, False]))
                links.append(Link(places[one], places[other], way, way and draw(st.sampled_from([True, True, False]))))
    return Graph(size, draw(st.permutations(links)))


def paths(graph: Graph, step: int, *, ways: bool = False) -> list[list[int]]:
    """Every path that begins at `step`, as steps; ends anywhere."""
    found = [[step]]
    for path in found:  # grows while it is walked
        for number in graph.leaving[path[-1]]:
            link = graph.links[number]
            if link.way or not ways:
                found.append([*path, link.target])
    return found


def whole_paths(graph: Graph, step: int) -> list[list[int]]:
    """Every path from an entry to `step`."""
    return [path for entry in graph.entries for path in paths(graph, entry) if path[-1] == step]


@pytest.mark.slow
@given(graphs())
def test_the_order_leads_forward(graph: Graph) -> None:
    assert graph.order is not None
    assert sorted(graph.order) == list(range(graph.size))
    place = {step: at for at, step in enumerate(graph.order)}
    assert all(place[link.source] < place[link.target] for link in graph.links)
    assert graph.cycle() == []


@given(graphs(), st.data())
def test_a_link_back_makes_a_cycle_that_is_shown(graph: Graph, data: st.DataObject) -> None:
    back = [(a, b) for a in range(graph.size) for path in paths(graph, a) for b in path]
    source, target = data.draw(st.sampled_from(back))
    made = Graph(graph.size, [*graph.links, Link(target, source)])
    assert made.order is None
    cycle = made.cycle()
    assert cycle
    steps = {(link.source, link.target) for link in made.links}
    assert all(pair in steps for pair in pairwise([*cycle, cycle[0]]))


@given(graphs())
def test_a_dominator_lies_on_every_path(graph: Graph) -> None:
    for step in range(graph.size):
        on_all = set(range(graph.size)) - {step}
        for path in whole_paths(graph, step):
            on_all &= set(path)
        # the immediate one is the dominator that all the others dominate
        closest = [one for one in on_all if all(other in whole_paths(graph, one)[0] for other in on_all)]
        assert graph.dominator(step) == (closest[0] if closest else None)


@given(graphs())
def test_entered_by_are_the_dominators_links_that_lead_here(graph: Graph) -> None:
    for join in range(graph.size):
        above = graph.dominator(join)
        if above is None:
            assert graph.entered_by(join) is None
            continue
        leading = [n for n in graph.leaving[above] if any(path[-1] == join for path in paths(graph, graph.links[n].target))]
        assert graph.entered_by(join) == tuple(leading)


@given(graphs(), st.data())
def test_a_region_is_what_can_reach_an_end_only_through_the_join(graph: Graph, data: st.DataObject) -> None:
    ends = graph.ends() | data.draw(st.integers(0, 2**graph.size - 1))
    for join in range(graph.size):
        expected = []
        for step in range(graph.size):
            to_ends = [path for path in paths(graph, step, ways=True) if ends >> path[-1] & 1]
            if step != join and not ends >> step & 1 and to_ends and all(join in path for path in to_ends):
                expected.append(step)
        assert graph.region(join, ends) == tuple(expected)


@given(graphs())
def test_ends_are_steps_that_no_data_edge_leaves(graph: Graph) -> None:
    assert members(graph.ends()) == [
        step for step in range(graph.size) if not any(link.source == step and link.data for link in graph.links)
    ]


@given(graphs(), st.sets(st.integers(0, SIZE - 1)))
def test_certain_means_some_path_passes_no_early_join(graph: Graph, early: set[int]) -> None:
    inside, behind = graph.certain(early)
    for step in range(graph.size):
        sure = {
            one
            for one in range(graph.size)
            for path in paths(graph, one)
            if path[-1] == step and len(path) > 1 and not early & set(path[1:])
        }
        assert set(members(inside[step])) == sure
        assert set(members(behind[step])) == sure | {step}


@pytest.mark.slow
@given(graphs())
def test_ancestors_are_those_with_a_path(graph: Graph) -> None:
    for step in range(graph.size):
        expected = {one for one in range(graph.size) if one != step and any(path[-1] == step for path in paths(graph, one))}
        assert set(members(graph.ancestors()[step])) == expected


# --- in the lock ----------------------------------------------------------------------------------------------------

JOINS = {
    "two branches, both in the region": (
        {
            "steps": [
                {"s": "parallel_split"},
                {"a": "work"},
                {"b": "work"},
                {"step_id": "j", "step_type": "parallel_join", "config": {"join": "any", "rest": "cancel"}},
            ],
            "edges": ["s.branch_1 -> a", "s.branch_2 -> b", "a -> j", "b -> j"],
        },
        (0, 1),
        (0, 1, 2),
    ),
    "named in outputs: not in the region": (
        {
            "outputs": {"a": "a.output", "j": "j.output"},
            "steps": [
                {"a": "work"},
                {"b": "work"},
                {"step_id": "j", "step_type": "parallel_join", "config": {"join": "any", "rest": "cancel"}},
            ],
            "edges": ["a -> j", "b -> j"],
        },
        None,
        (1,),
    ),
    "rest: finish has no region": (
        {
            "steps": [{"a": "work"}, {"b": "work"}, {"step_id": "j", "step_type": "parallel_join", "config": {"join": "any"}}],
            "edges": ["a -> j", "b -> j"],
        },
        None,
        (),
    ),
}


@pytest.mark.parametrize("name", JOINS)
def test_the_lock_holds_the_facts_of_a_join(name: str) -> None:
    short, entered_by, region = JOINS[name]
    join = make_lock(segment(short), catalog()).graph.steps[-1].join
    assert join is not None
    assert (join.entered_by, join.region) == (entered_by, region)
