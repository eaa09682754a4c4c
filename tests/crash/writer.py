"""A process that commits in a loop until something kills it: the child of the crash tests.

    python tests/crash/writer.py FILE ROUNDS

It takes its lease again, goes on with the runs it owns, and says on standard output what it was told is durable, a line at a
time: ``append <stream> <next seq>``, ``command <id>``, ``definition <digest>``, ``done``. Each round starts a run, adds to all
open ones in one commit, ends the oldest, answers a command.
"""

from __future__ import annotations

import os
import sys

from tests.store.build import NOW, TTL, append, new_run, started
from worktrail.events import NULL, SegmentCompleted, StepCompleted, StepStarted
from worktrail.store import CommandRow, Commit, RunUpdate, Store, TaskRow, open_store


def say(*words: object) -> None:
    """A whole line by one system call: a kill cannot cut it."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def told(store: Store, commit: Commit) -> None:
    """Commit, and only then say so."""
    store.commit(commit)
    ends = {each.stream: each.first_seq + each.count for each in commit.appends}
    for stream, following in ends.items():
        say("append", stream, following)
    for command_id, _ in commit.answers:
        say("answer", command_id)


def one_round(store: Store, number: int, commit: Commit, live: dict[str, int]) -> None:
    run_id = f"r{number}"
    digest = f"sha-{number}"
    store.put_definition(digest, "segment", b"{}")
    say("definition", digest)
    commit.new_runs = [new_run(run_id, segment_hash=digest)]
    commit.appends = [append(f"run:{run_id}", 1, started())]
    live[run_id] = 2
    told(store, commit)
    store.send(CommandRow(f"c{number}", run_id, "poke", b"{}", "user:ann", NOW))
    say("command", f"c{number}")
    work = Commit(lease=commit.lease, now_us=NOW)
    for name, seq in live.items():
        work.appends.append(append(f"run:{name}", seq, StepStarted(f"step{seq}"), StepCompleted(f"step{seq}", {"out": NULL})))
        live[name] = seq + 2
    work.answers = [(row.command_id, b'{"accepted":true}') for row in store.pending(commit.lease)]
    work.tasks = [TaskRow(f"t{number}", "open", "approval", "T", NOW, 1, run_id=run_id)]
    work.blobs = [(store.blob_address(digest.encode()), digest.encode())]
    told(store, work)
    if len(live) > 3:
        oldest, seq = next(iter(live.items()))
        ending = append(f"run:{oldest}", seq, SegmentCompleted(NULL))
        told(store, Commit(lease=commit.lease, appends=[ending], run_updates=[RunUpdate(oldest, "completed", NOW)]))
        del live[oldest]


def main(path: str, rounds: int) -> None:
    store = open_store(path)
    lease = store.acquire("writer", now_us=NOW, ttl_us=TTL, address=None, process="")
    rows = {row.run_id for row in (*store.owned_runs(lease), *store.claim(lease, now_us=NOW, locks=None))}
    live = {}
    for run_id in sorted(rows, key=lambda name: int(name[1:])):
        trail = store.read_stream(f"run:{run_id}")
        live[run_id] = trail[-1].first_seq + trail[-1].count
    known = sum(store.count_runs().values())
    for number in range(known, known + rounds):
        one_round(store, number, Commit(lease=lease), live)
    store.close()
    say("done")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
