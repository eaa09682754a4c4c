"""The host: one server process, its tenants, and who comes in.

Rule: a secret finds its tenant, the tenant its service; nothing else leads from one tenant to another. In mode ``local`` whoever
reaches the server (it listens on loopback only) is the person who started it; a key that is shown is still looked at, so that a
revoked one never opens anything.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from worktrail.app.caller import Caller
from worktrail.app.service.service import Service
from worktrail.app.use_cases import open_session, os_principal, recognise
from worktrail.app.use_cases.runs.rows import iso
from worktrail.app.use_cases.setup.sessions import Known
from worktrail.app.wiring import Wiring
from worktrail.errors import CallerError
from worktrail.guard import Principal, read_secret
from worktrail.store import Session

__all__ = ["Host", "Mode", "Who"]

Mode = Literal["local", "keys"]


class Who:
    """Who asks: a principal at the service of its tenant, in a session or not."""

    def __init__(self, host: Host, service: Service, principal: Principal, session: Session | None = None) -> None:
        self.host = host
        self.service = service
        self.principal = principal
        self.session = session

    @property
    def caller(self) -> Caller:
        """The caller of use cases."""
        return self.service.caller(self.principal)


class Host:
    """``open_wiring(tenant_id)`` makes the wiring of a tenant that is in the database, or of ``default``."""

    def __init__(self, open_wiring: Callable[[str], Wiring], *, mode: Mode, worker: str = "none") -> None:
        self.mode: Mode = mode
        self.worker = worker  # inside | beside | none: who goes on with runs
        self.started_us = time.time_ns() // 1000
        self._open_wiring = open_wiring
        self._services: dict[str, Service] = {}
        self._lock = threading.Lock()
        self.home = self.service("default")

    def service(self, tenant_id: str) -> Service:
        """The tenant's service, opened when it is first asked for."""
        with self._lock:
            found = self._services.get(tenant_id)
            if found is None:
                found = self._services[tenant_id] = Service(self._open_wiring(tenant_id))
            return found

    def services(self) -> list[Service]:
        """Those that are open."""
        with self._lock:
            return list(self._services.values())

    def who(self, secret: str | None) -> Who:
        """Who comes with this secret (a key's, a session's, none). CallerError UNAUTHENTICATED."""
        if secret is None:
            if self.mode == "local":
                return Who(self, self.home, os_principal("local"))
            raise CallerError("UNAUTHENTICATED", "nobody is logged in")
        service = self._service_of(secret)
        known = recognise(service.store, secret, time.time_ns() // 1000)
        return Who(self, service, known.principal, known.session)

    def log_in(self, secret: str) -> tuple[str, Who]:
        """A session's secret for a key's. CallerError UNAUTHENTICATED."""
        service = self._service_of(secret)
        opened: dict[str, Any] = open_session(service.store, secret, time.time_ns() // 1000)
        known: Known = opened["known"]
        return opened["secret"], Who(self, service, known.principal, known.session)

    def _service_of(self, secret: str) -> Service:
        read = read_secret(secret)
        tenant_id = None if read is None else self.home.store.tenant_of(read[1])
        if tenant_id is None:
            raise CallerError("UNAUTHENTICATED", "the key or session does not hold")
        return self.service(tenant_id)

    def describe(self) -> dict[str, Any]:
        """``{started_at, worker, database}``, for people: a name of the database, never its path."""
        database = str(self.home.wiring.database)
        name = database if database == ":memory:" else database.rpartition("/")[2]
        return {"started_at": iso(self.started_us), "worker": self.worker, "database": name}

    def close(self) -> None:
        """Gives all databases back; idempotent."""
        with self._lock:
            for service in self._services.values():
                service.close()
            self._services.clear()
