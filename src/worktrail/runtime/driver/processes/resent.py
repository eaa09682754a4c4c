"""A command that comes a second time: what became of it stands in the journal.

Rule: a command id is acted on once. An owner that dies between its commit and its answer leaves the caller without one; the same
command then comes again, by hand or from the inbox. Every append says which command brought it about, so the answer is read
rather than decided again: a decision that was accepted is never refused to whoever made it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from worktrail.events import origin_of
from worktrail.store import Store

__all__ = ["answer_given"]


def answer_given(store: Store, kind: str, target: str, command_id: str) -> dict[str, Any] | None:
    """The durable answer to a command that was carried out before; null where nothing shows that it was."""
    row = store.get_command(command_id)
    if row is not None and row.answer is not None:
        known: dict[str, Any] = msgspec.json.decode(row.answer)
        return known
    about_task = kind.startswith("task.")
    mark = command_id.encode()
    for stored in store.read_stream(f"{'task' if about_task else 'run'}:{target}"):
        if mark in stored.body:
            origin = origin_of(stored.body)
            if origin is not None and origin.command_id == command_id:
                return _accepted(store, target, about_task=about_task)
    return None


def _accepted(store: Store, target: str, *, about_task: bool) -> dict[str, Any]:
    task = store.get_task(target) if about_task else None
    return {"accepted": True} if task is None else {"accepted": True, "task": msgspec.to_builtins(task)}
