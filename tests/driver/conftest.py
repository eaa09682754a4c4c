"""Every test of a driver runs on the store in memory and on SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.driver.build import Bench


@pytest.fixture(params=["memory", "sqlite"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(request.param, tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Bench:
    """SQLite alone, for what needs two handles."""
    return Bench("sqlite", tmp_path)
