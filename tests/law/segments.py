"""Random segments and answers for the law tests: always valid, with a healthy share of everything the rules speak of.

A port has a type here, so that a condition compares only what is surely an integer, and a map goes only over lists. `free`
keeps values that depend on what an early join counted (R9) away from everything that reads values; only then is every state
the same in every order of completion.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Json = Any
INT, INTS, LIST, OBJ, ERR, ANY = "int", "list of int", "list", "object", "error", "any"
NAMED = {"items": INTS, "obj": OBJ}  # what an out-port of work carries, by its name; any other carries an integer
SAMPLES = {INT: 4, INTS: [1, 5], LIST: [2], OBJ: {"k9": 1}, ERR: {"code": "CONTINUED"}, ANY: 0}
MISSING = '=number("none")'
BROKEN = "{}.missing.key > 1"
DEPTH = 3
OUTCOMES = {"unmet", "exhausted", "default", "rejected", "modified", "expired"}


@dataclass
class Node:
    step: dict[str, Json]
    outs: dict[str, str] = field(default_factory=dict)  # port: type of what it carries
    catches: bool = True  # whether error edges may leave it
    entry: bool = False

    @property
    def sid(self) -> str:
        return str(self.step["step_id"])


Source = tuple[Node, str, str]


def random_segment(
    rng: random.Random,
    size: int = 8,
    *,
    free: bool = False,
    silent: bool = False,
    asking: bool = False,
    timed: bool = False,
) -> dict[str, Json]:
    """A segment of at most `size` steps at the top, bodies smaller. It expects an integer as the run's input.

    `silent` adds steps of the test type `silent_work`, which may answer with no port; `asking` adds `on_failure: incident`,
    `effect: verify` and more of `once`; `timed` adds deadlines of visits.
    """
    maker = Maker(rng, free=free, silent=silent, asking=asking, timed=timed)
    body, _ = maker.graph(size, 1, INT)
    policy = maker.scope_policy()
    if rng.random() < 0.2:
        policy |= {"max_retries": rng.randint(0, 2), "retry_delay": 0}
    resources = {"resources": {"segments": {"sub": {"segment_id": "sub"}}}} if maker.children else {}
    return {"segment_id": "random", **resources, **({"policy": policy} if policy else {}), **body}


class Maker:
    def __init__(self, rng: random.Random, *, free: bool, silent: bool, asking: bool, timed: bool) -> None:
        self.rng, self.free, self.silent, self.asking, self.timed = rng, free, silent, asking, timed
        self.made = self.children = 0

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def scope_policy(self) -> dict[str, Json]:
        policy: dict[str, Json] = {}
        if self.chance(0.8 if self.asking else 0.55):
            choices = ["finish_rest", "finish_rest", "cancel_rest"] + ["incident"] * 6 * self.asking
            policy["on_failure"] = self.rng.choice(choices)
        if self.chance(0.4):
            policy["allow_empty"] = self.chance(0.8)
        return policy

    def graph(self, size: int, depth: int, given: str) -> tuple[dict[str, Json], dict[str, str]]:
        """A body, and the types of the ports in its result as far as they are known."""
        rng, nodes, edges = self.rng, list[Node](), list[dict[str, Json]]()
        wanted = rng.randint(min(2, size), size)
        while len(nodes) < wanted:
            if nodes and len(nodes) + 3 <= wanted and self.chance(0.42):
                self.race(nodes, edges)
            else:
                sources = [] if not nodes or self.chance(0.15) else self.pick(nodes)
                self.add(nodes, edges, self.node(sources, depth, given), sources)
        self.add_fallbacks(nodes)
        body: dict[str, Json] = {"steps": [node.step for node in nodes], "edges": edges}
        if self.chance(0.25):
            places = [(f"{node.sid}.{port}", kind) for node in nodes for port, kind in node.outs.items()]
            named = {f"o{i}": place for i, place in enumerate(rng.sample(places, min(len(places), rng.randint(1, 3))))}
            body["outputs"] = {name: place for name, (place, _) in named.items()}
            known = {name: kind for name, (_, kind) in named.items()}
        else:
            known = self.single_result(nodes, edges)
        if self.chance(0.4):
            rng.shuffle(body["steps"])
        if self.chance(0.3):
            rng.shuffle(body["edges"])
        return body, known

    def add(self, nodes: list[Node], edges: list[dict[str, Json]], node: Node, sources: list[Source]) -> None:
        node.entry = not sources
        ports = [port["port_id"] for port in node.step.get("inputs", [])][: len(sources)] or ["input"]
        if node.step["step_type"] == "human_task":
            ports = ["input", "data"]
        for i, (source, port, kind) in enumerate(sources):
            edges.append(self.edge(source, port, node, ports[i % len(ports)], kind))
        nodes.append(node)

    def race(self, nodes: list[Node], edges: list[dict[str, Json]]) -> None:
        """Two works, tasks, waits or child runs side by side, now and then a work behind one, and a join that mostly does not
        wait for both."""
        sources: list[Source] = []
        for _ in range(2):
            before = self.pick(nodes)[:1]
            kind = before[0][2]
            found = self.work(self.blank(), before) if self.chance(0.6) else self.elsewhere(self.blank(), None, kind)
            self.add(nodes, edges, found, before)
            sources.append((nodes[-1], *next(iter(nodes[-1].outs.items()))))
        if self.chance(0.4):
            self.add(nodes, edges, self.work(self.blank(), sources[:1]), sources[:1])
            sources[0] = (nodes[-1], *next(iter(nodes[-1].outs.items())))
        self.add(nodes, edges, self.join(self.blank(), sources), sources)

    def blank(self) -> dict[str, Json]:
        self.made += 1
        return {"step_id": f"s{self.made}"}

    def single_result(self, nodes: list[Node], edges: list[dict[str, Json]]) -> dict[str, str]:
        used = {(e["source_step"], e["source_port"]) for e in edges}
        ends = [n for n in nodes if not any((n.sid, p) in used for p in n.outs if p not in OUTCOMES)]
        if len(ends) != 1:
            return {}
        return {port: kind for port, kind in ends[0].outs.items() if (ends[0].sid, port) not in used}

    def edge(self, source: Node, port: str, target: Node, target_port: str, kind: str) -> dict[str, Json]:
        edge = {"source_step": source.sid, "source_port": port, "target_step": target.sid, "target_port": target_port}
        if self.chance(0.18):
            edge["condition"] = self.condition("value", kind)
        return edge

    def condition(self, name: str, kind: str) -> str:
        n, choices = self.rng.randint(0, 8), ["true", "true", "false"]
        if kind == INT:
            choices += [f"{name} > {n}"] * 4 + [f"{name} = {n}"]
        if kind in {INT, ERR} and self.chance(0.7 if self.asking else 0.35):
            choices += [BROKEN.format(name)] * (4 if self.asking else 2)
        return self.rng.choice(choices)

    def pick(self, nodes: list[Node]) -> list[Source]:
        """Where a step's edges come from: recent steps and unused ports rather than others."""
        rng, wanted = self.rng, self.rng.choice([1, 1, 1, 2, 2, 3, 4])
        pool: list[Source] = [(n, port, kind) for n in nodes for port, kind in n.outs.items()]
        pool += [(n, "error", ERR) for n in nodes if n.catches and self.chance(0.45)]
        lists = [source for source in pool if source[2] == INTS]
        if lists and self.chance(0.3):
            return [rng.choice(lists)]
        objects = [source for source in pool if source[2] == OBJ]
        if len(objects) > 1 and self.chance(0.5):
            pool, wanted = objects, max(wanted, 3)
        weights = [(4 + nodes.index(n)) * (1 if port == "error" else 3) for n, port, _ in pool]
        found: dict[tuple[str, str], Source] = {}
        for source in rng.choices(pool, weights, k=wanted):
            found[source[0].sid, source[1]] = source
        if len(found) == 1 and self.chance(0.2):  # the branches of one step, which exclude each other
            node = next(iter(found.values()))[0]
            found |= {(node.sid, port): (node, port, kind) for port, kind in node.outs.items()}
        return list(found.values())

    def node(self, sources: list[Source], depth: int, given: str) -> Node:
        kinds = {kind for _, _, kind in sources} or {given}
        kind = kinds.pop() if len(kinds) == 1 else ANY
        rng, step = self.rng, self.blank()
        if len(sources) > 1 and self.chance(0.65):
            return self.join(step, sources)
        if len({source.sid for source, _, _ in sources}) > 1 and self.chance(0.8):
            return self.work(step, sources) if self.chance(0.85) else self.elsewhere(step, "human_task", kind)
        if kind in {INTS, LIST} and depth < DEPTH and self.chance(0.9):
            return self.container(step, "map", kind, depth)
        choices = ["work"] * 12 + ["condition"] * 2 + ["switch"] * 2 * (kind == INT) + ["parallel_split"] * 2 + ["transform"]
        choice = rng.choice(choices + ["elsewhere"] * 5 + ["loop"] * 2 * (depth < DEPTH))
        if choice == "elsewhere":
            return self.elsewhere(step, None, kind)
        if choice == "loop":
            return self.container(step, "loop", kind, depth)
        if choice == "work":
            return self.work(step, sources)
        return self.inline(step, choice, kind)

    def inline(self, step: dict[str, Json], choice: str, kind: str) -> Node:
        rng, config, data = self.rng, dict[str, Json](), ["output"]
        if choice == "condition":
            config["expression"], data = self.condition("input", kind), ["true", "false"]
        elif choice == "switch":
            tests = [f"< {rng.randint(1, 4)}", f"[{rng.randint(0, 3)}..{rng.randint(3, 7)}]", f"> {rng.randint(4, 8)}"]
            tests = rng.sample(tests, rng.randint(1, 3))
            config["cases"] = [{"port": f"c{i}", "when": test} for i, test in enumerate(tests)]
            data = [f"c{i}" for i in range(len(tests))]
        elif choice == "parallel_split":
            config["branches"] = rng.randint(2, 3)
            data = [f"branch_{i}" for i in range(1, config["branches"] + 1)]
        else:
            config["expression"] = "input"
        node = Node(step | {"step_type": choice, "config": config}, dict.fromkeys(data, kind))
        if choice == "switch":
            node.outs["default"] = kind
        if choice in {"condition", "switch"}:
            self.policies(node, data)
        return node

    def elsewhere(self, step: dict[str, Json], choice: str | None, kind: str) -> Node:
        """A wait, a person's task or a child run."""
        rng, config = self.rng, dict[str, Json]()
        choice = choice or rng.choice(["wait", "human_task", "human_task", "subsegment", "subsegment"])
        node = Node(step | {"step_type": choice, "config": config})
        if choice == "wait":
            config |= rng.choice([{"duration": "PT1H"}, {"until": "2001-01-01T00:00:00Z"}, {"duration": "PT5S"}])
            config |= {"duration": MISSING} if "duration" in config and self.chance(0.15) else {}
            node.outs = {"output": kind}
        elif choice == "human_task":
            node.outs = {"approved": INT, "rejected": INT, "modified": INT, "expired": ANY}
        else:
            self.children += 1
            config |= {"segment": "sub"} | ({"input": MISSING} if self.chance(0.07) else {})
            node.outs = {"output": OBJ}
        self.policies(node, [port for port in node.outs if port not in OUTCOMES])
        if choice != "human_task":  # whose clock belongs to the task
            self.limits(node)
        return node

    def limits(self, node: Node) -> None:
        """Attempts of work and of child runs, and how long a visit may take."""
        policy = node.step.setdefault("policy", {})
        if node.step["step_type"] not in {"map", "loop", "wait"} and self.chance(0.25):
            policy["retry"] = {"max_attempts": self.rng.randint(1, 3), "delay_s": 0}
        if self.timed and self.chance(0.35 if "effect" in policy or "body" in node.step["config"] else 0.15):
            policy["deadline_s"] = 60
        if not policy:
            del node.step["policy"]

    def work(self, step: dict[str, Json], sources: list[Source]) -> Node:
        rng = self.rng
        step |= {"step_type": "silent_work" if self.silent and self.chance(0.25) else "work", "config": {}}
        ports = ["output"]
        if self.chance(0.4):
            ports = rng.choice(
                [["output", "items"], ["items"], ["items"], ["items"], ["output", "obj"], ["left", "right"], ["obj"], ["obj"]]
            )
            step["outputs"] = [{"port_id": port} for port in ports]
        if sources and self.chance(0.25 if len(sources) == 1 else 0.75):
            if self.chance(0.3):
                step["inputs"] = [{"port_id": "input", "required": False, "many": True}]
            else:
                step["inputs"] = [{"port_id": f"in{i}", "required": self.chance(0.5)} for i in range(len(sources))]
                if self.chance(0.3):
                    rng.choice(step["inputs"])["default"] = 7
                if self.chance(0.2):
                    step["inputs"].append({"port_id": "spare", "required": True, "default": 8})
        node = Node(step, {port: NAMED.get(port, INT) for port in ports})
        self.policies(node, ports)
        policy = step.setdefault("policy", {})
        if self.chance(0.15):
            policy["effect"] = "once"
        elif self.asking and self.chance(0.65):
            policy["effect"] = rng.choice(["once", "verify"])
        self.limits(node)
        return node

    def join(self, step: dict[str, Json], sources: list[Source]) -> Node:
        rng, kinds = self.rng, {kind for _, _, kind in sources}
        config: dict[str, Json] = {
            "join": rng.choice(["all", "all_live"] + ["any", "any", "n_of_m", "n_of_m"] * (kinds != {OBJ}))
        }
        early = config["join"] in {"any", "n_of_m"}
        if config["join"] == "n_of_m":
            config["n"] = rng.randint(1, len(sources))
        merges = ["by_step", "list", "first"] + ["shallow"] * 6 * (not early and kinds == {OBJ})
        merge = rng.choice(merges)
        if merge != "by_step" or self.chance(0.5):
            config["merge"] = merge
        if config["join"] == "all_live" and self.chance(0.5):
            del config["join"]
        if early and self.chance(0.6):
            config["rest"] = rng.choice(["cancel", "cancel", "finish"])
        step |= {"step_type": "parallel_join", "config": config}
        first = next(iter(kinds)) if len(kinds) == 1 else ANY
        out = {"by_step": OBJ, "shallow": OBJ, "list": LIST, "first": first}[merge]
        return Node(step, {"output": ANY if early and self.free else out, "unmet": LIST})

    def container(self, step: dict[str, Json], choice: str, kind: str, depth: int) -> Node:
        rng = self.rng
        body, known = self.graph(4, depth + 1, (INT if kind == INTS else ANY) if choice == "map" else ANY)
        if policy := self.scope_policy():
            body["policy"] = policy
        step |= {"step_type": choice, "config": {"body": body}}
        config, node = step["config"], Node(step)
        if choice == "map":
            config["items"] = "=input"
            if self.chance(0.5):
                config["concurrency"] = rng.randint(1, 3)
            if self.chance(0.7):
                config["on_item_failure"] = rng.choice(["fail", "collect", "skip"])
            node.outs = {"results": LIST} | ({"errors": LIST} if config.get("on_item_failure") == "collect" else {})
        else:
            numbers = [name for name, type_ in known.items() if type_ == INT]
            untils = ["true", "false", f"index >= {rng.randint(1, 3)}", f"index >= {rng.randint(1, 3)}"]
            untils += [f"result.{name} > {rng.randint(0, 8)}" for name in numbers[:1] * 4] + ["result > 3"] * self.chance(0.15)
            config |= {"until": rng.choice(untils), "max": rng.randint(1, 3)}
            node.outs = {"output": OBJ, "exhausted": OBJ}
        self.policies(node, [port for port in node.outs if port not in OUTCOMES])
        self.limits(node)
        return node

    def policies(self, node: Node, data: list[str]) -> None:
        """Set what happens on failure; the target of a fallback is chosen when all steps are known."""
        on_error = self.rng.choice(["fail"] * 10 + ["skip"] * 2 + ["continue_with"] * 2 + ["fallback_step"] * 3)
        if on_error == "continue_with":
            value = {port: SAMPLES[node.outs[port]] for port in data}
            node.step["policy"] = {"on_error": {"continue_with": value[data[0]] if len(data) == 1 else value}}
        elif on_error != "fail" or self.chance(0.1):
            node.step["policy"] = {"on_error": on_error}
        node.catches = on_error in {"fail", "fallback_step"}

    def add_fallbacks(self, nodes: list[Node]) -> None:
        for k, node in enumerate(nodes):
            policy = node.step.get("policy", {})
            if policy.get("on_error") != "fallback_step":
                continue
            targets = [other.sid for other in nodes[k + 1 :] if not other.entry and self.takes_errors(other.step)]
            policy["on_error"] = {"fallback_step": self.rng.choice(targets)} if targets else "fail"

    def takes_errors(self, step: dict[str, Json]) -> bool:
        """Whether an ErrorInfo on its port `input` or its only port leaves the types as they were assumed."""
        if step["step_type"] == "parallel_join":
            return step["config"].get("merge") not in {"first", "shallow"}
        plain = step["step_type"] in {"work", "silent_work", "human_task", "subsegment"}
        return plain and len(step.get("inputs", [0])) == 1


def find_step(segment: dict[str, Json], visit: str) -> Json:
    """The step of a visit such as `m#3/inner`."""
    body, path = segment, visit.split("/")
    for part in path[:-1]:
        body = {step["step_id"]: step for step in body["steps"]}[part.split("#")[0]]["config"]["body"]
    return next(step for step in body["steps"] if step["step_id"] == path[-1])


def random_order(rng: random.Random) -> Callable[[list[str]], int]:
    """Any of the running attempts answers next."""
    return lambda running: rng.randrange(len(running))


def bodies(segment: dict[str, Json], depth: int = 1) -> Iterator[tuple[dict[str, Json], int]]:
    """The segment and every body in it, with its depth from 1."""
    yield segment, depth
    for step in segment["steps"]:
        if "body" in step["config"]:
            yield from bodies(step["config"]["body"], depth + 1)


def shares(segment: dict[str, Json]) -> Counter[str]:
    """How often a segment has each feature."""
    found: Counter[str] = Counter()
    for body, depth in bodies(segment):
        found[f"depth {depth}"] += 1
        found["outputs map"] += "outputs" in body
        found["allow_empty"] += bool(body.get("policy", {}).get("allow_empty"))
        found[f"on_failure {body.get('policy', {}).get('on_failure')}"] += 1
        found["max_retries"] += "max_retries" in body.get("policy", {})
        targets = {edge["target_step"] for edge in body["edges"]}
        found["second entry"] += len({step["step_id"] for step in body["steps"]} - targets) > 1
        for edge in body["edges"]:
            found["edges"] += 1
            found["error edge"] += edge["source_port"] == "error"
            found["outcome edge"] += edge["source_port"] in OUTCOMES
            found["condition"] += "condition" in edge
            found["broken condition"] += "missing" in edge.get("condition", "")
        for step in body["steps"]:
            found["steps"] += 1
            count_step(found, step)
    return found


def count_step(found: Counter[str], step: dict[str, Json]) -> None:
    config, policy = step["config"], step.get("policy", {})
    found[step["step_type"]] += 1
    if step["step_type"] == "parallel_join":
        mode = config.get("join", "all_live")
        found[f"join {mode}"] += 1
        found[f"merge {config.get('merge', 'by_step')}"] += 1
        found[f"rest {config.get('rest', 'finish')}"] += mode in {"any", "n_of_m"}
        found[f"{mode} with rest {config.get('rest', 'finish')}"] += mode in {"any", "n_of_m"}
    if step["step_type"] == "map":
        found[f"map {config.get('on_item_failure', 'fail')}"] += 1
        found["concurrency"] += "concurrency" in config
    on_error = policy.get("on_error", "fail")
    found[f"on_error {on_error if isinstance(on_error, str) else next(iter(on_error))}"] += 1
    found["once"] += policy.get("effect") == "once"
    found["verify"] += policy.get("effect") == "verify"
    found["once with retry"] += policy.get("effect") == "once" and "retry" in policy
    found["retry"] += "retry" in policy
    found["child with retry"] += step["step_type"] == "subsegment" and "retry" in policy
    found["deadline"] += "deadline_s" in policy
    found["deadline of a container"] += "deadline_s" in policy and "body" in config
    found["broken expression"] += "missing" in config.get("expression", "")
    found["broken wait or child"] += MISSING in (config.get("duration"), config.get("input"))
    ports = step.get("inputs", [])
    found["many"] += any(port.get("many") for port in ports)
    found["required"] += any(port.get("required") and "default" not in port for port in ports)
    found["default"] += any("default" in port for port in ports)
