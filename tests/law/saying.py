"""Random answers: of handlers, of probes, and of people who are asked about incidents (`tests.law.answering` has their names).

An answer is a function of who is asked and how often alone, never of the order in which answers come.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.law.segments import bodies, find_step

__all__ = ["random_answers"]

Json = Any
Answers = Callable[[str, int, dict[str, Json]], tuple[Any, ...]]
NOTHING_TO_RETRY = {"PORT_CONFLICT", "MERGE_CONFLICT"}


def random_answers(rng: random.Random, segment: dict[str, Json], failing: float | None = None, *, losing: float = 0.0) -> Answers:
    """`failing` is the share of attempts that fail, `losing` that of attempts that are lost or late."""
    seed, share = rng.getrandbits(64), rng.choice([0.0, 0.1, 0.1, 0.25]) if failing is None else failing

    def answers(name: str, number: int, facts: dict[str, Json]) -> tuple[Any, ...]:
        own = random.Random(f"{seed} {name} {number}")
        if "?" in name:
            return (own.choice(["true", "false"]),)
        step = find_step(segment, name.rstrip("~!-"))
        if name.endswith("!"):
            return repair(own, step, number, facts["code"])
        if name.endswith("~"):
            found = own.choice(["executed", "executed", "not_executed", "unknown"])
            ports = {"nowhere": 1} if own.random() < 0.15 else delivery(own, step)
            return (found, ports) if found == "executed" else (found,)
        if step["step_type"] in ELSEWHERE:
            return ELSEWHERE[step["step_type"]](own, share)
        if own.random() < losing and number <= 3:
            return (own.choice(["lost", "lost", "late"]),)
        return attempt(own, step, share)

    return answers


def attempt(own: random.Random, step: dict[str, Json], share: float) -> tuple[Any, ...]:
    fate = own.random()
    if fate < share * 0.8:
        return ("fail", own.choice(["BROKE", "REFUSED"]), own.random() < 0.75, own.random() < 0.6)
    if fate < share:
        return ("deliver", own.choice([{}, {"nowhere": 1}, {ports_of(step)[0]: 1, "error": 2}]))
    return ("deliver", delivery(own, step))


def decision(own: random.Random, share: float) -> tuple[Any, ...]:
    """A person's."""
    if own.random() < share / 2:
        return ("withdrawn",)
    port = own.choice(["approved"] * 9 + ["rejected", "modified", "expired"])
    return ("decided", port, None if port == "expired" else own.randint(0, 9))


def child_end(own: random.Random, share: float) -> tuple[Any, ...]:
    """A child run's."""
    if own.random() < share:
        return (own.choice(["failed", "failed", "withdrawn"]),)
    return ("completed", {"k9": own.randint(0, 9)})


ELSEWHERE: dict[str, Callable[[random.Random, float], tuple[Any, ...]]] = {
    "wait": lambda own, share: ("due",),
    "human_task": decision,
    "subsegment": child_end,
}


def ports_of(step: dict[str, Json]) -> list[str]:
    return [port["port_id"] for port in step.get("outputs", [{"port_id": "output"}])]


def delivery(own: random.Random, step: dict[str, Json]) -> dict[str, Json]:
    if step["step_type"] == "silent_work" and own.random() < 0.4:
        return {}
    ports = ports_of(step)
    if len(ports) > 1 and own.random() < 0.25:
        ports = own.sample(ports, own.randint(1, len(ports) - 1))
    return {port: value_for(own, port) for port in ports}


def repair(own: random.Random, step: dict[str, Json], number: int, code: str) -> tuple[Any, ...]:
    """What a person chooses. At most twice to begin again, so that every run ends; never where nothing could begin again, nor
    over early joins inside, whose counted edges the trail would tell twice."""
    choices = ["skip", "fail"]
    if number <= 2 and code not in NOTHING_TO_RETRY and step["step_type"] != "parallel_join" and not races_inside(step):
        choices += ["retry"] * 2
    if (ports := good_ports(own, step, code)) is not None:
        choices += ["deliver"] * 2
    choice = own.choice(choices)
    return (choice, ports) if choice == "deliver" else (choice,)


def races_inside(step: dict[str, Json]) -> bool:
    inner = [one for body, _ in bodies(step["config"]["body"]) for one in body["steps"]] if "body" in step["config"] else []
    return any(one["config"].get("join") in {"any", "n_of_m"} for one in inner)


def good_ports(own: random.Random, step: dict[str, Json], code: str) -> dict[str, Json] | None:
    """What may be delivered in the step's place with the types that others rely on; None where they are not known."""
    kind, config = step["step_type"], step["config"]
    if kind in {"work", "silent_work"}:
        return delivery(own, step) or None
    if kind in {"loop", "subsegment"}:
        return {"output": {"k9": own.randint(0, 9)}}
    if kind == "human_task":
        ports = ["approved"] if code in NOTHING_TO_RETRY else ["approved", "approved", "rejected"]
        return {own.choice(ports): own.randint(0, 9)}
    if kind == "map":
        return {"results": [own.randint(0, 9)]}
    if kind == "parallel_join" and config.get("merge", "by_step") != "first":
        return {"output": [1] if config.get("merge") == "list" else {"k9": 2}}
    return None


def value_for(rng: random.Random, port: str) -> Json:
    if port == "items":
        return [rng.randint(0, 9) for _ in range(rng.randint(0, 3))]
    if port == "obj":
        return {key: rng.randint(0, 9) for key in rng.sample(["k1", "k2", "k3"], rng.randint(1, 2))}
    return rng.randint(0, 9)
