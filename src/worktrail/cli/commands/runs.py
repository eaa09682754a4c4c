"""``worktrail runs …`` and ``worktrail trail``: what runs there are and what happened to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worktrail.cli.options import Database, Json, Limit, ProjectFile, Reason, after_what, caller_of
from worktrail.cli.output import ago, json_line, print_json, print_lines, print_table, say, shown

if TYPE_CHECKING:
    from worktrail.app import Caller

__all__ = ["COMMANDS", "print_answer", "trail"]

FOLLOW_S = 0.2
_OPEN = frozenset({"running", "waiting", "inside"})
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]


def list_(
    status: Annotated[
        list[str] | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            help="running, waiting, paused, completed, failed, cancelled, timed_out; again for more.",
        ),
    ] = None,
    segment: Annotated[str | None, typer.Option("--segment", metavar="ID", help="Only runs of this segment.")] = None,
    business_key: Annotated[str | None, typer.Option("--business-key", metavar="KEY", help="Only runs with this key.")] = None,
    label: Annotated[str | None, typer.Option("--label", metavar="K=V", help="Only runs with this label.")] = None,
    limit: Limit = 50,
    after: Annotated[str | None, typer.Option("--after", metavar="RUN", help="Go on after this run (the next page).")] = None,
    database: Database = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """List runs, newest first.

    \b
      worktrail runs list --status failed --status timed_out
      worktrail runs list --business-key A-1017 --json
    """
    from worktrail.app import RUN_STATUSES, list_runs, pairs
    from worktrail.store import RunFilter

    for each in status or ():
        if each not in RUN_STATUSES:
            raise typer.BadParameter(f"{each!r} is no status; use {', '.join(RUN_STATUSES)}", param_hint="--status")
    where = RunFilter(
        status=status or None,
        segment_ids=None if segment is None else [segment],
        business_key=business_key,
        labels=tuple(pairs([label], "label").items()) if label else (),
        limit=limit,
        after=after,
    )
    with after_what("run"):
        page = list_runs(caller_of(project, database), where)
    if as_json:
        print_json(page)
        return
    rows = [
        (each["run_id"], each["segment_id"], each["status"], _why(each), each["business_key"], ago(each["created_at"]))
        for each in page["runs"]
    ]
    print_table(["run", "segment", "status", "why", "key", "started"], rows, empty="no runs")
    if page["next"]:
        say(f"more: --after {page['next']}")


def _why(each: dict[str, Any]) -> str:
    if each["error_code"]:
        return str(each["error_code"])
    return ", ".join(dict.fromkeys(f"{one['for']} at {one['visit']}" for one in each["waiting"]))


def show(run_id: RunId, database: Database = None, project: ProjectFile = None, as_json: Json = False) -> None:
    """Show one run: its state, steps, outputs, what it waits for.

    \b
      worktrail runs show 3f9a0c12
    """
    from worktrail.app import show_run

    facts = show_run(caller_of(project, database), run_id)
    if as_json:
        print_json(facts)
        return
    error = facts["error"]
    print_lines(
        [
            ("run", facts["run_id"]),
            ("segment", f"{facts['segment_id']} {facts['segment_hash'][:19]}"),
            ("status", facts["status"]),
            ("error", None if error is None else f"{error['error_code']}: {error['error_message']}"),
            ("at", None if error is None else (error["details"] or {}).get("at")),
            ("hint", None if error is None else error["hint"]),
            ("business key", facts["business_key"]),
            ("labels", facts["labels"] or None),
            ("parent", facts["parent_run_id"]),
            ("started", facts["created_at"]),
            ("ended", facts["ended_at"]),
            ("duration", None if facts["duration_ms"] is None else f"{facts['duration_ms'] / 1000:.3f} s"),
            ("waits for", _why({"error_code": None, "waiting": facts["waiting"]})),
            ("incidents", ", ".join(each["incident"] for each in facts["incidents"])),
            ("input", facts["input"]),
            ("outputs", facts["outputs"]),
        ]
    )
    say()
    rows = [
        (visit, one["status"], one["attempts"], _code(one["error"]), shown(one["outputs"]))
        for visit, one in facts["steps"].items()
    ]
    print_table(["step", "status", "attempts", "error", "outputs"], rows, empty="no step has begun")


def _code(error: dict[str, Any] | None) -> str:
    return "" if error is None else str(error["error_code"])


def cancel(
    run_id: RunId, reason: Reason = None, database: Database = None, project: ProjectFile = None, as_json: Json = False
) -> None:
    """Cancel a run. Work that must happen once is awaited first.

    \b
      worktrail runs cancel 3f9a0c12 --reason "ordered twice"
    """
    from worktrail.app import cancel_run, show_run

    caller = caller_of(project, database)
    answer = cancel_run(caller, run_id, reason=reason)
    done = f"run {run_id} cancelled"
    if not answer.get("queued"):
        facts = show_run(caller, run_id)
        answer = {**answer, "status": facts["status"], "waits_for": _awaited(facts)}
        if facts["ended_at"] is None:
            done = f"cancel requested; waits for: {', '.join(answer['waits_for'])}"
    print_answer(answer, done, as_json=as_json)


def _awaited(facts: dict[str, Any]) -> list[str]:
    """The visits that a run still waits for: work that must happen once, tasks and children that have not answered."""
    return [visit for visit, one in facts["steps"].items() if facts["ended_at"] is None and one["status"] in _OPEN]


def pause(
    run_id: RunId, reason: Reason = None, database: Database = None, project: ProjectFile = None, as_json: Json = False
) -> None:
    """Pause a run: what runs goes on to its end, nothing more is started.

    \b
      worktrail runs pause 3f9a0c12
    """
    from worktrail.app import pause_run

    _change(pause_run, "paused", run_id, reason, caller_of(project, database), as_json=as_json)


def resume(
    run_id: RunId, reason: Reason = None, database: Database = None, project: ProjectFile = None, as_json: Json = False
) -> None:
    """Resume a paused run.

    \b
      worktrail runs resume 3f9a0c12
    """
    from worktrail.app import resume_run

    _change(resume_run, "resumed", run_id, reason, caller_of(project, database), as_json=as_json)


def _change(
    use_case: Callable[..., dict[str, Any]], done: str, run_id: str, reason: str | None, caller: Caller, *, as_json: bool
) -> None:
    answer = use_case(caller, run_id, reason=reason)
    print_answer(answer, f"run {run_id} {done}", as_json=as_json)


def print_answer(answer: dict[str, Any], done: str, *, as_json: bool) -> None:
    """What came of a command: done, or queued because nobody works on the database."""
    if as_json:
        print_json(answer)
    elif answer.get("queued"):
        say(f"queued: {answer.get('reason', 'no worker')}. It is carried out once somebody works here: worktrail worker")
        say(f"what is answered then: worktrail commands show {answer['command_id']}")
    else:
        say(done)


def trail(
    run_id: RunId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")] = False,
    after: Annotated[int, typer.Option("--after", min=0, metavar="SEQ", help="Only events after this number.")] = 0,
    database: Database = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """Print what happened to a run, one line an event. With --json one JSON object a line.

    \b
      worktrail trail 3f9a0c12
      worktrail trail 3f9a0c12 --follow --json
    """
    from worktrail.app import ENDINGS, trail_events, trail_line
    from worktrail.app import show_run as facts_of

    caller = caller_of(project, database)
    started_us = None
    while True:
        events = trail_events(caller, run_id, after)
        for event in events:
            after = event.stream_seq
            if as_json:
                say(json_line(event.to_dict()))
                continue
            if started_us is None:
                started_us = caller.run(run_id).created_us
            line = trail_line(event, started_us)
            when, where = f"{line['seq']:>4}  {line['after_s']:>9.3f} s", f"{line['event']:<22} {line['visit'] or '':<20}"
            say(f"{when}  {where} {line['text']}".rstrip())
        ended = any(event.event_type in ENDINGS for event in events)
        if not follow or ended or (not events and facts_of(caller, run_id)["ended_at"] is not None):
            return
        time.sleep(FOLLOW_S)


COMMANDS: dict[str, Callable[..., None]] = {"list": list_, "show": show, "cancel": cancel, "pause": pause, "resume": resume}
