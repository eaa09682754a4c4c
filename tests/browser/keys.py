"""A person with a keyboard and no pointer: what a press reaches, and whether the place that has the focus can be seen.

Rule: the tests by keys only press and type. Nothing is focused by a script, clicked or filled, so that a control out of reach,
a focus that is lost, or one that cannot be seen fails them.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

PRESSES = 60  # after which a place that keys reach was reached

# What has the focus once a press was drawn: its names as a person hears or reads them (none: nothing has it), and whether
# that can be seen. A grid with one focus shows it on its active row, a field inside of a frame on the frame.
FOCUS = """async () => {
  const drawn = () => new Promise((done) => requestAnimationFrame(done));
  for (let frame = 0; frame < 3; frame += 1) await drawn();
  const here = document.activeElement;
  if (here === null || here === document.body) return {names: [], shown: false};
  const ringed = (place, part) => {
    const look = getComputedStyle(place, part);
    return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0;
  };
  const row = document.getElementById(here.getAttribute("aria-activedescendant") ?? "");
  const places = [here, here.parentElement, here.closest("label"), row].filter(Boolean);
  return {
    names: [here.ariaLabel ?? "", here.labels?.[0]?.innerText ?? "", here.innerText ?? ""],
    shown: places.some((place) => ringed(place)) || ringed(here, "::after"),
  };
}"""
# Beginning of a name → the same, as a condition that can be waited for.
HAS_FOCUS = """(name) => {
  const here = document.activeElement;
  if (here === null || here === document.body) return false;
  return [here.ariaLabel, here.labels?.[0]?.innerText, here.innerText].some((text) => new RegExp(name).test(text ?? ""));
}"""


def focus(page: Page) -> dict[str, Any]:
    """`names` and `shown` of what has the focus."""
    here: dict[str, Any] = page.evaluate(FOCUS)
    return here


def press(page: Page, *keys: str) -> None:
    """One after the other."""
    for key in keys:
        page.keyboard.press(key)


def press_until(page: Page, key: str, name: str) -> None:
    """Presses a key until what has the focus has this accessible name (or text); it has to show that it has it."""
    seen = []
    for _ in range(PRESSES):
        here = focus(page)
        if any(re.search(name, text) for text in here["names"]):
            assert here["shown"], f"nothing shows that {name!r} has the focus"
            return
        seen.append(next((text for text in here["names"] if text), "nothing")[:40])
        page.keyboard.press(key)
    raise AssertionError(f"{PRESSES} presses of {key} did not reach {name!r} but {seen}")


def expect_focus(page: Page, name: str) -> None:
    """Waits until what has the focus has this name, without a press: it was brought there, or back."""
    try:
        page.wait_for_function(HAS_FOCUS, arg=name, timeout=5_000)
    except PlaywrightTimeout:
        raise AssertionError(f"{name!r} does not have the focus but {focus(page)['names']}") from None
