"""Sizes: a file, function, class or folder that outgrows its number is cut along what it knows. There are no waivers."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT, files_under, parse, write_tree

if TYPE_CHECKING:
    from pathlib import Path

FILE_LINES = 500
TEST_FILE_LINES = 800
FUNCTION_LINES = 70
CLASS_LINES = 300
PUBLIC_METHODS = 20
FOLDER_FILES = 12
SUFFIXES = (".py", ".ts", ".tsx")
PLACES = ("src", "tests", "tools", "examples", "bench", "ui")


def is_test(path: Path, root: Path) -> bool:
    """Whether the wider limit of tests holds: anything below a folder `tests`, and `*.test.ts(x)`."""
    return "tests" in path.relative_to(root).parts or ".test." in path.name


def span(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Lines of a definition from its `def` or `class` to its end; decorators are not counted."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def definition_problems(path: Path, name: str) -> list[str]:
    """Functions and classes of one Python file that are too large."""
    found = []
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and span(node) > FUNCTION_LINES:
            found.append(f"{name}:{node.lineno}: function {node.name} has {span(node)} lines, at most {FUNCTION_LINES}")
        if isinstance(node, ast.ClassDef):
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
            public = {part.name for part in methods if not part.name.startswith("_")}
            if span(node) > CLASS_LINES:
                found.append(f"{name}:{node.lineno}: class {node.name} has {span(node)} lines, at most {CLASS_LINES}")
            if len(public) > PUBLIC_METHODS:
                found.append(
                    f"{name}:{node.lineno}: class {node.name} has {len(public)} public methods, at most {PUBLIC_METHODS}"
                )
    return found


def size_problems(root: Path) -> list[str]:
    """Everything below the known places of `root` that is larger than it may be."""
    found: list[str] = []
    folders: Counter[Path] = Counter()
    for path in (file for place in PLACES for file in files_under(root / place, *SUFFIXES)):
        name, test = str(path.relative_to(root)), is_test(path, root)
        lines, limit = len(path.read_text(encoding="utf-8").splitlines()), TEST_FILE_LINES if test else FILE_LINES
        if lines > limit:
            found.append(f"{name}: {lines} lines, at most {limit}")
        if path.suffix == ".py":
            found += definition_problems(path, name)
        if not test:
            folders[path.parent] += 1
    found += [
        f"{folder.relative_to(root)}/: {count} source files, at most {FOLDER_FILES}"
        for folder, count in sorted(folders.items())
        if count > FOLDER_FILES
    ]
    return found


def test_everything_keeps_its_size() -> None:
    assert size_problems(ROOT) == []


def function(name: str, lines: int) -> str:
    """The text of a function with so many lines."""
    return f"def {name}():\n" + "    pass\n" * (lines - 1)


REFUSED = {
    "a long file": ({"src/a.py": "x = 1\n" * 501}, "src/a.py: 501 lines, at most 500"),
    "a long test": ({"tests/a.py": "x = 1\n" * 801}, "tests/a.py: 801 lines, at most 800"),
    "a long script of the page": ({"ui/src/a.tsx": "\n" * 501}, "ui/src/a.tsx: 501 lines, at most 500"),
    "a long function": ({"tools/a.py": function("f", 71)}, "tools/a.py:1: function f has 71 lines, at most 70"),
    "a long class": ({"src/a.py": "class A:\n" + "    x = 1\n" * 300}, "src/a.py:1: class A has 301 lines, at most 300"),
    "a class that does too much": (
        {"src/a.py": "class A:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(21))},
        "src/a.py:1: class A has 21 public methods, at most 20",
    ),
    "a crowded folder": ({f"src/room/m{n}.py": "" for n in range(13)}, "src/room/: 13 source files, at most 12"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses(case: str, tmp_path: Path) -> None:
    files, problem = REFUSED[case]
    assert size_problems(write_tree(tmp_path, files)) == [problem]


def test_it_accepts_what_just_fits(tmp_path: Path) -> None:
    methods = "".join(f"    def m{n}(self): ...\n" for n in range(20)) + "    def _own(self): ...\n"
    files = {"src/a.py": "x = 1\n" * 500, "tests/a.py": "x = 1\n" * 800, "src/b.py": function("f", 70) + "class A:\n" + methods}
    assert size_problems(write_tree(tmp_path, files)) == []
