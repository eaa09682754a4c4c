"""A segment with everything filled in that its steps leave to their types: configs, ports, fallback edges, bodies.

Rule: what a step does not declare comes from its type. Declared ports replace the type's data ports of that direction, and
what a declared port leaves open comes from the type's port of the same id; outcome ports stay, last. Types with fixed outputs
keep them all: a step may only describe those. Ports that follow from the config (a switch's cases) come from the table DERIVE,
older config keys are replaced by the table CONFIG. ``fallback_step`` becomes an edge after the written ones (R8).
Validation and the lock both look at this one form; what cannot be filled in is a problem, and the rest is still expanded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from worktrail.contract.catalog import PortSpec, StepCatalog, StepTypeMetadata
from worktrail.contract.graph import Graph, Link
from worktrail.contract.models import (
    Body,
    BodyPolicy,
    EdgeDefinition,
    PortDefinition,
    RetryPolicy,
    SegmentPolicy,
    StepDefinition,
    is_id,
)
from worktrail.contract.problems import Problem, problem
from worktrail.contract.reading import Reader, read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from worktrail.contract.segment import SegmentDefinition

__all__ = ["ERROR_PORT", "Edge", "Scope", "Step", "expand_segment", "graph_of", "scopes_of"]

ERROR_PORT = "error"


class Step(msgspec.Struct, frozen=True):
    """A step with its type applied. ``outs`` are the data and outcome ports by id, in order; `error` is not among them."""

    number: int
    pointer: str
    definition: StepDefinition
    type: StepTypeMetadata
    known: bool  # the catalogue has its type
    config: dict[str, Any]
    retry: RetryPolicy  # of the type, as far as the config decides it
    ins: dict[str, PortSpec]
    outs: dict[str, PortSpec]
    outcomes: tuple[str, ...]
    body: Scope | None = None

    @property
    def id(self) -> str:
        """The step's id."""
        return self.definition.step_id

    @property
    def data_outs(self) -> list[str]:
        """The output ports that are neither `error` nor outcomes."""
        return [port for port in self.outs if port not in self.outcomes]


class Edge(msgspec.Struct, frozen=True):
    """An edge between step numbers; ``fallback`` is one that came from `on_error`."""

    pointer: str
    source: int
    port: str
    target: int
    to: str
    condition: str | None = None
    fallback: bool = False


class Scope(msgspec.Struct, frozen=True):
    """A graph: a segment's, or the body of a map or loop. Only edges whose ends exist stand in ``edges``."""

    pointer: str
    container: str  # "" for a segment, else "map" or "loop"
    depth: int
    steps: list[Step]
    edges: list[Edge]
    numbers: dict[str, int]
    outputs: dict[str, str] | None
    policy: SegmentPolicy | BodyPolicy


# --- configs --------------------------------------------------------------------------------------------------------


def _parallel_split(config: dict[str, Any]) -> dict[str, Any]:
    older = config.pop("branch_count", None)
    return config if older is None else {"branches": older, **config}


OLDER_JOINS = {"all": ("all", "list"), "any": ("any", "first"), "first": ("all_live", "first")}  # R9


def _parallel_join(config: dict[str, Any]) -> dict[str, Any]:
    first, second = config.pop("join_type", None), config.pop("merge_strategy", None)
    older = first if first is not None else second
    if isinstance(older, str) and older in OLDER_JOINS:
        mode, merge = OLDER_JOINS[older]
        return {"join": mode, "merge": merge, **config}
    return config


def _http_action(config: dict[str, Any]) -> dict[str, Any]:
    config.pop("retry_count", None)  # it is in the step's retry policy (make_lock)
    return {"method": "POST" if "body" in config else "GET", **config}


# step type → what replaces older keys and fills defaults that are not constants
CONFIG: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "parallel_split": _parallel_split,
    "parallel_join": _parallel_join,
    "http_action": _http_action,
}


def _filled(kind: StepTypeMetadata, config: Mapping[str, Any]) -> dict[str, Any]:
    made = {key: value for key, value in config.items() if key != "body" or kind.kind not in ("map", "loop")}
    if kind.type_id in CONFIG:
        made = CONFIG[kind.type_id](made)
    properties = kind.config_schema.get("properties")
    for key, schema in properties.items() if isinstance(properties, dict) else ():
        if isinstance(schema, dict) and "default" in schema and key not in made:
            made[key] = schema["default"]
    return made


def _type_retry(kind: StepTypeMetadata, config: Mapping[str, Any]) -> RetryPolicy:
    """A request that changes something is not sent again unless somebody says so."""
    if kind.type_id == "http_action" and config.get("method") in ("POST", "PATCH"):
        return RetryPolicy(max_attempts=1)
    return kind.retry


# --- ports ----------------------------------------------------------------------------------------------------------


def _cases(config: Mapping[str, Any]) -> list[PortSpec]:
    cases = config.get("cases")
    named = [case.get("port") for case in cases if isinstance(case, dict)] if isinstance(cases, list) else []
    return [*(PortSpec(name) for name in dict.fromkeys(str(name) for name in named if is_id(name))), PortSpec("default")]


def _branches(config: Mapping[str, Any]) -> list[PortSpec]:
    count = config.get("branches")
    number = count if isinstance(count, int) and not isinstance(count, bool) and 2 <= count <= 64 else 2
    return [PortSpec(f"branch_{k}") for k in range(1, number + 1)]


def _item_errors(config: Mapping[str, Any]) -> list[PortSpec]:
    collect = config.get("on_item_failure") == "collect"
    results = PortSpec("results", data_type="array")
    return [results, PortSpec("errors", data_type="array")] if collect else [results]


# name in the catalogue entry → the output ports that follow from a config
DERIVE: dict[str, Callable[[Mapping[str, Any]], list[PortSpec]]] = {
    "cases": _cases,
    "branches": _branches,
    "item_errors": _item_errors,
}


def _declared(port: PortDefinition, of_type: PortSpec | None) -> PortSpec:
    base = of_type or PortSpec(port.port_id)
    open_type = port.data_type == "any"
    return PortSpec(
        port.port_id,
        base.data_type if open_type else port.data_type,
        base.required if port.required is None else port.required,
        port.description or base.description,
        base.schema if port.schema is None and open_type else port.schema,
        base.default if port.default is msgspec.UNSET else port.default,
        port.many or base.many,
    )


def _merge(declared: Sequence[PortDefinition], of_type: dict[str, PortSpec]) -> dict[str, PortSpec]:
    return {port.port_id: _declared(port, of_type.get(port.port_id)) for port in declared}


def _inputs(step: StepDefinition, kind: StepTypeMetadata) -> dict[str, PortSpec]:
    of_type = {spec.port_id: spec for spec in kind.input_ports}
    return _merge(step.inputs, of_type) if step.inputs else of_type


def _outputs(step: StepDefinition, kind: StepTypeMetadata, config: Mapping[str, Any]) -> dict[str, PortSpec]:
    specs = DERIVE[kind.derive](config) if kind.derive in DERIVE else kind.output_ports
    of_type = {spec.port_id: spec for spec in specs}
    declared = _merge(step.outputs, of_type)
    declared.pop(ERROR_PORT, None)
    if not declared:
        return of_type
    if kind.fixed_outputs:
        return {port: declared.get(port, spec) for port, spec in of_type.items()}
    outcomes = {port: declared.pop(port, of_type[port]) for port in kind.outcomes if port in of_type}
    return {**declared, **outcomes}


# --- steps, edges, scopes -------------------------------------------------------------------------------------------


class _Expansion:
    """One walk over a segment and its bodies."""

    def __init__(self, catalog: StepCatalog, problems: list[Problem]) -> None:
        self.catalog = catalog
        self.problems = problems

    def bad(self, code: str, pointer: str, message: str, hint: str = "") -> None:
        self.problems.append(problem(code, pointer, message, hint=hint))

    def step(self, number: int, definition: StepDefinition, pointer: str, depth: int) -> Step:
        found = self.catalog.get(definition.step_type)
        if found is None:
            near = self.catalog.nearest(definition.step_type)
            hint = f"Did you mean {near!r}?" if near else "Register the type, or use one of the catalogue."
            self.bad("TYPE_UNKNOWN", f"{pointer}/step_type", f"no step type {definition.step_type!r} is registered", hint)
        elif definition.type_version not in (None, found.version):
            message = f"step type {found.type_id!r} has version {found.version!r}, not {definition.type_version!r}"
            self.bad("TYPE_VERSION", f"{pointer}/type_version", message)
        kind = found or StepTypeMetadata(definition.step_type, "utility", definition.step_type)  # type: ignore[arg-type]
        config = _filled(kind, definition.config)
        return Step(
            number=number,
            pointer=pointer,
            definition=definition,
            type=kind,
            known=found is not None,
            config=config,
            retry=_type_retry(kind, config),
            ins=_inputs(definition, kind),
            outs=_outputs(definition, kind, config),
            outcomes=kind.outcomes,
            body=self.body(definition, kind, f"{pointer}/config/body", depth) if kind.kind in ("map", "loop") else None,
        )

    def body(self, definition: StepDefinition, kind: StepTypeMetadata, pointer: str, depth: int) -> Scope | None:
        reader = Reader()
        raw = definition.config.get("body")
        if raw is None:
            return None  # the config's own check says so
        read = read_body(reader, raw, pointer)
        self.problems += reader.problems
        return None if read is None else self.scope(read, pointer, kind.kind, depth + 1)

    def scope(self, graph: Body | SegmentDefinition, pointer: str, container: str, depth: int) -> Scope:
        steps: list[Step] = []
        numbers: dict[str, int] = {}
        for at, definition in enumerate(graph.steps):
            here = f"{pointer}/steps/{at}"
            if definition.step_id in numbers:
                self.bad("STEP_TWICE", f"{here}/step_id", f"two steps are called {definition.step_id!r}")
            numbers.setdefault(definition.step_id, at)
            steps.append(self.step(at, definition, here, depth))
        written = [self.edge(edge, f"{pointer}/edges/{at}", steps, numbers) for at, edge in enumerate(graph.edges)]
        self.edge_ids(graph.edges, pointer)
        edges = [made for made in (*written, *(self.fallback(step, steps, numbers) for step in steps)) if made is not None]
        return Scope(pointer, container, depth, steps, edges, numbers, graph.outputs, graph.policy)

    def edge_ids(self, edges: Sequence[EdgeDefinition], pointer: str) -> None:
        seen: set[str] = set()
        for at, edge in enumerate(edges):
            if edge.edge_id is not None and edge.edge_id in seen:
                self.bad("EDGE_TWICE", f"{pointer}/edges/{at}/edge_id", f"two edges are called {edge.edge_id!r}")
            seen.add(edge.edge_id or "")

    def edge(self, edge: EdgeDefinition, pointer: str, steps: list[Step], numbers: dict[str, int]) -> Edge | None:
        source, target = numbers.get(edge.source_step), numbers.get(edge.target_step)
        for key, step_id, number in (("source_step", edge.source_step, source), ("target_step", edge.target_step, target)):
            if number is None:
                self.bad("STEP_UNKNOWN", f"{pointer}/{key}", f"there is no step {step_id!r} here")
        if source is None or target is None:
            return None
        good = self.port(f"{pointer}/source_port", steps[source], edge.source_port, [*steps[source].outs, ERROR_PORT], "output")
        good = self.port(f"{pointer}/target_port", steps[target], edge.target_port, list(steps[target].ins), "input") and good
        return Edge(pointer, source, edge.source_port, target, edge.target_port, edge.condition) if good else None

    def port(self, pointer: str, step: Step, port: str, ports: list[str], word: str) -> bool:
        if port not in ports and step.known:
            hint = f"Its {word} ports are {', '.join(ports)}." if ports else f"It has no {word} ports."
            self.bad("PORT_UNKNOWN", pointer, f"step {step.id!r} has no {word} port {port!r}", hint)
        return port in ports

    def fallback(self, step: Step, steps: list[Step], numbers: dict[str, int]) -> Edge | None:
        on_error = step.definition.policy.on_error
        if not isinstance(on_error, dict) or "fallback_step" not in on_error:
            return None
        pointer, name = f"{step.pointer}/policy/on_error/fallback_step", on_error["fallback_step"]
        number = numbers.get(name)
        if number is None:
            self.bad("STEP_UNKNOWN", pointer, f"there is no step {name!r} here")
            return None
        ports = list(steps[number].ins)
        if "input" not in ports and len(ports) != 1:
            message = f"the fallback {name!r} has neither a port `input` nor exactly one port"
            self.bad("FALLBACK_PORT", pointer, message)
            return None
        to = "input" if "input" in ports else ports[0]
        return Edge(pointer, step.number, ERROR_PORT, number, to, fallback=True)


def expand_segment(segment: SegmentDefinition, catalog: StepCatalog) -> tuple[Scope, list[Problem]]:
    """The expanded graph of a segment, and what could not be filled in."""
    problems: list[Problem] = []
    return _Expansion(catalog, problems).scope(segment, "", "", 0), problems


def graph_of(scope: Scope) -> Graph:
    """The graph of a scope, `fallback_step` edges included."""
    links = []
    for edge in scope.edges:
        way = edge.port != ERROR_PORT
        links.append(Link(edge.source, edge.target, way, way and edge.port not in scope.steps[edge.source].outcomes))
    return Graph(len(scope.steps), links)


def scopes_of(scope: Scope) -> list[Scope]:
    """`scope` and every body below it, outermost first."""
    found = [scope]
    for each in found:  # grows while it is walked
        found += [step.body for step in each.steps if step.body is not None]
    return found
