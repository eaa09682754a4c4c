"""What the rest of Worktrail asks of a store, cut by aggregate.

Rule: the journal is the only truth; everything else here is a projection or a cache that a refold can rebuild, except
definitions, blobs (named by events) and the command inbox (wishes, not facts). One ``Commit`` is one durable transaction:
all or nothing, fenced by the lease that makes it. All methods are synchronous and may block on the disk; the driver
decides on which thread they run. Only a handle bound to one tenant leaves the store: no method takes a tenant id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from worktrail.store.passing import Batches, Figures, Presences
from worktrail.store.setup import Access, AccessKey, Calls, PublishedRow, Publishing, RememberedCall, Views

__all__ = [
    "Blobs",
    "CommandRow",
    "Commands",
    "Commit",
    "Committed",
    "Definitions",
    "Followed",
    "Inbox",
    "Journal",
    "Lease",
    "Leases",
    "NewRun",
    "RunFilter",
    "RunRow",
    "RunTally",
    "RunTotal",
    "RunUpdate",
    "Runs",
    "Snapshots",
    "Store",
    "StoredAppend",
    "StreamAppend",
    "TaskFilter",
    "TaskRow",
]


class StreamAppend(msgspec.Struct, frozen=True, gc=False):
    """One append to one stream (``run:<id>``, ``task:<id>``, ``observed`` …). ``body`` is ``worktrail.events.encode_body``."""

    stream: str
    first_seq: int
    count: int
    body: bytes


class StoredAppend(msgspec.Struct, frozen=True, gc=False):
    """An append as read back. ``position`` orders all appends of the tenant and is safe to follow."""

    position: int
    stream: str
    first_seq: int
    count: int
    body: bytes
    head: bytes


class Followed(msgspec.Struct, frozen=True):
    """An append as a follower needs it, with what the rows say of its run or task (null for other streams)."""

    position: int
    stream: str
    first_seq: int
    count: int
    body: bytes
    run_id: str | None = None
    segment_id: str | None = None
    business_key: str | None = None
    workspace_id: str | None = None


class NewRun(msgspec.Struct, frozen=True):
    """The row of a run, made with its first append. ``instance_id`` is the seeds' namespace of a family of runs."""

    run_id: str
    segment_id: str
    segment_hash: str
    lock_hash: str
    created_us: int
    workspace_id: str = "default"
    instance_id: str = "default"
    status: str = "running"
    business_key: str | None = None
    labels: Mapping[str, str] | None = None
    root_run_id: str | None = None
    parent_run_id: str | None = None
    parent_visit: str | None = None


class RunUpdate(msgspec.Struct, frozen=True, gc=False):
    """Written only when a run's status or its waiting reasons change. ``waiting`` is a short JSON text, null = unchanged."""

    run_id: str
    status: str  # running | waiting | paused | completed | failed | cancelled | timed_out
    updated_us: int
    ended_us: int | None = None
    error_code: str | None = None
    waiting: str | None = None
    due_us: int | None = None  # earliest timer of a parked run
    error_visit: str | None = None  # of the run's failure


class RunRow(msgspec.Struct, frozen=True, gc=False):
    """A run as the projections know it."""

    run_id: str
    segment_id: str
    segment_hash: str
    lock_hash: str
    workspace_id: str
    instance_id: str
    status: str
    created_us: int
    updated_us: int
    ended_us: int | None
    business_key: str | None
    labels: Mapping[str, str] | None
    root_run_id: str | None
    parent_run_id: str | None
    parent_visit: str | None
    error_code: str | None
    waiting: str | None
    due_us: int | None
    owner: str | None  # lease id
    error_visit: str | None = None


class TaskRow(msgspec.Struct, frozen=True, gc=False):
    """A human task as the inbox lists it; ``version`` is the count of its stream's events (``expected_version``)."""

    task_id: str
    status: str  # open | completed | expired | cancelled
    task_type: str
    title: str
    created_us: int
    version: int
    run_id: str | None = None
    visit: str | None = None
    workspace_id: str = "default"
    assignee: str | None = None
    candidate_groups: Sequence[str] = ()
    priority: str = "normal"
    due_us: int | None = None
    outcome: str | None = None
    decided_by: str | None = None
    ended_us: int | None = None


class RunFilter(msgspec.Struct, frozen=True):
    """Null means any. ``after`` is the run id of the last row of the page before; newest first unless ``order`` says else.

    ``wait_for`` are words of a row's waiting reasons; ``prefix`` begins a run id, business key or segment id; ``top`` leaves
    out child runs; ``step_id`` is where a run failed or waits; times in microseconds; ``since`` a journal position.
    """

    status: Sequence[str] | None = None
    wait_for: Sequence[str] | None = None
    segment_ids: Sequence[str] | None = None
    business_key: str | None = None
    labels: Sequence[tuple[str, str]] = ()
    workspaces: Sequence[str] | None = None
    error_codes: Sequence[str] | None = None
    step_id: str | None = None
    prefix: str | None = None
    top: bool = False
    parent_run_id: str | None = None
    root_run_id: str | None = None
    created_from_us: int | None = None
    created_to_us: int | None = None
    ended_from_us: int | None = None
    since: int | None = None
    order: str = "newest"  # newest | oldest | updated
    limit: int = 100
    after: str | None = None


class RunTally(msgspec.Struct, frozen=True):
    """How many runs fit a filter: status → number, and for open ones what they wait for → number (a run counts for each)."""

    by_status: dict[str, int]
    by_wait: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


class RunTotal(msgspec.Struct, frozen=True):
    """Runs of a segment in a status; ``duration_us`` from begin to end, of all of them together."""

    segment_id: str
    status: str
    runs: int
    duration_us: int


class TaskFilter(msgspec.Struct, frozen=True):
    """Null means any. ``names`` are those of one person: tasks for one of them, and tasks for nobody in particular. ``prefix``
    begins a task id, run id or title; ``order`` newest, or due (soonest first, without a time last)."""

    status: Sequence[str] | None = ("open",)
    run_id: str | None = None
    assignee: str | None = None
    names: Sequence[str] | None = None
    workspaces: Sequence[str] | None = None
    prefix: str | None = None
    order: str = "newest"
    limit: int = 100
    after: str | None = None


class CommandRow(msgspec.Struct, frozen=True):
    """A wish in the inbox. ``kind`` and ``body`` (JSON) are the use case's; ``answer`` is JSON once answered."""

    command_id: str
    target: str  # run id, or task id
    kind: str
    body: bytes
    principal: str
    created_us: int
    answer: bytes | None = None
    answered_us: int | None = None


class Lease(msgspec.Struct, frozen=True):
    """The right of a process to run things until ``expires_us``; ``epoch`` is checked inside every commit."""

    lease_id: str
    epoch: int
    expires_us: int
    address: str | None = None  # local socket where the owner answers
    process: str = ""  # host:pid and more, by which the owner's process is known


class Commit(msgspec.Struct):
    """One durable transaction. ``lease`` null only for work that needs no owner (publishing, opening the inbox)."""

    lease: Lease | None = None
    appends: list[StreamAppend] = []
    new_runs: list[NewRun] = []
    run_updates: list[RunUpdate] = []
    tasks: list[TaskRow] = []
    blobs: list[tuple[str, bytes]] = []  # (address, bytes)
    answers: list[tuple[str, bytes]] = []  # (command id, JSON)
    keys: list[AccessKey] = []  # made, or changed
    published: list[PublishedRow] = []
    calls: list[RememberedCall] = []
    now_us: int = 0  # of answers and remembered calls


class Committed(msgspec.Struct, frozen=True):
    """``position`` of the last append; ``foreign`` is true when another process wrote since our last commit."""

    position: int
    foreign: bool = False


class Journal(Protocol):
    def commit(self, commit: Commit) -> Committed:
        """Make it durable, whole. Raises CallerError LEASE_LOST (fenced off), RUN_EXISTS, SEQ_CONFLICT (``first_seq`` is not
        the stream's next), ProviderError STORE_FULL / STORE_READ_ONLY / STORE_IO (after STORE_IO on sync the handle is dead).
        Also VERSION_EXISTS (a published version is never changed) and IDEMPOTENCY_CONFLICT (the call is remembered)."""
        ...

    def read_stream(self, stream: str, after_seq: int = 0, limit: int | None = None) -> list[StoredAppend]: ...

    def read_after(self, position: int, limit: int = 1000) -> list[StoredAppend]:
        """All appends of the tenant after a position, in position order, never skipping one that becomes visible later."""
        ...

    def follow(self, position: int, limit: int = 1000) -> list[Followed]:
        """As ``read_after``, with the facts that frames for readers need."""
        ...

    def follow_back(self, before: int, limit: int = 1000, stream: str | None = None) -> list[Followed]:
        """The appends before a position, newest first, perhaps of one stream alone: for who reads the past page by page."""
        ...

    def position(self) -> int: ...

    def version(self) -> int:
        """A number that changes whenever anybody has committed to the database, of whatever process; cheap enough to poll."""
        ...

    def verify(self, stream: str) -> list[str]:
        """Problems of the stream's chain of heads, empty when intact."""
        ...


class Definitions(Protocol):
    def put_definition(self, digest: str, kind: str, body: bytes) -> None:
        """Store a canonical segment or lock by its hash; a second time is a no-op."""
        ...

    def get_definition(self, digest: str) -> bytes:
        """CallerError NOT_FOUND when absent."""
        ...


class Blobs(Protocol):
    def blob_address(self, body: bytes) -> str:
        """HMAC of the bytes under the tenant's key (hex)."""
        ...

    def get_blob(self, address: str) -> bytes: ...


class Runs(Protocol):
    def get_run(self, run_id: str) -> RunRow | None: ...

    def list_runs(self, where: RunFilter) -> list[RunRow]: ...

    def count_runs(self) -> dict[str, int]:
        """Status → number."""
        ...

    def tally_runs(self, where: RunFilter) -> RunTally:
        """How many fit a filter (``order``, ``limit`` and ``after`` aside)."""
        ...

    def count_by_segment(self, workspaces: Sequence[str] | None, failed_from_us: int) -> dict[str, tuple[int, int]]:
        """Segment id → (open runs, runs failed or timed out since a time), of those that have any."""
        ...

    def run_totals(self) -> list[RunTotal]:
        """All runs by segment and status; reads every row."""
        ...

    def list_workspaces(self) -> list[str]:
        """The workspaces that have runs, in order."""
        ...

    def last_seqs(self, run_ids: Iterable[str]) -> dict[str, int]:
        """Run id → seq of its newest event, of those that exist."""
        ...

    def existing_runs(self, run_ids: Iterable[str]) -> dict[str, str]:
        """Run id → status, of those that exist."""
        ...

    def owned_runs(self, lease: Lease) -> list[RunRow]:
        """The open runs of a lease (to refold after a start)."""
        ...


class Inbox(Protocol):
    def get_task(self, task_id: str) -> TaskRow | None: ...

    def list_tasks(self, where: TaskFilter) -> list[TaskRow]: ...

    def count_tasks(self, where: TaskFilter) -> int:
        """How many fit a filter (``order``, ``limit`` and ``after`` aside)."""
        ...

    def due_tasks(self) -> list[tuple[str, int, str | None]]:
        """Open tasks that will be due some day, in no order: (task id, when, run id)."""
        ...


class Commands(Protocol):
    def send(self, command: CommandRow) -> bool:
        """Put a wish into the inbox, durably; false when this command id is already there."""
        ...

    def pending(self, lease: Lease | None, limit: int = 1000) -> list[CommandRow]:
        """Unanswered commands whose target is owned by the lease (null: whose target has no owner), oldest first."""
        ...

    def get_command(self, command_id: str) -> CommandRow | None: ...

    def list_commands(self, limit: int = 100) -> list[CommandRow]:
        """Wishes that came through the inbox, answered or not, newest first."""
        ...


class Leases(Protocol):
    def acquire(self, lease_id: str, *, now_us: int, ttl_us: int, address: str | None, process: str) -> Lease:
        """A new lease with a fresh epoch."""
        ...

    def renew(self, lease: Lease, *, now_us: int, ttl_us: int) -> Lease:
        """CallerError LEASE_LOST when another process took over."""
        ...

    def release(self, lease: Lease, *, now_us: int) -> None:
        """Give all runs back (owner null); idempotent."""
        ...

    def claim(self, lease: Lease, *, now_us: int, locks: Sequence[str] | None, limit: int = 1000) -> list[RunRow]:
        """Take open runs without owner, or whose owner's lease expired (that lease's epoch is fenced in the same
        transaction). ``locks``: only runs whose lock hash is in it (what this process can serve); null = any."""
        ...

    def unclaimed_locks(self, *, now_us: int) -> list[str]:
        """The distinct lock hashes of the claimable runs, so that a process can check what it can serve."""
        ...

    def owner_of(self, run_id: str) -> Lease | None:
        """The live lease that owns the run, with its address."""
        ...

    def list_leases(self) -> list[Lease]: ...


class Snapshots(Protocol):
    """A cache: may be deleted at any time."""

    def put_snapshot(self, run_id: str, seq: int, digest: bytes, body: bytes) -> None: ...

    def get_snapshot(self, run_id: str) -> tuple[int, bytes, bytes] | None: ...


class Store(
    Journal,
    Definitions,
    Blobs,
    Runs,
    Inbox,
    Commands,
    Leases,
    Snapshots,
    Access,
    Views,
    Publishing,
    Calls,
    Presences,
    Batches,
    Figures,
    Protocol,
):
    """A tenant's handle on a database."""

    tenant_id: str

    def describe(self) -> dict[str, Any]:
        """For `doctor`: library version, pragmas as read back, file system, sync time, sizes, schema version."""
        ...

    def check(self) -> list[str]:
        """Integrity problems found (database check, chains, projections against a refold of the journal), empty when sound."""
        ...

    def close(self) -> None: ...
