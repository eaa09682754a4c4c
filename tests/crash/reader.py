"""An independent reader of a Worktrail database, written from docs/journal.md alone: nothing of Worktrail is imported here.

    python tests/crash/reader.py FILE [--trails]

prints one JSON object: ``{"schema_version", "problems": [text], "runs": {run id: {"status", "events", "visits", …}},
"streams": {name: {"events", "head"}}, "commands": {id: answered}}``; with ``--trails`` each run has its ``trail`` as a list of
events. It exits with 1 when there are problems. It runs as a process of its own, because two SQLite libraries must not open one
file in one process.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import struct
import sys
from pathlib import Path
from typing import Any

APPLICATION_ID = 0x57545231
SCHEMA_VERSION = 4
OPEN = {"running", "waiting", "paused"}
ENDINGS = {2: {"completed"}, 3: {"failed", "timed_out"}, 4: {"cancelled"}}
TABLE = """
1 segment.started segment_id segment_hash lock_hash input seed semantics parameters entry config business_key labels root_run_id\
 parent_run_id parent_visit depth
2 segment.completed outputs rule
3 segment.failed error visit others rule
4 segment.cancelled reason
5 segment.paused reason
6 segment.resumed reason
8 segment.cancel_requested reason error
10 step.scheduled visit counted rule unmet
11 step.started visit attempt child input items count bound
12 step.completed visit outputs ends error conditions rule stops
13 step.failed visit error ends handled conditions rule stops
14 step.skipped visit ends cause rule error
15 step.cancelled visit ends rule cause
16 step.retrying visit error attempt due_us
17 step.timed_out visit attempt limit
20 step.answered visit status outputs error ends
21 step.interrupted visit attempt probe parked
22 scope.ended visit number result error done cancelled
30 timer.set visit due_us
31 timer.fired visit
40 human.task_created visit task_id form
41 human.task_completed visit task_id outcome principal
42 human.task_expired visit task_id
43 human.task_cancelled visit task_id
44 human.task_late visit task_id outcome
50 incident.opened incident visit kind error edges
51 incident.resolved incident visit action ends reason
60 data.published visit name payload
"""
FIELDS: dict[int, tuple[str, list[str]]] = {
    int(number): (name, fields) for number, name, *fields in (line.split() for line in TABLE.strip().splitlines())
}
COUNTED = {"step.started", "step.completed", "step.failed", "step.skipped", "step.cancelled"}


class Reader:
    """One look at a file, in one read transaction."""

    def __init__(self, path: Path) -> None:
        self.problems: list[str] = []
        self._file = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        self._file.execute("BEGIN")
        if self._value("PRAGMA application_id") != APPLICATION_ID:
            raise SystemExit(f"{path} is not a database of Worktrail's")
        self.schema_version = int(self._value("SELECT value FROM meta WHERE name = 'schema_version'"))
        if self.schema_version != SCHEMA_VERSION:
            raise SystemExit(f"{path} has schema version {self.schema_version}; this reader knows {SCHEMA_VERSION}")

    def _value(self, sql: str) -> Any:
        return self._file.execute(sql).fetchone()[0]

    def close(self) -> None:
        self._file.close()

    def streams(self) -> list[tuple[int, int, str, bytes]]:
        """(number, tenant, name, salt) of every stream."""
        return self._file.execute("SELECT number, tenant, name, salt FROM streams ORDER BY number").fetchall()

    def appends(self, stream: int) -> list[tuple[int, int, int, bytes, bytes, bytes | None]]:
        """(position, first_seq, count, body, head, commitment) of a stream's appends in order."""
        sql = "SELECT position, first_seq, count, body, head, commitment FROM appends WHERE stream = ? ORDER BY first_seq"
        return self._file.execute(sql, (stream,)).fetchall()

    def verify_stream(self, number: int, tenant: int, name: str, salt: bytes) -> dict[str, Any]:
        """The stream's length and head; what is wrong with its chain or its numbers goes to ``problems``."""
        key = self._file.execute("SELECT secret FROM keys WHERE tenant = ? AND purpose = 'hmac'", (tenant,)).fetchone()[0]
        previous, following, last_position = bytes(32), 1, 0
        for position, first_seq, count, body, head, kept in self.appends(number):
            if first_seq != following:
                self.problems.append(f"{name}: seq {first_seq} at position {position}, expected {following}")
            if count < 1 or position <= last_position:
                self.problems.append(f"{name}: position {position} after {last_position}, {count} events")
            commitment = kept or hmac.digest(key, salt + body, "sha256")
            wanted = hashlib.sha256(previous + struct.pack(">QI", first_seq, count) + commitment + name.encode()).digest()
            if wanted != head:
                self.problems.append(f"{name}: the chain breaks at position {position}, seq {first_seq}")
            previous, following, last_position = head, first_seq + count, position
        return {"events": following - 1, "head": previous.hex()}

    def trail(self, number: int, name: str) -> list[dict[str, Any]]:
        """The stream's events as dicts: seq, at_us, origin, type, and the fields by name."""
        told = []
        for position, first_seq, count, body, _, kept in self.appends(number):
            if kept is not None and not body:
                continue
            version, at_us, origin, events = json.loads(body)
            if version != 1:
                self.problems.append(f"{name}: body version {version} at position {position}")
                continue
            if len(events) != count:
                self.problems.append(f"{name}: {len(events)} events in an append of {count} at position {position}")
            for offset, (kind, *values) in enumerate(events):
                if kind not in FIELDS or len(values) > len(FIELDS[kind][1]):
                    self.problems.append(f"{name}: unknown event {kind} with {len(values)} fields at position {position}")
                    continue
                dotted, fields = FIELDS[kind]
                padded = [*values, *[None] * (len(fields) - len(values))]
                told.append(
                    {"seq": first_seq + offset, "at_us": at_us, "origin": origin, "type_number": kind, "type": dotted}
                    | dict(zip(fields, padded, strict=True))
                )
        return told

    def run(self, number: int, run_id: str, *, trails: bool) -> dict[str, Any]:
        """What the row says, what the trail says, and whether they agree."""
        columns = "segment_id, status, created_us, updated_us, ended_us, owner, business_key, labels, error_code, waiting"
        values = self._file.execute(f"SELECT {columns} FROM runs WHERE number = ?", (number,)).fetchone()
        found: dict[str, Any] = dict(zip(columns.split(", "), values, strict=True))
        told = self.trail(number, f"run:{run_id}")
        visits: dict[str, dict[str, int]] = {}
        for event in told:
            if event["type"] in COUNTED:
                counts = visits.setdefault(event["visit"], {"started": 0, "completed": 0})
                what = event["type"].removeprefix("step.")
                counts[what] = counts.get(what, 0) + 1
        endings = [ENDINGS[event["type_number"]] for event in told if event["type_number"] in ENDINGS]
        status = found["status"]
        if len(endings) > 1:
            self.problems.append(f"run:{run_id} has {len(endings)} endings")
        if (status in OPEN) != (found["ended_us"] is None) or (status in OPEN) == bool(endings):
            self.problems.append(f"run:{run_id} is {status}, its trail has {len(endings)} endings")
        elif endings and status not in endings[-1]:
            self.problems.append(f"run:{run_id} is {status}, its trail says {sorted(endings[-1])}")
        if status not in OPEN and found["owner"] is not None:
            self.problems.append(f"run:{run_id} has ended and has an owner")
        found |= {"events": len(told), "visits": visits}
        if trails:
            found["trail"] = told
        return found

    def everything(self, *, trails: bool = False) -> dict[str, Any]:
        """The whole report."""
        problems = [row[0] for row in self._file.execute("PRAGMA integrity_check") if row[0] != "ok"]
        self.problems += problems
        rows = dict(self._file.execute("SELECT number, run_id FROM runs ORDER BY number").fetchall())
        streams, runs = {}, {}
        for number, tenant, name, salt in self.streams():
            streams[name] = self.verify_stream(number, tenant, name, salt)
            if name.startswith("run:") != (number in rows) or rows.get(number, name[4:]) != name[4:]:
                self.problems.append(f"{name}: streams and runs disagree on number {number}")
            elif number in rows:
                runs[rows[number]] = self.run(number, rows[number], trails=trails)
        orphans = self._value("SELECT count(*) FROM appends WHERE stream NOT IN (SELECT number FROM streams)")
        if orphans:
            self.problems.append(f"{orphans} appends belong to no stream")
        commands = self._file.execute("SELECT command_id, answer FROM commands").fetchall()
        return {
            "schema_version": self.schema_version,
            "problems": self.problems,
            "runs": runs,
            "streams": streams,
            "commands": {command_id: answer is not None for command_id, answer in commands},
        }


def main(arguments: list[str]) -> int:
    paths = [Path(argument) for argument in arguments if not argument.startswith("--")]
    if len(paths) != 1 or set(arguments) - {str(paths[0]), "--trails"}:
        print("usage: python tests/crash/reader.py FILE [--trails]", file=sys.stderr)
        return 2
    reader = Reader(paths[0])
    report = reader.everything(trails="--trails" in arguments)
    reader.close()
    print(json.dumps(report))
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
