"""Presence: which process holds a lease, and whether it is certainly gone.

Rule: in doubt it lives. Whoever says "gone" takes its runs away before its lease is over, and an effect that it is still
carrying out would be repeated. Certain is only what this kernel says of a process that this kernel started: same machine,
same boot, same process namespace (a container has its own numbers), and a start time, because numbers are given again. Where
one of them cannot be read (no Linux, another machine), the lease is waited for.
"""

from __future__ import annotations

import os
import socket
from functools import lru_cache
from pathlib import Path

__all__ = ["is_gone", "lives_here", "this_process"]

_PROC = Path("/proc")
_STATE, _START = 0, 19  # fields of /proc/<pid>/stat behind the name in brackets
_DEAD = frozenset("ZX")


def this_process() -> str:
    """``host:pid`` and, where it can be told apart for certain, ``:boot.namespace.start``."""
    pid = os.getpid()
    kernel, found = _kernel(pid), _stat(pid)
    mark = f":{kernel}.{found[_START]}" if kernel and found else ""
    return f"{socket.gethostname()}:{pid}{mark}"


def lives_here(process: str) -> bool:
    """Whether the process is one of this machine and not known to have ended: then it is worth waiting for its answer."""
    host, pid, _ = _parts(process)
    return host == socket.gethostname() and pid > 0 and _there(pid) and not is_gone(process)


def is_gone(process: str) -> bool:
    """Whether the process has certainly ended."""
    host, pid, mark = _parts(process)
    kernel, _, start = mark.rpartition(".")
    if host != socket.gethostname() or pid <= 0 or not kernel or kernel != _kernel(os.getpid()):
        return False
    if not _there(pid):
        return True
    found = _stat(pid)
    return found is not None and (found[_START] != start or (found[_STATE] in _DEAD and _threads(pid) == 1))


def _parts(process: str) -> tuple[str, int, str]:
    """Host, number and mark; what cannot be read is a process of nowhere."""
    host, _, rest = process.partition(":")
    number, _, mark = rest.partition(":")
    return host, int(number) if number.isascii() and number.isdecimal() else 0, mark


@lru_cache(maxsize=8)
def _kernel(pid: int) -> str:
    """Boot and process namespace of this process, empty where they cannot be read. By pid, because a fork keeps the cache."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}.{(_PROC / 'self/ns/pid').stat().st_ino}"
    except (OSError, ValueError):
        return ""


def _there(pid: int) -> bool:
    """Whether there is a process of this number (it may be somebody else's by now)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _stat(pid: int) -> list[str] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = text.rpartition(")")[2].split()
    return found if len(found) > _START else None


def _threads(pid: int) -> int:
    """How many of its threads there are; one that is still ending may still be in a call of the kernel."""
    try:
        return len(list((_PROC / str(pid) / "task").iterdir()))
    except OSError:
        return 0
