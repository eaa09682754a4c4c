"""Names: what an expression can see at its place (DESIGN §4), fetched only when it is read.

``input`` / ``inputs`` / ``value`` (an edge's) / ``output`` (same as input on a transform) / ``steps.<ancestor>.<port>`` /
``parameters`` / ``run`` and, in containers, ``item`` / ``index`` (from 1) / ``last`` / ``outer`` (the container's inputs).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from worktrail.engine.bind.reading import Values
from worktrail.engine.fold import Run, Scope, Visit, resolve, resolved_inputs
from worktrail.events import Ref, RunInput, moment
from worktrail.feel import Expression, compile_expression, compile_unary_tests

__all__ = ["Names", "expression", "unary_tests"]


@lru_cache(maxsize=4096)
def expression(text: str) -> Expression:
    """A compiled expression; a config string's leading ``=`` is not part of it."""
    return compile_expression(text.removeprefix("="))


@lru_cache(maxsize=4096)
def unary_tests(text: str) -> Expression:
    return compile_unary_tests(text)


class _Ports:
    """A context of references, each read when asked for."""

    __slots__ = ("_refs", "_values")

    def __init__(self, refs: Mapping[str, Ref], values: Values) -> None:
        self._refs = refs
        self._values = values

    def feel_get(self, name: str) -> Any:
        return self._values.read(self._refs[name])

    def feel_all(self) -> dict[str, Any]:
        return {name: self._values.read(ref) for name, ref in self._refs.items()}


class _Steps:
    """``steps``: the visits of the same scope that delivered something; a skipped ancestor's ports are not there."""

    __slots__ = ("_own", "_scope", "_values")

    def __init__(self, scope: Scope, values: Values, own: tuple[str, Mapping[str, Ref]] | None) -> None:
        self._scope = scope
        self._values = values
        self._own = own

    def feel_get(self, name: str) -> Any:
        if self._own is not None and self._own[0] == name:
            return _Ports(self._own[1], self._values)
        visit = self._scope.visits[self._scope.graph.numbers[name]]
        return _Ports((visit.outputs if visit is not None else None) or {}, self._values)

    def feel_all(self) -> dict[str, Any]:
        return {name: self.feel_get(name).feel_all() for name in self._scope.graph.numbers}


class Names(dict[str, Any]):
    """The names at one place of a run; a name's value is worked out when it is first read."""

    def __init__(self, run: Run, values: Values, scope: Scope, visit: Visit | None = None) -> None:
        super().__init__()
        self._run = run
        self._values = values
        self._scope = scope
        self._visit = visit
        self._own: tuple[str, Mapping[str, Ref]] | None = None
        self._inputs: dict[str, Ref] | None = None

    def with_outputs(self, outputs: Mapping[str, Ref]) -> Names:
        """Names at the edges of the visit: its own outputs count as an ancestor's."""
        assert self._visit is not None
        self._own = (self._visit.step.id, outputs)
        return self

    def __missing__(self, name: str) -> Any:
        if name not in _PLACES:
            raise KeyError(name)
        value = self[name] = getattr(self, f"_find_{_PLACES[name]}")()
        return value

    def __contains__(self, name: object) -> bool:
        if super().__contains__(name):
            return True
        try:
            self[str(name)]
        except (KeyError, AttributeError):
            return False
        return True

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def refs(self) -> dict[str, Ref]:
        """The visit's inputs, resolved."""
        if self._inputs is None:
            assert self._visit is not None
            self._inputs = resolved_inputs(self._run, self._visit)
        return self._inputs

    def _find_inputs(self) -> Any:
        if self._visit is None or self._visit.step.is_join:
            raise KeyError("inputs")
        return _Ports(self.refs(), self._values)

    def _find_input(self) -> Any:
        if self._visit is None or self._visit.step.is_join:
            raise KeyError("input")
        refs = self.refs()
        if "input" in refs:
            return self._values.read(refs["input"])
        if len(refs) == 1:
            return self._values.read(next(iter(refs.values())))
        raise KeyError("input")

    def _find_steps(self) -> Any:
        return _Steps(self._scope, self._values, self._own)

    def _find_parameters(self) -> Any:
        started = self._run.started
        return _Ports(started.parameters or {} if started is not None else {}, self._values)

    def _find_run(self) -> Any:
        started = self._run.started
        assert started is not None
        return {
            "id": self._run.id,
            "segment_id": started.segment_id,
            "business_key": started.business_key,
            "labels": dict(started.labels or {}),
            "started_at": moment(self._run.started_us),
        }

    def _container(self) -> Visit:
        owner = self._scope.owner
        if owner is None:
            raise KeyError("item")
        return owner

    def _find_item(self) -> Any:
        self._container()
        return self._values.read(resolve(self._run, RunInput(self._scope.key)))

    def _find_index(self) -> Any:
        self._container()
        return self._scope.number

    def _find_last(self) -> Any:
        owner = self._container()
        if owner.step.kind != "map" or owner.box is None:
            raise KeyError("last")
        return owner.box.count

    def _find_outer(self) -> Any:
        return _Ports(resolved_inputs(self._run, self._container()), self._values)


# name → the method that finds it.
_PLACES = {
    "input": "input",
    "output": "input",
    **{name: name for name in ("inputs", "steps", "parameters", "run", "item", "index", "last", "outer")},
}
