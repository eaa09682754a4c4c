"""Starts, kills, restarts and judges: one ``World`` is a database, its ledger, and everything that was ever acknowledged.

Rule: the judge believes three witnesses and not Worktrail: the independent reader of the file (a process of its own), the
ledger of effects (a process of its own), and the lines that victims had said before they died. After every death it is looked
whether what was said is there and whether what was there is still there; at the end, whether every run ended as it must and
nothing was done twice that may not be.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["ENDINGS", "ROOT", "Life", "World", "histogram", "in_flight", "judge", "judge_ledger", "judge_trail", "lost", "shrunk"]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = float(
    os.environ.get("WORKTRAIL_PATIENCE_S", "100")
)  # a process that says nothing for so long is stuck; machines can be busy
TTL_S = 5.0
JUMP_S = TTL_S + 1.0  # each life's clock is ahead of the last one's, so that the lease of the dead is over
ENDED_VISIT = {"step.completed", "step.failed", "step.skipped", "step.cancelled"}
ENDINGS = {  # what a root of each kind must have come to
    "mix": ("completed", '{"output":"done last"}'),
    "fan": ("completed", '{"output":"done last"}'),
    "crunch": ("completed", '{"output":"done last"}'),
    "drop": ("cancelled", "null"),
}


def environment(border: str | None) -> dict[str, str]:
    """What a victim gets to see."""
    kept = {name: value for name, value in os.environ.items() if name not in {"WORKTRAIL_BORDER", "PYTHONPATH"}}
    kept["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return kept if border is None else kept | {"WORKTRAIL_BORDER": border}


class Lines:
    """Whole lines from the standard output of processes, as they come, with one patience for all of them."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._rest: dict[int, bytes] = {}

    def add(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        self._rest[descriptor] = b""
        self._selector.register(descriptor, selectors.EVENT_READ, process)

    def next(self, patience_s: float = PATIENCE_S) -> list[tuple[subprocess.Popen[bytes], list[str]]]:
        """At least one process's new lines, as words; none and the process gone where its output ended."""
        ready = self._selector.select(patience_s)
        if not ready:
            raise AssertionError(f"nothing was said for {patience_s} s")
        found = []
        for key, _ in ready:
            data = os.read(key.fd, 1 << 16)
            *whole, self._rest[key.fd] = (self._rest[key.fd] + data).split(b"\n")
            found += [(key.data, line.decode().split(" ", 3)) for line in whole]
            if not data:
                self._selector.unregister(key.fd)
                found.append((key.data, []))
        return found

    def ready(self) -> bool:
        """Whether something was said that nobody has heard."""
        return bool(self._selector.select(0))

    def close(self) -> None:
        self._selector.close()


class Life:
    """One process of ``victim.py``."""

    def __init__(self, world: World, options: dict[str, Any], border: str | None = None) -> None:
        self.world = world
        self.said: list[list[str]] = []
        self.errors = world.folder / f"stderr-{len(world.lives)}"
        command = [sys.executable, "-m", "tests.crash.victim", str(world.path), str(world.socket), json.dumps(options)]
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment(border), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            )
        self.lines = Lines()
        self.lines.add(self.process)
        self.over = False
        world.lives.append(self)

    def hear(self) -> list[list[str]]:
        """Wait for what it says next; nothing where it has ended."""
        heard: list[list[str]] = []
        while not heard and not self.over:
            for _, words in self.lines.next():
                if words:
                    heard.append(words)
                else:
                    self.over = True
        self.said += heard
        return heard

    def until(self, wanted: Callable[[list[str]], bool]) -> list[str]:
        """Go on hearing until a line is wanted."""
        looked = 0
        while True:
            for words in self.said[looked:]:
                if wanted(words):
                    return words
            looked = len(self.said)
            if not self.hear():
                raise AssertionError(f"it ended ({self.process.wait(PATIENCE_S)}) before it said so: {self.stderr()}")

    def after(self, lines: int) -> None:
        """Until it has said that many lines, or ended."""
        while len(self.said) < lines and self.hear():
            pass

    def stop(self) -> None:
        """SIGSTOP; when this returns it does nothing more, and what it had said was heard."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)
        while self.lines.ready():
            self.hear()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    def end(self) -> int:
        """Hear it out; its status."""
        while self.hear():
            pass
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.lines.close()
        return self.process.wait(PATIENCE_S)

    def stderr(self) -> str:
        return self.errors.read_text(errors="replace")


class World:
    """A folder with a database and a ledger that outlives all victims."""

    def __init__(self, folder: Path, database: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.path = database or folder / "trail.db"
        self.socket = Path(os.path.relpath(folder / "l", ROOT))  # short: addresses of sockets are
        if len(str(self.socket)) > 90:
            self.socket = folder / "l"
        self.lives: list[Life] = []
        self.killed = 0
        self.flights: list[set[tuple[str, str, str, int]]] = []
        self.report: dict[str, Any] = {"runs": {}, "streams": {}, "commands": {}}

    def __enter__(self) -> Self:
        script = ROOT / "tests" / "crash" / "ledger.py"
        command = [sys.executable, "-I", str(script), str(self.socket), str(self.folder / "ledger")]
        self.ledger = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.ledger.stdout is not None
        assert self.ledger.stdout.readline() == b"ready\n"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for life in self.lives:
            if life.process.poll() is None:
                life.process.send_signal(signal.SIGCONT)
                life.process.kill()
                life.process.wait(PATIENCE_S)
        assert self.ledger.stdin is not None and self.ledger.stdout is not None
        self.ledger.stdin.close()
        self.ledger.wait(PATIENCE_S)
        self.ledger.stdout.close()

    # --- lives --------------------------------------------------------------------------------------------------------

    def begin(self, border: str | None = None, **options: Any) -> Life:
        """A process goes on with the database; its clock is ahead of all before it."""
        options.setdefault("skip_s", JUMP_S * len(self.lives))
        options.setdefault("ttl_s", TTL_S)
        return Life(self, options, border)

    def died(self, life: Life) -> set[tuple[str, str, str, int]]:
        """After a kill: hear it out, look at the file; what was in flight as (run, visit, what, attempt)."""
        status = life.end()
        assert status == -signal.SIGKILL, f"ended with {status}: {life.stderr()}"
        assert life.stderr() == ""
        self.killed += 1
        self.look()
        flight = in_flight(self.report)
        self.flights.append(flight)
        return flight

    def finish(self) -> None:
        """One more life without new runs, to the end; its clock is far ahead, so that every timer is due."""
        life = self.begin(skip_s=JUMP_S * len(self.lives) + 30.0)
        status = life.end()
        assert status == 0, f"ended with {status}: {life.stderr()}"
        assert life.stderr() == ""
        assert life.said[-1] == ["done"]
        self.look()

    def look(self) -> None:
        """Read the file and hold it against everything said and everything read before."""
        before, self.report = self.report, self.read()
        problems = [*self.report["problems"], *shrunk(before, self.report), *lost(self.report, self.said())]
        assert problems == [], problems

    def read(self) -> dict[str, Any]:
        """The independent reader's report, with trails."""
        command = [sys.executable, "-I", str(ROOT / "tests" / "crash" / "reader.py"), str(self.path), "--trails"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        assert done.stderr == ""
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def said(self) -> list[list[str]]:
        return [words for life in self.lives for words in life.said]

    def effects(self) -> list[list[Any]]:
        """The ledger's lines: op, run, visit, kind, key, attempt."""
        file = self.folder / "ledger"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def ask(self, *question: Any) -> Any:
        """One line to the ledger and its answer."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(PATIENCE_S)
            link.connect(str(self.socket))
            link.sendall(json.dumps([*question, "", "", "", ""][:6]).encode() + b"\n")
            return json.loads(link.makefile().readline())

    def wait_for(self, op: str, kind: str, attempt: int = 1) -> list[Any]:
        """Until the ledger has noted this of any visit; its line."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            for line in self.effects():
                if (line[0], line[3], line[5]) == (op, kind, attempt):
                    return line
            self.ask("asked")  # as long as a round trip takes
        raise AssertionError(f"the ledger never saw {op} {kind} of attempt {attempt}")


# --- what a judge knows -----------------------------------------------------------------------------------------------


def shrunk(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What was durable once and is gone or different now."""
    problems = [f"stream {name} is gone" for name in before["streams"] if name not in after["streams"]]
    problems += [f"command {name} is gone" for name in before["commands"] if name not in after["commands"]]
    problems += [
        f"the answer to {name} is gone" for name, told in before["commands"].items() if told > after["commands"].get(name, 0)
    ]
    for run, row in before["runs"].items():
        trail = after["runs"].get(run, {"trail": []})["trail"]
        if trail[: len(row["trail"])] != row["trail"]:
            problems.append(f"the trail of {run} was rewritten")
    return problems


def lost(report: dict[str, Any], said: Iterable[list[str]]) -> list[str]:
    """What was acknowledged and is not in the file."""
    problems = []
    decided = {
        event["task_id"]: event
        for run in report["runs"].values()
        for event in run["trail"]
        if event["type"] == "human.task_completed"
    }
    for what, *words in said:
        run = report["runs"].get(words[0]) if words else None
        if what in {"start", "seen", "cancel", "resolve", "end"} and run is None:
            problems.append(f"{what} {words[0]}: the run is missing")
        elif what == "seen" and run is not None and run["events"] < int(words[1]):
            problems.append(f"{words[0]} was seen up to {words[1]}, there are {run['events']} events")
        elif what == "decide" and decided.get(words[0], {}).get("outcome") != words[1]:
            problems.append(f"decision {words} is missing")
        elif what == "sent" and words[0] not in report["commands"]:
            problems.append(f"command {words[0]} is missing")
        elif what == "cancel" and run is not None and not _has(run, "segment.cancel_requested"):
            problems.append(f"the cancellation of {words[0]} is missing")
        elif what == "resolve" and run is not None and not _has(run, "incident.resolved", incident=words[1]):
            problems.append(f"the resolution of {words} is missing")
        elif what == "end" and run is not None and run["status"] != words[1]:
            problems.append(f"{words[0]} was said to be {words[1]} and is {run['status']}")
    return problems


def _has(run: dict[str, Any], kind: str, **fields: Any) -> bool:
    return any(event["type"] == kind and all(event[k] == v for k, v in fields.items()) for event in run["trail"])


def in_flight(report: dict[str, Any]) -> set[tuple[str, str, str, int]]:
    """What the open runs of a file were in the middle of: (run, visit, what, attempt)."""
    found: set[tuple[str, str, str, int]] = set()
    for run_id, run in report["runs"].items():
        if run["ended_us"] is not None:
            continue
        now: dict[str, tuple[str, int]] = {}
        for event in run["trail"]:
            visit = event.get("visit")
            if visit is None:
                continue
            what = _PHASE.get(event["type"])
            if event["type"] in ENDED_VISIT:
                now.pop(visit, None)
            elif what == "started":
                kind = "child" if event["child"] is not None else "map" if event["items"] is not None else "attempt"
                now[visit] = (kind, event["attempt"])
            elif what is not None:
                now[visit] = (what, event.get("attempt") or 0)
        found |= {(run_id, visit, what, attempt) for visit, (what, attempt) in now.items()}
    return found


_PHASE = {
    "step.scheduled": "scheduled",
    "step.started": "started",
    "step.interrupted": "interrupted",
    "step.retrying": "retry",
    "timer.set": "timer",
    "human.task_created": "task",
    "incident.opened": "incident",
    "incident.resolved": "scheduled",
}


def histogram(flights: Iterable[set[tuple[str, str, str, int]]]) -> Counter[str]:
    """How many kills had what in flight; an attempt inside a map or a child counts as that, too."""
    counts: Counter[str] = Counter()
    for flight in flights:
        kinds = {what for _, _, what, _ in flight}
        kinds |= {"attempt in a map" for _, visit, what, _ in flight if what == "attempt" and "#" in visit}
        kinds |= {"attempt in a child" for run, _, what, _ in flight if what == "attempt" and "-" not in run}
        counts.update(kinds or {"nothing"})
    return counts


def judge(world: World) -> None:
    """After ``finish``: every run ended as it must, nothing was lost, nothing was done twice that may not be."""
    report, ledger = world.report, world.effects()
    problems = [f"{run_id} is {run['status']}" for run_id, run in report["runs"].items() if run["ended_us"] is None]
    problems += [f"command {name} was never answered" for name, answered in report["commands"].items() if not answered]
    ends = {words[0]: words[1:] for what, *words in world.said() if what == "end"}
    for run_id, run in report["runs"].items():
        status, outputs = ENDINGS.get(run_id.partition("-")[0], (None, None))
        if status is not None and run["status"] != status:
            problems.append(f"{run_id} is {run['status']}, not {status}")
        if status is not None and run_id in ends and ends[run_id] != [status, outputs]:
            problems.append(f"{run_id} was told to have ended as {ends[run_id]}")
        problems += judge_trail(run_id, run, world.flights)
    problems += judge_ledger(report, ledger)
    assert problems == [], problems


def judge_trail(run_id: str, run: dict[str, Any], flights: list[set[tuple[str, str, str, int]]]) -> list[str]:
    """A visit ends once and nothing of it runs after that; an attempt follows another one only for a recorded reason."""
    problems = []
    flown = Counter(
        (visit, attempt) for flight in flights for run, visit, what, attempt in flight if run == run_id and what == "attempt"
    )
    ended: set[str] = set()
    why: dict[str, str] = {}
    timers = {event["visit"]: event["due_us"] for event in run["trail"] if event["type"] == "timer.set"}
    for event in run["trail"]:
        visit, kind = event.get("visit"), event["type"]
        if visit in ended and kind.startswith(("step.", "timer.", "human.")) and kind != "human.task_late":
            problems.append(f"{run_id} {visit}: {kind} after its end")
        if kind == "step.started" and event["child"] is None and event["items"] is None:
            if event["attempt"] > 1 and visit not in why:
                problems.append(f"{run_id} {visit}: attempt {event['attempt']} for no reason")
            why.pop(visit, None)
        elif kind in {"step.interrupted", "step.retrying", "incident.resolved"}:
            why[visit] = kind
        if kind == "step.interrupted" and not flown[visit, event["attempt"]]:
            problems.append(f"{run_id} {visit}: attempt {event['attempt']} interrupted, no kill found it in flight")
        if kind == "timer.fired" and event["at_us"] < timers[visit]:
            problems.append(f"{run_id} {visit}: fired too early")
        if kind in ENDED_VISIT:
            ended.add(visit)
    fired = {event["visit"] for event in run["trail"] if event["type"] == "timer.fired"}
    cancelled = {event["visit"] for event in run["trail"] if event["type"] == "step.cancelled"}
    problems += [f"{run_id} {visit}: its timer never fired" for visit in timers if visit not in fired | cancelled]
    return problems


def judge_ledger(report: dict[str, Any], ledger: list[list[Any]]) -> list[str]:
    """Each attempt was called at most once and only when its start was durable; a visit has one key; `once` and `verify`
    acted once; the others as often as attempts were in flight or failed."""
    problems = []
    calls = Counter((run, visit, attempt) for op, run, visit, _, _, attempt in ledger if op == "call")
    acts = Counter((run, visit, kind) for op, run, visit, kind, _, _ in ledger if op == "effect")
    keys: dict[tuple[str, str], set[str]] = {}
    for _, run, visit, _, key, _ in ledger:
        keys.setdefault((run, visit), set()).add(key)
    started = {
        (run_id, event["visit"], event["attempt"])
        for run_id, run in report["runs"].items()
        for event in run["trail"]
        if event["type"] == "step.started"
    }
    problems += [f"{call} was called {count} times" for call, count in calls.items() if count > 1]
    problems += [f"{call} was called and is not in the trail" for call in calls if call not in started]
    problems += [f"{visit} had the keys {found}" for visit, found in keys.items() if len(found) > 1]
    problems += [f"{act} acted {count} times" for act, count in acts.items() if count > 1 and act[2] in {"charge", "ship"}]
    for run_id, run in report["runs"].items():
        for event in run["trail"]:
            if event["type"] == "step.completed" and (run_id, event["visit"], 1) in calls:
                kinds = [kind for run, visit, kind in acts if (run, visit) == (run_id, event["visit"])]
                if not kinds:
                    problems.append(f"{run_id} {event['visit']} completed and had no effect")
    return problems
