"""Locks: exact versions with hashes, complete, agreeing with each other, and silent about where anything comes from."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT, write_tree

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "requirements"
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")


def normal(name: str) -> str:
    """A package name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: Path) -> dict[str, str]:
    """package → version."""
    found = (PINNED.match(line) for line in lock.read_text(encoding="utf-8").splitlines())
    return {normal(hit["name"]): hit["version"] for hit in found if hit}


def wanted(inputs: Path) -> set[str]:
    """The names that an `.in` file asks for."""
    lines = (line.partition("#")[0].strip() for line in inputs.read_text(encoding="utf-8").splitlines())
    return {normal(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in lines if line}


def lock_problems(lock: Path) -> list[str]:
    """Addresses in a lock, and entries without an exact version or without a hash."""
    text = lock.read_text(encoding="utf-8")
    found = [f"{lock.name}: contains {word!r}" for word in ("://", "--index", "--find-links", " @ ") if word in text]
    for entry in re.split(r"\n(?=\S)", text.strip()):
        if not PINNED.match(entry):
            found.append(f"{lock.name}: not an exact version: {entry.splitlines()[0]}")
        elif "--hash=sha256:" not in entry:
            found.append(f"{lock.name}: no hash: {entry.splitlines()[0]}")
    return found


@pytest.mark.parametrize("lock", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.name)
def test_a_lock_is_exact_and_names_no_host(lock: Path) -> None:
    assert lock_problems(lock) == []


@pytest.mark.parametrize("inputs", sorted(FOLDER.glob("*.in")), ids=lambda path: path.name)
def test_every_input_is_locked(inputs: Path) -> None:
    assert wanted(inputs) - pins(inputs.with_suffix(".txt")).keys() == set()


def test_every_dependency_of_the_package_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {normal(re.split(r"[^A-Za-z0-9._-]", text)[0]) for text in project["dependencies"]}
    assert names - pins(FOLDER / "run.txt").keys() == set()


def npm_lock_problems(lock: Path) -> list[str]:
    """Addresses in npm's lock, and packages without a hash."""
    text = lock.read_text(encoding="utf-8")
    found = [f"{lock.name}: contains {word!r}" for word in ("://", '"resolved"') if word in text]
    packages = json.loads(text)["packages"].items()
    return found + [f"{lock.name}: no hash: {name}" for name, package in packages if name and "integrity" not in package]


def test_the_lock_of_the_application_is_hashed_and_names_no_host() -> None:
    assert npm_lock_problems(ROOT / "ui" / "package-lock.json") == []


def test_an_npm_lock_with_an_address_or_without_a_hash_is_refused(tmp_path: Path) -> None:
    text = '{"packages": {"": {}, "node_modules/a": {"resolved": "https://host/a.tgz"}}}'
    path = write_tree(tmp_path, {"package-lock.json": text}) / "package-lock.json"
    assert len(npm_lock_problems(path)) == 3


def test_the_dev_lock_holds_the_run_lock() -> None:
    run, dev = pins(FOLDER / "run.txt"), pins(FOLDER / "dev.txt")
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a==1 \\\n    --hash=sha256:00\nb>=2\n", "x.txt: not an exact version: b>=2"),
        ("a==1\n", "x.txt: no hash: a==1"),
        ("--index-url https://host/simple\n", "x.txt: contains '://'"),
    ],
)
def test_it_refuses(text: str, problem: str, tmp_path: Path) -> None:
    assert problem in lock_problems(write_tree(tmp_path, {"x.txt": text}) / "x.txt")
