"""Pictures of pages, held against committed ones.

Rule: a picture is compared pixel by pixel; a pixel counts as changed where a channel differs by more than `CHANNEL`, and a
picture as changed where more than `SHARE` of its pixels do. `WORKTRAIL_PICTURES=write` writes them anew: look at each before
you commit it. Where one differs, the new one and the difference lie beside the test's other files.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Page

FOLDER = Path(__file__).parent / "baselines"
CHANNEL = 24
SHARE = 0.004  # of the pixels; text is drawn a little differently by other versions of the browser


def compare(page: Page, name: str, tmp_path: Path) -> None:
    """The page as it stands now equals the committed picture `name`; AssertionError says where to look."""
    taken = page.screenshot(animations="disabled", caret="hide", scale="css")
    path = FOLDER / f"{name}.png"
    if os.environ.get("WORKTRAIL_PICTURES") == "write":
        FOLDER.mkdir(exist_ok=True)
        Image.open(io.BytesIO(taken)).convert("RGB").quantize(255, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)
        return
    assert path.exists(), f"there is no picture {path.name} yet: look at the page, then write it with WORKTRAIL_PICTURES=write"
    new, old = Image.open(io.BytesIO(taken)).convert("RGB"), Image.open(path).convert("RGB")
    assert new.size == old.size, f"{path.name} is {old.size[0]} × {old.size[1]}, the page {new.size[0]} × {new.size[1]}"
    share, changed = difference(old, new)
    if share > SHARE:
        new.save(tmp_path / f"{name}.new.png")
        changed.save(tmp_path / f"{name}.changed.png")
        raise AssertionError(f"{share:.1%} of {path.name} changed; look at {tmp_path / name}.changed.png")


def difference(old: Image.Image, new: Image.Image) -> tuple[float, Image.Image]:
    """The share of pixels that differ, and where: white on black."""
    channels = ImageChops.difference(old, new).split()
    strongest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    changed = strongest.point([255 if value > CHANNEL else 0 for value in range(256)])
    return changed.histogram()[255] / (old.width * old.height), changed
