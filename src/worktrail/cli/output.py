"""What commands print: JSON for programs, tables and lines for people. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

__all__ = ["ago", "counted", "json_line", "print_json", "print_lines", "print_table", "say", "shown", "warn"]

_encode = msgspec.json.Encoder(decimal_format="number").encode


def json_line(value: Any) -> str:
    """One line of JSON, numbers digit by digit. Half characters (of file names that are not UTF-8) become question marks."""
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:
        return json.dumps(value, default=str).encode("utf-8", "replace").decode()


def print_json(value: Any) -> None:
    """One JSON document on stdout, indented."""
    say(msgspec.json.format(json_line(value), indent=2))


def say(text: str = "") -> None:
    """A line on stdout, at once."""
    print(text, flush=True)


def warn(text: str) -> None:
    """A line on stderr, at once. Nobody reading it any more is no reason to stop."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def shown(value: Any, width: int = 60) -> str:
    """A value in a cell: texts as they are, the rest as JSON, cut where it is long; nothing for null."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json_line(value)
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"


def ago(stamp: str | None) -> str:
    """How long ago (or how far ahead) a time in ISO 8601 is."""
    if stamp is None:
        return ""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(stamp)).total_seconds()
    ahead, seconds = seconds < 0, abs(seconds)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            text = f"{seconds / size:.0f} {unit}"
            break
    else:
        text = f"{seconds:.0f} s"
    return f"in {text}" if ahead else f"{text} ago"


def counted(number: int, word: str) -> str:
    """``1 run``, ``2 runs``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def print_lines(lines: Iterable[tuple[str, Any]]) -> None:
    """``name  value`` lines, aligned; what has no value is left out."""
    rows = [(name, shown(value, 200)) for name, value in lines]
    rows = [(name, text) for name, text in rows if text]
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        say(f"{name:<{width}}  {text}")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str) -> None:
    """A table on stdout: drawn on a terminal, else columns parted by tabs (so that other programs can cut them)."""
    if not rows:
        say(empty)
        return
    cells = [[shown(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        say("\t".join(columns))
        for row in cells:
            say("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    Console().print(table)


STYLES = {
    "completed": "green",
    "approved": "green",
    "failed": "red",
    "timed_out": "red",
    "rejected": "red",
    "running": "cyan",
    "waiting": "yellow",
    "open": "yellow",
    "paused": "yellow",
    "cancelled": "dim",
}
