"""Human tasks: work for people as an aggregate of its own. Never: deciding what a run does with the answer.

A task has its own stream ``task:<id>`` and its own vocabulary; ``TaskDesk`` makes every change of it. See docs/human-tasks.md.
"""

from __future__ import annotations

from worktrail.human.codec import TASK_BODY_VERSION, TaskAppend, decode_task_body, encode_task_body
from worktrail.human.desk import TaskDesk, port_value, task_stream
from worktrail.human.forms import DEFAULT_TIMEOUT_HOURS, PRIORITIES, read_form
from worktrail.human.lifecycle import LIFECYCLE, Task, fold_task, row_of
from worktrail.human.rules import OUTCOMES, PERSONS_OUTCOMES, TYPE_RULES, Takes
from worktrail.human.vocabulary import (
    RESERVED_TASK_TYPES,
    TASK_TYPES,
    Form,
    Option,
    TaskCancelled,
    TaskCreated,
    TaskDecided,
    TaskEvent,
    TaskExpired,
)

__all__ = [
    "DEFAULT_TIMEOUT_HOURS",
    "LIFECYCLE",
    "OUTCOMES",
    "PERSONS_OUTCOMES",
    "PRIORITIES",
    "RESERVED_TASK_TYPES",
    "TASK_BODY_VERSION",
    "TASK_TYPES",
    "TYPE_RULES",
    "Form",
    "Option",
    "Takes",
    "Task",
    "TaskAppend",
    "TaskCancelled",
    "TaskCreated",
    "TaskDecided",
    "TaskDesk",
    "TaskEvent",
    "TaskExpired",
    "decode_task_body",
    "encode_task_body",
    "fold_task",
    "port_value",
    "read_form",
    "row_of",
    "task_stream",
]
