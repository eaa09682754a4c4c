"""What the checks of the house share: where things stand, which rooms there are, how samples for refusals are written."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
PACKAGE = SRC / "worktrail"
PURE_ROOMS = ("errors", "feel", "events", "contract", "engine", "decisions", "guard", "insight")
NOT_OURS = {"__pycache__", "node_modules", "dist", "build"}


def files_under(folder: Path, *suffixes: str) -> list[Path]:
    """All files below `folder` with one of the suffixes, sorted, without hidden folders and what tools leave behind."""
    found = [path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file()]
    kept = [p for p in found if not any(part in NOT_OURS or part.startswith(".") for part in p.relative_to(folder).parts)]
    return sorted(kept)


def repository_files(root: Path) -> list[Path]:
    """Every file that is tracked or about to be (not ignored); outside of git all that is not hidden."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        every = sorted(path for path in root.rglob("*") if path.is_file())
        return [p for p in every if not any(part in NOT_OURS or part.startswith(".") for part in p.relative_to(root).parts)]
    return sorted(root / name for name in listing.split("\0") if name and (root / name).is_file())


def room_of(path: Path, package: Path) -> str:
    """The room a file of the package belongs to; `""` for the package's own `__init__.py`."""
    first = path.relative_to(package).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def rooms_with_files(package: Path, names: tuple[str, ...]) -> dict[str, list[Path]]:
    """Those of the named rooms that exist → their Python files."""
    found = {name: [package / f"{name}.py"] if (package / f"{name}.py").exists() else [] for name in names}
    for name in names:
        if (package / name).is_dir():
            found[name] += files_under(package / name, ".py")
    return {name: paths for name, paths in found.items() if paths}


def parse(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def write_tree(folder: Path, files: dict[str, str]) -> Path:
    """Writes a sample tree (relative path → text) and answers `folder`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
