"""The caller: who asks, in which tenant; and the one table of rights that every face reads.

Rule: a use case takes a ``Caller`` first and is marked ``@allowed``: the right that stands for it in ``RIGHTS`` is looked up
before anything is read. Which workspaces a principal sees is asked where a row is read: what it does not see is not there
(NOT_FOUND, so that nobody learns ids by asking), what it sees and may not do is FORBIDDEN and names the right.
Why a table: a right that is missing in one face would be a hole nobody sees; a test holds every use case in it.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import msgspec

from worktrail.app.steps import with_step_defaults
from worktrail.contract import SegmentDefinition
from worktrail.engine import decode_exactly
from worktrail.errors import CallerError
from worktrail.guard import Principal, refusal
from worktrail.runtime import plans_of
from worktrail.store import Commit, RunRow, RunTotal, Store, TaskRow

__all__ = ["RIGHTS", "Caller", "Shelf", "allowed"]

TRIES: Final = 20
U = TypeVar("U", bound=Callable[..., Any])

# use case → the permission it needs
RIGHTS: Final[dict[str, str]] = {
    # runs
    "list_runs": "view",
    "count_runs": "view",
    "show_run": "view",
    "trail_events": "view",
    "timeline": "view",
    "outputs_of_run": "view",
    "show_trail": "view",
    "trail_lines": "view",
    "show_state": "view",
    "show_graph": "view",
    "show_visit": "view",
    "read_value": "view",
    "read_blob": "view",
    "retry_visit": "run",
    "preview_bulk": "run",
    "change_many": "run",
    "start_run": "run",
    "segment_to_start": "run",
    "cancel_run": "run",
    "pause_run": "run",
    "resume_run": "run",
    # commands
    "list_commands": "view",
    "show_command": "view",
    # incidents
    "list_incidents": "view",
    "show_incident": "view",
    "resolve_incident": "run",
    # people
    "list_tasks": "view",
    "show_task": "view",
    "match_option": "view",
    "decide_task": "decide",
    # batches
    "begin_batch": "run",
    "try_batch": "run",
    "show_batch": "view",
    "list_batches": "view",
    # what happens
    "list_activity": "view",
    "attention": "view",
    "throughput": "view",
    "measure": "view",
    # segments, views, keys
    "list_segments": "view",
    "show_segment": "view",
    "list_step_types": "view",
    "validate_segment": "view",
    "publish_segment": "publish",
    "list_views": "view",
    "create_view": "edit",
    "replace_view": "edit",
    "delete_view": "edit",
    "list_keys": "admin",
    "create_key": "admin",
    "revoke_key": "admin",
}


class Shelf:
    """What a process keeps of a tenant's store so that reading is quick; may be dropped at any time."""

    def __init__(self, store: Store, own: Callable[[str], SegmentDefinition | None] = lambda segment_id: None) -> None:
        self._store = store
        self._own = own  # segment id → the project's segment
        self.plans = plans_of(store)
        self.strips: dict[str, tuple[int, str]] = {}  # run id → (seq of its newest event, strip)
        self.checked: dict[int, tuple[SegmentDefinition, list[dict[str, Any]]]] = {}  # what a check of a definition found
        self.totals: tuple[int, list[RunTotal]] | None = None  # when, and what was counted
        self._ready: dict[int, tuple[SegmentDefinition, SegmentDefinition, str]] = {}
        self._stored: dict[str, SegmentDefinition] = {}

    def name_of(self, segment_id: str) -> str | None:
        """The name of a segment: as published, else as the project has it."""
        published = self._store.get_published(segment_id)
        if published is not None:
            return published.name
        own = self._own(segment_id)
        return None if own is None else own.name or None

    def drawn(self, segment_id: str, digest: str) -> SegmentDefinition | None:
        """A definition of this hash that has names and places: the project's, else a published one."""
        own = self._own(segment_id)
        if own is not None and self._prepared(own)[2] == digest:
            return own
        for row in self._store.list_published(segment_id):
            if row.segment_hash == digest:
                return self.segment(row.document or row.segment_hash)
        return None

    def ready(self, segment: SegmentDefinition) -> SegmentDefinition:
        """A segment of the project as it runs: with what its step types say. The same object each time."""
        return self._prepared(segment)[1]

    def _prepared(self, segment: SegmentDefinition) -> tuple[SegmentDefinition, SegmentDefinition, str]:
        known = self._ready.get(id(segment))
        if known is None or known[0] is not segment:
            ready = with_step_defaults(segment)
            known = self._ready[id(segment)] = (segment, ready, ready.hash)
        return known

    def segment(self, digest: str) -> SegmentDefinition:
        """A stored definition. The same object each time."""
        known = self._stored.get(digest)
        if known is None:
            document = decode_exactly(self._store.get_definition(digest))
            known = self._stored[digest] = SegmentDefinition.from_dict(document)
        return known


class Caller:
    """A principal at a tenant's store. ``now_us`` is the clock of what is asked."""

    def __init__(self, store: Store, principal: Principal, shelf: Shelf | None = None) -> None:
        self.store = store
        self.principal = principal
        self.shelf = shelf or Shelf(store)

    @property
    def workspaces(self) -> list[str] | None:
        """The workspaces that are seen, for filters; null means all."""
        seen = self.principal.workspaces
        return None if seen is None else sorted(seen)

    def within(self, workspace_id: str | None) -> Caller:
        """The same caller looking at one workspace; null: at all that are seen. In one that is not seen there is nothing."""
        if workspace_id is None:
            return self
        here = frozenset({workspace_id} if self.principal.sees(workspace_id) else ())
        return Caller(self.store, msgspec.structs.replace(self.principal, workspaces=here), self.shelf)

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def need(self, permission: str) -> None:
        """CallerError FORBIDDEN, naming the right."""
        said = refusal(self.principal, permission)
        if said is not None:
            raise CallerError("FORBIDDEN", said, details={"permission": permission})

    def record(self, make: Callable[[int], Commit]) -> None:
        """Commits ``make(seq)``, ``seq`` being the next of the stream it appends to; again where somebody was quicker."""
        seq = 1
        for _ in range(TRIES):
            try:
                self.store.commit(make(seq))
            except CallerError as error:
                if error.code != "SEQ_CONFLICT" or not error.details:
                    raise
                seq = int(error.details["next"])
            else:
                return
        raise CallerError("SEQ_CONFLICT", "others wrote to the same stream all the time")

    def run(self, run_id: str) -> RunRow:
        """The row of a run that is seen. CallerError NOT_FOUND."""
        row = self.store.get_run(run_id)
        if row is None or not self.principal.sees(row.workspace_id):
            raise CallerError("NOT_FOUND", f"there is no run {run_id!r}", hint="List them: `worktrail runs list`.")
        return row

    def task(self, task_id: str) -> TaskRow:
        """The row of a task that is seen. CallerError TASK_NOT_FOUND."""
        row = self.store.get_task(task_id)
        if row is None or not self.principal.sees(row.workspace_id):
            raise CallerError("TASK_NOT_FOUND", f"there is no task {task_id!r}")
        return row


def allowed(use_case: U) -> U:
    """The use case behind its right of ``RIGHTS``."""
    permission = RIGHTS[use_case.__name__]

    @functools.wraps(use_case)
    def guarded(caller: Caller, *args: Any, **kwargs: Any) -> Any:
        caller.need(permission)
        return use_case(caller, *args, **kwargs)

    return cast("U", guarded)
