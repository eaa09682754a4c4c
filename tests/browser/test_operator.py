"""The operator's day in a real browser: see, find out why, repair, and lose nothing when the server dies.

The pages are never reloaded here: what changes comes over their stream.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.served import PATIENCE_S
from tests.browser.shopping import Shop, row

pytestmark = pytest.mark.slow
PATIENCE_MS = PATIENCE_S * 1000 / 2
expect.set_options(timeout=PATIENCE_MS)


def seqs_shown(page: Page) -> list[int]:
    """The numbers in the trail tab, as they stand."""
    cells = page.get_by_role("grid", name="Trail").get_by_role("row").locator("[role=gridcell]:first-child").all_inner_texts()
    return sorted(int(text) for text in cells)


def test_a_run_is_watched_to_its_end(shop: Shop, page: Page) -> None:
    run_id = shop.order("W-1")
    page.goto(f"{shop.url}/runs/{run_id}")
    pack = page.get_by_role("treeitem", name=re.compile("^pack.* Running"))
    expect(pack).to_be_visible()
    shop.open()
    expect(page.get_by_role("treeitem", name=re.compile("^ship.* Completed"))).to_be_visible()
    expect(page.get_by_role("img", name="5 of 5 visits done").first).to_be_visible()


def test_from_home_to_the_reason_and_its_repair_in_three_clicks(shop: Shop, page: Page) -> None:
    shop.open()
    shop.order("R-1", "nowhere")
    page.goto(shop.url)
    page.get_by_role("region", name="Needs repair").get_by_role("link", name=re.compile("^ship")).click()  # 1
    inspector = page.get_by_role("complementary", name="Inspector")
    expect(inspector.get_by_text("the carrier knows no such address")).to_be_visible()
    expect(inspector.get_by_role("heading", name="Error ADDRESS_UNKNOWN")).to_be_visible()
    shop.repair()
    inspector.get_by_role("button", name="Resolve…").click()  # 2
    dialog = page.get_by_role("dialog", name="How does ship go on?")
    expect(dialog.get_by_role("button", name="Resolve")).to_be_disabled()  # nothing is chosen for anybody
    dialog.get_by_text("Retry", exact=True).click()
    dialog.get_by_role("button", name="Retry the visit").click()
    expect(page.get_by_role("treeitem", name=re.compile("^ship.* Completed"))).to_be_visible()


def test_many_are_cancelled_after_a_preview(shop: Shop, page: Page) -> None:
    for number in range(3):
        shop.order(f"B-{number}")
    shop.order("BIG-1", "Big", 30)
    page.goto(f"{shop.url}/runs")
    for key in ("B-0", "B-1", "BIG-1"):
        row(page, key).get_by_role("checkbox").check()
    bar = page.get_by_role("region", name="What to do with the selected runs")
    bar.get_by_role("button", name="Cancel 3…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("B-0")
    assert shop.ask("/api/v1/runs/counts")["by_status"].get("cancelled") is None  # looking changes nothing
    dialog.get_by_role("button", name=re.compile(r"^Cancel 3")).click()
    for key in ("B-0", "B-1", "BIG-1"):
        expect(row(page, key).get_by_role("cell", name="Cancelled", exact=True)).to_be_visible()
    expect(row(page, "B-2").get_by_role("cell", name="Running", exact=True)).to_be_visible()
    assert shop.ask("/api/v1/runs/counts")["by_status"]["cancelled"] == 3


def test_the_server_is_killed_under_open_pages(shop: Shop, window: Callable[..., BrowserContext]) -> None:
    run_id = shop.order("K-1")
    trail, runs = window().new_page(), window().new_page()
    trail.goto(f"{shop.url}/runs/{run_id}?tab=trail")
    runs.goto(f"{shop.url}/runs")
    expect(trail.get_by_role("gridcell", name="step.started").first).to_be_visible()
    expect(row(runs, "K-1")).to_be_visible()
    trail.evaluate("window.notReloaded = true")
    shop.served.kill()
    expect(trail.get_by_text(re.compile("Reconnecting|connection", re.IGNORECASE)).first).to_be_visible()
    shop.served.start()
    shop.open()
    expect(trail.get_by_role("gridcell", name="segment.completed")).to_be_visible()
    expect(row(runs, "K-1").get_by_role("cell", name="Completed", exact=True)).to_be_visible()
    assert trail.evaluate("window.notReloaded") is True
    assert seqs_shown(trail) == shop.seqs(run_id)
    assert shop.seqs(run_id)[0] == 1


def test_a_run_is_started_from_a_form(shop: Shop, page: Page) -> None:
    shop.open()
    page.goto(f"{shop.url}/start?segment=order")
    page.get_by_role("textbox", name="Customer").fill("Ada")
    page.get_by_role("textbox", name="Quantity").fill("4")
    page.get_by_role("textbox", name="Business key").fill("F-1")
    page.get_by_role("button", name="Start Order").dblclick()  # a double click starts one
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f]{24}"))
    expect(page.get_by_role("treeitem", name=re.compile("^ship.* Completed"))).to_be_visible()
    (run,) = shop.ask("/api/v1/runs?business_key=F-1")["runs"]
    assert shop.ask(f"/api/v1/runs/{run['run_id']}")["input"] == {"customer": "Ada", "quantity": 4}


def test_runs_are_started_from_a_file_and_a_bad_row_stops_none(shop: Shop, page: Page) -> None:
    shop.open()
    page.goto(f"{shop.url}/start?segment=order&how=file")
    page.get_by_role("tab", name="File of rows").click()
    rows = b"customer,quantity\nAnn,2\nBen,x\nCid,4\n"
    page.locator("input[type=file]").set_input_files(files=[{"name": "orders.csv", "mimeType": "text/csv", "buffer": rows}])
    bad = page.get_by_role("region", name="Rows that cannot be used")
    expect(bad.get_by_role("row", name=re.compile("is no integer.*ROW_CELL"))).to_be_visible()
    assert shop.ask("/api/v1/runs/counts")["total"] == 0  # looking starts nothing
    page.get_by_role("button", name="Start 2 runs").click()
    expect(page).to_have_url(re.compile("/batches/"))
    expect(page.get_by_text(re.compile(r"2 completed|completed.{0,3}2", re.IGNORECASE)).first).to_be_visible()
    page.reload()
    expect(page.get_by_text("ROW_CELL").first).to_be_visible()
    assert shop.ask("/api/v1/runs/counts")["by_status"] == {"completed": 2}
