"""What is named by hash: definitions, blobs; and the snapshots."""

from __future__ import annotations

from worktrail.store import chain, rules
from worktrail.store.borders import border
from worktrail.store.memory.state import Memory

__all__ = ["Content"]


class Content(Memory):
    """What is named by hash: definitions, blobs; and the snapshots."""

    def put_definition(self, digest: str, kind: str, body: bytes) -> None:
        with self._lock:
            self._open()
            self._definitions.setdefault(digest, body)
        border("store.definition.put.after")

    def get_definition(self, digest: str) -> bytes:
        with self._lock:
            self._open()
            if digest not in self._definitions:
                raise rules.not_found("definition", digest)
            return self._definitions[digest]

    def blob_address(self, body: bytes) -> str:
        return chain.address_of(self._key, body)

    def get_blob(self, address: str) -> bytes:
        with self._lock:
            self._open()
            if address not in self._blobs:
                raise rules.not_found("blob", address)
            return self._blobs[address]

    def put_snapshot(self, run_id: str, seq: int, digest: bytes, body: bytes) -> None:
        with self._lock:
            self._open()
            if seq >= self._snapshots.get(run_id, (0, b"", b""))[0]:
                self._snapshots[run_id] = (seq, digest, body)

    def get_snapshot(self, run_id: str) -> tuple[int, bytes, bytes] | None:
        with self._lock:
            self._open()
            return self._snapshots.get(run_id)
