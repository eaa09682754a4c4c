"""`worktrail new`: what it writes runs at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.projects import batch
from worktrail.app import check_segments, load_project, new_project, wire
from worktrail.errors import CallerError


def test_a_new_project_is_valid_and_runs(tmp_path: Path) -> None:
    place = tmp_path / "corner-shop"
    written = new_project(place)
    assert sorted(path.relative_to(place).as_posix() for path in written) == [
        ".gitignore",
        "README.md",
        "conftest.py",
        "corner_shop_steps.py",
        "data/orders.csv",
        "segments/orders.yaml",
        "tests/test_orders.py",
        "worktrail.toml",
    ]
    with wire(load_project(place)) as made:
        checked = check_segments(made, [])
        assert checked["ok"]
        assert checked["segments"][0]["problems"] == []
        report = batch(made, "orders", place / "data/orders.csv")
        assert (report.rows, report.statuses["completed"], report.waiting, report.skipped) == (4, 3, 1, 0)


@pytest.mark.slow
def test_its_own_tests_pass(tmp_path: Path) -> None:
    place = tmp_path / "shop"
    new_project(place)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


@pytest.mark.parametrize("name", ["1shop", "my shop", "läden", ".hidden", "x" * 65])
def test_a_name_that_cannot_be(name: str, tmp_path: Path) -> None:
    with pytest.raises(CallerError) as caught:
        new_project(tmp_path / name)
    assert caught.value.code == "PROJECT_NAME"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    place = tmp_path / "shop"
    place.mkdir()
    (place / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(CallerError) as caught:
        new_project(place)
    assert caught.value.code == "PROJECT_EXISTS"
    assert [path.name for path in place.iterdir()] == ["mine.txt"]
