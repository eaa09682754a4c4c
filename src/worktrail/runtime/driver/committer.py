"""Group commit: everything decided in one turn of the loop becomes one durable transaction.

Rule: whatever can be seen follows from committed events only: dispatches, answers and publishing wait in a piece's
``after`` until its commit has returned. A full disk keeps the batch and tries again (nothing is lost, nothing is seen
early), and the log says so once, and once when it goes on; a lost lease or a failed sync is final: ``on_dead`` is told,
nobody is told that anything was done.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from worktrail.errors import OurError, WorktrailError
from worktrail.store import Commit, Committed, Lease, Store

__all__ = ["Committer"]

RETRY_S = 0.2
# A commit that takes longer than this is worth a hand-over to the writer thread even when the loop has nothing else to do.
QUICK_S = 0.001
_RETRYABLE = frozenset(("STORE_FULL", "STORE_BUSY"))
WAIT = "nothing is committed for now, and is tried again: %s"
GO_ON = "commits go on"
_log = logging.getLogger("worktrail.driver")


class Committer:
    """Collects pieces, commits them, runs their ``after`` in order.

    ``mode``: ``thread`` always hands over to a writer thread, ``inline`` never, ``auto`` commits on the loop while the disk is
    quick and ``idle()`` says that no handler is in flight (a hand-over there and back costs as much as such a commit).
    """

    def __init__(
        self,
        store: Store,
        *,
        mode: str,
        idle: Callable[[], bool],
        on_dead: Callable[[WorktrailError], None],
        on_foreign: Callable[[], None],
        on_refused: Callable[[list[str], WorktrailError], set[str]],
    ) -> None:
        self._on_refused = on_refused
        self._store = store
        self._inline = mode == "inline"
        self._auto = mode == "auto"
        self._nothing_else = idle
        self._usual_s = 1.0  # of a commit, moving average; slow until measured
        self._on_dead = on_dead
        self._on_foreign = on_foreign
        self._loop = asyncio.get_running_loop()
        self._after: list[Callable[[], None]] = []
        self._busy = False
        self._planned: asyncio.Handle | None = None
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._awaited: set[asyncio.Future[None]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.lease: Lease | None = None
        self.batch = Commit()
        self.commits = 0
        self.dead: WorktrailError | None = None
        self.trouble: WorktrailError | None = None  # why commits are being tried again
        if mode != "inline":
            self._thread = threading.Thread(target=self._write, name="worktrail-writer", daemon=True)
            self._thread.start()

    def plan(self, after: Callable[[], None] | None = None) -> None:
        """Something was added to ``batch``: commit it at the end of this turn of the loop, then call ``after``."""
        if after is not None:
            self._after.append(after)
        if self._planned is None and not self._busy:
            self._idle.clear()
            self._planned = self._loop.call_soon(self._flush)

    def hasten(self) -> None:
        """The caller has brought all it had. Where a commit is made on the loop and nothing in flight could join it, there is
        nothing to wait for: it is made at once, which saves a turn of the loop."""
        quick = self._inline or (self._auto and self._usual_s < QUICK_S)
        if quick and self._planned is not None and self._nothing_else():
            self._planned.cancel()
            self._flush()

    async def flushed(self) -> None:
        """Until everything planned so far is durable; raises what made the committer dead."""
        if self.dead is not None:
            raise self.dead
        done = self._loop.create_future()
        self._awaited.add(done)
        done.add_done_callback(self._awaited.discard)
        self.plan(partial(_resolve, done))
        await done

    def die(self, error: WorktrailError) -> None:
        """No further commit: whoever waits for one is told."""
        self.dead = error
        for done in list(self._awaited):
            if not done.done():
                done.set_exception(error)

    async def close(self, *, grace_s: float) -> None:
        """Commit what is planned, then end the writer thread. A disk that is still full after the grace period keeps nobody
        from closing: nothing of that batch was told, and who waits for it learns why."""
        while self.dead is None and not self._idle.is_set():
            try:
                await asyncio.wait_for(self._idle.wait(), max(grace_s, RETRY_S))
            except TimeoutError:
                if self.trouble is not None:
                    self.die(self.trouble)
                    self._on_dead(self.trouble)
        if self._thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    # --- one commit -----------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        self._planned = None
        if self.dead is not None or self._busy:
            return
        commit, self.batch = self.batch, Commit()
        after, self._after = self._after, []
        commit.lease = self.lease
        self._busy = True
        self._submit(commit, after)

    def _submit(self, commit: Commit, after: list[Callable[[], None]]) -> None:
        if self.dead is not None:
            return
        if self._inline or (self._auto and self._usual_s < QUICK_S and self._nothing_else()):
            self._settle(commit, after, *self._try(commit))
        else:
            self._queue.put((commit, after))

    def _write(self) -> None:
        while (job := self._queue.get()) is not None:
            commit, after = job
            outcome = self._try(commit)
            try:
                self._loop.call_soon_threadsafe(self._settle, commit, after, *outcome)
            except RuntimeError:
                return  # the loop is closed: nobody is left to tell

    def _try(self, commit: Commit) -> tuple[Committed | None, WorktrailError | None]:
        if not (commit.appends or commit.new_runs or commit.run_updates or commit.tasks or commit.answers or commit.blobs):
            return Committed(0), None
        begun = time.perf_counter()
        try:
            committed = self._store.commit(commit)
        except WorktrailError as error:
            return None, error
        self._usual_s += (min(time.perf_counter() - begun, 1.0) - self._usual_s) / 4
        return committed, None

    def _settle(
        self, commit: Commit, after: list[Callable[[], None]], committed: Committed | None, error: WorktrailError | None
    ) -> None:
        if error is not None:
            self._failed(commit, after, error)
            return
        self._busy = False
        if self.trouble is not None:
            self.trouble = None
            _log.warning(GO_ON)
        self.commits += 1
        try:
            for call in after:
                call()
        except Exception as broken:  # noqa: BLE001  an error of ours: better a dead driver than callers who wait for ever
            self.break_off(broken)
            return
        if committed is not None and committed.foreign:
            self._on_foreign()
        if self._after or self.batch.appends or self.batch.answers:
            self.plan()
        else:
            self._idle.set()

    def break_off(self, error: Exception) -> None:
        """An error of ours: nothing further is committed, whoever waits is told."""
        cause = _broken_by(error)
        self._busy = False
        self._idle.set()
        self.die(cause)
        self._on_dead(cause)

    def _failed(self, commit: Commit, after: list[Callable[[], None]], error: WorktrailError) -> None:
        if error.code in _RETRYABLE:
            if self.dead is not None:
                return  # closed meanwhile
            if self.trouble is None:
                _log.warning(WAIT, error.message)
            self.trouble = error
            self._loop.call_later(RETRY_S, self._submit, commit, after)
            return
        if error.code == "RUN_EXISTS" and error.details:
            # Another process began the same run first: the rest of the batch goes on without it.
            refused = self._on_refused(list(error.details["run_ids"]), error)
            self._submit(_without(commit, refused), after)
            self.batch = _without(self.batch, refused)
            return
        self._busy = False
        self._idle.set()
        self.die(error)
        self._on_dead(error)


def _without(commit: Commit, run_ids: set[str]) -> Commit:
    """A commit without what belongs to some runs, their tasks included."""
    tasks = {row.task_id for row in commit.tasks if row.run_id in run_ids}
    streams = {f"run:{run_id}" for run_id in run_ids} | {f"task:{task_id}" for task_id in tasks}
    return Commit(
        lease=commit.lease,
        appends=[append for append in commit.appends if append.stream not in streams],
        new_runs=[run for run in commit.new_runs if run.run_id not in run_ids],
        run_updates=[update for update in commit.run_updates if update.run_id not in run_ids],
        tasks=[row for row in commit.tasks if row.task_id not in tasks],
        blobs=commit.blobs,
        answers=commit.answers,
        now_us=commit.now_us,
    )


def _resolve(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


def _broken_by(error: Exception) -> WorktrailError:
    """What the driver dies of when its own code fails; the store's and the caller's errors as they are."""
    if isinstance(error, WorktrailError) and error.code.startswith("STORE_"):
        return error
    place = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ is not None else None
    where = f" ({place.filename.rpartition('/')[2]}:{place.lineno})" if place is not None else ""
    broken = OurError("DRIVER_BROKEN", f"the driver failed{where}: {type(error).__name__}: {error}")
    broken.__cause__ = error
    return broken
