"""Requesting a run: its first event, made; and its first append, committed without an owner.

Rule: a run that is requested where no driver is at hand has its first append and its row, nothing is dispatched and nobody owns
it. Whoever claims it goes on with it: what the first decision left open (values to bind, timers, tasks) is worked out in the
owner's first turn (``recovery``). So a caller is told "started" by its own commit, and never waits for a driver's loop.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from worktrail.contract import SchemaChecker, SegmentDefinition
from worktrail.engine import RequestRun, Run, SchemaCheck, Values, bind_entry, bind_parameters, decide, json_bytes
from worktrail.errors import CallerError
from worktrail.events import Blob, Origin, Ref, RunConfigured, SegmentStarted, encode_body
from worktrail.runtime.driver.core import sentences
from worktrail.runtime.driver.live import Placed, check_place, new_run_row
from worktrail.runtime.driver.planbook import PlanBook, Prepared
from worktrail.runtime.driver.ports import RunConfig
from worktrail.store import Commit, RememberedCall, Store, StreamAppend

__all__ = ["LONGEST_S", "RunRequest", "first_event", "request_run"]

LONGEST_S = 100 * 366 * 86_400  # what a run may be given as a time limit, in seconds


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks for; ``children`` are the sub-segments by id."""

    segment: SegmentDefinition
    input_data: Any
    run_id: str
    place: Placed
    config: RunConfig | None = None
    parameters: Mapping[str, Any] = {}
    labels: Mapping[str, str] | None = None
    children: Mapping[str, SegmentDefinition] = {}
    principal: str | None = None


def first_event(asked: RunRequest, prepared: Prepared, values: Values, check: SchemaCheck) -> SegmentStarted:
    """``segment.started``. CallerError INPUT_INVALID, PARAMETER_…, ARGUMENT_INVALID, VALUE_TOO_LARGE."""
    raw = _input_bytes(asked.input_data)
    entry = bind_entry(prepared.plan, asked.input_data, values, check)
    return SegmentStarted(
        asked.segment.segment_id,
        prepared.segment_hash,
        prepared.lock_hash,
        values.write_bytes(raw),
        secrets.token_hex(8),
        prepared.plan.lock.semantics,
        bind_parameters(prepared.plan, asked.parameters, values, check),
        entry,
        _configured(asked.config),
        asked.place.business_key,
        dict(asked.labels) if asked.labels else None,
    )


def request_run(
    store: Store,
    plans: PlanBook,
    checker: SchemaChecker,
    asked: RunRequest,
    *,
    now_us: int,
    max_value_bytes: int,
    remember: Callable[[str], RememberedCall] | None = None,
) -> str:
    """Commits the first append of a run without an owner; its id. ``remember(run_id)`` is committed with it.

    Raises SegmentValidationError, CallerError (RUN_EXISTS, IDEMPOTENCY_CONFLICT, CAPABILITY_MISSING …) as a driver's start.
    """
    check_place(asked.run_id, asked.place, asked.labels, asked.principal)
    prepared = plans.prepare(asked.segment, asked.children)
    blobs: list[tuple[str, bytes]] = []

    def keep(raw: bytes) -> Ref:
        if len(raw) > max_value_bytes:
            message = f"a value has {len(raw):,} bytes as JSON; {max_value_bytes:,} are kept"
            raise CallerError("VALUE_TOO_LARGE", message, details={"bytes": len(raw), "allowed": max_value_bytes})
        address = store.blob_address(raw)
        blobs.append((address, raw))
        return Blob(address, len(raw))

    started = first_event(asked, prepared, Values(prepared.plan.lock, store.get_blob, keep), partial(sentences, checker))
    events = decide(Run(asked.run_id, prepared.plan), RequestRun(started), now_us)
    origin = Origin(asked.principal) if asked.principal else None
    append = StreamAppend(f"run:{asked.run_id}", 1, len(events), encode_body(now_us, origin, events))
    row = new_run_row(asked.run_id, started, asked.place, now_us)
    calls = [] if remember is None else [remember(asked.run_id)]
    store.commit(Commit(appends=[append], new_runs=[row], blobs=blobs, calls=calls, now_us=now_us))
    return asked.run_id


def _input_bytes(value: Any) -> bytes:
    """The JSON of a run's input; CallerError INPUT_INVALID names what JSON cannot hold."""
    try:
        return json_bytes(value)
    except CallerError as error:
        raise CallerError("INPUT_INVALID", f"the input cannot be kept: {error.message}", pointer=error.pointer) from None


def _configured(config: RunConfig | None) -> RunConfigured | None:
    if config is None:
        return None
    try:
        configured = msgspec.convert(msgspec.to_builtins(config), RunConfigured)
    except (msgspec.ValidationError, TypeError) as error:
        raise CallerError("ARGUMENT_INVALID", f"config cannot be read: {error}", pointer="/config") from None
    for name, value in msgspec.structs.asdict(configured).items():
        low = 0 if name in {"max_retries", "retry_delay"} else 1e-6
        if value is not None and not low <= value <= LONGEST_S:
            message = f"{name} is {value}; it must be a number from {low:g} to {LONGEST_S:,}"
            raise CallerError("ARGUMENT_INVALID", message, pointer=f"/config/{name}")
    return None if configured == RunConfigured() else configured
