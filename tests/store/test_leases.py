"""Leases: who may run what, and what becomes of who may no longer."""

from __future__ import annotations

from tests.store.build import NOW, TTL, append, end, lease, new_run, refused, start
from worktrail.store import Commit, RunUpdate, Store


def claimed(store: Store, lease_id: str, *, now_us: int, locks: list[str] | None = None, limit: int = 1000) -> list[str]:
    owner = lease(store, lease_id, now_us=now_us)
    return [row.run_id for row in store.claim(owner, now_us=now_us, locks=locks, limit=limit)]


def test_an_epoch_is_given_once(store: Store, other: Store) -> None:
    epochs = [lease(store).epoch, lease(other, "L2").epoch, lease(store).epoch, lease(other).epoch]
    assert epochs == sorted(set(epochs))


def test_a_run_belongs_to_the_lease_that_made_it(store: Store, other: Store) -> None:
    owner, stranger = lease(store), lease(other, "L2")
    start(store, "a", owner)
    for writer, who in ((other, stranger), (store, stranger), (store, None)):
        with refused("LEASE_LOST"):
            writer.commit(Commit(lease=who, appends=[append("run:a", 2)]))
        with refused("LEASE_LOST"):
            writer.commit(Commit(lease=who, run_updates=[RunUpdate("a", "waiting", NOW)]))
    other.commit(Commit(lease=owner, appends=[append("run:a", 2)]))
    assert store.owner_of("a") == owner
    assert store.owner_of("never") is None


def test_a_run_of_nobody_is_written_without_a_lease_only(store: Store) -> None:
    owner = lease(store)
    start(store, "a", None)
    with refused("LEASE_LOST"):
        store.commit(Commit(lease=owner, appends=[append("run:a", 2)]))
    store.commit(Commit(appends=[append("run:a", 2)]))
    assert store.owner_of("a") is None


def test_streams_of_nobodys_run_need_no_owner(store: Store) -> None:
    owner, stranger = lease(store), lease(store, "L2")
    for seq, who in enumerate((owner, stranger, None), 1):
        store.commit(Commit(lease=who, appends=[append("task:t", seq)]))


def test_an_expired_lease_is_fenced_by_the_claim_and_loses_everything(store: Store, other: Store) -> None:
    owner = lease(store)
    start(store, "a", owner)
    start(store, "b", owner, lock_hash="another")
    store.commit(Commit(lease=owner, appends=[append("run:a", 2)]))
    late = NOW + TTL
    heir = lease(other, "L2", now_us=late)
    assert other.claim(heir, now_us=late - 1, locks=None) == []
    assert [row.run_id for row in other.claim(heir, now_us=late, locks=["sha-l"])] == ["a"]
    for run_id, seq in (("a", 3), ("b", 2)):
        with refused("LEASE_LOST"):
            store.commit(Commit(lease=owner, appends=[append(f"run:{run_id}", seq)]))
    with refused("LEASE_LOST"):
        store.commit(Commit(lease=owner))
    with refused("LEASE_LOST"):
        store.renew(owner, now_us=late, ttl_us=TTL)
    with refused("LEASE_LOST"):
        store.claim(owner, now_us=late, locks=None)
    store.release(owner, now_us=late)
    assert store.owned_runs(owner) == []
    assert [row.run_id for row in store.owned_runs(heir)] == ["a"]
    other.commit(Commit(lease=heir, appends=[append("run:a", 3)]))
    assert [row.run_id for row in other.claim(heir, now_us=late, locks=None)] == ["b"]
    assert store.check() == []


def test_an_expired_lease_that_nobody_fenced_still_holds(store: Store) -> None:
    owner = lease(store)
    start(store, "a", owner)
    store.commit(Commit(lease=owner, appends=[append("run:a", 2)]))
    assert store.renew(owner, now_us=NOW + 9 * TTL, ttl_us=TTL).expires_us == NOW + 10 * TTL
    assert claimed(store, "L2", now_us=NOW + 9 * TTL) == []


def test_a_renewed_lease_is_not_claimed(store: Store, other: Store) -> None:
    owner = lease(store)
    start(store, "a", owner)
    store.renew(owner, now_us=NOW + TTL, ttl_us=TTL)
    assert claimed(other, "L2", now_us=NOW + TTL) == []
    assert claimed(other, "L2", now_us=NOW + 2 * TTL) == ["a"]


def test_a_released_lease_leaves_its_runs_free_at_once(store: Store, other: Store) -> None:
    owner = lease(store)
    start(store, "a", owner)
    store.release(owner, now_us=NOW)
    store.release(owner, now_us=NOW)
    assert store.list_leases() == []
    with refused("LEASE_LOST"):
        store.commit(Commit(lease=owner, appends=[append("run:a", 2)]))
    with refused("LEASE_LOST"):
        store.renew(owner, now_us=NOW, ttl_us=TTL)
    assert claimed(other, "L2", now_us=NOW) == ["a"]


def test_acquiring_again_fences_the_former_self_and_keeps_its_runs(store: Store, other: Store) -> None:
    before = lease(store)
    start(store, "a", before)
    now = lease(other)
    with refused("LEASE_LOST"):
        store.commit(Commit(lease=before, appends=[append("run:a", 2)]))
    assert [row.run_id for row in other.owned_runs(now)] == ["a"]
    other.commit(Commit(lease=now, appends=[append("run:a", 2)]))
    store.commit(Commit(lease=now, appends=[append("run:a", 3)]))


def test_a_lease_that_lost_a_run_does_not_get_it_back_with_a_new_epoch(store: Store, other: Store) -> None:
    """The cache of a handle must not outlive the epoch it was filled under."""
    before = lease(store)
    start(store, "a", before)
    start(store, "b", before, lock_hash="another")
    heir = lease(other, "L2", now_us=NOW + TTL)
    other.claim(heir, now_us=NOW + TTL, locks=["sha-l"])
    again = lease(store, now_us=NOW + TTL)
    with refused("LEASE_LOST"):
        store.commit(Commit(lease=again, appends=[append("run:a", 2)]))
    store.commit(Commit(lease=again, appends=[append("run:b", 2)]))
    assert [row.run_id for row in store.owned_runs(again)] == ["b"]


def test_a_claim_takes_the_oldest_runs_it_can_serve(store: Store) -> None:
    for run_id, lock in (("a", "x"), ("b", "y"), ("c", "x"), ("d", "z")):
        start(store, run_id, None, lock_hash=lock)
    end(store, "d", 2, None)
    assert store.unclaimed_locks(now_us=NOW) == ["x", "y"]
    assert claimed(store, "L1", now_us=NOW, locks=[]) == []
    assert claimed(store, "L1", now_us=NOW, locks=["x", "z"], limit=1) == ["a"]
    assert claimed(store, "L2", now_us=NOW, locks=["x", "z"]) == ["c"]
    assert store.unclaimed_locks(now_us=NOW) == ["y"]
    assert store.unclaimed_locks(now_us=NOW + TTL) == ["x", "y"]
    assert claimed(store, "L3", now_us=NOW + TTL) == ["a", "b", "c"]


def test_a_claim_answers_the_rows_as_they_are_now(store: Store) -> None:
    start(store, "a", None, labels={"x": "y"})
    owner = lease(store)
    rows = store.claim(owner, now_us=NOW, locks=None)
    assert rows == [store.get_run("a")]
    assert rows[0].owner == "L1"


def test_ended_runs_are_never_claimed(store: Store) -> None:
    owner = lease(store)
    for run_id, status in (("a", "completed"), ("b", "failed"), ("c", "cancelled"), ("d", "timed_out")):
        start(store, run_id, owner)
        end(store, run_id, 2, owner, status)
    store.commit(Commit(lease=owner, new_runs=[new_run("e", status="completed")]))
    assert claimed(store, "L2", now_us=NOW + TTL) == []
    assert store.unclaimed_locks(now_us=NOW + TTL) == []


def test_a_lease_does_not_claim_from_itself(store: Store) -> None:
    owner = lease(store)
    start(store, "a", owner)
    assert store.claim(owner, now_us=NOW + TTL, locks=None) == []
    store.commit(Commit(lease=owner, appends=[append("run:a", 2)]))


def test_leases_are_listed_while_they_stand(store: Store) -> None:
    first, second = lease(store), lease(store, "L2")
    assert store.list_leases() == [first, second]
    assert first.address == "/run/L1.sock"
    assert first.process == "host:L1"
    start(store, "a", first)
    store.claim(second, now_us=NOW + TTL, locks=None)
    assert store.list_leases() == [second]
    store.release(second, now_us=NOW)
    third = lease(store, "L3")
    assert store.list_leases() == [third]
