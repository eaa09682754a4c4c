"""``worktrail segments …``: definitions, and publishing versions of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from worktrail.cli.options import App, Database, Json, Limit, ProjectFile, wire_up
from worktrail.cli.output import ago, print_json, print_lines, print_table, say

if TYPE_CHECKING:
    from worktrail.app import Caller, Wiring

__all__ = ["COMMANDS"]

SegmentId = Annotated[str, typer.Argument(metavar="SEGMENT", help="The segment's id.")]


def _here(project: Path | None, database: Path | None, app: str | None) -> tuple[Caller, Wiring]:
    from worktrail.app import Caller, os_principal

    wiring = wire_up(project, database, app)
    return Caller(wiring.store, os_principal()), wiring


def list_(
    limit: Limit = 100,
    after: Annotated[str | None, typer.Option("--after", metavar="SEGMENT", help="Go on after this one (the next page).")] = None,
    database: Database = None,
    app: App = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """List segments by id: what is published, and what only the project has.

    \b
      worktrail segments list
    """
    from worktrail.app import list_segments

    page = list_segments(*_here(project, database, app), limit=limit, after=after)
    if as_json:
        print_json(page)
        return
    rows = [
        (
            each["segment_id"],
            each["name"],
            each["version"] or "(project)",
            "yes" if each["runnable"] else "no",
            each["problems"],
            each["open_runs"],
            each["failed_24h"],
        )
        for each in page["segments"]
    ]
    print_table(["segment", "name", "version", "runs here", "problems", "open", "failed 24 h"], rows, empty="no segments")
    if page["next"]:
        say(f"more: --after {page['next']}")


def show(
    segment_id: SegmentId,
    version: Annotated[
        str | None, typer.Option("--version", metavar="V", help="A published version. Default: the newest.")
    ] = None,
    database: Database = None,
    app: App = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """Show a segment: what it takes, its published versions, what a check finds.

    \b
      worktrail segments show orders
    """
    from worktrail.app import show_segment

    facts = show_segment(*_here(project, database, app), segment_id, version)
    if as_json:
        print_json(facts)
        return
    print_lines(
        [
            ("segment", facts["segment_id"]),
            ("name", facts["name"]),
            ("about", facts["description"]),
            ("version", facts["version"]),
            ("hash", facts["segment_hash"]),
            ("steps", facts["steps"]),
            ("input", facts["input_schema"]),
            ("parameters", facts["parameters"] or None),
            ("open runs", facts["open_runs"]),
        ]
    )
    for each in facts["problem_list"]:
        say(f"{each['severity']} {each['code']} {each['pointer'] or '/'}: {each['message']}")
    say()
    rows = [(each["version"], ago(each["published_at"]), each["published_by"], each["notes"]) for each in facts["versions"]]
    print_table(["version", "published", "by", "notes"], rows, empty="no version is published")


def publish(
    segment_id: SegmentId,
    version: Annotated[
        str | None, typer.Option("--version", metavar="V", help="The version's name. Default: the definition's own `version`.")
    ] = None,
    notes: Annotated[str | None, typer.Option("--notes", metavar="TEXT", help="What is new in it.")] = None,
    database: Database = None,
    app: App = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """Publish the project's segment as a version that never changes again.

    \b
      worktrail segments publish orders --version 1.2.0 --notes "asks for a reason"
    """
    from worktrail.app import publish_segment

    facts = publish_segment(*_here(project, database, app), segment_id, version=version, notes=notes)
    if as_json:
        print_json(facts)
        return
    say(f"published {facts['segment_id']} {facts['version']}  {facts['segment_hash']}")


COMMANDS: dict[str, Callable[..., None]] = {"list": list_, "show": show, "publish": publish}
