"""``worktrail incidents …``: what stopped and needs somebody's repair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from worktrail.cli.commands.runs import RunId, print_answer
from worktrail.cli.options import Database, Json, Limit, ProjectFile, Reason, caller_of
from worktrail.cli.output import ago, print_json, print_lines, print_table

__all__ = ["COMMANDS"]

Incident = Annotated[str | None, typer.Argument(metavar="INCIDENT", help="The incident's id; not needed where there is one.")]


def list_(
    run_id: Annotated[str | None, typer.Option("--run", metavar="RUN", help="Only of this run.")] = None,
    limit: Limit = 50,
    database: Database = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """List open incidents.

    \b
      worktrail incidents list
      worktrail incidents list --run 3f9a0c12 --json
    """
    from worktrail.app import list_incidents

    page = list_incidents(caller_of(project, database), run_id, limit=limit)
    if as_json:
        print_json(page)
        return
    rows = [
        (each["run_id"], each["incident"], each["kind"], each["error"]["error_code"], ago(each["opened_at"]))
        for each in page["incidents"]
    ]
    print_table(["run", "incident", "kind", "error", "opened"], rows, empty="no open incidents")


def show(
    run_id: RunId, incident: Incident = None, database: Database = None, project: ProjectFile = None, as_json: Json = False
) -> None:
    """Show one incident: what went wrong where, and what can be done.

    \b
      worktrail incidents show 3f9a0c12
    """
    from worktrail.app import show_incident

    facts = show_incident(caller_of(project, database), run_id, incident)
    if as_json:
        print_json(facts)
        return
    error = facts["error"]
    print_lines(
        [
            ("run", facts["run_id"]),
            ("incident", facts["incident"]),
            ("kind", facts["kind"]),
            ("visit", facts["visit"]),
            ("attempts", facts["attempts"]),
            ("error", f"{error['error_code']}: {error['error_message']}"),
            ("hint", error["hint"]),
            ("edges", facts["edges"] or None),
            ("opened", facts["opened_at"]),
            ("can be done", ", ".join(facts["actions"])),
        ]
    )


def resolve(
    run_id: RunId,
    incident: Incident = None,
    action: Annotated[
        str, typer.Option("--action", metavar="ACTION", help="retry, deliver, skip, fail; for a condition true, false.")
    ] = ...,  # type: ignore[assignment]
    outputs: Annotated[
        str | None, typer.Option("--outputs", metavar="JSON", help="For deliver: {port: value}, or @FILE.")
    ] = None,
    edge: Annotated[int | None, typer.Option("--edge", metavar="N", min=0, help="For a condition: only this edge.")] = None,
    reason: Reason = None,
    database: Database = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """Repair an incident.

    \b
      worktrail incidents resolve 3f9a0c12 --action retry
      worktrail incidents resolve 3f9a0c12 pay!12 --action deliver --outputs '{"output": {"paid": true}}'
      worktrail incidents resolve 3f9a0c12 --action fail --reason "the order is void"
    """
    from worktrail.app import json_argument, resolve_incident

    given: Any = None if outputs is None else json_argument(outputs, "--outputs")
    if given is not None and not isinstance(given, dict):
        raise typer.BadParameter("must be an object {port: value}", param_hint="--outputs")
    caller = caller_of(project, database)
    answer = resolve_incident(caller, run_id, incident, action, outputs=given, edge=edge, reason=reason)
    print_answer(answer, f"incident of run {run_id} resolved: {action}", as_json=as_json)


COMMANDS: dict[str, Callable[..., None]] = {"list": list_, "show": show, "resolve": resolve}
