"""Presence and batches in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from worktrail.store.memory.state import Memory
from worktrail.store.passing import BatchRow, CauseRow, PresenceRow, Tick
from worktrail.store.protocols import RunRow

__all__ = ["Passing"]

replace = msgspec.structs.replace


class Passing(Memory):
    """Who is here, and files on their way."""

    def put_presence(self, row: PresenceRow) -> None:
        with self._lock:
            self._open()
            self._presence[row.client_id] = row

    def renew_presence(self, seen_us: Mapping[str, int]) -> None:
        with self._lock:
            self._open()
            for client_id, at_us in seen_us.items():
                row = self._presence.get(client_id)
                if row is not None:
                    self._presence[client_id] = replace(row, seen_us=max(row.seen_us, at_us))

    def get_presence(self, client_id: str) -> PresenceRow | None:
        with self._lock:
            self._open()
            return self._presence.get(client_id)

    def list_presence(self) -> list[PresenceRow]:
        with self._lock:
            self._open()
            return list(self._presence.values())

    def drop_presence(self, client_ids: Iterable[str], unseen_since_us: int | None = None) -> list[PresenceRow]:
        with self._lock:
            self._open()
            found = [row for each in client_ids if (row := self._presence.get(each)) is not None]
            gone = [row for row in found if unseen_since_us is None or row.seen_us < unseen_since_us]
            for row in gone:
                del self._presence[row.client_id]
        return gone

    def causes(self, workspaces: Sequence[str] | None, failed_since_us: int) -> list[CauseRow]:
        found: dict[tuple[str, str, str, str], list[tuple[int, str]]] = {}
        with self._lock:
            self._open()
            for row in self._runs.values():
                if workspaces is not None and row.workspace_id not in workspaces:
                    continue
                if row.status in {"failed", "timed_out"} and (row.ended_us or 0) >= failed_since_us:
                    key = ("failed", row.error_code or "", row.segment_id, row.error_visit or "")
                    found.setdefault(key, []).append((row.ended_us or 0, row.run_id))
                for each in msgspec.json.decode(row.waiting or "[]") if row.ended_us is None else ():
                    if each["for"] in {"retry", "incident"}:
                        key = (each["for"], each.get("code") or "", row.segment_id, each["visit"])
                        found.setdefault(key, []).append((each["since_us"], row.run_id))
        return [
            CauseRow(*key, len({run_id for _, run_id in runs}), min(runs)[0], max(runs)[0], max(runs)[1])
            for key, runs in sorted(found.items())
        ]

    def started_per(self, bucket_us: int, since_us: int, segment_id: str | None, seen: Sequence[str] | None) -> dict[int, int]:
        with self._lock:
            self._open()
            rows = [row for row in self._figured(segment_id, seen) if row.created_us >= since_us]
        return dict(Counter((row.created_us - since_us) // bucket_us for row in rows))

    def ended_since(self, since_us: int, segment_id: str | None, seen: Sequence[str] | None) -> list[Tick]:
        with self._lock:
            self._open()
            return [
                Tick(row.segment_id, row.status, row.created_us, row.ended_us)
                for row in self._figured(segment_id, seen)
                if row.ended_us is not None and row.ended_us >= since_us
            ]

    def _figured(self, segment_id: str | None, seen: Sequence[str] | None) -> Iterator[RunRow]:
        for row in self._runs.values():
            if (segment_id is None or row.segment_id == segment_id) and (seen is None or row.workspace_id in seen):
                yield row

    def put_batch(self, row: BatchRow) -> None:
        with self._lock:
            self._open()
            self._batches[row.batch_id] = row

    def get_batch(self, batch_id: str) -> BatchRow | None:
        with self._lock:
            self._open()
            return self._batches.get(batch_id)

    def list_batches(self, limit: int = 100) -> list[BatchRow]:
        with self._lock:
            self._open()
            return list(reversed(self._batches.values()))[:limit]

    def claim_batch(self, *, now_us: int, until_us: int) -> BatchRow | None:
        with self._lock:
            self._open()
            for row in self._batches.values():
                if row.state == "reading" and row.fed_until_us <= now_us:
                    self._batches[row.batch_id] = replace(row, fed_until_us=until_us)
                    return self._batches[row.batch_id]
        return None
