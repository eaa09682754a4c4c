"""A disk that fails when told to: an apsw VFS over the real one."""

from __future__ import annotations

from typing import Any

import apsw

__all__ = ["FaultyDisk"]


class FaultyDisk(apsw.VFS):
    """``broken`` holds (operation, file) pairs such as ("sync", "log"), ("sync", "file"), ("write", "log"), ("read", "file").

    ``room`` bytes may still be written to the log when it is not null; then the disk is full.
    """

    def __init__(self, name: str) -> None:
        self.label = name
        self.broken: set[tuple[str, str]] = set()
        self.room: int | None = None
        self.happened: list[tuple[str, str]] = []
        super().__init__(name=name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        return FaultyFile(self, name, flags)

    def meet(self, operation: str, which: str) -> None:
        """Fail this operation if it is broken."""
        if (operation, which) in self.broken:
            self.happened.append((operation, which))
            raise apsw.IOError(f"{operation} of the {which} fails on purpose")


class FaultyFile(apsw.VFSFile):
    """One open file of a faulty disk."""

    def __init__(self, disk: FaultyDisk, name: Any, flags: list[int]) -> None:
        self.disk = disk
        self.which = "log" if flags[0] & apsw.SQLITE_OPEN_WAL else "file"
        super().__init__("", name, flags)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.disk.meet("sync", self.which)
        super().xSync(flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.disk.meet("write", self.which)
        if self.disk.room is not None and self.which == "log":
            if len(data) > self.disk.room:
                self.disk.happened.append(("full", self.which))
                raise apsw.FullError("no room on purpose")
            self.disk.room -= len(data)
        super().xWrite(data, offset)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self.disk.meet("read", self.which)
        return super().xRead(amount, offset)
