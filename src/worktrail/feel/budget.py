"""What one expression may cost, and the meter that holds it.

Rule: nothing an author writes may run longer or grow larger than its budget, whatever the values are. Every limit ends
in ``FEEL_BUDGET``. Plain operators are not counted (their number is bounded by the text); loops, filters, calls and
everything that builds strings or lists are, so that a condition on an edge pays nothing for the meter.
Why sizes are charged as steps too: a single string under the limit is harmless, a million of them are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worktrail.errors import AuthorError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["DEFAULT_BUDGET", "Budget", "Env", "Run", "over"]

CHARS_A_STEP = 128
ITEMS_A_STEP = 4


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one expression: characters of its text, depth of nesting, steps of one evaluation, size of one built
    value (characters of a string, items of a list), depth of function calls."""

    text_length: int = 32_768
    nesting: int = 64
    steps: int = 50_000
    result_size: int = 1_000_000
    recursion: int = 48


DEFAULT_BUDGET = Budget()
_NONE: frozenset[tuple[str, str]] = frozenset()


def over(limit: str, allowed: int, message: str) -> AuthorError:
    """The error of an exceeded limit; ``limit`` is the field of ``Budget``."""
    return AuthorError("FEEL_BUDGET", message, details={"limit": limit, "allowed": allowed})


class Run:
    """One evaluation: the caller's scope, the time, and what is left of the budget. Also the outermost ``Env``."""

    __slots__ = ("budget", "depth", "now", "patterns", "scope", "steps", "value", "vars")

    def __init__(self, scope: Mapping[str, Any], now: datetime | None, budget: Budget, value: Any = None) -> None:
        self.scope = scope
        self.now = now
        self.budget = budget
        self.steps = budget.steps
        self.depth = 0
        self.patterns: frozenset[tuple[str, str]] = _NONE
        self.value = value  # what unary tests test, `?`

    @property
    def run(self) -> Run:
        return self

    def spend(self, steps: int = 1) -> None:
        """Pay for ``steps`` of work."""
        self.steps -= steps
        if self.steps < 0:
            allowed = self.budget.steps
            raise over("steps", allowed, f"The evaluation needs more than {allowed:,} steps.")

    def text(self, length: int) -> None:
        """Pay for a string of ``length`` characters, before it is built."""
        if length > self.budget.result_size:
            allowed = self.budget.result_size
            raise over("result_size", allowed, f"A string of {length:,} characters is longer than the allowed {allowed:,}.")
        if length >= CHARS_A_STEP:
            self.spend(length // CHARS_A_STEP)

    def items(self, count: int) -> None:
        """Pay for a list of ``count`` items, before it is built."""
        if count > self.budget.result_size:
            allowed = self.budget.result_size
            raise over("result_size", allowed, f"A list of {count:,} items is longer than the allowed {allowed:,}.")
        self.spend(count // ITEMS_A_STEP + 1)

    def enter(self) -> None:
        """Begin a function call; ``leave`` ends it."""
        self.depth += 1
        self.spend()
        if self.depth > self.budget.recursion:
            allowed = self.budget.recursion
            raise over("recursion", allowed, f"Function calls are nested deeper than {allowed}.")

    def leave(self) -> None:
        self.depth -= 1


class Env:
    """Local names of a loop, a filter, a context or a function body; ``up`` is the surrounding one."""

    __slots__ = ("run", "scope", "up", "vars")

    def __init__(self, run: Run, scope: Mapping[str, Any], variables: dict[str, Any], up: Any) -> None:
        self.run = run
        self.scope = scope
        self.vars = variables
        self.up = up
