"""``validate``, ``schema``, ``feel``, ``doctor``: looking before running."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from worktrail.cli.exits import FAILED, OK, STORE, STORE_FAMILIES
from worktrail.cli.options import App, Database, Json, ProjectFile, the_web, wire_up
from worktrail.cli.output import print_json, print_lines, say

__all__ = ["COMMANDS"]


def validate(
    segments: Annotated[
        list[str] | None, typer.Argument(metavar="SEGMENT", help="Files or ids; none: every segment of the project.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as problems.")] = False,
    app: App = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> int:
    """Check segments: every problem with its place and what to do.

    \b
      worktrail validate
      worktrail validate segments/orders.yaml --strict --json
    """
    from worktrail.app import check_segments

    with wire_up(project, None, app) as wiring:
        found = check_segments(wiring, segments or [])
    worst = {"error"} | ({"warning"} if strict else set())
    bad = any(problem["severity"] in worst for each in found["segments"] for problem in each["problems"])
    if as_json:
        print_json({**found, "ok": found["ok"] and not bad})
    elif not found["segments"]:
        say("no segments: name a file, or list folders under `segments` in worktrail.toml")
    else:
        for each in found["segments"]:
            say(f"{'ok' if each['ok'] else 'PROBLEMS'}  {each['name']}  {(each['hash'] or '')[:19]}".rstrip())
            for problem in each["problems"]:
                _print_problem(problem)
    return FAILED if bad or not found["ok"] else OK


def _print_problem(problem: dict[str, Any]) -> None:
    details = problem.get("details") or {}
    line = f" (line {details['line']}, column {details['column']})" if "line" in details and "column" in details else ""
    say(f"  {problem['severity']} {problem['code']} at {problem['pointer'] or '/'}{line}: {problem['message']}")
    if problem.get("hint"):
        say(f"    → {problem['hint']}")


def schema(
    step_type: Annotated[
        str | None, typer.Argument(metavar="STEP_TYPE", help="Only the config schema of this step type.")
    ] = None,
    openapi: Annotated[bool, typer.Option("--openapi", help="Print the server's OpenAPI document instead.")] = False,
    app: App = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """Print the JSON Schema of segments, with the project's own step types; or that of one type's config.

    \b
      worktrail schema > segment.schema.json
      worktrail schema human_task
      worktrail schema --openapi > openapi.json
    """
    del as_json  # it is JSON in any case
    if openapi:
        web = the_web()
        print(web.openapi_text(web.bare_app()), end="")
        return
    from worktrail.app import document_schema

    with wire_up(project, None, app) as wiring:
        print_json(document_schema(wiring, step_type))


def feel(
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="A FEEL expression.")],
    context: Annotated[
        str | None, typer.Option("--context", metavar="FILE", help="JSON file, or JSON in place: the names it may use.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Evaluate a FEEL expression, as strictly as segments do.

    \b
      worktrail feel '0.1 + 0.2 = 0.3'
      worktrail feel 'for x in input.items return x * 2' --context '{"items": [1, 2]}'
      worktrail feel 'customer.name' --context order.json
    """
    del as_json  # it is JSON in any case
    from worktrail.app import evaluate_feel, json_argument

    value: Any = {}
    if context is not None:
        in_place = context.lstrip().startswith(("{", "[", '"')) or context.startswith("@")
        value = json_argument(context if in_place else f"@{context}", "--context")
    print_json(evaluate_feel(expression, value))


def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Check every byte of the database too; reads all of it.")] = False,
    database: Database = None,
    app: App = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> int:
    """Look whether everything is in order: versions, project, database, processes, runs that nobody can take.

    \b
      worktrail doctor
      worktrail doctor --deep --json
    """
    from worktrail.app import examine

    with wire_up(project, database, app) as wiring:
        if database is not None:
            wiring.must_exist()  # one that is named; the project's may be still to come
        report = examine(wiring, deep=deep)
    if as_json:
        print_json(report)
        return _exit_of(report)
    place = report["database"] or {}
    print_lines(
        [
            ("worktrail", report["worktrail"]),
            ("python", f"{report['python']} on {report['platform']}"),
            ("libraries", ", ".join(f"{name} {version}" for name, version in report["libraries"].items())),
            ("project", report["project"]["file"] or "(no worktrail.toml)"),
            ("segments", report["project"]["segments"]),
            ("database", str(place.get("path") or place.get("kind")) + ("" if place.get("exists", True) else " (not there yet)")),
            ("sqlite", place.get("sqlite_version")),
            ("settings", place.get("pragmas")),
            ("file system", place.get("file_system")),
            ("sync", ", ".join(f"{name} {value:,.0f} us" for name, value in (place.get("sync_us") or {}).items())),
            ("sizes", place.get("sizes_bytes")),
            ("runs", report["runs"] or None),
            ("processes", ", ".join(each["process"] + ("" if each["alive"] else " (gone)") for each in report["processes"])),
        ]
    )
    for each in report["findings"]:
        say(f"{each['severity']} {each['code']}: {each['message']}")
        say(f"  → {each['hint']}")
    say("all is well" if report["ok"] else "something needs you")
    return _exit_of(report)


def _exit_of(report: dict[str, Any]) -> int:
    """A database in trouble has the exit code that every other command would end with."""
    wrong = [each["code"] for each in report["findings"] if each["severity"] == "error"]
    return STORE if any(code.startswith(STORE_FAMILIES) for code in wrong) else FAILED if wrong else OK


COMMANDS: dict[str, Callable[..., int | None]] = {"validate": validate, "schema": schema, "feel": feel, "doctor": doctor}
