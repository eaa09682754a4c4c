"""The reviewer's part: decided in one window, seen in another. By keys alone: `test_keys.py`."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.shopping import Shop

pytestmark = pytest.mark.slow


def test_decided_in_one_window_goes_on_in_the_other(shop: Shop, window: Callable[..., BrowserContext]) -> None:
    run_id = shop.order("D-1", "Big", 30)
    inbox, run = window().new_page(), window().new_page()
    run.goto(f"{shop.url}/runs/{run_id}")
    expect(run.get_by_role("treeitem", name=re.compile("^ask.* Waits for a person"))).to_be_visible()
    inbox.goto(f"{shop.url}/inbox")
    expect(inbox.get_by_role("heading", name="Release the order of Big?")).to_be_visible()
    for radio in inbox.get_by_role("radio").all():
        expect(radio).not_to_be_checked()  # no default decides for a person
    with inbox.expect_request(lambda asked: "presence" in asked.url and "decides:D-1" in (asked.post_data or "")):
        inbox.get_by_text("Approve", exact=True).first.click()  # others see who decides
    inbox.get_by_role("textbox", name="Reason").fill("a good customer")
    inbox.get_by_role("button", name=re.compile("^Approve")).last.click()
    expect(run.get_by_role("treeitem", name=re.compile("^ship.* Completed"))).to_be_visible()
    expect(inbox.get_by_role("tab", name=re.compile(r"^Mine 0|^Mine$"))).to_be_visible()
    decided = shop.ask("/api/v1/tasks?status=completed")["tasks"]
    assert [(task["outcome"], task["run_id"]) for task in decided] == [("approved", run_id)]
