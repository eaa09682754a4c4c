"""One file: its writing connection, its readers, and what becomes of an error.

Rule: one connection writes and checkpoints, under ``BEGIN IMMEDIATE``, with settings that were read back. A failed sync
leaves it unknown what the disk holds, so the first I/O error ends the use of this handle. Checkpoints are run here and not
by SQLite's own hook, because that hook forgets a failed sync.
Fence: inside the transaction ``PRAGMA data_version`` says whether another connection wrote since; ``generation`` counts
those times, and whoever caches something compares it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import apsw

from worktrail.errors import CallerError, OurError, ProviderError, WorktrailError
from worktrail.store.sqlite.filesystem import make_file
from worktrail.store.sqlite.migrations import migrate, version_of

__all__ = ["PRAGMAS", "Database", "Row"]

T = TypeVar("T")
Row = tuple[Any, ...]

CHECKPOINT_PAGES: Final = 1000
READERS: Final = 4
BUSY_TIMEOUT_MS: Final = 10_000
LONGEST_WAIT_S: Final = 0.002
STATEMENTS: Final = 250  # kept prepared: inserts of each number of rows among them

# What the writing connection is told, and must answer when asked.
PRAGMAS: Final[tuple[tuple[str, str | int], ...]] = (
    ("journal_mode", "wal"),
    ("synchronous", 2),  # FULL: the log is synced at every commit
    ("foreign_keys", 1),
    ("fullfsync", 1),  # macOS: F_FULLFSYNC, else its disk may forget
    ("checkpoint_fullfsync", 1),
    ("trusted_schema", 0),
    ("cache_size", -16_000),  # KiB: the pages that commits touch stay in memory
)


class Database:
    """The connections to one file. Thread-safe; every method may block on the disk."""

    def __init__(
        self,
        path: str | Path,
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        checkpoint_pages: int = CHECKPOINT_PAGES,
        vfs: str | None = None,
    ) -> None:
        self.path = Path(path).absolute()
        self.generation = 0  # how often another connection's writing was noticed
        self.foreign = False  # noticed since the last commit of the journal
        self._busy_timeout_ms = busy_timeout_ms
        self._give_up = 0.0
        self._checkpoint_pages = checkpoint_pages
        self._vfs = vfs
        self._lock = threading.Lock()
        self._data_version = -1
        self._log_pages = 0
        self._dead: str | None = None
        self._closed = False
        self._idle: list[apsw.Connection] = []
        self._watcher: apsw.Connection | None = None
        self._watching = threading.Lock()
        self._free_readers = threading.Semaphore(READERS)
        make_file(self.path)
        with self._errors():
            self._writer = self._connect(apsw.SQLITE_OPEN_READWRITE)
            try:
                version_of(self._writer)  # before anything is set: a file that is not ours stays as it is
                self._configure()
                migrate(self._writer)
            except BaseException:
                self._writer.close()
                raise
            self._cursor = self._writer.cursor()

    def _connect(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(str(self.path), flags=flags, vfs=self._vfs, statementcachesize=STATEMENTS)
        connection.set_busy_timeout(self._busy_timeout_ms)
        return connection

    def _wait(self, tries: int) -> bool:
        """Whether to try again for the lock that another process holds. Short waits: SQLite's own grow to 100 ms, and one
        busy process then keeps another out for seconds."""
        now = time.monotonic()
        if tries == 0:
            self._give_up = now + self._busy_timeout_ms / 1000
        if now >= self._give_up:
            return False
        time.sleep(min(0.0002 * (tries + 1), LONGEST_WAIT_S))
        return True

    def _configure(self) -> None:
        self._writer.set_busy_handler(self._wait)
        for name, wanted in PRAGMAS:
            self._writer.pragma(name, wanted)
            found = self._writer.pragma(name)
            if found != wanted:
                raise ProviderError(
                    "STORE_PRAGMA",
                    f"{self.path}: PRAGMA {name} is {found!r} after it was set to {wanted!r}",
                    details={"pragma": name},
                )
        self._writer.set_wal_hook(self._log_grew)

    def _log_grew(self, connection: apsw.Connection, name: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK

    # --- writing -------------------------------------------------------------------------------------------------

    def transact(self, work: Callable[[apsw.Cursor], T]) -> T:
        """Run ``work`` in one durable transaction: all or nothing. Its own errors roll back and pass through."""
        with self._lock:
            if self._closed or self._dead is not None:
                self._refuse()
            cursor = self._cursor
            try:
                cursor.execute("BEGIN IMMEDIATE")
                version = cursor.execute("PRAGMA data_version").get
                if version != self._data_version:
                    self._notice(version)
                result = work(cursor)
                cursor.execute("COMMIT")
            except BaseException as error:
                self._undo(error)
                if isinstance(error, apsw.Error):
                    raise self.translate(error) from error
                raise
            if self._log_pages >= self._checkpoint_pages:
                self._checkpoint()
            return result

    def _notice(self, version: int) -> None:
        if self._data_version != -1:
            self.foreign = True
        self._data_version = version
        self.generation += 1

    def _undo(self, cause: BaseException) -> None:
        """Roll back; ``generation`` rises because nobody may trust what was cached meanwhile."""
        self.generation += 1
        if isinstance(cause, apsw.IOError):
            self._dead = str(cause)
        try:
            if self._writer.in_transaction:
                self._cursor.execute("ROLLBACK")
        except apsw.Error as error:
            self._dead = self._dead or str(error)

    def _checkpoint(self) -> None:
        """Move the log into the file. The commit before is durable whatever happens here, so nothing is raised."""
        try:
            self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._log_pages = 0
        except (apsw.BusyError, apsw.LockedError, apsw.FullError):
            return
        except apsw.Error as error:
            self._dead = f"checkpoint: {error}"

    def _refuse(self) -> None:
        if self._closed:
            raise CallerError("STORE_CLOSED", f"{self.path} was closed")
        raise ProviderError("STORE_DEAD", f"{self.path}: an earlier disk error ended the use of this handle ({self._dead})")

    # --- reading -------------------------------------------------------------------------------------------------

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Row]:
        """All rows of one statement, read by a read-only connection."""
        with self.reader() as connection:
            return connection.execute(sql, tuple(bindings)).fetchall()

    def row(self, sql: str, bindings: Sequence[Any] = ()) -> Row | None:
        """The first row, or null."""
        found = self.rows(sql, bindings)
        return found[0] if found else None

    @contextlib.contextmanager
    def reader(self) -> Iterator[apsw.Connection]:
        """A read-only connection of the pool for this thread, waiting for a free one."""
        if self._closed:
            self._refuse()
        with self._free_readers, self._errors():
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connect(apsw.SQLITE_OPEN_READONLY)
            try:
                yield connection
            finally:
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    def version(self) -> int:
        """Changes whenever anybody committed. Asked of a connection of its own: what a connection is told is what others did."""
        with self._watching, self._errors():
            if self._closed:
                self._refuse()
            if self._watcher is None:
                self._watcher = self._connect(apsw.SQLITE_OPEN_READONLY)
            return int(self._watcher.pragma("data_version"))

    # --- errors and the end --------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except apsw.Error as error:
            raise self.translate(error) from error

    def translate(self, error: apsw.Error) -> WorktrailError:
        """What an error of SQLite means for the caller."""
        hint = "It is no database: name another file." if isinstance(error, apsw.NotADBError) else ""
        details = {"sqlite": getattr(error, "extendedresult", None)}
        for kind, code in _CODES:
            if isinstance(error, kind):
                return ProviderError(code, f"{self.path}: {error}", hint=hint, details=details)
        return OurError("STORE_BROKEN", f"{self.path}: {type(error).__name__}: {error}")

    @property
    def dead(self) -> str | None:
        """Why the handle refuses to write, null while it does not."""
        return self._dead

    def pragmas(self) -> dict[str, Any]:
        """The settings of the writing connection, as it answers now."""
        with self._lock:
            return {name: self._writer.pragma(name) for name, _ in (*PRAGMAS, ("page_size", 0), ("page_count", 0))}

    def close(self) -> None:
        """Close all connections; the last one to leave a file moves the log into it. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            with self._watching:
                if self._watcher is not None:
                    self._watcher.close()
                    self._watcher = None
            with self._errors():
                self._writer.close()


_CODES: Final[tuple[tuple[type[apsw.Error], str], ...]] = (
    (apsw.FullError, "STORE_FULL"),
    (apsw.BusyError, "STORE_BUSY"),
    (apsw.LockedError, "STORE_BUSY"),
    (apsw.ReadOnlyError, "STORE_READ_ONLY"),
    (apsw.PermissionsError, "STORE_READ_ONLY"),
    (apsw.AuthError, "STORE_READ_ONLY"),
    (apsw.CantOpenError, "STORE_READ_ONLY"),
    (apsw.CorruptError, "STORE_CORRUPT"),
    (apsw.NotADBError, "STORE_CORRUPT"),
    (apsw.IOError, "STORE_IO"),
    (apsw.NoMemError, "STORE_IO"),
)
