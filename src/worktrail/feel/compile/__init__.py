"""From a syntax tree to closures."""

from __future__ import annotations

from worktrail.feel.compile.compiler import Compiler, located
from worktrail.feel.compile.conform import resolved

__all__ = ["Compiler", "located", "resolved"]
