"""What happens and what happened: activity, what needs attention, throughput."""

from __future__ import annotations

from worktrail.app.use_cases.happening.activity import ActivityFilter, list_activity
from worktrail.app.use_cases.happening.attention import attention
from worktrail.app.use_cases.happening.measures import MEASURES, Measure, measure
from worktrail.app.use_cases.happening.throughput import throughput

__all__ = ["MEASURES", "ActivityFilter", "Measure", "attention", "list_activity", "measure", "throughput"]
