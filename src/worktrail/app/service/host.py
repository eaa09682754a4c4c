"""The host: one server process, its tenants, and who comes in.

Rule: a secret finds its tenant, the tenant its service; nothing else leads from one tenant to another. In mode ``local`` whoever
reaches the server (it listens on loopback only) is the person who started it; a key that is shown is still looked at, so that a
revoked one never opens anything.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, Literal, cast

from worktrail.app.caller import Caller
from worktrail.app.service.driver_thread import DriverThread
from worktrail.app.service.feeder import Feeder
from worktrail.app.service.live import Live
from worktrail.app.service.service import Service
from worktrail.app.use_cases import open_session, os_principal, recognise
from worktrail.app.use_cases.runs.rows import iso
from worktrail.app.use_cases.setup.sessions import Known
from worktrail.app.wiring import Wiring
from worktrail.errors import CallerError, WorktrailError
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

    def __init__(
        self,
        open_wiring: Callable[[str], Wiring],
        *,
        mode: Mode,
        worker: str = "none",
        concurrency: int | None = None,
    ) -> None:
        self.mode: Mode = mode
        self.worker = worker  # inside | beside | none: who goes on with runs
        self.started_us = time.time_ns() // 1000
        self._open_wiring = open_wiring
        self._services: dict[str, Service] = {}
        self._lives: dict[str, Live] = {}
        self._lock = threading.Lock()
        self.server = secrets.token_hex(4)  # which process a stream comes from
        self.driver = DriverThread(concurrency=concurrency, committed=self._committed) if worker == "inside" else None
        if self.driver is not None:
            self.driver.start()
        self.feeder = Feeder(self.services, self.wrote)
        self.home = self.service("default")
        for tenant_id in self.home.store.tenants():
            self.service(tenant_id)

    def service(self, tenant_id: str) -> Service:
        """The tenant's service, opened when it is first asked for."""
        with self._lock:
            found = self._services.get(tenant_id)
            if found is None:
                found = self._services[tenant_id] = Service(self._open_wiring(tenant_id))
                if self.driver is not None:
                    self.driver.add(tenant_id, found.wiring)
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

    # --- live -------------------------------------------------------------------------------------------------------

    async def begin_live(self) -> None:
        """From now on this loop serves streams; follows the journals of the tenants that are open."""
        for service in self.services():
            self.live(service)
        self.feeder.start()

    def live(self, service: Service) -> Live:
        """A tenant's live side, made when it is first asked for. To be called on the loop that serves."""
        tenant_id = service.store.tenant_id
        found = self._lives.get(tenant_id)
        if found is None:
            found = self._lives[tenant_id] = Live(
                service.store,
                server=self.server,
                allowed=self._still_allowed,
                on_foreign=partial(self.wake_driver, tenant_id),
            )
        return found

    async def end_live(self) -> None:
        """Streams are told to come back, and closed."""
        lives, self._lives = list(self._lives.values()), {}
        await asyncio.gather(*(live.close() for live in lives))

    def wake_driver(self, tenant_id: str) -> None:
        """Somebody wrote who is not the driver: it looks around at once. From any thread."""
        if self.driver is not None:
            self.driver.wake(tenant_id)

    def wrote(self, tenant_id: str) -> None:
        """This process wrote something for a tenant: streams and the driver look at once. From any thread."""
        self._committed(tenant_id)
        self.wake_driver(tenant_id)

    def _committed(self, tenant_id: str) -> None:
        live = self._lives.get(tenant_id)
        if live is not None:
            live.follower.nudge()

    def _still_allowed(self, ticket: Hashable) -> tuple[str, str] | None:
        """Whether a stream that was opened with (secret, principal) may go on; else (code, why)."""
        secret, before = cast("tuple[str | None, Principal]", ticket)
        try:
            now = self.who(secret).principal
        except WorktrailError as error:
            return error.code, error.message
        if (now.id, now.permissions, now.workspaces) != (before.id, before.permissions, before.workspaces):
            return "FORBIDDEN", "the rights have changed"
        return None

    def stop_driver(self, grace_s: float) -> None:
        """Attempts get the grace period, runs park; blocks until the driver's thread has ended. No further row is read."""
        self.feeder.stop()
        if self.driver is not None:
            self.driver.stop(grace_s)

    def close(self) -> None:
        """Gives all databases back; idempotent."""
        self.stop_driver(0.0)
        with self._lock:
            for service in self._services.values():
                service.close()
            self._services.clear()
