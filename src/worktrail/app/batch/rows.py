"""Rows: a file of inputs as a stream, one at a time.

Rule: memory does not grow with the file (only a ``.json`` list is read whole, because JSON has no lines). A row that cannot
be read is a ``BadRow`` with its line and stops nothing else; a file that cannot be read at all is an error. Numbers keep
their digits.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from worktrail.app.batch.cells import OMIT, CellError, Column, columns_of, header_remarks
from worktrail.app.batch.decoding import JsonError, decode_json
from worktrail.errors import CallerError

__all__ = ["BATCH_SUFFIXES", "BadRow", "Row", "RowFile", "inline_rows", "open_rows"]

BATCH_SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")
MAX_CELL = 16 * 1024 * 1024
MAX_LINE = 64 * 1024 * 1024  # of a .jsonl file
MAX_JSON = 256 * 1024 * 1024  # of a .json file, which is read whole
MAX_COLUMNS = 20_000


class Row(NamedTuple):
    """One input. ``number`` counts rows from 1, bad ones too; ``line`` is where it begins in the file."""

    number: int
    line: int
    value: Any


class BadRow(NamedTuple):
    """A row that cannot be an input, with the reason."""

    number: int
    line: int
    code: str
    message: str


class RowFile:
    """A file of inputs. ``digest`` is the SHA-256 of its bytes; ``many`` says whether it is a list of rows or one input;
    ``remarks`` holds what is wrong with the header of a table for all of its rows, once it has been read."""

    def __init__(self, name: str, digest: str, rows: Iterable[Row | BadRow], *, many: bool, total: int | None) -> None:
        self.name = name
        self.digest = digest
        self.many = many
        self.total = total
        self._rows = rows
        self.remarks: list[str] = getattr(rows, "remarks", [])
        self.files: tuple[Path, ...] = ()  # what the rows are read from

    def __iter__(self) -> Iterator[Row | BadRow]:
        return iter(self._rows)


def _refused(path: Path, message: str, hint: str = "") -> CallerError:
    return CallerError("INPUT_FILE", f"{path}: {message}", hint=hint)


def open_rows(path: Path, schema: Any) -> RowFile:
    """The rows of a ``.json``, ``.jsonl``, ``.ndjson``, ``.csv`` or ``.tsv`` file. CallerError INPUT_FILE, INPUT_NOT_FOUND.

    A ``.json`` file holds one input, or a list of them where the segment's input (`schema`) is not itself a list.
    """
    found = _open_rows(path, schema)
    found.files = (path,)
    return found


def _open_rows(path: Path, schema: Any) -> RowFile:
    suffix = path.suffix.lower()
    if suffix not in BATCH_SUFFIXES:
        known = ", ".join(BATCH_SUFFIXES)
        raise _refused(path, f"the ending {suffix or '(none)'} is not known", f"Use one of {known}.")
    try:
        digest, lines = _measure(path)
        if suffix == ".json":
            if path.stat().st_size > MAX_JSON:
                hint = "Write one JSON value a line into a .jsonl file: that is read row by row."
                raise _refused(path, f"it has more than {MAX_JSON:,} bytes", hint)
            return _json_rows(path, path.read_bytes(), digest, schema)
    except FileNotFoundError:
        raise CallerError("INPUT_NOT_FOUND", f"{path}: there is no such file") from None
    except OSError as error:
        raise _refused(path, error.strerror or str(error), "Look at the file's kind and rights.") from None
    except ValueError as error:
        raise _refused(path, str(error)) from None
    if suffix in {".jsonl", ".ndjson"}:
        return RowFile(path.name, digest, _Jsonl(path), many=True, total=lines)
    return RowFile(path.name, digest, _Csv(path, schema, "\t" if suffix == ".tsv" else None), many=True, total=max(0, lines - 1))


def inline_rows(text: str, schema: Any) -> RowFile:
    """The rows of a JSON text given on the command line."""
    return _json_rows(Path("(given)"), text.encode(), hashlib.sha256(text.encode()).hexdigest(), schema)


def _measure(path: Path) -> tuple[str, int]:
    """SHA-256 and the number of lines that are not empty, in one pass."""
    digest, lines = hashlib.sha256(), 0
    with path.open("rb") as file:
        for _, line in _lines(file):
            digest.update(line)
            lines += bool(line.strip())
    return digest.hexdigest(), lines


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers; one longer than MAX_LINE comes in pieces of the same number, so that memory is bounded."""
    number = 1
    while line := file.readline(MAX_LINE):
        yield number, line
        number += line.endswith(b"\n")


def _takes_list(schema: Any) -> bool:
    said = schema.get("type") if isinstance(schema, dict) else None
    return said == "array" or (isinstance(said, list) and "array" in said)


def _json_rows(path: Path, raw: bytes, digest: str, schema: Any) -> RowFile:
    try:
        value = decode_json(raw.removeprefix(b"\xef\xbb\xbf"))
    except JsonError as error:
        raise _refused(path, f"not JSON: {error}") from None
    if isinstance(value, list) and not _takes_list(schema):
        rows = [Row(number, number, each) for number, each in enumerate(value, start=1)]
        return RowFile(path.name, digest, rows, many=True, total=len(rows))
    return RowFile(path.name, digest, [Row(1, 1, value)], many=False, total=1)


class _Jsonl:
    """One JSON value a line; empty lines do not count."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Row | BadRow]:
        number = 0
        with self._path.open("rb") as file:
            long = 0
            for line, raw in _lines(file):
                if line == long:
                    continue
                if len(raw) >= MAX_LINE and not raw.endswith(b"\n"):
                    number, long = number + 1, line
                    yield BadRow(number, line, "ROW_SYNTAX", f"the line has more than {MAX_LINE:,} bytes")
                    continue
                text = raw.removeprefix(b"\xef\xbb\xbf").strip() if line == 1 else raw.strip()
                if not text:
                    continue
                number += 1
                try:
                    yield Row(number, line, decode_json(text))
                except JsonError as error:
                    yield BadRow(number, line, "ROW_SYNTAX", f"not JSON: {error}")


class _Csv:
    """A table. The header is read first; its delimiter is the one of comma, semicolon and tab that stands there most."""

    def __init__(self, path: Path, schema: Any, delimiter: str | None) -> None:
        self._path = path
        self._schema = schema
        self._delimiter = delimiter
        self.remarks: list[str] = []

    def __iter__(self) -> Iterator[Row | BadRow]:
        before = csv.field_size_limit(MAX_CELL)
        try:
            # Bytes that are not UTF-8 come through as lone surrogates: the row that holds them is bad, no other.
            with self._path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
                yield from self._rows(file)
        finally:
            csv.field_size_limit(before)

    def _rows(self, file: io.TextIOBase) -> Iterator[Row | BadRow]:
        head = file.readline()
        file.seek(0)
        delimiter = self._delimiter or max(",;\t", key=head.count)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        columns = self._header(reader)
        number, line = 0, reader.line_num + 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                number += 1
                yield BadRow(number, line, "ROW_SYNTAX", f"not CSV: {error}")
                line = reader.line_num + 1
                continue
            if cells:
                number += 1
                yield _row(number, line, cells, columns)
            line = reader.line_num + 1

    def _header(self, reader: Any) -> list[Column]:
        try:
            header = [cell.strip() for cell in next(reader)]
        except StopIteration:
            raise _refused(self._path, "there is no header row") from None
        except csv.Error as error:
            raise _refused(self._path, f"the header is not CSV: {error}") from None
        if len(header) > MAX_COLUMNS:
            raise _refused(self._path, f"the header has {len(header):,} columns; {MAX_COLUMNS:,} are allowed")
        twice = {name for name, count in Counter(header).items() if count > 1}
        if twice or "" in header:
            what = f"{max(twice)[:60]!r} stands twice" if twice - {""} else "a column has no name"
            raise _refused(self._path, f"in the header {what}", "Give every column a name of its own.")
        if any(_broken(name) for name in header):
            raise _refused(self._path, "the header is not UTF-8", "Save the file as UTF-8.")
        self.remarks[:] = header_remarks(header, self._schema)
        return columns_of(header, self._schema)


def _broken(text: str) -> bool:
    return any("\udc80" <= sign <= "\udcff" for sign in text)


def _row(number: int, line: int, cells: list[str], columns: list[Column]) -> Row | BadRow:
    if len(cells) != len(columns):
        return BadRow(number, line, "ROW_CELLS", f"{len(cells)} cells, but the header has {len(columns)}")
    value: dict[str, Any] = {}
    for cell, column in zip(cells, columns, strict=True):
        if _broken(cell):
            return BadRow(number, line, "ROW_SYNTAX", f"column {column.name!r} is not UTF-8")
        try:
            read = column.read(cell)
        except CellError as error:
            return BadRow(number, line, "ROW_CELL", str(error))
        if read is not OMIT:
            place = value
            for part in column.path[:-1]:
                place = place.setdefault(part, {})
                if not isinstance(place, dict):
                    return BadRow(number, line, "ROW_CELL", f"column {column.name!r} lies inside a value that is no object")
            place[column.path[-1]] = read
    return Row(number, line, value)
