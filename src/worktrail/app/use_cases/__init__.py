"""Use cases: plain functions that every face shares. Each takes what it works on and answers JSON values."""

from __future__ import annotations

from worktrail.app.use_cases.asking import ask, os_principal
from worktrail.app.use_cases.checks import check_segments, document_schema, evaluate_feel
from worktrail.app.use_cases.doctor import examine
from worktrail.app.use_cases.happening import ActivityFilter, attention, list_activity, throughput
from worktrail.app.use_cases.people import TASK_STATUSES, decide_task, list_tasks, match_option, show_task, task_row
from worktrail.app.use_cases.runs import (
    ENDINGS,
    INCIDENT_ACTIONS,
    RUN_ORDERS,
    RUN_STATUSES,
    WAIT_WORDS,
    cancel_run,
    count_runs,
    list_incidents,
    list_runs,
    pause_run,
    resolve_incident,
    resume_run,
    show_incident,
    show_run,
    timeline,
    trail_events,
    trail_line,
)
from worktrail.app.use_cases.setup import (
    SESSION_S,
    close_session,
    create_key,
    list_keys,
    me,
    open_session,
    principal_of,
    recognise,
    revoke_key,
)
from worktrail.app.use_cases.working import Worker

__all__ = [
    "ENDINGS",
    "INCIDENT_ACTIONS",
    "RUN_ORDERS",
    "RUN_STATUSES",
    "SESSION_S",
    "TASK_STATUSES",
    "WAIT_WORDS",
    "ActivityFilter",
    "Worker",
    "ask",
    "attention",
    "cancel_run",
    "check_segments",
    "close_session",
    "count_runs",
    "create_key",
    "decide_task",
    "document_schema",
    "evaluate_feel",
    "examine",
    "list_activity",
    "list_incidents",
    "list_keys",
    "list_runs",
    "list_tasks",
    "match_option",
    "me",
    "open_session",
    "os_principal",
    "pause_run",
    "principal_of",
    "recognise",
    "resolve_incident",
    "resume_run",
    "revoke_key",
    "show_incident",
    "show_run",
    "show_task",
    "task_row",
    "throughput",
    "timeline",
    "trail_events",
    "trail_line",
]
