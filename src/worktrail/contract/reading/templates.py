"""Texts with expressions in them: ``Dear {{ input.name }}``.

Rule: ``{{`` opens an expression and the ``}}`` that belongs to it closes it: braces inside the expression are counted, those
inside its string literals are not. There is no escape: a text that needs ``{{`` says ``{{ "{{" }}``. Whoever fills a template
uses this function, so that what was validated is what is evaluated.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["TemplatePart", "template_parts"]


class TemplatePart(NamedTuple):
    """A piece of a template: literal text, or the FEEL text of an expression. ``offset`` counts characters of the template."""

    text: str
    expression: bool
    offset: int


def template_parts(text: str) -> list[TemplatePart]:
    """The pieces of a template, in order. ValueError where an expression is not closed."""
    parts: list[TemplatePart] = []
    at = 0
    while (begin := text.find("{{", at)) >= 0:
        if begin > at:
            parts.append(TemplatePart(text[at:begin], expression=False, offset=at))
        end = _closing(text, begin + 2)
        if end < 0:
            raise ValueError(f"`{{{{` at character {begin + 1} is not closed by `}}}}`")
        parts.append(TemplatePart(text[begin + 2 : end].strip(), expression=True, offset=begin))
        at = end + 2
    if at < len(text):
        parts.append(TemplatePart(text[at:], expression=False, offset=at))
    return parts


def _closing(text: str, at: int) -> int:
    depth, quoted = 0, False
    while at < len(text):
        sign = text[at]
        if quoted:
            if sign == "\\":
                at += 1
            quoted = sign != '"'
        elif sign == '"':
            quoted = True
        elif sign == "{":
            depth += 1
        elif sign == "}":
            if depth == 0:
                return at if text.startswith("}}", at) else -1
            depth -= 1
        at += 1
    return -1
