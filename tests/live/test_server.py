"""A server as people run it: its streams over restarts and between processes, how it stops, what it refuses."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.command import command_line, environment, process
from tests.gate import open_gate
from tests.live.serving import Server, Stream, lines, make_project, named, run

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    make_project(made)
    return made


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with Server(folder) as made:
        yield made


def events(told: list[dict[str, Any]], run_id: str) -> list[str]:
    return [
        event["event_type"]
        for one in told
        if one.get("event") == "append" and one["data"]["run_id"] == run_id
        for event in one["data"]["events"]
    ]


def ended(run_id: str) -> Any:
    return lambda told: "segment.completed" in events(told, run_id)


def test_a_run_of_another_process_is_carried_out_and_told(folder: Path, server: Server) -> None:
    with Stream(server.url, "/api/v1/stream?topics=activity,counts") as stream:
        (hello,) = stream.until(named("hello"))
        assert hello["data"]["topics"] == ["activity", "counts"]
        run_id = run(folder, "quick", '{"n": 1}')
        stream.until(ended(run_id))
        stream.until(lambda told: [one for one in named("counts")(told) if one["data"]["by_status"] == {"completed": 1}])
        with Stream(server.url, f"/api/v1/stream?topics=run:{run_id}", last_id=0) as whole:
            whole.until(ended(run_id))
            seqs = [event["seq"] for one in whole.appends for event in one["events"]]
            assert seqs == list(range(1, len(seqs) + 1))


def test_killed_and_started_again_a_client_misses_nothing(folder: Path) -> None:
    told: list[dict[str, Any]] = []
    last: int | None = 0
    for life in range(3):
        with Server(folder) as server, Stream(server.url, "/api/v1/stream?topics=activity", last_id=last) as stream:
            stream.until(named("hello"))
            run_id = run(folder, "quick", json.dumps({"n": life}))
            stream.until(ended(run_id))
            server.kill()
            stream.until_ended()
            told += stream.told
            last = stream.last_id
    positions = [one["data"]["position"] for one in told if one.get("event") == "append"]
    assert positions == sorted(set(positions))
    with Server(folder) as server, Stream(server.url, "/api/v1/stream?topics=activity", last_id=0) as stream:
        stream.until(lambda told: [one for one in told if one.get("id") == last])
        assert [one["position"] for one in stream.appends] == positions
    assert set(positions) <= {position for position, _ in lines(folder)}
    assert not [one for one in told if one.get("event") == "gap"]


def test_two_servers_of_one_database_tell_the_same(folder: Path, server: Server) -> None:
    with Server(folder, "--no-worker") as other:
        path = "/api/v1/stream?topics=activity"
        with Stream(server.url, path) as here, Stream(other.url, path) as there:
            here.until(named("hello"))
            there.until(named("hello"))
            run_id = run(folder, "quick", '{"n": 1}')
            here.until(ended(run_id))
            there.until(ended(run_id))
            assert here.appends == there.appends
        joined = server.client.post("/realtime/presence/join", json={"page": "/runs"}).json()["presence"]
        listed = other.client.get("/realtime/presence").json()["presence"]
        assert [one["client_id"] for one in listed] == [joined["client_id"]]
        beat = other.client.post("/realtime/presence/heartbeat", json={"client_id": joined["client_id"], "page": "/inbox"})
        assert beat.json()["presence"]["page"] == "/inbox"
        other.client.post("/realtime/presence/leave", json={"client_id": joined["client_id"]})
        assert server.client.get("/realtime/presence").json()["presence"] == []
        feeds = [each.client.get("/realtime/feed").json()["events"] for each in (server, other)]
        assert feeds[0] == feeds[1]
        assert [event["event_type"] for event in feeds[0][:2]] == ["leave", "join"]


def test_stopped_it_says_come_back_and_parks_what_is_in_flight(folder: Path) -> None:
    with Server(folder) as server, Stream(server.url, "/api/v1/stream?topics=activity") as stream:
        stream.until(named("hello"))
        run_id = run(folder, "held", '{"name": "go"}')
        with Stream(server.url, f"/api/v1/stream?topics=run:{run_id}", last_id=0) as whole:
            whole.until(lambda told: "step.started" in events(told, run_id))
        began = time.monotonic()
        assert "Traceback" not in server.stop()
        assert time.monotonic() - began < 8
        assert server.process.returncode == 0
        stream.until(named("reconnect"))
    open_gate(folder / "go")
    with Server(folder) as server, Stream(server.url, f"/api/v1/stream?topics=run:{run_id}", last_id=0) as stream:
        stream.until(ended(run_id))


def test_it_can_be_stopped_as_soon_as_it_says_where_it_is(folder: Path) -> None:
    command = command_line("serve", "--port", "0", "--json")
    process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.readline()
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_without_a_worker_inside_one_beside_does_the_work(folder: Path) -> None:
    with Server(folder, "--no-worker") as server, Stream(server.url, "/api/v1/stream?topics=activity") as stream:
        assert server.facts["worker"] == "none"
        stream.until(named("hello"))
        run_id = run(folder, "held", '{"name": "go"}')
        open_gate(folder / "go")
        worker = subprocess.Popen(
            command_line("worker", "--until-idle"),
            cwd=folder,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stream.until(ended(run_id))
        assert worker.wait(30) == 0


def key_of(folder: Path, *options: str) -> dict[str, Any]:
    made = process(folder, "keys", "create", "--json", *options)
    assert made.code == 0, made.err
    return dict(made.json)


def test_a_revoked_key_ends_its_streams_within_two_seconds(folder: Path) -> None:
    with Server(folder, "--auth", "keys") as server:
        key, other = key_of(folder, "one", "--permission", "view"), key_of(folder, "two", "--permission", "view")
        head = {"authorization": f"Bearer {key['secret']}"}
        assert httpx.get(server.url + "/api/v1/stream?topics=activity").status_code == 401
        with (
            Stream(server.url, "/api/v1/stream?topics=activity", headers=head) as stream,
            Stream(server.url, "/realtime/stream", headers=head) as feed,
            Stream(server.url, "/api/v1/stream?topics=counts", headers={"authorization": f"Bearer {other['secret']}"}) as stays,
        ):
            stream.until(named("hello"))
            stays.until(named("counts"))
            assert process(folder, "keys", "revoke", key["key_id"]).code == 0
            began = time.monotonic()
            (closed,) = stream.until(named("closed"))
            feed.until(named("closed"))
            stream.until_ended()
            assert time.monotonic() - began < 2
            assert closed["data"]["code"] == "UNAUTHENTICATED"
            assert not stays.ended


def test_what_a_stream_refuses(folder: Path, server: Server) -> None:
    for path, status, code in (
        ("/api/v1/stream?topics=everything", 422, "ARGUMENT_INVALID"),
        ("/api/v1/stream?topics=run:nobody", 404, "NOT_FOUND"),
        ("/api/v1/stream", 422, None),
        ("/api/v1/stream?topics=activity&after=-1", 422, None),
    ):
        answer = server.client.get(path)
        assert answer.status_code == status, answer.text
        assert code is None or answer.json()["code"] == code
    streams = [Stream(server.url, "/api/v1/stream?topics=activity") for _ in range(32)]
    for stream in streams:
        stream.until(named("hello"))
    assert server.client.get("/api/v1/stream?topics=activity").status_code == 429
    for stream in streams:
        stream.close()


def test_a_number_that_the_journal_has_not_reached_is_a_gap(server: Server) -> None:
    with Stream(server.url, "/api/v1/stream?topics=activity", last_id=10**9) as stream:
        (gap,) = stream.until(named("gap"))
        assert gap["data"]["to"] == gap["id"] < 10**9


def test_a_client_id_is_its_principals(folder: Path) -> None:
    with Server(folder, "--auth", "keys") as server:
        heads = [
            {"authorization": f"Bearer {key_of(folder, name, '--permission', 'view', '--workspace', place)['secret']}"}
            for name, place in (("one", "default"), ("two", "default"), ("far", "elsewhere"))
        ]
        post, get = server.client.post, server.client.get
        made = post("/realtime/presence/join", json={"client_id": "mine"}, headers=heads[0]).json()["presence"]
        assert (made["client_id"], made["workspace_id"]) == ("mine", "default")
        for path in ("join", "heartbeat", "leave"):
            answer = post(f"/realtime/presence/{path}", json={"client_id": "mine"}, headers=heads[1])
            assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), path
        assert post("/realtime/presence/join", json={"workspace_id": "elsewhere"}, headers=heads[0]).status_code == 404
        assert post("/realtime/presence/heartbeat", json={"client_id": "nobody"}, headers=heads[0]).status_code == 404
        assert post("/realtime/presence/leave", json={"client_id": "nobody"}, headers=heads[0]).json() == {"status": "ok"}
        assert post("/realtime/presence/leave", headers=heads[0]).json() == {"status": "ok"}
        seen = get("/realtime/presence", headers=heads[1]).json()
        assert ([one["client_id"] for one in seen["presence"]], seen["stats"]["presence"]) == (["mine"], 1)
        far = get("/realtime/feed", headers=heads[2]).json()
        assert (far["events"], far["stats"]["presence"], far["stats"]["feed_size"]) == ([], 0, 0)


def test_the_feed_goes_on_in_the_middle_of_an_append(folder: Path, server: Server) -> None:
    run(folder, "quick", '{"n": 1}')
    with Stream(server.url, "/api/v1/stream?topics=activity,counts", last_id=0) as stream:
        stream.until(lambda told: [one for one in named("counts")(told) if one["data"]["by_status"] == {"completed": 1}])
    with Stream(server.url, "/realtime/stream") as stream:
        first, second = stream.until(lambda told: told if len([one for one in told if "id" in one]) == 2 else None)
    assert [one["data"]["event_type"] for one in (first, second)] == ["workflow_started", "workflow_run"]
    assert all(one["id"] == one["data"]["seq"] for one in (first, second))
    for last_id, expected in ((0, [first, second]), (first["id"], [second])):
        with Stream(server.url, "/realtime/stream", last_id=last_id) as stream:
            stream.until(lambda told: [one for one in told if one.get("id") == second["id"]])
            assert [one for one in stream.told if "data" in one] == expected


def test_what_the_server_refuses_to_listen_at(folder: Path) -> None:
    def refused(*options: str) -> dict[str, Any]:
        answer = process(folder, "serve", "--json", *options)
        assert answer.code != 0
        assert "Traceback" not in answer.err
        found: dict[str, Any] = json.loads(answer.err.splitlines()[-1])
        return found

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "in use" in refused("--port", str(taken.getsockname()[1]))["message"]
    assert "--auth keys" in refused("--host", "0.0.0.0", "--port", "0")["hint"]
