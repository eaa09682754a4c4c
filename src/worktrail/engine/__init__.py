"""The engine: decides what happens next in a run. Pure: no I/O, no clock, no values. See docs/engine.md.

``decide(run, command, at_us) -> [event]`` · ``apply(run, event, at_us)`` · ``outstanding(run) -> {visit: work}``; ``bind``
beside them reads values and is called outside of ``decide``.
"""

from __future__ import annotations

from worktrail.engine.bind import Names, SchemaCheck, Values, bind, evaluate_value, expression_error, json_bytes, verdicts_at
from worktrail.engine.commands import (
    Bound,
    Cancel,
    ChildEnded,
    Command,
    Complete,
    Fail,
    Interrupt,
    Pause,
    Probed,
    RequestRun,
    Resolve,
    Resume,
    Start,
    TaskEnded,
    TimeOut,
    TimeOutRun,
    TimerDue,
)
from worktrail.engine.decide import child_run_id, decide, task_id_of
from worktrail.engine.fold import (
    Incident,
    Run,
    Scope,
    Status,
    Visit,
    Work,
    apply,
    fold,
    is_cancelling,
    outstanding,
    recomputed,
    resolve,
    resolved_inputs,
    work_of,
)
from worktrail.engine.plan import GraphPlan, Plan, StepPlan, compile_plan
from worktrail.engine.rules import TABLES, Row, Table

__all__ = [
    "TABLES",
    "Bound",
    "Cancel",
    "ChildEnded",
    "Command",
    "Complete",
    "Fail",
    "GraphPlan",
    "Incident",
    "Interrupt",
    "Names",
    "Pause",
    "Plan",
    "Probed",
    "RequestRun",
    "Resolve",
    "Resume",
    "Row",
    "Run",
    "SchemaCheck",
    "Scope",
    "Start",
    "Status",
    "StepPlan",
    "Table",
    "TaskEnded",
    "TimeOut",
    "TimeOutRun",
    "TimerDue",
    "Values",
    "Visit",
    "Work",
    "apply",
    "bind",
    "child_run_id",
    "compile_plan",
    "decide",
    "evaluate_value",
    "expression_error",
    "fold",
    "is_cancelling",
    "json_bytes",
    "outstanding",
    "recomputed",
    "resolve",
    "resolved_inputs",
    "task_id_of",
    "verdicts_at",
    "work_of",
]
