"""Doors: a room is used through its `__all__` alone, and a change of a door shows in the review.

Another room writes `from worktrail.room import name`, never a module inside the room and never a name that the door does
not list. `doors.json` holds what each room exports; `make doors` writes it again.
"""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import PACKAGE, files_under, parse, room_of, write_tree
from tools.doors import FROZEN, doors, read_door, room_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def absolute(node: ast.ImportFrom, path: Path, package: Path) -> str:
    """The module that an import names, also where it is written with dots."""
    if not node.level:
        return node.module or ""
    parts = ["worktrail", *path.relative_to(package).parts[:-1]]
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def crossings(path: Path, package: Path) -> Iterator[tuple[int, str, list[str]]]:
    """(line, module, names) of each import of something in `worktrail`; for `import a.b` the names are empty."""
    for node in ast.walk(parse(path)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name, []) for alias in names if alias.name.split(".")[0] == "worktrail")
            case ast.ImportFrom(names=names):
                module = absolute(node, path, package)
                if module.split(".")[0] == "worktrail":
                    yield node.lineno, module, [alias.name for alias in names]


def crossing_problem(room: str, module: str, names: list[str], exported: dict[str, list[str]]) -> str | None:
    """Why the import of `names` from `module` is refused in `room`, or None."""
    parts = module.split(".")
    if len(parts) == 1:
        rooms = [name for name in names if name in exported and name != room]
        if rooms or not names:
            return f"imports {rooms[0] if rooms else 'worktrail'} whole: write `from worktrail.room import name`"
        return None
    target = parts[1]
    if target == room:
        return None
    if len(parts) > 2 or not names:
        return f"reaches past the door of {target}: write `from worktrail.{target} import name`"
    missing = [name for name in names if name not in exported.get(target, [])]
    return f"takes {missing[0]} from {target}, whose `__all__` does not list it" if missing else None


def door_problems(package: Path) -> list[str]:
    """Rooms without a readable door, and imports that do not go through one."""
    found = [
        f"{room}: no literal `__all__` in {path.relative_to(package)}"
        for room, path in room_files(package).items()
        if read_door(path) is None
    ]
    exported = doors(package)
    for path in files_under(package, ".py"):
        for line, module, names in crossings(path, package):
            problem = crossing_problem(room_of(path, package), module, names, exported)
            if problem:
                found.append(f"{path.relative_to(package)}:{line}: {problem}")
    return found


def test_every_room_has_a_door_and_is_used_through_it() -> None:
    assert door_problems(PACKAGE) == []


def test_the_doors_are_as_frozen() -> None:
    frozen = json.loads(FROZEN.read_text(encoding="utf-8"))
    assert doors(PACKAGE) == frozen, "a door changed: if that is meant, run `make doors` and commit the file"


HAS_A = '__all__ = ["A"]\nA = 1\n'
REFUSED = {
    "no door": ({"feel/__init__.py": "A = 1"}, "feel: no literal `__all__` in feel/__init__.py"),
    "no __init__": ({"feel/a.py": "A = 1"}, "feel: no literal `__all__` in feel/__init__.py"),
    "a door that is worked out": (
        {"feel/__init__.py": "__all__ = sorted(globals())"},
        "feel: no literal `__all__` in feel/__init__.py",
    ),
    "past the door": (
        {"feel/__init__.py": HAS_A, "feel/a.py": "", "contract/__init__.py": "from worktrail.feel.a import B\n__all__ = []"},
        "contract/__init__.py:1: reaches past the door of feel: write `from worktrail.feel import name`",
    ),
    "past the door, with dots": (
        {"feel/__init__.py": HAS_A, "contract/__init__.py": "__all__ = []", "contract/b.py": "from ..feel.a import B"},
        "contract/b.py:1: reaches past the door of feel: write `from worktrail.feel import name`",
    ),
    "past the door, by module": (
        {"feel/__init__.py": HAS_A, "contract/__init__.py": "import worktrail.feel\n__all__ = []"},
        "contract/__init__.py:1: reaches past the door of feel: write `from worktrail.feel import name`",
    ),
    "a room as a whole": (
        {"feel/__init__.py": HAS_A, "contract/__init__.py": "from worktrail import feel\n__all__ = []"},
        "contract/__init__.py:1: imports feel whole: write `from worktrail.room import name`",
    ),
    "a name that is not exported": (
        {"feel/__init__.py": HAS_A + "B = 2", "contract/__init__.py": "from worktrail.feel import A, B\n__all__ = []"},
        "contract/__init__.py:1: takes B from feel, whose `__all__` does not list it",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses(case: str, tmp_path: Path) -> None:
    files, problem = REFUSED[case]
    assert door_problems(write_tree(tmp_path, {"__init__.py": ""} | files)) == [problem]


def test_it_accepts_doors_and_inner_ways(tmp_path: Path) -> None:
    files = {
        "__init__.py": '__version__ = "1"',
        "errors.py": HAS_A,
        "feel/__init__.py": "from worktrail.feel.a import A\nfrom .a import A\n__all__: list[str] = ['A']",
        "feel/a.py": "from worktrail.errors import A\nfrom worktrail import __version__",
        "empty/__pycache__/old.txt": "",
    }
    assert door_problems(write_tree(tmp_path, files)) == []
    assert doors(tmp_path) == {"errors": ["A"], "feel": ["A"]}
