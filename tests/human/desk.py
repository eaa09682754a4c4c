"""One helper for all tests of the room: a desk over plain lists, the way a driver uses it."""

from __future__ import annotations

from typing import Any

from worktrail.app import JsonSchemaChecker
from worktrail.events import Origin
from worktrail.human import TaskDesk
from worktrail.runtime import RunPlace, TaskChange
from worktrail.store import TaskRow

T0 = 1_790_000_000_000_000
HOUR_US = 3_600_000_000
PLACE = RunPlace("r1", "ask", "orders", "ask", "default", "main", "order-7")
ANNA = Origin("user:anna", "c1")


class Desk:
    """One task and its history; each call of `do` commits what the desk answers."""

    def __init__(self, spec: dict[str, Any] | None = None, data: Any = None, place: RunPlace | None = PLACE) -> None:
        self.desk = TaskDesk(JsonSchemaChecker())
        self.history: list[bytes] = []
        change = self.desk.open_task("t1", place, {"spec": spec or {}, "data": data}, T0)
        self.row: TaskRow = change.row
        self.commit(change)

    def commit(self, change: TaskChange) -> TaskChange:
        assert change.append.stream == "task:t1"
        assert change.append.first_seq == len(self.history) + 1
        assert change.append.count == 1
        self.history.append(change.append.body)
        self.row = change.row
        assert self.row.version == len(self.history)
        return change

    def decide(self, decision: dict[str, Any], *, origin: Origin = ANNA, at_us: int = T0 + HOUR_US) -> TaskChange:
        return self.commit(self.desk.decide_task(self.row, self.history, decision, origin, at_us))

    def expire(self, at_us: int = T0 + 24 * HOUR_US) -> TaskChange:
        return self.commit(self.desk.expire_task(self.row, self.history, at_us))

    def cancel(self, at_us: int = T0 + HOUR_US) -> TaskChange:
        return self.commit(self.desk.cancel_task(self.row, self.history, Origin("worktrail"), at_us))
