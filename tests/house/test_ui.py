"""The web application's sources and its build: colours in one file, nothing from outside, a page the content policy accepts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT, files_under, write_tree
from tools.ui import BUILT, FIRST_PAGE_KIB, closure, digest_of, first_page

if TYPE_CHECKING:
    from pathlib import Path

UI = ROOT / "ui"
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")
OUTSIDE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+\.[a-z]", re.IGNORECASE)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)
THE_COLOURS = "theme/tokens.css"


def style_problems(source: Path) -> list[str]:
    """Colours outside of the tokens, and addresses of other hosts in styles."""
    found = []
    for path in files_under(source, ".css"):
        name = path.relative_to(source).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if name != THE_COLOURS and (hit := COLOUR.search(line)):
                found.append(f"{name}:{number}: colour {hit[0]} outside of {THE_COLOURS}")
            if hit := OUTSIDE.search(line):
                found.append(f"{name}:{number}: {hit[0]} is outside")
    return found


def page_problems(text: str) -> list[str]:
    """What `default-src 'self'` would refuse in a page."""
    return [f"refused by the content policy: {hit[0].strip()}" for rule in (INLINE, OUTSIDE) for hit in rule.finditer(text)]


def test_the_styles_take_their_colours_from_the_tokens() -> None:
    assert style_problems(UI / "src") == []


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("a.css", "p { color: #fff; }\n", 1),
        ("a.css", "@import url(https://fonts.example/x.css);\n", 1),
        (THE_COLOURS, ":root { --ink: #0d1615; }\n", 0),
        ("a.css", "p { color: var(--ink-1); }\n", 0),
    ],
)
def test_styles_it_refuses(name: str, text: str, count: int, tmp_path: Path) -> None:
    assert len(style_problems(write_tree(tmp_path, {name: text}))) == count


def test_the_page_is_accepted_by_the_content_policy() -> None:
    assert page_problems((UI / "index.html").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text", ["<script>x()</script>", "<p onclick='x()'>", "<a href='javascript:x()'>", "<img src='https://a.b/c'>"]
)
def test_pages_it_refuses(text: str) -> None:
    assert len(page_problems(text)) == 1


@pytest.mark.skipif(not (BUILT / ".sources").exists(), reason="`make ui` has not built it here")
def test_the_built_page_is_small_and_accepted() -> None:
    assert page_problems((BUILT / "index.html").read_text(encoding="utf-8")) == []
    assert sum(first_page(BUILT).values()) <= FIRST_PAGE_KIB


def test_the_first_page_counts_what_is_imported_but_not_what_is_loaded_later() -> None:
    manifest = {
        "index.html": {"file": "i.js", "css": ["i.css"], "imports": ["_shared.js"], "dynamicImports": ["late.tsx"]},
        "_shared.js": {"file": "s.js", "imports": ["index.html"]},
        "late.tsx": {"file": "l.js"},
    }
    assert closure(manifest, ["index.html"]) == {"i.js", "i.css", "s.js"}


def test_only_sources_change_the_digest(tmp_path: Path) -> None:
    write_tree(tmp_path, {"src/a.ts": "1", "src/a.test.ts": "1", "node_modules/b.js": "1"})
    build, check = digest_of(tmp_path, tests=False), digest_of(tmp_path, tests=True)
    write_tree(tmp_path, {"node_modules/b.js": "2"})
    assert (digest_of(tmp_path, tests=False), digest_of(tmp_path, tests=True)) == (build, check)
    write_tree(tmp_path, {"src/a.test.ts": "2"})
    assert digest_of(tmp_path, tests=False) == build
    assert digest_of(tmp_path, tests=True) != check
    write_tree(tmp_path, {"src/a.ts": "2"})
    assert digest_of(tmp_path, tests=False) != build


def test_what_the_build_needs_is_installed_without_the_tools_of_the_checks() -> None:
    package = json.loads((UI / "package.json").read_text(encoding="utf-8"))
    assert {"vite", "@vitejs/plugin-react", "react"} <= package["dependencies"].keys()
    assert {"vitest", "eslint", "typescript"} <= package["devDependencies"].keys()
