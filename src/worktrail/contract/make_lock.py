"""From a segment to its lock.

Rule: only a segment without errors gets a lock, and the same segment over the same catalogue and children always gets the same
bytes. Precedence of policies: step > segment > type (RunConfig is applied at the start of a run). `effect: once` takes only the
step's own retries; retries and `step_timeout` of the segment are for handler steps alone, because nothing else has attempts
that can fail on their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import rfc8785

from worktrail.contract.canonical import digest, segment_hash
from worktrail.contract.expand import Edge, Scope, Step
from worktrail.contract.graph import Graph
from worktrail.contract.lock import LOCK_VERSION, EdgeLock, GraphLock, JoinLock, Lock, PolicyLock, PortLock, ScopePolicy, StepLock
from worktrail.contract.models import RetryPolicy, SegmentPolicy
from worktrail.contract.problems import CanvasError, SegmentValidationError, errors_of
from worktrail.contract.reading import plain
from worktrail.contract.validation import Examined, examine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worktrail.contract.catalog import PortSpec, StepCatalog
    from worktrail.contract.segment import SegmentDefinition

__all__ = ["lock_bytes", "lock_hash", "make_lock", "read_lock"]

_decode = msgspec.json.Decoder(Lock).decode  # made here, by one thread: see `tests/house/test_decoders.py`


def make_lock(segment: SegmentDefinition, catalog: StepCatalog, *, children: Mapping[str, tuple[str, str]] | None = None) -> Lock:
    """The lock of `segment`. ``children``: name in the segment's ``resources.segments`` → (segment hash, lock hash).

    SegmentValidationError where the segment has errors; CanvasError LOCK_CHILD where a sub-segment is not among `children`.
    """
    found = examine(segment, catalog)
    if found.scope is None or errors_of(found.problems):
        raise SegmentValidationError(found.problems, name=segment.segment_id)
    maker = _Maker(segment.policy, children or {}, found)
    graph = maker.graph(found.scope)
    return Lock(
        lock=LOCK_VERSION,
        segment_id=segment.segment_id,
        segment_version=segment.version,
        segment_hash=segment_hash(segment),
        graph=graph,
        semantics=segment.policy.semantics or 1,
        children=dict(sorted(maker.used.items())),
        types=dict(sorted(maker.types.items())),
        input_schema=_schema(segment.input_schema),
        output_schema=_schema(segment.output_schema),
        parameters=segment.parameters,
    )


def lock_bytes(lock: Lock) -> bytes:
    """The lock as RFC 8785 bytes."""
    return rfc8785.dumps(plain(lock))


def read_lock(body: bytes) -> Lock:
    """The lock of its stored bytes. msgspec.ValidationError for bytes that are no lock of this release."""
    return _decode(body)


def lock_hash(lock: Lock) -> str:
    """``sha256:<64 hex>`` of the lock's canonical bytes."""
    return digest(lock_bytes(lock))


def _schema(schema: dict[str, Any] | bool | None) -> dict[str, Any] | None:
    """True allows everything (as no schema does), false nothing."""
    if isinstance(schema, bool):
        return None if schema else {"not": {}}
    return schema


def _port(spec: PortSpec) -> PortLock:
    has = spec.default is not msgspec.UNSET
    return PortLock(spec.port_id, spec.required, spec.many, has, spec.default if has else None, _schema(spec.schema))


class _Maker:
    """One walk over an expanded segment; collects the types and children that it uses."""

    def __init__(self, policy: SegmentPolicy, children: Mapping[str, tuple[str, str]], found: Examined) -> None:
        self.policy = policy
        self.found = found
        self.children = children
        self.used: dict[str, str] = {}
        self.types: dict[str, str] = {}

    def graph(self, scope: Scope) -> GraphLock:
        """The lock of a scope; `on_failure` is inherited from the scopes around it (R11)."""
        view = self.found.views[scope.pointer]
        graph = view.graph
        outputs = None
        if scope.outputs is not None:
            places = {name: place.split(".") for name, place in scope.outputs.items()}
            outputs = {name: (scope.numbers[step], port) for name, (step, port) in places.items()}
        own_ends = graph.ends()
        ends = own_ends | sum({1 << step for step, _ in (outputs or {}).values()})
        policy = scope.policy
        return GraphLock(
            steps=tuple(self.step(step, graph, own_ends, ends) for step in scope.steps),
            edges=tuple(self.edge(edge) for edge in scope.edges),
            outputs=outputs,
            one_end=own_ends.bit_count() == 1,
            policy=ScopePolicy(
                view.on_failure,
                policy.allow_empty,
                policy.timeout_seconds if isinstance(policy, SegmentPolicy) else None,
                policy.deadline_s if isinstance(policy, SegmentPolicy) else None,
                policy.parallel if isinstance(policy, SegmentPolicy) else True,
            ),
        )

    def edge(self, edge: Edge) -> EdgeLock:
        """An edge with the ancestors that its condition reads."""
        condition = None if edge.condition is None else edge.condition.removeprefix("=")
        return EdgeLock(edge.source, edge.port, edge.target, edge.to, condition, self.found.reads.get(edge.pointer, ()))

    def step(self, step: Step, graph: Graph, own_ends: int, ends: int) -> StepLock:
        kind = step.type
        self.types[kind.type_id] = kind.version
        return StepLock(
            id=step.id,
            type=kind.type_id,
            version=kind.version,
            kind=kind.kind,
            op=kind.op,
            config=step.config,
            ins=tuple(_port(spec) for spec in step.ins.values()),
            outs=tuple(step.outs),
            outcomes=tuple(port for port in step.outs if port in step.outcomes),
            out_schemas={port: made for port, spec in step.outs.items() if (made := _schema(spec.schema)) is not None},
            silent=kind.silent,
            end=bool(own_ends >> step.number & 1),
            policy=self.step_policy(step),
            join=self.join(step, graph, ends) if kind.kind == "join" else None,
            body=None if step.body is None else self.graph(step.body),
            child=self.child(step) if kind.kind == "child" else None,
            templates=_templates(step.config, kind.config_schema),
            reads=self.found.reads.get(step.pointer, ()),
        )

    def join(self, step: Step, graph: Graph, ends: int) -> JoinLock:
        """R9, R10."""
        config = step.config
        early = config["join"] in ("any", "n_of_m")
        cancel = early and config["rest"] == "cancel"
        return JoinLock(
            mode=config["join"],
            n=config.get("n", 1) if config["join"] == "n_of_m" else 1,
            merge=config["merge"],
            rest=config["rest"],
            entered_by=graph.entered_by(step.number),
            region=graph.region(step.number, ends) if cancel else (),
        )

    def child(self, step: Step) -> str:
        """The hash of the sub-segment."""
        name = step.config["segment"]
        if name not in self.children:
            message = f"the sub-segment {name!r} of step {step.id!r} has no hash yet"
            raise CanvasError("LOCK_CHILD", message, pointer=f"{step.pointer}/config/segment")
        child, lock = self.children[name]
        self.used[child] = lock
        return child

    def step_policy(self, step: Step) -> PolicyLock:
        """Step > segment > type, field by field."""
        policy, kind, segment = step.definition.policy, step.type, self.policy
        own = policy.retry or RetryPolicy()
        count = step.definition.config.get("retry_count") if kind.type_id == "http_action" else None
        if own.max_attempts is None and count is not None:
            own = msgspec.structs.replace(own, max_attempts=count + 1)
        effect = policy.effect or "repeatable"
        sources = [own]
        if kind.kind == "handler" and effect != "once":
            tries = None if segment.max_retries is None else segment.max_retries + 1
            sources += [RetryPolicy(max_attempts=tries, delay_s=segment.retry_delay), step.retry]
        timeout = policy.timeout_s
        if timeout is None and kind.kind == "handler":
            timeout = segment.step_timeout
        on_error = policy.on_error or "fail"
        value = on_error.get("continue_with") if isinstance(on_error, dict) else None
        return PolicyLock(
            max_attempts=int(_first(sources, "max_attempts", 1)),
            delay_s=float(_first(sources, "delay_s", 1.0)),
            backoff=float(_first(sources, "backoff", 2.0)),
            max_delay_s=float(_first(sources, "max_delay_s", 60.0)),
            on=tuple(own.on or step.retry.on),
            retry_set=own != RetryPolicy(),
            timeout_s=timeout,
            deadline_s=policy.deadline_s,
            effect=effect,
            on_error=_on_error(on_error),
            continue_with=value,
            continue_expression=_has_expression(value),
        )


def _first(sources: list[RetryPolicy], name: str, default: float) -> float:
    found = (getattr(source, name) for source in sources)
    return next((value for value in found if value is not None), default)


def _has_expression(value: Any) -> bool:
    """Whether a text in `value` begins with `=`."""
    if isinstance(value, dict):
        return any(map(_has_expression, value.values()))
    if isinstance(value, list):
        return any(map(_has_expression, value))
    return isinstance(value, str) and value.startswith("=")


def _on_error(on_error: str | dict[str, Any]) -> str:
    """A `fallback_step` is an edge by now, so the visit itself fails (R8)."""
    if isinstance(on_error, dict):
        return "continue" if "continue_with" in on_error else "fail"
    return on_error


def _templates(config: dict[str, Any], schema: dict[str, Any]) -> tuple[str, ...]:
    """The config keys that the type's schema marks as templates; sorted, because the order of keys must not show in the lock."""
    properties = schema.get("properties", {})
    return tuple(name for name in sorted(config) if properties.get(name, {}).get("x-expression") == "template")
