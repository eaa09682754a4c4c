"""A whole segment from its JSON value.

Rule: of the older spelling ``params``, ``entrypoint`` and ``version: "1.0"`` (there the version of the schema) are read and
replaced; what they said that the contract says differently becomes a problem, never a silent change.
"""

from __future__ import annotations

from typing import Any

from worktrail.contract.models import Resources, SegmentPolicy
from worktrail.contract.problems import Problem, join_pointer
from worktrail.contract.reading.parts import SEGMENT_POLICY, edge, outputs, step
from worktrail.contract.reading.values import (
    BAD,
    Fields,
    Reader,
    alias,
    anything,
    fields,
    ident,
    json_schema,
    list_of,
    mapping,
    rows,
    struct,
    text,
    wrong,
)

__all__ = ["SCHEMA_VERSION", "read_segment_fields"]

SCHEMA_VERSION = 1


def _ids(reader: Reader, value: Any, pointer: str) -> Any:
    """Resources of one kind: `{id: anything}`, or a plain list of ids."""
    if isinstance(value, (list, tuple)):
        return dict.fromkeys(list_of(ident)(reader, value, pointer)) if value else {}
    if not isinstance(value, dict):
        return wrong(reader, pointer, "an object or a list of ids", value)
    found = {name: inner for name, inner in value.items() if ident(reader, name, join_pointer(pointer, str(name))) is not BAD}
    return BAD if anything(reader, found, pointer) is BAD else found


SUBSEGMENT = rows(segment_id=ident, version=text, hash=text, description=text)


def _segments(reader: Reader, value: Any, pointer: str) -> Any:
    """Sub-segments: `{local name: {segment_id, version?, hash?}}`, `{local name: segment_id}` or a list of segment ids."""
    found = _ids(reader, value, pointer)
    if found is BAD:
        return BAD
    read: dict[str, Any] = {}
    for name, inner in found.items():
        here = join_pointer(pointer, name)
        if inner is None or isinstance(inner, str):
            read[name] = {"segment_id": inner or name}
        elif fields(reader, inner, here, SUBSEGMENT, needs=("segment_id",)) is not None:
            read[name] = inner
    return read


RESOURCES = rows(llms=_ids, clients=_ids, stores=_ids, secrets=_ids, segments=_segments)
PARAMETER = rows(schema=json_schema, default=anything, description=text)


def _parameters(reader: Reader, value: Any, pointer: str) -> Any:
    if not isinstance(value, dict):
        return wrong(reader, pointer, "an object", value)
    found = {}
    for name, inner in value.items():
        here = join_pointer(pointer, str(name))
        if ident(reader, name, here) is not BAD and fields(reader, inner, here, PARAMETER) is not None:
            found[name] = inner
    return found


def _schema_version(reader: Reader, value: Any, pointer: str) -> Any:
    if value == SCHEMA_VERSION and type(value) is int:
        return value
    return reader.bad("SCHEMA_VERSION", pointer, f"`worktrail` is {value!r}; this release reads version {SCHEMA_VERSION}")


SEGMENT = alias(
    rows(
        worktrail=_schema_version,
        segment_id=ident,
        name=text,
        version=text,
        description=text,
        parameters=_parameters,
        input_schema=json_schema,
        output_schema=json_schema,
        outputs=outputs,
        resources=struct(Resources, RESOURCES),
        policy=struct(SegmentPolicy, SEGMENT_POLICY),
        steps=list_of(step),
        edges=list_of(edge),
        metadata=mapping,
        ui_metadata=mapping,
        entrypoint=ident,
    ),
    params="policy",
)


def read_segment_fields(value: Any) -> tuple[Fields | None, list[Problem]]:
    """The attributes of a segment and the problems of its document; None where it cannot even be held as a value."""
    reader = Reader()
    found = fields(reader, value, "", SEGMENT, needs=("segment_id", "steps"))
    if found is not None:
        entry = found.pop("entrypoint", None)
        if entry is not None:
            _entrypoint(reader, found, entry)
            if "worktrail" not in found and found.get("version") == "1.0":
                del found["version"]  # there it is the version of the schema, and nothing is said of the segment's own
        found.pop("worktrail", None)
    return found, reader.problems


def _entrypoint(reader: Reader, found: Fields, entry: str) -> None:
    """The older spelling names one entry step. Here every step without inbound edges starts with the run."""
    fed = {each.target_step for each in found.get("edges", ())}
    steps = [each.step_id for each in found["steps"]]
    if entry not in steps:
        reader.bad("ENTRYPOINT_INVALID", "/entrypoint", f"the entry point {entry!r} is not a step of this segment")
    elif entry in fed:
        reader.bad("ENTRYPOINT_INVALID", "/entrypoint", f"an edge leads into the entry point {entry!r}; iterate inside a `loop`")
    others = [step_id for step_id in steps if step_id not in fed and step_id != entry]
    if others:
        message = f"beside the entry point {entry!r} these steps start with the run too: {', '.join(others)}"
        reader.bad("ENTRYPOINT_NOT_ALONE", "/entrypoint", message)
