"""Incidents that are retried: what the visit begins anew, and what must not be mistaken for the time before."""

from __future__ import annotations

from tests.driver.build import Bench, played, segment, step, turns
from worktrail.events import IncidentOpened, StepStarted
from worktrail.runtime import Driver, Fail

BAD = Fail("BAD", "no", recoverable=False)


async def retry(driver: Driver, bench: Bench, run: str = "r") -> None:
    opened = [event for event in bench.trail(driver.store, run) if isinstance(event, IncidentOpened)][-1]
    wish = {"incident": opened.incident, "action": "retry"}
    answer = await driver.command("incident.resolve", run, wish, "user:ann")
    assert answer["accepted"], answer
    await turns()


@played
async def test_a_person_is_asked_as_often_as_it_is_retried(bench: Bench) -> None:
    ask = segment(
        "ask", step("ask", "human_task"), step("a", "echo"), edges=["ask.approved>a"], policy={"on_failure": "incident"}
    )
    async with bench.open() as driver:
        await driver.start(ask, 1, run_id="r")
        seen = set()
        for _ in range(3):
            await driver.settled("r")
            (task,) = bench.tasks(driver.store)
            seen.add(task.task_id)
            answer = await driver.command("task.decide", task.task_id, {"outcome": "rejected"}, "user:ann")
            assert answer["accepted"]
            await turns()
            await retry(driver, bench)
        (task,) = bench.tasks(driver.store)
        await driver.command("task.decide", task.task_id, {"outcome": "approved"}, "user:ann")
        assert (await driver.result("r")).status == "completed"
        assert len(seen | {task.task_id}) == 4


@played
async def test_what_a_container_begins_is_new_when_it_is_retried(bench: Bench) -> None:
    body = {
        "steps": [step("s", "subsegment", segment="inner"), step("ask", "human_task"), step("a", "echo")],
        "edges": [
            {"source_step": "s", "target_step": "ask"},
            {"source_step": "ask", "source_port": "approved", "target_step": "a"},
        ],
        "policy": {"on_failure": "cancel_rest"},
    }
    outer = segment(
        "outer",
        step("m", "map", items="=[1]", body=body),
        policy={"on_failure": "incident"},
        resources={"segments": {"inner": {"segment_id": "inner"}}},
    )
    async with bench.open() as driver:
        await driver.start(outer, 1, run_id="r", children={"inner": segment("inner", step("c", "echo", value=1))})
        tasks = set()
        for _ in range(2):
            await driver.settled("r")
            (task,) = bench.tasks(driver.store)
            tasks.add(task.task_id)
            await driver.command("task.decide", task.task_id, {"outcome": "rejected"}, "user:ann")
            await turns()
            await retry(driver, bench)
        children = [event.child for event in bench.trail(driver.store, "r") if isinstance(event, StepStarted) and event.child]
        assert (len(tasks), len(children), len(set(children))) == (2, 3, 3)
        assert driver.store.count_runs()["completed"] == 3


@played
async def test_a_loop_starts_over(bench: Bench) -> None:
    body = {"steps": [step("a", "gate")], "edges": [], "policy": {"on_failure": "cancel_rest"}}
    around = segment("around", step("l", "loop", body=body, until="index = 2", max=3), policy={"on_failure": "incident"})
    async with bench.open() as driver:
        await driver.start(around, "first", run_id="r")
        await bench.called("r", "l#1/a")
        bench.tell("r", "l#1/a", "second")
        await bench.called("r", "l#2/a")
        bench.tell("r", "l#2/a", BAD)
        await turns()
        bench._answers.clear()
        await retry(driver, bench)
        bench.tell("r", "l#1/a", "again")
        await turns()
        bench.tell("r", "l#2/a", "done")
        assert (await driver.result("r")).outputs == {"output": {"output": "done"}}
        assert [call.inputs["input"] for call in bench.calls] == ["first", {"output": "second"}, "first", {"output": "again"}]


@played
async def test_no_deadline_while_a_person_is_asked_and_a_whole_one_after(bench: Bench) -> None:
    slow = segment("slow", step("a", "gate", {"deadline_s": 100}), policy={"on_failure": "incident"})
    async with bench.open() as driver:
        await driver.start(slow, 1, run_id="r")
        await bench.called("r", "a")
        bench.tell("r", "a", BAD)
        await turns()
        bench.advance(driver, 150)
        await turns()
        assert bench.words(driver.store, "r")[-1] == "IncidentOpened a"
        row = driver.store.get_run("r")
        assert row is not None
        assert (row.status, row.due_us) == ("waiting", None)
        await retry(driver, bench)
        await bench.called("r", "a", 2)
        bench.advance(driver, 99)
        await turns()
        assert bench.words(driver.store, "r")[-1] == "StepStarted a"
        bench.advance(driver, 2)
        await turns()
        assert bench.words(driver.store, "r")[-2:] == ["StepTimedOut a", "IncidentOpened a"]


@played
async def test_a_clock_of_the_time_before_does_not_strike(bench: Bench) -> None:
    body = {"steps": [step("a", "gate", {"deadline_s": 100})], "edges": [], "policy": {"on_failure": "cancel_rest"}}
    items = segment("items", step("m", "map", items="=[1]", body=body), policy={"on_failure": "incident"})
    async with bench.open() as driver:
        await driver.start(items, 1, run_id="r")
        await bench.called("r", "m#1/a")
        bench.tell("r", "m#1/a", BAD)
        await turns()
        bench._answers.clear()
        bench.advance(driver, 60)
        await retry(driver, bench)
        bench.advance(driver, 50)  # the first clock would be over now
        await turns()
        assert bench.words(driver.store, "r")[-1] == "StepStarted m#1/a"
        bench.tell("r", "m#1/a", 7)
        assert (await driver.result("r")).outputs == {"results": [{"output": 7}]}


@played
async def test_since_when_an_incident_waits(bench: Bench) -> None:
    late = segment("late", step("a", "gate"), policy={"on_failure": "incident"})
    async with bench.open() as driver:
        await driver.start(late, 1, run_id="r")
        await bench.called("r", "a")
        bench.advance(driver, 60)
        bench.tell("r", "a", BAD)
        await turns()
        row = driver.store.get_run("r")
        assert row is not None
        assert row.waiting is not None
        assert f'"since_us":{bench.now_us},' in row.waiting


@played
async def test_what_a_person_delivers_must_fit_the_port(bench: Bench) -> None:
    typed = {**step("a", "gate"), "outputs": [{"port_id": "output", "schema": {"type": "integer"}}]}
    async with bench.open() as driver:
        await driver.start(segment("typed", typed, policy={"on_failure": "incident"}), 1, run_id="r")
        await bench.called("r", "a")
        bench.tell("r", "a", BAD)
        await turns()
        opened = next(event for event in bench.trail(driver.store, "r") if isinstance(event, IncidentOpened))
        wish = {"incident": opened.incident, "action": "deliver"}
        answer = await driver.command("incident.resolve", "r", {**wish, "outputs": {"output": "seven"}}, "user:ann")
        assert (answer["accepted"], answer["error"]["code"]) == (False, "INCIDENT_ACTION")
        assert bench.live(driver) == []
        answer = await driver.command("incident.resolve", "r", {**wish, "outputs": {"output": 7}}, "user:ann")
        assert answer["accepted"]
        assert (await driver.result("r")).outputs == {"output": 7}
