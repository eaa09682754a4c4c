"""Runs: lists, details, trails, repairs."""

from __future__ import annotations

from worktrail.app.use_cases.runs.changing import cancel_run, pause_run, resume_run
from worktrail.app.use_cases.runs.incidents import INCIDENT_ACTIONS, list_incidents, resolve_incident, show_incident
from worktrail.app.use_cases.runs.listing import RUN_ORDERS, RUN_STATUSES, WAIT_WORDS, count_runs, list_runs
from worktrail.app.use_cases.runs.showing import show_run
from worktrail.app.use_cases.runs.trails import ENDINGS, timeline, trail_events, trail_line

__all__ = [
    "ENDINGS",
    "INCIDENT_ACTIONS",
    "RUN_ORDERS",
    "RUN_STATUSES",
    "WAIT_WORDS",
    "cancel_run",
    "count_runs",
    "list_incidents",
    "list_runs",
    "pause_run",
    "resolve_incident",
    "resume_run",
    "show_incident",
    "show_run",
    "timeline",
    "trail_events",
    "trail_line",
]
