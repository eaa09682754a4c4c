"""What happens and what happened: activity, what needs attention, throughput."""

from __future__ import annotations

from worktrail.app.use_cases.happening.activity import ActivityFilter, list_activity
from worktrail.app.use_cases.happening.attention import attention
from worktrail.app.use_cases.happening.throughput import throughput

__all__ = ["ActivityFilter", "attention", "list_activity", "throughput"]
