"""The newcomer's pages: pictures equal what the engine does, every rule has one, and what is drawn by hand names what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.golden.reader import CASES
from tests.house.tree import PACKAGE, ROOT
from tools.drawing import EDGES, STATES, Drawing, Line, Node, svg
from tools.rule_pictures import FOLDER, PICTURES, outdated, pictures
from worktrail.engine import TABLES, Status

DOCS = ROOT / "docs"
RULES = (DOCS / "rules.md").read_text(encoding="utf-8")
ENGINE = (DOCS / "engine.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def sections(text: str) -> dict[str, str]:
    """First word of a heading of the second level → the section's text."""
    found = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        found[part.split()[0]] = part
    return found


def test_every_picture_shows_what_the_engine_does() -> None:
    assert outdated(FOLDER, write=False) == [], "run `make docs`"


@pytest.mark.slow
def test_a_picture_that_differs_is_found_and_put_right(tmp_path: Path) -> None:
    assert sorted(outdated(tmp_path, write=True)) == sorted(pictures())
    (tmp_path / "r01-late.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "r99-nobody.svg").write_text("<svg/>", encoding="utf-8")
    assert outdated(tmp_path, write=False) == ["r01-late.svg", "r99-nobody.svg"]
    outdated(tmp_path, write=True)
    assert outdated(tmp_path, write=False) == []


@pytest.mark.parametrize("number", range(1, 14))
def test_every_rule_has_its_section_its_pictures_and_its_cases(number: int) -> None:
    section = sections(RULES)[f"R{number}"]
    shown = re.findall(r"!\[[^\]]{20,}\]\(pictures/([a-z0-9-]+)\.svg\)", section)
    assert shown, "a picture, with words for those who cannot see it"
    assert all(name.startswith(f"r{number:02}-") and name in PICTURES for name in shown)
    assert re.search(rf"\(\.\./tests/golden/cases/r{number:02}_[a-z_]+\)", section)


def test_every_picture_stands_on_the_page_once() -> None:
    assert sorted(re.findall(r"\(pictures/([a-z0-9-]+)\.svg\)", RULES)) == sorted(PICTURES)


def test_every_group_of_cases_is_linked() -> None:
    linked = set(re.findall(r"\(\.\./tests/golden/cases/([a-z0-9_]+)\)", RULES))
    assert linked == {path.name for path in CASES.iterdir() if path.is_dir()}


def test_states_and_ends_are_told_apart_without_colour() -> None:
    told = [(mark, border, band) for mark, border, band, _ in STATES.values()]
    assert len(set(told)) == len(STATES)
    assert len({(line, head, word) for line, head, word in EDGES.values()}) == len(EDGES)
    drawing = Drawing("all", [Node(state, "", "", state, "") for state in STATES], [Line(0, 1, "", "D")], [], {})
    assert all(f">{state}<" in svg(drawing) for state in STATES)
    assert all(state in RULES for state in STATES if state != "waiting")


def test_the_engine_page_shows_every_table_and_every_status() -> None:
    for table in TABLES:
        assert f"<!-- generated: rules-{table.name.replace('_', '-')} -->" in ENGINE
        assert all(f"`{row.name}`" in ENGINE for row in table.rows)
    life = re.findall(r"^```text\n(.*?)^```", ENGINE, re.MULTILINE | re.DOTALL)[0]
    statuses = [word for name, word in vars(Status).items() if name.isupper()]
    assert [word for word in statuses if not re.search(rf"\b{word}\b", life)] == []


def test_the_architecture_has_one_paragraph_a_room_with_its_never_and_stays_short() -> None:
    assert len(ARCHITECTURE.splitlines()) <= 200
    rooms = sections(ARCHITECTURE)["Rooms"]
    paragraphs = [part for part in rooms.split("\n\n") if part.startswith("**")]
    named = {name for part in paragraphs for name in re.findall(r"\*\*([a-z]+)\*\*", part)}
    there = {
        path.stem if path.suffix else path.name
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert named == {name for name in there if not name.startswith("_")}
    assert all(re.search(r"\bnever\b", part, re.IGNORECASE) for part in paragraphs)


def test_paths_in_the_architecture_exist() -> None:
    for path in re.findall(r"\[((?:app|driver|engine|contract|store)/[a-z_/.]+)", ARCHITECTURE):
        place = PACKAGE / path.replace("driver/", "runtime/driver/", 1)
        assert place.exists(), path


def test_figures_in_the_readme_are_those_of_the_page_they_are_from() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    measured = (DOCS / "performance.md").read_text(encoding="utf-8")
    section = readme[readme.index("## How it compares") :].split("\n## ")[0]
    rows = re.findall(r"^\| ([A-Z][A-Za-z]+)[^|]* \| ([0-9,]+) \| ([0-9,]+) \|$", section, re.MULTILINE)
    assert len(rows) == 3
    for name, alone, busy in rows:
        assert re.findall(rf"^\| {name}[^|]* \| ([0-9,]+) \(", measured, re.MULTILINE) == [alone, busy]
