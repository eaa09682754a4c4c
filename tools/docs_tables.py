"""Rewrites the generated tables in the documents, or says with `--check` which are out of date.

A table stands between `<!-- generated: NAME -->` and `<!-- end: NAME -->`; what is between them is replaced, everything else
is left alone. A table is drawn from the code that rules (such as the table of error codes), so that it cannot differ from it.
Run it from the root of the checkout: `python -m tools.docs_tables`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.web.test_probe import CASES
from tools.coming_from import names_table
from tools.engine_tables import ENGINE_TABLES
from worktrail.app import AREAS, MEASURES, RIGHTS
from worktrail.errors import CODES
from worktrail.guard import PERMISSIONS
from worktrail.web.answers import status_of
from worktrail.web.document import TAGS
from worktrail.web.routes import ROUTES
from worktrail.web.routes.work.filters import RunQuery

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
REGION = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end: (?P=name) -->)", re.DOTALL)
OPENING = re.compile(r"<!-- generated: ([a-z-]+) -->")
TURN = {
    "author": "the author of the definition",
    "caller": "the caller",
    "provider": "something outside",
    "ours": "Worktrail itself",
}


def cell(text: str) -> str:
    """Text that may stand in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


def error_codes() -> str:
    """One row a code, in the order of the table in the code."""
    rows = ["| code | whose turn | what it means | what to do |", "|---|---|---|---|"]
    rows += [f"| `{code}` | {TURN[info.blame]} | {cell(info.meaning)} | {cell(info.action)} |" for code, info in CODES.items()]
    return "\n".join(rows)


def permissions() -> str:
    """One row a permission."""
    rows = ["| right | what it allows |", "|---|---|"]
    rows += [f"| `{name}` | {cell(about)} |" for name, about in PERMISSIONS.items()]
    return "\n".join(rows)


def areas() -> str:
    """One row a headline of the feed."""
    rows = ["| in the trail | `area` | `event_type` | `status` in its payload |", "|---|---|---|---|"]
    for name, (area, event, status) in AREAS.items():
        rows.append(f"| `{name}` | `{area}` | `{event}` | {f'`{status}`' if status else ''} |")
    return "\n".join(rows)


def statuses() -> str:
    """One row a status of the server."""
    found: dict[int, list[str]] = {}
    for code, info in CODES.items():
        found.setdefault(status_of(code, info.blame), []).append(code)
    rows = ["| status | codes |", "|---|---|"]
    shown = {422: "every other code whose turn is the author's or the caller's", 502: "every other code of something outside"}
    for status, codes in sorted(found.items()):
        rows.append(f"| {status} | {shown.get(status) or ', '.join(f'`{code}`' for code in codes)} |")
    return "\n".join(rows)


def measures() -> str:
    """One row a metric."""
    rows = ["| metric | kind | what it counts |", "|---|---|---|"]
    rows += [f"| `{name}` | {kind} | {cell(about)} |" for name, (kind, about) in MEASURES.items()]
    return "\n".join(rows)


def routes() -> str:
    """One table a tag, one row a route, with the right it needs (none: it needs nobody; any: whoever is known)."""
    rights = {name: RIGHTS.get(case.use_case or "", "any") for name, case in CASES.items()}  # as the probe holds them
    parts = []
    for tag, about in TAGS.items():
        rows = [f"### {tag.capitalize()}", "", about, "", "| route | right | what |", "|---|---|---|"]
        for route in ROUTES:
            if route.tag == tag:
                right = "none" if route.open_to_all else rights[f"{route.method} {route.path}"]
                rows.append(f"| `{route.method} {route.path}` | {right} | {cell(route.summary)} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def run_filters() -> str:
    """One row a parameter."""
    rows = ["| parameter | what fits |", "|---|---|"]
    rows += [f"| `{name}` | {cell(field.description or '')} |" for name, field in RunQuery.model_fields.items()]
    return "\n".join(rows)


TABLES: dict[str, Callable[[], str]] = {
    "routes": routes,
    "run-filters": run_filters,
    "measures": measures,
    "areas": areas,
    "permissions": permissions,
    "statuses": statuses,
    "error-codes": error_codes,
    "llmteam-names": names_table,
    **ENGINE_TABLES,
}


def rewritten(text: str) -> str:
    """`text` with every generated table drawn again. Raises ValueError for an unknown or unclosed region."""
    unknown = [name for name in OPENING.findall(text) if name not in TABLES]
    if unknown:
        raise ValueError(f"unknown generated table {unknown[0]!r}; there are: {', '.join(sorted(TABLES))}")
    drawn, count = REGION.subn(lambda found: f"{found[1]}{TABLES[found['name']]()}\n{found[3]}", text)
    if count != len(OPENING.findall(text)):
        raise ValueError("a generated region is not closed by `<!-- end: NAME -->`")
    return drawn


def documents(root: Path) -> list[Path]:
    """Every Markdown file in the root and under `docs/`."""
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


def outdated(root: Path, *, write: bool) -> list[str]:
    """Paths whose tables differ from the code; with `write` they are rewritten."""
    found = []
    for path in documents(root):
        old = path.read_text(encoding="utf-8")
        new = rewritten(old)
        if new != old:
            found.append(str(path.relative_to(root)))
            if write:
                path.write_text(new, encoding="utf-8")
    return found


def main() -> int:
    """Rewrites, or with `--check` only reports; the exit status is 1 if a check found something."""
    check = "--check" in sys.argv[1:]
    found = outdated(ROOT, write=not check)
    for name in found:
        print(f"{name}: {'out of date, run `make docs`' if check else 'rewritten'}")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
