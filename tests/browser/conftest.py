"""One Chromium for all browser tests; a context of its own, and a server of its own where asked, for each."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.served import Served
from tests.browser.shopping import Shop
from tests.browser.world.build import NOW
from tools.chromium import HINT, find

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src" / "worktrail" / "web" / "static" / "index.html"
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--disable-lcd-text",
)
ZONE = "Europe/Berlin"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; skipped where there is none, or nothing built to show."""
    path = find()
    if path is None:
        pytest.skip(f"no Chromium here. {HINT}")
    if not STATIC.exists():
        pytest.skip("the web application is not built here: `make ui` builds it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes windows: contexts of their own, with cookies and storage of their own."""
    opened: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        settings: dict[str, Any] = {
            "timezone_id": ZONE,
            "locale": "en-GB",
            "viewport": {"width": 1440, "height": 900},
            "reduced_motion": "reduce",
        }
        context = chromium.new_context(**(settings | options))
        context.set_default_timeout(20_000)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page(window: Callable[..., BrowserContext]) -> Page:
    """One page in a window of its own."""
    return window().new_page()


@pytest.fixture
def shop(tmp_path: Path, chromium: object) -> Iterator[Shop]:
    """A shop of the test's own."""
    made = Shop(tmp_path / "shop")
    yield made
    made.served.stop()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server without a worker over the world of the pictures: nothing in it moves."""
    folder = tmp_path_factory.mktemp("world")
    # A process of its own: Playwright's loop runs in this one.
    subprocess.run([sys.executable, "-m", "tests.browser.world.build", str(folder)], cwd=ROOT, check=True, capture_output=True)
    served = Served(folder, "--no-worker")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def still(window: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Makes pages whose clock stands at the world's `NOW`."""

    def make(**options: Any) -> Page:
        made = window(**options).new_page()
        made.clock.set_fixed_time(NOW)
        return made

    return make
