"""One graph and how far it is, for the oracle: ports, edges, and what the rules derive from them, each from its definition.

The expressions are the few that random segments are made of; the oracle evaluates them itself and so shares nothing with FEEL.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field
from typing import Any

Json = Any
OUTCOMES = {"switch": {"default"}, "parallel_join": {"unmet"}, "loop": {"exhausted"}}
OUTCOMES["human_task"] = {"rejected", "modified", "expired"}
SILENT = {"silent_work"}
ASKED = {"human_task", "subsegment"}  # what cancelling asks to end, and waits for
ELSEWHERE = ASKED | {"work", "silent_work", "wait"}
SEEDS_JOINS = {"all": ("all", "list"), "any": ("any", "first"), "first": ("all_live", "first")}
MISSING = '=number("none")'  # the one expression that a wait or a child's input may be: an error
COMPARE = {"<": operator.lt, ">": operator.gt, ">=": operator.ge, "=": operator.eq}


class StrictError(Exception):
    """An expression that strict FEEL refuses to evaluate."""


@dataclass
class Outcome:
    """What came of a run. Visits are keyed `step` or `m#3/inner`, edges by the prefix of their scope (`m#3/`) and their index."""

    status: str = ""  # completed, failed, cancelled, or refused (INPUT_INVALID)
    result: Json = None
    error: str | None = None  # the first unhandled failure of the run
    failures: list[str] = field(default_factory=list)  # all unhandled failures of the run's own scope
    states: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)  # of failed visits, and those that on_error turned over
    ends: dict[tuple[str, int], str] = field(default_factory=dict)
    counted: dict[str, list[int]] = field(default_factory=dict)
    regions: set[str] = field(default_factory=set)  # visits in a region that a join has cancelled (R10)
    stopped: set[str] = field(default_factory=set)  # prefixes of scopes after cancel_rest or a cancel
    waits: list[list[str]] = field(default_factory=list)  # what it waited for before each answer (`tests.law.answering`)


@dataclass(eq=False)
class Visit:
    scope: Scope
    step_id: str
    inputs: dict[str, Json]
    attempt: int = 1
    failures: int = 0  # failed attempts since it began, or since a person had it begin again
    begun: bool = False
    probing: bool = False
    overdue: bool = False  # its deadline has passed
    incident: str | None = None  # the code of the failure that a person is asked about
    cancelled: bool = False  # it ends as cancelled, once it or its inside has answered
    failing: str | None = None  # the code with which it ends, once its inside has
    inside: list[Scope] | None = None  # of a map or loop: the items or rounds so far

    @property
    def step(self) -> dict[str, Json]:
        return self.scope.steps[self.step_id]

    @property
    def policy(self) -> dict[str, Json]:
        return self.step.get("policy") or {}

    def is_inside(self) -> bool:
        return self.inside is not None and self.incident is None

    def is_withdrawn(self) -> bool:
        """Whether its task or child run has been asked to end."""
        return self.step["step_type"] in ASKED and (self.cancelled or self.failing is not None)


class Scope:
    """A run, a map item or a loop round: one graph and how far it is."""

    def __init__(self, body: dict[str, Json], prefix: str, given: Json, on_failure: str) -> None:
        self.prefix, self.given, self.policy, self.named = prefix, given, body.get("policy") or {}, body.get("outputs") or {}
        self.on_failure = self.policy.get("on_failure", on_failure)
        self.steps = {step["step_id"]: step for step in body["steps"]}
        self.edges = list(body["edges"])
        for step in body["steps"]:
            on_error = (step.get("policy") or {}).get("on_error")
            if isinstance(on_error, dict) and "fallback_step" in on_error:
                ports = [port["port_id"] for port in in_ports(self.steps[on_error["fallback_step"]])]
                port = "input" if "input" in ports else ports[0]
                ends = {"source_step": step["step_id"], "target_step": on_error["fallback_step"], "target_port": port}
                self.edges.append({"source_port": "error", **ends})
        self.inbound = {s: [i for i, e in enumerate(self.edges) if e["target_step"] == s] for s in self.steps}
        self.outgoing = {s: [i for i, e in enumerate(self.edges) if e["source_step"] == s] for s in self.steps}
        self.ends: dict[int, str] = {}
        self.carried: dict[int, Json] = {}
        self.state: dict[str, str] = {}  # a decided step: open, completed, failed, skipped or cancelled
        self.answers: dict[str, dict[str, Json]] = {}
        self.open: dict[str, Visit] = {}
        self.failures: list[str] = []
        self.asked: dict[int, None] = {}  # edges that are open until a person says true or false
        self.frozen = self.stopped = False
        self.doomed: set[str] = set()

    def asks(self) -> bool:
        """R11: whether a failure here waits for a person."""
        return self.on_failure == "incident" and not self.stopped

    def busy(self) -> bool:
        """R13: a scope ends when no visit or incident is open."""
        return bool(self.open or self.asked)

    def port_of(self, edge: int) -> str:
        return str(self.edges[edge]["source_port"])

    def outcomes(self, step_id: str) -> set[str]:
        return outcomes(self.steps[step_id])

    def delivered(self, step_id: str) -> list[int]:
        return [i for i in self.inbound[step_id] if self.ends.get(i) == "D"]

    def arrived(self, step_id: str) -> dict[str, list[Json]]:
        """Per in-port what was delivered, in edge order; for a step without inbound edges what the scope was given."""
        got: dict[str, list[Json]] = {port["port_id"]: [] for port in in_ports(self.steps[step_id])}
        for i in self.delivered(step_id):
            got[self.edges[i]["target_port"]].append(self.carried[i])
        for port in got if not self.inbound[step_id] else ():
            if port == "input":
                got[port] = [self.given]
            elif not self.prefix and isinstance(self.given, dict) and port in self.given:
                got[port] = [self.given[port]]
        return got

    def bound(self, step_id: str, got: dict[str, list[Json]]) -> dict[str, Json] | None:
        """R3: the inputs of a visit, or None on PORT_CONFLICT."""
        inputs: dict[str, Json] = {}
        for port in in_ports(self.steps[step_id]):
            name, values = port["port_id"], got[port["port_id"]]
            if port.get("many"):
                inputs[name] = values
            elif len(values) > 1:
                return None
            elif values or "default" in port:
                inputs[name] = values[0] if values else port["default"]
        return inputs

    def lacks(self, step_id: str, got: dict[str, list[Json]]) -> bool:
        ports = in_ports(self.steps[step_id])
        return any(p.get("required") and not got[p["port_id"]] and "default" not in p for p in ports)

    def end_steps(self) -> list[str]:
        """R13: no edge leaves it but from error and outcome ports."""
        return [s for s in self.steps if all(self.port_of(i) in {"error"} | self.outcomes(s) for i in self.outgoing[s])]

    def reach(self, start: set[str], *, without: str = "", errors: bool = True) -> set[str]:
        found = set(start) - {without}
        while True:
            ways = [e for e in self.edges if e["source_step"] in found and (errors or e["source_port"] != "error")]
            more = {e["target_step"] for e in ways} - found - {without}
            if not more:
                return found
            found |= more

    def region(self, join: str) -> set[str]:
        """R10: the steps that are no end and from which every way to an end leads through this join."""
        ends = {*self.end_steps(), *(name.split(".")[0] for name in self.named.values())}
        return {s for s in self.steps if s not in ends | {join} and not self.reach({s}, without=join, errors=False) & ends}

    def dominators(self, step_id: str) -> set[str]:
        entries = {s for s in self.steps if not self.inbound[s]}
        return {d for d in self.steps if d != step_id and step_id not in self.reach(entries, without=d)}

    def entered(self, join: str) -> bool:
        """R9: the join's immediate dominator delivered an edge from which the join can be reached."""
        all_of_it = self.dominators(join)
        nearest = [d for d in all_of_it if self.dominators(d) == all_of_it - {d}]
        if not nearest:
            return True
        return any(
            self.ends.get(i) == "D" and join in self.reach({self.edges[i]["target_step"]}) for i in self.outgoing[nearest[0]]
        )

    def verdict(self) -> tuple[bool, Json]:
        """R13, for a scope without open visits: (True, its outputs) or (False, the code of its first failure)."""
        if self.failures:
            return False, self.failures[0]
        done = {s: self.answers[s] for s in self.steps if self.state.get(s) == "completed"}
        if self.named:
            places = {name: place.split(".") for name, place in self.named.items()}
            result: Json = {name: done[s][p] for name, (s, p) in places.items() if p in done.get(s, {})}
            return (True, result) if result or self.policy.get("allow_empty") else (False, "NO_RESULT")
        ends, objects = self.end_steps(), {}
        for s in ends:
            used = {self.port_of(i) for i in self.outgoing[s]}
            rest = {port: value for port, value in done.get(s, {}).items() if port not in used}
            if s in done and (rest or self.steps[s]["step_type"] in SILENT):
                objects[s] = rest
        if not objects:
            return (True, {}) if self.policy.get("allow_empty") else (False, "NO_RESULT")
        return True, objects[ends[0]] if len(ends) == 1 else objects

    def need(self, join: str) -> int:
        """R9: how many deliveries make the join fire."""
        step = self.steps[join]
        return int({"all": len(self.inbound[join]), "n_of_m": step["config"].get("n")}.get(join_rule(step)[0], 1))

    def merged(self, join: str, merge: str, counted: list[int]) -> list[Json] | None:
        """[the merged value], or None on MERGE_CONFLICT."""
        values = [self.carried[i] for i in counted]
        if merge in {"list", "first"}:
            return [values if merge == "list" else values[0]]
        if merge == "shallow":
            keys = [key for value in values for key in value] if all(isinstance(value, dict) for value in values) else [0, 0]
            return [{key: inner for value in values for key, inner in value.items()}] if len(keys) == len(set(keys)) else None
        sources = [self.edges[i]["source_step"] for i in self.inbound[join]]
        edges = [self.edges[i] for i in counted]
        keys = [(e["source_step"] + (f".{e['source_port']}" if sources.count(e["source_step"]) > 1 else "")) for e in edges]
        return [dict(zip(keys, values, strict=True))]


def outcomes(step: dict[str, Json]) -> set[str]:
    return OUTCOMES.get(step["step_type"], set())


def in_ports(step: dict[str, Json]) -> list[dict[str, Json]]:
    kind = step["step_type"]
    ports = [{"port_id": "input", "required": kind == "transform", "many": kind == "parallel_join"}]
    return step.get("inputs") or ports + [{"port_id": "data"}] * (kind == "human_task")


def data_ports(step: dict[str, Json]) -> list[str]:
    """The out-ports that are neither `error` nor an outcome."""
    kind, config = step["step_type"], step.get("config") or {}
    if step.get("outputs"):
        return [port["port_id"] for port in step["outputs"] if port["port_id"] not in outcomes(step)]
    derived = {
        "condition": ["true", "false"],
        "switch": [case["port"] for case in config.get("cases", [])],
        "parallel_split": [f"branch_{k}" for k in range(1, config.get("branches", 2) + 1)],
        "map": ["results", "errors"] if config.get("on_item_failure") == "collect" else ["results"],
        "human_task": ["approved"],
    }
    return derived.get(kind, ["output"])


def valid(step: dict[str, Json], answer: dict[str, Json]) -> bool:
    """R5: no unknown port, and at least one unless the type may be silent."""
    return set(answer) <= set(data_ports(step)) and (bool(answer) or step["step_type"] in SILENT)


def max_attempts(segment: dict[str, Json], step: dict[str, Json]) -> int:
    """The step's own retry, else the segment's, which `once` and child runs do not take."""
    policy, general = step.get("policy") or {}, segment.get("policy") or {}
    alone = policy.get("effect") == "once" or step["step_type"] == "subsegment"
    inherited = 1 if alone else general.get("max_retries", 0) + 1
    return int((policy.get("retry") or {}).get("max_attempts", inherited))


def evaluate(text: str, names: dict[str, Json]) -> bool:
    """The few expressions that segments are made of here: true, false, a path, a path compared with an integer."""
    if text in {"true", "false"}:
        return text == "true"
    match = re.fullmatch(r"([a-z_][\w.]*)(?: (<|>=|>|=) (-?\d+))?", text)
    if not match:
        raise StrictError(text)
    value: Json = names
    for key in match[1].split("."):
        if not isinstance(value, dict) or key not in value:
            raise StrictError(text)
        value = value[key]
    if match[2]:
        if type(value) is not int:
            raise StrictError(text)
        value = COMPARE[match[2]](value, int(match[3]))
    if not isinstance(value, bool):
        raise StrictError(text)
    return value


def passes(test: str, value: Json) -> bool:
    """A unary test of a switch case: `< N`, `> N` or `[N..M]`."""
    if span := re.fullmatch(r"\[(-?\d+)\.\.(-?\d+)\]", test):
        return evaluate(f"v >= {span[1]}", {"v": value}) and not evaluate(f"v > {span[2]}", {"v": value})
    return evaluate(f"v {test}", {"v": value})


def inline(step: dict[str, Json], value: Json) -> dict[str, Json] | None:
    """What an inline step answers at once; None for the other kinds. StrictError if its expression is an error."""
    kind, config = step["step_type"], step.get("config") or {}
    if kind == "condition":
        return {str(evaluate(config["expression"], {"input": value})).lower(): value}
    if kind == "switch":
        return {next((case["port"] for case in config["cases"] if passes(case["when"], value)), "default"): value}
    if kind in {"parallel_split", "transform"}:
        return dict.fromkeys(data_ports(step), value)
    if (kind == "map" and not isinstance(value, list)) or MISSING in (config.get("duration"), config.get("input")):
        raise StrictError(kind)
    return None


def join_rule(step: dict[str, Json]) -> tuple[str, str]:
    """(mode, merge) of a join."""
    config = step.get("config") or {}
    mode, merge = SEEDS_JOINS.get(config.get("join_type", ""), ("all_live", "by_step"))
    return config.get("join", mode), config.get("merge", merge)
