"""Use cases: plain functions that every face shares. Each takes what it works on and answers JSON values."""

from __future__ import annotations

from worktrail.app.use_cases.asking import ask, os_principal
from worktrail.app.use_cases.checks import check_segments, document_schema, evaluate_feel
from worktrail.app.use_cases.doctor import examine
from worktrail.app.use_cases.incidents import INCIDENT_ACTIONS, list_incidents, resolve_incident, show_incident
from worktrail.app.use_cases.runs import RUN_STATUSES, cancel_run, list_runs, pause_run, resume_run, run_row, show_run
from worktrail.app.use_cases.tasks import TASK_STATUSES, decide_task, list_tasks, match_option, show_task, task_row
from worktrail.app.use_cases.trails import ENDINGS, timeline, trail_events, trail_line
from worktrail.app.use_cases.working import Worker

__all__ = [
    "ENDINGS",
    "INCIDENT_ACTIONS",
    "RUN_STATUSES",
    "TASK_STATUSES",
    "Worker",
    "ask",
    "cancel_run",
    "check_segments",
    "decide_task",
    "document_schema",
    "evaluate_feel",
    "examine",
    "list_incidents",
    "list_runs",
    "list_tasks",
    "match_option",
    "os_principal",
    "pause_run",
    "resolve_incident",
    "resume_run",
    "run_row",
    "show_incident",
    "show_run",
    "show_task",
    "task_row",
    "timeline",
    "trail_events",
    "trail_line",
]
