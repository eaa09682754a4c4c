"""``if``, ``for``, ``some``, ``every`` and function definitions.

Rule: the names they introduce are known from where they are written on; ``else if`` is one list of arms and no nesting.
"""

from __future__ import annotations

from worktrail.feel.syntax.names import Vocabulary
from worktrail.feel.syntax.nodes import For, FunctionNode, If, Node, Quantified, TypeNode
from worktrail.feel.syntax.reader import Reader
from worktrail.feel.syntax.types import parse_type

__all__ = ["KeywordParser"]


class KeywordParser(Reader):
    """Forms that begin with a keyword; ``expression`` comes from the operators' parser."""

    def expression(self) -> Node:
        raise NotImplementedError

    def conditional(self) -> Node:
        start = self.token.start
        arms: list[tuple[Node, Node]] = []
        while True:
            self.take()
            condition = self.expression()
            self.expect_word("then", "the condition of `if`")
            arms.append((condition, self.expression()))
            if not self.is_word("else"):
                raise self.unexpected("expected `else`; FEEL's `if` always has one (`else null`)")
            self.take()
            if not self.is_word("if") or self.vocabulary.longest(self.tokens, self.index):
                break
        otherwise = self.expression()
        return If(start, otherwise.end, arms, otherwise)

    def loops(self, end: str) -> list[tuple[str, Node, Node | None]]:
        """``x in list, y in 1..10`` up to the word ``end``; each name is known from there on."""
        found: list[tuple[str, Node, Node | None]] = []
        while True:
            name = self.written_name("in")
            self.take()
            first = self.expression()
            last = self.expression() if self.accept("..") else None
            found.append((name, first, last))
            self.vocabulary = Vocabulary((name,), self.vocabulary)
            if len(found) > self.budget.nesting:
                self.deeper_than_allowed()
            if not self.accept(","):
                break
        self.expect_word(end, "the list")
        return found

    def deeper_than_allowed(self) -> None:
        self.depth = self.budget.nesting
        self.deeper()

    def for_loop(self) -> Node:
        start = self.take().start
        outer = self.vocabulary
        loops = self.loops("return")
        self.vocabulary.add("partial")
        body = self.expression()
        self.vocabulary = outer
        return For(start, body.end, loops, body)

    def quantified(self) -> Node:
        first = self.take()
        outer = self.vocabulary
        loops = self.loops("satisfies")
        body = self.expression()
        self.vocabulary = outer
        return Quantified(first.start, body.end, first.text == "every", loops, body)

    def function(self) -> Node:
        start = self.take().start
        self.expect("(", "`function`")
        params: list[str] = []
        types: list[TypeNode | None] = []
        while not self.is_sign(")"):
            params.append(self.written_name(":", ",", ")"))
            types.append(parse_type(self) if self.accept(":") else None)
            if not self.more(")"):
                break
        self.expect(")", "the parameters")
        if self.is_word("external"):
            raise self.unexpected("external functions are not run here")
        outer = self.vocabulary
        self.vocabulary = Vocabulary(params, outer)
        body = self.expression()
        self.vocabulary = outer
        return FunctionNode(start, body.end, params, types, body)
