"""Runs the stages behind `make setup`, `make test` and `make check`: progress while it works, a plain summary at the end.

Only the standard library, because this script creates the environment that everything else needs. A stage that fails does
not stop the ones after it (they seldom depend on each other); a failed set-up does. The exit status is 0 only if every
stage succeeded.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "worktrail-setup.json"
OLDEST = (3, 11)
# level → the locks it needs: a run; a run with the web application, which Node builds; everything
LEVELS = {"run": ("run",), "app": ("run", "ui"), "dev": ("dev",)}
HOLDS = {"dev": ("run", "ui")}  # a lock that holds others
QUIET_S = 15.0  # a stage that printed nothing for so long gets a sign of life

Command = tuple[str, ...]
HOUSE = "tests/house"
BROWSER = "tests/browser"


class Stage(NamedTuple):
    """A named list of commands; the first word of each is looked up in the environment's `bin`."""

    name: str
    about: str
    commands: tuple[Command, ...]


class Outcome(NamedTuple):
    """How one stage ended."""

    name: str
    ok: bool
    seconds: float
    counts: dict[str, int]


def pytest_of(*paths: str, quick: bool, shared: bool = False) -> Command:
    """The pytest command for `paths`; `quick` leaves out what is marked slow, `shared` gives each processor its files."""
    return (
        "pytest",
        "-q",
        *(("-m", "not slow") if quick else ()),
        *(("-n", "auto", "--dist", "worksteal") if shared else ()),
        *paths,
    )


def application(*, quick: bool) -> tuple[Command, ...]:
    """The commands for `ui`; `quick` leaves out checks that succeeded on the same sources."""
    return (
        ("python", "tools/ui.py", "build"),
        ("python", "tools/ui.py", "check", *(("--quick",) if quick else ())),
        pytest_of(f"{HOUSE}/test_ui.py", quick=quick),
    )


LINT = Stage("lint", "style and likely bugs", (("ruff", "check", "."), ("ruff", "format", "--check", ".")))
TYPES = Stage("types", "types, strictly", (("mypy",),))


def quick_stages() -> list[Stage]:
    """The inner loop: what is quick, in as few processes as there are processors."""
    tests = pytest_of(f"--ignore={HOUSE}/test_ui.py", f"--ignore={BROWSER}", quick=True, shared=True)
    return [
        LINT,
        TYPES,
        Stage("ui", "the web application: build, types, style, tests", application(quick=True)),
        Stage("tests", "checks of the house, and all tests that are not slow", (tests,)),
    ]


def stages() -> list[Stage]:
    """All stages in their order, without the set-up."""

    def house(*names: str) -> tuple[Command, ...]:
        return (pytest_of(*(f"{HOUSE}/test_{name}.py" for name in names), quick=False),)

    return [
        LINT,
        TYPES,
        Stage("floors", "who may import whom", house("floors", "doors")),
        Stage("purity", "what the pure rooms load and call", house("purity", "no_clock")),
        Stage("sizes", "files, functions, classes, folders", house("sizes")),
        Stage("docs", "documents: blocks, links, generated tables", house("docs", "tables")),
        Stage("tree", "locks, leaks, decoders, this runner", house("locks", "leaks", "decoders", "stages")),
        Stage("ui", "the web application: build, types, style, tests", application(quick=False)),
        Stage("tests", "all other tests", (pytest_of(f"--ignore={HOUSE}", f"--ignore={BROWSER}", quick=False, shared=True),)),
        Stage(
            "browser",
            "the web application in a real browser",
            (("python", "tools/chromium.py"), pytest_of(BROWSER, quick=False)),
        ),
    ]


# --- running --------------------------------------------------------------------------------------------------------


def say(text: str = "") -> None:
    """Prints at once, also when the output goes into a file."""
    print(text, flush=True)


def run_command(command: Sequence[str]) -> tuple[bool, str]:
    """Runs one command, passes its output through, and answers (succeeded, the end of its output)."""
    program = VENV / "bin" / command[0]
    words = [str(program) if program.exists() else command[0], *command[1:]]
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    try:
        process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        say(f"  cannot run {command[0]}: {error.strerror}")
        return False, ""
    tail = bytearray()
    last = [time.monotonic()]

    def pass_on() -> None:
        assert process.stdout is not None
        while chunk := os.read(process.stdout.fileno(), 65536):
            last[0] = time.monotonic()
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            tail.extend(chunk)
            del tail[:-8192]

    reader = threading.Thread(target=pass_on, daemon=True)
    started = time.monotonic()
    reader.start()
    while process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        if time.monotonic() - last[0] > QUIET_S:
            last[0] = time.monotonic()
            say(f"  … {command[0]} still works ({time.monotonic() - started:.0f} s)")
    reader.join()
    assert process.stdout is not None
    process.stdout.close()
    return process.returncode == 0, tail.decode(errors="replace")


def closing_counts(output: str) -> dict[str, int]:
    """The numbers of the closing line of pytest or vitest, such as ``{"passed": 12, "skipped": 1}``; empty if there is none."""
    found: dict[str, int] = {}
    for line in output.splitlines():
        if re.search(r" in [0-9.]+s\b|^ +Tests  ", line):
            words = re.findall(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)", line)
            found = {word.rstrip("s") if word.startswith("error") else word: int(number) for number, word in words}
    return found


def run_stage(stage: Stage, place: str) -> Outcome:
    """Runs all commands of a stage, also after one of them failed."""
    say(f"\n[{place}] {stage.name}: {stage.about}")
    started, ok = time.monotonic(), True
    counts: dict[str, int] = {}
    for command in stage.commands:
        good, output = run_command(command)
        ok = ok and good
        for word, number in closing_counts(output).items() if command[0] in {"pytest", "python"} else ():
            counts[word] = counts.get(word, 0) + number
    return Outcome(stage.name, ok, time.monotonic() - started, counts)


def summary(title: str, outcomes: Sequence[Outcome]) -> str:
    """The closing table and, as its last line, the verdict."""
    lines = ["", f"{'stage':<10}{'result':<8}{'seconds':>8}"]
    lines += [f"{o.name:<10}{'ok' if o.ok else 'FAILED':<8}{o.seconds:>8.1f}" for o in outcomes]
    total: dict[str, int] = {}
    for outcome in outcomes:
        for word, number in outcome.counts.items():
            total[word] = total.get(word, 0) + number
    tests = ", ".join(f"{number} {word}" for word, number in total.items())
    failed = [o.name for o in outcomes if not o.ok]
    verdict = f"FAILED in {', '.join(failed)}" if failed else f"ok, {len(outcomes)} stages"
    seconds = sum(o.seconds for o in outcomes)
    lines += ["", f"{title}: {verdict}{'; tests: ' + tests if tests else ''}; {seconds:.0f} s"]
    return "\n".join(lines)


# --- set-up ---------------------------------------------------------------------------------------------------------


def fitness(version: tuple[int, ...]) -> str | None:
    """Why a Python of this version cannot be used, or None."""
    if version < OLDEST:
        return (
            f"Worktrail needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and this is {sys.version.split()[0]} ({sys.executable}). "
            "Name another one: make setup PYTHON=/path/to/python3"
        )
    try:
        import ensurepip  # noqa: F401, PLC0415 (Debian ships it apart from Python)
        import venv  # noqa: F401, PLC0415
    except ImportError:
        return "This Python cannot create virtual environments. On Debian and Ubuntu install `python3-venv`, then try again."
    return None


def lock_mark() -> str:
    """Changes when the environment has to be made afresh: other locks or another Python."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("run.txt", "ui.txt", "dev.txt"):
        digest.update((ROOT / "requirements" / name).read_bytes())
    return digest.hexdigest()


def package_mark() -> str:
    """Changes when the package itself has to be installed again: its metadata, not the settings of tools."""
    import tomllib  # noqa: PLC0415 (absent before 3.11, where `fitness` has the say)

    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return hashlib.sha256(repr([str(ROOT), document["project"], document["build-system"]]).encode()).hexdigest()


def read_stamp() -> dict[str, Any]:
    """What the last set-up left behind; empty if there was none or the environment is broken."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        subprocess.run([VENV / "bin" / "python", "-c", ""], check=True, capture_output=True)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two set-ups of one checkout wait for each other."""
    with (ROOT / ".venv.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def set_up(level: str) -> bool:
    """Makes `.venv` hold the locked packages of `level` (see `LEVELS`) and the package itself, editable."""
    with alone():
        stamp, locks, package = read_stamp(), lock_mark(), package_mark()
        if stamp.get("locks") != locks:
            say("  a new environment in .venv")
            if not run_command((sys.executable, "-m", "venv", "--clear", str(VENV)))[0]:
                return False
            stamp = {"locks": locks, "installed": []}
        pip = ("python", "-m", "pip", "install", "-q")
        for lock in LEVELS[level]:
            if lock in stamp["installed"]:
                continue
            say(f"  installing requirements/{lock}.txt (the first time this takes about half a minute)")
            if not run_command((*pip, "--require-hashes", "-r", f"requirements/{lock}.txt"))[0]:
                return False
            stamp["installed"] = sorted({*stamp["installed"], lock, *HOLDS.get(lock, ())})
        if stamp.get("package") != package:
            say("  installing worktrail itself, editable")
            if not run_command((*pip, "--no-deps", "--no-build-isolation", "-e", "."))[0]:
                return False
            stamp["package"] = package
        STAMP.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
        return True


# --- commands -------------------------------------------------------------------------------------------------------


def run_all(title: str, chosen: Sequence[Stage], prepare: Callable[[], bool]) -> int:
    """Prepares, runs the stages, prints the summary; the exit status is 0 only if everything succeeded."""
    count, started = len(chosen) + 1, time.monotonic()
    say(f"[1/{count}] set-up: Python {sys.version.split()[0]} and the locked packages")
    ready = prepare()
    outcomes = [Outcome("set-up", ready, time.monotonic() - started, {})]
    if ready:
        outcomes += [run_stage(stage, f"{number}/{count}") for number, stage in enumerate(chosen, start=2)]
    say(summary(title, outcomes))
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def parser() -> argparse.ArgumentParser:
    """The command line of this script."""
    names = [stage.name for stage in stages()]
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    made.add_argument("what", choices=["setup", "test", "check"], help="set-up alone, all stages, or the quick inner loop")
    made.add_argument("--level", choices=list(LEVELS), default="dev", help="which packages `setup` installs")
    made.add_argument("--only", metavar="STAGE[,STAGE]", help=f"only these stages: {', '.join(names)}")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line names; the answer is the exit status."""
    problem = fitness(sys.version_info[:3])
    if problem:
        say(problem)
        return 2
    asked = parser().parse_args(arguments)
    chosen = {"setup": [], "check": quick_stages()}.get(asked.what, stages())
    if asked.only:
        only = asked.only.split(",")
        if unknown := sorted(set(only) - {stage.name for stage in chosen}):
            say(f"no stage {', '.join(unknown)}; there are: {', '.join(stage.name for stage in chosen) or 'none here'}")
            return 2
        chosen = [stage for stage in chosen if stage.name in only]
    return run_all(f"make {asked.what}", chosen, lambda: set_up(asked.level))


if __name__ == "__main__":
    sys.exit(main())
