"""The operator's and the reviewer's day by keys alone: nothing is clicked, focused or filled by a script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.keys import expect_focus, focus, press, press_until
from tests.browser.shopping import Shop, row

pytestmark = pytest.mark.slow


def test_a_decision(shop: Shop, page: Page) -> None:
    run_id = shop.order("D-2", "Big", 30)
    page.goto(shop.url)
    expect(page.get_by_role("region", name="Waits for you").get_by_role("link", name=re.compile("Release"))).to_be_visible()
    press(page, "g", "i")
    expect(page.get_by_role("heading", name="Release the order of Big?")).to_be_visible()
    press(page, "r")  # selects, and sends nothing
    expect(page.get_by_role("radio", name=re.compile("^Reject"))).to_be_checked()
    press_until(page, "Tab", "^Reason")
    page.keyboard.type("too large for us")
    press(page, "Control+Enter")
    expect(page.get_by_role("tab", name=re.compile(r"^Mine 0|^Mine$"))).to_be_visible()
    (task,) = shop.ask("/api/v1/tasks?status=completed")["tasks"]
    assert (task["outcome"], task["run_id"]) == ("rejected", run_id)


def test_from_home_to_the_reason_and_its_repair(shop: Shop, page: Page) -> None:
    shop.open()
    shop.order("R-2", "nowhere")
    page.goto(shop.url)
    expect(page.get_by_role("region", name="Needs repair").get_by_role("link", name=re.compile("^ship"))).to_be_visible()
    press_until(page, "j", r"^ship\s+stopped")
    press(page, "Enter")  # 1
    expect(page.get_by_role("heading", name="Error ADDRESS_UNKNOWN")).to_be_visible()
    expect(page.get_by_text("the carrier knows no such address").first).to_be_visible()
    shop.repair()
    press_until(page, "Tab", "^Resolve…")
    press(page, "Enter")  # 2
    dialog = page.get_by_role("dialog", name="How does ship go on?")
    expect(dialog).to_be_visible()
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    expect_focus(page, "^Resolve…")  # the focus came back
    press(page, "r")
    expect(dialog).to_be_visible()
    press_until(page, "Tab", "^Retry$")
    press(page, "Space")
    press_until(page, "Tab", "^Retry the visit")
    press(page, "Enter")  # 3
    expect(page.get_by_role("treeitem", name=re.compile("^ship.* Completed"))).to_be_visible()
    expect(dialog).to_be_hidden()
    expect_focus(page, ".")  # where the button went, the focus is still on the page


def test_a_run_is_started_from_a_form(shop: Shop, page: Page) -> None:
    shop.open()
    page.goto(shop.url)
    expect(page.get_by_role("link", name="Start a run").first).to_be_visible()
    press(page, "g", "r")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    press(page, "n")
    expect(page.get_by_role("searchbox", name="Search")).to_be_visible()
    press_until(page, "Tab", "^Order$")
    press(page, "Enter")
    expect(page.get_by_role("textbox", name="Customer")).to_be_visible()
    press_until(page, "Tab", "^Start Order")
    press(page, "Enter")  # too early: the first field that is wrong has the focus
    expect(page.get_by_role("textbox", name="Customer")).to_be_focused()
    page.keyboard.type("Ada")
    press_until(page, "Tab", "^Quantity")
    page.keyboard.type("4")
    press_until(page, "Tab", "^Business key")
    page.keyboard.type("F-1")
    press_until(page, "Tab", "^Start Order")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f]{24}"))
    expect(page.get_by_role("treeitem", name=re.compile("^ship.* Completed"))).to_be_visible()
    (run,) = shop.ask("/api/v1/runs?business_key=F-1")["runs"]
    assert shop.ask(f"/api/v1/runs/{run['run_id']}")["input"] == {"customer": "Ada", "quantity": 4}


def test_runs_are_started_from_a_file(shop: Shop, page: Page, tmp_path: Path) -> None:
    shop.open()
    rows = tmp_path / "orders.csv"
    rows.write_text("customer,quantity\nAnn,2\nBen,x\nCid,4\n", encoding="utf-8")
    page.goto(f"{shop.url}/start?segment=order")
    expect(page.get_by_role("textbox", name="Customer")).to_be_visible()
    press_until(page, "Tab", "^Form")
    press(page, "ArrowRight", "ArrowRight")
    expect(page.get_by_role("tabpanel", name="File of rows")).to_be_visible()
    press_until(page, "Tab", "^Choose a file")
    with page.expect_file_chooser() as asked:
        press(page, "Enter")
    asked.value.set_files(rows)
    bad = page.get_by_role("region", name="Rows that cannot be used")
    expect(bad.get_by_role("row", name=re.compile("is no integer.*ROW_CELL"))).to_be_visible()
    press_until(page, "Tab", "^Business key")
    page.keyboard.type("customer")
    press_until(page, "Tab", "^Start 2 runs")  # checked again meanwhile, and nothing on the way went
    expect(page.get_by_role("button", name="Start 2 runs")).to_have_attribute("aria-disabled", "false")
    press(page, "Enter")
    expect(page).to_have_url(re.compile("/batches/"))
    expect(page.get_by_text(re.compile(r"2 completed|completed.{0,3}2", re.IGNORECASE)).first).to_be_visible()
    assert shop.ask("/api/v1/runs/counts")["by_status"] == {"completed": 2}
    assert sorted(run["business_key"] for run in shop.ask("/api/v1/runs")["runs"]) == ["Ann", "Cid"]


def test_many_are_cancelled_after_a_preview(shop: Shop, page: Page) -> None:
    for number in range(3):
        shop.order(f"B-{number}")
    page.goto(f"{shop.url}/runs")
    expect(row(page, "B-0")).to_be_visible()
    press_until(page, "j", "^B-2")  # the newest is first
    press(page, "x")
    press_until(page, "j", "^B-1")
    press(page, "x")
    press(page, "F6")
    press_until(page, "Tab", "^Cancel 2…")
    press(page, "Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("B-1")
    expect_focus(page, "^Keep")  # what changes nothing has the focus
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    expect_focus(page, "^Cancel 2…")
    assert shop.ask("/api/v1/runs/counts")["by_status"].get("cancelled") is None
    press(page, "Enter")
    expect(dialog).to_contain_text("B-1")
    press_until(page, "Tab", "^Cancel 2 runs")
    press(page, "Enter")
    for key in ("B-1", "B-2"):
        expect(row(page, key).get_by_role("cell", name="Cancelled", exact=True)).to_be_visible()
    expect(row(page, "B-0").get_by_role("cell", name="Running", exact=True)).to_be_visible()
    assert shop.ask("/api/v1/runs/counts")["by_status"]["cancelled"] == 2
    expect_focus(page, "^B-1")  # the bar is gone; the list goes on where it was


def test_a_run_is_opened_from_the_list_and_watched_to_its_end(shop: Shop, page: Page) -> None:
    run_id = shop.order("W-2")
    page.goto(shop.url)
    expect(page.get_by_role("region", name="In motion").get_by_role("link", name=re.compile("^W-2"))).to_be_visible()
    press(page, "g", "r")
    expect(row(page, "W-2")).to_be_visible()
    press_until(page, "j", "^W-2")
    press(page, "Enter")
    expect(page).to_have_url(f"{shop.url}/runs/{run_id}")
    expect(page.get_by_role("treeitem", name=re.compile("^pack.* Running"))).to_be_visible()
    shop.open()
    expect(page.get_by_role("treeitem", name=re.compile("^ship.* Completed"))).to_be_visible()
    press_until(page, "Tab", "^Timeline")
    press(page, "ArrowRight")
    expect_focus(page, "^Trail")
    trail = page.get_by_role("grid", name="Trail")
    expect(trail.get_by_role("gridcell", name="segment.completed")).to_be_visible()
    press_until(page, "Tab", "^Trail$")
    press(page, "j", "t")  # the event before the last
    expect(page.get_by_text(re.compile(r"^Event 12 of 13")).first).to_be_visible()
    press(page, "l", "g", "r")  # to what is now, then back to the list: it stands where it stood
    expect(row(page, "W-2")).to_be_visible()


def test_to_anywhere(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.url}/runs")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    press_until(page, "Tab", "^Start a run|^Start")
    before = focus(page)
    goto = page.get_by_role("combobox", name="Go to anything")
    press(page, "Control+k")
    expect(goto).to_be_focused()
    page.keyboard.type("segm")
    expect(page.get_by_role("option", name=re.compile("^Segments"))).to_have_attribute("aria-selected", "true")
    press(page, "Escape")
    expect(goto).to_be_hidden()
    assert focus(page) == before
    press(page, "Control+k")
    expect(goto).to_be_focused()
    page.keyboard.type("segm")
    expect(page.get_by_role("option", name=re.compile("^Segments"))).to_have_attribute("aria-selected", "true")
    press(page, "Enter")
    expect(page).to_have_url(f"{shop.url}/segments")
    press_until(page, "j", "^Order")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Order")).to_be_visible()


def test_to_a_run_by_its_key(shop: Shop, page: Page) -> None:
    wanted = shop.order("GO-1")
    shop.order("GO-12")
    page.goto(shop.url)
    expect(page.get_by_role("region", name="In motion").get_by_role("link", name=re.compile("^GO-12"))).to_be_visible()
    press(page, "Control+k")
    expect(page.get_by_role("combobox", name="Go to anything")).to_be_focused()
    page.keyboard.type("GO-1")
    press(page, "Enter")  # at once: it goes where the answer leads
    expect(page).to_have_url(f"{shop.url}/runs/{wanted}")
    expect(page.get_by_role("treeitem", name=re.compile("^pack.* Running"))).to_be_visible()


def test_help(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.url}/segments")
    expect(page.get_by_role("link", name=re.compile("^Order"))).to_be_visible()
    press_until(page, "j", "^Order")
    press(page, "?")
    sheet = page.get_by_role("dialog", name="Keys of this page")
    expect(sheet).to_contain_text("Next row")
    press(page, "g", "h")  # a dialog keeps its keys
    expect(sheet).to_be_visible()
    press(page, "Escape")
    expect(sheet).to_be_hidden()
    expect(page).to_have_url(f"{shop.url}/segments")
    expect_focus(page, "^Order")


def test_a_menu(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.url}/runs/{shop.order('M-1')}")
    expect(page.get_by_role("button", name="More actions")).to_be_visible()
    press_until(page, "Tab", "^More actions")
    press(page, "Enter")
    expect(page.get_by_role("menu")).to_be_visible()
    expect_focus(page, "^Copy the run")
    press(page, "ArrowDown")
    expect_focus(page, "^Copy link")
    press(page, "Escape")
    expect(page.get_by_role("menu")).to_be_hidden()
    expect_focus(page, "^More actions")
