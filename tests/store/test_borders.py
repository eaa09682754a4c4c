"""Borders: every change of durability passes one; the environment can end the process there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.build import NOW, append, lease, refused, start
from worktrail.store import BORDERS, CommandRow, Commit, Store, borders

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def passed() -> Iterator[list[str]]:
    """The borders passed, in order."""
    names: list[str] = []
    borders.hooks.append(names.append)
    yield names
    borders.hooks.remove(names.append)


def test_every_change_of_durability_passes_its_border(store: Store, passed: list[str]) -> None:
    owner = lease(store)
    store.claim(owner, now_us=NOW, locks=None)
    store.put_definition("sha", "segment", b"{}")
    store.send(CommandRow("c", "a", "cancel", b"{}", "user:ann", NOW))
    store.commit(Commit(lease=owner))
    assert passed == [
        "store.lease.acquire.after",
        "store.claim.after",
        "store.definition.put.after",
        "store.command.send.after",
        "store.commit.before",
        "store.commit.inside",
        "store.commit.after",
    ]
    assert set(passed) == {name for name in BORDERS if name.startswith("store.")}


def test_a_refused_commit_does_not_pass_the_last_border(store: Store, passed: list[str]) -> None:
    with refused("SEQ_CONFLICT"):
        store.commit(Commit(appends=[append("observed", 2)]))
    assert passed == ["store.commit.before"]


def test_what_stops_inside_a_commit_leaves_nothing(kind: str, store: Store) -> None:
    if kind == "memory":
        pytest.skip("there is no transaction to be inside of")

    def stop(name: str) -> None:
        if name == "store.commit.inside":
            raise KeyboardInterrupt

    start(store, "a", None)
    borders.hooks.append(stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            store.commit(Commit(appends=[append("run:a", 2)]))
    finally:
        borders.hooks.remove(stop)
    assert len(store.read_stream("run:a")) == 1
    store.commit(Commit(appends=[append("run:a", 2)]))
    assert store.check() == []


def child(setting: str, passings: int) -> subprocess.CompletedProcess[str]:
    """A process that passes ``store.claim.after`` so often and then says so."""
    code = f"from worktrail.store import border\nfor _ in range({passings}): border('store.claim.after')\nprint('alive')"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "WORKTRAIL_BORDER": setting}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("setting", "passings", "dies"),
    [
        ("store.claim.after", 1, True),
        ("store.claim.after", 0, False),
        ("store.claim.after:3", 3, True),
        ("store.claim.after:3", 2, False),
        ("store.commit.after", 5, False),
    ],
)
def test_the_environment_ends_the_process_at_the_nth_passing(setting: str, passings: int, dies: bool) -> None:
    done = child(setting, passings)
    assert (done.returncode, done.stdout) == ((-signal.SIGKILL, "") if dies else (0, "alive\n"))


@pytest.mark.parametrize("setting", ["store.commit.never", "store.commit.after:x", "store.commit.after:-1"])
def test_a_setting_that_names_nothing_is_refused(setting: str) -> None:
    done = child(setting, 1)
    assert done.returncode == 1
    assert "WORKTRAIL_BORDER" in done.stderr


def test_the_names_are_told_apart() -> None:
    assert len(set(BORDERS)) == len(BORDERS)
