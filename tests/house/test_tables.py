"""Generated tables: what the documents list is drawn from the code, and equal to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT, write_tree
from tools.docs_tables import TABLES, outdated, rewritten
from worktrail.errors import CODES

if TYPE_CHECKING:
    from pathlib import Path


def test_every_generated_table_is_up_to_date() -> None:
    assert outdated(ROOT, write=False) == [], "run `make docs`"


def test_the_documented_error_codes_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([A-Z0-9_]+)` \|", text, re.MULTILINE) == list(CODES)


def test_every_error_code_says_what_it_means_and_what_to_do() -> None:
    assert [code for code, info in CODES.items() if not (info.meaning.endswith(".") and info.action.endswith("."))] == []
    assert [code for code in CODES if not re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", code)] == []


def test_it_refuses_a_table_that_differs(tmp_path: Path) -> None:
    stale = "a\n<!-- generated: error-codes -->\n| old |\n<!-- end: error-codes -->\nb\n"
    root = write_tree(tmp_path, {"docs/a/errors.md": stale, "README.md": "none\n"})
    assert outdated(root, write=False) == ["docs/a/errors.md"]
    assert outdated(root, write=True) == ["docs/a/errors.md"]
    assert outdated(root, write=False) == []
    text = (root / "docs/a/errors.md").read_text(encoding="utf-8")
    assert text == f"a\n<!-- generated: error-codes -->\n{TABLES['error-codes']()}\n<!-- end: error-codes -->\nb\n"


@pytest.mark.parametrize("text", ["<!-- generated: nothing -->\n<!-- end: nothing -->\n", "<!-- generated: error-codes -->\n"])
def test_it_refuses_an_unknown_or_open_region(text: str) -> None:
    with pytest.raises(ValueError, match="generated"):
        rewritten(text)
