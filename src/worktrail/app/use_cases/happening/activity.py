"""Activity: the headlines of the journal, newest first, page by page.

Rule: the journal is read backwards and nothing is kept beside it, so a page is always what is there. One question looks through
at most ``scan_most`` appends: a filter that nothing fits answers an empty page with the place to go on from, not a long wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from worktrail.app.caller import Caller, allowed
from worktrail.app.live import activity_of
from worktrail.store import Followed

__all__ = ["ActivityFilter", "list_activity"]

PAGE: Final = 1_000
SCAN_MOST: Final = 20_000


class ActivityFilter(msgspec.Struct, frozen=True):
    """Null means any. ``areas`` and ``events`` in the words of the feed; ``before`` a journal position."""

    before: int | None = None
    limit: int = 50
    areas: Sequence[str] | None = None
    events: Sequence[str] | None = None
    principal: str | None = None
    run_id: str | None = None
    segment_id: str | None = None
    scan_most: int = SCAN_MOST  # appends that are looked through

    def fits(self, line: dict[str, Any]) -> bool:
        """Whether a line passes (``before``, ``limit`` and ``run_id`` aside)."""
        return (
            (self.areas is None or line["area"] in self.areas)
            and (self.events is None or line["event"] in self.events or line["event_type"] in self.events)
            and (self.principal is None or line["principal"] == self.principal)
            and (self.segment_id is None or line["segment_id"] == self.segment_id)
        )


@allowed
def list_activity(caller: Caller, where: ActivityFilter) -> dict[str, Any]:
    """A page: ``{"events": […] newest first, "next": position to read before or null, "position": of the journal now}``. A page
    ends between appends, so it may be a little longer than `limit`. CallerError NOT_FOUND (the run)."""
    store, position = caller.store, caller.store.position()
    stream = None if where.run_id is None else f"run:{caller.run(where.run_id).run_id}"
    before = position + 1 if where.before is None else where.before
    found: list[dict[str, Any]] = []
    looked = 0
    while looked < where.scan_most:
        wanted = min(PAGE, where.scan_most - looked)
        page = store.follow_back(before, wanted, stream)
        for append in page:
            if len(found) >= where.limit:
                return {"events": found, "next": str(before), "position": position}
            found.extend(reversed([line for line in _lines(caller, append) if where.fits(line)]))
            before = append.position
        looked += len(page)
        if len(page) < wanted:
            return {"events": found, "next": None, "position": position}
    return {"events": found, "next": str(before), "position": position}


def _lines(caller: Caller, append: Followed) -> list[dict[str, Any]]:
    seen = caller.principal.workspaces
    return [line for line in activity_of(append) if seen is None or line["workspace_id"] in seen]
