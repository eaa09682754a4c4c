"""Recursive descent over operators; what stands between operators is in ``primary``.

Rule: the levels below, weakest first; one level is one flat chain. A unary minus binds tighter than ``**`` and ``instance of``
tighter than the minus, as the DMN grammar has it (``-2 ** 2`` is 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from worktrail.feel.syntax.nodes import Between, Chain, In, InstanceOf, Logic, Negation, Node, RangeNode, Tests
from worktrail.feel.syntax.primary import PrimaryParser
from worktrail.feel.syntax.types import parse_type

if TYPE_CHECKING:
    from worktrail.feel.budget import Budget
    from worktrail.feel.syntax.names import Vocabulary
    from worktrail.feel.syntax.scanner import Source

__all__ = ["parse_expression", "parse_tests"]

OR, AND, COMPARISON, SUM, PRODUCT, POWER = 1, 2, 3, 4, 5, 6
SIGNS = {
    "=": COMPARISON,
    "!=": COMPARISON,
    "<": COMPARISON,
    "<=": COMPARISON,
    ">": COMPARISON,
    ">=": COMPARISON,
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "**": POWER,
}
WORDS = {"or": OR, "and": AND, "between": COMPARISON, "in": COMPARISON}
ORDER = ("=", "!=", "<", "<=", ">", ">=")


class Parser(PrimaryParser):
    """The operators."""

    def expression(self) -> Node:
        self.deeper()
        node = self.climb(OR)
        self.depth -= 1
        return node

    def level(self) -> int:
        kind, text, *_ = self.tokens[self.index]
        return SIGNS.get(text, 0) if kind == "sign" else WORDS.get(text, 0) if kind == "word" else 0

    def climb(self, floor: int) -> Node:
        """An operand and every operator of at least ``floor`` behind it."""
        left = self.signed()
        last = 0
        while (level := self.level()) >= floor:
            sign = self.take().text
            if sign == "between":
                left = self.between(left)
            elif sign == "in":
                left = self.membership(left)
            else:
                right = self.climb(level + 1)
                left = self.chained(left, sign, right, extend=level == last)
            last = level if sign not in {"between", "in"} else 0
        return left

    def chained(self, left: Node, sign: str, right: Node, *, extend: bool) -> Node:
        """Add an operand to the chain of the same level, or begin one."""
        if sign in WORDS:
            if extend and isinstance(left, Logic):
                left.parts.append(right)
                left.end = right.end
                return left
            return Logic(left.start, right.end, sign, [left, right])
        if extend and isinstance(left, Chain):
            left.rest.append((sign, right))
            left.end = right.end
            return left
        return Chain(left.start, right.end, left, [(sign, right)])

    def between(self, value: Node) -> Node:
        low = self.climb(SUM)
        self.expect_word("and", "`between`")
        high = self.climb(SUM)
        return Between(value.start, high.end, value, low, high)

    def membership(self, value: Node) -> Node:
        if self.is_sign(*ORDER):
            test: Node = self.one_sided()
        else:
            self.tests_at = self.index
            test = self.climb(SUM)
        tests = test.tests if isinstance(test, Tests) else [test]
        return In(value.start, self.last_end, value, tests)

    def one_sided(self) -> RangeNode:
        """``< 5`` as the range without a lower end."""
        first = self.take()
        self.deeper()
        node = self.climb(SUM)
        self.depth -= 1
        sign = first.text
        closed = "=" in sign
        low = None if sign[0] == "<" else node
        high = None if sign[0] == ">" else node
        return RangeNode(first.start, node.end, low, closed and low is not None, high, closed and high is not None, sign)

    def signed(self) -> Node:
        start = self.token.start
        count = 0
        while self.is_sign("-"):
            self.take()
            count += 1
        node = self.postfixed()
        while self.is_word("instance"):
            self.take()
            self.expect_word("of", "`instance`")
            node = InstanceOf(node.start, self.last_end, node, parse_type(self))
            node.end = self.last_end
        for _ in range(min(count, 2 - count % 2) if count else 0):
            node = Negation(start, node.end, node)
        return node

    def test(self) -> Node:
        """One unary test: an order sign and an end, or an expression."""
        return self.one_sided() if self.is_sign(*ORDER) else self.expression()

    def finish(self, node: Node) -> Node:
        if self.token.kind != "end":
            raise self.unexpected("expected an operator or the end")
        return node


def parse_expression(source: Source, vocabulary: Vocabulary, members: Vocabulary, *, budget: Budget, strict: bool) -> Node:
    """The tree of one expression, or FEEL_SYNTAX at a place."""
    parser = Parser(source, vocabulary, members, budget=budget, strict=strict)
    return parser.finish(parser.expression())


def parse_tests(source: Source, vocabulary: Vocabulary, members: Vocabulary, *, budget: Budget, strict: bool) -> Tests:
    """The tree of unary tests: ``-``, ``not(...)``, or tests separated by commas."""
    parser = Parser(source, vocabulary, members, budget=budget, strict=strict)
    parser.unary = True
    end = len(source.text)
    if parser.is_sign("-") and parser.ahead().kind == "end":
        return Tests(0, end, [], False)  # noqa: FBT003
    if parser.is_word("not") and parser.ahead().text == "(":
        mark = parser.index
        parser.index += 2
        tests = [parser.test()]
        while parser.accept(","):
            tests.append(parser.test())
        parser.expect(")", "the tests")
        if parser.token.kind == "end":
            return Tests(0, end, tests, True)  # noqa: FBT003
        parser.index = mark
    tests = [parser.test()]
    while parser.accept(","):
        tests.append(parser.test())
    parser.finish(tests[-1])
    return Tests(0, end, tests, False)  # noqa: FBT003
