"""The syntax tree to Python closures.

Rule: the mode is decided here, once. Each operation that may refuse gets a ``fail`` bound to its place in the text: strict raises
``AuthorError`` there, dmn answers null. A guard compiles its argument with a lenient twin of the compiler, so that guarded text
costs nothing at run time either.
A closure takes one argument, the ``Env`` (or the ``Run`` outside of every loop, filter, context and function).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from worktrail.errors import AuthorError
from worktrail.feel.compile import calls, infer, literals, loops, operators, paths
from worktrail.feel.refusal import Refusal, quiet
from worktrail.feel.syntax import nodes
from worktrail.feel.values import names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worktrail.feel.budget import Budget
    from worktrail.feel.syntax import Source

__all__ = ["Compiler", "Fn", "Scope"]

Fn = Callable[[Any], Any]
NODES_A_STEP = 16


class Scope:
    """Names of one ``Env`` at compile time; ``dynamic`` where an item's own keys are names too (a filter)."""

    __slots__ = ("dynamic", "names", "parent")

    def __init__(self, names: set[str], parent: Scope | None, *, dynamic: bool = False) -> None:
        self.names = names
        self.parent = parent
        self.dynamic = dynamic


class Compiler:
    """One text being compiled. ``names`` are the root names, or None where any name is accepted."""

    def __init__(
        self, source: Source, *, names: frozenset[str] | None, types: Mapping[str, nodes.TypeNode], strict: bool, budget: Budget
    ) -> None:
        self.source = source
        self.names = names
        self.types = types
        self.strict = strict
        self.guarded = False
        self.budget = budget
        self.paths: set[tuple[str, ...]] = set()
        self.count = [0]

    def lenient(self) -> Compiler:
        """The compiler for what stands inside a guard."""
        twin = Compiler(self.source, names=self.names, types=self.types, strict=False, budget=self.budget)
        twin.guarded = True
        twin.paths = self.paths
        twin.count = self.count
        return twin

    def scope(self, names: set[str], parent: Scope | None, *, dynamic: bool = False) -> Scope:
        """The scope of a new ``Env``."""
        return Scope(names, parent, dynamic=dynamic)

    def suggest(self, wanted: str) -> str:
        """A hint that names the nearest known name, or a few of them."""
        known = sorted(self.names or ())
        near = difflib.get_close_matches(wanted, known[:500], n=1)
        return f"Did you mean `{near[0]}`?" if near else f"Known here: {names_of(known)}."

    def compile(self, node: nodes.Node, scope: Scope | None) -> Fn:
        """The closure of a node."""
        self.count[0] += 1
        return _COMPILERS[type(node)](self, node, scope)

    def body(self, node: nodes.Node, scope: Scope | None) -> tuple[Fn, int]:
        """The closure of a repeated node, and what one round of it costs in steps."""
        before = self.count[0]
        made = self.compile(node, scope)
        return made, 1 + (self.count[0] - before) // NODES_A_STEP

    def heavier(self) -> None:
        """Make the surrounding body cost one step more a round."""
        self.count[0] += NODES_A_STEP

    def kind(self, node: nodes.Node) -> str | None:
        """The static kind of a node, where it has one."""
        found = infer.static_type(node)
        return None if found is None else found.name

    def fail(self, start: int, end: int) -> Callable[[Refusal], Any]:
        """What an operation at this place does with a refusal."""
        if not self.strict:
            return quiet
        source = self.source

        def loud(refusal: Refusal) -> Any:
            raise located(source, start, end, refusal) from None

        return loud

    def unknown(self, node: nodes.Name, refusal: Refusal) -> None:
        """A root name that is not known: an error in strict mode, null otherwise."""
        if self.strict:
            raise located(self.source, node.start, node.end, refusal)


def located(source: Source, start: int, end: int, refusal: Refusal) -> AuthorError:
    """A refusal as an error that names the place."""
    place = source.place(start, end)
    message = f"{refusal.message} (in `{place['text']}`, line {place['line']}, column {place['column']})"
    return AuthorError(refusal.code, message, hint=refusal.hint, details=place)


_COMPILERS: dict[type[nodes.Node], Callable[[Compiler, Any, Scope | None], Fn]] = {
    nodes.Literal: literals.literal,
    nodes.Name: paths.name,
    nodes.Postfix: paths.postfix,
    nodes.Logic: operators.logic,
    nodes.Chain: operators.chain,
    nodes.Negation: operators.negation,
    nodes.Between: operators.between,
    nodes.In: operators.membership,
    nodes.InstanceOf: literals.instance_of,
    nodes.If: literals.conditional,
    nodes.For: loops.for_loop,
    nodes.Quantified: loops.quantified,
    nodes.ListNode: literals.list_literal,
    nodes.ContextNode: literals.context_literal,
    nodes.RangeNode: literals.range_literal,
    nodes.FunctionNode: calls.function,
    nodes.Tests: operators.tests,
}
