"""The comparison of pictures can fail."""

from __future__ import annotations

from PIL import Image, ImageDraw

from tests.browser.pictures import SHARE, difference


def test_a_word_that_moved_is_seen() -> None:
    old = Image.new("RGB", (400, 300), "#f9fbfa")
    new = old.copy()
    ImageDraw.Draw(old).rectangle((20, 20, 120, 30), fill="#0d1615")
    ImageDraw.Draw(new).rectangle((20, 60, 120, 70), fill="#0d1615")
    assert difference(old, new)[0] > SHARE


def test_a_shade_is_not() -> None:
    old, new = Image.new("RGB", (400, 300), (249, 251, 250)), Image.new("RGB", (400, 300), (246, 249, 252))
    assert difference(old, new)[0] == 0
