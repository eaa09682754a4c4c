"""`docs/feel.md` says what the code does: its built-ins, its budgets, its guarded forms."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from tests.feel.tables import run
from worktrail.feel import BUILTINS, DEFAULT_BUDGET, compile_expression

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "feel.md").read_text(encoding="utf-8")


def test_the_built_ins_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| ((?:`[^`]+ -> \w+`(?:<br>)?)+) \| (.+) \|$", PAGE, re.MULTILINE)
    written = {tuple(re.findall(r"`([^`]+)`", forms.replace("\\|", "|"))): doc for forms, doc in rows}
    assert written == {tuple(form.signature for form in found.forms): found.doc for found in BUILTINS.values()}
    assert all(found.doc.endswith(".") for found in BUILTINS.values())


def test_the_budgets_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", PAGE, re.MULTILINE)
    assert {name: int(number.replace(",", "")) for name, number in rows} == dataclasses.asdict(DEFAULT_BUDGET)


def test_the_guarded_forms_hold() -> None:
    rows = re.findall(
        r"^\| `(.+)` \| (?:true|the|false).+ \|$", PAGE.partition("| guarded form |")[2].partition("\n\n")[0], re.MULTILINE
    )
    assert len(rows) == 5
    for text in rows:
        assert run(text, {"order": {"note": None}, "text": "x"}) in (False, 0)


def test_the_examples_compile() -> None:
    block = re.search(r"```feel\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    for line in block[1].strip().splitlines():
        compile_expression(line)
