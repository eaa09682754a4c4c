"""Figures that are worked out when somebody asks: what stopped runs, and how many came and went."""

# ruff: noqa: S608 - statements are put together from the constants of this room; values are always bound

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from worktrail.store.passing import CauseRow, Tick
from worktrail.store.rules import WAITS
from worktrail.store.sqlite.tenant import Tenant

__all__ = ["Figures"]

_SCOPE: Final = "(?3 IS NULL OR r.workspace_id IN (SELECT value FROM json_each(?3)))"
# A run in which two visits wait for the same cause counts once; of a group the newest is the sample.
_STOPPED: Final = f"""
SELECT e.value ->> 'for', coalesce(e.value ->> 'code', ''), r.segment_id, e.value ->> 'visit', count(DISTINCT r.number),
  min(e.value ->> 'since_us'), max(e.value ->> 'since_us'), r.run_id
FROM runs r CROSS JOIN json_each(r.waiting) e
WHERE r.tenant = ?1 AND r.waits >= ?2 AND r.ended_us IS NULL AND {_SCOPE} AND e.value ->> 'for' IN ('retry', 'incident')
GROUP BY 1, 2, 3, 4
"""
_FAILED: Final = f"""
SELECT 'failed', coalesce(r.error_code, ''), r.segment_id, coalesce(r.error_visit, ''), count(*), min(r.ended_us),
  max(r.ended_us), r.run_id
FROM runs r WHERE r.tenant = ?1 AND r.ended_us >= ?2 AND r.status IN ('failed', 'timed_out') AND {_SCOPE}
GROUP BY 2, 3, 4
"""
_STARTED: Final = f"""
SELECT (r.created_us - ?2) / ?4, count(*) FROM runs r
WHERE r.tenant = ?1 AND r.created_us >= ?2 AND {_SCOPE} AND (?5 IS NULL OR r.segment_id = ?5) GROUP BY 1
"""
_ENDED: Final = f"""
SELECT r.segment_id, r.status, r.created_us, r.ended_us FROM runs r
WHERE r.tenant = ?1 AND r.ended_us >= ?2 AND {_SCOPE} AND (?4 IS NULL OR r.segment_id = ?4)
"""


def _json(names: Sequence[str] | None) -> str | None:
    return None if names is None else msgspec.json.encode(list(names)).decode()


class Figures(Tenant):
    """Read by read-only connections, from rows alone."""

    def causes(self, workspaces: Sequence[str] | None, failed_since_us: int) -> list[CauseRow]:
        scope: Any = _json(workspaces)
        first = 1 << WAITS.index("retry")  # the bits of retry and incident are the highest
        stopped = self._database.rows(_STOPPED, (self._tenant, first, scope))
        failed = self._database.rows(_FAILED, (self._tenant, failed_since_us, scope))
        return [CauseRow(*row) for row in (*stopped, *failed)]

    def started_per(self, bucket_us: int, since_us: int, segment_id: str | None, seen: Sequence[str] | None) -> dict[int, int]:
        rows = self._database.rows(_STARTED, (self._tenant, since_us, _json(seen), bucket_us, segment_id))
        return {int(number): int(count) for number, count in rows}

    def ended_since(self, since_us: int, segment_id: str | None, seen: Sequence[str] | None) -> list[Tick]:
        return [Tick(*row) for row in self._database.rows(_ENDED, (self._tenant, since_us, _json(seen), segment_id))]
