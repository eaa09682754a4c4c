"""Keys, sessions, views, published versions, remembered calls.

Rule: what has an event (keys, versions) is written by ``write_setup`` inside the commit of that event; the rest by small
transactions of its own.
"""

# ruff: noqa: S608 - statements are put together from the constants of this room; values are always bound

from __future__ import annotations

from typing import Any, Final

import apsw
import msgspec

from worktrail.store import rules
from worktrail.store.protocols import Commit
from worktrail.store.setup import AccessKey, PublishedRow, RememberedCall, Session, View
from worktrail.store.sqlite.connection import Row
from worktrail.store.sqlite.tenant import Tenant

__all__ = ["Setup", "write_setup"]

_KEY: Final = """key_id, name, permissions, workspaces, salt, digest, created_us, created_by, expires_us, revoked_us,
  last_used_us"""
_SESSION: Final = "session_id, key_id, salt, digest, created_us, expires_us, closed_us"
_VIEW: Final = "view_id, page, name, query, shared, owner, created_us"
_PUBLISHED: Final = """segment_id, version, segment_hash, lock_hash, published_us, published_by, workspace_id, name, description,
  notes, document"""
_CALL: Final = "key, principal, request_hash, answer, expires_us"
_texts = msgspec.json.Decoder(tuple[str, ...]).decode


def _marks(columns: str) -> str:
    return ", ".join(["?"] * (columns.count(",") + 2))  # and one for the tenant


def _json(texts: Any) -> str | None:
    return None if texts is None else msgspec.json.encode(list(texts)).decode()


def _key(row: Row) -> AccessKey:
    values: list[Any] = list(row)
    values[2] = _texts(values[2])
    values[3] = None if values[3] is None else _texts(values[3])
    return AccessKey(*values)


def _view(row: Row) -> View:
    values: list[Any] = list(row)
    values[4] = bool(values[4])
    return View(*values)


def write_setup(cursor: apsw.Cursor, tenant: int, commit: Commit) -> None:
    """The rows of a commit's keys, versions and calls, inside its transaction."""
    for key in commit.keys:
        fields: list[Any] = list(msgspec.structs.astuple(key))
        fields[2], fields[3] = _json(fields[2]), _json(fields[3])
        cursor.execute(
            f"""INSERT INTO access_keys (tenant, {_KEY}) VALUES ({_marks(_KEY)})
            ON CONFLICT (key_id) DO UPDATE SET revoked_us = excluded.revoked_us, expires_us = excluded.expires_us""",
            (tenant, *fields),
        )
    for row in commit.published:
        try:
            values = (tenant, *msgspec.structs.astuple(row))
            cursor.execute(f"INSERT INTO published (tenant, {_PUBLISHED}) VALUES ({_marks(_PUBLISHED)})", values)
        except apsw.ConstraintError as error:
            raise rules.version_exists(row) from error
    for call in commit.calls:
        cursor.execute("DELETE FROM calls WHERE expires_us <= ?", (commit.now_us,))
        try:
            cursor.execute(
                f"INSERT INTO calls (tenant, {_CALL}) VALUES ({_marks(_CALL)})", (tenant, *msgspec.structs.astuple(call))
            )
        except apsw.ConstraintError as error:
            raise rules.call_conflict(call) from error


class Setup(Tenant):
    """What people set up."""

    def get_key(self, key_id: str) -> AccessKey | None:
        row = self._database.row(f"SELECT {_KEY} FROM access_keys WHERE key_id = ? AND tenant = ?", (key_id, self._tenant))
        return None if row is None else _key(row)

    def list_keys(self) -> list[AccessKey]:
        sql = f"SELECT {_KEY} FROM access_keys WHERE tenant = ? ORDER BY number DESC"
        return [_key(row) for row in self._database.rows(sql, (self._tenant,))]

    def touch_key(self, key_id: str, now_us: int) -> None:
        self._run("UPDATE access_keys SET last_used_us = ? WHERE key_id = ? AND tenant = ?", (now_us, key_id, self._tenant))

    def open_session(self, session: Session) -> None:
        self._run("DELETE FROM sessions WHERE tenant = ? AND expires_us <= ?", (self._tenant, session.created_us))
        sql = f"INSERT INTO sessions (tenant, {_SESSION}) VALUES ({_marks(_SESSION)})"
        self._run(sql, (self._tenant, *msgspec.structs.astuple(session)))

    def get_session(self, session_id: str) -> Session | None:
        sql = f"SELECT {_SESSION} FROM sessions WHERE session_id = ? AND tenant = ?"
        row = self._database.row(sql, (session_id, self._tenant))
        return None if row is None else Session(*row)

    def close_session(self, session_id: str, now_us: int) -> None:
        sql = "UPDATE sessions SET closed_us = ? WHERE session_id = ? AND tenant = ? AND closed_us IS NULL"
        self._run(sql, (now_us, session_id, self._tenant))

    def tenants(self) -> list[str]:
        return [str(row[0]) for row in self._database.rows("SELECT tenant_id FROM tenants ORDER BY number")]

    def tenant_of(self, secret_id: str) -> str | None:
        sql = """SELECT t.tenant_id FROM access_keys k JOIN tenants t ON t.number = k.tenant WHERE k.key_id = ?1
        UNION ALL SELECT t.tenant_id FROM sessions s JOIN tenants t ON t.number = s.tenant WHERE s.session_id = ?1"""
        row = self._database.row(sql, (secret_id,))
        return None if row is None else str(row[0])

    def put_view(self, view: View) -> None:
        sql = f"""INSERT INTO views (tenant, {_VIEW}) VALUES ({_marks(_VIEW)}) ON CONFLICT (tenant, view_id) DO UPDATE SET
        page = excluded.page, name = excluded.name, query = excluded.query, shared = excluded.shared"""
        self._run(sql, (self._tenant, *msgspec.structs.astuple(view)))

    def get_view(self, view_id: str) -> View | None:
        row = self._database.row(f"SELECT {_VIEW} FROM views WHERE tenant = ? AND view_id = ?", (self._tenant, view_id))
        return None if row is None else _view(row)

    def list_views(self, owner: str, page: str | None = None) -> list[View]:
        sql = f"""SELECT {_VIEW} FROM views WHERE tenant = ? AND (shared OR owner = ?) AND (?3 IS NULL OR page = ?3)
        ORDER BY number"""
        return [_view(row) for row in self._database.rows(sql, (self._tenant, owner, page))]

    def delete_view(self, view_id: str) -> None:
        self._run("DELETE FROM views WHERE tenant = ? AND view_id = ?", (self._tenant, view_id))

    def get_published(self, segment_id: str, version: str | None = None) -> PublishedRow | None:
        sql = f"""SELECT {_PUBLISHED} FROM published WHERE tenant = ? AND segment_id = ? AND (?3 IS NULL OR version = ?3)
        ORDER BY number DESC LIMIT 1"""
        row = self._database.row(sql, (self._tenant, segment_id, version))
        return None if row is None else PublishedRow(*row)

    def list_published(self, segment_id: str | None = None) -> list[PublishedRow]:
        if segment_id is None:
            sql = f"""SELECT {_PUBLISHED} FROM published WHERE number IN (
            SELECT max(number) FROM published WHERE tenant = ? GROUP BY segment_id) ORDER BY segment_id"""
            return [PublishedRow(*row) for row in self._database.rows(sql, (self._tenant,))]
        sql = f"SELECT {_PUBLISHED} FROM published WHERE tenant = ? AND segment_id = ? ORDER BY number DESC"
        return [PublishedRow(*row) for row in self._database.rows(sql, (self._tenant, segment_id))]

    def get_call(self, key: str, principal: str, now_us: int) -> RememberedCall | None:
        sql = f"SELECT {_CALL} FROM calls WHERE tenant = ? AND principal = ? AND key = ? AND expires_us > ?"
        row = self._database.row(sql, (self._tenant, principal, key, now_us))
        return None if row is None else RememberedCall(*row)

    def _run(self, sql: str, bindings: tuple[Any, ...]) -> None:
        self._database.transact(lambda cursor: cursor.execute(sql, bindings))
