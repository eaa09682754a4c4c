"""Writing notices: one append to a stream that many write to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from worktrail.errors import CallerError
from worktrail.events import Notice, Origin, encode_notices
from worktrail.store import Commit, Store, StreamAppend

__all__ = ["Noticeboard"]

TRIES: Final = 50


class Noticeboard:
    """Appends notices, whoever else appends to the same stream. Blocks until they are durable; thread-safe."""

    def __init__(self, store: Store, committed: Callable[[], None]) -> None:
        self._store = store
        self._committed = committed
        self._next: dict[str, int] = {}

    def write(self, stream: str, at_us: int, origin: Origin | None, notice: Notice) -> tuple[int, int]:
        """(position, seq) of the notice. Raises what the store raises."""
        body = encode_notices(at_us, origin, [notice])
        seq = self._next.get(stream, 1)
        for _ in range(TRIES):
            try:
                position = self._store.commit(Commit(appends=[StreamAppend(stream, seq, 1, body)])).position
            except CallerError as error:
                if error.code != "SEQ_CONFLICT" or not error.details:
                    raise
                seq = int(error.details["next"])
                continue
            self._next[stream] = seq + 1
            self._committed()
            return position, seq
        raise CallerError("SEQ_CONFLICT", f"others wrote to {stream} all the time")
