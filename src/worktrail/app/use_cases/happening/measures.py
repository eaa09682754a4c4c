"""What is measured of a tenant, for Prometheus: counters read from the rows, which survive restarts, and this process's own.

Rule: whoever asks often pays once: what reads every row is kept for ``KEPT_S``. Names follow Prometheus' own rules (`_total`,
base units); each has a line of help.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from worktrail.app.caller import Caller, allowed
from worktrail.store import RunFilter, RunTotal, TaskFilter

__all__ = ["MEASURES", "Measure", "measure"]

KEPT_S: Final = 10
_OPEN: Final = ("running", "waiting", "paused")


class Measure(NamedTuple):
    """A metric: what it is, its kind, and its values by labels."""

    name: str
    kind: str  # counter | gauge
    about: str
    values: list[tuple[Mapping[str, str], float]]


# name → (kind, help); docs/server.md draws it.
MEASURES: Final[dict[str, tuple[str, str]]] = {
    "worktrail_segments_started_total": ("counter", "Runs that were started."),
    "worktrail_segments_completed_total": ("counter", "Runs that ended, by how."),
    "worktrail_segment_duration_seconds_sum": ("counter", "Seconds from start to end of the runs that ended, together."),
    "worktrail_running_segments": ("gauge", "Open runs, by status."),
    "worktrail_open_tasks": ("gauge", "Human tasks that wait for a decision."),
    "worktrail_open_incident_runs": ("gauge", "Open runs that wait for a repair."),
    "worktrail_journal_position": ("counter", "Position of the newest append."),
    "worktrail_steps_executed_total": ("counter", "Steps that completed in this process."),
    "worktrail_step_retries_total": ("counter", "Attempts that were tried again in this process."),
    "worktrail_attempts_started_total": ("counter", "Attempts that began in this process."),
    "worktrail_driver_up": ("gauge", "1 while the driver of this process goes on with runs."),
}


@allowed
def measure(caller: Caller, driver: Mapping[str, Any] | None = None) -> list[Measure]:
    """All measures of the tenant. ``driver``: the facts of the driver in this process, if there is one."""
    tenant = {"tenant_id": caller.store.tenant_id}
    totals = _totals(caller)
    started: dict[str, int] = {}
    for one in totals:
        started[one.segment_id] = started.get(one.segment_id, 0) + one.runs
    ended = [one for one in totals if one.status not in _OPEN]
    incidents = caller.store.tally_runs(RunFilter(wait_for=["incident"])).total
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {
        "worktrail_segments_started_total": [({**tenant, "segment_id": name}, runs) for name, runs in sorted(started.items())],
        "worktrail_segments_completed_total": [(_labels(tenant, one), one.runs) for one in ended],
        "worktrail_segment_duration_seconds_sum": [(_labels(tenant, one), one.duration_us / 1e6) for one in ended],
        "worktrail_running_segments": [(_labels(tenant, one), one.runs) for one in totals if one.status in _OPEN],
        "worktrail_open_tasks": [(tenant, caller.store.count_tasks(TaskFilter()))],
        "worktrail_open_incident_runs": [(tenant, incidents)],
        "worktrail_journal_position": [(tenant, caller.store.position())],
    }
    if driver is not None:
        found |= {
            "worktrail_steps_executed_total": [(tenant, driver.get("steps_completed", 0))],
            "worktrail_step_retries_total": [(tenant, driver.get("retries", 0))],
            "worktrail_attempts_started_total": [(tenant, driver.get("attempts_started", 0))],
            "worktrail_driver_up": [(tenant, float(bool(driver.get("running"))))],
        }
    return [Measure(name, kind, about, found[name]) for name, (kind, about) in MEASURES.items() if name in found]


def _labels(tenant: Mapping[str, str], one: RunTotal) -> dict[str, str]:
    return {**tenant, "segment_id": one.segment_id, "status": one.status}


def _totals(caller: Caller) -> list[RunTotal]:
    """Runs by segment and status, at most ``KEPT_S`` old."""
    now_us = caller.now_us()
    kept = caller.shelf.totals
    if kept is None or now_us - kept[0] > KEPT_S * 1_000_000:
        kept = caller.shelf.totals = (now_us, caller.store.run_totals())
    return kept[1]
