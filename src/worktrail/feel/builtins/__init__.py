"""Built-in functions, gathered in one table."""

from __future__ import annotations

from worktrail.feel.builtins import contexts, conversions, lists, numbers, ranges, strings, temporal
from worktrail.feel.builtins.table import BUILTINS, Builtin, call

__all__ = ["BUILTINS", "Builtin", "call", "contexts", "conversions", "lists", "numbers", "ranges", "strings", "temporal"]
