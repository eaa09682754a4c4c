"""A sample project for every test of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.projects import sample, write
from tests.cli.command import Commands


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands in a project with the sample segments and three small files of rows."""
    files = {"one.json": '{"n": 4}', "rows.csv": "n,key\n1,a\nx,b\n3,c\n", "good.jsonl": '{"n": 1}\n{"n": 2}\n'}
    return Commands(write(sample(tmp_path), files), capsys)
