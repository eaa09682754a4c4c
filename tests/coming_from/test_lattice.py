"""Lattice's browser client, as the page has it, in a real Chromium against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.house.blocks import blocks
from tests.house.tree import ROOT
from tests.live.serving import Server, make_project, run
from tools.chromium import HINT, find

pytestmark = pytest.mark.slow

(CLIENT,) = (block.text for block in blocks(ROOT / "docs" / "coming-from" / "lattice.md") if block.language == "typescript")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@pytest.fixture
def page() -> Iterator[Page]:
    path = find()
    if path is None:
        pytest.skip(f"no Chromium here. {HINT}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        made = browser.new_page()
        made.set_default_timeout(30_000)
        yield made
        browser.close()


def test_it_joins_follows_and_leaves_by_a_beacon(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    make_project(folder)
    with Server(folder) as server:
        page.goto(f"{server.url}/api/v1/health")  # any document of the same origin
        page.evaluate(f"async () => {{ {CLIENT}; window.seen = seen; window.mine = presence; }}")
        mine: dict[str, Any] = page.evaluate("window.mine")
        listed = server.client.get("/realtime/presence").json()["presence"]
        assert [(one["client_id"], one["workspace_id"]) for one in listed] == [(mine["client_id"], "default")]
        run(folder, "quick", '{"n": 1}')
        page.wait_for_function("() => window.seen.some((event) => event.event_type === 'workflow_run')")
        seen = page.evaluate("window.seen")
        assert [event["seq"] for event in seen] == sorted({event["seq"] for event in seen})
        assert [(event["area"], event["event_type"]) for event in seen] == [
            ("presence", "join"),
            ("workflow", "workflow_started"),
            ("workflow", "workflow_run"),
        ]
        page.goto("about:blank")
        told = server.client.get("/realtime/feed").json()["events"]
        while told[0]["event_type"] != "leave":  # the beacon is on its way
            told = server.client.get("/realtime/feed").json()["events"]
        assert told[0]["payload"] == {"client_id": mine["client_id"]}
        assert server.client.get("/realtime/presence").json()["presence"] == []


def test_killed_under_the_page_the_client_goes_on_by_itself(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    make_project(folder)
    with Server(folder) as server:
        page.goto(f"{server.url}/api/v1/health")
        page.evaluate(f"async () => {{ {CLIENT}; window.seen = seen; }}")
        run(folder, "quick", '{"n": 1}')
        page.wait_for_function("() => window.seen.filter((event) => event.event_type === 'workflow_run').length === 1")
        server.kill()
        port = server.url.rpartition(":")[2]
        with Server(folder, "--port", port) as again:
            run(folder, "quick", '{"n": 2}')
            page.wait_for_function("() => window.seen.filter((event) => event.event_type === 'workflow_run').length === 2")
            numbers = [event["seq"] for event in page.evaluate("window.seen")]
            feed = [event["seq"] for event in again.client.get("/realtime/feed").json()["events"]]
            assert numbers == sorted(set(numbers)) == sorted(feed)
