"""Floors: a room imports only rooms on lower floors, never a sibling. The contract stands in pyproject.toml.

The contract is exhaustive (a new room must get its floor) and has no list of exceptions. It is run here by import-linter,
the same way as on the command line: `lint-imports`.
"""

from __future__ import annotations

import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import ROOT, SRC, write_tree

CONFIG = ROOT / "pyproject.toml"
LINTER = Path(sysconfig.get_path("scripts")) / "lint-imports"


def lint(folder: Path) -> tuple[int, str]:
    """Runs the contract on the package in `folder`; (exit status, output)."""
    command = [str(LINTER), "--config", str(CONFIG), "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120, env=environment(folder))
    return done.returncode, done.stdout + done.stderr


def environment(folder: Path) -> dict[str, str]:
    """The package in `folder` comes before the installed one."""
    return {
        "PYTHONPATH": str(folder),
        "PATH": sysconfig.get_path("scripts"),
        "NO_COLOR": "1",
        "COLUMNS": "200",
        "LC_ALL": "C.UTF-8",
    }


def test_the_floors_hold() -> None:
    status, output = lint(SRC)
    assert status == 0, output


def test_the_contract_is_exhaustive_and_has_no_exceptions() -> None:
    settings = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["tool"]["importlinter"]
    contract = settings["contracts"][0]
    assert settings["include_external_packages"] is True
    assert contract["type"] == "layers"
    assert contract["exhaustive"] is True
    assert not {"ignore_imports", "exhaustive_ignores", "unmatched_ignore_imports_alerting"} & contract.keys()


REFUSED = {
    "a higher floor": ({"feel/__init__.py": "from worktrail.contract import A", "contract/__init__.py": "A = 1"}, "feel"),
    "a higher floor, from a function": (
        {"engine/__init__.py": "def f():\n    from worktrail.store import A\n    return A", "store/__init__.py": "A = 1"},
        "engine",
    ),
    "a sibling": ({"steps/__init__.py": "from worktrail.human import A", "human/__init__.py": "A = 1"}, "steps"),
    "errors reading a room": ({"errors.py": "from worktrail.feel import A", "feel/__init__.py": "A = 1"}, "errors"),
    "a room without a floor": ({"utils/__init__.py": ""}, "utils"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses(case: str, tmp_path: Path) -> None:
    files, culprit = REFUSED[case]
    tree = {"__init__.py": "", "errors.py": ""} | files
    status, output = lint(write_tree(tmp_path, {f"worktrail/{name}": text for name, text in tree.items()}))
    assert status == 1
    assert "BROKEN" in output
    assert culprit in output


def test_it_accepts_lower_floors(tmp_path: Path) -> None:
    tree = {
        "__init__.py": "",
        "errors.py": "A = 1",
        "feel/__init__.py": "from worktrail.errors import A",
        "engine/__init__.py": "from worktrail.feel import A",
        "cli/__init__.py": "from worktrail.engine import A",
    }
    status, output = lint(write_tree(tmp_path, {f"worktrail/{name}": text for name, text in tree.items()}))
    assert status == 0, output
