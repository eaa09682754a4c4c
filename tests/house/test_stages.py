"""The runner behind `make test`: it must fail when a stage fails, count the tests, and name every check there is."""

from __future__ import annotations

import sys

import pytest

from tests.house.tree import ROOT
from tools.stages import HOUSE, Command, Outcome, Stage, closing_counts, fitness, main, run_all, run_stage, stages, summary

GOOD: Command = (sys.executable, "-c", "print('hello')")
BAD: Command = (sys.executable, "-c", "raise SystemExit(3)")


def test_a_stage_succeeds_only_if_all_its_commands_do(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run_stage(Stage("a", "b", (GOOD, GOOD)), "1/1").ok
    assert not run_stage(Stage("a", "b", (BAD, GOOD)), "1/1").ok
    assert not run_stage(Stage("a", "b", (("no-such-program",),)), "1/1").ok
    assert capfdbinary.readouterr().out.count(b"hello") == 3


@pytest.mark.parametrize(
    ("ready", "programs", "verdict"),
    [
        (True, {"lint": GOOD, "types": GOOD}, "make x: ok, 3 stages; "),
        (True, {"lint": BAD, "types": GOOD}, "make x: FAILED in lint; "),
        (False, {"lint": GOOD}, "make x: FAILED in set-up; "),
        (True, {}, "make x: ok, 1 stages; "),
    ],
)
def test_one_failure_fails_the_run(
    ready: bool, programs: dict[str, Command], verdict: str, capfd: pytest.CaptureFixture[str]
) -> None:
    status = run_all("make x", [Stage(name, "", (program,)) for name, program in programs.items()], lambda: ready)
    last = capfd.readouterr().out.splitlines()[-1]
    assert last.startswith(verdict)
    assert (status == 0) == ("ok" in verdict)


def test_the_summary_adds_up() -> None:
    outcomes = [Outcome("lint", True, 1.0, {}), Outcome("a", True, 2.0, {"passed": 3}), Outcome("b", True, 2.4, {"passed": 4})]
    lines = summary("make test", outcomes).splitlines()
    assert lines[-1] == "make test: ok, 3 stages; tests: 7 passed; 5 s"
    assert lines[2].split() == ["lint", "ok", "1.0"]


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("12 passed in 0.31s", {"passed": 12}),
        ("=== 1 failed, 2 passed, 1 skipped in 61.00s (0:01:01) ===", {"failed": 1, "passed": 2, "skipped": 1}),
        ("2 errors in 0.10s", {"error": 2}),
        ("no tests ran in 0.01s", {}),
        (" Test Files  4 passed (4)\n      Tests  1 failed | 11 passed (12)", {"failed": 1, "passed": 11}),
    ],
)
def test_the_closing_line_of_pytest_is_read(line: str, counts: dict[str, int]) -> None:
    assert closing_counts(f"…\n{line}\n") == counts


def test_every_check_of_the_house_belongs_to_one_stage() -> None:
    there = sorted(f"{HOUSE}/{path.name}" for path in (ROOT / HOUSE).glob("test_*.py"))
    words = [word for stage in stages() for command in stage.commands for word in command]
    assert sorted(word for word in words if word.startswith(f"{HOUSE}/")) == there


def test_an_unknown_stage_is_named() -> None:
    assert main(["check", "--only", "lnit"]) == 2


def test_an_old_python_is_told_what_to_do() -> None:
    assert "needs Python 3.11 or newer" in str(fitness((3, 10, 13)))
    assert fitness((3, 14, 0)) is None
