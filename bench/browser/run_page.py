"""How smooth the run page is: frames while one scrolls, pans and selects, beside a plain xyflow page on the same machine.

``python -m bench.browser.run_page`` needs Chromium and ``make ui``; it builds the plain page itself. A timeline of 10,000 visits
and a graph of 500 steps / 800 edges are made up here and given to the page through the browser's own network layer; no server
runs. Printed for each gesture: frame times p50 / p95 / worst in ms, and the main thread's processor time a frame (CDP, thread
ticks); of three rounds the one that cost least.
"""

from __future__ import annotations

import json
import mimetypes
import os
import random
import statistics
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import CDPSession, Page, Route, sync_playwright

from tools.chromium import HINT, find

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src" / "worktrail" / "web" / "static"
PLAIN = ROOT / "ui" / ".generated" / "plain"
HOST = "http://127.0.0.1:9"  # nobody listens there; a page of this machine may use what needs a secure context
START = datetime.now(UTC) - timedelta(minutes=1)
FRAMES = 90
ROUNDS = 3
FAILURE = {"error_type": "E", "error_code": "HTTP_UNAVAILABLE", "error_message": "503", "recoverable": True}


class Trail:
    """Events of a made-up run, in order of time."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.rows: list[tuple[float, dict[str, Any]]] = []

    def add(self, kind: str, ms: float, visit: str | None = None, **rest: Any) -> None:
        self.rows.append((ms, {"event_type": kind, "severity": "info"} | ({"visit": visit} if visit else {}) | rest))

    def events(self) -> list[dict[str, Any]]:
        found = []
        for seq, (ms, event) in enumerate(sorted(self.rows, key=lambda row: row[0]), 1):
            stamp = (START + timedelta(milliseconds=ms)).isoformat().replace("+00:00", "Z")
            found.append({"event_id": f"{self.run_id}:{seq}", "seq": seq, "timestamp": stamp} | event)
        return found


def timeline() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A map of 5,000 items of two steps: 10,000 visits, some tried again."""
    steps = [{"step_id": "each", "step_type": "map", "kind": "map"}]
    steps += [{"step_id": name, "step_type": "work", "kind": "handler", "container": "each"} for name in ("read", "check")]
    inner = {
        "number": 0,
        "leaves": 0,
        "source_step": "read",
        "source_port": "output",
        "target_step": "check",
        "target_port": "input",
    }
    trail = Trail("timeline")
    trail.add("segment.started", 0)
    trail.add("step.scheduled", 0, "each", reason="R2")
    trail.add("step.started", 0, "each", payload={"count": 5000, "bound": 16})
    for number in range(1, 5001):
        at, read, check = number * 4.0, f"each#{number}/read", f"each#{number}/check"
        trail.add("step.scheduled", at, read, reason="R2")
        trail.add("step.started", at, read, attempt=1)
        if number % 997 == 0:
            due = int((START.timestamp() * 1000 + at + 40) * 1000)
            trail.add("step.retrying", at + 10, read, error=FAILURE, payload={"attempt": 2, "due_us": due})
            trail.add("step.started", at + 40, read, attempt=2)
        trail.add("step.completed", at + 60, read, payload={"outputs": {"output": 0}, "ends": "D"})
        trail.add("step.scheduled", at + 60, check, reason="R2")
        trail.add("step.started", at + 60, check, attempt=1)
        trail.add("step.completed", at + 90, check, payload={"outputs": {"output": 0}, "ends": ""})
        trail.add("scope.ended", at + 90, "each", payload={"number": number})
    return {"segment_id": "s", "steps": steps, "edges": [inner | {"container": "each"}]}, trail.events()


def graph() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """500 steps in ranks of 20, 800 edges; 400 of the steps have completed, the others run."""
    chance, wide, count = random.Random(1), 20, 500
    pairs = [(place - wide, place) for place in range(wide, count)]
    while len(pairs) < 800:
        source = chance.randrange(count - wide)
        pairs.append((source, min(count - 1, (source // wide + 1) * wide + chance.randrange(wide))))
    leaving: dict[int, int] = {}
    edges = []
    for number, (source, target) in enumerate(pairs):
        leaves = leaving[source] = leaving.get(source, -1) + 1
        ends = {"source_step": f"s{source}", "source_port": "output", "target_step": f"s{target}", "target_port": "input"}
        edges.append({"number": number, "leaves": leaves, **ends})
    trail = Trail("graph")
    trail.add("segment.started", 0)
    for place in range(count):
        trail.add("step.scheduled", place * 10, f"s{place}", reason="R2")
        trail.add("step.started", place * 10, f"s{place}", attempt=1)
        if place < 400:
            ends = "D" * (leaving.get(place, -1) + 1)
            trail.add("step.completed", place * 10 + 8, f"s{place}", payload={"outputs": {"output": 0}, "ends": ends})
    steps = [{"step_id": f"s{place}", "step_type": "work", "kind": "handler"} for place in range(count)]
    return {"segment_id": "s", "steps": steps, "edges": edges}, trail.events()


RUNS = {"timeline": timeline(), "graph": graph()}


def detail(run_id: str) -> dict[str, Any]:
    """The run's own row, as the API gives it."""
    nothing = dict.fromkeys(
        ("ended_at", "duration_ms", "error_code", "root_run_id", "parent_run_id", "parent_visit", "outputs", "error")
    )
    ids = {"run_id": run_id, "segment_id": "s", "business_key": run_id, "workspace_id": "default", "instance_id": "default"}
    known = {"status": "running", "created_at": START.isoformat(), "updated_at": START.isoformat(), "owned": True, "version": "1"}
    return nothing | ids | known | {"waiting": [], "labels": {}, "incidents": [], "children": [], "input": None, "position": 1}


ME = {
    "principal": "local:me",
    "display_name": "me",
    "tenant_id": "default",
    "workspaces": ["default"],
    "active_workspace": "default",
    "permissions": ["view", "run"],
    "mode": "local",
    "server": {"version": "0", "started_at": START.isoformat(), "worker": "none", "database": "none"},
}


def api(path: str, query: dict[str, list[str]]) -> Any:
    """The answer to one call; null for what the page asks beside the run."""
    parts = path.removeprefix("/api/v1/").split("/")
    if parts == ["me"]:
        return ME
    if parts[0] != "runs" or len(parts) < 2 or parts[1] not in RUNS:
        return None
    drawn, events = RUNS[parts[1]]
    if parts[2:] == ["graph"]:
        return drawn
    if parts[2:] == ["trail"]:
        after, limit = int(query["after"][0]), int(query["limit"][0])
        page = events[after : after + limit]
        return {"run_id": parts[1], "segment_id": "s", "events": page, "last_seq": len(events), "position": 1, "next": None}
    if parts[2:] == ["visit"]:
        return {
            "visit": query["visit"][0],
            "status": "completed",
            "attempts": [],
            "inputs": {},
            "outputs": {},
            "cause": {},
            "caused": [],
        }
    return detail(parts[1])


def answer(route: Route) -> None:
    """Files from the built application or the plain page, JSON from `api`, and a stream on which nothing comes."""
    url = urlparse(route.request.url)
    if url.path == "/api/v1/stream":
        route.fulfill(status=200, content_type="text/event-stream", body='event: hello\ndata: {"position": 1}\n\n')
        return
    if url.path.startswith("/api/"):
        route.fulfill(status=200, content_type="application/json", body=json.dumps(api(url.path, parse_qs(url.query))))
        return
    place = PLAIN / url.path.removeprefix("/plain/") if url.path.startswith("/plain/") else STATIC / url.path.lstrip("/")
    if not place.is_file():
        place = STATIC / "index.html"
    route.fulfill(status=200, content_type=mimetypes.guess_type(place.name)[0] or "text/html", body=place.read_bytes())


# A gesture is a function of the frame's number, called in the page before each frame; the answer is when frames were drawn.
FRAME = """([frames, gesture]) => new Promise((done) => {
  const at = [];
  const act = eval(gesture);
  const next = (now) => {
    at.push(now);
    if (at.length > frames) return done(at);
    act(at.length);
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""
SCROLL = "(n) => document.querySelector('[role=tree]').scrollBy(0, n % 90 < 60 ? 130 : -130)"
SIDEWAYS = """(n) => document.querySelector('[role=tree]').dispatchEvent(
  new WheelEvent('wheel', {deltaX: n % 60 < 30 ? 9 : -9, bubbles: true, cancelable: true}))"""
WALK = """(n) => n % 3 || document.querySelector('[role=tree]').dispatchEvent(
  new KeyboardEvent('keydown', {key: 'j', bubbles: true, cancelable: true}))"""
SELECT = "(n) => n % 6 || document.querySelector(`.react-flow__node[data-id=s${n % 400}]`)?.click()"
DRAG = """(n) => {
  const pane = document.querySelector('.react-flow__pane');
  const box = pane.getBoundingClientRect();
  const [clientX, clientY] = [box.x + 300 + n * 5 - Math.floor(n / 32) * 160, box.y + 100 + n - Math.floor(n / 50) * 50];
  const about = {clientX, clientY, bubbles: true, cancelable: true, view: window};
  const send = (to, type) => to.dispatchEvent(new MouseEvent(type, about));
  if (n === 1) send(pane, 'mousedown');
  else send(window, n < FRAMES ? 'mousemove' : 'mouseup');
}""".replace("FRAMES", str(FRAMES))


def measured(page: Page, cdp: CDPSession, gesture: str) -> dict[str, float]:
    """Frame times while a gesture goes on, and processor time a frame; of some rounds the one that cost least."""
    cdp.send("Performance.disable")  # a page that was opened since may live in another process
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        before = _busy(cdp)
        stamps = page.evaluate(FRAME, [FRAMES, gesture])
        gaps = sorted(b - a for a, b in pairwise(stamps))
        busy = (_busy(cdp) - before) * 1000 / len(gaps)
        found = {"p50": statistics.median(gaps), "p95": gaps[int(len(gaps) * 0.95)], "worst": gaps[-1], "cpu": busy}
        if not best or found["cpu"] < best["cpu"]:
            best = found
    return best


def _busy(cdp: CDPSession) -> float:
    """Seconds that the main thread has worked."""
    metrics = cdp.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def build_plain() -> None:
    """The plain page, by the project's own Vite."""
    path = os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ["PATH"]])
    command = [
        "npx",
        "vite",
        "build",
        "bench",
        "--base",
        "/plain/",
        "--outDir",
        str(PLAIN),
        "--emptyOutDir",
        "--logLevel",
        "warn",
    ]
    config = ROOT / "ui" / "bench" / "vite.config.js"
    subprocess.run([*command, "--config", str(config)], cwd=ROOT / "ui", env={**os.environ, "PATH": path}, check=True)


def gestures(page: Page, cdp: CDPSession) -> dict[str, dict[str, float]]:
    """Everything that is measured, by name."""
    found = {}
    page.goto(f"{HOST}/runs/timeline")
    page.get_by_role("treeitem").nth(6).click()  # the rest opens: all 10,000 rows are there
    page.get_by_role("treeitem").nth(12).wait_for()
    found["timeline: scroll"] = measured(page, cdp, SCROLL)
    found["timeline: pan"] = measured(page, cdp, SIDEWAYS)
    found["timeline: walk"] = measured(page, cdp, WALK)
    page.goto(f"{HOST}/runs/graph")
    page.locator(".react-flow__node").first.wait_for(timeout=240_000)
    found["graph: pan, all in view"] = measured(page, cdp, DRAG)
    found["graph: select"] = measured(page, cdp, SELECT)
    page.goto(f"{HOST}/plain/plain.html")
    page.locator(".react-flow__node").first.wait_for(timeout=240_000)
    found["plain xyflow: pan, all in view"] = measured(page, cdp, DRAG)
    return found


def main() -> int:
    """Prints the table; 1 where there is nothing to measure with."""
    chromium = find()
    if chromium is None or not (STATIC / "index.html").exists():
        sys.stderr.write(f"needs the built application (`make ui`) and a Chromium. {HINT}\n")
        return 1
    build_plain()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.route(f"{HOST}/**", answer)
        found = gestures(page, page.context.new_cdp_session(page))
        browser.close()
    sys.stdout.write(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Chromium, software rendering\n")
    sys.stdout.write(f"{'gesture':32} {'p50 ms':>8} {'p95 ms':>8} {'worst':>8} {'cpu/frame':>10}\n")
    for name, one in found.items():
        sys.stdout.write(f"{name:32} {one['p50']:8.1f} {one['p95']:8.1f} {one['worst']:8.1f} {one['cpu']:10.1f}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
