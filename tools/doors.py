"""Writes `tests/house/doors.json`: what each room exports, so that a change of a door shows in the review.

A door is the literal `__all__` of a room's `__init__.py` (or of the room itself where it is one file). Nothing is imported.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "worktrail"
FROZEN = ROOT / "tests" / "house" / "doors.json"


def room_files(package: Path) -> dict[str, Path]:
    """room → the file that is its door; folders without any Python file are no rooms."""
    found: dict[str, Path] = {}
    for entry in sorted(package.iterdir()):
        if entry.is_dir() and entry.name != "__pycache__" and any(entry.rglob("*.py")):
            found[entry.name] = entry / "__init__.py"
        elif entry.suffix == ".py" and entry.stem not in {"__init__", "__main__"}:
            found[entry.stem] = entry
    return found


def read_door(path: Path) -> list[str] | None:
    """The sorted names in the literal `__all__` of `path`, or None if there is no such literal."""
    if not path.exists():
        return None
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=value) if value is not None:
                pass
            case _:
                continue
        try:
            names = ast.literal_eval(value)
        except ValueError:
            return None
        return sorted(names) if all(isinstance(name, str) for name in names) else None
    return None


def doors(package: Path) -> dict[str, list[str]]:
    """room → exported names; a room without a readable `__all__` has none."""
    return {room: read_door(path) or [] for room, path in room_files(package).items()}


def main() -> int:
    """Writes the file; the exit status is 0."""
    FROZEN.write_text(json.dumps(doors(PACKAGE), indent=2) + "\n", encoding="utf-8")
    print(f"wrote {FROZEN.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
