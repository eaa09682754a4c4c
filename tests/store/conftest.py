"""One suite, both stores: ``store`` is a handle, ``other`` a second one on the same data (in memory: the same handle)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from worktrail.store import MemoryStore, SqliteStore, Store


@pytest.fixture(params=["memory", "sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(kind: str, tmp_path: Path) -> Iterator[Store]:
    made: Store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "trail.db")
    yield made
    made.close()


@pytest.fixture
def other(kind: str, store: Store, tmp_path: Path) -> Iterator[Store]:
    if kind == "memory":
        yield store
        return
    made = SqliteStore(tmp_path / "trail.db")
    yield made
    made.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "trail.db")
    yield made
    made.close()
