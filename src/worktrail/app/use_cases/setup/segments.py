"""Segments: the project's own and published versions; checking and publishing.

Rule: a published version never changes: it is pinned by the hashes of its definition and its lock, both stored before the fact.
Publishing the same content under the same version again answers as the first time. The fact stands in the stream
``segment:<id>``; the row is written in its commit.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import iso
from worktrail.app.use_cases.runs.starting import find_definition, own_segment, sub_segments
from worktrail.app.wiring import Wiring
from worktrail.contract import CanvasError, Problem, SegmentDefinition, errors_of, read_segment
from worktrail.errors import CallerError, WorktrailError
from worktrail.events import Origin, SegmentPublished, encode_setup_body
from worktrail.store import Commit, PublishedRow, StreamAppend

__all__ = ["list_segments", "list_step_types", "publish_segment", "show_segment", "validate_segment"]

DAY_US: Final = 86_400_000_000
VERSION_MAX: Final = 64
NOTES_MAX: Final = 2000


def _problems(caller: Caller, wiring: Wiring, segment: SegmentDefinition) -> list[dict[str, Any]]:
    """What a check of a segment finds, missing handlers as warnings."""
    found = segment.validate(wiring.catalog, segments=lambda wanted, version, digest: find_definition(caller, wiring, wanted))
    for number, step in enumerate(segment.steps):
        kind = wiring.catalog.get(step.step_type)
        if kind is not None and kind.kind == "handler" and not wiring.handlers.has(step.step_type):
            message = f"no handler is registered here for step type {step.step_type!r}"
            hint = "Name the app module that registers it: `--app`."
            found.append(Problem("HANDLER_MISSING", f"/steps/{number}/step_type", message, hint, "warning"))
    return [problem.to_dict() for problem in found]


def _row(
    segment: SegmentDefinition, row: PublishedRow | None, problems: list[dict[str, Any]], counts: tuple[int, int]
) -> dict[str, Any]:
    return {
        "segment_id": segment.segment_id,
        "name": segment.name or None,
        "description": segment.description or None,
        "version": None if row is None else row.version,
        "source": "project" if row is None else "published",
        "runnable": not any(each["severity"] == "error" or each["code"] == "HANDLER_MISSING" for each in problems),
        "problems": len(problems),
        "steps": len(segment.steps),
        "open_runs": counts[0],
        "failed_24h": counts[1],
        "updated_at": None if row is None else iso(row.published_us),
        "workspace_id": "default" if row is None else row.workspace_id,
    }


def _broken(name: str, error: WorktrailError) -> dict[str, Any]:
    """A file of the project that cannot be read, under its own name."""
    segment = SegmentDefinition(name, description=f"{error.code}: {error.message}"[:500])
    return _row(segment, None, [{"severity": "error", "code": error.code}], (0, 0))


def _definition(caller: Caller, row: PublishedRow) -> SegmentDefinition:
    """A published version, with names and places where they were kept."""
    return caller.shelf.segment(row.document or row.segment_hash)


@allowed
def list_segments(
    caller: Caller, wiring: Wiring, *, workspace_id: str | None = None, limit: int = 100, after: str | None = None
) -> dict[str, Any]:
    """``{"segments": […], "next"}`` by id: what is published, and what only the project has; ``next`` is where to go on."""
    published = {
        row.segment_id: row
        for row in caller.store.list_published()
        if caller.principal.sees(row.workspace_id) and workspace_id in {None, row.workspace_id}
    }
    here = workspace_id in {None, "default"} and caller.principal.sees("default")
    own, broken = wiring.segments.readable() if here else ({}, {})
    names = sorted(name for name in {*published, *own, *broken} if after is None or name > after)
    counts = caller.store.count_by_segment(caller.workspaces, caller.now_us() - DAY_US)
    rows = []
    for name in names[:limit]:
        row = published.get(name)
        if row is None and name not in own:
            rows.append(_broken(name, broken[name]))
            continue
        segment = _definition(caller, row) if row is not None else caller.shelf.ready(own[name])
        rows.append(_row(segment, row, _checked(caller, wiring, segment), counts.get(name, (0, 0))))
    return {"segments": rows, "next": names[limit - 1] if len(names) > limit else None}


def _checked(caller: Caller, wiring: Wiring, segment: SegmentDefinition) -> list[dict[str, Any]]:
    """The problems of a definition that does not change: worked out once."""
    known = caller.shelf.checked.get(id(segment))
    if known is None or known[0] is not segment:
        known = caller.shelf.checked[id(segment)] = (segment, _problems(caller, wiring, segment))
    return known[1]


@allowed
def show_segment(caller: Caller, wiring: Wiring, segment_id: str, version: str | None = None) -> dict[str, Any]:
    """The row with ``definition``, hash, schemas, ``versions`` (newest first) and ``problem_list``. CallerError
    SEGMENT_NOT_FOUND."""
    rows = [row for row in caller.store.list_published(segment_id) if caller.principal.sees(row.workspace_id)]
    row = next((one for one in rows if version in {None, one.version}), None)
    if row is not None:
        segment = _definition(caller, row)
    elif version is not None:
        raise CallerError("SEGMENT_NOT_FOUND", f"segment {segment_id!r} has no published version {version!r}")
    else:
        segment = caller.shelf.ready(own_segment(wiring, segment_id))
    problems = _checked(caller, wiring, segment)
    counts = caller.store.count_by_segment(caller.workspaces, caller.now_us() - DAY_US)
    schema = segment.input_schema
    return {
        **_row(segment, row, problems, counts.get(segment_id, (0, 0))),
        "definition": segment.to_dict(),
        "segment_hash": segment.hash,
        "input_schema": schema if isinstance(schema, dict) else None,
        "parameters": msgspec.to_builtins(segment.parameters),
        "versions": [_version(one) for one in rows],
        "problem_list": problems,
    }


def _version(row: PublishedRow) -> dict[str, Any]:
    return {
        "version": row.version,
        "segment_hash": row.segment_hash,
        "lock_hash": row.lock_hash,
        "published_at": iso(row.published_us),
        "published_by": row.published_by,
        "notes": row.notes,
    }


@allowed
def validate_segment(caller: Caller, wiring: Wiring, definition: dict[str, Any]) -> dict[str, Any]:
    """``{"ok", "segment_id", "hash", "problems"}`` of a definition that is stored nowhere."""
    try:
        segment, problems = read_segment(definition)
    except CanvasError as error:
        told = {**error.to_dict(), "pointer": error.pointer or "", "severity": "error"}
        return {"ok": False, "segment_id": None, "hash": None, "problems": [told]}
    found = [problem.to_dict() for problem in problems]
    if segment is not None and not errors_of(problems):
        found += [each for each in _problems(caller, wiring, caller.shelf.ready(segment)) if each not in found]
    ok = segment is not None and not any(each["severity"] == "error" for each in found)
    return {
        "ok": ok,
        "segment_id": None if segment is None else segment.segment_id,
        "hash": segment.hash if ok and segment is not None else None,
        "problems": found,
    }


@allowed
def publish_segment(
    caller: Caller,
    wiring: Wiring,
    segment_id: str,
    *,
    definition: dict[str, Any] | None = None,
    version: str | None = None,
    notes: str | None = None,
) -> dict[str, Any]:
    """The published version. ``definition`` null: the project's own; ``version`` null: the definition's own.

    CallerError SEGMENT_NOT_FOUND, VERSION_EXISTS, ARGUMENT_INVALID, CAPABILITY_MISSING; SegmentValidationError.
    """
    given = own_segment(wiring, segment_id) if definition is None else SegmentDefinition.from_dict(definition)
    if given.segment_id != segment_id:
        raise CallerError(
            "ARGUMENT_INVALID", f"the definition is of segment {given.segment_id!r}", pointer="/definition/segment_id"
        )
    if version is not None:
        given = msgspec.structs.replace(given, version=version)
    if not 1 <= len(given.version) <= VERSION_MAX or not given.version.isprintable():
        raise CallerError("ARGUMENT_INVALID", f"a version has 1 to {VERSION_MAX} signs that can be shown", pointer="/version")
    if notes is not None and len(notes) > NOTES_MAX:
        raise CallerError("ARGUMENT_INVALID", f"notes have up to {NOTES_MAX} signs", pointer="/notes")
    segment = caller.shelf.ready(given)
    prepared = wiring.plans.prepare(segment, sub_segments(caller, wiring, segment))
    known = caller.store.get_published(segment_id, segment.version)
    if known is not None and known.segment_hash == prepared.segment_hash:
        return {"segment_id": segment_id, **_version(known)}
    row = _store(caller, segment, prepared.segment_hash, prepared.lock_hash, notes)
    return {"segment_id": segment_id, **_version(row)}


def _store(caller: Caller, segment: SegmentDefinition, segment_hash: str, lock_hash: str, notes: str | None) -> PublishedRow:
    """The definition with its names, then the fact and the row in one commit."""
    document = msgspec.json.encode(segment.to_dict())
    digest = f"document:{hashlib.sha256(document).hexdigest()}"
    caller.store.put_definition(digest, "document", document)
    now_us = caller.now_us()
    row = PublishedRow(
        segment_id=segment.segment_id,
        version=segment.version,
        segment_hash=segment_hash,
        lock_hash=lock_hash,
        published_us=now_us,
        published_by=caller.principal.id,
        name=segment.name or None,
        description=segment.description or None,
        notes=notes,
        document=digest,
    )
    event = SegmentPublished(
        row.version, segment_hash, lock_hash, row.name, row.description, row.workspace_id, row.notes, row.document
    )
    stream, body = f"segment:{segment.segment_id}", encode_setup_body(now_us, Origin(caller.principal.id), [event])
    caller.record(lambda seq: Commit(appends=[StreamAppend(stream, seq, 1, body)], published=[row], now_us=now_us))
    return row


@allowed
def list_step_types(caller: Caller, wiring: Wiring) -> dict[str, Any]:
    """``{"step_types": […]}``: what a segment may be made of here, with ``available``: whether a handler is registered."""
    return {
        "step_types": [
            {**one.to_dict(), "available": one.kind != "handler" or wiring.handlers.has(one.type_id)}
            for one in wiring.catalog.list_types()
        ]
    }
