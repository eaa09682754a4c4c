"""``worktrail run``: one input or a file of rows, with progress, a closing table and a clean way out."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from worktrail.cli.exits import FAILED, INTERRUPTED, OK
from worktrail.cli.options import App, Database, Json, ProjectFile, wire_up
from worktrail.cli.output import counted, print_json, print_table, say, warn
from worktrail.cli.process import guarded
from worktrail.errors import CallerError

if TYPE_CHECKING:
    from worktrail.app import BatchReport, RowFile

__all__ = ["run"]


Segment = Annotated[str, typer.Argument(metavar="SEGMENT", help="A segment file, or the id of a segment of the project.")]
Source = Annotated[
    str | None, typer.Option("--input", "-i", metavar="FILE", help=".json, .jsonl, .csv, .tsv; JSON in place; - for stdin.")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write one JSON line a row, when it ends.")]


def run(
    segment: Segment,
    source: Source = None,
    database: Database = None,
    out: Out = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency", "-c", metavar="N", min=1, max=10_000, help="Steps at the same time. Default: the project's."
        ),
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", metavar="K=V", help="A parameter of the segment; again for more.")
    ] = None,
    business_key: Annotated[
        str | None, typer.Option("--business-key", metavar="FEEL", help="The business key of each row: FEEL over the row.")
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option("--label", metavar="K=V", help="A label of every run; again for more.")
    ] = None,
    app: App = None,
    project: ProjectFile = None,
    run_id: Annotated[str | None, typer.Option("--run-id", metavar="ID", help="The id of a single input's run.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the runs, or leave them to a worker.")] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="New runs, also for rows that ran before.")] = False,
    as_json: Json = False,
) -> int:
    """Run a segment: once, or once for each row of a file.

    \b
      worktrail run hello.yaml --input '{"name": "Ada"}'
      worktrail run orders --input orders.csv --out results.jsonl
      worktrail run orders --input orders.jsonl --business-key input.order_id -c 200
      worktrail run orders --input orders.csv --param limit=500 --no-wait

    A row's run id follows from the segment, the file's content and the row's number: the same call again counts what has
    ended, goes on with what is open and starts the rest. A row that cannot be read is reported with its line and stops no
    other. Ctrl-C parks everything; a second one leaves at once.
    """
    from worktrail.app import Batch, BatchOptions, os_principal, pairs, parameters_of

    with wire_up(project, database, app) as wiring:
        found, children = wiring.find_segment(segment)
        options = BatchOptions(
            parameters=parameters_of(found, param or []),
            business_key=business_key,
            labels=pairs(label or [], "label"),
            concurrency=concurrency,
            fresh=fresh,
            wait=wait,
            run_id=run_id,
            principal=os_principal().id,
        )
        rows, spool = _rows(source, found.input_schema)
        try:
            _one_id(rows, source, run_id)
            progress = _Progress(rows.total, quiet=as_json or not rows.many)
            batch = Batch(wiring, found, rows, children=children, options=options, out=out, tell=progress.tell)
            with progress, _asking_for_input(source):
                report = asyncio.run(guarded(batch.run(), batch.stop))
        finally:
            if spool is not None:
                spool.unlink(missing_ok=True)
        result = _single(wiring.store, report)
        _close(report, result, as_json=as_json, many=rows.many)
    if report.interrupted:
        return INTERRUPTED
    return FAILED if report.failed or report.skipped else OK


def _rows(source: str | None, schema: Any) -> tuple[RowFile, Path | None]:
    """The rows of `--input`, and the temporary file to remove afterwards."""
    from worktrail.app import inline_rows, is_there, open_rows

    if source is None:
        return inline_rows("{}", schema), None
    if source != "-":
        given = source.lstrip().startswith(("{", "[")) and not is_there(source)
        return (inline_rows(source, schema) if given else open_rows(Path(source), schema)), None
    with tempfile.NamedTemporaryFile(suffix=".jsonl", delete=False) as spool:
        while chunk := sys.stdin.buffer.read(1024 * 1024):
            spool.write(chunk)
    path = Path(spool.name)
    if path.stat().st_size <= 4 * 1024 * 1024:
        raw = path.read_bytes()
        if _is_one_document(raw):
            return inline_rows(raw.decode("utf-8-sig"), schema), path
    return open_rows(path, schema), path


def _one_id(rows: RowFile, source: str | None, run_id: str | None) -> None:
    if rows.many and run_id is not None:
        message = f"it names the run of a single input, and {source} holds rows: their ids follow from the file"
        raise typer.BadParameter(message, param_hint="--run-id")


@contextlib.contextmanager
def _asking_for_input(source: str | None) -> Iterator[None]:
    """Where the input that was not given does not fit, the option is named that gives one."""
    try:
        yield
    except CallerError as error:
        if error.code == "INPUT_INVALID" and source is None:
            error.hint = "No input was given: `--input FILE`, or `--input '{…}'`."
        raise


def _is_one_document(raw: bytes) -> bool:
    import msgspec

    try:
        msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _single(store: Any, report: BatchReport) -> dict[str, Any] | None:
    """What became of a single input's run."""
    if report.run_id is None or store.get_run(report.run_id) is None:
        return None
    from worktrail.app import Caller, os_principal, show_run

    return show_run(Caller(store, os_principal()), report.run_id)


def _close(report: BatchReport, result: dict[str, Any] | None, *, as_json: bool, many: bool) -> None:
    if as_json:
        print_json({**report.to_dict(), "result": result} if result is not None else report.to_dict())
        return
    if result is not None and not many:
        _print_single(result)
    for remark in report.header:
        warn(f"the header: {remark}")
    for row in report.bad_rows:
        warn(f"line {row['line']}: {row['error']['code']}: {row['error']['message']}")
    if report.skipped > len(report.bad_rows):
        warn(f"… and {report.skipped - len(report.bad_rows)} more rows that cannot be used")
    for row in report.failures[:5] if many else ():
        warn(f"line {row['line']}, run {row['run_id']}: {_error_text(row)}")
    if many:
        facts = report.to_dict()
        print_table(["", report.segment_id], [(name, text) for name, text in _facts(facts) if text], empty="")
    if report.interrupted:
        say(f"Parked {counted(report.parked, 'run')} in {report.database}.")
        say("Go on with the same command, or with: worktrail worker --db " + report.database)
    elif report.queued and report.taken:
        say(f"Queued {counted(report.queued, 'run')}. A process that runs here takes {'it' if report.queued == 1 else 'them'}.")
    elif report.queued:
        them = "it" if report.queued == 1 else "them"
        say(f"Queued {counted(report.queued, 'run')}. Work on {them} with: worktrail worker --db {report.database}")
    elif report.waiting:
        say("Look at what waits: worktrail tasks list, worktrail incidents list")


def _error_text(row: dict[str, Any]) -> str:
    error = row["error"]
    return str(row["status"]) if error is None else f"{error['code']}: {error['message']}"


def _facts(facts: dict[str, Any]) -> list[tuple[str, str]]:
    def count(name: str) -> str:
        return f"{facts[name]:,}" if facts[name] else ""

    return [
        ("rows", f"{facts['rows']:,}"),
        ("completed", f"{facts['completed']:,}"),
        ("failed", f"{facts['failed']:,}"),
        ("cancelled", count("cancelled")),
        ("waiting for people", f"{facts['waiting']:,}"),
        ("skipped rows", f"{facts['skipped']:,}"),
        ("ended before", count("already")),
        ("of these not completed", count("already_failed")),
        ("gone on with", count("resumed")),
        ("left to a worker", count("queued")),
        ("parked", count("parked")),
        ("retries", f"{facts['retries']:,}"),
        ("duration", f"{facts['duration_s']:.{1 if facts['duration_s'] >= 10 else 3}f} s"),
        ("steps/s", f"{facts['steps_per_s']:,.0f}"),
        ("errors", ", ".join(f"{code} {number}" for code, number in facts["errors"].items())),
    ]


def _print_single(result: dict[str, Any]) -> None:
    say(f"run {result['run_id']}: {result['status']}")
    if result["error"] is not None:
        error = result["error"]
        say(f"  {error['error_code']}: {error['error_message']}")
        if at := (error.get("details") or {}).get("at"):
            say(f"  at {at}")
        if error.get("hint"):
            say(f"  → {error['hint']}")
    if result["outputs"] is not None:
        print_json(result["outputs"])
    for each in result["waiting"]:
        say(f"  {each['visit']} waits for: {each['for']}")


class _Progress:
    """A bar on a terminal, plain lines elsewhere, nothing where it would be in the way. All of it on stderr."""

    EVERY_S = 2.0

    def __init__(self, total: int | None, *, quiet: bool) -> None:
        self._total = total
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._last = 0.0
        self._line = ""

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[facts]}"),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=5)
            self._task = self._bar.add_task("rows", total=self._total, facts="")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, report: BatchReport) -> None:
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.update(self._task, completed=report.done, facts=self._text(report))
            return
        from time import monotonic

        now = monotonic()
        if self._last == 0.0:
            self._last = now
        elif now - self._last >= self.EVERY_S:
            self._last = now
            total = f"/{self._total:,}" if self._total is not None else ""
            line = f"{report.done:,}{total} rows · {self._text(report)}"
            if line != self._line:
                warn(line)
            self._line = line

    def _text(self, report: BatchReport) -> str:
        parts = [f"{report.statuses['completed'] + report.already - report.already_failed:,} completed"]
        for number, word in (
            (report.failed, "failed"),
            (report.waiting, "waiting for people"),
            (report.skipped, "skipped"),
            (report.in_flight, "in flight"),
            (report.retries, "retries"),
        ):
            if number:
                parts.append(f"{number:,} {word}")
        return " · ".join(parts)
