"""From text to a syntax tree."""

from __future__ import annotations

from worktrail.feel.syntax.names import Vocabulary
from worktrail.feel.syntax.parser import parse_expression, parse_tests
from worktrail.feel.syntax.scanner import Source

__all__ = ["Source", "Vocabulary", "parse_expression", "parse_tests"]
