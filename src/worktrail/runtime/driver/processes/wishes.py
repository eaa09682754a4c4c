"""Wishes: commands of people and other processes, carried out by the owner of the run.

Rule: a wish gets one recorded answer, accepted or refused with the reason. It reaches the owner by its local socket
(``doorbell``); where none answers it waits in the inbox, and is answered from the journal if it was carried out before
(``resent``). A wish and its answer are one commit with what it brings about.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from worktrail.engine import Cancel, ChildEnded, Pause, Resolve, Resume, TaskEnded, decode_exactly, pass_on, resolve
from worktrail.errors import CallerError, OurError, WorktrailError
from worktrail.events import ObjectOf, Origin, Ref
from worktrail.runtime.driver.core import Core
from worktrail.runtime.driver.live import LiveRun
from worktrail.runtime.driver.ports import TaskAnswer, TaskChange
from worktrail.runtime.driver.processes.resent import answer_given
from worktrail.store import CommandRow

__all__ = ["WISHES", "Wishes"]

LATE_AT_ONCE = 100
T = TypeVar("T")
_encode = msgspec.json.Encoder(decimal_format="number").encode
_log = logging.getLogger("worktrail.commands")


class Wishes:
    """Carries wishes out on the loop."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._taken: set[str] = set()  # of the inbox, their answers not durable yet

    def carry_out(self, kind: str, target: str, body: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
        """The answer ``{"accepted": true, …}`` or ``{"accepted": false, "error": {…}}``; durable once the batch is."""
        act = WISHES.get(kind)
        try:
            if not isinstance(body, Mapping):
                raise CallerError("COMMAND_INVALID", "the body of a command is an object")
            if act is None:
                raise CallerError("COMMAND_UNKNOWN", f"there is no command '{kind}'; known are: {', '.join(sorted(WISHES))}")
            return {"accepted": True, **act(self._core, target, body, origin)}
        except WorktrailError as error:
            if isinstance(error, OurError):
                raise
            return {"accepted": False, "error": error.to_dict()}

    def take_inbox(self) -> int:
        """Carry out what waits in the inbox for runs of this process, and answer what came too late for runs that have ended
        (they belong to nobody); each answer joins the batch."""
        core = self._core
        lease = core.committer.lease
        if lease is None:
            return 0
        late = [row for row in core.store.pending(None, LATE_AT_ONCE) if self._is_over(row)]
        rows = [row for row in (*core.store.pending(lease), *late) if row.command_id not in self._taken]
        for row in rows:
            self._answer(row)
        return len(rows)

    def _is_over(self, row: CommandRow) -> bool:
        task = self._core.store.get_task(row.target) if row.kind.startswith("task.") else None
        run = self._core.store.get_run(row.target if task is None else task.run_id or "")
        return run is not None and run.ended_us is not None

    def _answer(self, row: CommandRow) -> None:
        core = self._core
        self._taken.add(row.command_id)
        body, target = _decoded(row)
        answer = answer_given(core.store, row.kind, target, row.command_id)
        if answer is None:
            answer = self.carry_out(row.kind, target, body, Origin(row.principal, row.command_id))
        core.committer.batch.answers.append((row.command_id, _encode(answer)))
        core.committer.batch.now_us = core.now_us()
        core.committer.plan(lambda: self._answered(row, target, answer))

    def _answered(self, row: CommandRow, target: str, answer: Mapping[str, Any]) -> None:
        """The answer is durable. Whoever wished has gone long ago: a refusal is told to those who watch this process."""
        self._taken.discard(row.command_id)
        if answer.get("accepted") is False:
            error, about = answer["error"], (row.command_id, row.kind, target, row.principal)
            _log.warning("command %s (%s %s by %s) was refused: %s: %s", *about, error["code"], error["message"])


class ReasonedWish(msgspec.Struct, frozen=True):
    """Body of `run.cancel`, `run.pause`, `run.resume`."""

    reason: str | None = None


class IncidentWish(msgspec.Struct, frozen=True):
    """Body of `incident.resolve`."""

    incident: str
    action: str
    outputs: dict[str, Any] | None = None
    edge: int | None = None
    reason: str | None = None


_read_child_ended = msgspec.json.Decoder(ChildEnded).decode
for _shape in (ReasonedWish, IncidentWish):
    msgspec.json.Decoder(_shape)  # made known here, by one thread: see `tests/house/test_decoders.py`


def _read(body: Mapping[str, Any], shape: type[T]) -> T:
    try:
        return msgspec.convert(body, shape)
    except msgspec.ValidationError as error:
        raise CallerError("COMMAND_INVALID", f"the command cannot be read: {error}") from None


def _decoded(row: CommandRow) -> tuple[Any, str]:
    """The body of a command in the inbox, and whom it is about."""
    try:
        body = decode_exactly(row.body)
    except msgspec.DecodeError:
        return None, row.target
    target = body.pop("target", None) if isinstance(body, dict) else None
    return body, target if isinstance(target, str) else row.target


def _cancel(core: Core, target: str, body: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    wish = _read(body, ReasonedWish)
    core.turns.take(core.get(target), Cancel(wish.reason), origin)
    return {}


def _pause(core: Core, target: str, body: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    wish = _read(body, ReasonedWish)
    live = core.get(target)
    core.turns.take(live, Pause(wish.reason), origin)
    _to_children(core, live, "run.pause", Pause("its parent was paused"))
    return {}


def _resume(core: Core, target: str, body: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    wish = _read(body, ReasonedWish)
    live = core.get(target)
    core.turns.take(live, Resume(wish.reason), origin)
    _to_children(core, live, "run.resume", Resume("its parent was resumed"))
    return {}


def _to_children(core: Core, live: LiveRun, kind: str, command: Pause | Resume) -> None:
    """Pause and resume cascade to children and theirs (cancel does by the engine's rule)."""
    for visit in list(live.run.open.values()):
        if visit.child is None:
            continue
        if core.serves(visit.child):
            child = core.get(visit.child)
            core.turns.tell(child, command)
            _to_children(core, child, kind, command)
        else:
            core.send(f"{kind}-{visit.child}-{live.run.seq}", kind, visit.child, {"reason": command.reason})


def _resolve(core: Core, target: str, body: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    wish = _read(body, IncidentWish)
    live = core.get(target)
    try:
        refs = _delivered(core, live, wish)
    except CallerError:
        core.turns.park_if_idle(live)  # it may have been folded for this alone
        raise
    core.turns.take(live, Resolve(wish.incident, wish.action, refs, wish.edge, wish.reason), origin)
    return {}


def _delivered(core: Core, live: LiveRun, wish: IncidentWish) -> dict[str, Ref] | None:
    """What a person delivers, held to what a handler's answer is held to. CallerError INCIDENT_ACTION, VALUE_TOO_LARGE."""
    if wish.outputs is None:
        return None
    refs = {port: live.values.write(value) for port, value in wish.outputs.items()}
    incident = live.run.incidents.get(wish.incident)
    visit = live.run.open.get(incident.visit) if incident is not None else None
    if visit is not None:
        try:
            core.check_ports(live, visit, refs)
        except CallerError as error:
            hint = "Deliver a value that fits; the incident is still open."
            raise CallerError("INCIDENT_ACTION", error.message, hint=hint, pointer="/outputs") from None
    return refs


def _decide_task(core: Core, target: str, body: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    tasks = core.tasks
    task = core.load_task(target)
    if tasks is None or task is None:
        raise CallerError("TASK_NOT_FOUND", f"there is no task '{target}'")
    if task[0].run_id is not None and not core.serves(task[0].run_id):
        raise CallerError("RUN_ELSEWHERE", f"the run of task '{target}' does not belong to this process")
    change = end_task(core, tasks.decide_task(*task, body, origin, core.now_us()), origin)
    return {"task": msgspec.to_builtins(change.row)}


def end_task(core: Core, change: TaskChange, origin: Origin | None) -> TaskChange:
    """A task ends, and its run learns it in the same commit. What cannot be kept is refused before anything is written."""
    news = None if change.answer is None else news_of(core, change.row.task_id, change.answer)
    core.turns.write_task(change)
    if news is not None:
        tell_run(core, *news, origin)
    return change


def news_of(core: Core, task_id: str, answer: TaskAnswer) -> tuple[LiveRun, TaskEnded] | None:
    """What the run of a task must be told. CallerError where it cannot be kept."""
    if answer.run_id is None or answer.visit is None:
        return None
    live = core.get(answer.run_id)
    value = None if answer.outcome == "cancelled" else _value_of(live, answer)
    return live, TaskEnded(answer.visit, task_id, answer.outcome, value, answer.principal)


def tell_run(core: Core, live: LiveRun, ended: TaskEnded, origin: Origin | None) -> None:
    core.turns.tell(live, core.turns.with_verdicts(live, ended), origin)


def _value_of(live: LiveRun, answer: TaskAnswer) -> Ref:
    """What the outcome's port carries. The step's own input in it is named, not written again: it was accepted once, and with
    something around it it may be larger or deeper than what is accepted."""
    visit = live.run.open.get(answer.visit or "")
    if visit is None or answer.shown is None:
        return live.values.write(answer.value)
    shown = resolve(live.run, pass_on(live.run, visit, "data"))
    return ObjectOf({name: shown if name == answer.shown else live.values.write(part) for name, part in answer.value.items()})


def _child_ended(core: Core, target: str, body: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    """A child run owned by another process ended."""
    try:
        ended = _read_child_ended(_encode(body))  # by its bytes: a value in it is raw
    except msgspec.ValidationError as error:
        raise CallerError("COMMAND_INVALID", f"the command cannot be read: {error}") from None
    core.turns.tell(core.get(target), ended, origin)
    return {}


WISHES: dict[str, Callable[[Core, str, Mapping[str, Any], Origin], dict[str, Any]]] = {
    "run.cancel": _cancel,
    "run.pause": _pause,
    "run.resume": _resume,
    "incident.resolve": _resolve,
    "task.decide": _decide_task,
    "child.ended": _child_ended,
}
