"""Nothing that axe knows is wrong with any page in any of its states, light and dark, wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.served import Served

pytestmark = pytest.mark.slow
AXE = Path(__file__).resolve().parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LIVE = "exp-2041-0008"  # waits for a person, retries, has a map
STOPPED = "exp-1987-0000"  # an incident


def _nothing(page: Page) -> None:
    """The page as it came."""


def _select_and_cancel(page: Page) -> None:
    page.get_by_role("row", name=re.compile("^Select EXP-2041 ")).get_by_role("checkbox").check()
    page.get_by_role("button", name="Cancel 1…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _resolve(page: Page) -> None:
    page.get_by_role("button", name="Resolve…").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def _go_to(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()


# name → path, what stands there once it is loaded, what is done then
STATES: dict[str, tuple[str, str, Callable[[Page], None]]] = {
    "home": ("/", "Needs repair", _nothing),
    "home with go to": ("/", "Needs repair", _go_to),
    "home with keys": ("/", "Needs repair", _keys),
    "runs": ("/runs", "EXP-2041", _nothing),
    "runs, none fits": ("/runs?error_code=NEVER_SEEN", "NEVER_SEEN", _nothing),
    "runs with a preview": ("/runs", "EXP-2041", _select_and_cancel),
    "run": (f"/runs/{LIVE}", "receipt_match", _nothing),
    "run with a step": (f"/runs/{LIVE}?visit=fx_rates", "RATES_UNAVAILABLE", _nothing),
    "run, trail": (f"/runs/{LIVE}?tab=trail", "step.retrying", _nothing),
    "run, outputs": (f"/runs/{LIVE}?tab=outputs", "Outputs", _nothing),
    "run with a repair": (f"/runs/{STOPPED}", "ATTEMPT_LOST", _resolve),
    "run that is not there": ("/runs/nowhere", "NOT_FOUND", _nothing),
    "activity": ("/activity", "EXP-2041", _nothing),
}


def findings(page: Page) -> list[str]:
    """What axe finds, one line a place."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, rules: {'label-content-name-mismatch': {enabled: false}}})", RULES
    )
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.parametrize("look", ["light", "dark", "narrow"])
@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing(world: Served, still: Callable[..., Page], name: str, look: str) -> None:
    path, text, do = STATES[name]
    options: dict[str, Any] = {"color_scheme": "dark" if look == "dark" else "light"}
    if look == "narrow":
        options["viewport"] = {"width": 400, "height": 900}
    page = still(**options)
    page.goto(f"{world.url}{path}")
    expect(page.get_by_text(text).first).to_be_attached()
    if look != "narrow" or do in (_nothing, _keys, _go_to):
        do(page)
    assert findings(page) == []


def test_axe_sees_what_is_wrong(world: Served, still: Callable[..., Page]) -> None:
    page = still()
    page.goto(f"{world.url}/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<button></button>')")
    assert any(line.startswith("button-name") for line in findings(page))
