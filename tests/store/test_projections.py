"""Runs and human tasks as rows: what a commit writes, what the lists find."""

from __future__ import annotations

from typing import Any

from tests.store.build import NOW, append, end, lease, new_run, start
from worktrail.store import Commit, RunFilter, RunRow, RunUpdate, Store, StreamAppend, TaskFilter, TaskRow


def test_a_new_run_is_read_back_whole(store: Store) -> None:
    owner = lease(store)
    told = new_run(
        "a",
        workspace_id="w",
        instance_id="i",
        business_key="order 7",
        labels={"team": "blue", "a.b": 'say "hi"'},
        root_run_id="root",
        parent_run_id="parent",
        parent_visit="map#3/child",
    )
    store.commit(Commit(lease=owner, new_runs=[told]))
    assert store.get_run("a") == RunRow(
        run_id="a",
        segment_id="claims",
        segment_hash="sha-s",
        lock_hash="sha-l",
        workspace_id="w",
        instance_id="i",
        status="running",
        created_us=NOW,
        updated_us=NOW,
        ended_us=None,
        business_key="order 7",
        labels={"team": "blue", "a.b": 'say "hi"'},
        root_run_id="root",
        parent_run_id="parent",
        parent_visit="map#3/child",
        error_code=None,
        waiting=None,
        due_us=None,
        owner="L1",
    )
    assert store.get_run("b") is None


def test_an_update_keeps_waiting_when_it_says_nothing_of_it(store: Store) -> None:
    start(store, "a", None)
    store.commit(Commit(run_updates=[RunUpdate("a", "waiting", NOW + 1, waiting='["task"]', due_us=NOW + 9, error_code="X")]))
    store.commit(Commit(run_updates=[RunUpdate("a", "paused", NOW + 2)]))
    row = store.get_run("a")
    assert row is not None
    assert (row.status, row.updated_us, row.waiting, row.due_us, row.error_code) == ("paused", NOW + 2, '["task"]', None, None)


def test_an_ending_has_a_time_and_no_owner(store: Store) -> None:
    owner = lease(store)
    for run_id, status in (("a", "completed"), ("b", "failed"), ("c", "cancelled"), ("d", "timed_out")):
        start(store, run_id, owner)
        end(store, run_id, 2, owner, status)
        row = store.get_run(run_id)
        assert row is not None
        assert (row.status, row.ended_us, row.owner) == (status, NOW + 5, None)
    assert store.count_runs() == {"completed": 1, "failed": 1, "cancelled": 1, "timed_out": 1}
    assert store.check() == []


def test_runs_are_listed_newest_first_and_in_pages(store: Store) -> None:
    for index in range(7):
        start(store, f"r{index}", None)
    pages, after = [], None
    while page := store.list_runs(RunFilter(limit=3, after=after)):
        pages.append([row.run_id for row in page])
        after = page[-1].run_id
    assert pages == [["r6", "r5", "r4"], ["r3", "r2", "r1"], ["r0"]]
    assert store.list_runs(RunFilter(after="never")) == []


def test_runs_are_found_by_what_they_are(store: Store) -> None:
    start(store, "a", None, segment_id="s1", business_key="k", labels={"team": "blue"})
    start(store, "b", None, segment_id="s2", business_key="k", root_run_id="a", labels={"team": "red", "x": "blue"})
    start(store, "c", None, segment_id="s1", root_run_id="a")
    store.commit(Commit(run_updates=[RunUpdate("c", "waiting", NOW)]))

    def found(**where: Any) -> str:
        return "".join(row.run_id for row in store.list_runs(RunFilter(**where)))

    assert found() == "cba"
    assert found(status=["waiting"]) == "c"
    assert found(status=["waiting", "running"]) == "cba"
    assert found(status=[]) == ""
    assert found(segment_ids=["s1"]) == "ca"
    assert found(business_key="k") == "ba"
    assert found(root_run_id="a") == "cb"
    assert found(labels=[("team", "blue")]) == "a"
    assert found(labels=[("team", "blue")], segment_ids=["s2"]) == ""
    assert found(segment_ids=["s1"], after="c", limit=1) == "a"


def test_existing_runs_answers_for_many_at_once(store: Store) -> None:
    for index in range(3):
        start(store, f"r{index}", None)
    end(store, "r1", 2, None)
    names = [f"r{index}" for index in range(2000)]
    assert store.existing_runs(iter(names)) == {"r0": "running", "r1": "completed", "r2": "running"}
    assert store.existing_runs([]) == {}


def test_the_open_runs_of_a_lease_come_in_the_order_they_were_made(store: Store) -> None:
    owner, stranger = lease(store), lease(store, "L2")
    for index in range(4):
        start(store, f"r{index}", owner)
    start(store, "s", stranger)
    end(store, "r1", 2, owner)
    assert [row.run_id for row in store.owned_runs(owner)] == ["r0", "r2", "r3"]


def _task(task_id: str, **more: Any) -> TaskRow:
    common: dict[str, Any] = {"status": "open", "task_type": "approval", "title": "T", "created_us": NOW, "version": 1}
    return TaskRow(task_id, **(common | more))


def test_a_task_is_read_back_whole_and_put_again(store: Store) -> None:
    first = _task("t", run_id="a", visit="ask", assignee="ann", candidate_groups=("x", "y"), priority="high", due_us=NOW + 1)
    store.commit(Commit(tasks=[first]))
    assert store.get_task("t") == first
    second = _task("t", status="completed", version=2, outcome="approved", decided_by="ann", ended_us=NOW + 2)
    store.commit(Commit(tasks=[_task("u"), second]))
    assert store.get_task("t") == second
    assert store.get_task("never") is None
    assert [task.task_id for task in store.list_tasks(TaskFilter(status=None))] == ["u", "t"]


def test_tasks_are_found_by_what_they_are(store: Store) -> None:
    rows = [
        _task("a", run_id="r", assignee="ann"),
        _task("b", run_id="r", assignee="bob"),
        _task("c", status="expired", assignee="ann"),
        _task("d", assignee="ann"),
    ]
    store.commit(Commit(tasks=rows))

    def found(**where: Any) -> str:
        return "".join(row.task_id for row in store.list_tasks(TaskFilter(**where)))

    assert found() == "dba"
    assert found(status=None) == "dcba"
    assert found(status=["expired", "open"]) == "dcba"
    assert found(status=[]) == ""
    assert found(run_id="r") == "ba"
    assert found(assignee="ann") == "da"
    assert found(names=("ann", "key:ann")) == "da"
    assert found(names=("eve",)) == ""
    assert found(assignee="ann", after="d") == "a"
    assert found(limit=1) == "d"
    assert found(after="never") == ""


def test_only_open_tasks_can_come_due(store: Store) -> None:
    rows = [
        _task("a", run_id="r", due_us=NOW + 1),
        _task("b"),
        _task("c", status="expired", due_us=NOW + 2),
        _task("d", due_us=NOW + 3),
    ]
    store.commit(Commit(tasks=rows))
    assert sorted(store.due_tasks()) == [("a", NOW + 1, "r"), ("d", NOW + 3, None)]


def test_check_sees_a_row_that_its_trail_contradicts(store: Store) -> None:
    owner = lease(store)
    start(store, "a", owner)
    store.commit(Commit(lease=owner, appends=[append("run:a", 2)], run_updates=[RunUpdate("a", "completed", NOW)]))
    start(store, "b", owner)
    end(store, "b", 2, owner, "failed")
    store.commit(Commit(run_updates=[RunUpdate("b", "cancelled", NOW)]))
    assert store.check() == [
        "run a: its row says completed, its trail has no ending",
        "run b: its row says cancelled, its trail says failed or timed_out",
    ]


def test_check_sees_an_append_that_counts_wrongly(store: Store) -> None:
    start(store, "a", None)
    store.commit(Commit(appends=[StreamAppend("run:a", 2, 2, append("run:a", 2).body)]))
    assert store.check() == ["run a, position 2: 1 events in an append of 2"]
