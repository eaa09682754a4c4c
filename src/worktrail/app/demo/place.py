"""Where the demo lives: a folder with the expenses example, its database, and its unreliable service.

Rule: a second start in the same folder goes on: what is there is not written over, and the service comes back at its address,
because runs that wait for it know no other. The folder's own copy of the segment names that address too, for runs that somebody
starts by hand. One process at a time has the folder: the system gives it back when that process ends, however it ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

from worktrail.errors import CallerError

__all__ = ["FOLDER", "Place", "free_port", "place_of", "service"]

FOLDER = "worktrail-demo"
LEFT_OUT = {".gitignore"}
ADDRESS: Final = "http://127.0.0.1:8791"  # of the service, as the example's segment has it
PATIENCE_S: Final = 10.0  # for the service of a demo that was just killed
LOOK_S: Final = 0.05


class Place(NamedTuple):
    """The demo's folder, and the port of its service."""

    folder: Path
    port: int


@contextlib.contextmanager
def place_of(keep: Path | None, *, patience_s: float = PATIENCE_S) -> Iterator[Place]:
    """The demo's folder (default: ``worktrail-demo`` here) with the example in it, for this process alone.

    CallerError OUTPUT_FILE where it cannot be written, DEMO_BUSY where another demo has it or another program has its port.
    """
    folder = (keep or Path(FOLDER)).resolve()
    with contextlib.ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = held.enter_context((folder / "demo.lock").open("a+", encoding="utf-8"))
            _alone(folder, lock)
            port = _service_port(folder, patience_s)
            _copy(folder, f"http://127.0.0.1:{port}")
        except OSError as error:
            raise CallerError("OUTPUT_FILE", f"{folder}: {error.strerror or error}") from None
        yield Place(folder, port)


def _alone(folder: Path, lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        who = lock.read(40).strip()
        raise CallerError("DEMO_BUSY", f"a demo runs in {folder} already{who and f': process {who}'}") from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()


def _service_port(folder: Path, patience_s: float) -> int:
    """The port that was noted at the first start, else a free one, which is noted."""
    noted = folder / "service.port"
    text = noted.read_text(encoding="utf-8").strip() if noted.is_file() else ""
    if not text.isdecimal():
        port = free_port(0)
        noted.write_text(str(port), encoding="utf-8")
        return port
    port, end = int(text), time.monotonic() + patience_s
    while not _is_free(port):
        if time.monotonic() > end:
            message = f"the service of the demo in {folder} has port {port}, and another program uses it now"
            hint = "Stop that program, or begin in another folder: `worktrail demo --keep FOLDER`."
            raise CallerError("DEMO_BUSY", message, hint=hint)
        time.sleep(LOOK_S)
    return port


def _copy(folder: Path, address: str) -> None:
    for path in _example().iterdir():
        target = folder / path.name
        if not path.is_file() or path.name in LEFT_OUT or target.exists():
            continue
        if path.name == "segment.yaml":
            target.write_text(path.read_text(encoding="utf-8").replace(ADDRESS, address), encoding="utf-8")
        else:
            shutil.copy(path, target)


def _example() -> Path:
    """The expenses example: inside the package in a wheel, in the checkout otherwise."""
    package = Path(__file__).resolve().parents[2]
    for place in (package / "_examples" / "expenses", package.parents[1] / "examples" / "expenses"):
        if (place / "segment.yaml").is_file():
            return place
    raise CallerError("NOT_FOUND", "the expenses example is not installed with this package")


def _is_free(port: int) -> bool:
    with socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what has ended a moment ago holds it no more
        try:
            link.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
        return True


def free_port(wanted: int) -> int:
    """The loopback port wanted, or another one where it is taken."""
    if wanted and _is_free(wanted):
        return wanted
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return int(link.getsockname()[1])


@contextlib.contextmanager
def service(place: Place) -> Iterator[str]:
    """The example's unreliable service at its port; it ends with this process. CallerError DEMO_FAILED."""
    words = ["--port", str(place.port), "--ledger", "ledger.jsonl", "--until-stdin-closes"]
    # Our own interpreter on our own files; nothing here comes from outside.
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "service.py", *words],
        cwd=place.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            if not said:
                raise CallerError("DEMO_FAILED", f"the service of the demo did not start: python service.py {' '.join(words)}")
            yield str(json.loads(said)["url"])
        finally:
            process.stdin.close()
            process.wait(timeout=10)
