"""When the disk fails: full, read-only, a sync that fails. What was acknowledged stays, what was not is whole or absent."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.store.build import append, lease, refused, start
from tests.store.faults import FaultyDisk
from worktrail.errors import WorktrailError
from worktrail.store import Commit, SqliteStore
from worktrail.store.sqlite.filesystem import NETWORK, file_system, make_file

ROOT = Path(__file__).resolve().parents[2]
_numbers = itertools.count()


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    made = FaultyDisk(f"faulty-{next(_numbers)}")
    yield made
    made.unregister()


def opened(path: Path, disk: FaultyDisk, **more: Any) -> SqliteStore:
    return SqliteStore(path / "trail.db", vfs=disk.label, **more)


def fill(store: SqliteStore, first_seq: int, commits: int = 1000) -> int:
    """Commit to ``observed`` until it is refused; the seq that was refused, or the next."""
    for seq in range(first_seq, first_seq + commits):
        try:
            store.commit(Commit(appends=[append("observed", seq)], blobs=[(f"{seq:064x}", bytes(3000))]))
        except WorktrailError as error:
            assert error.code == "STORE_FULL"  # noqa: PT017 - the seq is wanted, not only the error
            return seq
    return first_seq + commits


def test_a_full_database_loses_nothing_and_goes_on(sqlite: SqliteStore) -> None:
    sqlite._database._writer.pragma("max_page_count", sqlite._database._writer.pragma("page_count") + 20)
    seq = fill(sqlite, 1)
    assert 1 < seq < 100
    assert fill(sqlite, seq) == seq  # and again: the handle stays usable
    assert sqlite.read_stream("observed")[-1].first_seq == seq - 1
    sqlite._database._writer.pragma("max_page_count", 1_000_000)
    assert fill(sqlite, seq, 5) == seq + 5
    assert [problem for problem in sqlite.check() if "blob" not in problem] == []


def test_a_full_disk_loses_nothing_and_goes_on(tmp_path: Path, disk: FaultyDisk) -> None:
    store = opened(tmp_path, disk)
    disk.room = 100_000
    seq = fill(store, 1)
    assert 1 < seq < 100
    assert fill(store, seq) == seq
    assert disk.happened == [("full", "log")] * 2
    disk.room = None
    assert fill(store, seq, 5) == seq + 5
    assert store.read_stream("observed")[-1].first_seq == seq + 4
    store.close()
    again = SqliteStore(tmp_path / "trail.db")
    assert again.read_stream("observed")[-1].first_seq == seq + 4
    assert again.verify("observed") == []
    again.close()


def test_a_real_full_disk(tmp_path: Path) -> None:
    """A file system of 1 MiB; needs the right to mount one."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this user cannot mount a small file system; the faulty disk above stands in for it")
    try:
        store = SqliteStore(place / "trail.db")
        ballast = place / "ballast"
        ballast.write_bytes(bytes(200_000))
        seq = fill(store, 1)
        assert 1 < seq < 1000
        ballast.unlink()
        assert fill(store, seq, 5) == seq + 5
        assert store.verify("observed") == []
        store.close()
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_failed_sync_ends_the_handle(tmp_path: Path, disk: FaultyDisk) -> None:
    store = opened(tmp_path, disk)
    owner = lease(store)
    start(store, "a", owner)
    disk.broken = {("sync", "log")}
    with refused("STORE_IO"):
        store.commit(Commit(lease=owner, appends=[append("run:a", 2)]))
    assert disk.happened == [("sync", "log")]
    disk.broken = set()
    for use in (lambda: store.commit(Commit(lease=owner)), lambda: store.renew(owner, now_us=1, ttl_us=1)):
        with refused("STORE_DEAD"):
            use()
    assert "fails on purpose" in str(store._database.dead)
    assert [each.first_seq for each in store.read_stream("run:a")] == [1]
    store.close()
    again = SqliteStore(tmp_path / "trail.db")
    assert [each.first_seq for each in again.read_stream("run:a")] in ([1], [1, 2])  # whole or absent, nobody was told
    assert again.check() == []
    again.close()


def test_a_failed_write_ends_the_handle(tmp_path: Path, disk: FaultyDisk) -> None:
    store = opened(tmp_path, disk)
    start(store, "a", None)
    disk.broken = {("write", "log")}
    with refused("STORE_IO"):
        store.commit(Commit(appends=[append("run:a", 2)]))
    disk.broken = set()
    with refused("STORE_DEAD"):
        store.commit(Commit(appends=[append("run:a", 2)]))
    store.close()
    again = SqliteStore(tmp_path / "trail.db")
    assert [each.first_seq for each in again.read_stream("run:a")] == [1]
    again.commit(Commit(appends=[append("run:a", 2)]))
    assert again.check() == []
    again.close()


@pytest.mark.parametrize("operation", ["sync", "write"])
def test_a_failed_checkpoint_keeps_its_commit_and_ends_the_handle(tmp_path: Path, disk: FaultyDisk, operation: str) -> None:
    store = opened(tmp_path, disk, checkpoint_pages=50)
    disk.broken = {(operation, "file")}
    acknowledged = 0
    with refused("STORE_DEAD"):
        for seq in range(1, 1000):
            store.commit(Commit(appends=[append("observed", seq)]))
            acknowledged = seq
    assert disk.happened == [(operation, "file")]
    assert 1 < acknowledged < 999
    assert len(store.read_stream("observed")) == acknowledged
    disk.broken = set()
    store.close()
    again = SqliteStore(tmp_path / "trail.db")
    assert len(again.read_stream("observed")) == acknowledged
    assert again.check() == []
    again.close()


def test_the_log_is_moved_into_the_file_as_it_grows(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "trail.db", checkpoint_pages=50)
    for seq in range(1, 400):
        store.commit(Commit(appends=[append("observed", seq)]))
    assert (tmp_path / "trail.db-wal").stat().st_size < 100 * 4200
    store.close()


def test_a_failed_read_is_said_and_the_handle_lives(tmp_path: Path, disk: FaultyDisk) -> None:
    store = opened(tmp_path, disk)
    start(store, "a", None)
    disk.broken = {("read", "log"), ("read", "file")}
    with refused("STORE_IO"):
        store.get_run("a")
    disk.broken = set()
    assert store.get_run("a") is not None
    store.commit(Commit(appends=[append("run:a", 2)]))
    store.close()


# --- places ---------------------------------------------------------------------------------------------------------

AS_NOBODY = """
import os, sys
from worktrail.errors import WorktrailError
from worktrail.store import open_store
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    open_store(sys.argv[1])
except WorktrailError as error:
    print(error.code, error.message)
"""


def as_nobody(path: Path) -> str:
    """What a user without rights is told when he opens the database."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", AS_NOBODY, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def closed_place() -> Iterator[Path]:
    """A directory that others can enter but not write to."""
    place = Path(tempfile.mkdtemp())
    SqliteStore(place / "private.db").close()
    SqliteStore(place / "shared.db").close()
    (place / "private.db").chmod(0o444)
    (place / "shared.db").chmod(0o666)
    place.chmod(0o555)
    yield place
    place.chmod(0o755)
    shutil.rmtree(place)


def test_a_place_that_cannot_be_written_is_said(closed_place: Path) -> None:
    assert as_nobody(closed_place / "new.db").startswith("STORE_READ_ONLY")
    assert as_nobody(closed_place / "private.db").startswith("STORE_READ_ONLY")
    told = as_nobody(closed_place / "shared.db")
    assert told.startswith("STORE_READ_ONLY")
    assert f"the directory {closed_place} cannot be written" in told


def test_a_place_that_cannot_be_entered_is_said(closed_place: Path) -> None:
    closed_place.chmod(0o700 if os.geteuid() == 0 else 0o000)
    assert as_nobody(closed_place / "new.db").startswith("STORE_READ_ONLY")


def test_a_place_that_is_none_is_said(tmp_path: Path) -> None:
    with refused("STORE_PATH"):
        SqliteStore(tmp_path / "nowhere" / "trail.db")
    with refused("STORE_PATH"):
        SqliteStore(tmp_path)


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local xfs rw 0 0
//server/share /mnt/our\\040share cifs rw 0 0
me@host: /home/local/far fuse.sshfs rw 0 0
short
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/trail.db", "ext4"),
        ("/home/ann/trail.db", "nfs4"),
        ("/home", "nfs4"),
        ("/homestead/trail.db", "ext4"),
        ("/home/local/trail.db", "xfs"),
        ("/home/local/far/trail.db", "fuse.sshfs"),
        ("/mnt/our share/x/trail.db", "cifs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind


@pytest.mark.parametrize("kind", sorted(NETWORK))
def test_network_file_systems_are_refused(tmp_path: Path, kind: str) -> None:
    with refused("STORE_NETWORK"):
        make_file(tmp_path / "trail.db", f"server:/x {tmp_path} {kind} rw 0 0\n")
    assert not (tmp_path / "trail.db").exists()


def test_local_file_systems_are_not_refused(tmp_path: Path) -> None:
    make_file(tmp_path / "trail.db", f"/dev/sda1 {tmp_path} ext4 rw 0 0\n")
    assert file_system(tmp_path, "") == "unknown"
