"""The file itself: its settings, its schema, its versions, its readers."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import get_args

import apsw
import pytest

from tests.crash import reader
from tests.store.build import NOW, append, end, lease, new_run, refused, start
from tests.store.dump import dump, load, schema
from worktrail.events import TYPES, Event, decode_body, encode_body
from worktrail.store import (
    BatchRow,
    Commit,
    MemoryStore,
    PresenceRow,
    RunFilter,
    SqliteStore,
    StreamAppend,
    TaskFilter,
    borders,
    open_store,
)
from worktrail.store.sqlite import connection, migrations

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DATABASES = {version: HERE / "specimens" / f"database_v{version}.sql" for version in (1, 2, 3, 4)}
BODIES = (HERE / "specimens" / "bodies_v1.jsonl").read_bytes().splitlines()


def test_open_store_chooses_by_path(tmp_path: Path) -> None:
    for nowhere in (None, ":memory:"):
        assert isinstance(open_store(nowhere), MemoryStore)
    store = open_store(str(tmp_path / "trail.db"), "acme")
    assert isinstance(store, SqliteStore)
    assert store.tenant_id == "acme"
    assert store.path == tmp_path / "trail.db"
    store.close()
    with refused("STORE_VALUE"):
        open_store(tmp_path / "trail.db", "")


def test_what_was_written_is_there_when_opened_again(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "trail.db")
    owner = lease(store)
    start(store, "a", owner)
    address, trail = store.blob_address(b"x"), store.read_stream("run:a")
    store.close()
    again = SqliteStore(tmp_path / "trail.db")
    assert again.read_stream("run:a") == trail
    assert again.blob_address(b"x") == address
    again.commit(Commit(lease=owner, appends=[append("run:a", 2)]))
    again.close()


def test_the_file_is_private_and_says_whose_it_is(sqlite: SqliteStore) -> None:
    for file in sqlite.path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    told = sqlite.describe()
    assert told["pragmas"] | dict(connection.PRAGMAS) == told["pragmas"]
    assert (told["schema_version"], told["file_mode"], told["dead"]) == (migrations.SCHEMA_VERSION, "0600", None)
    assert told["sync_us"]["p50"] > 0
    assert set(told["sizes_bytes"]) == {"trail.db", "trail.db-wal", "trail.db-shm"}
    assert sorted(file.name for file in sqlite.path.parent.iterdir()) == sorted(told["sizes_bytes"])


def test_a_setting_that_does_not_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PRAGMAS", (*connection.PRAGMAS, ("page_size", 4097)))
    with refused("STORE_PRAGMA"):
        SqliteStore(tmp_path / "trail.db")


def test_readers_cannot_write(sqlite: SqliteStore) -> None:
    with refused("STORE_READ_ONLY"), sqlite._database.reader() as reader:
        reader.execute("DELETE FROM meta")


# --- versions ---------------------------------------------------------------------------------------------------------


def test_a_new_file_has_the_schema_of_the_newest_specimen(sqlite: SqliteStore, tmp_path: Path) -> None:
    newest = DATABASES[migrations.SCHEMA_VERSION].read_text(encoding="utf-8")
    load(str(tmp_path / "old.db"), newest)
    old = apsw.Connection(str(tmp_path / "old.db"))
    with sqlite._database.reader() as reader:
        assert schema(reader) == schema(old)
    assert dump(old) == newest
    old.close()


@pytest.mark.parametrize("version", DATABASES)
def test_a_file_of_an_older_schema_is_read_and_goes_on(tmp_path: Path, version: int) -> None:
    load(str(tmp_path / "trail.db"), DATABASES[version].read_text(encoding="utf-8"))
    store = SqliteStore(tmp_path / "trail.db")
    assert store.check() == []
    assert store._meta("schema_version") == str(migrations.SCHEMA_VERSION)
    assert [(run.run_id, run.status, run.owner) for run in store.list_runs(RunFilter())] == [
        ("b", "completed", None),
        ("a", "waiting", "lease-1"),
    ]
    assert [run.run_id for run in store.list_runs(RunFilter(labels=[("team", "blue")]))] == ["a"]
    assert [run.run_id for run in store.list_runs(RunFilter(top=True))] == ["a"]
    assert [task.candidate_groups for task in store.list_tasks(TaskFilter())] == [("x", "y")]
    owner = store.list_leases()[0]
    assert [row.command_id for row in store.pending(owner)] == ["c2"]
    assert store.get_definition("sha-segment") == b'{"segment_id":"claims"}'
    assert store.get_blob(store.blob_address(b'"large"')) == b'"large"'
    assert store.get_snapshot("a") == (5, b"\x01\x02", b"state")
    store.commit(Commit(lease=owner, appends=[append("run:a", 6), append("task:t1", 2)]))
    assert store.acquire("new", now_us=NOW, ttl_us=1, address=None, process="").epoch == 3
    assert store.check() == []
    store.close()


def test_a_file_of_schema_version_2_holds_what_was_set_up(tmp_path: Path) -> None:
    load(str(tmp_path / "trail.db"), DATABASES[2].read_text(encoding="utf-8"))
    store = SqliteStore(tmp_path / "trail.db")
    assert [(key.key_id, key.permissions, key.workspaces) for key in store.list_keys()] == [("k1a2b3c4", ("view",), ("north",))]
    assert store.get_session("s1a2b3c4") is not None
    assert [view.name for view in store.list_views("key:ann")] == ["late"]
    assert [row.version for row in store.list_published("claims")] == ["1.0.0"]
    assert store.get_call("c", "key:ann", NOW) is not None
    store.close()


def test_a_file_of_schema_version_3_holds_who_is_here_and_what_is_read(tmp_path: Path) -> None:
    load(str(tmp_path / "trail.db"), DATABASES[3].read_text(encoding="utf-8"))
    store = SqliteStore(tmp_path / "trail.db")
    assert store.get_presence("c1") == PresenceRow("c1", "local:ann", "north", NOW, NOW + 5, "/runs", "decides:t1")
    assert store.get_batch("b1") == BatchRow("b1", "claims", "north", "local:ann", "claims.csv", "b1.csv", b"{}", NOW, rows=2)
    store.close()


def test_a_file_of_schema_version_4_says_where_a_published_document_is(tmp_path: Path) -> None:
    load(str(tmp_path / "trail.db"), DATABASES[4].read_text(encoding="utf-8"))
    store = SqliteStore(tmp_path / "trail.db")
    assert [row.document for row in store.list_published("claims")] == ["document:abc"]
    store.close()


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "trail.db"
    SqliteStore(path).close()
    file = apsw.Connection(str(path))
    file.execute("UPDATE meta SET value = '99' WHERE name = 'schema_version'")
    file.close()
    before = path.read_bytes()
    with refused("STORE_VERSION"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_file_of_others_is_refused(tmp_path: Path) -> None:
    file = apsw.Connection(str(tmp_path / "other.db"))
    file.execute("CREATE TABLE notes (text)")
    file.close()
    with refused("STORE_VERSION"):
        SqliteStore(tmp_path / "other.db")
    (tmp_path / "text.db").write_text("no database at all, but some text that is long enough" * 100)
    with refused("STORE_CORRUPT"):
        SqliteStore(tmp_path / "text.db")


def test_migrations_are_numbered_and_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [number for number, _ in migrations.MIGRATIONS] == list(range(1, migrations.SCHEMA_VERSION + 1))
    assert reader.SCHEMA_VERSION == migrations.SCHEMA_VERSION  # or the crash tests judge nothing
    SqliteStore(tmp_path / "trail.db").close()
    later = (*migrations.MIGRATIONS, (99, "CREATE TABLE later (x)"))
    monkeypatch.setattr(migrations, "MIGRATIONS", later)
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", 99)
    for path in (tmp_path / "trail.db", tmp_path / "trail.db", tmp_path / "new.db"):
        store = SqliteStore(path)
        assert store._meta("schema_version") == "99"
        assert store._database.row("SELECT count(*) FROM later") == (0,)
        store.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SqliteStore(tmp_path / "trail.db").close()
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, (99, "CREATE TABLE later (x); SELECT nonsense")))
        patch.setattr(migrations, "SCHEMA_VERSION", 99)
        with refused("STORE_BROKEN"):
            SqliteStore(tmp_path / "trail.db")
    store = SqliteStore(tmp_path / "trail.db")
    assert store._meta("schema_version") == str(migrations.SCHEMA_VERSION)
    assert store._database.row("SELECT name FROM sqlite_schema WHERE name = 'later'") is None
    store.close()


# --- bodies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_of_version_1_is_read_and_written_alike(body: bytes) -> None:
    told = decode_body(body)
    assert encode_body(told.at_us, told.origin, told.events) == body


def test_every_event_type_has_a_specimen() -> None:
    seen = {type(event).__struct_config__.tag for body in BODIES for event in decode_body(body).events}
    assert seen == set(TYPES)


def test_the_page_lists_the_events_as_the_code_has_them() -> None:
    """The independent reader is held against the page, and the page against the code: add new fields to both."""
    page = (ROOT / "docs" / "journal.md").read_text(encoding="utf-8")
    for event in get_args(Event):
        number = event.__struct_config__.tag
        assert f"| {number} | `{TYPES[number]}` | {', '.join(event.__struct_fields__)} |" in page


# --- tenants, readers -------------------------------------------------------------------------------------------------


def test_tenants_of_one_file_do_not_see_each_other(tmp_path: Path) -> None:
    one, two = (SqliteStore(tmp_path / "trail.db", tenant) for tenant in ("one", "two"))
    for store in (one, two):
        owner = lease(store)
        start(store, "a", owner)
        store.put_definition("sha", "segment", store.tenant_id.encode())
        store.commit(Commit(blobs=[(store.blob_address(b"x"), b"x")], appends=[append("observed", 1)]))
    assert one.blob_address(b"x") != two.blob_address(b"x")
    with refused("NOT_FOUND"):
        one.get_blob(two.blob_address(b"x"))
    end(one, "a", 2, one.list_leases()[0])
    assert [(store.count_runs(), store.get_definition("sha")) for store in (one, two)] == [
        ({"completed": 1}, b"one"),
        ({"running": 1}, b"two"),
    ]
    assert [each.position for each in one.read_after(0)] == [1, 2, 5]
    assert [each.position for each in two.read_after(0)] == [3, 4]
    assert two.claim(lease(two, "L2"), now_us=NOW + 10**9, locks=None)[0].run_id == "a"
    with refused("LEASE_LOST"):
        one.commit(Commit(lease=two.list_leases()[0], appends=[append("observed", 2)]))
    assert one.check() == two.check() == []
    one.close()
    two.close()


def test_a_page_too_large_for_one_text_is_followed_all_the_same(sqlite: SqliteStore) -> None:
    for seq in range(1, 6):
        sqlite.commit(Commit(appends=[StreamAppend("observed", seq, 1, b"x" * 4_000)]))
    whole = sqlite.follow(0)
    with sqlite._database.reader() as connection:
        connection.limit(apsw.SQLITE_LIMIT_LENGTH, 20_000)
    assert sqlite.follow(0) == whole
    assert [one.first_seq for one in whole] == [1, 2, 3, 4, 5]


@pytest.mark.slow
def test_readers_follow_while_another_thread_writes(sqlite: SqliteStore) -> None:
    """Eight threads on four connections: each sees every position once, in order, in whole commits."""
    commits, batch = 300, 5
    problems: list[str] = []
    begin = threading.Barrier(9)

    def follow() -> None:
        begin.wait()
        position, seen = 0, 0
        while seen < commits * batch:
            found = sqlite.read_after(position, limit=1000)
            if [each.position for each in found] != list(range(position + 1, position + 1 + len(found))):
                problems.append(f"gap after {position}")
                return
            if len(found) % batch:
                problems.append(f"half a commit after {position}")
                return
            seen += len(found)
            position += len(found)

    threads = [threading.Thread(target=follow) for _ in range(8)]
    for thread in threads:
        thread.start()
    begin.wait()
    for number in range(commits):
        sqlite.commit(Commit(appends=[append(f"task:{number}-{part}", 1) for part in range(batch)]))
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(sqlite._database._idle) <= connection.READERS


def test_several_threads_may_commit(sqlite: SqliteStore) -> None:
    def work(name: str) -> None:
        for seq in range(1, 51):
            sqlite.commit(Commit(appends=[append(f"task:{name}", seq)]))

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sqlite.position() == 300
    assert sqlite.check() == []


def test_a_commit_holds_the_file_from_its_beginning(tmp_path: Path) -> None:
    """Even one that writes nothing: else another process could write between its fence and its rows."""
    one, two = (SqliteStore(tmp_path / "trail.db", busy_timeout_ms=0) for _ in range(2))
    tried: list[str] = []

    def meanwhile(name: str) -> None:
        if name == "store.commit.inside" and not tried:
            tried.append(name)
            with refused("STORE_BUSY"):
                two.commit(Commit(appends=[append("observed", 1)]))

    borders.hooks.append(meanwhile)
    try:
        one.commit(Commit())
    finally:
        borders.hooks.remove(meanwhile)
    assert tried
    one.close()
    two.close()


def test_a_writer_that_waits_too_long_is_told(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "trail.db", busy_timeout_ms=0)
    other = apsw.Connection(str(tmp_path / "trail.db"))
    other.execute("BEGIN IMMEDIATE")
    with refused("STORE_BUSY"):
        store.commit(Commit(new_runs=[new_run("a")]))
    other.execute("ROLLBACK")
    other.close()
    store.commit(Commit(new_runs=[new_run("a")]))
    store.close()


def test_a_writer_waits_for_another_process_and_then_writes(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "trail.db")
    other = apsw.Connection(str(tmp_path / "trail.db"))
    other.execute("BEGIN IMMEDIATE")
    writer = threading.Thread(target=store.commit, args=(Commit(new_runs=[new_run("a")]),))
    writer.start()
    while not store._database._give_up:  # until it has found the lock taken
        pass
    assert store.get_run("a") is None
    other.execute("ROLLBACK")
    writer.join()
    assert store.get_run("a") is not None
    other.close()
    store.close()


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "trail.db"
    store = SqliteStore(path)
    store.commit(Commit(appends=[append(f"task:{number}", 1) for number in range(2000)]))
    store.close()
    damaged = bytearray(path.read_bytes())
    for page in range(2, len(damaged) // 4096):
        damaged[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(damaged)
    with refused("STORE_CORRUPT"):
        again = SqliteStore(path)
        try:
            again.read_after(0)
        finally:
            again.close()


STRANGER = """
import sqlite3, sys
file = sqlite3.connect(sys.argv[1])
print(file.execute("SELECT count(*) FROM appends").fetchone()[0])
file.close()
"""


def test_opening_a_second_handle_does_not_drop_the_locks_of_the_first(tmp_path: Path) -> None:
    """POSIX takes all of a process's locks on a file when it closes any descriptor of it: then a stranger who comes and goes
    (here another SQLite, in a process of its own) believes he was the last, and removes the log under our hands."""

    def stranger() -> int:
        command = [sys.executable, "-c", STRANGER, str(tmp_path / "trail.db")]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    first = SqliteStore(tmp_path / "trail.db")
    first.commit(Commit(appends=[append("observed", 1)]))
    second = SqliteStore(tmp_path / "trail.db", "another")
    first.describe()
    assert stranger() == 1
    first.commit(Commit(appends=[append("observed", 2)]))
    assert stranger() == 2
    second.close()
    assert stranger() == 2
    first.commit(Commit(appends=[append("observed", 3)]))
    assert stranger() == 3
    first.close()
