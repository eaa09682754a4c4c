"""Several processes on one file: commands to the owner by socket and by inbox, foreign runs, lost leases."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from tests.driver.build import Bench, played, segment, step, turns, until
from worktrail.errors import CallerError, WorktrailError
from worktrail.events import Origin
from worktrail.runtime import Driver, send_command
from worktrail.store import CommandRow, Store

ASK = segment("ask", step("ask", "human_task", task_type="approval", timeout_hours=1000))
LINE = segment("line", step("a", "gate"), step("b", "gate"), edges=["a>b"])


async def sent(store: Store, kind: str, target: str, body: dict[str, Any], **options: Any) -> dict[str, Any]:
    """As another process would; it blocks."""
    return await asyncio.to_thread(send_command, store, kind, target, body, "user:ann", **options)


@played
async def test_the_owner_answers_at_its_doorbell(file: Bench) -> None:
    other = file.store()
    async with file.open(serve=True) as driver:
        await driver.start(ASK, 1, run_id="r")
        await driver.settled("r")
        (task,) = file.tasks(other)
        refused = await sent(other, "task.decide", task.task_id, {"outcome": "perhaps"})
        assert (refused["accepted"], refused["error"]["code"]) == (False, "DECISION_INVALID")
        answer = await sent(other, "task.decide", task.task_id, {"outcome": "approved"})
        assert (answer["accepted"], answer["task"]["decided_by"]) == (True, "user:ann")
        assert (await driver.result("r")).status == "completed"
        assert other.get_run("r").status == "completed"  # type: ignore[union-attr]  # durable before it was answered
    other.close()


@pytest.mark.parametrize(
    "body", [b"", b"nonsense\n", b"[]\n", b"{}\n", b'{"kind": "run.cancel"}\n', b'{"kind": "incident.resolve", "target": "r"}\n']
)
@played
async def test_nonsense_at_the_doorbell_harms_nobody(file: Bench, body: bytes) -> None:
    async with file.open(serve=True) as driver:
        await driver.start(ASK, 1, run_id="r")
        assert driver.lease is not None
        reader, writer = await asyncio.open_unix_connection(driver.lease.address)
        writer.write(body)
        writer.write_eof()
        await reader.read()
        writer.close()
        await turns()
        assert driver.dead is None
        assert (await driver.command("run.cancel", "r", {}, "user:ann"))["accepted"]


@pytest.mark.slow
@played
async def test_the_inbox_keeps_a_command_until_there_is_a_worker(file: Bench) -> None:
    other = file.store()
    driver = file.make(serve=True)
    await driver.open()
    await driver.start(ASK, 1, run_id="r")
    await file.crash(driver)
    answer = await sent(other, "run.cancel", "r", {"reason": "enough"}, timeout_s=0.1)
    assert (answer["queued"], answer["reason"]) == (True, "no worker")
    async with file.open(serve=True) as again:
        await until(lambda: other.get_command(answer["command_id"]).answer)  # type: ignore[union-attr]
        stored = other.get_command(answer["command_id"])
        assert stored is not None and msgspec.json.decode(stored.answer or b"") == {"accepted": True}
        assert (await again.result("r")).status == "cancelled"
    other.close()


@played
async def test_the_inbox_is_looked_into_when_another_process_wrote(file: Bench) -> None:
    other = file.store()
    async with file.open(serve=False) as driver:
        await driver.start(ASK, 1, run_id="r")
        await driver.settled("r")
        (task,) = file.tasks(other)
        other.send(CommandRow("c", task.task_id, "task.decide", b'{"outcome":"approved"}', "user:eve", file.now_us))
        await driver.start(ASK, 1, run_id="s")  # any commit notices
        assert (await driver.result("r")).status == "completed"
        assert other.get_task(task.task_id).decided_by == "user:eve"  # type: ignore[union-attr]
    other.close()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("incident.resolve", b"{}"),
        ("run.cancel", b"[]"),
        ("run.cancel", b"nonsense"),
        ("run.dance", b"{}"),
        ("child.ended", b"{}"),
        ("task.decide", b"{}"),
    ],
)
@played
async def test_a_command_that_cannot_be_read_is_refused_and_stops_nothing(file: Bench, kind: str, body: bytes) -> None:
    other = file.store()
    async with file.open() as driver:
        await driver.start(ASK, 1, run_id="r")
        await driver.settled("r")
        other.send(CommandRow("bad", "r", kind, body, "user:eve", file.now_us))
        other.send(CommandRow("good", "r", "run.cancel", b"{}", "user:eve", file.now_us))
        await driver.start(ASK, 1, run_id="s")
        assert (await driver.result("r")).status == "cancelled"
        assert driver.dead is None
        bad = other.get_command("bad")
        assert bad is not None and bad.answer is not None
        assert msgspec.json.decode(bad.answer)["accepted"] is False
    other.close()


@played
async def test_a_command_about_an_ended_run_is_refused_not_queued(file: Bench) -> None:
    other = file.store()
    async with file.open(serve=True) as driver:
        await driver.start(ASK, 1, run_id="r")
        await driver.command("run.cancel", "r", {}, "user:ann")
        await driver.result("r")
        answer = await sent(other, "run.cancel", "r", {})
        assert answer.get("accepted") is False, answer
        assert answer["error"]["code"] == "RUN_ENDED"
        with pytest.raises(CallerError) as unknown:
            await sent(other, "run.cancel", "nothing", {})
        assert unknown.value.code == "NOT_FOUND"
    other.close()


async def two(file: Bench) -> tuple[Driver, Driver]:
    one, other = file.make(), file.make()
    await one.open()
    await other.open()
    return one, other


@pytest.mark.parametrize("kind", ["run.cancel", "run.pause", "task.decide"])
@played
async def test_a_run_of_another_process_is_not_touched(file: Bench, kind: str) -> None:
    """A driver that is asked about somebody else's run says no, or passes it on; it does not die of it."""
    one, other = await two(file)
    await one.start(ASK, 1, run_id="r")
    await one.settled("r")
    (task,) = file.tasks(other.store)
    before = one.store.read_stream("run:r")
    try:
        answer = await other.command(kind, task.task_id if kind == "task.decide" else "r", {"outcome": "approved"}, "user:ann")
        assert answer["accepted"] is False
    except WorktrailError:
        pass
    assert other.dead is None
    assert one.store.read_stream("run:r") == before
    await other.start(ASK, 1, run_id="s")
    assert (await one.command("run.cancel", "r", {}, "user:ann"))["accepted"]
    await one.close()
    await other.close()


@played
async def test_two_processes_start_the_same_run(file: Bench) -> None:
    """One of them is told RUN_EXISTS, and both go on."""
    one, other = await two(file)
    outcomes = await asyncio.gather(*(driver.start(ASK, 1, run_id="r") for driver in (one, other)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, WorktrailError)]
    assert [error.code for error in refused] == ["RUN_EXISTS"]
    assert (one.dead, other.dead) == (None, None)
    for n, driver in enumerate((one, other)):
        await driver.start(ASK, 1, run_id=f"after{n}")
        await driver.close()


@played
async def test_a_fenced_owner_commits_nothing_more(file: Bench) -> None:
    one = file.make()
    await one.open()
    await one.start(LINE, 1, run_id="r")
    await file.called("r", "a")
    waiting = asyncio.ensure_future(one.result("r"))
    await turns()
    file.now_us += 20_000_000  # its lease is over, it does not know
    other = file.make()
    await other.open()
    await file.called("r", "a", 2)
    trail = other.store.read_stream("run:r")
    file.tell("r", "a", "of the old one")
    with pytest.raises(WorktrailError) as lost:
        await waiting
    assert lost.value.code == "LEASE_LOST"
    for use in (one.start(ASK, 1, run_id="s"), one.command("run.cancel", "r", {}, "user:ann")):
        with pytest.raises(WorktrailError) as refused:
            await use
        assert refused.value.code == "LEASE_LOST"
    assert other.store.read_stream("run:r") == trail
    assert other.store.get_run("s") is None
    file.tell("r", "a", "of the new one", attempt=2)
    assert (await file.called("r", "b")).inputs == {"input": "of the new one"}
    await one.close()
    await other.close(grace_s=0)


@played
async def test_a_stopped_heartbeat_alone_loses_nothing(file: Bench) -> None:
    """An expired lease that nobody fenced still holds (the clock plays no part in a commit)."""
    async with file.open() as driver:
        await driver.start(LINE, 1, run_id="r")
        await file.called("r", "a")
        file.now_us += 100_000_000
        file.tell("r", "a", 1)
        await file.called("r", "b")
        file.tell("r", "b", 1)
        assert (await driver.result("r")).status == "completed"


# --- a command that comes a second time --------------------------------------------------------------------------------

WISHED: dict[str, tuple[str, dict[str, Any]]] = {
    "a decision": ("task.decide", {"outcome": "approved", "comment": "fine"}),
    "a cancel": ("run.cancel", {"reason": "enough"}),
    "a pause": ("run.pause", {}),
}


async def carried_out(file: Bench, kind: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """An owner commits what was wished under the id ``c`` and is gone before it answers; whom it was about, what it would say."""
    owner = file.make()
    await owner.open()
    await owner.start(ASK, 1, run_id="r")
    await owner.settled("r")
    (task,) = file.tasks(owner.store)
    target = task.task_id if kind == "task.decide" else "r"
    answer = owner._wishes.carry_out(kind, target, body, Origin("user:ann", "c"))
    await owner._core.committer.flushed()
    await file.crash(owner)
    return target, answer


@pytest.mark.parametrize("name", WISHED)
@played
async def test_what_an_owner_committed_before_it_died_is_answered(file: Bench, name: str) -> None:
    kind, body = WISHED[name]
    other = file.store()
    target, would_say = await carried_out(file, kind, body)
    trail = other.read_stream("run:r")
    again = await sent(other, kind, target, body, command_id="c")
    assert msgspec.json.encode(again) == msgspec.json.encode(would_say)
    assert again["accepted"] is True
    assert other.get_command("c") is None, "there is nothing left to wish"
    assert other.read_stream("run:r") == trail
    another = await sent(other, kind, target, body, command_id="d", timeout_s=0)
    assert kind == "run.pause" or another["accepted"] is False, "another command is judged by what is so now"
    other.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", WISHED)
@played
async def test_the_inbox_does_nothing_a_second_time(file: Bench, name: str) -> None:
    """Its sender got no answer and put it into the inbox; the next owner finds it there."""
    kind, body = WISHED[name]
    other = file.store()
    target, _ = await carried_out(file, kind, body)
    if kind == "run.pause":  # somebody else let it go on meanwhile: it must not be paused again
        async with file.open() as meanwhile:
            assert (await meanwhile.command("run.resume", "r", {}, "user:eve"))["accepted"]
    other.send(CommandRow("c", target, kind, msgspec.json.encode(body), "user:ann", file.now_us))
    trail = other.read_stream("run:r")
    async with file.open():
        await until(lambda: other.get_command("c").answer)  # type: ignore[union-attr]
        assert msgspec.json.decode(other.get_command("c").answer)["accepted"] is True  # type: ignore[union-attr]
    assert other.read_stream("run:r")[: len(trail)] == trail
    assert [event for event in file.words(other, "r") if event == "SegmentPaused"] == ["SegmentPaused"] * (kind == "run.pause")
    other.close()


@played
async def test_an_id_in_what_somebody_wrote_is_no_origin(file: Bench) -> None:
    """The text of a comment may hold any id."""
    other = file.store()
    async with file.open(serve=True) as driver:
        await driver.start(ASK, 1, run_id="r")
        await driver.settled("r")
        (task,) = file.tasks(other)
        said = {"outcome": "approved", "comment": "as in c-17"}
        assert (await sent(other, "task.decide", task.task_id, said, command_id="c-16"))["accepted"]
        refused = await sent(other, "task.decide", task.task_id, said, command_id="c-17")
        assert (refused["accepted"], refused["error"]["code"]) == (False, "TASK_NOT_OPEN")
        assert (await sent(other, "task.decide", task.task_id, said, command_id="c-16"))["accepted"]
    other.close()
