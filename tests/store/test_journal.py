"""The one commit: all or nothing, in sequence, read back as written."""

from __future__ import annotations

import hmac

import pytest

from tests.store.build import NOW, append, end, lease, new_run, refused, start, started
from worktrail.errors import WorktrailError
from worktrail.events import decode_body
from worktrail.store import Commit, RunUpdate, Store, StoredAppend, StreamAppend, TaskRow, chain


def test_what_is_committed_is_read_back_byte_for_byte(store: Store) -> None:
    owner = lease(store)
    first, second = append("run:a", 1, started()), append("run:a", 2)
    done = store.commit(Commit(lease=owner, new_runs=[new_run("a")], appends=[first, second]))
    assert done.position == store.position() == 2
    assert [(each.position, each.stream, each.first_seq, each.count, each.body) for each in store.read_stream("run:a")] == [
        (1, "run:a", 1, 1, first.body),
        (2, "run:a", 2, 1, second.body),
    ]
    assert decode_body(store.read_stream("run:a")[0].body).events == [started()]


def test_a_commit_without_appends_answers_the_last_position(store: Store) -> None:
    assert store.commit(Commit()).position == 0
    start(store, "a", None)
    assert store.commit(Commit(tasks=[_task("t")], blobs=[(store.blob_address(b"x"), b"x")])).position == 1


def _task(task_id: str) -> TaskRow:
    return TaskRow(task_id, "open", "approval", "Approve", NOW, 1)


def test_reading_a_stream_from_a_seq_gives_the_append_that_holds_what_follows(store: Store) -> None:
    events = [started()] * 3
    store.commit(Commit(new_runs=[new_run("a")], appends=[append("run:a", 1, *events), append("run:a", 4, *events)]))
    store.commit(Commit(appends=[append("run:a", 7, *events)]))
    firsts = {after: [each.first_seq for each in store.read_stream("run:a", after)] for after in range(11)}
    assert firsts == {after: [first for first in (1, 4, 7) if first + 2 > after] for after in range(11)}
    assert [each.first_seq for each in store.read_stream("run:a", 2, limit=1)] == [1]
    assert store.read_stream("run:never") == []


def test_positions_are_followed_over_all_streams(store: Store) -> None:
    start(store, "a", None)
    store.commit(Commit(appends=[append("task:t", 1), append("run:a", 2), append("observed", 1)]))
    assert [(each.position, each.stream) for each in store.read_after(0)] == [
        (1, "run:a"),
        (2, "task:t"),
        (3, "run:a"),
        (4, "observed"),
    ]
    assert [each.position for each in store.read_after(1, limit=2)] == [2, 3]
    assert store.read_after(4) == []


REFUSED = {
    "a gap in the sequence": ("SEQ_CONFLICT", Commit(appends=[append("run:a", 3)])),
    "a seq twice": ("SEQ_CONFLICT", Commit(appends=[append("run:a", 1)])),
    "a seq twice in one commit": ("SEQ_CONFLICT", Commit(appends=[append("run:a", 2), append("run:a", 2)])),
    "a stream that does not begin at 1": ("SEQ_CONFLICT", Commit(appends=[append("task:t", 2)])),
    "an append of nothing": ("STORE_VALUE", Commit(appends=[StreamAppend("run:a", 2, 0, b"[1,0,null,[]]")])),
    "a run that is there": ("RUN_EXISTS", Commit(new_runs=[new_run("a")])),
    "a run twice in one commit": ("RUN_EXISTS", Commit(new_runs=[new_run("b"), new_run("b")])),
    "a trail without a run": ("NOT_FOUND", Commit(appends=[append("run:b", 1)])),
    "an update without a run": ("NOT_FOUND", Commit(run_updates=[RunUpdate("b", "waiting", NOW)])),
    "a status nobody knows": ("STORE_VALUE", Commit(run_updates=[RunUpdate("a", "sleeping", NOW)])),
    "a new status nobody knows": ("STORE_VALUE", Commit(new_runs=[new_run("b", status="sleeping")])),
    "an answer to no command": ("NOT_FOUND", Commit(answers=[("c", b"{}")])),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_commit_leaves_nothing(store: Store, case: str) -> None:
    code, bad = REFUSED[case]
    start(store, "a", None)
    good = Commit(
        new_runs=[new_run("z"), *bad.new_runs],
        appends=[append("observed", 1), *bad.appends],
        run_updates=[RunUpdate("a", "waiting", NOW, waiting="[]"), *bad.run_updates],
        tasks=[_task("t")],
        blobs=[(store.blob_address(b"x"), b"x")],
        answers=bad.answers,
    )
    before = (store.position(), store.get_run("a"))
    with refused(code):
        store.commit(good)
    assert (store.position(), store.get_run("a")) == before
    assert store.get_run("z") is None
    assert store.get_task("t") is None
    with refused("NOT_FOUND"):
        store.get_blob(store.blob_address(b"x"))
    assert store.check() == []
    store.commit(Commit(appends=[append("run:a", 2), append("observed", 1)]))  # and the store goes on


def test_seq_conflict_says_what_was_expected(store: Store) -> None:
    start(store, "a", None)
    with pytest.raises(WorktrailError) as error:
        store.commit(Commit(appends=[append("run:a", 5)]))
    assert error.value.details == {"stream": "run:a", "given": 5, "next": 2}


def test_run_exists_names_the_runs(store: Store) -> None:
    start(store, "a", None)
    with pytest.raises(WorktrailError) as error:
        store.commit(Commit(new_runs=[new_run("b"), new_run("a"), new_run("c")]))
    assert error.value.details == {"run_ids": ["a"]}


def test_an_ended_run_takes_late_facts_but_never_opens_again(store: Store) -> None:
    owner = lease(store)
    start(store, "a", owner)
    end(store, "a", 2, owner)
    store.commit(Commit(lease=owner, appends=[append("run:a", 3)]))
    store.commit(Commit(appends=[append("run:a", 4)]))
    with refused("RUN_ENDED"):
        store.commit(Commit(run_updates=[RunUpdate("a", "running", NOW)]))
    assert store.check() == []


def test_appends_after_the_ending_may_stand_in_the_same_commit(store: Store) -> None:
    owner = lease(store)
    start(store, "a", owner)
    update = RunUpdate("a", "failed", NOW + 1, error_code="BOOM")
    store.commit(Commit(lease=owner, run_updates=[RunUpdate("a", "waiting", NOW), update], appends=[append("run:a", 2)]))
    row = store.get_run("a")
    assert row is not None
    assert (row.status, row.ended_us, row.owner, row.error_code) == ("failed", NOW + 1, None, "BOOM")
    assert store.check() == ["run a: its row says failed, its trail has no ending"]


def test_heads_chain_and_differ_between_streams_of_equal_content(store: Store) -> None:
    body = append("x", 1).body
    store.commit(Commit(appends=[StreamAppend("task:a", 1, 1, body), StreamAppend("task:b", 1, 1, body)]))
    store.commit(Commit(appends=[StreamAppend("task:a", 2, 1, body)]))
    heads = [each.head for each in store.read_after(0)]
    assert len(set(heads)) == 3
    assert {len(head) for head in heads} == {32}
    assert store.verify("task:a") == store.verify("task:b") == store.verify("task:never") == []


def test_foreign_is_said_once_after_another_handle_wrote(store: Store, other: Store, kind: str) -> None:
    owner = lease(store)
    start(store, "a", owner)
    assert store.commit(Commit(lease=owner)).foreign is False
    other.commit(Commit(appends=[append("observed", 1)]))
    noticed = store.commit(Commit(lease=owner)).foreign
    assert noticed is (kind == "sqlite")
    assert store.commit(Commit(lease=owner)).foreign is False


def test_foreign_is_kept_for_the_next_commit_when_something_else_noticed_it(store: Store, other: Store, kind: str) -> None:
    owner = lease(store)
    other.commit(Commit(appends=[append("observed", 1)]))
    store.renew(owner, now_us=NOW, ttl_us=1)
    with refused("SEQ_CONFLICT"):
        store.commit(Commit(appends=[append("observed", 1)]))
    assert store.commit(Commit(lease=owner)).foreign is (kind == "sqlite")


def test_two_handles_continue_one_stream_in_turns(store: Store, other: Store) -> None:
    for seq in range(1, 7):
        (store, other)[seq % 2].commit(Commit(appends=[append("observed", seq)]))
    with refused("SEQ_CONFLICT"):
        store.commit(Commit(appends=[append("observed", 6)]))
    assert store.read_stream("observed") == other.read_stream("observed")
    assert store.check() == []


def test_two_handles_make_streams_and_runs_in_turns(store: Store, other: Store) -> None:
    for number in range(8):
        handle = (store, other)[number % 2]
        start(handle, f"r{number}", None)
        handle.commit(Commit(appends=[append(f"task:t{number}", 1)]))
    assert [each.stream for each in store.read_after(0)] == [f"{kind}{n}" for n in range(8) for kind in ("run:r", "task:t")]
    assert store.check() == []


def test_a_refused_commit_of_an_owned_run_is_forgotten_by_the_handle(store: Store) -> None:
    owner = lease(store)
    start(store, "a", owner)
    with refused("NOT_FOUND"):
        store.commit(Commit(lease=owner, appends=[append("run:a", 2)], answers=[("c", b"{}")]))
    with refused("SEQ_CONFLICT"):
        store.commit(Commit(lease=owner, appends=[append("run:a", 3)]))
    store.commit(Commit(lease=owner, appends=[append("run:a", 2)]))
    assert store.check() == []


def test_a_closed_store_refuses(store: Store) -> None:
    store.close()
    store.close()
    for use in (store.position, lambda: store.commit(Commit()), lambda: store.get_run("a")):
        with refused("STORE_CLOSED"):
            use()


def test_a_batch_larger_than_one_insert_keeps_its_order(store: Store) -> None:
    names = [f"task:{index:03d}" for index in range(149)]
    store.commit(Commit(appends=[append(name, 1) for name in names]))
    assert [each.stream for each in store.read_after(0)] == names
    assert store.check() == []


def test_a_chain_with_good_heads_but_a_gap_is_broken() -> None:
    link, salt, head, trail = chain.linker(b"k" * 32), b"s" * 16, chain.GENESIS, []
    for position, first_seq in enumerate((1, 2, 4), 1):
        head = link(head, salt, b"task:t", first_seq, 1, b"{}")
        trail.append((StoredAppend(position, "task:t", first_seq, 1, b"{}", head), None))
    assert chain.problems("task:t", salt, link, trail) == ["stream task:t, position 3: begins at seq 4, expected 3"]


def test_a_chain_proves_without_a_body_whose_commitment_was_kept() -> None:
    key, salt, body, name = b"k" * 32, b"s" * 16, b"[1,0,null,[]]", b"task:t"
    link = chain.linker(key)
    first = link(chain.GENESIS, salt, name, 1, 1, body)
    second = link(first, salt, name, 2, 1, body)
    commitment = hmac.digest(key, salt + body, "sha256")
    erased = StoredAppend(1, "task:t", 1, 1, b"", first), commitment
    kept = StoredAppend(2, "task:t", 2, 1, body, second), None
    assert chain.problems("task:t", salt, link, [erased, kept]) == []
    assert len(chain.problems("task:t", salt, link, [(erased[0], bytes(32)), kept])) == 1
