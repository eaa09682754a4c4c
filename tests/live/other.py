"""Another process that writes to a database: for a line `PATH RUN COUNT` it adds appends to RUN and says the last position."""

from __future__ import annotations

import sys

from tests.live.board import Writer
from worktrail.store import SqliteStore

if __name__ == "__main__":
    writers: dict[str, Writer] = {}
    for line in sys.stdin:
        path, run_id, count = line.split()
        if path not in writers:
            for old in writers.values():
                old.store.close()
            writers = {path: Writer(SqliteStore(path))}
        writer = writers[path]
        position = 0
        for _ in range(int(count)):
            position = writer.step(run_id) if run_id in writer.seqs else writer.begin(run_id)
        print(position, flush=True)
