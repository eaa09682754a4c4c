"""``bind``: reads values, evaluates expressions, outside of ``decide``. Never: a decision."""

from __future__ import annotations

from worktrail.engine.bind.operations import evaluate_value
from worktrail.engine.bind.orders import SchemaCheck, bind, expression_error, verdicts_at
from worktrail.engine.bind.reading import Values, json_bytes
from worktrail.engine.bind.scope import Names

__all__ = ["Names", "SchemaCheck", "Values", "bind", "evaluate_value", "expression_error", "json_bytes", "verdicts_at"]
