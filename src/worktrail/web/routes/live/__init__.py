"""What happens now: streams, the feed, who is here."""

from __future__ import annotations

from worktrail.web.routes.live import activity, batches, realtime, streams

__all__ = ["LIVE_ROUTES"]

LIVE_ROUTES = (*streams.ROUTES, *realtime.ROUTES, *activity.ROUTES, *batches.ROUTES)
