"""The fenced blocks of the documents: how they are found, checked, run and compared.

What a block is for follows from the first word after its fence, and options after it:

- `python` runs in a process of its own; `python continues` runs after the text of the blocks above it on the page.
- `console` and `sh`: commands. A line `$ worktrail …` or `$ python …` runs (in `sh` the `$` may be left out), and what
  follows it is the expected output, where `...` stands for any text in a line and, alone, for any lines. `exit=1` says that
  the last command ends with that status. A `cd` into a folder that a block above has made is followed, for the rest of the
  page. Other programs are not run, but they must be on a short list, and `make x` must name a target there is.
- `file=NAME` writes the block to a file instead of running it; later blocks of the page find it there.
- `not-run: reason` keeps a block from running; the reason is required.
- `json`, `yaml`, `toml` must parse; `text`, `mermaid` and such are only shown.

All blocks of a page share one fresh folder, in their order. A block without a word after its fence is refused.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

SHOWN = {"text", "mermaid", "diff", "sql", "http", "ini", "dmn", "xml", "html", "feel", "typescript", "make"}
SHELLS = {"console", "sh"}
PARSED = {"json", "yaml", "toml", "python"}
RUN = ("worktrail", "python")
NOT_RUN = {"git", "cd", "make", "pip", "docker", "curl", "export", "uv"}
FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+)(?P<info>.*)$")
SECONDS = 120


class Block(NamedTuple):
    """One fenced block: the document it is in, the line of its fence, the words after the fence, its text."""

    page: Path
    line: int
    info: str
    text: str

    @property
    def language(self) -> str:
        """The first word after the fence."""
        return self.info.split()[0] if self.info.strip() else ""

    def option(self, name: str) -> str | None:
        """The value of `name=value` after the fence."""
        hit = re.search(rf"(?:^|\s){name}=(\S+)", self.info)
        return hit[1] if hit else None

    @property
    def reason(self) -> str | None:
        """Why the block is not run; None if it is, and empty if the reason is missing."""
        hit = re.search(r"\bnot-run\b:?(.*)$", self.info)
        return hit[1].strip() if hit else None


class Command(NamedTuple):
    """A command of a shell block and the output that the document promises, or None where it promises nothing."""

    line: str
    output: str | None


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a Markdown document. A fence that is never closed is a block that ends with the page."""
    found: list[Block] = []
    opened: tuple[int, re.Match[str]] | None = None
    body: list[str] = []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        hit = FENCE.match(line)
        if opened is None and hit:
            opened, body = (number, hit), []
        elif opened is not None and hit and len(hit["ticks"]) >= len(opened[1]["ticks"]) and not hit["info"].strip():
            found.append(Block(page, opened[0], opened[1]["info"].strip(), "\n".join(body) + "\n"))
            opened = None
        elif opened is not None:
            body.append(line.removeprefix(opened[1]["indent"]))
    if opened is not None:
        found.append(Block(page, opened[0], opened[1]["info"].strip() + " (never closed)", "\n".join(body)))
    return found


def commands(block: Block) -> list[Command]:
    """The commands of a shell block, with lines continued by a backslash joined."""
    found: list[Command] = []
    prompts = any(line.startswith("$ ") for line in block.text.splitlines())
    for line in re.sub(r"\\\n\s*", "", block.text).splitlines():
        if line.startswith("$ ") or not prompts:
            words = line.removeprefix("$ ").strip()
            if words and not words.startswith("#"):
                found.append(Command(words, None))
        elif found:
            last = found[-1]
            found[-1] = last._replace(output=(last.output or "") + line + "\n")
    return found


# --- what can be said without running ---------------------------------------------------------------------------------


def parse_problem(block: Block) -> str | None:
    """Why the text of a block is not what its language says."""
    try:
        match block.language:
            case "json":
                json.loads(block.text)
            case "yaml":
                list(YAML(typ="safe").load_all(block.text))
            case "toml":
                tomllib.loads(block.text)
            case "python":
                ast.parse(block.text)
    except (ValueError, SyntaxError, YAMLError) as error:
        return f"not {block.language}: {str(error).splitlines()[0]}"
    return None


def command_problem(command: Command, targets: set[str]) -> str | None:
    """Why a command may not stand in a document."""
    try:
        words = shlex.split(command.line, comments=True)
    except ValueError as error:
        return f"`{command.line}`: {error}"
    if words[0] not in {*RUN, *NOT_RUN}:
        return f"`{words[0]}` is neither run nor on the list of programs that are only shown"
    if words[0] == "make":
        unknown = [word for word in words[1:] if "=" not in word and not word.startswith("-") and word not in targets]
        return f"make has no target {unknown[0]}" if unknown else None
    return None


def static_problems(block: Block, targets: set[str]) -> list[str]:
    """Everything that is wrong with a block and can be seen without running it."""
    found: list[str | None] = []
    if block.info.endswith("(never closed)"):
        found.append("the fence is never closed")
    elif not block.language:
        found.append("no language after the fence")
    elif block.language not in SHOWN | SHELLS | PARSED and block.option("file") is None:
        found.append(f"unknown language {block.language}")
    if block.reason == "":
        found.append("`not-run` needs a reason: `not-run: why`")
    found.append(parse_problem(block))
    if block.language in SHELLS and block.reason is None:
        found += [command_problem(command, targets) for command in commands(block)]
    return [f"{block.page.name}:{block.line}: {problem}" for problem in found if problem]


# --- running ----------------------------------------------------------------------------------------------------------


def fits(expected: str, actual: str) -> bool:
    """Whether an output is the expected one; `...` is any text in a line and, alone on a line, any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else ".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ ]*\n"
        for line in expected.strip("\n").splitlines()
    )
    return re.fullmatch(pattern, actual.strip("\n") + "\n") is not None


def environment(home: Path) -> dict[str, str]:
    """A plain environment: the programs of this interpreter first, no colours, nothing of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if name in {"LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT"}}
    scripts = str(Path(sys.executable).parent)
    path = os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)])
    return {**kept, "PATH": path, "HOME": str(home), "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100", "PYTHONUTF8": "1"}


def execute(words: list[str], folder: Path, text: str | None = None) -> tuple[int, str]:
    """Runs a program in `folder`; (exit status, output and errors together)."""
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment(folder),
        input=text or "",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    return done.returncode, done.stdout


def run_shell(block: Block, folder: Path) -> tuple[Path, list[str]]:
    """Runs those commands of a block that are ours, and compares; (the folder it ends in, what went wrong)."""
    found = []
    every = commands(block)
    ours = [command for command in every if command.line.split()[0] in RUN]
    for command in every:
        words = shlex.split(command.line, comments=True)
        if words[0] == "cd" and len(words) == 2 and (folder / words[1]).is_dir():
            folder = folder / words[1]
        if words[0] not in RUN:
            continue
        program = Path(sys.executable).parent / words[0]
        expected = int(block.option("exit") or 0) if command is ours[-1] else 0
        if not program.exists():
            found.append(f"`{command.line}`: {words[0]} is not installed beside {sys.executable}")
            continue
        status, output = execute([str(program), *words[1:]], folder)
        if status != expected:
            found.append(f"`{command.line}` ended with status {status}, not {expected}:\n{output}")
        elif command.output is not None and not fits(command.output, output):
            found.append(f"`{command.line}` printed something else than the document says:\n{output}")
    return folder, found


def run_page(page: Path, folder: Path) -> list[str]:
    """Runs all blocks of a document in `folder`, in their order; answers what went wrong."""
    found, script = [], ""
    for block in blocks(page):
        if block.reason is not None:
            continue
        problems: list[str] = []
        name = block.option("file")
        if name is not None:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            script = script + block.text if "continues" in block.info.split() else block.text
            status, output = execute([sys.executable, "-"], folder, script)
            problems = [f"the block ended with status {status}:\n{output}"] if status else []
        elif block.language in SHELLS:
            folder, problems = run_shell(block, folder)
        found += [f"{page.name}:{block.line}: {problem}" for problem in problems]
    return found


def runs(page: Path) -> bool:
    """Whether a document has a block that would run."""
    able = [block for block in blocks(page) if block.reason is None and block.option("file") is None]
    shells = [c for block in able if block.language in SHELLS for c in commands(block) if c.line.split()[0] in RUN]
    return bool(shells) or any(block.language == "python" for block in able)
