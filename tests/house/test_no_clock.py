"""No clock, no chance, no files: what the pure rooms need from outside comes in as an argument.

Read from the syntax tree: names are followed through import aliases, so `from datetime import datetime as D; D.now()` is
found. The second rule: no import inside a function, because a decision must not depend on what happens to be loaded.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import PACKAGE, PURE_ROOMS, parse, rooms_with_files, write_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOMS = rooms_with_files(PACKAGE, PURE_ROOMS)

# Whole modules: any use of anything in them is refused.
MODULES = {
    "asyncio", "glob", "importlib", "io", "os", "pathlib", "random", "secrets", "shutil", "socket", "subprocess", "tempfile",
    "threading", "time", "uuid",
}  # fmt: skip
# Single things in modules that are allowed.
THINGS = {
    "datetime.date.fromtimestamp", "datetime.date.today", "datetime.datetime.fromtimestamp", "datetime.datetime.now",
    "datetime.datetime.today", "datetime.datetime.utcnow", "sys.argv", "sys.modules", "sys.path", "sys.stderr", "sys.stdin",
    "sys.stdout", "zoneinfo.available_timezones",
}  # fmt: skip
BUILTINS = {"__import__", "breakpoint", "eval", "exec", "input", "open", "print"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def is_type_checking(node: ast.AST) -> bool:
    """Whether a node is `if TYPE_CHECKING:`."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            return True
    return False


def nodes(tree: ast.AST, *, inside: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node that runs, with whether it stands inside a function."""
    for node in ast.iter_child_nodes(tree):
        if is_type_checking(node):
            continue
        yield node, inside
        yield from nodes(node, inside=inside or isinstance(node, FUNCTIONS))


def import_aliases(tree: ast.Module) -> dict[str, str]:
    """Local name → the full name it was imported from."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found |= {a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0] for a in names}
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in names}
    return found


def bound_names(tree: ast.Module) -> set[str]:
    """Names that the module binds itself, so that they are not the builtins of the same name."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
    return found


def full_name(node: ast.AST, aliases: dict[str, str]) -> str | None:
    """`dt.datetime.now` as the name it stands for, where its first part was imported."""
    match node:
        case ast.Name(id=name):
            return aliases.get(name)
        case ast.Attribute(value=value, attr=attr):
            base = full_name(value, aliases)
            return f"{base}.{attr}" if base else None
    return None


def refused(name: str) -> bool:
    """Whether a full name is a clock, a source of chance, or a way to files."""
    return name in THINGS or name.partition(".")[0] in MODULES


def clock_problems(path: Path, root: Path) -> list[str]:
    """What a file of a pure room must not contain, each as `file:line: what`."""
    tree, place = parse(path), path.relative_to(root)
    aliases, bound = import_aliases(tree), bound_names(tree)
    found: set[tuple[int, str]] = set()
    for node, inside in nodes(tree):
        match node:
            case ast.Import() | ast.ImportFrom() if inside:
                found.add((node.lineno, "an import inside a function"))
        match node:
            case ast.Import(names=names):
                found |= {(node.lineno, f"import of {alias.name}") for alias in names if refused(alias.name)}
            case ast.ImportFrom(module=str(module), names=names, level=0):
                full = [f"{module}.{alias.name}" for alias in names]
                found |= {(node.lineno, f"import of {name}") for name in full if refused(name)}
            case ast.Attribute() | ast.Name():
                name = full_name(node, aliases)
                if name and refused(name):
                    found.add((node.lineno, f"use of {name}"))
                elif isinstance(node, ast.Name) and node.id in BUILTINS - bound and isinstance(node.ctx, ast.Load):
                    found.add((node.lineno, f"use of {node.id}()"))
    return [f"{place}:{line}: {what}" for line, what in sorted(found)]


@pytest.mark.parametrize("room", ROOMS)
def test_a_pure_room_has_no_clock_no_chance_and_no_files(room: str) -> None:
    assert [problem for path in ROOMS[room] for problem in clock_problems(path, PACKAGE)] == []


REFUSED = {
    "import time": ["import of time"],
    "from time import monotonic": ["import of time.monotonic"],
    "import datetime as dt\nx = dt.datetime.now": ["use of datetime.datetime.now"],
    "from datetime import datetime as D\nx = D.utcnow()": ["use of datetime.datetime.utcnow"],
    "from datetime import date\nx = date.today()": ["use of datetime.date.today"],
    "import random": ["import of random"],
    "from uuid import uuid4": ["import of uuid.uuid4"],
    "import os\nx = os.urandom(8)": ["import of os", "use of os", "use of os.urandom"],
    "import pathlib": ["import of pathlib"],
    "x = open('f').read()": ["use of open()"],
    "def f():\n    import json\n    return json": ["an import inside a function"],
    "x = lambda text: eval(text)": ["use of eval()"],
    "from sys import stdout": ["import of sys.stdout"],
}


@pytest.mark.parametrize("text", REFUSED)
def test_it_refuses(text: str, tmp_path: Path) -> None:
    path = write_tree(tmp_path, {"a.py": text}) / "a.py"
    assert [problem.partition(": ")[2] for problem in clock_problems(path, tmp_path)] == REFUSED[text]


def test_it_accepts_time_as_an_argument(tmp_path: Path) -> None:
    text = """
from datetime import datetime
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from pathlib import Path
def due(now: datetime, input: str) -> datetime:
    return datetime.fromisoformat(input) if input else now
"""
    path = write_tree(tmp_path, {"a.py": text}) / "a.py"
    assert clock_problems(path, tmp_path) == []
