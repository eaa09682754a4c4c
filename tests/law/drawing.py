"""Small segments in a few words, and scripted answers, for cases that are worked out by hand."""

from __future__ import annotations

import re
from typing import Any

from tests.law.oracle import interpret
from tests.law.scope import Outcome
from tests.law.segments import find_step

Json = Any
EDGE = re.compile(r"(\w+)(?:\.(\w+))? -> (\w+)(?:\.(\w+))?(?: \? (.+))?")


def step(step_id: str, step_type: str = "work", /, **keys: Json) -> dict[str, Json]:
    """A step; `config`, `inputs`, `outputs` (lists of ports or of their names) and `policy` are keys."""
    for side in {"inputs", "outputs"} & set(keys):
        keys[side] = [{"port_id": port} if isinstance(port, str) else port for port in keys[side]]
    return {"step_id": step_id, "step_type": step_type, "config": {}, **keys}


def join(step_id: str, mode: str = "all_live", /, **config: Json) -> dict[str, Json]:
    return step(step_id, "parallel_join", config={"join": mode, **config})


def switch(step_id: str, /, **cases: str) -> dict[str, Json]:
    return step(step_id, "switch", config={"cases": [{"port": port, "when": when} for port, when in cases.items()]})


def port(port_id: str, /, **keys: Json) -> dict[str, Json]:
    return {"port_id": port_id, **keys}


def draw(steps: list[Json], edges: str = "", /, **keys: Json) -> dict[str, Json]:
    """A segment or body. Steps are steps, or names for plain work; edges are `a.port -> b.port ? condition`, one a line or
    cut by commas; the ports are `output` and `input` unless named."""
    found = []
    for text in re.split(r"[,\n]", edges):
        if text.strip():
            match = EDGE.fullmatch(text.strip())
            assert match, text
            source, out, target, into, condition = match.groups()
            edge = {"source_step": source, "source_port": out or "output", "target_step": target, "target_port": into or "input"}
            found.append(edge | ({"condition": condition} if condition else {}))
    drawn = [s for each in steps for s in ([step(name) for name in each.split()] if isinstance(each, str) else [each])]
    return {"segment_id": "drawn", **keys, "steps": drawn, "edges": found}


def run(segment: dict[str, Json], answers: dict[str, Json] | None = None, order: str = "", **keys: Json) -> Outcome:
    """Interpret with scripted answers: a number is delivered on the first port, a dict as it is, a text is a failure with this
    code that is final, `~code` one that may be retried; a list is said as it stands; a tuple has one for each attempt. Whoever
    is not named delivers 1. Who answers next is who comes first in `order`, and after these who started first."""
    wanted = order.split()

    def answer(visit: str, attempt: int, inputs: dict[str, Json]) -> tuple[Any, ...]:
        said = (answers or {}).get(visit, 1)
        said = said[min(attempt, len(said)) - 1] if isinstance(said, tuple) else said
        if isinstance(said, str):
            return ("fail", said.lstrip("~"), said.startswith("~"), True)
        if isinstance(said, list):
            return tuple(said)
        ports = find_step(segment, visit).get("outputs", [{"port_id": "output"}])
        return ("deliver", said if isinstance(said, dict) else {ports[0]["port_id"]: said})

    def choose(running: list[str]) -> int:
        return min(range(len(running)), key=lambda i: (wanted.index(running[i]) if running[i] in wanted else len(wanted), i))

    return interpret(segment, answer, choose, **keys)


def states(outcome: Outcome) -> str:
    """`a:completed b:skipped`, in the order of their names."""
    return " ".join(f"{visit}:{state}" for visit, state in sorted(outcome.states.items()))


def ends(outcome: Outcome, prefix: str = "") -> str:
    """The letters of a scope's edges in order, `.` where one is open."""
    known = {i: end for (place, i), end in outcome.ends.items() if place == prefix}
    return "".join(known.get(i, ".") for i in range(max(known, default=-1) + 1))
