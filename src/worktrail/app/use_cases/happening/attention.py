"""Attention: what waits for a person, and what stopped runs, one line a cause.

Rule: causes are grouped by the database from rows alone (a row says the code of what it stopped for), so that it costs little
however many runs there are; only for the sentence of a cause one trail is read, from its end.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import iso
from worktrail.errors import CODES
from worktrail.events import ErrorInfo, decode_body
from worktrail.store import CauseRow, TaskFilter

__all__ = ["attention"]

FAILED_SINCE_S: Final = 24 * 3600
CAUSES: Final = 50
LOOK_BACK: Final = 200  # appends of a sample's trail
_KINDS: Final = {"incident": "incident", "retry": "retrying", "failed": "failed"}
_ORDER: Final = ("incident", "failed", "retrying")


@allowed
def attention(caller: Caller, *, until_us: int | None = None) -> dict[str, Any]:
    """``{"open_tasks", "due_next", "causes": [{kind, error_code, message, hint, segment_id, step_id, runs, since, last,
    sample_run_id, sample_visit, query}], "position"}``: incidents first, then what failed within a day before ``until_us``
    (default: now), then retries."""
    store, seen = caller.store, caller.workspaces
    position = store.position()
    failed_since_us = (caller.now_us() if until_us is None else until_us) - FAILED_SINCE_S * 1_000_000
    groups: dict[tuple[str, str, str, str], list[CauseRow]] = {}
    for row in store.causes(seen, failed_since_us):
        key = (_KINDS[row.kind], row.error_code, row.segment_id, _step_of(row.visit))
        groups.setdefault(key, []).append(row)
    ordered = sorted(groups, key=lambda key: (_ORDER.index(key[0]), -sum(row.runs for row in groups[key]), key))
    due = store.list_tasks(TaskFilter(workspaces=seen, order="due", limit=1))
    return {
        "open_tasks": store.count_tasks(TaskFilter(workspaces=seen)),
        "due_next": iso(due[0].due_us) if due else None,
        "causes": [_cause(caller, key, groups[key], failed_since_us) for key in ordered[:CAUSES]],
        "position": position,
    }


def _step_of(visit: str) -> str:
    """The step of a visit ``container#3/step``."""
    return visit.rpartition("/")[2]


def _cause(caller: Caller, key: tuple[str, str, str, str], rows: list[CauseRow], failed_since_us: int) -> dict[str, Any]:
    kind, code, segment_id, step_id = key
    newest = max(rows, key=lambda row: row.last_us)
    error = _error_of(caller, newest)
    known = CODES.get(code)
    hint = error.hint if error is not None and error.hint else known.action if known is not None else ""
    return {
        "kind": kind,
        "error_code": code,
        "message": error.error_message if error is not None else known.meaning if known is not None else code,
        "hint": hint,
        "segment_id": segment_id,
        "step_id": step_id or None,
        "runs": sum(row.runs for row in rows),
        "since": iso(min(row.since_us for row in rows)),
        "last": iso(newest.last_us),
        "sample_run_id": newest.run_id,
        "sample_visit": newest.visit or None,
        "query": _query(kind, code, segment_id, step_id, failed_since_us),
    }


def _query(kind: str, code: str, segment_id: str, step_id: str, failed_since_us: int) -> str:
    """The filter of the list of runs that finds them."""
    wanted: list[tuple[str, str]] = [("segment_id", segment_id), ("parent", "any")]  # what stopped may be a run's own run
    if step_id:
        wanted.append(("step_id", step_id))
    if kind == "failed":
        wanted += [
            ("status", "failed"),
            ("status", "timed_out"),
            ("error_code", code),
            ("ended_after", str(iso(failed_since_us))),
        ]
    else:
        wanted.append(("wait_for", "incident" if kind == "incident" else "retry"))
    return urlencode(wanted)


def _error_of(caller: Caller, row: CauseRow) -> ErrorInfo | None:
    """The newest failure of that cause in the sample's trail."""
    for append in caller.store.follow_back(2**62, LOOK_BACK, f"run:{row.run_id}"):
        for event in reversed(decode_body(append.body, append.first_seq).events):
            error = getattr(event, "error", None)
            if isinstance(error, ErrorInfo) and error.error_code == row.error_code:
                return error
    return None
