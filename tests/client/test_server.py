"""Both clients against a real server in a process of its own: the whole way of a run, repairs, streams that go on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.projects import sample, write
from tests.live.serving import Server
from tests.web.test_setup import SMALL
from tests.web.test_work import EXPENSE
from worktrail.app import Caller, create_key, load_project, os_principal, wire
from worktrail.client import AsyncClient, Client
from worktrail.errors import CallerError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = write(sample(tmp_path_factory.mktemp("client")), {"segments/expense.yaml": EXPENSE})
    with Server(folder) as made:
        yield made


def eventually(look: Callable[[], Any]) -> Any:
    """The first answer that is not empty; the stream tests show that nobody need look again and again."""
    for _ in range(2000):
        found = look()
        if found:
            return found
    raise AssertionError("it never came")


def test_a_run_from_its_start_to_a_decision_and_its_outputs(server: Server) -> None:
    with Client(server.url) as client:
        assert client.me()["mode"] == "local"
        assert client.health()["status"] == "ok"
        started = client.runs.start("expense", {"amount": 200}, business_key="C-1", idempotency_key="once")
        again = client.runs.start("expense", {"amount": 200}, business_key="C-1", idempotency_key="once")
        assert again == {**started, "status": "already_started"}
        run_id = started["run_id"]
        tasks = eventually(lambda: client.tasks.list(run_id=run_id)["tasks"])
        task = client.tasks.show(tasks[0]["task_id"])
        assert client.tasks.decide(task["task_id"], "approved", expected_version=task["version"])["accepted"] is True
        eventually(lambda: client.runs.show(run_id)["ended_at"])
        assert client.runs.outputs(run_id) == {"pay": {"output": {"amount": 200}}}
        assert client.runs.list(business_key="C-1")["runs"][0]["strip"] == client.runs.show(run_id)["strip"]
        assert client.visits.show(run_id, "dear")["outputs"] == {"true": {"amount": 200}}
        assert client.runs.trail_lines(run_id).count(b"\n") == client.runs.trail(run_id)["last_seq"]
        with pytest.raises(CallerError) as caught:
            client.runs.cancel(run_id)
        assert caught.value.code == "RUN_ENDED"
        with pytest.raises(CallerError, match="no run"):
            client.runs.show("none")


def test_the_same_awaited(server: Server) -> None:
    async def scene() -> None:
        async with AsyncClient(server.url) as client:
            published = await client.segments.publish("small", SMALL)
            assert published["version"] == "1.0.0"
            run_id = (await client.runs.start("small", {"n": 1}, version="1.0.0"))["run_id"]
            ended = None
            async with contextlib.aclosing(client.stream(f"run:{run_id}", after=0)) as stream:
                async for event in stream:
                    if event.event == "append" and any(one["event_type"] == "segment.completed" for one in event.data["events"]):
                        ended = event
                        break
            assert ended is not None
            assert (await client.runs.outputs(run_id)) == {"output": 2}
            assert b"worktrail_segments_completed_total" in await client.metrics()
            with pytest.raises(CallerError) as caught:
                await client.visits.retry(run_id, "a")
            assert caught.value.code == "VISIT_NOT_RETRYABLE"

    asyncio.run(scene())


def test_an_incident_is_repaired_and_many_are_changed(server: Server) -> None:
    with Client(server.url) as client:
        runs = [client.runs.start("stuck", {"n": number}, labels={"of": "many"})["run_id"] for number in range(3)]
        eventually(lambda: client.runs.counts(label="of=many")["by_wait"].get("incident") == 3)
        incident = client.incidents.list(run_id=runs[0])["incidents"][0]
        assert client.incidents.resolve(runs[0], incident["incident"], "deliver", outputs={"output": {}})["accepted"]
        eventually(lambda: client.runs.show(runs[0])["status"] == "completed")
        preview = client.runs.preview("cancel", query="label=of%3Dmany")
        assert (preview["can"], preview["cannot"]) == (2, 1)
        answers = client.runs.change_many("cancel", query="label=of%3Dmany", reason="enough")
        assert (answers["accepted"], answers["refused"]) == (2, 1)


def test_a_stream_goes_on_over_a_server_that_was_killed(tmp_path: Path) -> None:
    folder = write(sample(tmp_path), {})
    first = Server(folder)
    port = first.url.rpartition(":")[2]
    with Client(first.url) as client, contextlib.closing(client.stream("activity")) as stream:
        assert next(stream).event == "hello"
        one = client.runs.start("double", {"n": 1})["run_id"]
        told = [next(stream)]
        first.kill()
        with Server(folder, "--port", port) as second:
            with Client(second.url) as other:
                two = other.runs.start("double", {"n": 2})["run_id"]
            ended: set[str] = set()
            while ended != {one, two}:
                event = next(stream)
                told.append(event)
                if event.event == "append":
                    ended |= {event.data["run_id"] for each in event.data["events"] if each["event_type"] == "segment.completed"}
    positions = [event.position for event in told if event.event == "append"]
    assert positions == sorted(set(positions))
    began = [each["event_id"] for event in told if event.event == "append" for each in event.data["events"]]
    assert len(began) == len(set(began))


def test_a_key_that_is_revoked_ends_its_stream(tmp_path: Path) -> None:
    folder = write(sample(tmp_path), {})
    with wire(load_project(folder)) as wiring:
        root = create_key(Caller(wiring.store, os_principal()), "root", ["admin", "view"])["secret"]
    with Server(folder, "--auth", "keys") as server, Client(server.url, root) as admin:
        made = admin.keys.create("guest", ["view"])
        with Client(server.url, made["secret"]) as guest, contextlib.closing(guest.stream("activity")) as stream:
            assert next(stream).event == "hello"
            admin.keys.revoke(made["key_id"])
            with pytest.raises(CallerError) as caught:
                for _ in stream:
                    pass
            assert caught.value.code == "UNAUTHENTICATED"
        with Client(server.url) as stranger, pytest.raises(CallerError) as nobody:
            stranger.me()
        assert nobody.value.code == "UNAUTHENTICATED"
