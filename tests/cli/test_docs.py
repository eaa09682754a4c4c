"""docs/cli.md names every command with every option; every command teaches with an example and answers in JSON."""

from __future__ import annotations

import pytest

from tests.cli.reference import PAGE, commands, page_with_reference

NO_EXAMPLE: set[str] = set()


def test_the_page_is_up_to_date() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page_with_reference(text) == text, "write it again: python -m tests.cli.reference"


@pytest.mark.parametrize("words", commands())
def test_a_command_teaches(words: str) -> None:
    command = commands()[words]
    assert f"\n  worktrail {words}" in command.help
    assert all(param.help for param in command.params)


@pytest.mark.parametrize("words", commands())
def test_a_command_answers_in_json(words: str) -> None:
    assert any("--json" in param.opts for param in commands()[words].params)
