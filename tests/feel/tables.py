"""Tables of cases, and the one way to run an expression in a test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from worktrail.errors import AuthorError
from worktrail.feel import compile_expression, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
CASES = Path(__file__).parent / "cases"


def table(name: str) -> dict[str, Any]:
    """A file of cases."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load((CASES / name).read_text(encoding="utf-8"))
    return found


def rows(name: str) -> list[tuple[str, str, Any]]:
    """(group, expression, expected) of a file with groups."""
    return [(group, *row) for group, found in table(name)["groups"].items() for row in found]


def run(text: str, scope: dict[str, Any] | None = None, *, strict: bool = True, **settings: Any) -> Any:
    """The value as JSON."""
    return to_json(compile_expression(text, strict=strict, **settings).evaluate({} if scope is None else scope, now=NOW))


def error(text: str, scope: dict[str, Any] | None = None, **settings: Any) -> AuthorError:
    """The error of an expression; fails where there is none."""
    try:
        found = compile_expression(text, **settings).evaluate({} if scope is None else scope, now=NOW)
    except AuthorError as problem:
        return problem
    raise AssertionError(f"{text[:80]!r} gave {found!r}, an error was expected")


def code_of(attempt: Callable[[], Any]) -> str:
    """The code of the error that an attempt ends in, or nothing where it ends in a value."""
    try:
        attempt()
    except AuthorError as problem:
        return problem.code
    return ""
