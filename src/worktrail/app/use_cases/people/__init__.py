"""People: what waits for them, and what they decide."""

from __future__ import annotations

from worktrail.app.use_cases.people.tasks import TASK_STATUSES, decide_task, list_tasks, match_option, show_task

__all__ = ["TASK_STATUSES", "decide_task", "list_tasks", "match_option", "show_task"]
