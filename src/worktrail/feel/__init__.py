"""FEEL, the expression language: parse, check, compile, evaluate within a budget.

Rule: this room knows nothing of segments. It is pure: the time and every value come in as arguments.
"""

from __future__ import annotations

from worktrail.feel.budget import DEFAULT_BUDGET, Budget
from worktrail.feel.builtins import BUILTINS
from worktrail.feel.exchange import from_json, to_json
from worktrail.feel.expression import Expression, compile_expression, compile_unary_tests
from worktrail.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from worktrail.feel.values import Function, LazyContext, Range

__all__ = [
    "BUILTINS",
    "DEFAULT_BUDGET",
    "Budget",
    "Date",
    "DateTime",
    "DaysDuration",
    "Expression",
    "Function",
    "LazyContext",
    "MonthsDuration",
    "Range",
    "Time",
    "compile_expression",
    "compile_unary_tests",
    "from_json",
    "to_json",
]
