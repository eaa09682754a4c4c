"""Programs in the old spelling run with new import lines; every name of the table is where it says; nothing else is claimed."""

from __future__ import annotations

import asyncio
import difflib
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.coming_from.deviations import DEVIATIONS
from tests.house.blocks import Block, blocks, execute
from tests.house.tree import ROOT
from tools.coming_from import INSTEAD, NAMES, translated
from worktrail import SegmentDefinition, SegmentRunner, StepCatalog, StepCategory, StepDefinition, StepTypeMetadata

PAGE = ROOT / "docs" / "coming-from" / "llmteam.md"
TEXT = PAGE.read_text(encoding="utf-8")
PROGRAMS = [block for block in blocks(PAGE) if block.language == "python"]


def heading_of(block: Block) -> str:
    above = TEXT.splitlines()[: block.line]
    return next(line.strip("# ") for line in reversed(above) if line.startswith("#"))


def test_there_are_programs_for_runtime_events_and_canvas() -> None:
    assert [heading_of(block) for block in PROGRAMS] == [
        "Runtime: stores, secrets, models",
        "Events: emit, query, watch",
        "A segment, and its JSON",
        "The catalogue",
        "The runner",
        "The short runtime pattern",
        "The canvas example",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("block", PROGRAMS, ids=heading_of)
def test_a_program_runs_with_new_import_lines_and_no_other_change(block: Block, tmp_path: Path) -> None:
    new = translated(block.text)
    changed = [line for line in difflib.ndiff(block.text.splitlines(), new.splitlines()) if line[0] in "+-"]
    assert changed and all(re.match(r"[+-] from (llmteam|worktrail)[.a-z]* import ", line) for line in changed)
    status, output = execute([sys.executable, "-"], tmp_path, new)
    assert status == 0, output


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_where_the_table_says_with_its_members(name: str) -> None:
    place = NAMES[name]
    found = getattr(import_module(place.new), name)
    fields = set(getattr(found, "__struct_fields__", ())) | set(getattr(found, "__slots__", ()))
    assert [member for member in place.members.split() if not hasattr(found, member) and member not in fields] == []


def test_imports_are_rewritten_wherever_they_stand() -> None:
    source = (
        "from llmteam.canvas import (\n    RunConfig,\n    PortSpec as Spec,\n)\n\n\ndef f():\n"
        "    from llmteam import EventType\n    return 'from llmteam import x'\n"
    )
    assert translated(source) == (
        "from worktrail import RunConfig\nfrom worktrail.contract import PortSpec as Spec\n\n\ndef f():\n"
        "    from worktrail import EventType\n    return 'from llmteam import x'\n"
    )


@pytest.mark.parametrize("name", [*INSTEAD, "TenantManager"])
def test_a_name_that_is_not_here_is_refused_with_its_line(name: str) -> None:
    with pytest.raises(ValueError, match=f"line 2: .*{name} is not here"):
        translated(f"import asyncio\nfrom llmteam.canvas import {name}\n")


def test_the_script_prints_a_file_or_says_what_is_wrong(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text("from llmteam.events import EventType\n", encoding="utf-8")
    bad.write_text("from llmteam.tenancy import TenantManager\n", encoding="utf-8")
    command = [sys.executable, "-m", "tools.coming_from"]
    done = subprocess.run([*command, str(good)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "from worktrail import EventType\n")
    done = subprocess.run([*command, str(bad)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "line 1: llmteam.tenancy.TenantManager is not here" in done.stderr


def test_every_deviation_on_the_page_is_checked_and_none_besides() -> None:
    table = TEXT[TEXT.index("## Deliberate deviations") :]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == list(DEVIATIONS)


@pytest.mark.slow
@pytest.mark.parametrize("name", DEVIATIONS)
def test_a_deviation_is_as_the_page_says(name: str) -> None:
    DEVIATIONS[name]()


def test_a_handler_registered_in_the_catalogue_is_found() -> None:
    async def own(ctx: Any, config: Any, input_data: Any) -> Any:
        return {"output": 7}

    catalog = StepCatalog()
    metadata = StepTypeMetadata(type_id="own", category=StepCategory.DATA, display_name="Own", description="Ours")
    catalog.register(metadata, own)
    segment = SegmentDefinition(segment_id="s", steps=[StepDefinition(step_id="a", step_type="own")])
    assert asyncio.run(SegmentRunner(catalog=catalog).run(segment)).outputs == {"output": 7}
