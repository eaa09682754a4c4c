"""Nothing that axe knows is wrong with any page in any of its states, light and dark, wide, middling and narrow.

A state is how the server answers (with what there is, with nothing, with an error, not at all) and what was opened then. What is
opened is opened again at each width: a dialog stands where that layout puts it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.browser.conftest import ZONE
from tests.browser.served import Served
from tests.browser.world.build import NOW

pytestmark = pytest.mark.slow
AXE = Path(__file__).resolve().parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LIVE = "exp-2041-0008"  # waits for a person, retries, has a map
PAUSED = "exp-2028-0005"
STOPPED = "exp-1987-0000"  # an incident
CANCELLED = "tr-2045-00ff"  # without a result
VIEW = "Late ones"  # a saved view of the empty project
BAD_ROWS = b"title,employee,amount\nTaxi,Ada,12\nTrain,Ben,x\n"

# name → scheme of colours, width
LOOKS: dict[str, tuple[Any, int]] = {
    "light": ("light", 1440),
    "dark": ("dark", 1440),
    "middling": ("light", 900),
    "narrow": ("light", 400),
}

Do = Callable[[Page], None]


def _open(name: str, role: Any = "dialog") -> Do:
    """Presses a button; something opens."""

    def do(page: Page) -> None:
        page.get_by_role("button", name=re.compile(name)).first.click()
        expect(page.get_by_role(role).first).to_be_visible()

    return do


def _key(keys: str, role: Any = "dialog") -> Do:
    """Presses a key; something opens."""

    def do(page: Page) -> None:
        page.keyboard.press(keys)
        expect(page.get_by_role(role).first).to_be_visible()

    return do


def _preview(key: str, action: str) -> Do:
    """Selects a run and asks what an action would do to it."""

    def do(page: Page) -> None:
        page.get_by_role("row", name=re.compile(f"^Select {key} ")).get_by_role("checkbox").check()
        _open(f"^{action} 1…")(page)
        expect(page.get_by_role("dialog").get_by_role("listitem")).to_be_visible()

    return do


def _deliver(page: Page) -> None:
    _open("^Resolve…")(page)
    page.get_by_role("dialog").get_by_role("radio", name=re.compile("^Deliver")).check()
    expect(page.get_by_role("dialog").get_by_role("textbox").nth(1)).to_be_visible()


def _nothing_found(page: Page) -> None:
    _key("Control+k")(page)
    expect(page.get_by_role("combobox", name="Go to anything")).to_be_focused()
    page.keyboard.type("no such thing")
    expect(page.get_by_role("dialog").get_by_text("no such thing")).to_be_visible()


def _of_view(item: str) -> Do:
    def do(page: Page) -> None:
        _open(f"^View {VIEW}", "menu")(page)
        page.get_by_role("menuitem", name=re.compile(f"^{item}")).click()
        expect(page.get_by_role("dialog")).to_be_visible()

    return do


def _order(page: Page) -> None:
    page.get_by_label("Order").first.click()
    expect(page.get_by_role("listbox")).to_be_visible()


def _filter(typed: str) -> Do:
    """Begins a filter; what fits is offered."""

    def do(page: Page) -> None:
        page.keyboard.press("/")
        page.keyboard.type(typed)
        expect(page.get_by_role("option").first).to_be_visible()

    return do


def _reject(page: Page) -> None:
    task = page.get_by_role("link", name="Approve €261 for Kwame Boateng")
    if not page.get_by_role("radio").first.is_visible():
        task.click()  # narrow: the list or the task
    expect(page.get_by_role("radio").first).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_role("radio", checked=True)).to_be_attached()


def _bad_rows(page: Page) -> None:
    page.locator("input[type=file]").set_input_files({"name": "reports.csv", "mimeType": "text/csv", "buffer": BAD_ROWS})
    expect(page.get_by_role("region", name="Rows that cannot be used")).to_be_visible()


# Page → its address, and what stands there once it is loaded.
PAGES: dict[str, tuple[str, str]] = {
    "home": ("/", "Needs repair"),
    "runs": ("/runs", "EXP-2041"),
    "run": (f"/runs/{LIVE}", "receipt_match"),
    "inbox": ("/inbox", "Approve €261 for Kwame Boateng"),
    "activity": ("/activity", "EXP-2041"),
    "segments": ("/segments", "Expense review"),
    "segment": ("/segments/expense_review", "Employee"),
    "start": ("/start?segment=expense_review", "Employee"),
}
# What was opened in, or chosen of, a loaded page: address, what stands there, what is done then.
OPENED: dict[str, tuple[str, str, Do | None]] = {
    "home, go to": (*PAGES["home"], _key("Control+k")),
    "home, go to finds nothing": (*PAGES["home"], _nothing_found),
    "home, keys": (*PAGES["home"], _key("?")),
    "home, settings": (*PAGES["home"], _open("settings$|^More$")),
    "runs, cancel": (*PAGES["runs"], _preview("EXP-2041", "Cancel")),
    "runs, pause": (*PAGES["runs"], _preview("EXP-2041", "Pause")),
    "runs, resume": (*PAGES["runs"], _preview("EXP-2028", "Resume")),
    "runs, save a view": ("/runs?status=paused", "EXP-2028", _open("^Save view")),
    "runs, order": (*PAGES["runs"], _order),
    "runs, filter": (*PAGES["runs"], _filter("sta")),
    "runs, keys": (*PAGES["runs"], _key("?")),
    "run, step": (f"/runs/{LIVE}?visit=fx_rates", "RATES_UNAVAILABLE", None),
    "run, trail": (f"/runs/{LIVE}?tab=trail", "Show the run at this event", None),
    "run, event": (f"/runs/{LIVE}?event=5", "Event 5 of", None),
    "run, outputs": (f"/runs/{LIVE}?tab=outputs", "Outputs", None),
    "run, graph": (f"/runs/{LIVE}?tab=graph", "receipt_match", None),
    "run, cancel": (*PAGES["run"], _open("^Cancel…")),
    "run, pause": (*PAGES["run"], _open("^Pause…")),
    "run, resume": (f"/runs/{PAUSED}", "EXP-2028", _open("^Resume…")),
    "run, repair": (f"/runs/{STOPPED}", "ATTEMPT_LOST", _open("^Resolve…")),
    "run, repair with values": (f"/runs/{STOPPED}", "ATTEMPT_LOST", _deliver),
    "run, more": (*PAGES["run"], _open("^More actions", "menu")),
    "run, export": (f"/runs/{LIVE}?tab=trail", "Show the run at this event", _open("^Export", "menu")),
    "run, keys": (*PAGES["run"], _key("?")),
    "inbox, a choice": (*PAGES["inbox"], _reject),
    "inbox, done": ("/inbox?view=done", "Rejected", None),
    "activity, filter": (*PAGES["activity"], _filter("are")),
    "segment, versions": ("/segments/expense_review?tab=versions", "No version is published", None),
    "segment, problems": ("/segments/expense_review?tab=problems", "Validation found nothing", None),
    "segment, definition": ("/segments/expense_review?tab=definition", "segment_id", None),
    "segment, publish": (*PAGES["segment"], _open("^Publish…")),
    "start, which": ("/start", "Expense review", None),
    "start, JSON": ("/start?segment=expense_review&by=json", "Business key", None),
    "start, bad rows": ("/start?segment=expense_review&by=file", "Choose a file", _bad_rows),
}
# What stands where there is nothing: in the empty project, or of what never got anything.
EMPTY: dict[str, tuple[str, str]] = {
    "home": ("/", "Nothing has run here yet."),
    "runs": ("/runs", "No run stands here yet."),
    "inbox": ("/inbox", "Nothing waits for a decision."),
    "inbox, mine": ("/inbox?view=mine", "Nothing waits for you by name."),
    "activity": ("/activity?area=run", "No event fits this filter"),
    "segments": ("/segments", "No segment is known here."),
    "start": ("/start", "No segment is known here."),
}
EMPTY_PARTS: dict[str, tuple[str, str]] = {
    "runs, none fits": ("/runs?error_code=NEVER_SEEN", "NEVER_SEEN"),
    "run": (f"/runs/{CANCELLED}?tab=outputs", "The run ended without a result."),
    "run, there is none": ("/runs/nowhere", "NOT_FOUND"),
    "segment": ("/segments/transfer?tab=about", "It has no parameters."),
    "segments, none fits": ("/segments?q=nothing", "No segment has “nothing” in its name."),
    "start": ("/start?segment=transfer&by=form", "The segment says nothing of its input"),
}
VIEWS: dict[str, Do] = {
    "runs, view": _open(f"^View {VIEW}", "menu"),
    "runs, edit a view": _of_view("Rename"),
    "runs, delete a view": _of_view("Delete"),
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, chromium: object) -> Iterator[Served]:
    """A project in which nothing is but a saved view."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "worktrail.toml").write_text('[project]\nname = "empty"\n', encoding="utf-8")
    (folder / "segments").mkdir()
    served = Served(folder, "--no-worker")
    view = json.dumps({"page": "runs", "name": VIEW, "shared": False, "query": "status=failed"}).encode()
    try:
        served.start()
        urlopen(Request(f"{served.url}/api/v1/views", view, {"content-type": "application/json"})).close()
        yield served
    finally:
        served.stop()


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory, chromium: object) -> Iterator[Served]:
    """A project that asks who comes in."""
    folder = tmp_path_factory.mktemp("locked")
    (folder / "worktrail.toml").write_text('[project]\nname = "locked"\n', encoding="utf-8")
    served = Served(folder, "--no-worker", "--auth", "keys")
    try:
        served.start()
        yield served
    finally:
        served.stop()


@pytest.fixture(scope="module")
def glass(chromium: Browser) -> Iterator[BrowserContext]:
    """One window for all: what the pages are made of is read from the disk once."""
    context = chromium.new_context(timezone_id=ZONE, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(glass: BrowserContext) -> Iterator[Page]:
    made = glass.new_page()
    made.clock.set_fixed_time(NOW)
    yield made
    made.unroute_all(behavior="ignoreErrors")
    made.close()


def findings(page: Page) -> list[str]:
    """What axe finds, one line a place. Below an open dialog the page is hidden from all; it is looked at without one."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        """tags => axe.run(document.querySelector("[aria-modal=true]") ?? document, {
          runOnly: tags, resultTypes: ["violations"], rules: {"label-content-name-mismatch": {enabled: false}},
        })""",
        RULES,
    )
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found["violations"] for node in each["nodes"]]


def look_at(page: Page, url: str, stands: Callable[[Page], Locator], do: Do | None = None) -> list[str]:
    """What axe finds in each look once something stands there and, where `do` is given, was opened."""
    found: list[str] = []
    width = 0
    for look, (scheme, wide) in LOOKS.items():
        page.emulate_media(color_scheme=scheme)
        if wide != width:
            page.set_viewport_size({"width": wide, "height": 900})
            if do is not None or width == 0:
                page.goto(url)
            expect(stands(page).first).to_be_attached()
            if do is not None:
                do(page)
        width = wide
        found += [f"{look}: {line}" for line in findings(page)]
    return found


def text(said: str) -> Callable[[Page], Locator]:
    """What stands there is a text."""
    return lambda page: page.get_by_text(said)


def is_data(route: Route) -> bool:
    """Whether a page asks for what it shows; who one is, and the stream, are answered always."""
    return re.search(r"/api/v1/(me|stream|presence)\b", route.request.url) is None


def breaks(route: Route) -> None:
    """The server answers that it is broken."""
    if not is_data(route):
        return route.continue_()
    said = {"code": "STORE_UNAVAILABLE", "message": "The store does not answer.", "hint": "Look at the disk, then try again."}
    return route.fulfill(status=500, content_type="application/json", body=json.dumps(said))


def holds_back(route: Route) -> None:
    """The server never answers."""
    if not is_data(route):
        route.continue_()


# After an error of the server a page waits for seconds before it asks again, three times; here it asks at once.
IMPATIENT = """() => {
  const wait = window.setTimeout;
  window.setTimeout = (run, ms, ...rest) => wait(run, ms >= 1000 && ms <= 4000 ? 1 : ms, ...rest);
}"""


@pytest.mark.parametrize("name", PAGES)
def test_loaded(world: Served, page: Page, name: str) -> None:
    path, said = PAGES[name]
    assert look_at(page, f"{world.url}{path}", text(said)) == []


@pytest.mark.parametrize("name", OPENED)
def test_opened(world: Served, page: Page, name: str) -> None:
    path, said, do = OPENED[name]
    assert look_at(page, f"{world.url}{path}", text(said), do) == []


@pytest.mark.parametrize("name", VIEWS)
def test_opened_of_a_saved_view(empty: Served, page: Page, name: str) -> None:
    assert look_at(page, f"{empty.url}/runs?status=failed", text(VIEW), VIEWS[name]) == []


@pytest.mark.parametrize("name", EMPTY)
def test_empty(empty: Served, page: Page, name: str) -> None:
    path, said = EMPTY[name]
    assert look_at(page, f"{empty.url}{path}", text(said)) == []


@pytest.mark.parametrize("name", EMPTY_PARTS)
def test_empty_in_part(world: Served, page: Page, name: str) -> None:
    path, said = EMPTY_PARTS[name]
    assert look_at(page, f"{world.url}{path}", text(said)) == []


@pytest.mark.parametrize("name", PAGES)
def test_broken(world: Served, page: Page, name: str) -> None:
    page.add_init_script(f"({IMPATIENT})()")
    page.route("**/api/v1/**", breaks)
    assert look_at(page, f"{world.url}{PAGES[name][0]}", text("STORE_UNAVAILABLE")) == []


@pytest.mark.parametrize("name", PAGES)
def test_loading(world: Served, page: Page, name: str) -> None:
    page.route("**/api/v1/**", holds_back)
    bones = look_at(page, f"{world.url}{PAGES[name][0]}", lambda shown: shown.locator("[aria-busy=true] > [aria-hidden=true]"))
    assert bones == []


def _with(key: str) -> Do:
    def typed(page: Page) -> None:
        page.get_by_label("API key").fill(key)
        page.get_by_role("button").click()
        expect(page.get_by_text("UNAUTHENTICATED" if key else "Paste a key first.").first).to_be_attached()

    return typed


@pytest.mark.parametrize("do", [None, _with(""), _with("wtk_no_such_key")], ids=["it", "with nothing", "with a wrong key"])
def test_the_door(locked: Served, page: Page, do: Do | None) -> None:
    assert look_at(page, locked.url, lambda shown: shown.get_by_label("API key"), do) == []


def test_every_page_is_looked_at_in_every_state() -> None:
    empty = {name.partition(",")[0] for name in (*EMPTY, *EMPTY_PARTS)}
    assert empty == set(PAGES)
    assert {name.partition(",")[0] for name in OPENED} <= set(PAGES)


def test_axe_sees_what_is_wrong(world: Served, page: Page) -> None:
    page.goto(f"{world.url}/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<button></button>')")
    assert any(line.startswith("button-name") for line in findings(page))
