"""``worktrail tasks …``: what waits for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from worktrail.cli.commands.runs import print_answer
from worktrail.cli.options import Database, Json, Limit, ProjectFile, after_what, caller_of
from worktrail.cli.output import ago, print_json, print_lines, print_table, say, shown

__all__ = ["COMMANDS"]

TaskId = Annotated[str, typer.Argument(metavar="TASK", help="The task's id.")]


def list_(
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="STATUS", help="open (default), completed, expired, cancelled, all; again for more."),
    ] = None,
    run_id: Annotated[str | None, typer.Option("--run", metavar="RUN", help="Only tasks of this run.")] = None,
    assignee: Annotated[str | None, typer.Option("--assignee", metavar="NAME", help="Only tasks of this person.")] = None,
    limit: Limit = 50,
    after: Annotated[str | None, typer.Option("--after", metavar="TASK", help="Go on after this task (the next page).")] = None,
    database: Database = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """List tasks, newest first; open ones unless told.

    \b
      worktrail tasks list
      worktrail tasks list --status all --assignee anna --json
    """
    from worktrail.app import TASK_STATUSES, list_tasks

    wanted = status or ["open"]
    for each in wanted:
        if each not in (*TASK_STATUSES, "all"):
            raise typer.BadParameter(f"{each!r} is no status; use {', '.join(TASK_STATUSES)}, all", param_hint="--status")
    with after_what("task"):
        page = list_tasks(
            caller_of(project, database),
            status=None if "all" in wanted else wanted,
            run_id=run_id,
            assignee=assignee,
            limit=limit,
            after=after,
        )
    if as_json:
        print_json(page)
        return
    rows = [
        (
            each["task_id"],
            each["task_type"],
            each["title"],
            each["outcome"] or each["status"],
            each["assignee"] or ", ".join(each["candidate_groups"]),
            each["priority"],
            ago(each["due_at"]) if each["status"] == "open" else "",
        )
        for each in page["tasks"]
    ]
    print_table(["task", "kind", "title", "status", "for", "priority", "due"], rows, empty="no tasks")
    if page["next"]:
        say(f"more: --after {page['next']}")


def show(task_id: TaskId, database: Database = None, project: ProjectFile = None, as_json: Json = False) -> None:
    """Show one task: what is asked, what it is about, which answers may be given.

    \b
      worktrail tasks show t8c1d
    """
    from worktrail.app import show_task

    facts = show_task(caller_of(project, database), task_id)
    if as_json:
        print_json(facts)
        return
    form, decision = facts["form"], facts["decision"] or {}
    print_lines(
        [
            ("task", facts["task_id"]),
            ("title", form["title"]),
            ("about", form["description"]),
            ("kind", form["task_type"]),
            ("status", facts["status"] + (f" ({facts['outcome']})" if facts["outcome"] else "")),
            ("version", facts["version"]),
            ("for", form["assignee"] or ", ".join(form["candidate_groups"])),
            ("priority", form["priority"]),
            ("due", facts["due_at"]),
            ("run", None if facts["run_id"] is None else f"{facts['run_id']} at {facts['visit']}"),
            ("options", ", ".join(each.get("label") or shown(each["value"]) for each in form["options"])),
            ("form", form["input_schema"]),
            ("reason for", ", ".join(form["require_reason"])),
            ("problems", "; ".join(form["problems"])),
            ("decided by", facts["decided_by"]),
            ("comment", decision.get("comment")),
            ("reason", decision.get("reason")),
            ("asked after", " → ".join(each["visit"] for each in facts["why"])),
        ]
    )
    say()
    say("data:")
    print_json(facts["data"])
    for outcome, takes in facts["answers"].items():
        words = [f"--{_option(key)} …" for key in takes["must"]] + [f"[--{_option(key)} …]" for key in takes["may"]]
        say(" ".join(["worktrail tasks decide", facts["task_id"], outcome, *words]))


def _option(key: str) -> str:
    return "data" if key == "input" else key


def decide(
    task_id: TaskId,
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="approved, rejected or modified.")],
    option: Annotated[
        str | None, typer.Option("--option", metavar="VALUE", help="For a choice: the option's value or label.")
    ] = None,
    data: Annotated[str | None, typer.Option("--data", metavar="JSON", help="For an input: what is filled in, or @FILE.")] = None,
    changes: Annotated[
        str | None, typer.Option("--changes", metavar="JSON", help="For a review: {name: new value}, or @FILE.")
    ] = None,
    comment: Annotated[str | None, typer.Option("--comment", metavar="TEXT", help="A word about it.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; some outcomes need one.")] = None,
    expected_version: Annotated[
        int | None, typer.Option("--expected-version", metavar="N", min=1, help="Refuse if the task changed since this version.")
    ] = None,
    database: Database = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """Decide a task, in your own name. It is decided at most once.

    \b
      worktrail tasks decide t8c1d approved --comment "known customer"
      worktrail tasks decide t8c1d rejected --reason "too dear"
      worktrail tasks decide t8c1d approved --option red
      worktrail tasks decide t8c1d modified --changes '{"limit": 500}'
    """
    from worktrail.app import decide_task, json_argument, match_option

    caller = caller_of(project, database)
    decision: dict[str, Any] = {
        "outcome": outcome,
        "option": None if option is None else match_option(caller, task_id, option),
        "input": None if data is None else json_argument(data, "--data"),
        "changes": None if changes is None else json_argument(changes, "--changes"),
        "comment": comment,
        "reason": reason,
        "expected_version": expected_version,
    }
    answer = decide_task(caller, task_id, decision)
    ended = (answer.get("task") or {}).get("outcome") or outcome
    print_answer(answer, f"task {task_id} decided: {ended}", as_json=as_json)


COMMANDS: dict[str, Callable[..., None]] = {"list": list_, "show": show, "decide": decide}
