"""Compiled expressions: the room's face.

Rule: a text is compiled once and evaluated many times; an ``Expression`` is frozen, holds no values, and may be used by several
threads. Whatever goes wrong leaves as ``AuthorError``: the depth of Python's stack and the errors of its decimals are caught here
as the last line, behind the budgets.
"""

from __future__ import annotations

from decimal import DecimalException
from typing import TYPE_CHECKING, Any

from worktrail.feel.budget import DEFAULT_BUDGET, Budget, Run, over
from worktrail.feel.builtins import BUILTINS
from worktrail.feel.compile import Compiler, located
from worktrail.feel.refusal import Refusal
from worktrail.feel.syntax import Source, Vocabulary, parse_expression, parse_tests
from worktrail.feel.syntax.reader import Reader
from worktrail.feel.syntax.types import parse_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from worktrail.feel.syntax import nodes

__all__ = ["Expression", "compile_expression", "compile_unary_tests"]

_BASE = Vocabulary(BUILTINS)
_PROPERTIES = ("time offset", "start included", "end included")


class Expression:
    """One compiled text. ``paths`` are the root names and static paths it may read, guards included; ``type`` is the static
    kind of its value, or None."""

    __slots__ = ("_budget", "_run", "_source", "paths", "strict", "text", "type")

    def __init__(self, source: Source, run: Callable[[Any], Any], *, compiler: Compiler, kind: str | None) -> None:
        self.text = source.text
        self.paths = frozenset(compiler.paths)
        self.type = kind
        self.strict = compiler.strict
        self._source = source
        self._run = run
        self._budget = compiler.budget

    def evaluate(self, scope: Mapping[str, Any], *, now: datetime | None = None) -> Any:
        """The value in a scope of root names. Numbers are int or Decimal; AuthorError with a FEEL_ code otherwise."""
        try:
            return self._run(Run(scope, now, self._budget))
        except (RecursionError, DecimalException, Refusal) as error:
            raise self._last_line(error) from None

    def test(self, value: Any, scope: Mapping[str, Any], now: datetime | None = None) -> bool | None:
        """Unary tests: whether the input matches (None only in dmn mode)."""
        try:
            found: bool | None = self._run(Run(scope, now, self._budget, value))
        except (RecursionError, DecimalException, Refusal) as error:
            if isinstance(error, Refusal) and not self.strict:
                return None
            raise self._last_line(error) from None
        return found

    def _last_line(self, error: Exception) -> Exception:
        if isinstance(error, RecursionError):
            return over("recursion", self._budget.recursion, "The evaluation is nested too deeply.")
        refusal = error if isinstance(error, Refusal) else Refusal("FEEL_VALUE", "A number is NaN or infinite.")
        return located(self._source, 0, len(self.text), refusal)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def compile_expression(
    text: str,
    *,
    names: Iterable[str] = (),
    members: Iterable[str] = (),
    types: Mapping[str, str] | None = None,
    strict: bool = True,
    budget: Budget = DEFAULT_BUDGET,
) -> Expression:
    """Compile one expression.

    ``names`` are the root names in scope (none: any identifier is accepted and looked up at run time); ``members`` are keys with
    blanks or signs in them that may follow a ``.``; ``types`` are names for ``instance of`` with what they stand for.
    """
    return _compile(text, parse_expression, names=names, members=members, types=types, strict=strict, budget=budget)


def compile_unary_tests(
    text: str,
    *,
    names: Iterable[str] = (),
    members: Iterable[str] = (),
    types: Mapping[str, str] | None = None,
    strict: bool = True,
    budget: Budget = DEFAULT_BUDGET,
) -> Expression:
    """Compile unary tests, to be asked with ``test(value, scope)``; ``?`` is the value."""
    return _compile(text, parse_tests, names=names, members=members, types=types, strict=strict, budget=budget)


def _compile(
    text: str,
    parse: Callable[..., nodes.Node],
    *,
    names: Iterable[str],
    members: Iterable[str],
    types: Mapping[str, str] | None,
    strict: bool,
    budget: Budget,
) -> Expression:
    if len(text) > budget.text_length:
        raise over(
            "text_length", budget.text_length, f"The text has {len(text):,} characters, {budget.text_length:,} are allowed."
        )
    source = Source(text)
    known = frozenset(names)
    keys = frozenset(members)
    vocabulary = Vocabulary((), _BASE)
    for name in (*known, *keys, *(types or ())):
        vocabulary.add(name)
    try:
        node = parse(source, vocabulary, Vocabulary((*keys, *_PROPERTIES)), budget=budget, strict=strict)
        compiler = Compiler(source, names=known or None, types=_types(types or {}, budget), strict=strict, budget=budget)
        return Expression(source, compiler.compile(node, None), compiler=compiler, kind=compiler.kind(node))
    except RecursionError:
        raise over("nesting", budget.nesting, "The expression is nested too deeply.") from None


def _types(written: Mapping[str, str], budget: Budget) -> dict[str, nodes.TypeNode]:
    """The caller's types, parsed."""
    vocabulary = Vocabulary(written, _BASE)
    found: dict[str, nodes.TypeNode] = {}
    for name, text in written.items():
        reader = Reader(Source(text), vocabulary, Vocabulary(()), budget=budget, strict=True)
        found[name] = parse_type(reader)
    return found
