"""Operators as closures.

Rule: the common case (two integers, two strings, a comparison with a literal, membership in a list of literals) is tested
first and inline; everything else goes through the tables of ``ops`` and ``comparing``. In strict mode ``and`` and ``or`` read
from the left and stop as soon as the answer is known, so that a test may guard what follows it.
"""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from worktrail.feel.comparing import compare, equal, matches
from worktrail.feel.numbers import INT_LIMIT
from worktrail.feel.ops import binary, negate
from worktrail.feel.refusal import Refusal
from worktrail.feel.syntax import nodes
from worktrail.feel.syntax.nodes import reads
from worktrail.feel.values import kind, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from worktrail.feel.compile.compiler import Compiler, Fn, Scope

__all__ = ["between", "chain", "logic", "membership", "negation", "tests"]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_NUMERIC = (int, Decimal)


def logic(c: Compiler, node: nodes.Logic, scope: Scope | None) -> Fn:
    """``and`` / ``or``: the deciding value is false / true."""
    parts = [c.compile(part, scope) for part in node.parts]
    decisive = node.sign == "or"
    if not c.strict:
        return _three_valued(parts, decisive=decisive)
    checked = [(part, _boolean(c, place, node.sign)) for part, place in zip(parts, node.parts, strict=True)]
    if len(checked) == 2:
        (first, refuse_first), (second, refuse_second) = checked

        def two(env: Any) -> Any:
            value = first(env)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                return refuse_first(value)
            value = second(env)
            return value if value is True or value is False else refuse_second(value)

        return two

    def many(env: Any) -> Any:
        for part, refuse in checked:
            value = part(env)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                return refuse(value)
        return not decisive

    return many


def _boolean(c: Compiler, node: nodes.Node, sign: str) -> Callable[[Any], Any]:
    fail = c.fail(node.start, node.end)

    def refuse(value: Any) -> Any:
        hint = "Guard the value: `get or else(x, false)`." if value is None else "Write a comparison."
        return fail(Refusal("FEEL_TYPE", f"`{sign}` needs a boolean, got {shown(value)}.", hint))

    return refuse


def _three_valued(parts: list[Fn], *, decisive: bool) -> Fn:
    def decide(env: Any) -> Any:
        unknown = False
        for part in parts:
            value = part(env)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                unknown = True
        return None if unknown else not decisive

    return decide


def chain(c: Compiler, node: nodes.Chain, scope: Scope | None) -> Fn:
    """Operators of one level from the left."""
    made = c.compile(node.first, scope)
    if len(node.rest) <= 4:
        left: nodes.Node = node.first
        for sign, right in node.rest:
            fail = c.fail(node.start, right.end)
            made = _pair(sign, made, c.compile(right, scope), (left, right), fail)
            left = node
        return made
    links = [(sign, c.compile(right, scope), c.fail(node.start, right.end)) for sign, right in node.rest]

    def run(env: Any) -> Any:
        value = made(env)
        for sign, right, fail in links:
            other = right(env)
            try:
                value = _compared(sign, value, other, env.run) if sign in COMPARISONS else binary(sign, value, other, env.run)
            except Refusal as refusal:
                value = fail(refusal)
        return value

    return run


def _compared(sign: str, left: Any, right: Any, run: Any) -> bool:
    if sign == "=":
        return equal(left, right, run)
    if sign == "!=":
        return not equal(left, right, run)
    return COMPARISONS[sign](compare(left, right), 0)


def _pair(sign: str, left: Fn, right: Fn, sides: tuple[nodes.Node, nodes.Node], fail: Any) -> Fn:
    if sign not in COMPARISONS:
        return _arithmetic(sign, left, right, fail)
    literal = sides[1].value if isinstance(sides[1], nodes.Literal) else None
    if type(literal) in {int, Decimal}:
        return _against_number(sign, left, literal, fail)
    if type(literal) is str:
        return _against_string(sign, left, literal, fail)
    holds = COMPARISONS[sign]

    def run(env: Any) -> Any:
        a, b = left(env), right(env)
        kinds = type(a), type(b)
        if (kinds[0] is kinds[1] and (kinds[0] is int or kinds[0] is str)) or (kinds[0] in _NUMERIC and kinds[1] in _NUMERIC):
            return holds(a, b)
        try:
            return _compared(sign, a, b, env.run)
        except Refusal as refusal:
            return fail(refusal)

    return run


def _against_number(sign: str, left: Fn, literal: Any, fail: Any) -> Fn:
    holds = COMPARISONS[sign]

    def run(env: Any) -> Any:
        value = left(env)
        if type(value) is int or type(value) is Decimal:
            return holds(value, literal)
        try:
            return _compared(sign, value, literal, env.run)
        except Refusal as refusal:
            return fail(refusal)

    return run


def _against_string(sign: str, left: Fn, literal: str, fail: Any) -> Fn:
    holds = COMPARISONS[sign]

    def run(env: Any) -> Any:
        value = left(env)
        if type(value) is str:
            return holds(value, literal)
        try:
            return _compared(sign, value, literal, env.run)
        except Refusal as refusal:
            return fail(refusal)

    return run


_EXACT = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def _arithmetic(sign: str, left: Fn, right: Fn, fail: Any) -> Fn:
    exact = _EXACT.get(sign)

    def run(env: Any) -> Any:
        a, b = left(env), right(env)
        if exact is not None and type(a) is int and type(b) is int and -INT_LIMIT < a < INT_LIMIT and -INT_LIMIT < b < INT_LIMIT:
            value = exact(a, b)
            if -INT_LIMIT < value < INT_LIMIT:
                return value
        try:
            return binary(sign, a, b, env.run)
        except Refusal as refusal:
            return fail(refusal)

    return run


def negation(c: Compiler, node: nodes.Negation, scope: Scope | None) -> Fn:
    operand = c.compile(node.operand, scope)
    fail = c.fail(node.start, node.end)

    def run(env: Any) -> Any:
        try:
            return negate(operand(env))
        except Refusal as refusal:
            return fail(refusal)

    return run


def between(c: Compiler, node: nodes.Between, scope: Scope | None) -> Fn:
    value, low, high = (c.compile(part, scope) for part in (node.value, node.low, node.high))
    fail = c.fail(node.start, node.end)

    def run(env: Any) -> Any:
        middle = value(env)
        try:
            return compare(middle, low(env)) >= 0 and compare(middle, high(env)) <= 0
        except Refusal as refusal:
            return fail(refusal)

    return run


def _scalars(tests: list[nodes.Node]) -> list[Any] | None:
    """The values of literal tests of one kind, strings or numbers."""
    flat = tests[0].items if len(tests) == 1 and isinstance(tests[0], nodes.ListNode) else tests
    values = [test.value for test in flat if isinstance(test, nodes.Literal)]
    if len(values) != len(flat) or not values:
        return None
    return values if all(type(value) is str for value in values) or all(type(v) in _NUMERIC for v in values) else None


def membership(c: Compiler, node: nodes.In, scope: Scope | None) -> Fn:
    """``value in tests``: one test must match."""
    value = c.compile(node.value, scope)
    fail = c.fail(node.start, node.end)
    tested = [c.compile(test, scope) for test in node.tests]
    if (scalars := _scalars(node.tests)) is not None:
        return _in_scalars(value, scalars, fail)
    single = len(tested) == 1

    def run(env: Any) -> Any:
        wanted = value(env)
        if single:
            try:
                return matches(wanted, tested[0](env), env.run)
            except Refusal as refusal:
                return fail(refusal)
        return _any_matches(wanted, [test(env) for test in tested], env.run, fail)

    return run


def _any_matches(wanted: Any, tests: list[Any], run: Any, fail: Any) -> Any:
    refused: Refusal | None = None
    tried = False
    for test in tests:
        try:
            if matches(wanted, test, run):
                return True
            tried = True
        except Refusal as refusal:
            refused = refusal
    return False if tried or refused is None else fail(refused)


def _in_scalars(value: Fn, scalars: list[Any], fail: Any) -> Fn:
    found = frozenset(scalars)
    is_text = type(scalars[0]) is str
    wanted_kind = "string" if is_text else "number"

    def run(env: Any) -> Any:
        wanted = value(env)
        if (type(wanted) is str) if is_text else (type(wanted) is int or type(wanted) is Decimal):
            return wanted in found
        if wanted is None:
            return False
        try:
            if kind(wanted) not in {wanted_kind, "list"}:
                raise Refusal("FEEL_TYPE", f"{shown(wanted, first=True)} cannot be one of these {wanted_kind}s.")
            return matches(wanted, scalars, env.run)
        except Refusal as refusal:
            return fail(refusal)

    return run


def tests(c: Compiler, node: nodes.Tests, scope: Scope | None) -> Fn:
    """Unary tests on the input ``?``: an expression that uses ``?`` must be true, another is compared with the input."""
    made = [_test(c, test, scope) for test in node.tests]
    negated = node.negated
    fail = c.fail(node.start, node.end)

    def run(env: Any) -> Any:
        if not made:
            return True
        refused: Refusal | None = None
        tried = False
        for test in made:
            try:
                if test(env) is True:
                    return not negated
                tried = True
            except Refusal as refusal:
                refused = refusal
        return negated if tried or refused is None else fail(refused)

    return run


def _test(c: Compiler, node: nodes.Node, scope: Scope | None) -> Fn:
    made = c.compile(node, scope)
    if reads(node, "?"):

        def asked(env: Any) -> Any:
            answer = made(env)
            if answer is not True and answer is not False and answer is not None:
                return matches(env.run.value, answer, env.run)
            return answer

        return asked
    return lambda env: matches(env.run.value, made(env), env.run)
