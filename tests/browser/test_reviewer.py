"""The reviewer's part: decided in one window, seen in another; and all of it by keys alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.shopping import Shop

pytestmark = pytest.mark.slow
TABS = 60  # presses of Tab after which a place that keys reach was reached


@pytest.fixture
def shop(tmp_path: Path, chromium: object) -> Iterator[Shop]:
    made = Shop(tmp_path / "shop")
    yield made
    made.served.stop()


FOCUS = """() => {
  const here = document.activeElement;
  return here === document.body ? [] : [here.ariaLabel ?? "", here.labels?.[0]?.innerText ?? "", here.innerText ?? ""];
}"""


def press_until(page: Page, key: str, name: str) -> None:
    """Presses a key until what has the focus has this accessible name (or text)."""
    for _ in range(TABS):
        here = page.evaluate(FOCUS)
        if any(re.search(name, text) for text in here):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{TABS} presses of {key} did not reach {name!r}; the last place was {here}")


def test_decided_in_one_window_goes_on_in_the_other(shop: Shop, window: Callable[..., BrowserContext]) -> None:
    run_id = shop.order("D-1", "Big", 30)
    inbox, run = window().new_page(), window().new_page()
    run.goto(f"{shop.url}/runs/{run_id}")
    expect(run.get_by_role("treeitem", name=re.compile("^ask.* Waits for a person"))).to_be_visible()
    inbox.goto(f"{shop.url}/inbox")
    expect(inbox.get_by_role("heading", name="Release the order of Big?")).to_be_visible()
    for radio in inbox.get_by_role("radio").all():
        expect(radio).not_to_be_checked()  # no default decides for a person
    inbox.get_by_text("Approve", exact=True).first.click()
    inbox.get_by_role("textbox", name="Reason").fill("a good customer")
    inbox.get_by_role("button", name=re.compile("^Approve")).last.click()
    expect(run.get_by_role("treeitem", name=re.compile("^ship.* Completed"))).to_be_visible()
    expect(inbox.get_by_role("tab", name=re.compile(r"^Mine 0|^Mine$"))).to_be_visible()
    decided = shop.ask("/api/v1/tasks?status=completed")["tasks"]
    assert [(task["outcome"], task["run_id"]) for task in decided] == [("approved", run_id)]


def test_a_decision_by_keys_alone(shop: Shop, page: Page) -> None:
    run_id = shop.order("D-2", "Big", 30)
    page.goto(shop.url)
    expect(page.get_by_role("region", name="Waits for you").get_by_role("link", name=re.compile("Release"))).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="Release the order of Big?")).to_be_visible()
    page.keyboard.press("r")  # selects, and sends nothing
    expect(page.get_by_role("radio", name=re.compile("^Reject"))).to_be_checked()
    press_until(page, "Tab", "^Reason")
    page.keyboard.type("too large for us")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("tab", name=re.compile(r"^Mine 0|^Mine$"))).to_be_visible()
    (task,) = shop.ask("/api/v1/tasks?status=completed")["tasks"]
    assert (task["outcome"], task["run_id"]) == ("rejected", run_id)


def test_a_repair_by_keys_alone(shop: Shop, page: Page) -> None:
    shop.open()
    shop.order("R-2", "nowhere")
    page.goto(shop.url)
    expect(page.get_by_role("region", name="Needs repair").get_by_role("link", name=re.compile("^ship"))).to_be_visible()
    press_until(page, "Tab", r"^ship\s+stopped")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Error ADDRESS_UNKNOWN")).to_be_visible()
    shop.repair()
    page.keyboard.press("r")
    expect(page.get_by_role("dialog")).to_be_visible()
    press_until(page, "Tab", "^Retry")
    page.keyboard.press("Space")
    press_until(page, "Tab", "^Retry the visit")
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem", name=re.compile("^ship.* Completed"))).to_be_visible()
