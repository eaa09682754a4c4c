"""``for``, ``some`` and ``every`` as closures.

Rule: every round costs steps in proportion to the size of its body; ``partial`` is the list built so far, copied only where
the body reads it, and the copy is paid for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.feel.budget import Env
from worktrail.feel.comparing import compare
from worktrail.feel.numbers import decimal_of
from worktrail.feel.refusal import Refusal
from worktrail.feel.syntax import nodes
from worktrail.feel.temporal import Date, date_of_days
from worktrail.feel.values import PLAIN, Range, adopt, kind, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from worktrail.feel.compile.compiler import Compiler, Fn, Scope

__all__ = ["for_loop", "quantified"]


def _steps(low: Any, high: Any) -> Iterable[Any]:
    """``low..high``: whole numbers or dates, up or down."""
    if isinstance(low, Date) and isinstance(high, Date):
        first, last = low.days, high.days
        return (date_of_days(day) for day in range(first, last + (1 if first <= last else -1), 1 if first <= last else -1))
    for end in (low, high):
        if kind(end) != "number" or int(decimal_of(end)) != decimal_of(end):
            raise Refusal("FEEL_TYPE", f"`..` of a loop needs whole numbers or dates, got {shown(end)}.")
    first, last = int(decimal_of(low)), int(decimal_of(high))
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _over(value: Any) -> Iterable[Any]:
    """What a loop walks: a list, the whole numbers or dates of a range, or a single value."""
    name = kind(value)
    if name == "list":
        return value  # type: ignore[no-any-return]
    if name == "range":
        return _over_range(value)
    if name == "null":
        raise Refusal("FEEL_TYPE", "The list of the loop is null.", "Guard it: `get or else(x, [])`.")
    return [value]


def _over_range(value: Range) -> Iterable[Any]:
    if value.low is None or value.high is None or compare(value.low, value.high) > 0:
        raise Refusal("FEEL_VALUE", "A loop needs a range with two ends in ascending order.")
    inside = list(_ends(value))
    return _steps(*inside) if compare(*inside) <= 0 else []


def _ends(value: Range) -> Iterator[Any]:
    for end, closed, inward in ((value.low, value.low_closed, 1), (value.high, value.high_closed, -1)):
        if closed:
            yield end
        elif isinstance(end, Date):
            yield date_of_days(end.days + inward)
        elif kind(end) == "number":
            yield decimal_of(end) + inward
        else:
            raise Refusal("FEEL_TYPE", f"A loop needs a range of whole numbers or dates, got {shown(end)}.")


def _source(c: Compiler, first: nodes.Node, last: nodes.Node | None, scope: Scope | None) -> Callable[[Any], Any]:
    low = c.compile(first, scope)
    high = c.compile(last, scope) if last is not None else None
    fail = c.fail(first.start, (last or first).end)

    def items(env: Any) -> Any:
        try:
            return _over(low(env)) if high is None else _steps(low(env), high(env))
        except Refusal as refusal:
            return fail(refusal)

    return items


def _loops(
    c: Compiler, loops: list[tuple[str, nodes.Node, nodes.Node | None]], scope: Scope | None
) -> tuple[list[tuple[str, Callable[[Any], Any]]], Scope]:
    made: list[tuple[str, Callable[[Any], Any]]] = []
    inner: Scope | None = scope
    for name, first, last in loops:
        made.append((name, _source(c, first, last, inner)))
        inner = c.scope({name}, inner)
    assert inner is not None
    return made, inner


def _rounds(sources: list[tuple[str, Callable[[Any], Any]]], env: Any, cost: int, index: int = 0) -> Iterator[Any]:
    """One ``Env`` for every combination; None where a list of the loop has no value (dmn mode)."""
    name, source = sources[index]
    items = source(env)
    if items is None:
        yield None
        return
    run, scope = env.run, env.scope
    last = index + 1 == len(sources)
    for raw in items:
        run.steps -= cost
        if run.steps < 0:
            run.spend(0)
        inner = Env(run, scope, {name: raw if type(raw) in PLAIN else adopt(raw)}, env)
        if last:
            yield inner
        else:
            yield from _rounds(sources, inner, cost, index + 1)


def for_loop(c: Compiler, node: nodes.For, scope: Scope | None) -> Fn:
    sources, inner = _loops(c, node.loops, scope)
    inner.names.add("partial")
    reads_partial = nodes.reads(node.body, "partial")
    body, cost = c.body(node.body, inner)

    def run(env: Any) -> Any:
        found: list[Any] = []
        for round_ in _rounds(sources, env, cost):
            if round_ is None:
                return None
            if reads_partial:
                env.run.items(len(found))
                round_.vars["partial"] = found.copy()
            found.append(body(round_))
        return found

    return run


def quantified(c: Compiler, node: nodes.Quantified, scope: Scope | None) -> Fn:
    """``some`` is an "or" over all rounds, ``every`` an "and"."""
    sources, inner = _loops(c, node.loops, scope)
    body, cost = c.body(node.body, inner)
    fail = c.fail(node.body.start, node.body.end)
    decisive = not node.every
    strict = c.strict

    def run(env: Any) -> Any:
        unknown = False
        for round_ in _rounds(sources, env, cost):
            answer = None if round_ is None else body(round_)
            if answer is decisive:
                return decisive
            if answer is not (not decisive):
                if strict:
                    return fail(Refusal("FEEL_TYPE", f"`satisfies` needs a boolean, got {shown(answer)}."))
                unknown = True
        return None if unknown else not decisive

    return run
