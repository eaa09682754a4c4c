"""Whether the holder of a lease has certainly ended; in doubt it lives."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.driver.build import Bench, played, segment, step
from worktrail.runtime.driver.processes.presence import is_gone, lives_here, this_process

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere every lease is waited for")
SAYS = (
    "import sys; from worktrail.runtime.driver.processes.presence import this_process; print(this_process(), flush=True); "
    "sys.stdin.read()"
)


@pytest.fixture
def other() -> Iterator[subprocess.Popen[str]]:
    """A process that lives until it is told not to."""
    process = subprocess.Popen(
        [sys.executable, "-c", SAYS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)},
    )
    with process:
        yield process
        process.kill()


def name_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_process_is_gone_once_it_has_ended_and_not_before(other: subprocess.Popen[str]) -> None:
    name = name_of(other)
    assert (is_gone(name), lives_here(name)) == (False, True)
    other.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, other.pid, os.WSTOPPED | os.WNOWAIT)
    assert (is_gone(name), lives_here(name)) == (False, True), "it may go on"
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    assert (is_gone(name), lives_here(name)) == (True, False), "nobody has fetched its end yet"
    other.wait()
    assert (is_gone(name), lives_here(name)) == (True, False)


def changed(**parts: str) -> str:
    """This process's name with a part replaced."""
    host, pid, mark = this_process().split(":")
    boot, namespace, start = mark.split(".")
    now = {"host": host, "pid": pid, "boot": boot, "namespace": namespace, "start": start} | parts
    return "{host}:{pid}:{boot}.{namespace}.{start}".format(**now)


def free_number() -> str:
    """A number that no process has: that of one that has just ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return str(process.pid)


def test_a_number_that_was_given_again_is_another_process() -> None:
    assert not is_gone(changed())
    assert is_gone(changed(start="1"))


@pytest.mark.parametrize("part", [{"host": "elsewhere"}, {"boot": "b"}, {"namespace": "1"}, {"boot": "", "namespace": ""}])
def test_of_another_machine_boot_or_container_nothing_is_certain(part: dict[str, str]) -> None:
    for pid in (str(os.getpid()), free_number()):
        assert not is_gone(changed(pid=pid, start="1", **part))


@pytest.mark.parametrize("tail", ["", ":", ":1", ":1:", ":0", ":-1", ":x:y.z", ":99999999999999999999", ":1:a.b.c:d"])
def test_what_cannot_be_read_is_in_doubt(tail: str) -> None:
    for host in ("", "host", socket.gethostname()):
        assert not is_gone(f"{host}{tail}")


HELD = segment("held", step("a", "gate"))


@pytest.mark.parametrize(("part", "gone"), [({"start": "1"}, True), ({}, False), ({"boot": "b", "start": "1"}, False)])
@played
async def test_only_the_lease_of_who_is_gone_is_not_waited_for(file: Bench, part: dict[str, str], gone: bool) -> None:
    """The clock stands still: what is taken over is taken over without it."""
    store = file.store()
    owner = file.make(store)
    await owner.open()
    await owner.start(HELD, 1, run_id="r")
    await file.called("r", "a")
    assert owner.lease is not None
    as_if = owner.lease
    store.acquire(as_if.lease_id, now_us=file.now_us, ttl_us=10_000_000, address=None, process=changed(**part))
    async with file.open() as heir:
        assert heir.lease is not None
        if gone:
            assert (await file.called("r", "a", 2)).attempt == 2
        else:
            assert [call.attempt for call in file.calls] == [1]
        row = heir.store.get_run("r")
        assert row is not None
        assert (row.owner == heir.lease.lease_id) is gone
    await owner.close(grace_s=0)
