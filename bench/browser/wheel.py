"""The wheel as a newcomer gets it: into an empty environment, then `worktrail demo`, its first page in a real browser.

    python -m bench.browser.wheel [--rounds N] [--directory DIR]

Builds the wheel of this checkout (`make ui` first), installs it with `[web]` into a new environment, counts its packages and its
size, and starts the demo some times: how long from the command to the first paint of the page, what the server then takes of
memory, and whether a demo that was killed in the middle goes on. Needs the package registry, and Chromium.
A goal that is missed by more than the noise of a machine ends it with 1.
"""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.machine import Figure, about, fit, print_figure, print_head
from tools.chromium import HINT, find

ROOT = Path(__file__).resolve().parents[2]
PACKAGES, DISK_MB, PAINT_S, RESIDENT_MB = 45, 120, 1.5, 120
OF_THE_ENVIRONMENT = ("pip", "setuptools")
AT_ONCE = 80  # reports that come at the beginning; the others follow one by one


def installed(directory: Path) -> Path:
    """A new environment with nothing but the wheel; its folder."""
    built = directory / "wheel"
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", built, ROOT], check=True)
    (wheel,) = built.glob("worktrail-*.whl")
    made = directory / "environment"
    venv.create(made, with_pip=True)
    subprocess.run([made / "bin" / "pip", "install", "-q", "--disable-pip-version-check", f"{wheel}[web]"], check=True)
    return made


def size(environment: Path) -> tuple[int, float]:
    """(packages, MB on disk), without what every environment has."""
    (site,) = environment.glob("lib/python*/site-packages")
    packages = [each for each in site.glob("*.dist-info") if each.name.partition("-")[0] not in OF_THE_ENVIRONMENT]
    files = [
        each
        for each in site.rglob("*")
        if each.is_file() and each.relative_to(site).parts[0].partition("-")[0] not in OF_THE_ENVIRONMENT
    ]
    return len(packages), sum(each.stat().st_size for each in files) / 1e6


class Demo:
    """`worktrail demo` of the environment."""

    def __init__(self, environment: Path, folder: Path) -> None:
        command = [environment / "bin" / "worktrail", "demo", "--keep", folder, "--port", "0", "--no-open", "--json"]
        self.folder = folder
        self.began = time.time()
        self.process = subprocess.Popen(command, cwd=folder.parent, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["url"]

    def until(self, reports: int) -> None:
        """Until so many reports are there."""
        while sum(runs_of(self.folder).values()) < reports:
            time.sleep(0.05)

    def resident_mb(self) -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(text.partition("VmRSS:")[2].split()[0]) / 1024

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.communicate(timeout=60)


def painted_s(browser: Browser, demo: Demo) -> float:
    """Seconds from the command to the first paint with content, and the page is Home."""
    page = browser.new_page()
    try:
        page.goto(demo.url)
        page.wait_for_selector("h1")
        at = page.evaluate(
            """() => performance.timeOrigin + performance.getEntriesByName("first-contentful-paint")[0].startTime"""
        )
    finally:
        page.close()
    return float(at) / 1000 - demo.began


def runs_of(folder: Path) -> dict[str, int]:
    """Report → how many runs it has, by Python's own SQLite."""
    question = "SELECT business_key, count(*) FROM runs WHERE segment_id = 'expense_report' GROUP BY 1"
    with sqlite3.connect(f"file:{folder / 'worktrail.sqlite'}?mode=ro", uri=True) as link:
        return dict(link.execute(question).fetchall())


def goes_on(environment: Path, folder: Path) -> bool:
    """Killed with some reports begun and started again: those are there, and the others, each once."""
    first = Demo(environment, folder)
    first.until(AT_ONCE // 4)
    first.end(signal.SIGKILL)
    before = runs_of(folder)
    second = Demo(environment, folder)
    second.until(AT_ONCE)
    second.end(signal.SIGTERM)
    after = runs_of(folder)
    return before.keys() <= after.keys() and set(after.values()) == {1}


def measured(environment: Path, directory: Path, browser: Browser, rounds: int) -> dict[str, list[float]]:
    """Paint and memory of some fresh demos; the memory once most reports have come."""
    told: dict[str, list[float]] = {"paint": [], "resident": []}
    for number in range(rounds + 1):
        demo = Demo(environment, directory / f"demo-{number}")
        paint = painted_s(browser, demo)
        if number == 0:  # the browser and the disk's cache are warm after it
            demo.end(signal.SIGTERM)
            continue
        told["paint"].append(paint)
        demo.until(AT_ONCE + 4)
        told["resident"].append(demo.resident_mb())
        demo.end(signal.SIGTERM)
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--directory", type=Path, default=None)
    asked = parser.parse_args()
    chromium = find()
    if chromium is None:
        raise SystemExit(f"no Chromium here. {HINT}")
    with tempfile.TemporaryDirectory(dir=asked.directory) as name, sync_playwright() as playwright:
        directory = Path(name)
        fit(directory)
        print(about(directory))
        environment = installed(directory)
        packages, disk_mb = size(environment)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        told = measured(environment, directory, browser, asked.rounds)
        browser.close()
        on = goes_on(environment, directory / "killed")
    print_head()
    print_figure(Figure("packages", [packages], str(PACKAGES)))
    print_figure(Figure("MB on disk", [disk_mb], str(DISK_MB)))
    print_figure(Figure("command to first paint, s", told["paint"], str(PAINT_S), digits=2))
    print_figure(Figure("server a few seconds later, MB resident", told["resident"], str(RESIDENT_MB)))
    print(f"killed and started again: {'every report once' if on else 'NOT every report once'}")
    missed = packages > PACKAGES or disk_mb > DISK_MB or statistics.median(told["resident"]) > RESIDENT_MB * 1.1 or not on
    return int(missed or statistics.median(told["paint"]) > PAINT_S * 2)


if __name__ == "__main__":
    sys.exit(main())
