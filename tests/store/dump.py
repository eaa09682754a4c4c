"""A database as SQL text, in a fixed order: the specimen of a schema version is such a dump."""

from __future__ import annotations

import apsw

__all__ = ["dump", "load", "schema"]


def schema(connection: apsw.Connection) -> list[str]:
    """Every statement of the schema, in the order it was made."""
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
    return [f"{sql};" for (sql,) in rows]


def literal(value: apsw.SQLiteValue) -> str:
    """A value as SQL; blobs that hold JSON as text that can be read."""
    if isinstance(value, bytes) and value[:1] in {b"[", b"{"}:
        return f"CAST({apsw.format_sql_value(value.decode())} AS BLOB)"
    return apsw.format_sql_value(value)


def dump(connection: apsw.Connection) -> str:
    """Schema and rows."""
    lines = [f"PRAGMA application_id = {connection.pragma('application_id')};", *schema(connection)]
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid")
    for (table,) in tables.fetchall():
        # Generated columns are read, never written.
        columns = [row[1] for row in connection.execute(f"PRAGMA table_xinfo({table})") if not row[6]]
        for row in connection.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1, 2"):
            values = ", ".join(map(literal, row))
            lines.append(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values});")
    return "\n".join(lines) + "\n"


def load(path: str, text: str) -> None:
    """Make a file from a dump."""
    connection = apsw.Connection(path)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute(text)
    connection.close()
