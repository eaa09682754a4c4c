"""Runs: lists, details, trails, repairs, starts."""

from __future__ import annotations

from worktrail.app.use_cases.runs.bulk import BULK_ACTIONS, BULK_MOST, change_many, preview_bulk
from worktrail.app.use_cases.runs.changing import cancel_run, pause_run, resume_run, retry_visit
from worktrail.app.use_cases.runs.incidents import INCIDENT_ACTIONS, list_incidents, resolve_incident, show_incident
from worktrail.app.use_cases.runs.listing import RUN_ORDERS, RUN_STATUSES, WAIT_WORDS, count_runs, list_runs
from worktrail.app.use_cases.runs.picture import show_graph
from worktrail.app.use_cases.runs.showing import show_run, show_state
from worktrail.app.use_cases.runs.starting import StartRun, segment_to_start, start_run
from worktrail.app.use_cases.runs.trails import ENDINGS, show_trail, timeline, trail_events, trail_line, trail_lines
from worktrail.app.use_cases.runs.values import outputs_of_run, read_blob, read_value
from worktrail.app.use_cases.runs.visits import show_visit

__all__ = [
    "BULK_ACTIONS",
    "BULK_MOST",
    "ENDINGS",
    "INCIDENT_ACTIONS",
    "RUN_ORDERS",
    "RUN_STATUSES",
    "WAIT_WORDS",
    "StartRun",
    "cancel_run",
    "change_many",
    "count_runs",
    "list_incidents",
    "list_runs",
    "outputs_of_run",
    "pause_run",
    "preview_bulk",
    "read_blob",
    "read_value",
    "resolve_incident",
    "resume_run",
    "retry_visit",
    "segment_to_start",
    "show_graph",
    "show_incident",
    "show_run",
    "show_state",
    "show_trail",
    "show_visit",
    "start_run",
    "timeline",
    "trail_events",
    "trail_line",
    "trail_lines",
]
