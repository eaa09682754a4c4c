"""The reference of docs/cli.md, drawn from the Typer app. ``python -m tests.cli.reference`` writes it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from worktrail.cli.app import build

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
BEGIN, END = "<!-- commands -->\n", "<!-- end of commands -->"
HIDDEN = {"help", "install_completion", "show_completion"}


def commands() -> dict[str, Any]:
    """Words of a command → the command, in the order of the help."""
    root: Any = typer.main.get_command(build())
    found: dict[str, Any] = {}
    for name, command in root.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None:
            found[name] = command
        else:
            found |= {f"{name} {each}": one for each, one in inner.items()}
    return found


def about(command: Any) -> str:
    """The first sentence of its help."""
    return str(command.help).partition("\n\n")[0].replace("\n", " ").strip()


def options(command: Any) -> list[tuple[str, str]]:
    """(how it is written, what it means) of every argument and option."""
    rows = []
    for param in command.params:
        if param.name in HIDDEN:
            continue
        if param.param_type_name == "argument":
            word = param.metavar or param.name.upper()
            written = word if param.required else f"[{word}]"
            written += "…" if param.nargs == -1 else ""
        else:
            words = [*param.opts, *param.secondary_opts]
            flag = param.is_flag or bool(param.secondary_opts)
            assert flag or param.metavar, f"{param.name} of {command.name} says nothing of its value"
            kind = "" if flag else f" {param.metavar}"
            written = ", ".join(words) + kind
            written += " (required)" if param.required else ""
        rows.append((written, " ".join((param.help or "").split())))
    return rows


def drawn() -> str:
    """The whole reference as Markdown."""
    parts = []
    for words, command in commands().items():
        parts.append(f"### `worktrail {words}`\n\n{about(command)}\n")
        parts.append("| argument or option | meaning |\n|---|---|")
        parts += [f"| `{written}` | {meaning} |".replace("||", "\\|\\|") for written, meaning in options(command)]
        parts.append("")
    return "\n".join(parts)


def page_with_reference(text: str) -> str:
    """The page with the reference drawn again."""
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}\n{drawn()}\n{END}{tail}"


if __name__ == "__main__":
    PAGE.write_text(page_with_reference(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
