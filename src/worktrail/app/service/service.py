"""A service: what a server process holds of one tenant."""

from __future__ import annotations

from worktrail.app.caller import Caller, Shelf
from worktrail.app.wiring import Wiring
from worktrail.contract import SegmentDefinition
from worktrail.guard import Principal

__all__ = ["Service"]


class Service:
    """One tenant's wiring with its open store, and what is kept to read it quickly."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.store = wiring.store
        self.shelf = Shelf(self.store, self._own)

    def caller(self, principal: Principal) -> Caller:
        """The principal at this tenant's store."""
        return Caller(self.store, principal, self.shelf)

    def _own(self, segment_id: str) -> SegmentDefinition | None:
        """The project's segment, as its files are now read."""
        return self.wiring.segments.readable()[0].get(segment_id)

    def close(self) -> None:
        """Gives the database back."""
        self.wiring.close()
