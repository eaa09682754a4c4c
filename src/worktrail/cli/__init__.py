"""The command line. Never: logic; every command is a use case of `app` and the printing of its answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code (docs/cli.md). Nothing heavy is loaded before the command is known."""
    from worktrail.cli.app import run_command

    return run_command(list(sys.argv[1:] if arguments is None else arguments))
