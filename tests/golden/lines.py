"""Writes a trail the way the golden cases do (README): one event a line. Values are shown, never references."""

from __future__ import annotations

from typing import Any

import msgspec

from worktrail import engine as e
from worktrail.events import (
    TYPES,
    DataPublished,
    ErrorInfo,
    Event,
    HumanTaskCompleted,
    HumanTaskLate,
    IncidentOpened,
    IncidentResolved,
    ScopeEnded,
    SegmentCompleted,
    SegmentFailed,
    StepAnswered,
    StepCancelled,
    StepCompleted,
    StepFailed,
    StepInterrupted,
    StepRetrying,
    StepScheduled,
    StepSkipped,
    StepStarted,
    StepTimedOut,
)

__all__ = ["trail_lines"]


def trail_lines(plan: e.Plan, values: e.Values, run_id: str, events: list[tuple[int, Event]]) -> list[str]:
    """The lines of a trail. References are read from a fold that has come as far as the event, as any reader would."""
    run = e.Run(run_id, plan)
    lines = []
    for at_us, event in events:
        lines.append(_line(event, run, values))  # before it is applied: the scope of an ended item is gone after it
        e.apply(run, event, at_us)
    return lines


def _line(event: Event, run: e.Run, values: e.Values) -> str:
    words = [TYPES[type(event).__struct_config__.tag]]  # type: ignore[index]
    visit = getattr(event, "visit", None)
    if visit is not None and not isinstance(event, SegmentFailed):
        words.append(visit)
    show = _SHOW.get(type(event))
    if show is not None:
        words += show(event, lambda ref: _json(values.read(e.resolve(run, ref))), run)
    return " ".join(words)


def _plain(value: Any) -> Any:
    """An ErrorInfo inside a value is written as its code."""
    if isinstance(value, dict):
        if "error_code" in value and "error_message" in value:
            return value["error_code"] if "inputs" not in value else {"error": value["error_code"], "inputs": value["inputs"]}
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


_encoder = msgspec.json.Encoder(decimal_format="number")


def _json(value: Any) -> str:
    return _encoder.encode(_plain(value)).decode()


def _maybe(name: str, value: Any) -> list[str]:
    return [] if value in (None, "", []) else [f"{name}={value}"]


def _counted(counted: list[int] | None) -> str | None:
    return None if not counted else ",".join(map(str, counted))


def _code(error: ErrorInfo | None) -> str | None:
    return error.error_code if error is not None else None


def _scheduled(event: StepScheduled, read: Any, run: e.Run) -> list[str]:
    return [*_maybe("rule", event.rule), *_maybe("counted", _counted(event.counted))]


def _started(event: StepStarted, read: Any, run: e.Run) -> list[str]:
    words = _maybe("attempt", event.attempt if event.attempt != 1 else None)
    if event.child is not None:
        words.append("child")
    return [*words, *([f"count={event.count}", f"bound={event.bound}"] if event.items is not None else [])]


def _completed(event: StepCompleted, read: Any, run: e.Run) -> list[str]:
    conditions = [f"{edge}:{error.error_code}" for edge, error in (event.conditions or {}).items()]
    return [
        *(f"{port}={read(ref)}" for port, ref in event.outputs.items()),
        *_maybe("ends", event.ends),
        *_maybe("error", _code(event.error)),
        *_maybe("conditions", ",".join(conditions)),
    ]


def _failed(event: StepFailed, read: Any, run: e.Run) -> list[str]:
    handled = "handled" if event.handled else "unhandled"
    return [f"error={_code(event.error)}", *_maybe("ends", event.ends), handled, *_maybe("rule", event.rule)]


def _skipped(event: StepSkipped, read: Any, run: e.Run) -> list[str]:
    words = [*_maybe("rule", event.rule), *_maybe("cause", event.cause), *_maybe("ends", event.ends)]
    return [*words, *_maybe("error", _code(event.error))]


def _scope_ended(event: ScopeEnded, read: Any, run: e.Run) -> list[str]:
    words = [f"number={event.number}"]
    if event.cancelled:
        words.append("cancelled")
    elif event.error is not None:
        words.append(f"error={_code(event.error)}")
    elif event.result is not None:
        words.append(f"result={read(event.result)}")
    return [*words, *([f"done={str(event.done).lower()}"] if event.done is not None else [])]


def _incident(event: IncidentOpened, read: Any, run: e.Run) -> list[str]:
    return [f"kind={event.kind}", f"error={_code(event.error)}", *_maybe("edges", _counted(event.edges))]


def _segment_failed(event: SegmentFailed, read: Any, run: e.Run) -> list[str]:
    return [f"error={_code(event.error)}", *_maybe("visit", event.visit), *_maybe("others", event.others)]


_SHOW: dict[type, Any] = {
    HumanTaskLate: lambda event, read, run: [f"outcome={event.outcome}"],
    HumanTaskCompleted: lambda event, read, run: [f"outcome={event.outcome}"],
    StepScheduled: _scheduled,
    StepStarted: _started,
    StepCompleted: _completed,
    StepFailed: _failed,
    StepSkipped: _skipped,
    StepCancelled: lambda event, read, run: [*_maybe("rule", event.rule), *_maybe("ends", event.ends)],
    StepRetrying: lambda event, read, run: [f"error={_code(event.error)}", f"attempt={event.attempt}"],
    StepTimedOut: lambda event, read, run: [f"attempt={event.attempt}", f"limit={event.limit}"],
    StepInterrupted: lambda event, read, run: [f"attempt={event.attempt}"],
    StepAnswered: lambda event, read, run: [f"status={event.status}", *_maybe("ends", event.ends)],
    ScopeEnded: _scope_ended,
    IncidentOpened: _incident,
    IncidentResolved: lambda event, read, run: [f"action={event.action}"],
    DataPublished: lambda event, read, run: [f"name={event.name}", f"payload={read(event.payload)}"],
    SegmentCompleted: lambda event, read, run: [f"outputs={read(event.outputs)}"],
    SegmentFailed: _segment_failed,
}
