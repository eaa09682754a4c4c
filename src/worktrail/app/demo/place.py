"""Where the demo lives: a folder with the expenses example, its database, and its unreliable service.

Rule: a second start in the same folder goes on: what is there is not written over, and the service comes back at its address,
because runs that wait for it know no other.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from worktrail.errors import CallerError

__all__ = ["FOLDER", "free_port", "place_of", "service"]

FOLDER = "worktrail-demo"
LEFT_OUT = {".gitignore"}


def place_of(keep: Path | None) -> Path:
    """The demo's folder (default: ``worktrail-demo`` here) with the example in it."""
    folder = (keep or Path(FOLDER)).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for path in _example().iterdir():
        if path.is_file() and path.name not in LEFT_OUT and not (folder / path.name).exists():
            shutil.copy(path, folder / path.name)
    return folder


def _example() -> Path:
    """The expenses example: inside the package in a wheel, in the checkout otherwise."""
    package = Path(__file__).resolve().parents[2]
    for place in (package / "_examples" / "expenses", package.parents[1] / "examples" / "expenses"):
        if (place / "segment.yaml").is_file():
            return place
    raise CallerError("NOT_FOUND", "the expenses example is not installed with this package")


def free_port(wanted: int) -> int:
    """The loopback port wanted, or another one where it is taken."""
    for port in (wanted, 0):
        with socket.socket() as link:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                link.bind(("127.0.0.1", port))
                return int(link.getsockname()[1])
    return 0


@contextlib.contextmanager
def service(folder: Path) -> Iterator[str]:
    """The example's unreliable service, where it was the last time; it ends with this process."""
    noted = folder / "service.port"
    text = noted.read_text(encoding="utf-8").strip() if noted.is_file() else ""
    port = free_port(int(text) if text.isdecimal() else 0)
    noted.write_text(str(port), encoding="utf-8")
    command = [sys.executable, "service.py", "--port", str(port), "--ledger", "ledger.jsonl", "--until-stdin-closes"]
    # Our own interpreter on our own files; nothing here comes from outside.
    with subprocess.Popen(  # noqa: S603
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.stdin.close()
            process.wait(timeout=10)
