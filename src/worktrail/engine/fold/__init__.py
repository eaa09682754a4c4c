"""The fold: state, the events that change it, what follows from it. Never: a decision."""

from __future__ import annotations

from worktrail.engine.fold.apply import apply, fold
from worktrail.engine.fold.outstanding import (
    Work,
    cancel_rule,
    is_cancelling,
    next_order,
    outstanding,
    recomputed,
    stopping,
    work_of,
)
from worktrail.engine.fold.state import ACTIVE, ENDED, Box, Incident, Run, Scope, Status, Visit
from worktrail.engine.fold.values import counted_values, error_value, failure_of, inputs_of, resolve, resolved_inputs

__all__ = [
    "ACTIVE",
    "ENDED",
    "Box",
    "Incident",
    "Run",
    "Scope",
    "Status",
    "Visit",
    "Work",
    "apply",
    "cancel_rule",
    "counted_values",
    "error_value",
    "failure_of",
    "fold",
    "inputs_of",
    "is_cancelling",
    "next_order",
    "outstanding",
    "recomputed",
    "resolve",
    "resolved_inputs",
    "stopping",
    "work_of",
]
