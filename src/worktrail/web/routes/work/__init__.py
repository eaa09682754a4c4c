"""Runs, incidents, tasks."""

from __future__ import annotations

from worktrail.web.routes.work.bulk import ROUTES as BULK
from worktrail.web.routes.work.changes import ROUTES as CHANGES
from worktrail.web.routes.work.incidents import ROUTES as INCIDENTS
from worktrail.web.routes.work.inside import ROUTES as INSIDE
from worktrail.web.routes.work.runs import ROUTES as RUNS
from worktrail.web.routes.work.tasks import ROUTES as TASKS

__all__ = ["WORK_ROUTES"]

WORK_ROUTES = (*RUNS, *BULK, *CHANGES, *INSIDE, *INCIDENTS, *TASKS)
