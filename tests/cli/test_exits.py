"""Exit codes: every code of the error table leads to one of the table of exits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worktrail.cli.exits import BY_CODE, EXITS, exit_code_of, readable
from worktrail.errors import CODES, AuthorError, CallerError, OurError, ProviderError

CLASSES = {"author": AuthorError, "caller": CallerError, "provider": ProviderError, "ours": OurError}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


@pytest.mark.parametrize("code", CODES)
def test_every_error_has_an_exit(code: str) -> None:
    exit_code = exit_code_of(CLASSES[CODES[code].blame](code, "x"))
    assert exit_code in EXITS
    assert exit_code != 0


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("SEGMENT_INVALID", 1),
        ("NOT_FOUND", 3),
        ("TASK_NOT_OPEN", 4),
        ("STORE_FULL", 5),
        ("STORE_PATH", 5),
        ("JOURNAL_VERSION", 5),
    ],
)
def test_whose_turn_it_is(code: str, exit_code: int) -> None:
    assert exit_code_of(CLASSES[CODES[code].blame](code, "x")) == exit_code


def test_the_exceptions_are_codes_there_are() -> None:
    assert set(BY_CODE) <= set(CODES)
    assert set(BY_CODE.values()) <= set(EXITS)


def test_the_page_has_the_table() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {int(code): text for code, text in rows} == EXITS


def test_an_error_is_readable() -> None:
    details = {"problems": [{"code": "A", "pointer": "/x", "message": "wrong"}, "plain"]}
    shape = CallerError("NOT_FOUND", "there is no x", hint="Look.", pointer="/a", details=details).to_dict()
    assert readable(shape).splitlines() == ["error NOT_FOUND at /a: there is no x", "  A /x: wrong", "  plain", "  → Look."]


def test_the_place_in_a_file_is_shown() -> None:
    place = {"file": "own.py", "line": 3}
    assert readable(AuthorError("APP_MODULE", "x", hint="y", details=place).to_dict()).splitlines()[1] == "  in own.py, line 3"
