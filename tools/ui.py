"""Builds and checks the web application in `ui/` with the Node of the project's own environment.

Every command does only what is needed: packages are installed when their lock changed, the build and the quick checks are
left out when no source changed since they last succeeded. Only the standard library, as in `stages`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "ui"
BIN = ROOT / ".venv" / "bin"
BUILT = ROOT / "src" / "worktrail" / "web" / "static"
LOCK = UI / "package-lock.json"
MODULES = UI / "node_modules"
PACKAGES = MODULES / ".worktrail-packages.json"  # what was installed, so that it is done once
BUILD_STAMP = BUILT / ".sources"
CHECK_STAMP = MODULES / ".worktrail-checked"
FIRST_PAGE_KIB = 250  # entry and Home with all they import, gzipped
FIRST_PAGE = ("index.html", "src/pages/home/Home.tsx", "src/i18n/en/index.ts")
LEFT_OUT = {"node_modules", ".generated", "static"}


def say(text: str) -> None:
    """Prints at once."""
    print(text, flush=True)


def node(*command: str) -> bool:
    """Runs a command of Node or of a package in `ui`; whether it succeeded."""
    path = os.pathsep.join([str(MODULES / ".bin"), str(BIN), os.environ.get("PATH", "")])
    env = {**os.environ, "PATH": path, "CI": "1", "NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1"}
    return subprocess.run(command, cwd=UI, env=env, check=False).returncode == 0


def sources(root: Path, *, tests: bool) -> Iterable[Path]:
    """The files that the application is made of, sorted; with or without its tests."""
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if path.is_file() and not LEFT_OUT.intersection(inside) and (tests or ".test." not in path.name):
            yield path


def digest_of(root: Path, *, tests: bool) -> str:
    """Changes with any source."""
    digest = hashlib.sha256()
    for path in sources(root, tests=tests):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def text_of(path: Path) -> str:
    """The text of a file; empty if there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def packages(*, production: bool) -> bool:
    """Installs what the lock says, unless it is there. `production` leaves out what only the checks need."""
    lock = hashlib.sha256(LOCK.read_bytes() + (UI / "package.json").read_bytes()).hexdigest()
    there: dict[str, Any] = json.loads(text_of(PACKAGES) or "{}")
    if there.get("lock") == lock and (production or not there.get("production")):
        return True
    say("  installing the packages of ui/package-lock.json")
    if not node("npm", "ci", "--no-progress", "--loglevel=error", *(("--omit=dev",) if production else ())):
        return False
    PACKAGES.write_text(json.dumps({"lock": lock, "production": production}), encoding="utf-8")
    return True


def closure(manifest: dict[str, Any], keys: Iterable[str]) -> set[str]:
    """The files (scripts and styles) that come with some chunks of Vite's manifest, whatever those import statically."""
    files: set[str] = set()
    seen: set[str] = set()
    todo = list(keys)
    while todo:
        key = todo.pop()
        if key in seen:
            continue
        seen.add(key)
        chunk = manifest[key]
        files.update([chunk["file"], *chunk.get("css", [])])
        todo += chunk.get("imports", [])
    return files


def first_page(built: Path) -> dict[str, float]:
    """File → KiB gzipped, of all that the first page loads."""
    manifest = json.loads((built / ".vite" / "manifest.json").read_text(encoding="utf-8"))
    names = closure(manifest, FIRST_PAGE)
    return {name: len(gzip.compress((built / name).read_bytes(), 9)) / 1024 for name in sorted(names)}


def build(*, production: bool) -> bool:
    """Builds into the package, unless what is there is from these sources; refuses a first page that grew too large."""
    digest = digest_of(UI, tests=False)
    if text_of(BUILD_STAMP) == digest:
        say("  the web application is built already")
        return True
    if not packages(production=production) or not node("vite", "build", "--logLevel", "warn"):
        return False
    sizes = first_page(BUILT)
    total = sum(sizes.values())
    say(f"  built; the first page is {total:.0f} KiB gzipped, of {FIRST_PAGE_KIB}")
    if total > FIRST_PAGE_KIB:
        say("\n".join(f"  {size:7.1f}  {name}" for name, size in sizes.items()))
        return False
    BUILD_STAMP.write_text(digest, encoding="utf-8")
    return True


def types() -> bool:
    """Types of the API from its document, then the compiler."""
    (UI / ".generated").mkdir(exist_ok=True)
    return node("openapi-typescript", "openapi.json", "-o", ".generated/schema.d.ts", "--silent") and node("tsc", "--noEmit")


def check(*, quick: bool) -> bool:
    """Types, style and tests; `quick` leaves them out if nothing changed since they last succeeded."""
    digest = digest_of(UI, tests=True)
    if quick and text_of(CHECK_STAMP) == digest:
        say("  nothing changed in ui since it was checked")
        return True
    if not packages(production=False):
        return False
    steps: list[Callable[[], bool]] = [
        types,
        lambda: node("eslint", "--max-warnings", "0", "src"),
        lambda: node("vitest", "run", "--silent", "--reporter=dot"),
    ]
    results = [step() for step in steps]  # all of them, also after one failed
    good = all(results)
    if good:
        CHECK_STAMP.write_text(digest, encoding="utf-8")
    return good


def lock() -> bool:
    """Writes the lock again from package.json, without any address."""
    good = node("npm", "install", "--package-lock-only", "--no-progress", "--loglevel=error")
    document = json.loads(LOCK.read_text(encoding="utf-8"))
    for package in document["packages"].values():
        for key in ("funding", "resolved"):
            package.pop(key, None)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    LOCK.write_text(re.sub(r"\n\s*\n", "\n", text) + "\n", encoding="utf-8")
    return good


COMMANDS: dict[str, Callable[[argparse.Namespace], bool]] = {
    "packages": lambda asked: packages(production=asked.production),
    "build": lambda asked: build(production=asked.production),
    "check": lambda asked: check(quick=asked.quick),
    "dev": lambda _: packages(production=False) and node("vite"),
    "lock": lambda _: lock(),
}


def main() -> int:
    """Runs what the command line names."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    made.add_argument("what", choices=COMMANDS)
    made.add_argument("--production", action="store_true", help="without what only the checks need")
    made.add_argument("--quick", action="store_true", help="leave out what succeeded on these sources before")
    asked = made.parse_args()
    return 0 if COMMANDS[asked.what](asked) else 1


if __name__ == "__main__":
    sys.exit(main())
