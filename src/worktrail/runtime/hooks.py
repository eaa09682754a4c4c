"""The hook port: who may watch a run, and who may say no.

Rule: four points (before and after a run, before and after a step). Anyone says no before something starts by raising
``HookVetoError``. A hook registered as a ``guard`` fails closed: whatever it raises before something starts, or running out
of time, is a no. Any other failure of a hook is noted and never breaks a run. A table that ``app`` fills.
The points of a run are for runs that somebody asked for. A child run is a visit of its parent and begins in the commit of its
parent's event; whoever lets the parent in has seen the names of all its sub-segments.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import msgspec

from worktrail.runtime.exceptions import HookVetoError, ResourceExistsError

__all__ = ["POINTS", "Hook", "HookTable", "Outcome", "RunInfo", "StepInfo"]

POINTS = ("before_run", "after_run", "before_step", "after_step")
_log = logging.getLogger("worktrail.hooks")


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which run. ``input_data`` is the run's input; hooks read it, they do not change it. ``segments``: before a run, the ids of
    the sub-segments that may run inside it. ``parent_run_id``, ``root_run_id``: of a child run, for hooks of its steps."""

    run_id: str
    segment_id: str
    tenant_id: str = "default"
    workspace_id: str = "default"
    instance_id: str = "default"
    input_data: Any = None
    segments: tuple[str, ...] = ()
    parent_run_id: str | None = None
    root_run_id: str | None = None


class StepInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which attempt of which visit. ``config`` is resolved; ``inputs`` are the values by port; secrets are in neither."""

    run: RunInfo
    step_id: str
    step_type: str
    visit: str
    attempt: int = 1
    config: dict[str, Any] = {}
    inputs: dict[str, Any] = {}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended: ``status`` as in the trail (completed, failed, cancelled …), ``outputs`` or ``error`` (ErrorInfo)."""

    status: str
    outputs: Any = None
    error: Any = None
    duration_ms: int | None = None


class Hook(Protocol):
    """The whole port; a hook has any of these methods, sync (quick: it runs on the loop) or async."""

    def before_run(self, run: RunInfo) -> Any:
        """Before ``segment.started`` is committed; a veto refuses the run."""

    def after_run(self, run: RunInfo, outcome: Outcome) -> Any:
        """After the run's last event is committed."""

    def before_step(self, step: StepInfo) -> Any:
        """Before the handler is called; a veto fails the attempt as certainly not executed."""

    def after_step(self, step: StepInfo, outcome: Outcome) -> Any:
        """After the answer of the attempt is known."""


class _Row(NamedTuple):
    name: str
    call: Callable[..., Any]
    guard: bool
    timeout_s: float | None


class HookTable:
    """Hooks in the order they were added; the ``after_…`` points run in the reverse order. ``failures`` counts by hook name."""

    def __init__(self) -> None:
        self._rows: dict[str, list[_Row]] = {point: [] for point in POINTS}
        self.failures: dict[str, int] = {}

    def add(self, hook: Any, *, name: str = "", guard: bool = False, timeout_s: float | None = 10.0) -> str:
        """Adds an object with any of the four methods; answers its name. ``TypeError`` where it has none of them."""
        name = name or type(hook).__name__
        calls = {point: getattr(hook, point) for point in POINTS if callable(getattr(hook, point, None))}
        if not calls:
            raise TypeError(f"hook {name!r} has none of the methods {', '.join(POINTS)}")
        if name in self.names():
            raise ResourceExistsError("hook", name)
        for point, call in calls.items():
            self._rows[point].append(_Row(name, call, guard, timeout_s))
        return name

    def remove(self, name: str) -> bool:
        """Takes a hook out; whether it was there."""
        there = name in self.names()
        for point, rows in self._rows.items():
            self._rows[point] = [row for row in rows if row.name != name]
        return there

    def names(self) -> list[str]:
        """The names of all hooks."""
        return list(dict.fromkeys(row.name for rows in self._rows.values() for row in rows))

    def listens(self, point: str) -> bool:
        """Whether any hook wants this point: where none does, a driver need not even build the infos."""
        return bool(self._rows[point])

    async def before_run(self, run: RunInfo) -> None:
        """Raises ``HookVetoError`` where a hook says no."""
        for row in tuple(self._rows["before_run"]):
            await self._call(row, "before_run", run)

    async def before_step(self, step: StepInfo) -> None:
        """Raises ``HookVetoError`` where a hook says no."""
        for row in tuple(self._rows["before_step"]):
            await self._call(row, "before_step", step)

    async def after_run(self, run: RunInfo, outcome: Outcome) -> None:
        """Never raises."""
        for row in reversed(tuple(self._rows["after_run"])):
            await self._call(row, "after_run", run, outcome)

    async def after_step(self, step: StepInfo, outcome: Outcome) -> None:
        """Never raises."""
        for row in reversed(tuple(self._rows["after_step"])):
            await self._call(row, "after_step", step, outcome)

    async def _call(self, row: _Row, point: str, *arguments: Any) -> None:
        try:
            async with asyncio.timeout(row.timeout_s):
                answer = row.call(*arguments)
                if inspect.isawaitable(answer):
                    await answer
        except Exception as error:
            before = point.startswith("before_")
            if before and isinstance(error, HookVetoError):
                raise HookVetoError(error.reason, hook=row.name) from error
            if before and row.guard:
                raise HookVetoError(f"{type(error).__name__}: {error}", hook=row.name) from error
            self.failures[row.name] = self.failures.get(row.name, 0) + 1
            _log.warning("hook %s failed at %s; the run goes on", row.name, point, exc_info=True)
