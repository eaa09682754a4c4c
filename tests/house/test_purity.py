"""Purity: the pure rooms load nothing that could reach the world, and import only what a frozen list names.

Why a bare interpreter: inside pytest nearly everything is loaded already. Each room and all its modules are imported in a
fresh `python -I -S`, with only the sources and the installed packages on the path; what is in `sys.modules` then is held
against `pure_modules.txt`. This is what lets the rooms run inside the sandbox of a workflow engine.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import PACKAGE, PURE_ROOMS, SRC, parse, rooms_with_files, write_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

FROZEN = Path(__file__).with_name("pure_modules.txt")
ROOMS = rooms_with_files(PACKAGE, PURE_ROOMS)

PROBE = """
import json, sys
sys.path[:0] = [sys.argv[1]]
sys.path.append(sys.argv[2])
import importlib
names = sys.argv[3:]
for name in names:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def sections(text: str) -> dict[str, set[str]]:
    """The frozen list: heading → names."""
    found: dict[str, set[str]] = {}
    heading = ""
    for line in (raw.partition("#")[0].strip() for raw in text.splitlines()):
        if line.startswith("["):
            heading = line[1:].rstrip("]")
            found[heading] = set()
        elif line:
            found[heading].add(line)
    return found


LISTS = sections(FROZEN.read_text(encoding="utf-8"))


def covers(names: set[str], module: str) -> bool:
    """Whether a name or one of its parents stands among `names`."""
    parts = module.split(".")
    return any(".".join(parts[:count]) in names for count in range(1, len(parts) + 1))


def load_problems(modules: list[str]) -> list[str]:
    """Loaded modules that are refused: listed under `never`, or public and listed nowhere."""
    allowed = LISTS["third party"] | LISTS["import"] | LISTS["load"] | {"worktrail", "__main__"}
    never = [name for name in modules if covers(LISTS["never"], name)]
    unknown = [n for n in modules if not n.startswith("_") and n not in never and not covers(allowed, n)]
    return [f"{name} must never be loaded" for name in never] + [f"{name} is not on the frozen list" for name in unknown]


def loaded(src: Path, names: list[str]) -> list[str]:
    """What a bare interpreter has loaded after importing the named modules from `src`."""
    command = [sys.executable, "-I", "-S", "-c", PROBE, str(src), sysconfig.get_paths()["platlib"], *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    modules: list[str] = json.loads(done.stdout)
    return modules


@cache
def brought_along() -> frozenset[str]:
    """What the time zones of this Python load by themselves: from 3.12 on `threading`, for a lock; no thread is started."""
    return frozenset(loaded(SRC, ["zoneinfo"])) & {"threading"}


def module_name(path: Path, src: Path) -> str:
    """The dotted name of a file below `src`."""
    return ".".join(path.relative_to(src).with_suffix("").parts).removesuffix(".__init__")


def run_time_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, absolute module) of every import, also inside functions, but not below `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=rest):
                yield from run_time_imports(ast.Module(body=rest, type_ignores=[]))
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield node.lineno, module
            case _:
                yield from run_time_imports(node)


def import_problems(paths: list[Path], src: Path) -> list[str]:
    """Import statements of a pure room that name something else than the frozen list allows."""
    allowed = LISTS["third party"] | LISTS["import"] | {"worktrail"}
    return [
        f"{path.relative_to(src)}:{line}: {name} is not for pure rooms"
        for path in paths
        for line, name in run_time_imports(parse(path))
        if not covers(allowed, name) or covers(LISTS["never"], name)
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_a_pure_room_loads_only_what_the_frozen_list_names(room: str) -> None:
    modules = loaded(SRC, [module_name(path, SRC) for path in ROOMS[room]])
    assert load_problems([name for name in modules if name not in brought_along()]) == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_pure_room_imports_only_what_the_frozen_list_names(room: str) -> None:
    assert import_problems(ROOMS[room], SRC) == []


def test_the_frozen_list_does_not_contradict_itself() -> None:
    allowed = LISTS["third party"] | LISTS["import"] | LISTS["load"]
    assert {name for name in allowed if covers(LISTS["never"], name)} == set()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import sqlite3", "sqlite3 must never be loaded"),
        ("import asyncio", "asyncio must never be loaded"),
        ("import threading", "threading must never be loaded"),
        ("import httpx", "httpx must never be loaded"),
        ("import jsonschema_rs", "jsonschema_rs must never be loaded"),
        ("import fileinput", "fileinput is not on the frozen list"),
        ("import importlib.metadata", "importlib.metadata must never be loaded"),
    ],
)
def test_loading_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    write_tree(tmp_path, {"worktrail/__init__.py": "", "worktrail/feel/__init__.py": text})
    assert problem in load_problems(loaded(tmp_path, ["worktrail.feel"]))


def test_importing_is_refused(tmp_path: Path) -> None:
    text = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import httpx
else:
    import uuid
import json, typer
def f():
    from os import path
"""
    path = write_tree(tmp_path, {"worktrail/feel/a.py": text}) / "worktrail/feel/a.py"
    assert import_problems([path], tmp_path) == [
        "worktrail/feel/a.py:6: uuid is not for pure rooms",
        "worktrail/feel/a.py:7: typer is not for pure rooms",
        "worktrail/feel/a.py:9: os is not for pure rooms",
    ]
