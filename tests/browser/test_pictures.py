"""Each page, light and dark, wide, middling and narrow, as it was when somebody last looked at it and found it good."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pictures import compare
from tests.browser.served import Served
from tests.browser.world.build import NOW

pytestmark = pytest.mark.slow

# name → path, and what stands there once everything is loaded
PAGES = {
    "home": ("/", "Mara Lindqvist"),
    "runs": ("/runs", "EXP-1987"),
    "runs-none": ("/runs?error_code=NEVER_SEEN", "NEVER_SEEN"),
    "run": ("/runs/exp-2041-0008", "receipt_match"),
    "run-step": ("/runs/exp-1987-0000?visit=pay", "Check outside"),
    "run-trail": ("/runs/exp-2041-0008?tab=trail", "Show the run at this event"),
    "run-missing": ("/runs/nowhere", "NOT_FOUND"),
    "inbox": ("/inbox", "Approve €261 for Kwame Boateng"),
    "activity": ("/activity", "EXP-2041"),
    "segments": ("/segments", "Expense review"),
    "segment": ("/segments/expense_review", "Employee"),
    "start": ("/start?segment=expense_review", "Employee"),
}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "middling": {"color_scheme": "light", "viewport": {"width": 900, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 400, "height": 900}},
}


def alone(page: Page, url: str, path: str) -> None:
    """Who looks at the page is there, and nobody else: pages of other tests, and when each is known to be there, are chance."""
    with urlopen(f"{url}/api/v1/me") as answer:
        user = json.load(answer)["principal"]
    moment = NOW.isoformat()
    one = {"client_id": "here", "user": user, "workspace_id": "default", "joined_at": moment, "last_seen": moment}
    stats = {"version": "0", "subscribers": 1, "presence": 1, "feed_size": 0, "transport": "sse"}
    told = {"presence": [{**one, "page": path.partition("?")[0], "doing": None, "idle": False}], "stats": stats}
    page.route("**/realtime/presence", lambda route: route.fulfill(json=told))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_it_looks_as_it_did(world: Served, still: Callable[..., Page], name: str, look: str, tmp_path: Path) -> None:
    path, text = PAGES[name]
    page = still(**LOOKS[look])
    alone(page, world.url, path)
    page.goto(f"{world.url}{path}", wait_until="load")
    expect(page.get_by_text(text).first).to_be_attached()
    page.wait_for_function(
        "() => document.fonts.status === 'loaded' && !document.querySelector('[data-skeleton], [aria-busy=true]')"
    )
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    compare(page, f"{name}-{look}", tmp_path)
