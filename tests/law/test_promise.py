"""The oracle against the promise of RULES, over random segments: every run ends, and what may depend on the order of
completion is only what the text says. Every failure prints the seed that repeats it; WORKTRAIL_SEED sets the first one."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.law.drawing import draw, join, run
from tests.law.oracle import interpret
from tests.law.promise import broken, disturbed
from tests.law.saying import random_answers
from tests.law.segments import random_order, random_segment, shares

SHUFFLES = 5
SETTLED = {"completed", "failed", "skipped", "cancelled"}


def seeds(count: int) -> Iterator[tuple[int, random.Random]]:
    """`count` seeds one after another from WORKTRAIL_SEED, which is drawn unless it is set."""
    first = int(os.environ.get("WORKTRAIL_SEED") or random.SystemRandom().randrange(10**9))
    for seed in range(first, first + count):
        yield seed, random.Random(seed)


def told(seed: int, segment: dict[str, Any], wrong: object) -> str:
    return f"WORKTRAIL_SEED={seed}: {wrong}\n{json.dumps(segment)}"


def test_every_run_ends_with_every_visit_settled() -> None:
    for seed, rng in seeds(600):
        segment = random_segment(rng, rng.randint(3, 10), silent=True)
        answers, cancel = random_answers(rng, segment), rng.choice([None, None, rng.randint(0, 6)])
        out = interpret(segment, answers, random_order(rng), cancel_after=cancel)
        assert out.status in {"completed", "failed", "cancelled"}, told(seed, segment, out.status)
        assert set(out.states.values()) <= SETTLED, told(seed, segment, out.states)
        assert (out.status == "failed") == (out.error is not None), told(seed, segment, out.error)
        undecided = [step["step_id"] for step in segment["steps"] if step["step_id"] not in out.states]
        assert not undecided or "" in out.stopped, told(seed, segment, undecided)


@pytest.mark.slow
def test_a_run_is_a_function_of_the_answers_and_of_what_early_joins_counted() -> None:
    races = 0
    base = None
    for seed, rng in seeds(600):
        base = seed if base is None else base
        segment = random_segment(rng, rng.randint(3, 10))
        answers = random_answers(rng, segment)
        first = interpret(segment, answers, random_order(rng))
        others = [interpret(segment, answers, random_order(rng), counted=first.counted) for _ in range(SHUFFLES)]
        races += len({json.dumps(sorted(interpret(segment, answers, random_order(rng)).counted.items())) for _ in range(3)}) > 1
        for other in others if not disturbed(segment, [first, *others]) else ():
            wrong = broken(segment, first, other, values=True)
            assert not wrong, told(seed, segment, wrong)
    assert races >= 6, f"WORKTRAIL_SEED={base}: only {races} segments have an early join with a choice"


@pytest.mark.slow
def test_no_state_outside_cancelled_regions_depends_on_order() -> None:
    """Whatever early joins count: for segments in which nothing reads a value that depends on it."""
    for seed, rng in seeds(600):
        segment = random_segment(rng, rng.randint(3, 10), free=True)
        answers = random_answers(rng, segment)
        outs = [interpret(segment, answers, random_order(rng)) for _ in range(SHUFFLES + 1)]
        for other in outs[1:] if not disturbed(segment, outs) else ():
            wrong = broken(segment, outs[0], other, values=False)
            assert not wrong, told(seed, segment, wrong)


def test_a_condition_that_reads_what_an_early_join_counted_depends_on_order() -> None:
    """The border of the promise: the state of `c` is a function of the counted edges, not of the answers alone."""
    segment = draw(["a b c d", join("j", "any", merge="first")], "a -> j, b -> j, j -> c ? value = 1, j -> d")
    one, other = (run(segment, {"b": 2}, order) for order in ("a b", "b a"))
    assert (one.states["c"], other.states["c"]) == ("completed", "skipped")
    assert (one.counted, other.counted) == ({"j": [0]}, {"j": [1]})


def test_a_visit_in_a_region_may_fail_before_it_is_cancelled() -> None:
    segment = draw(["a b", join("j", "any", rest="cancel"), "e"], "a -> j, b -> j, j -> e")
    assert run(segment, {"b": "X"}, "a").status == "completed"
    assert run(segment, {"b": "X"}, "b").status == "failed"


@pytest.mark.slow
def test_shares() -> None:
    """Of 2,000 segments each feature is in at least this many; the bounds are about half of what there is."""
    least = {
        "depth 2": 300, "depth 3": 90, "work": 1500, "condition": 800, "switch": 200, "parallel_split": 300, "transform": 150,
        "map": 180, "map fail": 110, "map collect": 60, "map skip": 60, "concurrency": 90, "loop": 250, "parallel_join": 700,
        "join all": 200, "join all_live": 200, "join any": 350, "join n_of_m": 350, "any with rest cancel": 150,
        "any with rest finish": 200, "n_of_m with rest cancel": 150, "n_of_m with rest finish": 200, "merge by_step": 350,
        "merge list": 300, "merge first": 300, "merge shallow": 90, "error edge": 350, "outcome edge": 450,
        "broken condition": 50, "broken expression": 12, "retry": 500, "max_retries": 200, "once": 350, "once with retry": 100,
        "on_error skip": 350, "on_error continue_with": 400, "on_error fallback_step": 300, "on_failure cancel_rest": 220,
        "on_failure finish_rest": 450, "allow_empty": 400, "outputs map": 330, "second entry": 450, "many": 200,
        "required": 250, "default": 180,
    }  # fmt: skip
    found: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    first = None
    for seed, rng in seeds(2000):
        first = seed if first is None else first
        segment = random_segment(rng, rng.randint(3, 12))
        found.update({name for name, count in shares(segment).items() if count})
        out = interpret(segment, random_answers(rng, segment), random_order(rng))
        ended.update({out.status, *out.errors.values(), *out.ends.values(), *out.failures})
        ended["region"] += bool(out.regions)
        ended["NO_RESULT"] += out.error == "NO_RESULT"
    scarce = {name: found[name] for name, share in least.items() if found[name] < share}
    assert not scarce, f"WORKTRAIL_SEED={first}: {scarce}"
    happens = {
        "completed": 900, "failed": 300, "D": 1400, "X": 1000, "F": 200, "L": 50, "E": 20, "region": 80, "PORT_CONFLICT": 50,
        "UNHANDLED_OUTCOME": 90, "CONDITION_ERROR": 20, "NO_RESULT": 70, "ANSWER_INVALID": 30, "EXPRESSION_ERROR": 12,
        "ITEM_FAILED": 15, "MERGE_CONFLICT": 2,
    }  # fmt: skip
    scarce = {name: ended[name] for name, share in happens.items() if ended[name] < share}
    assert not scarce, f"WORKTRAIL_SEED={first}: {scarce}"
