"""Literals, lists, contexts, ranges, ``if`` and ``instance of`` as closures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.feel.budget import Env
from worktrail.feel.compile.conform import conforms, resolved
from worktrail.feel.refusal import Refusal
from worktrail.feel.syntax import nodes
from worktrail.feel.values import Range, kind, shown

if TYPE_CHECKING:
    from worktrail.feel.compile.compiler import Compiler, Fn, Scope

__all__ = ["conditional", "context_literal", "instance_of", "list_literal", "literal", "range_literal"]


def literal(_c: Compiler, node: nodes.Literal, _scope: Scope | None) -> Fn:
    value = node.value
    return lambda _env: value


def list_literal(c: Compiler, node: nodes.ListNode, scope: Scope | None) -> Fn:
    items = [c.compile(item, scope) for item in node.items]
    return lambda env: [item(env) for item in items]


def context_literal(c: Compiler, node: nodes.ContextNode, scope: Scope | None) -> Fn:
    """Entries see those before them; a function also sees itself, so that it can recur."""
    from_scope = c.scope(set(), scope)
    made: list[tuple[str, Fn]] = []
    seen: set[str] = set()
    for key, value in node.entries:
        if key in seen:
            refusal = Refusal("FEEL_VALUE", f"The key `{key}` appears twice.")
            if c.strict:
                c.fail(value.start, value.end)(refusal)
            return lambda _env: None
        seen.add(key)
        if isinstance(value, nodes.FunctionNode):
            from_scope.names.add(key)
        made.append((key, c.compile(value, from_scope)))
        from_scope.names.add(key)

    def run(env: Any) -> Any:
        found: dict[str, Any] = {}
        inner = Env(env.run, env.scope, found, env)
        for key, value in made:
            found[key] = value(inner)
        return found

    return run


def range_literal(c: Compiler, node: nodes.RangeNode, scope: Scope | None) -> Fn:
    low = c.compile(node.low, scope) if node.low is not None else None
    high = low if node.high is node.low else c.compile(node.high, scope) if node.high is not None else None
    fail = c.fail(node.start, node.end)
    low_closed, high_closed, sign = node.low_closed, node.high_closed, node.sign
    both = not sign and c.strict and not _null_end(node)

    def run(env: Any) -> Any:
        first = low(env) if low is not None else None
        last = first if high is low else high(env) if high is not None else None
        try:
            return made(first, last)
        except Refusal as refusal:
            return fail(refusal)

    def made(first: Any, last: Any) -> Range:
        if both and (first is None or last is None):
            raise Refusal("FEEL_TYPE", "An end of the range is null.", "Guard the value: `get or else(x, default)`.")
        if first is not None and last is not None and kind(first) != kind(last):
            raise Refusal("FEEL_TYPE", f"The ends of the range differ: {shown(first)} and {shown(last)}.")
        if sign and sign not in {"=", "!="} and first is None and last is None:
            raise Refusal("FEEL_TYPE", f"`{sign}` has no end.", "Guard the value: `get or else(x, default)`.")
        return Range(first, low_closed, last, high_closed, sign)

    return run


def _null_end(node: nodes.RangeNode) -> bool:
    """Whether an end is written as ``null``, which means that there is none."""
    return any(isinstance(end, nodes.Literal) and end.value is None for end in (node.low, node.high))


def conditional(c: Compiler, node: nodes.If, scope: Scope | None) -> Fn:
    arms = [(c.compile(test, scope), c.fail(test.start, test.end), c.compile(value, scope)) for test, value in node.arms]
    otherwise = c.compile(node.otherwise, scope)
    strict = c.strict

    def run(env: Any) -> Any:
        for test, fail, value in arms:
            answer = test(env)
            if answer is True:
                return value(env)
            if strict and answer is not False:
                return fail(Refusal("FEEL_TYPE", f"The condition of `if` must be a boolean, got {shown(answer)}."))
        return otherwise(env)

    return run


def instance_of(c: Compiler, node: nodes.InstanceOf, scope: Scope | None) -> Fn:
    value = c.compile(node.value, scope)
    fail = c.fail(node.type.start, node.type.end)
    try:
        wanted = resolved(node.type, c.types)
    except Refusal as refusal:
        if c.strict:
            fail(refusal)
        return lambda _env: None
    return lambda env: conforms(value(env), wanted, env.run)
