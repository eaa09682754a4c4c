"""The demo with its page: a server with a worker inside, reports that come in, and a short tour beside it in the terminal.

Rule: the page is there at once, and what it shows happens while one looks. Each report has a run id of its own, so a second
start in the same folder begins none of them twice and goes on with all that is open. The tour decides a task, so it is shown once
in a folder, and says so before.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from worktrail.app.caller import Caller
from worktrail.app.demo.commands import Commands, program_name
from worktrail.app.demo.place import Place, free_port, place_of, service
from worktrail.app.project import load_project
from worktrail.app.service import Host
from worktrail.app.use_cases import StartRun, os_principal, start_run
from worktrail.app.wiring import wire
from worktrail.errors import CallerError, WorktrailError
from worktrail.store import TaskFilter

__all__ = ["PORT", "run_page"]

PORT: Final = 8700
AT_ONCE: Final = 80  # reports that are there from the beginning; the others come in one by one
EVERY_S: Final = 1.5
BEGIN_S: Final = 1.0  # the page comes first: reports and the browser would fight for the processor
PATIENCE_S: Final = 30.0  # for the first task of a person


def run_page(
    serve: Callable[..., None],
    *,
    keep: Path | None = None,
    port: int | None = None,
    browse: bool = True,
    as_json: bool = False,
    tell: Callable[[dict[str, Any]], None] = lambda facts: None,
) -> None:
    """Serves the demo until it is stopped. ``serve`` is the web's; ``tell({"url", "folder"})`` is called once it listens.

    CallerError SERVE_ADDRESS where a port that was asked for is taken, DEMO_BUSY, OUTPUT_FILE.
    """
    with place_of(keep) as place:
        _run_page(serve, place, port=port, browse=browse, as_json=as_json, tell=tell)


def _run_page(
    serve: Callable[..., None],
    place: Place,
    *,
    port: int | None,
    browse: bool,
    as_json: bool,
    tell: Callable[[dict[str, Any]], None],
) -> None:
    folder = place.folder
    host = Host(lambda tenant_id: wire(load_project(folder), tenant_id=tenant_id), mode="local", worker="inside")
    beside = _Beside(place, host, Commands(folder, quiet=as_json))

    def started(url: str) -> None:
        tell({"url": url, "folder": str(folder)})
        beside.start(url)
        if browse:
            webbrowser.open(url)

    try:
        serve(host, port=free_port(PORT) if port is None else port, started=started)
    finally:
        beside.stop()
        host.close()


class _Beside:
    """What happens beside the server: the service, the reports, the tour."""

    def __init__(self, place: Place, host: Host, commands: Commands) -> None:
        self._place = place
        self._folder = place.folder
        self._toured = place.folder / "tour.done"
        self._host = host
        self._commands = commands
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worktrail-demo", daemon=True)
        self._url = ""

    def start(self, url: str) -> None:
        """Begins; returns at once."""
        self._url = url
        self._thread.start()

    def stop(self) -> None:
        """Ends with the report that is being started."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        say = self._commands.say
        say(f"The demo lives in {self._folder}. Its service (rates, vendors, payouts) fails one request in five.")
        say(f"Open {self._url}: 200 expense reports come in. Ctrl-C stops; the same command goes on.")
        if not self._toured.exists():
            say("A short tour follows here, once: it lists what waits for people, and approves one task.")
        try:
            self._work()
        except WorktrailError as error:
            say(f"{error}")

    def _work(self) -> None:
        with service(self._place) as address:
            tour = threading.Thread(target=self._tour, name="worktrail-tour", daemon=True)
            self._stop.wait(BEGIN_S)
            for number, _ in enumerate(self._reports(address), start=1):
                if number == AT_ONCE:
                    tour.start()
                if self._stop.wait(0 if number <= AT_ONCE else EVERY_S):
                    break
            if tour.ident is None:
                tour.start()
            self._stop.wait()  # the service is there for retries as long as the page is
            tour.join()

    def _caller(self) -> Caller:
        return self._host.home.caller(os_principal("local"))

    def _reports(self, address: str) -> Iterator[str]:
        """Starts one report after the other; those that were started before are passed over."""
        caller, wiring = self._caller(), self._host.home.wiring
        lines = (self._folder / "reports.jsonl").read_text(encoding="utf-8").splitlines()
        reports = {f"demo-{report['report_id']}": report for report in map(json.loads, lines)}
        there = caller.store.existing_runs(reports)
        for run_id, report in reports.items():
            if run_id in there:
                continue
            asked = StartRun(
                segment_id="expense_report",
                input=report,
                parameters={"service_url": address},
                business_key=report["report_id"],
                labels={"example": "expenses"},
                run_id=run_id,
            )
            with contextlib.suppress(CallerError):  # another process of the same demo was quicker
                start_run(caller, wiring, asked)
                self._host.wrote(caller.store.tenant_id)
            yield run_id

    def _tour(self) -> None:
        """A few commands beside the running server, which answers them; the decision is taken once in a folder."""
        if self._stop.is_set() or not (self._toured.exists() or self._show()):
            return
        self._where_next()

    def _show(self) -> bool:
        """Whether there was something to show before the demo was stopped."""
        commands, store = self._commands, self._caller().store
        end = time.monotonic() + PATIENCE_S
        while not (tasks := store.list_tasks(TaskFilter(limit=5))):
            if self._stop.wait(0.2) or time.monotonic() > end:
                return False
        try:
            commands.title("What waits for people")
            commands.show("tasks", "list", "--limit", "5")
            commands.title("Approve one from here; the page shows it at once")
            self._toured.touch()
            commands.show("tasks", "decide", tasks[0].task_id, "approved", "--reason", "checked the receipts")
            commands.title("The end of its trail")
            commands.show_end_of_trail(str(tasks[0].run_id))
        except WorktrailError as error:
            commands.say(f"{error}")  # stopped in the middle of it, or decided in the page meanwhile
        return True

    def _where_next(self) -> None:
        program = program_name()
        self._commands.title("Where to look next")
        for words in ("runs list --status failed", "tasks list", "doctor"):
            self._commands.say(f"  cd {shlex.quote(str(self._folder))} && {program} {words}")
        self._commands.say(f"  the segment itself: segment.yaml, payment.yaml; your own: {program} new NAME")
        self._commands.say(f"  the page: {self._url}")
