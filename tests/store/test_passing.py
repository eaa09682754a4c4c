"""Presence, batches and figures: the same in memory and in a file, also through a second handle."""

from __future__ import annotations

import msgspec

from worktrail.store import BatchRow, CauseRow, Commit, NewRun, PresenceRow, RunUpdate, Store, Tick

HOUR = 3_600_000_000


def test_presence_is_put_renewed_and_dropped_once(store: Store, other: Store) -> None:
    row = PresenceRow("a", "ann", "default", 1, 2)
    store.put_presence(row)
    store.put_presence(PresenceRow("b", "ben", "default", 3, 3))
    store.renew_presence({"a": 9, "b": 1, "gone": 5})
    assert [(one.client_id, one.seen_us) for one in other.list_presence()] == [("a", 9), ("b", 3)]
    assert other.drop_presence(["a", "b", "gone"], 4) == [PresenceRow("b", "ben", "default", 3, 3)]
    assert store.drop_presence(["b"]) == []
    assert other.get_presence("a") == msgspec.structs.replace(row, seen_us=9)
    assert store.get_presence("b") is None


def test_a_batch_is_in_one_hand_at_a_time(store: Store, other: Store) -> None:
    for number in (1, 2):
        store.put_batch(BatchRow(f"b{number}", "orders", "default", "ann", None, "f.csv", b"{}", number))
    first = store.claim_batch(now_us=10, until_us=20)
    second = other.claim_batch(now_us=10, until_us=20)
    assert [row.batch_id for row in (first, second) if row is not None] == ["b1", "b2"]
    assert store.claim_batch(now_us=10, until_us=20) is None
    assert first is not None
    store.put_batch(msgspec.structs.replace(first, state="ended", rows=3, fed_until_us=0))
    again = other.claim_batch(now_us=21, until_us=30)
    assert again is not None
    assert again.batch_id == "b2"
    assert [row.batch_id for row in store.list_batches()] == ["b2", "b1"]
    assert [row.batch_id for row in store.list_batches(1)] == ["b2"]
    found = other.get_batch("b1")
    assert found is not None
    assert (found.state, found.rows) == ("ended", 3)
    assert store.get_batch("b3") is None


def fill(store: Store) -> None:
    """Five runs: two stopped at the same step (one of them in two items), two failed, one completed."""
    made = [NewRun(f"r{n}", "orders", "s", "l", n * HOUR, workspace_id="far" if n == 4 else "default") for n in range(5)]
    reason = '{{"visit":"{}","for":"{}","since_us":{},"due_us":null,"code":"{}"}}'
    two = ",".join(reason.format(f"each#{n}/pay", "incident", n, "HTTP_STATUS") for n in (1, 2))
    updates = [
        RunUpdate("r0", "waiting", 9 * HOUR, waiting=f"[{two}]"),
        RunUpdate("r1", "running", 9 * HOUR, waiting=f"[{reason.format('pay', 'retry', 7, 'TIMED_OUT')}]"),
        RunUpdate("r2", "failed", 10 * HOUR, error_code="NO_RESULT", error_visit="a"),
        RunUpdate("r3", "completed", 11 * HOUR),
        RunUpdate("r4", "timed_out", 12 * HOUR, error_code="RUN_TIMED_OUT"),
    ]
    store.commit(Commit(new_runs=made, run_updates=updates))


def test_causes_are_grouped_from_rows(store: Store) -> None:
    fill(store)
    assert sorted(store.causes(None, 0), key=lambda row: (row.kind, row.visit, row.error_code)) == [
        CauseRow("failed", "RUN_TIMED_OUT", "orders", "", 1, 12 * HOUR, 12 * HOUR, "r4"),
        CauseRow("failed", "NO_RESULT", "orders", "a", 1, 10 * HOUR, 10 * HOUR, "r2"),
        CauseRow("incident", "HTTP_STATUS", "orders", "each#1/pay", 1, 1, 1, "r0"),
        CauseRow("incident", "HTTP_STATUS", "orders", "each#2/pay", 1, 2, 2, "r0"),
        CauseRow("retry", "TIMED_OUT", "orders", "pay", 1, 7, 7, "r1"),
    ]
    assert {row.run_id for row in store.causes(["default"], 11 * HOUR)} == {"r0", "r1"}
    assert [row.run_id for row in store.causes(["far"], 0)] == ["r4"]


def test_what_began_and_ended_is_counted(store: Store) -> None:
    fill(store)
    assert store.started_per(2 * HOUR, 0, None, None) == {0: 2, 1: 2, 2: 1}
    assert store.started_per(2 * HOUR, 2 * HOUR, None, ["default"]) == {0: 2}
    assert store.started_per(2 * HOUR, 0, "another", None) == {}
    assert sorted(store.ended_since(11 * HOUR, "orders", None), key=lambda tick: tick.ended_us) == [
        Tick("orders", "completed", 3 * HOUR, 11 * HOUR),
        Tick("orders", "timed_out", 4 * HOUR, 12 * HOUR),
    ]


def test_the_past_is_read_backwards(store: Store) -> None:
    fill(store)
    from tests.live.board import Writer

    writer = Writer(store)
    written = [writer.begin("a"), writer.begin("b"), writer.step("a"), writer.step("b")]
    assert [one.position for one in store.follow_back(10**9)] == written[::-1]
    assert store.follow(0) == store.follow_back(10**9)[::-1]  # pages of either direction hold the same
    assert [one.position for one in store.follow_back(written[3], 2)] == [written[2], written[1]]
    mine = store.follow_back(10**9, 10, "run:a")
    assert [(one.position, one.run_id, one.segment_id) for one in mine] == [
        (written[2], "a", "orders"),
        (written[0], "a", "orders"),
    ]
    assert store.follow_back(10**9, 10, "run:nobody") == []
