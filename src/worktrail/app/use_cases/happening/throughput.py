"""Throughput: how many runs began and ended in the time behind us, and how long they took."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import iso
from worktrail.errors import CallerError
from worktrail.store import Tick

__all__ = ["throughput"]

BUCKETS_MOST: Final = 500
LONGEST_S: Final = 32 * 86_400  # of all buckets together
SEGMENTS: Final = 20
_BAD: Final = frozenset(("failed", "timed_out"))


@allowed
def throughput(
    caller: Caller, *, bucket_s: int = 300, buckets: int = 24, segment_id: str | None = None, until_us: int | None = None
) -> dict[str, Any]:
    """``{"bucket_s", "buckets": [{start, started, completed, failed}] oldest first, "started", "completed", "failed",
    "median_ms", "durations": [{segment_id, runs, p50_ms, p95_ms}]}``; the last bucket is that of
    ``until_us`` (default: now). CallerError
    ARGUMENT_INVALID."""
    if not (1 <= buckets <= BUCKETS_MOST and bucket_s >= 1 and bucket_s * buckets <= LONGEST_S):
        message = f"from 1 to {BUCKETS_MOST} buckets of together at most {LONGEST_S:,} s can be counted"
        raise CallerError("ARGUMENT_INVALID", message, pointer="/buckets")
    bucket_us = bucket_s * 1_000_000
    since_us = ((caller.now_us() if until_us is None else until_us) // bucket_us - buckets + 1) * bucket_us
    seen = caller.workspaces
    started = caller.store.started_per(bucket_us, since_us, segment_id, seen)
    ended = caller.store.ended_since(since_us, segment_id, seen)
    completed = Counter((tick.ended_us - since_us) // bucket_us for tick in ended if tick.status == "completed")
    failed = Counter((tick.ended_us - since_us) // bucket_us for tick in ended if tick.status in _BAD)
    numbers = range(buckets)
    return {
        "bucket_s": bucket_s,
        "buckets": [
            {
                "start": iso(since_us + number * bucket_us),
                "started": started.get(number, 0),
                "completed": completed[number],
                "failed": failed[number],
            }
            for number in numbers
        ],
        "started": sum(started.get(number, 0) for number in numbers),
        "completed": sum(completed[number] for number in numbers),
        "failed": sum(failed[number] for number in numbers),
        "median_ms": _quantile(sorted(_ms(tick) for tick in ended if tick.status == "completed"), 50),
        "durations": _durations(ended),
    }


def _ms(tick: Tick) -> int:
    return (tick.ended_us - tick.created_us) // 1000


def _quantile(ordered: list[int], percent: int) -> int | None:
    """By the nearest rank; null of nothing."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None


def _durations(ended: list[Tick]) -> list[dict[str, Any]]:
    """Of completed runs, the segments with the most of them first."""
    by_segment: dict[str, list[int]] = {}
    for tick in ended:
        if tick.status == "completed":
            by_segment.setdefault(tick.segment_id, []).append(_ms(tick))
    busiest = sorted(by_segment, key=lambda segment: (-len(by_segment[segment]), segment))[:SEGMENTS]
    return [
        {
            "segment_id": segment,
            "runs": len(by_segment[segment]),
            "p50_ms": _quantile(sorted(by_segment[segment]), 50),
            "p95_ms": _quantile(sorted(by_segment[segment]), 95),
        }
        for segment in busiest
    ]
