"""Definitions, blobs, snapshots, commands."""

from __future__ import annotations

from tests.store.build import NOW, end, lease, refused, start
from worktrail.store import CommandRow, Commit, Lease, MemoryStore, Store, TaskRow


def wish(command_id: str, target: str = "a") -> CommandRow:
    return CommandRow(command_id, target, "cancel", b'{"reason":"x"}', "user:ann", NOW)


def pending(store: Store, owner: Lease | None = None) -> list[str]:
    return [row.command_id for row in store.pending(owner)]


def test_a_definition_is_stored_once(store: Store, other: Store) -> None:
    store.put_definition("sha-1", "segment", b"{}")
    other.put_definition("sha-1", "segment", b"{}")
    store.put_definition("sha-1", "segment", b"{}")
    assert other.get_definition("sha-1") == b"{}"
    with refused("NOT_FOUND"):
        store.get_definition("sha-2")


def test_a_blob_is_named_by_its_bytes_under_the_tenants_key(store: Store) -> None:
    body = bytes(range(256)) * 100
    address = store.blob_address(body)
    assert len(bytes.fromhex(address)) == 32
    assert address == store.blob_address(body) != store.blob_address(body + b"x")
    assert MemoryStore().blob_address(body) != address
    store.commit(Commit(blobs=[(address, body), (address, body)]))
    store.commit(Commit(blobs=[(address, body), (store.blob_address(b""), b"")]))
    assert store.get_blob(address) == body
    assert store.get_blob(store.blob_address(b"")) == b""
    for missing in (store.blob_address(b"other"), "no hex"):
        with refused("NOT_FOUND"):
            store.get_blob(missing)


def test_the_newest_snapshot_of_a_run_stands(store: Store) -> None:
    assert store.get_snapshot("a") is None
    store.put_snapshot("a", 10, b"d10", b"s10")
    store.put_snapshot("a", 20, b"d20", b"s20")
    store.put_snapshot("a", 15, b"d15", b"s15")
    assert store.get_snapshot("a") == (20, b"d20", b"s20")


def test_a_command_is_taken_once_and_answered_in_a_commit(store: Store, other: Store) -> None:
    owner = lease(store)
    start(store, "a", owner)
    assert other.send(wish("c1")) is True
    assert store.send(wish("c1")) is False
    assert store.pending(owner) == [wish("c1")]
    store.commit(Commit(lease=owner, answers=[("c1", b'{"accepted":true}')], now_us=NOW + 1))
    store.commit(Commit(lease=owner, answers=[("c1", b'{"accepted":false}')], now_us=NOW + 2))
    row = other.get_command("c1")
    assert row is not None
    assert (row.answer, row.answered_us) == (b'{"accepted":true}', NOW + 1)
    assert store.pending(owner) == []
    assert store.send(wish("c1")) is False
    assert store.get_command("never") is None
    assert store.send(wish("c2")) is True
    assert [(one.command_id, one.answer is None) for one in other.list_commands()] == [("c2", True), ("c1", False)]
    assert [one.command_id for one in store.list_commands(1)] == ["c2"]


def test_commands_go_to_the_owner_of_their_target(store: Store) -> None:
    owner, stranger = lease(store), lease(store, "L2")
    start(store, "a", owner)
    start(store, "b", stranger)
    start(store, "c", None)
    start(store, "d", owner)
    end(store, "d", 2, owner)
    task = TaskRow("t", "open", "approval", "T", NOW, 1, run_id="a")
    store.commit(Commit(tasks=[task, TaskRow("u", "open", "approval", "T", NOW, 1)]))
    for number, target in enumerate(("a", "b", "c", "d", "t", "u", "never"), 1):
        store.send(wish(f"c{number}", target))
    assert pending(store, owner) == ["c1", "c5"]
    assert pending(store, stranger) == ["c2"]
    assert pending(store) == ["c3", "c4", "c6", "c7"]
    assert [row.command_id for row in store.pending(owner, limit=1)] == ["c1"]
    store.release(owner, now_us=NOW)
    assert pending(store) == ["c1", "c3", "c4", "c5", "c6", "c7"]


def test_a_lost_lease_sees_no_commands(store: Store) -> None:
    before = lease(store)
    start(store, "a", before)
    store.send(wish("c1"))
    now = lease(store)
    assert pending(store, before) == []
    assert pending(store, now) == ["c1"]


def test_a_command_may_be_sent_before_its_target_exists(store: Store) -> None:
    owner = lease(store)
    store.send(wish("c1"))
    assert pending(store) == ["c1"]
    start(store, "a", owner)
    assert pending(store) == []
    assert pending(store, owner) == ["c1"]
