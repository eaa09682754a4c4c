"""Starting a run from outside: which segment, which version, once for each idempotency key.

Rule: a call that is repeated under its key is answered as it was, and starts nothing; another call under the same key is refused.
What was answered stands in the same commit as the run. A segment is named by its id, never by a path: who may start runs may not
read files.
"""

from __future__ import annotations

import difflib
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from worktrail.app.caller import Caller, allowed
from worktrail.app.wiring import Wiring
from worktrail.contract import SegmentDefinition
from worktrail.errors import CallerError
from worktrail.runtime import Placed, RunConfig, RunRequest, request_run
from worktrail.store import RememberedCall

__all__ = ["CALLS_KEPT_S", "StartRun", "find_definition", "own_segment", "segment_to_start", "start_run", "sub_segments"]

CALLS_KEPT_S: Final = 24 * 3600
KEY_MAX: Final = 200
_sorted = msgspec.json.Encoder(decimal_format="number", order="sorted").encode


class StartRun(msgspec.Struct, frozen=True, kw_only=True):
    """What to start. ``version`` null: the newest published one, else the project's own."""

    segment_id: str
    version: str | None = None
    input: Any = None
    parameters: Mapping[str, Any] = {}
    business_key: str | None = None
    labels: Mapping[str, str] = {}
    workspace_id: str = "default"
    instance_id: str = "default"
    run_id: str | None = None
    timeout_seconds: float | None = None


@allowed
def segment_to_start(
    caller: Caller, wiring: Wiring, segment_id: str, version: str | None
) -> tuple[SegmentDefinition, Mapping[str, SegmentDefinition]]:
    """The segment and its sub-segments. CallerError SEGMENT_NOT_FOUND."""
    segment = _published(caller, segment_id, version)
    if segment is None:
        if version is not None:
            raise CallerError("SEGMENT_NOT_FOUND", f"segment {segment_id!r} has no published version {version!r}")
        segment = caller.shelf.ready(own_segment(wiring, segment_id))
    return segment, sub_segments(caller, wiring, segment)


def own_segment(wiring: Wiring, segment_id: str) -> SegmentDefinition:
    """The project's segment, whatever is wrong with others. CallerError SEGMENT_NOT_FOUND, or what is wrong with it."""
    good, bad = wiring.segments.readable()
    if segment_id in good:
        return good[segment_id]
    if segment_id in bad:
        raise bad[segment_id]
    near = difflib.get_close_matches(segment_id, good, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else "List them: `worktrail segments list`."
    raise CallerError("SEGMENT_NOT_FOUND", f"there is no segment {segment_id!r}", hint=hint)


def sub_segments(caller: Caller, wiring: Wiring, segment: SegmentDefinition) -> Mapping[str, SegmentDefinition]:
    """What a segment may use as sub-segments: published ones, else the project's."""
    if not segment.resources.segments:
        return {}
    children = {each: caller.shelf.ready(one) for each, one in wiring.segments.readable()[0].items()}
    for row in caller.store.list_published():
        child = _published(caller, row.segment_id, row.version)
        if child is not None:
            children[row.segment_id] = child
    return children


def find_definition(caller: Caller, wiring: Wiring, segment_id: str) -> SegmentDefinition | None:
    """The newest published definition, else the project's; null for none."""
    own = wiring.segments.readable()[0].get(segment_id)
    return _published(caller, segment_id, None) or (None if own is None else caller.shelf.ready(own))


def _published(caller: Caller, segment_id: str, version: str | None) -> SegmentDefinition | None:
    row = caller.store.get_published(segment_id, version)
    if row is None or not caller.principal.sees(row.workspace_id):
        return None
    return caller.shelf.segment(row.segment_hash)


@allowed
def start_run(caller: Caller, wiring: Wiring, asked: StartRun, *, idempotency_key: str | None = None) -> dict[str, Any]:
    """``{"run_id", "status": "started" | "already_started"}``; the run is durable and whoever works here goes on with it.

    CallerError SEGMENT_NOT_FOUND, RUN_EXISTS, IDEMPOTENCY_CONFLICT, INPUT_INVALID, PARAMETER_…, CAPABILITY_MISSING,
    ARGUMENT_INVALID; SegmentValidationError.
    """
    if not caller.principal.sees(asked.workspace_id):
        raise CallerError("NOT_FOUND", f"there is no workspace {asked.workspace_id!r}", pointer="/workspace_id")
    digest = hashlib.sha256(_sorted(asked)).hexdigest() if idempotency_key else ""
    if idempotency_key is not None:
        known = _known(caller, idempotency_key, digest)
        if known is not None:
            return known
    segment, children = segment_to_start(caller, wiring, asked.segment_id, asked.version)
    request = RunRequest(
        segment=segment,
        input_data=asked.input,
        run_id=asked.run_id or secrets.token_hex(12),
        place=Placed(segment.segment_id, asked.workspace_id, asked.instance_id, asked.business_key),
        config=None if asked.timeout_seconds is None else RunConfig(timeout_seconds=asked.timeout_seconds),
        parameters=asked.parameters,
        labels=asked.labels,
        children=children,
        principal=caller.principal.id,
    )
    now_us = caller.now_us()

    def remember(run_id: str) -> RememberedCall:
        answer = msgspec.json.encode({"run_id": run_id})
        return RememberedCall(idempotency_key or "", caller.principal.id, digest, answer, now_us + CALLS_KEPT_S * 1_000_000)

    try:
        run_id = request_run(
            caller.store,
            wiring.plans,
            wiring.checker,
            request,
            now_us=now_us,
            max_value_bytes=wiring.project.document.project.max_value_bytes,
            remember=None if idempotency_key is None else remember,
        )
    except CallerError as error:
        if error.code not in {"IDEMPOTENCY_CONFLICT", "RUN_EXISTS"} or idempotency_key is None:
            raise
        known = _known(caller, idempotency_key, digest)  # somebody was quicker with the very same call
        if known is None:
            raise
        return known
    return {"run_id": run_id, "status": "started"}


def _known(caller: Caller, key: str, digest: str) -> dict[str, Any] | None:
    """What the same call was answered before; CallerError IDEMPOTENCY_CONFLICT where it was another call."""
    if not 1 <= len(key) <= KEY_MAX or not key.isprintable():
        raise CallerError("ARGUMENT_INVALID", f"an idempotency key has 1 to {KEY_MAX} signs that can be shown")
    call = caller.store.get_call(key, caller.principal.id, caller.now_us())
    if call is None:
        return None
    if call.request_hash != digest:
        raise CallerError("IDEMPOTENCY_CONFLICT", f"the idempotency key {key!r} was used for another request")
    return {"run_id": msgspec.json.decode(call.answer)["run_id"], "status": "already_started"}
