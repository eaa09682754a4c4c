"""One helper for all tests that need a project: files into a folder, a wiring out of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from worktrail.app import Batch, BatchOptions, BatchReport, Caller, Wiring, load_project, open_rows, wire
from worktrail.guard import Principal

STEPS = """
import asyncio

from worktrail import step


@step("sample_double")
async def double(input: dict, *, factor: int = 2) -> int:
    await asyncio.sleep(0)
    return input["n"] * factor


@step("sample_fail")
def fail(input: dict) -> int:
    raise ValueError(f"cannot do {input['n']}")


@step("sample_once", effect="once")
def once(input: dict) -> dict:
    raise RuntimeError("refused")
"""

SEGMENTS = {
    "double.yaml": """
worktrail: 1
segment_id: double
parameters: {scale: {schema: {type: integer}, default: 2}}
input_schema: {type: object, required: [n], properties: {n: {type: integer}, key: {type: string}}}
steps:
  - {step_id: a, step_type: sample_double, config: {factor: =parameters.scale}}
""",
    "ask.yaml": """
worktrail: 1
segment_id: ask
steps:
  - {step_id: h, step_type: human_task, config: {title: "Good?", task_type: choice, options: [red, {value: 2, label: Two}]}}
  - {step_id: t, step_type: transform, config: {expression: input.option}}
  - {step_id: r, step_type: transform, config: {expression: input.decision}}
outputs: {chosen: t.output, other: r.output}
edges:
  - {source_step: h, source_port: approved, target_step: t}
  - {source_step: h, source_port: rejected, target_step: r}
  - {source_step: h, source_port: modified, target_step: r}
  - {source_step: h, source_port: expired, target_step: r}
""",
    "timer.yaml": """
worktrail: 1
segment_id: timer
steps:
  - {step_id: w, step_type: wait, config: {duration: PT0.05S}}
""",
    "broken.yaml": """
worktrail: 1
segment_id: broken
steps:
  - {step_id: a, step_type: sample_fail}
""",
    "stuck.yaml": """
worktrail: 1
segment_id: stuck
policy: {on_failure: incident}
steps:
  - {step_id: pay, step_type: sample_once}
""",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Writes files (relative path → text) into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def sample(folder: Path, *, toml: str = "", segments: dict[str, str] | None = None) -> Path:
    """A project with the sample steps and segments; the folder."""
    found = SEGMENTS if segments is None else segments
    files = {f"segments/{name}": text for name, text in found.items()}
    return write(folder, {"worktrail.toml": '[project]\napp = "sample_steps.py"\n' + toml, "sample_steps.py": STEPS, **files})


def wiring(folder: Path, *, database: str | Path | None = None) -> Wiring:
    """The wiring of a project in a folder."""
    return wire(load_project(folder), database=database)


def batch(made: Wiring, segment: str, path: Path, *, out: Path | None = None, **options: Any) -> BatchReport:
    """Runs a batch to its end."""
    found, children = made.find_segment(segment)
    rows = open_rows(path, found.input_schema)
    return asyncio.run(Batch(made, found, rows, children=children, options=BatchOptions(**options), out=out).run())


def as_anna(made: Wiring, **more: Any) -> Caller:
    """Somebody at the wiring's database, with every right unless ``more`` says less (fields of a principal)."""
    return Caller(made.store, Principal("user:anna", display_name="anna", **more))
