"""``bind``: reads values, evaluates expressions, outside of ``decide``. Never: a decision."""

from __future__ import annotations

from worktrail.engine.bind.operations import evaluate_value, pass_on, render_template
from worktrail.engine.bind.orders import SchemaCheck, bind, expression_error, failure_facts, verdicts_at
from worktrail.engine.bind.reading import Values, decode_exactly, json_bytes
from worktrail.engine.bind.request import bind_entry, bind_parameters
from worktrail.engine.bind.scope import Names

__all__ = [
    "Names",
    "SchemaCheck",
    "Values",
    "bind",
    "bind_entry",
    "bind_parameters",
    "decode_exactly",
    "evaluate_value",
    "expression_error",
    "failure_facts",
    "json_bytes",
    "pass_on",
    "render_template",
    "verdicts_at",
]
