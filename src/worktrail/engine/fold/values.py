"""References of a run: which ones a visit gets, and what a symbol stands for.

Rule (RULES §3): nothing here looks into a value. Symbols keep the trail small (no value is written twice); ``resolve``
turns them into value references from the state. A ``Constant`` stays a symbol: the driver reads it from the lock.
"""

from __future__ import annotations

import msgspec

from worktrail.engine.fold.state import Run, Scope, Visit
from worktrail.engine.plan import ERROR_PORT, StepPlan
from worktrail.events import (
    NULL,
    Constant,
    ErrorInfo,
    Failure,
    Gather,
    Inline,
    ListOf,
    ObjectOf,
    Path,
    Port,
    Ref,
    RunInput,
)

__all__ = ["counted_values", "error_value", "failure_of", "inputs_of", "resolve", "resolved_inputs"]

_SYMBOLS = frozenset((Port, RunInput, Gather, Failure, ListOf, ObjectOf, Path))
_encode = msgspec.json.Encoder(decimal_format="number").encode


def inputs_of(run: Run, scope: Scope, step: StepPlan) -> dict[str, Ref]:
    """Port → symbolic reference, for a step that is not a join (R2, R3). Ports without a value are absent."""
    found: dict[str, Ref] = {}
    if not step.in_edges:
        return _entry_inputs(run, scope, step)
    many: dict[str, list[Ref]] = {port.id: [] for port in step.lock.ins if port.many}
    for n in step.in_edges:
        if scope.ends[n] != "D":
            continue
        edge = scope.graph.edges[n]
        ref = source_value(scope, n)
        if edge.to in many:
            many[edge.to].append(ref)
        else:
            found[edge.to] = ref
    for name, refs in many.items():
        found[name] = ListOf(refs)
    return _with_defaults(step, found)


def _entry_inputs(run: Run, scope: Scope, step: StepPlan) -> dict[str, Ref]:
    found: dict[str, Ref] = {}
    named = run.started.entry if run.started is not None and not scope.key else None
    if named and step.id in named:
        found.update(named[step.id])
    for port in step.lock.ins:
        if port.id == "input":
            found[port.id] = RunInput(scope.key)
    return _with_defaults(step, found)


def _with_defaults(step: StepPlan, found: dict[str, Ref]) -> dict[str, Ref]:
    for n, port in enumerate(step.lock.ins):
        if port.has_default and port.id not in found:
            found[port.id] = Constant(f"{step.pointer}/ins/{n}/default")
    return found


def source_value(scope: Scope, edge_number: int) -> Ref:
    """What an edge carries, as a symbol."""
    edge = scope.graph.edges[edge_number]
    source = scope.graph.steps[edge.source]
    visit = scope.visit_id(source)
    return Failure(visit) if edge.port == ERROR_PORT else Port(visit, edge.port)


def counted_values(scope: Scope, counted: list[int]) -> list[Ref]:
    """What a join counted, in edge order (R9)."""
    return [source_value(scope, n) for n in counted]


def resolved_inputs(run: Run, visit: Visit) -> dict[str, Ref]:
    """The inputs of an open visit as value references, for a driver or for ``bind``."""
    plain = visit.step.plain
    if plain is not None and visit.scope.ends[plain[0]] == "D":
        _, source, port, to = plain
        delivered = visit.scope.visits[source]
        assert delivered is not None and delivered.outputs is not None
        return {to: delivered.outputs[port]}
    return {port: resolve(run, ref) for port, ref in inputs_of(run, visit.scope, visit.step).items()}


def resolve(run: Run, ref: Ref) -> Ref:
    """The value reference a symbol stands for; other references as they are."""
    kind = type(ref)
    if kind not in _SYMBOLS:
        return ref
    if kind is Port:
        return _port_value(run, ref)  # type: ignore[arg-type]
    if kind is RunInput:
        return _scope_input(run, ref.scope)  # type: ignore[union-attr]
    if kind is ListOf:
        return ListOf([resolve(run, item) for item in ref.items])  # type: ignore[union-attr]
    if kind is ObjectOf:
        return ObjectOf({name: resolve(run, item) for name, item in ref.fields.items()})  # type: ignore[union-attr]
    if kind is Path:
        return Path(resolve(run, ref.of), ref.pointer)  # type: ignore[union-attr]
    if kind is Failure:
        return _failure_value(run, ref.visit)  # type: ignore[union-attr]
    return _gathered(run, ref)  # type: ignore[arg-type]


def _find(run: Run, visit_id: str) -> Visit:
    key, _, step_id = visit_id.rpartition("/")
    scope = run.scopes[key]
    visit = scope.visits[scope.graph.numbers[step_id]]
    assert visit is not None, visit_id
    return visit


def _port_value(run: Run, ref: Port) -> Ref:
    outputs = _find(run, ref.visit).outputs
    assert outputs is not None, ref
    return outputs[ref.port]


def _scope_input(run: Run, key: str) -> Ref:
    if not key:
        return run.input
    container, _, number = key.rpartition("#")
    box = _find(run, container).box
    assert box is not None, key
    if box.items is None:
        return box.inputs[int(number)]
    if isinstance(box.items, ListOf):
        return box.items.items[int(number) - 1]
    return Path(box.items, f"/{int(number) - 1}")


def _gathered(run: Run, ref: Gather) -> Ref:
    """R13 of a map: results in item order; `collect` holds null at failed places, `skip` leaves them out."""
    visit = _find(run, ref.visit)
    box = visit.box
    assert box is not None
    if ref.what == "result":
        assert box.result is not None
        return box.result
    if ref.what == "errors":
        rows: list[Ref] = [
            ObjectOf({"index": Inline(msgspec.Raw(str(number).encode())), "error": error_value(error)})
            for number, error in sorted(box.errors.items())
        ]
        return ListOf(rows)
    if visit.step.lock.config.get("on_item_failure") == "collect":
        return ListOf([NULL if result is None else result for result in box.results])
    return ListOf([result for result in box.results if result is not None])


def error_value(error: ErrorInfo) -> Ref:
    """ErrorInfo as a JSON object."""
    shape = {key: value for key, value in error.to_dict().items() if value is not None and key != "stack_trace"}
    return Inline(msgspec.Raw(_encode(shape)))


def _failure_value(run: Run, visit_id: str) -> Ref:
    visit = _find(run, visit_id)
    assert visit.error is not None, visit_id
    return failure_of(run, visit, visit.error)


def failure_of(run: Run, visit: Visit, error: ErrorInfo) -> Ref:
    """R4: what an `error` port carries: the ErrorInfo's fields and the inputs of the failed visit."""
    fields: dict[str, Ref] = {
        key: Inline(msgspec.Raw(_encode(value)))
        for key, value in error.to_dict().items()
        if value is not None and key != "stack_trace"
    }
    if not visit.step.is_join:
        fields["inputs"] = ObjectOf(resolved_inputs(run, visit))
    return ObjectOf(fields)
