"""A server as a process of its own, and clients of its streams."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx

from tests.cli.command import command_line, environment, process
from tests.live.board import messages

STEPS = """
from tests.gate import open_gate, passed
from worktrail import step

@step
async def work(n: int) -> int:
    return n + 1

@step
async def hold(name: str) -> str:
    open_gate(name + ".held")
    await passed(name)
    return name

@step
async def fail(n: int) -> int:
    raise ValueError("it does not work")
"""
SEGMENTS = {
    "quick": """
worktrail: 1
segment_id: quick
input_schema: {type: object, properties: {n: {type: integer}}, required: [n]}
steps:
  - {step_id: a, step_type: work}
  - {step_id: b, step_type: work}
edges:
  - {source_step: a, source_port: output, target_step: b, target_port: n}
""",
    "held": """
worktrail: 1
segment_id: held
steps:
  - {step_id: hold, step_type: hold}
""",
    "broken": """
worktrail: 1
segment_id: broken
steps:
  - {step_id: fail, step_type: fail}
policy: {on_failure: incident}
""",
}


def make_project(folder: Path) -> None:
    """A project with a quick segment, one that is held at a gate, and one that stops."""
    (folder / "segments").mkdir(parents=True)
    (folder / "worktrail.toml").write_text('[project]\nname = "live"\napp = "live_steps"\ndatabase = "live.db"\n')
    (folder / "live_steps.py").write_text(STEPS)
    for name, text in SEGMENTS.items():
        (folder / "segments" / f"{name}.yaml").write_text(text)


class Server:
    """``worktrail serve`` in a folder, on a free port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            command_line("serve", "--port", "0", "--json", *options),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            _, stderr = self.process.communicate(timeout=30)
            raise AssertionError(stderr)
        self.facts: dict[str, Any] = json.loads(line)
        self.url: str = self.facts["url"]
        self.client = httpx.Client(base_url=self.url, headers={"sec-fetch-site": "same-origin"}, timeout=30)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=30)

    def stop(self) -> str:
        """SIGTERM; what it said on stderr."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=30)[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.stop()


class Stream:
    """A client that remembers what it was told, on a thread of its own; ``until`` waits for something."""

    def __init__(self, url: str, path: str, *, last_id: int | None = None, headers: dict[str, str] | None = None) -> None:
        self.told: list[dict[str, Any]] = []
        self.raw = b""
        self.last_id = last_id
        self.status = 0
        self.ended = False
        self._changed = threading.Condition()
        self._headers = {**(headers or {}), **({} if last_id is None else {"last-event-id": str(last_id)})}
        self._client = httpx.Client(base_url=url, timeout=60)
        self._path = path
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        buffer = b""
        try:
            with self._client.stream("GET", self._path, headers=self._headers) as response:
                self.status = response.status_code
                for data in response.iter_raw():
                    self.raw += data
                    buffer += data
                    whole, _, buffer = buffer.rpartition(b"\n\n")
                    with self._changed:
                        for one in messages(whole):
                            self.told.append(one)
                            self.last_id = one.get("id", self.last_id)
                        self._changed.notify_all()
        except httpx.HTTPError:
            pass
        finally:
            with self._changed:
                self.ended = True
                self._changed.notify_all()

    def until(self, found: Callable[[list[dict[str, Any]]], Any], timeout_s: float = 30) -> Any:
        """What `found` answers of the messages so far, once that is true."""
        with self._changed:
            assert self._changed.wait_for(lambda: found(self.told) or self.ended, timeout_s), self.told[-5:]
            answer = found(self.told)
        assert answer, self.told[-5:]
        return answer

    def until_ended(self, timeout_s: float = 30) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.ended, timeout_s)

    def close(self) -> None:
        self._client.close()

    @property
    def appends(self) -> list[dict[str, Any]]:
        return [one["data"] for one in self.told if one.get("event") == "append"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def named(event: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """The messages of a name."""
    return lambda told: [one for one in told if one.get("event") == event]


def run(folder: Path, segment: str, text: str, *options: str) -> str:
    """Starts a run by the command line; its id."""
    begun = process(folder, "run", segment, "--input", text, "--json", "--no-wait", *options)
    assert begun.code == 0, begun.err
    return str(begun.json["run_id"])


def lines(folder: Path) -> Iterator[tuple[int, str]]:
    """(position, stream) of every append of the folder's database."""
    from worktrail.store import SqliteStore

    store = SqliteStore(folder / "live.db")
    try:
        yield from [(stored.position, stored.stream) for stored in store.read_after(0, 1_000_000)]
    finally:
        store.close()
