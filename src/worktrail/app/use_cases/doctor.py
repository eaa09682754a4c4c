"""``doctor``: is everything a run needs in order, and if not, what to do. Each finding is a value with a next action."""

from __future__ import annotations

import platform
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from worktrail import __version__
from worktrail.app.documents import is_there
from worktrail.app.use_cases.checks import check_segments
from worktrail.app.wiring import Wiring
from worktrail.contract import read_lock
from worktrail.errors import WorktrailError
from worktrail.store import Store

__all__ = ["examine"]

LIBRARIES = ("apsw", "msgspec", "jsonschema-rs", "google-re2", "httpx", "typer", "rich", "ruamel.yaml", "cryptography")
SLOW_SYNC_US = 20_000


def examine(wiring: Wiring, *, deep: bool = False) -> dict[str, Any]:
    """``{"ok", "worktrail", "python", "platform", "libraries", "project", "database", "runs", "processes", "findings"}``.

    ``deep`` also checks the database's integrity and every chain, which reads all of it. A database that does not exist yet
    is not made.
    """
    findings: list[dict[str, str]] = []
    report: dict[str, Any] = {
        "worktrail": __version__,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "project": _project(wiring, findings),
        "database": None,
        "runs": {},
        "processes": [],
    }
    path = Path(str(wiring.database))
    if str(wiring.database) != ":memory:" and not is_there(path):
        report["database"] = {"path": str(path), "exists": False}
    else:
        try:
            _database(wiring.store, report, findings, wiring, deep=deep)
        except WorktrailError as error:
            report["database"] = report["database"] or {"path": str(path), "exists": True}
            findings.append({"severity": "error", "code": error.code, "message": error.message, "hint": error.hint})
    report["findings"] = findings
    report["ok"] = not any(each["severity"] == "error" for each in findings)
    return report


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _say(findings: list[dict[str, str]], severity: str, code: str, message: str, hint: str) -> None:
    findings.append({"severity": severity, "code": code, "message": message, "hint": hint})


def _project(wiring: Wiring, findings: list[dict[str, str]]) -> dict[str, Any]:
    project = wiring.project
    shape: dict[str, Any] = {
        "file": None if project.file is None else str(project.file),
        "name": project.name,
        "app": project.document.project.app,
        "segments": 0,
        "step_types": len(wiring.catalog.list_types()),
    }
    if project.file is None:
        return shape
    try:
        checked = check_segments(wiring, [])
    except WorktrailError as error:
        _say(findings, "error", error.code, error.message, error.hint)
        return shape
    shape["segments"] = len(checked["segments"])
    for each in checked["segments"]:
        twice = [problem for problem in each["problems"] if problem["code"] == "SEGMENT_TWICE"]
        for problem in twice:
            if not any(known["message"] == problem["message"] for known in findings):
                _say(findings, "error", problem["code"], problem["message"], problem["hint"])
        others = len(each["problems"]) - len(twice)
        if not each["ok"] and others:
            _say(
                findings,
                "error",
                "SEGMENT_INVALID",
                f"{each['name']} cannot run: {others} problem{'' if others == 1 else 's'}",
                f"Look at them: `worktrail validate {each['name']}`.",
            )
    return shape


def _database(store: Store, report: dict[str, Any], findings: list[dict[str, str]], wiring: Wiring, *, deep: bool) -> None:
    described = report["database"] = store.describe()
    report["runs"] = store.count_runs()
    now_us = time.time_ns() // 1000
    for lease in store.list_leases():
        alive = lease.expires_us > now_us
        report["processes"].append({"process": lease.process, "alive": alive, "address": lease.address})
        if not alive:
            _say(
                findings,
                "warning",
                "LEASE_EXPIRED",
                f"the process {lease.process or lease.lease_id} is gone without giving its runs back",
                "Start `worktrail worker`: it takes them over.",
            )
    sync = described.get("sync_us")
    slowest = sync.get("p99", 0) if isinstance(sync, dict) else 0
    if slowest > SLOW_SYNC_US:
        _say(
            findings,
            "warning",
            "DISK_SLOW",
            f"one sync of the disk took {slowest / 1000:.0f} ms: each durable commit waits for one",
            "Put the database on a local SSD.",
        )
    if described.get("dead"):
        _say(findings, "error", "STORE_DEAD", str(described["dead"]), "Open the store again.")
    _unserved(store, wiring, findings, now_us)
    if deep:
        for problem in store.check():
            _say(findings, "error", "STORE_CORRUPT", problem, "Restore the database from a backup.")


def _unserved(store: Store, wiring: Wiring, findings: list[dict[str, str]], now_us: int) -> None:
    """Runs that nobody owns: what this process would lack to take them."""
    for digest in store.unclaimed_locks(now_us=now_us):
        lock = read_lock(store.get_definition(digest))
        lacking = sorted(
            {step.type for step in lock.graph.steps if step.kind == "handler" and not wiring.handlers.has(step.type)}
        )
        if lacking:
            _say(
                findings,
                "warning",
                "HANDLER_MISSING",
                f"runs of segment {lock.segment_id!r} wait, and no handler is registered here for: {', '.join(lacking)}",
                "Name the app module that registers them: `--app`, or `app` in worktrail.toml.",
            )
        else:
            _say(
                findings,
                "hint",
                "RUNS_UNOWNED",
                f"runs of segment {lock.segment_id!r} are open and no process works on them",
                "Start `worktrail worker`.",
            )
