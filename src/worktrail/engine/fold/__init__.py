"""The fold: state, the events that change it, what follows from it. Never: a decision."""

from __future__ import annotations

from worktrail.engine.fold.apply import apply, fold
from worktrail.engine.fold.outstanding import Work, is_cancelling, outstanding, recomputed, work_of
from worktrail.engine.fold.state import ACTIVE, ENDED, Box, Incident, Run, Scope, Status, Visit
from worktrail.engine.fold.values import counted_values, error_value, inputs_of, resolve, resolved_inputs

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
    "counted_values",
    "error_value",
    "fold",
    "inputs_of",
    "is_cancelling",
    "outstanding",
    "recomputed",
    "resolve",
    "resolved_inputs",
    "work_of",
]
