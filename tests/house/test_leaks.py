"""Leaks: no file of the repository names a path of the machine it was written on, or the host of a package registry.

Both make a repository true in one place only. The patterns are put together from pieces, so that this file does not match.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT, repository_files, write_tree

if TYPE_CHECKING:
    from pathlib import Path

DOT = r"\."
PATTERNS = (
    "/" + r"work/(?:main|steering|shared|\.library|\.mirror|\.device)",
    "/" + "farm/",
    "farm" + "-(?:studio|bench)",
    "/" + "tmp/(?:bash_jobs|studio)",
    "/" + "root/",
    DOT.join(("pypi", "org")),
    DOT.join(("pythonhosted", "org")),
    DOT.join(("registry", "npmjs", "org")),
    DOT.join(("deb", "debian", "org")),
    DOT.join(("proxy", "golang", "org")),
    DOT.join(("repo1?", "maven")),
    DOT.join(("crates", "io")) + "/api",
)
LEAK = re.compile("|".join(PATTERNS), re.IGNORECASE)
DRAWINGS = {".svg"}


def leaks(root: Path) -> list[str]:
    """Every line that leaks, as `file:line: what`; files that are not text are skipped."""
    found = []
    for path in repository_files(root):
        if path.suffix in DRAWINGS:
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        hits = ((number, LEAK.search(line)) for number, line in enumerate(lines, start=1))
        found += [f"{path.relative_to(root)}:{number}: {hit[0]}" for number, hit in hits if hit]
    return found


def test_nothing_leaks() -> None:
    assert leaks(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "cd /" + "work/main",
        "see /" + "farm/notes",
        "log in /" + "tmp/bash_jobs.0",
        "/" + "root/.cache",
        "https://" + "pypi" + ".org/simple",
        "https://files." + "PythonHosted" + ".org/x.whl",
        "https://registry." + "npmjs.org/react",
        "https://repo1." + "maven.org",
    ],
)
def test_it_refuses(text: str, tmp_path: Path) -> None:
    assert len(leaks(write_tree(tmp_path, {"docs/a.md": f"first line\n{text}\n"}))) == 1


def test_it_accepts_other_paths(tmp_path: Path) -> None:
    assert leaks(write_tree(tmp_path, {"a.md": "GET /api/v1/work/items, /tmp/x, framework/main, pip install worktrail\n"})) == []
