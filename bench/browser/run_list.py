"""The list of runs in a real browser: scrolled from end to end, walked by keys, selected.

    python -m bench.browser.run_list [--runs N] [--directory DIR]

A database with so many runs is made and served, the built page opened in Chromium (`make ui` first). Frames are what the page's
own animation callbacks saw; the processor is that of the page's main thread, by the browser's own account (thread ticks), so
that neighbours on the machine do not show in it. Each act is done three times, the one that cost the processor least is told.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.machine import about
from tests.browser.served import Served
from tools.chromium import HINT, find

SEGMENT = {
    "worktrail": 1,
    "segment_id": "order",
    "name": "Order",
    "steps": [{"step_id": f"step_{number}", "step_type": "transform", "config": {"expression": "input"}} for number in range(6)],
    "edges": [
        {"source_step": f"step_{number}", "source_port": "output", "target_step": f"step_{number + 1}", "target_port": "input"}
        for number in range(5)
    ],
}
FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const note = (now) => { window.frames_ms.push(now - last); last = now; window.noting = requestAnimationFrame(note); };
  window.noting = requestAnimationFrame(note);
}"""
STOP = "() => { cancelAnimationFrame(window.noting); return window.frames_ms; }"
ROUNDS = 3
SCROLLER = "[data-pane=runs]"


def make(folder: Path, runs: int) -> None:
    """A project whose database holds so many ended runs."""
    (folder / "worktrail.toml").write_text('[project]\nname = "bench"\n', encoding="utf-8")
    (folder / "segments").mkdir()
    (folder / "segments" / "order.yaml").write_text(json.dumps(SEGMENT), encoding="utf-8")
    rows = "".join(f'{{"n": {number}, "id": "ORD-{number:05d}"}}\n' for number in range(runs))
    (folder / "rows.jsonl").write_text(rows, encoding="utf-8")
    command = [sys.executable, "-m", "worktrail.cli", "run", "order", "--input", "rows.jsonl", "--business-key", "input.id"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


class Meter:
    """Frames and processor time of what happens between its two ends."""

    def __init__(self, page: Page, protocol: CDPSession) -> None:
        self._page = page
        self._protocol = protocol

    def _busy_s(self) -> float:
        found = self._protocol.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in found if each["name"] == "TaskDuration"))

    def __enter__(self) -> Self:
        self._page.evaluate(FRAMES)
        self._before = self._busy_s()
        return self

    def __exit__(self, *failure: object) -> None:
        self.busy_ms = (self._busy_s() - self._before) * 1000
        self.frames = sorted(self._page.evaluate(STOP))
        self.each_ms = self.busy_ms / len(self.frames)

    def told(self, name: str) -> str:
        """One line: how many frames, how long, what a frame took of the processor."""
        p95 = self.frames[int(len(self.frames) * 0.95)]
        p50, worst = statistics.median(self.frames), self.frames[-1]
        return f"{name:<34}{len(self.frames):>7}{p50:>9.1f}{p95:>9.1f}{worst:>9.1f}{self.each_ms:>12.2f}"


def read_on(page: Page) -> int:
    """Scrolls to the end until no further page comes; how many rows there are then."""
    page.evaluate(
        """async (scroller) => {
          const box = document.querySelector(scroller);
          const end = () => box.querySelector("[data-end]") !== null;
          while (!end()) { box.scrollTop = box.scrollHeight; await new Promise((go) => setTimeout(go, 20)); }
        }""",
        SCROLLER,
    )
    height = page.evaluate("(s) => document.querySelector(s + ' [role=rowgroup]').offsetHeight", SCROLLER)
    return round(float(height) / 31)


def act(page: Page, protocol: CDPSession) -> dict[str, Callable[[], object]]:
    """What is measured, by name, in this order."""
    box = page.locator(SCROLLER).bounding_box()
    assert box is not None
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}

    def scroll(pixels: int, speed: int) -> Callable[[], object]:
        gesture: dict[str, Any] = {**middle, "yDistance": -pixels, "speed": speed, "gestureSourceType": "mouse"}
        return lambda: protocol.send("Input.synthesizeScrollGesture", gesture)

    def press(key: str, times: int) -> Callable[[], object]:
        def pressed() -> None:
            for _ in range(times):
                page.keyboard.press(key)

        return pressed

    def select_all() -> None:
        page.keyboard.press("Control+a")
        page.wait_for_timeout(300)

    return {
        "scroll, 6,000 px/s": scroll(20_000, 6_000),
        "scroll, 60,000 px/s": scroll(100_000, 60_000),
        "50 rows down by J": press("j", 50),
        "30 times X (select)": press("x", 30),
        "Ctrl-A, all of them": select_all,
        "scroll, all selected": scroll(20_000, 6_000),
    }


def measure(page: Page, protocol: CDPSession) -> list[str]:
    """The lines of the table: of each act the round that cost the processor least."""
    best: dict[str, Meter] = {}
    for _ in range(ROUNDS):
        page.evaluate("(s) => { document.querySelector(s).scrollTop = 0; }", SCROLLER)
        page.wait_for_timeout(500)
        for name, do in act(page, protocol).items():
            meter = Meter(page, protocol)
            with meter:
                do()
            if name not in best or meter.each_ms < best[name].each_ms:
                best[name] = meter
        page.keyboard.press("Escape")
    return [meter.told(name) for name, meter in best.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--directory", type=Path, default=None)
    asked = parser.parse_args()
    path = find()
    if path is None:
        raise SystemExit(f"no Chromium here. {HINT}")
    with tempfile.TemporaryDirectory(dir=asked.directory) as name, sync_playwright() as playwright:
        folder = Path(name)
        print(about(folder))
        make(folder, asked.runs)
        server = Served(folder)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
            protocol = page.context.new_cdp_session(page)
            protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
            page.goto(f"{server.start()}/runs")
            page.wait_for_selector("[data-row]")
            print(f"Chromium {browser.version}, {read_on(page):,} rows read")
            print(f"{'':<34}{'frames':>7}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'cpu ms/frame':>13}")
            for line in measure(page, protocol):
                print(line)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
