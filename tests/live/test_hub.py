"""Readers of a hub: each append of their topics once, in order, or an explicit gap; no more than what they may see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.board import Listener, Writer, following, messages
from worktrail.app.live import ACTIVITY, COUNTS, FEED, INBOX, Hub, Ring, after_seq, read_topics, seq_of
from worktrail.errors import CallerError
from worktrail.events import NULL, SegmentCompleted, SegmentStarted, decode_body, public_events
from worktrail.store import MemoryStore, NewRun, SqliteStore, Store


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "live.db")
    yield made
    made.close()


def play(what: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(what(), 60))  # type: ignore[arg-type]


def test_a_reader_of_a_run_is_told_every_event_once(store: Store) -> None:
    async def scene() -> None:
        writer = Writer(store)
        async with following(store) as (hub, follower):
            reader = Listener(hub, ("run:a",))
            reader.connect()
            written = [writer.begin("a"), writer.begin("b"), writer.step("a"), writer.step("b"), writer.end("a")]
            follower.nudge()
            await reader.until(written[-1])
            assert reader.positions == [written[0], written[2], written[4]]
            events = [event for one in reader.told for event in one["data"]["events"]]
            assert [event["seq"] for event in events] == [1, 2, 3, 4]
            assert reader.told[0]["data"] == {
                "position": written[0],
                "stream": "run:a",
                "run_id": "a",
                "segment_id": "orders",
                "business_key": "key of a",
                "workspace_id": "default",
                "topics": ["run:a", "activity"],
                "events": [events[0]],
            }

    play(scene)


def test_events_equal_those_of_the_trail(store: Store) -> None:
    async def scene() -> None:
        writer = Writer(store)
        async with following(store) as (hub, follower):
            reader = Listener(hub, ("run:a",), after=0)
            last = [writer.begin("a"), writer.step("a"), writer.end("a")][-1]
            follower.nudge()
            reader.connect()
            await reader.until(last)
            told = [event for one in reader.told for event in one["data"]["events"]]
        trail = []
        for stored in store.read_stream("run:a"):
            for event in public_events(decode_body(stored.body, stored.first_seq), "run:a", {"run_id": "a"}):
                shape = event.to_dict()
                keys = told[len(trail)]
                trail.append({name: shape[name] for name in keys if name != "seq"} | {"seq": shape["stream_seq"]})
        assert told == trail

    play(scene)


def test_an_append_that_is_followed_by_several_topics_comes_once(store: Store) -> None:
    async def scene() -> None:
        writer = Writer(store)
        async with following(store) as (hub, follower):
            reader = Listener(hub, ("run:a", ACTIVITY, INBOX))
            reader.connect()
            written = [writer.begin("a"), writer.step("a"), writer.begin("b"), writer.step("b"), writer.ask("t")]
            follower.nudge()
            await reader.until(written[-1])
            assert reader.positions == [written[0], written[1], written[2], written[4]]
            whole, step, headline, task = [one["data"] for one in reader.told]
            assert "input" in whole["events"][0]["payload"]
            assert step["topics"] == ["run:a"]
            assert headline["topics"] == ["activity"]
            assert headline["events"][0]["payload"] == {}
            assert (task["topics"], task["events"][0]["payload"]) == (["inbox"], {"task_id": "t"})

    play(scene)


def test_a_reader_sees_its_workspaces_only(store: Store) -> None:
    async def scene() -> None:
        writer = Writer(store)
        async with following(store) as (hub, follower):
            ours = Listener(hub, (ACTIVITY, INBOX, FEED), workspaces=frozenset({"ours"}))
            everybody = Listener(hub, (ACTIVITY, INBOX))
            ours.connect()
            everybody.connect()
            writer.begin("a", "theirs")
            writer.ask("t1", "theirs")
            mine = [writer.begin("b", "ours"), writer.ask("t2", "ours")]
            follower.nudge()
            await everybody.until(mine[-1])
            await ours.until(mine[-1])
            assert ours.positions == mine
            assert len(everybody.positions) == 4

    play(scene)


def test_equal_readers_share_the_very_bytes(store: Store) -> None:
    async def scene() -> None:
        writer = Writer(store)
        async with following(store) as (hub, follower):
            readers = [hub.attach(["run:a"]) for _ in range(20)]
            assert len({id(reader.view) for reader in readers}) == 1
            writer.begin("a")
            follower.nudge()
            taken = [await reader.take() for reader in readers]
            assert len({id(data) for data in taken}) == 1
            for reader in readers:
                hub.detach(reader)
            assert hub.interest == frozenset()

    play(scene)


@pytest.mark.slow
def test_who_comes_back_goes_on_after_its_last_id(store: Store) -> None:
    async def scene() -> None:
        writer = Writer(store)
        async with following(store) as (hub, follower):
            reader = Listener(hub, ("run:a",))
            reader.connect()
            written = [writer.begin("a")]
            follower.nudge()
            await reader.until(written[-1])
            reader.disconnect()
            written += [writer.step("a") for _ in range(1200)]
            follower.nudge()
            reader.connect()
            written.append(writer.step("a"))
            follower.nudge()
            await reader.until(written[-1])
            assert reader.positions == written
            assert reader.gaps == []

    play(scene)


def test_who_is_too_far_behind_is_told_of_the_gap(store: Store) -> None:
    async def scene() -> None:
        writer = Writer(store)
        async with following(store, read_again=50) as (hub, follower):
            reader = Listener(hub, ("run:a",), after=0)
            other = Listener(hub, (ACTIVITY,))
            other.connect()
            first = writer.begin("a")
            follower.nudge()
            await other.until(first)  # from now on it is told by the ring
            for _ in range(60):
                writer.step("a")
            last = writer.begin("b")
            follower.nudge()
            await other.until(last)
            reader.connect()
            await reader.take()
            assert reader.told == [{"id": last, "event": "gap", "data": {"from": 0, "to": last, "href": "/api/v1/runs/a/trail"}}]
            following_one = writer.step("a")
            follower.nudge()
            await reader.until(following_one)
            assert reader.positions == [following_one]

    play(scene)


@pytest.mark.slow
def test_a_reader_that_stops_costs_a_bounded_ring(store: Store) -> None:
    async def scene() -> None:
        writer = Writer(store)
        ring = Ring(max_entries=100, max_bytes=60_000)
        async with following(store, ring=ring, read_again=200) as (hub, follower):
            slow, quick = Listener(hub, ("run:a",), after=0), Listener(hub, ("run:a",), after=0)
            slow.connect()
            quick.connect()
            writer.begin("a")
            for _ in range(10):
                last = [writer.step("a") for _ in range(50)][-1]
                follower.nudge()
                await quick.until(last)
                assert ring.bytes <= 60_000
                assert len(ring) <= 100
            assert quick.gaps == []
            await slow.until(last)
            assert len(slow.gaps) == 1
            assert sorted(slow.positions) == slow.positions
            assert slow.gaps[0][1] == slow.positions[0] - 1

    play(scene)


@pytest.mark.slow
def test_counts_come_at_once_and_when_something_moved(store: Store) -> None:
    async def scene() -> None:
        writer = Writer(store)
        asked: list[Any] = []

        def count(workspaces: frozenset[str] | None) -> dict[str, Any]:
            asked.append(workspaces)
            return {"by_status": store.count_runs(), "position": store.position()}

        async with following(store, count=count) as (hub, follower):
            reader = Listener(hub, (COUNTS,))
            reader.connect()
            first = await reader.take()
            writer.begin("a")
            follower.nudge()
            second = await reader.take()
            assert [one["data"]["by_status"] for one in first + second] == [{}, {"running": 1}]
            assert "id" not in first[0]
        assert asked == [None, None]

    play(scene)


@pytest.mark.slow
def test_a_right_that_is_gone_closes_the_stream(store: Store) -> None:
    async def scene() -> None:
        gone: set[str] = set()

        def allowed(ticket: Any) -> tuple[str, str] | None:
            if ticket == "broken":
                raise RuntimeError("the look-up fails")
            return ("UNAUTHENTICATED", "the key was revoked") if ticket in gone else None

        async with following(store, allowed=allowed) as (hub, _):
            stays, goes, broken = (hub.attach([ACTIVITY], ticket=name) for name in ("stays", "goes", "broken"))
            gone.add("goes")
            loop = asyncio.get_running_loop()
            began = loop.time()
            assert messages(await goes.take() or b"") == [
                {"event": "closed", "data": {"code": "UNAUTHENTICATED", "message": "the key was revoked"}}
            ]
            assert await goes.take() is None
            assert messages(await broken.take() or b"")[0]["data"]["code"] == "FORBIDDEN"
            assert loop.time() - began < 2
            assert not stays.ended

    play(scene)


@pytest.mark.slow
def test_a_stream_that_does_not_take_its_end_is_cut(store: Store) -> None:
    async def scene() -> None:
        cut = asyncio.Event()
        async with following(store, allowed=lambda ticket: ("UNAUTHENTICATED", "gone")) as (hub, _):
            reader = hub.attach([ACTIVITY], ticket="one")
            reader.cut = cut.set
            await asyncio.wait_for(cut.wait(), 3)

    play(scene)


def test_streams_of_one_owner_are_counted(store: Store) -> None:
    async def scene() -> None:
        async with following(store, streams_each=2) as (hub, _):
            first = hub.attach([ACTIVITY], owner="one")
            hub.attach([ACTIVITY], owner="one")
            with pytest.raises(CallerError) as refused:
                hub.attach([ACTIVITY], owner="one")
            assert refused.value.code == "TOO_MANY"
            hub.attach([ACTIVITY], owner="another")
            hub.detach(first)
            hub.attach([ACTIVITY], owner="one")

    play(scene)


def test_a_server_that_stops_says_come_back(store: Store) -> None:
    async def scene() -> None:
        async with following(store) as (hub, _):
            readers = [hub.attach([ACTIVITY]) for _ in range(3)]
            takes = [asyncio.ensure_future(reader.take()) for reader in readers]
            await asyncio.sleep(0)
            await hub.close(within_s=0.0)
            for take in takes:
                (told,) = messages(await take or b"")
                assert told["event"] == "reconnect"
                assert 200 <= told["data"]["after_ms"] < 1500
            assert [await reader.take() for reader in readers] == [None] * 3

    play(scene)


@pytest.mark.parametrize("text", ["", "runs", "run:", "feed", ",".join(f"run:{n}" for n in range(33))])
def test_what_is_no_topic_is_refused(text: str) -> None:
    with pytest.raises(CallerError) as refused:
        read_topics(text)
    assert refused.value.code == "ARGUMENT_INVALID"


def test_topics_are_read_in_order_and_once() -> None:
    assert read_topics(" run:a ,activity,run:a,counts") == ("run:a", "activity", "counts")


@pytest.mark.parametrize(("position", "place", "after"), [(0, 0, 0), (7, 0, 6), (7, 3, 6), (7, 65_535, 7), (7, 99_999, 7)])
def test_a_number_of_the_feed_says_where_to_go_on(position: int, place: int, after: int) -> None:
    assert after_seq(seq_of(position, place)) == after


def test_hub_needs_a_loop() -> None:
    with pytest.raises(RuntimeError):
        Hub(position=0, follow=lambda position, limit: [])


def test_the_feed_goes_on_in_the_middle_of_an_append(store: Store) -> None:
    async def scene() -> None:
        writer = Writer(store)
        writer.begin("a")
        started = SegmentStarted("orders", "sha256:1", "sha256:2", NULL, "seed")
        writer._append("b", [started, SegmentCompleted(NULL)], [NewRun("b", "orders", "sha256:1", "sha256:2", 1)])
        last = writer.begin("c")
        async with following(store) as (hub, _):
            everything = Listener(hub, (FEED,), after=0)
            everything.connect()
            await everything.until(seq_of(last, 0))
            numbers = [one["id"] for one in everything.told]
            assert numbers == [seq_of(1, 0), seq_of(2, 0), seq_of(2, 1), seq_of(3, 0)]
            for had in [0, *numbers[:-1]]:
                rest = Listener(hub, (FEED,), after=after_seq(had), had=had)
                rest.connect()
                await rest.until(seq_of(last, 0))
                assert [one["id"] for one in rest.told] == [number for number in numbers if number > had]

    play(scene)
