"""What passes: who is here, and files of rows on their way. Rows, no facts: what they lead to stands in the journal.

Rule: presence is a row that is renewed and ends by itself; several server processes share it here, and one of them, whichever
is first, tells that somebody is gone. A batch is a row with the place of its file; what became of its rows are runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

__all__ = ["BatchRow", "Batches", "CauseRow", "Figures", "PresenceRow", "Presences", "Tick", "fields_of"]


class PresenceRow(msgspec.Struct, frozen=True):
    """A page that somebody has open; ``seen_us`` is when it was last heard of."""

    client_id: str
    user: str  # principal
    workspace_id: str
    joined_us: int
    seen_us: int
    page: str | None = None
    doing: str | None = None


class BatchRow(msgspec.Struct, frozen=True):
    """A file of rows. ``file`` is where it is kept until it is read; ``options`` and ``bad_rows`` are JSON. ``rows`` counts
    those read so far until ``state`` is no more ``reading`` (then: reading | ended | failed); ``fed_until_us`` is until when a
    process has it in hand."""

    batch_id: str
    segment_id: str
    workspace_id: str
    principal: str
    file_name: str | None
    file: str
    options: bytes
    created_us: int
    state: str = "reading"
    total: int | None = None
    rows: int = 0
    started: int = 0
    already: int = 0
    skipped: int = 0
    bad_rows: bytes = b"[]"
    error: bytes | None = None
    fed_until_us: int = 0


class CauseRow(msgspec.Struct, frozen=True):
    """Runs that stopped for one cause at one visit. ``kind``: incident, retry, failed; times in microseconds; ``run_id`` is one
    of them."""

    kind: str
    error_code: str
    segment_id: str
    visit: str
    runs: int
    since_us: int
    last_us: int
    run_id: str


class Tick(msgspec.Struct, frozen=True):
    """A run that ended."""

    segment_id: str
    status: str
    created_us: int
    ended_us: int


class Figures(Protocol):
    def causes(self, workspaces: Sequence[str] | None, failed_since_us: int) -> list[CauseRow]:
        """What stopped open runs, and what runs failed of since a time, grouped; null workspaces: all."""
        ...

    def started_per(self, bucket_us: int, since_us: int, segment_id: str | None, seen: Sequence[str] | None) -> dict[int, int]:
        """How many runs were made in each bucket after a time: number of the bucket from 0 → how many."""
        ...

    def ended_since(self, since_us: int, segment_id: str | None, seen: Sequence[str] | None) -> list[Tick]: ...


class Presences(Protocol):
    def put_presence(self, row: PresenceRow) -> None:
        """New, or in place of what its client id stood for."""
        ...

    def renew_presence(self, seen_us: Mapping[str, int]) -> None:
        """Client id → when it was heard of; those that are gone stay gone."""
        ...

    def get_presence(self, client_id: str) -> PresenceRow | None: ...

    def list_presence(self) -> list[PresenceRow]:
        """In the order they joined."""
        ...

    def drop_presence(self, client_ids: Iterable[str], unseen_since_us: int | None = None) -> list[PresenceRow]:
        """Forgets clients (only those not heard of since, where a time is given) and answers who was there: a client that two
        processes drop at one time is answered to one of them."""
        ...


class Batches(Protocol):
    def put_batch(self, row: BatchRow) -> None:
        """New, or what is known of it now."""
        ...

    def get_batch(self, batch_id: str) -> BatchRow | None: ...

    def list_batches(self, limit: int = 100) -> list[BatchRow]:
        """Newest first."""
        ...

    def claim_batch(self, *, now_us: int, until_us: int) -> BatchRow | None:
        """The oldest that is to be read and that no process has in hand; then it is in the hand of the caller."""
        ...


def fields_of(row: Any) -> tuple[Any, ...]:
    """The columns of a row, in the order of its fields."""
    return tuple(msgspec.structs.astuple(row))
