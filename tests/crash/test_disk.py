"""The driver on a disk that is full, read-only, or fails to sync: a clear error, no silent gap, and it goes on when it can."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.harness import World, in_flight, judge
from tests.driver.build import Bench, played, segment, step, turns, until
from tests.store.faults import FaultyDisk
from worktrail.errors import WorktrailError

_numbers = itertools.count()


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    made = FaultyDisk(f"driver-disk-{next(_numbers)}")
    yield made
    made.unregister()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB, enough for all lives of a world and soon full; needs the right to mount one."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this user cannot mount a small file system; the faulty disk stands in for it")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(place: Path) -> Path:
    """Take all that is left."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return ballast


@pytest.mark.slow
def test_a_full_disk_and_a_process_that_goes_on(tmp_path: Path, small: Path) -> None:
    with World(tmp_path / "w", small / "trail.db") as world:
        life = world.begin(load=4, tell_trouble=True)
        life.after(60)
        ballast = fill(small)
        life.until(lambda words: words == ["trouble", "full"])
        life.stop()
        before = len(life.said)
        world.look()  # what was said is there, and all of it can be read
        life.process.send_signal(signal.SIGCONT)
        ballast.unlink()
        life.until(lambda words: words == ["trouble", "over"])
        life.after(before + 40)
        life.kill()
        world.died(life)
        world.finish()
        judge(world)


@pytest.mark.slow
def test_a_full_disk_and_a_process_that_is_killed(tmp_path: Path, small: Path) -> None:
    with World(tmp_path / "w", small / "trail.db") as world:
        life = world.begin(load=4, tell_trouble=True)
        life.after(60)
        ballast = fill(small)
        life.until(lambda words: words == ["trouble", "full"])
        life.kill()
        life.end()
        ballast.unlink()
        world.killed += 1
        world.look()
        world.flights.append(in_flight(world.report))
        world.finish()
        judge(world)


@pytest.mark.slow
def test_a_read_only_place(tmp_path: Path, small: Path) -> None:
    with World(tmp_path / "w", small / "trail.db") as world:
        life = world.begin(load=4)
        life.after(40)
        life.kill()
        world.died(life)
        before = world.report
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        life = world.begin(load=4)
        assert life.end() == 1
        assert "STORE_READ_ONLY" in life.stderr()
        assert life.said == []
        subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)
        world.look()
        assert world.report["streams"] == before["streams"]
        world.finish()
        judge(world)


TWO = segment("two", step("a", "gate"), step("b", "gate"), edges=["a>b"])


@played
async def test_a_full_disk_keeps_the_batch(tmp_path: Path, disk: FaultyDisk) -> None:
    bench = Bench("sqlite", tmp_path, writer="thread")
    async with bench.open(bench.store(vfs=disk.label)) as driver:
        await driver.start(TWO, 1, run_id="r")
        await bench.called("r", "a")
        disk.room = 0
        bench.tell("r", "a", "x")
        starting = asyncio.ensure_future(driver.start(TWO, 1, run_id="s"))
        while driver.troubled is None:
            await turns()
        assert "full" in driver.troubled
        assert not starting.done()
        assert [call.visit for call in bench.calls] == ["a"]  # nothing is dispatched whose start is not durable
        assert len(bench.trail(driver.store, "r")) == 3
        disk.room = None
        await starting
        await bench.called("r", "b")
        assert driver.troubled is None
        bench.tell("r", "b", "y")
        assert (await driver.result("r")).outputs == {"output": "y"}
        assert driver.store.check() == []


@played
async def test_a_full_disk_keeps_nobody_from_closing(tmp_path: Path, disk: FaultyDisk) -> None:
    bench = Bench("sqlite", tmp_path, writer="thread")
    driver = bench.make(bench.store(vfs=disk.label))
    await driver.open()
    await driver.start(TWO, 1, run_id="r")
    await bench.called("r", "a")
    disk.room = 0
    bench.tell("r", "a", "x")
    starting = asyncio.ensure_future(driver.start(TWO, 1, run_id="s"))
    await until(lambda: driver.troubled)
    await driver.close(grace_s=0.1)
    with pytest.raises(WorktrailError) as refused:
        await starting
    assert refused.value.code == "STORE_FULL"
    driver.store.close()
    disk.room = None
    bench.now_us += 20_000_000
    async with bench.open() as again:
        await bench.called("r", "a", attempt=2)
        assert again.store.get_run("s") is None
        assert again.store.check() == []


@played
async def test_a_failing_sync_ends_the_driver_and_nothing_was_told(tmp_path: Path, disk: FaultyDisk) -> None:
    bench = Bench("sqlite", tmp_path)
    told: list[str] = []
    driver = bench.make(bench.store(vfs=disk.label))
    driver.on_dead = lambda error: told.append(error.code)
    await driver.open()
    await driver.start(TWO, 1, run_id="r")
    await bench.called("r", "a")
    waiting = asyncio.ensure_future(driver.result("r"))
    await turns()
    disk.broken = {("sync", "log")}
    with pytest.raises(WorktrailError) as refused:
        await driver.start(TWO, 1, run_id="s")
    assert refused.value.code == "STORE_IO"
    with pytest.raises(WorktrailError) as gone:
        await waiting
    assert (gone.value.code, told) == ("STORE_IO", ["STORE_IO"])
    for use in (driver.start(TWO, 1, run_id="t"), driver.result("r"), driver.command("run.cancel", "r", {}, "user:ann")):
        with pytest.raises(WorktrailError):
            await use
    assert [call.run for call in bench.calls] == ["r"]
    disk.broken = set()
    await bench.crash(driver)
    driver.store.close()
    async with bench.open() as again:
        await bench.called("r", "a", attempt=2)
        for run in ("r", "s") if again.store.get_run("s") is not None else ("r",):
            for visit in ("a", "b"):
                attempt = 2 if (run, visit) == ("r", "a") else 1
                await bench.called(run, visit, attempt)
                bench.tell(run, visit, visit, attempt)
            assert (await again.result(run)).outputs == {"output": "b"}
        assert again.store.check() == []


@played
async def test_a_failing_read_is_no_silence(tmp_path: Path, disk: FaultyDisk) -> None:
    """A timer whose run cannot be read is not forgotten."""
    bench = Bench("sqlite", tmp_path)
    waits = segment("waits", step("w", "wait", duration="PT1H"))
    async with bench.open(bench.store(vfs=disk.label)) as driver:
        await driver.start(waits, 1, run_id="r")
        assert await driver.settled("r") == "waiting"
        disk.broken = {("read", "file"), ("read", "log")}
        bench.advance(driver, 3600)
        assert disk.happened
        disk.broken = set()
        bench.advance(driver, 1)
        assert (await driver.result("r")).status == "completed"
