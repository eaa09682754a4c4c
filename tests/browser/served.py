"""A real server for the browser tests: a process of its own on a free port, which can be stopped, killed and started again."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
from pathlib import Path

from tests.cli.command import command_line, environment

PATIENCE_S = float(os.environ.get("WORKTRAIL_PATIENCE_S", "100"))


class Served:
    """`worktrail serve` over a project folder. `url` is where it answers; a restart keeps the port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.url = ""
        self._options = options
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Until it answers; its address."""
        self._process = subprocess.Popen(
            command_line("serve", "--port", str(self._port), "--json", *self._options),
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=self._log(),
            stdin=subprocess.DEVNULL,
            text=True,
        )
        told = self._first_line()
        if told is None:
            self.stop()
            raise AssertionError(f"the server did not start: {(self.folder / 'serve.log').read_text()[-4000:]}")
        self.url = str(json.loads(told)["url"]).rstrip("/")
        self._port = int(self.url.rpartition(":")[2])
        return self.url

    def kill(self) -> None:
        """As when the power goes: SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """As an operator does: SIGTERM, then until it has ended; its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        process = self._process
        if process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            code = process.wait(timeout=PATIENCE_S)
        finally:
            if process.poll() is None:
                process.kill()
        if process.stdout is not None:
            process.stdout.close()
        self._process = None
        return code

    def _log(self) -> int:
        return os.open(self.folder / "serve.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _first_line(self) -> str | None:
        """What the server says first; the rest of its output is read and dropped, so that it never blocks."""
        assert self._process is not None
        assert self._process.stdout is not None
        stdout = self._process.stdout
        lines: queue.Queue[str | None] = queue.Queue()

        def read() -> None:
            with contextlib.suppress(ValueError):
                for line in stdout:
                    lines.put(line)
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        return lines.get(timeout=PATIENCE_S)
