"""How a filter of runs becomes SQL that an index answers.

Rule: a page costs what it shows, not what is stored. Every filter is read through one *driving* condition whose index hands
out rows in the order that is wanted, so that a page stops after its last row; the other conditions are looked at row by row.
A driving condition with several values (three statuses) becomes one branch a value, each cut to a page, because one look into
an index for all of them would have to read and sort everything that fits. Drivers stand in the order of how few rows they
usually leave; a filter that nothing drives is read in the order of the table.
"""

# ruff: noqa: S608 - statements are put together from the constants of this room; values are always bound

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from worktrail.store.protocols import RunFilter
from worktrail.store.rules import RUN_STATUSES, WAITS

__all__ = ["ORDERS", "RunQuery", "json_set"]

# order → (what a page is sorted by, its direction, how the rows behind a row are told); "" is the number of the driver.
ORDERS: Final[dict[str, tuple[str, str, str]]] = {
    "newest": ("", "DESC", "r.number < ?"),
    "oldest": ("", "ASC", "r.number > ?"),
    "updated": ("r.updated_us", "DESC", "(r.updated_us, r.number) < (?, ?)"),
}
_AT_STEP: Final = """CASE WHEN r.ended_us IS NULL
  THEN instr(r.waiting, '"visit":"' || ? || '"') OR instr(r.waiting, '/' || ? || '"')
  ELSE r.error_visit = ? OR substr(r.error_visit, -length(?) - 1) = '/' || ? END"""
_SINCE: Final = "r.number IN (SELECT a.stream FROM appends a WHERE a.position > ?)"
_LAST: Final = "\U0010ffff"


class Part(NamedTuple):
    """A condition with what it binds."""

    sql: str
    bindings: tuple[Any, ...]


def json_set(names: Any) -> str:
    """A set of values as one binding, for ``IN (SELECT value FROM json_each(?))``."""
    return msgspec.json.encode(list(names)).decode()


def _waits(words: Any) -> list[int]:
    """Every value of the column ``waits`` in which one of the words stands."""
    wanted = sum(1 << WAITS.index(word) for word in set(words) if word in WAITS)
    return [mask for mask in range(1, 1 << len(WAITS)) if mask & wanted]


def _by(name: str) -> str:
    """The runs by one index: when it counts, the planner would rather go by the order of what it groups."""
    return f"runs r INDEXED BY runs_by_{name}"


def _among(column: str, values: Any) -> Part:
    return Part(f"{column} IN (SELECT value FROM json_each(?))", (json_set(values),))


class Driver(NamedTuple):
    """One branch of the driving condition. ``table`` is where it begins, ``number`` the column that hands out runs in order."""

    sql: str = "1"
    bindings: tuple[Any, ...] = ()
    table: str = "runs r"
    number: str = "r.number"


class RunQuery:
    """A filter of one tenant, read once; ``page`` and ``tally`` put it into SQL. ``after``: number and updated_us of a row."""

    def __init__(self, tenant: int, where: RunFilter, after: tuple[int, int] | None = None) -> None:
        self._tenant = tenant
        self._where = where
        self._after = after
        self._by_words = False  # driven by words that every run has one of
        self._drivers = list(self._alternatives()) or [Driver("0")]
        self._apart = where.prefix is None or bool(where.labels)  # no run is in two branches

    def page(self, columns: str) -> tuple[str, tuple[Any, ...]]:
        """``columns`` of the rows of a page, in order."""
        by, direction, behind = ORDERS[self._where.order]
        conditions = list(self._conditions())
        if self._after is not None:
            number, updated_us = self._after
            conditions.append(Part(behind, (updated_us, number) if by else (number,)))
        branches: list[str] = []
        bindings: list[Any] = []
        for driver in self._drivers:
            place = by or driver.number
            sql, values = self._from(driver, conditions, f"{driver.number} AS number, {place} AS place")
            order = f"{place} {direction}" + (f", {driver.number} {direction}" if by else "")
            branches.append(f"SELECT * FROM ({sql} ORDER BY {order} LIMIT ?)")
            bindings += [*values, self._where.limit]
        found = " UNION ".join(branches)
        sql = f"""WITH found AS ({found} ORDER BY 2 {direction}, 1 {direction} LIMIT ?)
        SELECT {columns} FROM found f CROSS JOIN runs r WHERE r.number = f.number
        ORDER BY f.place {direction}, f.number {direction}"""
        return sql, (*bindings, self._where.limit)

    def tally(self) -> tuple[str, tuple[Any, ...]]:
        """Rows (status, number of runs): from an index alone where nothing else is asked."""
        return self._grouped("r.status", self._drivers, list(self._conditions()))

    def tally_waits(self) -> tuple[str, tuple[Any, ...]]:
        """Rows (waits, number of runs), of those that wait: few, whatever is stored."""
        drivers = self._drivers
        if self._by_words:
            drivers = [Driver("r.waits > 0", (), _by("wait"))]
        return self._grouped("r.waits", drivers, [*self._conditions(), Part("r.waits > 0", ())])

    def _grouped(self, column: str, drivers: list[Driver], conditions: list[Part]) -> tuple[str, tuple[Any, ...]]:
        branches: list[str] = []
        values: list[Any] = []
        for driver in drivers:
            sql, bound = self._from(
                driver, conditions, f"{column} AS word, count(*) AS runs" if self._apart else f"r.number, {column} AS word"
            )
            branches.append(f"{sql} GROUP BY {column}" if self._apart else sql)
            values += bound
        if self._apart:
            return f"SELECT word, sum(runs) FROM ({' UNION ALL '.join(branches)}) GROUP BY word", tuple(values)
        return f"SELECT word, count(*) FROM ({' UNION '.join(branches)}) GROUP BY word", tuple(values)

    def _from(self, driver: Driver, conditions: list[Part], columns: str) -> tuple[str, tuple[Any, ...]]:
        parts = [Part(driver.sql, driver.bindings), Part("r.tenant = ?", (self._tenant,))]
        parts += [part for part in conditions if part.sql != driver.sql]
        sql = f"SELECT {columns} FROM {driver.table} WHERE {' AND '.join(part.sql for part in parts)}"
        return sql, tuple(value for part in parts for value in part.bindings)

    def _alternatives(self) -> Iterator[Driver]:
        """The branches of the driving condition: the first of these that the filter has."""
        where = self._where
        if where.labels:
            sql = "r.number = l.run AND l.tenant = ? AND l.name = ? AND l.value = ?"
            yield Driver(sql, (self._tenant, *where.labels[0]), "run_labels l CROSS JOIN runs r", "l.run")
        elif where.business_key is not None:
            yield Driver("r.business_key = ?", (where.business_key,))
        elif where.parent_run_id is not None:
            yield Driver("r.parent_run_id = ?", (where.parent_run_id,))
        elif where.root_run_id is not None:
            yield Driver("r.root_run_id = ?", (where.root_run_id,))
        elif where.prefix is not None:
            yield from self._prefixed(where.prefix)
        elif where.since is not None:
            yield Driver(_SINCE, (where.since,))
        elif where.order == "updated":
            self._by_words = True
            yield Driver(table=_by("update"))
        else:
            yield from self._words()

    def _prefixed(self, prefix: str) -> Iterator[Driver]:
        end = prefix + _LAST
        names = "s.tenant = ? AND s.name >= ? AND s.name < ? AND r.number = s.number"
        yield Driver(names, (self._tenant, f"run:{prefix}", f"run:{end}"), "streams s CROSS JOIN runs r")
        yield Driver("r.business_key >= ? AND r.business_key < ?", (prefix, end))
        yield Driver("r.segment_id >= ? AND r.segment_id < ?", (prefix, end))

    def _words(self) -> Iterator[Driver]:
        """Drivers with a branch for each word."""
        where = self._where
        self._by_words = where.wait_for is None
        if where.wait_for is not None:
            yield from (Driver("r.waits = ? AND r.waits > 0", (mask,), _by("wait")) for mask in _waits(where.wait_for))
        elif where.error_codes is not None:
            yield from (Driver("r.error_code = ?", (code,), _by("error")) for code in dict.fromkeys(where.error_codes))
        elif where.segment_ids is not None and where.status is None:
            yield from (Driver("r.segment_id = ?", (each,), _by("segment")) for each in dict.fromkeys(where.segment_ids))
        elif where.top:
            statuses = RUN_STATUSES if where.status is None else set(where.status)
            table = "runs r INDEXED BY runs_at_top"
            yield from (Driver("r.status = ? AND r.parent_run_id IS NULL", (each,), table) for each in sorted(statuses))
        elif where.status is not None:
            yield from (Driver("r.status = ?", (each,), _by("status")) for each in sorted(set(where.status)))
        else:
            yield Driver(table="runs r NOT INDEXED")  # in the order of numbers

    def _conditions(self) -> Iterator[Part]:
        where = self._where
        several = (
            ("r.status", where.status),
            ("r.segment_id", where.segment_ids),
            ("r.workspace_id", where.workspaces),
            ("r.error_code", where.error_codes),
            ("r.waits", None if where.wait_for is None else _waits(where.wait_for)),
        )
        yield from (_among(column, values) for column, values in several if values is not None)
        single = (
            ("r.business_key = ?", where.business_key),
            ("r.parent_run_id = ?", where.parent_run_id),
            ("r.root_run_id = ?", where.root_run_id),
            ("r.created_us >= ?", where.created_from_us),
            ("r.created_us < ?", where.created_to_us),
            ("r.ended_us >= ?", where.ended_from_us),
            (_SINCE, where.since),
        )
        yield from (Part(sql, (value,)) for sql, value in single if value is not None)
        if where.prefix is not None:
            texts = " OR ".join(f"(r.{name} >= ? AND r.{name} < ?)" for name in ("run_id", "business_key", "segment_id"))
            yield Part(f"({texts})", (where.prefix, where.prefix + _LAST) * 3)
        if where.top:
            yield Part("r.parent_run_id IS NULL", ())
        if where.step_id is not None:
            yield Part(_AT_STEP, (where.step_id,) * 5)
        for name, value in where.labels[1:]:
            labelled = "SELECT 1 FROM run_labels m WHERE m.tenant = r.tenant AND m.name = ? AND m.value = ? AND m.run = r.number"
            yield Part(f"EXISTS ({labelled})", (name, value))
