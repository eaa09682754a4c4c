"""A turn: one decision being made. An event is applied the moment it is decided, so every rule sees the state that the
trail will give; the events of the turn are one append."""

from __future__ import annotations

from worktrail.engine.fold import Run, apply
from worktrail.events import Event

__all__ = ["Turn"]


class Turn:
    """The run, the time of the decision, and the events decided so far."""

    __slots__ = ("at_us", "events", "run")

    def __init__(self, run: Run, at_us: int) -> None:
        self.run = run
        self.at_us = at_us
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        apply(self.run, event, self.at_us)
        self.events.append(event)
