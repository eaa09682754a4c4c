"""The file's place: does it exist, may we write there, is it a local disk.

Rule: locks and syncs must hold, so network file systems are refused. The file belongs to its user alone (mode 0600).
"""

from __future__ import annotations

import errno
import os
import re
import threading
import time
from pathlib import Path
from typing import Final

from worktrail.errors import CallerError, ProviderError

__all__ = ["file_system", "make_file", "sync_times_us"]

NETWORK: Final = frozenset(
    "9p afs beegfs ceph cifs coda davfs fuse.ceph fuse.cephfs fuse.davfs fuse.gcsfuse fuse.glusterfs fuse.goofys fuse.juicefs "
    "fuse.mountpoint-s3 fuse.rclone fuse.s3fs fuse.sshfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs pvfs2 smb smb2 "
    "smb3 smbfs virtiofs".split()
)
MOUNTS: Final = Path("/proc/mounts")


def file_system(path: Path, mounts: str | None = None) -> str:
    """Type of the file system that holds ``path``, from the text of /proc/mounts; "unknown" where there is none."""
    if mounts is None:
        try:
            mounts = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return "unknown"
    target, best, kind = os.path.realpath(path), "", "unknown"
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[1])
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind


def make_file(path: Path, mounts: str | None = None) -> None:
    """Check the place and make the file, empty and private, when it is absent."""
    directory = path.parent
    try:
        if path.is_dir():
            raise CallerError("STORE_PATH", f"{path} is a directory")
        if not directory.is_dir():
            hint = "Make the directory, or name another one."
            raise CallerError("STORE_PATH", f"the directory {directory} does not exist", hint=hint)
    except OSError as error:
        raise ProviderError("STORE_READ_ONLY", f"{path} cannot be reached: {error.strerror}") from error
    kind = file_system(directory, mounts)
    if kind in NETWORK:
        raise CallerError("STORE_NETWORK", f"{path} is on a network file system ({kind})", details={"file_system": kind})
    _make_private(path)
    if not os.access(directory, os.W_OK | os.X_OK):
        raise ProviderError(
            "STORE_READ_ONLY", f"the directory {directory} cannot be written: SQLite keeps its log beside {path.name}"
        )


_making = threading.Lock()


def _make_private(path: Path) -> None:
    """Make the file when it is absent. One that exists is never opened here: closing a descriptor would take away the locks
    that SQLite holds on it for another handle of this process (POSIX), and then its log may be removed under it."""
    try:
        with _making:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if not os.access(path, os.R_OK | os.W_OK):
            raise ProviderError("STORE_READ_ONLY", f"{path} cannot be opened for writing") from None
    except PermissionError as error:
        raise ProviderError("STORE_READ_ONLY", f"{path} cannot be made: {error.strerror}") from error
    except OSError as error:
        code = {errno.EROFS: "STORE_READ_ONLY", errno.ENOSPC: "STORE_FULL"}.get(error.errno or 0, "STORE_IO")
        raise ProviderError(code, f"{path} cannot be made: {error.strerror}") from error


def sync_times_us(directory: Path, times: int = 50) -> dict[str, float]:
    """How long the disk takes to write 4 KiB and sync them: p50 and p99 in microseconds, on a scratch file in ``directory``."""
    name = directory / f".worktrail-sync-{os.getpid()}-{time.time_ns()}"
    handle = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        page, taken = os.urandom(4096), []
        os.pwrite(handle, page * times, 0)
        os.fsync(handle)
        for index in range(times):
            start = time.perf_counter_ns()
            os.pwrite(handle, page, index * 4096)
            os.fdatasync(handle) if hasattr(os, "fdatasync") else os.fsync(handle)
            taken.append((time.perf_counter_ns() - start) / 1000)
    finally:
        os.close(handle)
        name.unlink()
    taken.sort()
    return {"p50": round(taken[times // 2], 1), "p99": round(taken[min(times - 1, times * 99 // 100)], 1)}
