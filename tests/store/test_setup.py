"""Keys, sessions, views, published versions, remembered calls; following the journal."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec

from tests.store.build import NOW, append, lease, refused, start
from worktrail.events import SETUP_TYPES, KeyCreated, Origin, SegmentPublished, SetupEvent, decode_setup_body, encode_setup_body
from worktrail.store import (
    AccessKey,
    Commit,
    PublishedRow,
    RememberedCall,
    Session,
    SqliteStore,
    Store,
    StreamAppend,
    TaskRow,
    View,
)

KEY = AccessKey("k1a2b3c4", "ann", ("view", "run"), None, b"salt", b"digest", NOW, "cli:root")
SESSION = Session("s1a2b3c4", "k1a2b3c4", b"salt", b"digest", NOW, NOW + 10)


def test_a_key_is_made_changed_and_found_by_its_id(store: Store, other: Store) -> None:
    later = msgspec.structs.replace(KEY, key_id="k2", workspaces=("north",))
    store.commit(Commit(keys=[KEY]))
    store.commit(Commit(keys=[later]))
    assert other.get_key("k1a2b3c4") == KEY
    assert other.list_keys() == [later, KEY]
    assert (other.tenant_of("k1a2b3c4"), other.tenant_of("never")) == (store.tenant_id, None)
    store.commit(Commit(keys=[msgspec.structs.replace(KEY, revoked_us=NOW + 1)]))
    store.touch_key("k1a2b3c4", NOW + 2)
    found = other.get_key("k1a2b3c4")
    assert found is not None
    assert (found.revoked_us, found.last_used_us, found.name) == (NOW + 1, NOW + 2, "ann")
    assert other.get_key("never") is None


def test_a_key_of_one_tenant_is_none_of_another(tmp_path: object, sqlite: SqliteStore) -> None:
    two = SqliteStore(sqlite.path, "two")
    sqlite.commit(Commit(keys=[KEY]))
    assert (two.get_key("k1a2b3c4"), two.list_keys(), two.tenant_of("k1a2b3c4")) == (None, [], "default")
    two.close()


def test_a_session_ends_once_and_is_forgotten_when_it_is_over(store: Store, other: Store) -> None:
    store.commit(Commit(keys=[KEY]))
    store.open_session(SESSION)
    assert other.get_session("s1a2b3c4") == SESSION
    assert other.tenant_of("s1a2b3c4") == store.tenant_id
    store.close_session("s1a2b3c4", NOW + 1)
    store.close_session("s1a2b3c4", NOW + 2)
    closed = other.get_session("s1a2b3c4")
    assert closed is not None
    assert closed.closed_us == NOW + 1
    store.open_session(msgspec.structs.replace(SESSION, session_id="s2", created_us=NOW + 10, expires_us=NOW + 20))
    assert other.get_session("s1a2b3c4") is None
    assert other.get_session("s2") is not None


def test_views_are_those_of_the_owner_and_those_that_are_shared(store: Store) -> None:
    for view_id, page, shared, owner in (("a", "runs", False, "ann"), ("b", "runs", True, "bob"), ("c", "inbox", False, "bob")):
        store.put_view(View(view_id, page, view_id, "status=failed", shared, owner, NOW))
    assert [view.view_id for view in store.list_views("ann")] == ["a", "b"]
    assert [view.view_id for view in store.list_views("bob", "inbox")] == ["c"]
    store.put_view(View("a", "runs", "late", "q=1", True, "ann", NOW))
    assert store.get_view("a") == View("a", "runs", "late", "q=1", True, "ann", NOW)
    store.delete_view("a")
    store.delete_view("a")
    assert store.get_view("a") is None


def test_a_version_is_published_once(store: Store) -> None:
    def publish(segment_id: str, version: str, seq: int) -> None:
        row = PublishedRow(segment_id, version, f"sha-{version}", "sha-l", NOW, "ann")
        body = encode_setup_body(NOW, Origin("ann"), [SegmentPublished(version, row.segment_hash, row.lock_hash)])
        store.commit(Commit(appends=[StreamAppend(f"segment:{segment_id}", seq, 1, body)], published=[row]))

    publish("a", "1", 1)
    publish("b", "1", 1)
    publish("a", "2", 2)
    assert [row.version for row in store.list_published("a")] == ["2", "1"]
    assert [(row.segment_id, row.version) for row in store.list_published()] == [("a", "2"), ("b", "1")]
    newest, first, never = (store.get_published("a", version) for version in (None, "1", "3"))
    assert newest is not None
    assert first is not None
    assert (newest.version, first.segment_hash, never) == ("2", "sha-1", None)
    before = store.position()
    with refused("VERSION_EXISTS"):
        publish("a", "2", 3)
    assert store.position() == before
    publish("a", "3", 3)


def test_a_call_is_remembered_with_what_it_brought_about(store: Store) -> None:
    call = RememberedCall("c", "ann", "sha", b"{}", NOW + 10)
    store.commit(Commit(appends=[append("observed", 1)], calls=[call], now_us=NOW))
    assert store.get_call("c", "ann", NOW + 9) == call
    assert store.get_call("c", "ann", NOW + 10) is None
    assert store.get_call("c", "bob", NOW) is None
    with refused("IDEMPOTENCY_CONFLICT"):
        store.commit(Commit(appends=[append("observed", 2)], calls=[call], now_us=NOW + 9))
    assert store.position() == 1
    store.commit(Commit(calls=[msgspec.structs.replace(call, expires_us=NOW + 30)], now_us=NOW + 10))
    assert store.get_call("c", "ann", NOW + 29) is not None


def test_what_is_followed_says_whose_it_is(store: Store) -> None:
    start(store, "a", None, business_key="order 7", workspace_id="north")
    task = TaskRow("t", "open", "approval", "T", NOW, 1, run_id="a", workspace_id="north")
    store.commit(Commit(appends=[append("task:t", 1)], tasks=[task]))
    store.commit(Commit(appends=[append("segment:s", 1)]))
    told = [(one.position, one.stream, one.run_id, one.segment_id, one.business_key, one.workspace_id) for one in store.follow(0)]
    assert told == [
        (1, "run:a", "a", "claims", "order 7", "north"),
        (2, "task:t", "a", "claims", "order 7", "north"),
        (3, "segment:s", None, "s", None, None),
    ]
    assert [one.position for one in store.follow(1, 1)] == [2]
    assert [one.body for one in store.follow(0)] == [one.body for one in store.read_after(0)]


def test_the_version_changes_with_every_commit_of_anybody(store: Store, other: Store) -> None:
    seen = [store.version()]
    start(store, "a", None)
    seen.append(store.version())
    start(other, "b", None)
    seen.append(store.version())
    lease(other)
    assert len(set(seen)) == 3
    assert store.version() == store.version()


def test_a_body_of_what_was_set_up_is_read_as_it_was_written() -> None:
    body = b'[1,1700000000000000,["cli:root"],[[1,"1","sha-s","sha-l"],[2,"k1","ann",["view"],null,5],[3,"k1","ann"]]]'
    told = decode_setup_body(body, 4)
    assert told.events[1] == KeyCreated("k1", "ann", ["view"], None, 5)
    assert (told.first_seq, told.at_us) == (4, NOW)
    assert encode_setup_body(told.at_us, told.origin, told.events) == body
    for other, code in (
        (b"[2,1,null,[]]", "JOURNAL_VERSION"),
        (b"[1,1,null,[[99]]]", "JOURNAL_VERSION"),
        (b"{", "JOURNAL_CORRUPT"),
    ):
        with refused(code):
            decode_setup_body(other)


def test_the_page_lists_the_types_as_the_code_has_them() -> None:
    page = (Path(__file__).parents[2] / "docs" / "journal.md").read_text(encoding="utf-8")
    for event in get_args(SetupEvent):
        number = event.__struct_config__.tag
        assert f"| {number} | `{SETUP_TYPES[number]}` | {', '.join(event.__struct_fields__)} |" in page
