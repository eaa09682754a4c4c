"""Keys, sessions, views, published versions, remembered calls."""

from __future__ import annotations

import msgspec

from worktrail.store.memory.state import Memory
from worktrail.store.setup import AccessKey, PublishedRow, RememberedCall, Session, View

__all__ = ["Setup"]

replace = msgspec.structs.replace


class Setup(Memory):
    """What people set up."""

    def get_key(self, key_id: str) -> AccessKey | None:
        with self._lock:
            self._open()
            return self._keys.get(key_id)

    def list_keys(self) -> list[AccessKey]:
        with self._lock:
            self._open()
            return list(reversed(self._keys.values()))

    def touch_key(self, key_id: str, now_us: int) -> None:
        with self._lock:
            self._open()
            if key_id in self._keys:
                self._keys[key_id] = replace(self._keys[key_id], last_used_us=now_us)

    def open_session(self, session: Session) -> None:
        with self._lock:
            self._open()
            over = [each for each, one in self._sessions.items() if one.expires_us <= session.created_us]
            for each in over:
                del self._sessions[each]
            self._sessions[session.session_id] = session

    def get_session(self, session_id: str) -> Session | None:
        with self._lock:
            self._open()
            return self._sessions.get(session_id)

    def close_session(self, session_id: str, now_us: int) -> None:
        with self._lock:
            self._open()
            known = self._sessions.get(session_id)
            if known is not None and known.closed_us is None:
                self._sessions[session_id] = replace(known, closed_us=now_us)

    def tenants(self) -> list[str]:
        return [self.tenant_id]

    def tenant_of(self, secret_id: str) -> str | None:
        with self._lock:
            self._open()
            return self.tenant_id if secret_id in self._keys or secret_id in self._sessions else None

    def put_view(self, view: View) -> None:
        with self._lock:
            self._open()
            self._views[view.view_id] = view

    def get_view(self, view_id: str) -> View | None:
        with self._lock:
            self._open()
            return self._views.get(view_id)

    def list_views(self, owner: str, page: str | None = None) -> list[View]:
        with self._lock:
            self._open()
            return [
                view
                for view in self._views.values()
                if (view.shared or view.owner == owner) and (page is None or view.page == page)
            ]

    def delete_view(self, view_id: str) -> None:
        with self._lock:
            self._open()
            self._views.pop(view_id, None)

    def get_published(self, segment_id: str, version: str | None = None) -> PublishedRow | None:
        found = self.list_published(segment_id)
        return next((row for row in found if version is None or row.version == version), None)

    def list_published(self, segment_id: str | None = None) -> list[PublishedRow]:
        with self._lock:
            self._open()
            rows = list(reversed(self._published.values()))
        if segment_id is not None:
            return [row for row in rows if row.segment_id == segment_id]
        newest: dict[str, PublishedRow] = {}
        for row in rows:
            newest.setdefault(row.segment_id, row)
        return [newest[each] for each in sorted(newest)]

    def get_call(self, key: str, principal: str, now_us: int) -> RememberedCall | None:
        with self._lock:
            self._open()
            known = self._calls.get((principal, key))
            return known if known is not None and known.expires_us > now_us else None
