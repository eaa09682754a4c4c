"""Hostile expressions at run time: wherever an expression stands and whatever arrives in it, it ends within its budget.

Rule: a bomb is a failed visit with a typed error, never a run that hangs, a driver that dies or a run that is stuck without a
cause; what else runs goes on, and the database is well afterwards.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.rubbish import doors
from tests.rubbish.matrix import list_in
from worktrail.app import SegmentRunner
from worktrail.contract import SegmentDefinition
from worktrail.runtime import SegmentResult
from worktrail.store import open_store

SLOWEST_S = 10.0  # of processor time; the slowest needs a hundredth on a quiet machine, what has no bound takes for ever

INPUT: dict[str, Any] = {
    "n": 1_000_000_000,
    "t": "a" * 200_000,
    "l": list(range(40_000)),
    "d": "9" * 6_000,
    "o": {f"k{number}": number for number in range(5_000)},
    "deep": list_in(150),
}
# What is refused where the whole is computed, whatever the answer would be.
BOMBS: dict[str, str] = {
    "a huge loop": "count(for i in 1..input.n return i)",
    "a huge range, some": "some i in 1..input.n satisfies i < 0",
    "a huge range, every": "every i in 1..input.n satisfies i > 0",
    "a huge range as a value, some": "some i in [1..input.n] satisfies i < 0",
    "two ranges, some": "some i in 1..input.n, j in 1..input.n satisfies i + j < 0",
    "dates without end": 'some d in @"0001-01-01"..@"999999999-01-01" satisfies d < @"0001-01-01"',
    "texts that grow": 'string join(for i in input.l return input.t, ",") = ""',
    "a text that grows by itself": '{a: input.t, b: a + a, c: b + b, d: c + c, r: d = ""}.r',
    "a text that grows by its pattern": 'replace(replace(replace(input.t, "a", "aaaa"), "a", "aaaa"), "a", "aaaa") = ""',
    "recursion": "{f: function(x) f(x + 1), r: f(1)}.r = 1",
    "two recursions": "{f: function(x) if x < 2 then x else f(x - 1) + f(x - 2), r: f(40)}.r = 1",
    "recursion through a list": "{f: function(x) count(for i in 1..9 return f(x + 1)), r: f(1)}.r = 1",
    "a pattern of many states": 'matches(input.t, "((a|b|c)?){500}z")',
    "a pattern for every item": 'some i in input.l satisfies matches(input.t, "(a+)+z")',
    "sorting by a function": "sort(input.l, function(a, b) a < b) = []",
    "comparing lists": "some i in input.l satisfies input.l != input.l",
    "looking into a list": "some i in input.l satisfies list contains(input.l, -1)",
    "looking for copies": "duplicate values(input.l) = [1]",
    "joining lists": "concatenate(input.l, input.l, input.l, input.l, input.l, input.l) = []",
    "copying contexts": 'some i in input.l satisfies context put(input.o, "a", i).a < 0',
    "writing values": 'some i in input.l satisfies string(input.l) = ""',
    "cutting texts": 'some i in input.l satisfies count(split(input.t, "a")) < 0',
    "reading numbers": "some i in input.l satisfies number(input.d) < 0",
    "days between dates": '(for i in input.l return [@"2020-01-02" - @"2020-01-01", @"2020-01-02" - @"2020-01-01"]) = []',
    "the list so far": "(for i in input.l return count(partial)) = []",
}
# What looks like a bomb and is none: it answers, quickly.
HARMLESS: dict[str, str] = {
    "a huge range is not walked": "5 in [1..input.n]",
    "a pattern that backtracks elsewhere": 'matches(input.t + "!", "^(a+)+$") = false',
    "many different numbers": "count(distinct values(input.l)) = 40000",
    "a piece beyond the end": "string length(substring(input.t, 1, input.n)) = 200000",
    "what is deep": "input.deep = input.deep",
}


def step(step_type: str, **config: Any) -> dict[str, Any]:
    return {"step_id": "a", "step_type": step_type, "config": config}


def transform(expression: str, step_id: str = "a") -> dict[str, Any]:
    return {"step_id": step_id, "step_type": "transform", "config": {"expression": expression}}


def container(step_type: str, inside: str = "input", **config: Any) -> dict[str, Any]:
    return step(step_type, body={"steps": [transform(inside, "x")]}, **config)


# The same expression wherever one can stand that is evaluated while a run runs.
ANYWHERE = "some i in 1..1000000000 satisfies i < 0"
PLACES: dict[str, dict[str, Any]] = {
    "transform": {"steps": [transform(ANYWHERE)]},
    "condition of an edge": {
        "steps": [transform("input"), transform("input", "b")],
        "edges": [{"source_step": "a", "target_step": "b", "condition": ANYWHERE}],
    },
    "condition step": {"steps": [step("condition", expression=ANYWHERE)]},
    "value of a switch": {"steps": [step("switch", value=f"={ANYWHERE}", cases=[{"port": "yes", "when": "true"}])]},
    "case of a switch": {"steps": [step("switch", value="=input.n", cases=[{"port": "yes", "when": f"? = ({ANYWHERE})"}])]},
    "items of a map": {"steps": [container("map", items=f"=[{ANYWHERE}]")]},
    "inside a map": {"steps": [container("map", ANYWHERE, items="=[input]")]},
    "until of a loop": {"steps": [container("loop", max=2, until=ANYWHERE)]},
    "inside a loop": {"steps": [container("loop", ANYWHERE, max=2, until="true")]},
    "time of a wait": {"steps": [step("wait", duration=f'=if {ANYWHERE} then "PT0S" else "PT0S"')]},
    "payload": {"steps": [step("emit", event="e", payload=f"={ANYWHERE}")]},
    "config of a handler": {"steps": [step("http_action", url=f'="http://127.0.0.1:9/" + string({ANYWHERE})')]},
    "prompt": {"steps": [step("llm_agent", prompt=f"Is it {{{{ {ANYWHERE} }}}}?")]},
    "what is delivered instead": {
        "steps": [{**transform("input.nothing"), "policy": {"on_error": {"continue_with": f"={ANYWHERE}"}}}]
    },
}


async def _two(runner: SegmentRunner, segment: SegmentDefinition) -> tuple[SegmentResult, SegmentResult]:
    good = SegmentDefinition.from_dict({"worktrail": 1, "segment_id": "good", "steps": [transform("1 + 1")]})
    async with runner:
        bad = asyncio.ensure_future(runner.run(segment, None, INPUT))
        return await bad, await runner.run(good)


def blow(folder: Path, **parts: Any) -> SegmentResult:
    """Runs it on a file beside a good run, within the limit; what became of it."""
    store = open_store(folder / "worktrail.sqlite")
    segment = SegmentDefinition.from_dict({"worktrail": 1, "segment_id": "bomb", **parts})
    began = time.process_time()
    try:
        result, other = asyncio.run(_two(SegmentRunner(store), segment))
    finally:
        store.close()
    assert time.process_time() - began < SLOWEST_S
    assert other.outputs == {"output": 2}
    doors.database_is_well(folder)
    return result


# A few belong to the inner loop: tests/feel holds each kind of bomb there, without a run around it.
@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if n < 6 else [pytest.mark.slow]) for n, name in enumerate(BOMBS)])
def test_a_bomb_ends_within_its_budget(name: str, tmp_path: Path) -> None:
    result = blow(tmp_path, steps=[transform(BOMBS[name])])
    assert result.status == "failed"
    assert result.error is not None
    assert result.error.error_code == "EXPRESSION_ERROR"
    assert result.error.hint
    assert (result.error.details or {})["cause"] == "FEEL_BUDGET"


@pytest.mark.parametrize("name", HARMLESS)
def test_what_looks_like_a_bomb_answers(name: str, tmp_path: Path) -> None:
    assert blow(tmp_path, steps=[transform(HARMLESS[name])]).outputs == {"output": True}


@pytest.mark.parametrize("place", PLACES)
def test_a_bomb_at_every_place(place: str, tmp_path: Path) -> None:
    result = blow(tmp_path, **PLACES[place])
    assert result.status == "failed"
    assert result.error is not None
    assert "50,000 steps" in result.error.error_message + str(result.error.details)
