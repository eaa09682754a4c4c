"""Steps, ports, edges, policies and bodies: their tables.

Rule: two spellings are read, the contract's own and the older one (``from``/``to``, ``type``, ``ports``, ``position``,
``ui``); only the first is ever written.
"""

from __future__ import annotations

from typing import Any

import msgspec

from worktrail.contract.models import (
    EFFECTS,
    MAX_SAFE_INTEGER,
    ON_FAILURE,
    Body,
    BodyPolicy,
    EdgeDefinition,
    PortDefinition,
    RetryPolicy,
    StepDefinition,
    StepPolicy,
    StepPosition,
    StepUIMetadata,
    is_id,
)
from worktrail.contract.problems import join_pointer
from worktrail.contract.reading.values import (
    BAD,
    Key,
    Reader,
    alias,
    anything,
    choice,
    fields,
    flag,
    ident,
    json_schema,
    list_of,
    mapping,
    number,
    rows,
    struct,
    text,
    wrong,
)
from worktrail.contract.reading.writing import plain

__all__ = ["SEGMENT_POLICY", "edge", "outputs", "read_body", "step"]


def _on_error(reader: Reader, value: Any, pointer: str) -> Any:
    if isinstance(value, dict):
        known = {"continue_with": Key("continue_with", anything), "fallback_step": Key("fallback_step", ident)}
        found = fields(reader, value, pointer, known, extend=False)
        if found is not None and len(value) == 1 and found:
            return found
        if found is not None and len(value) != 1:
            reader.bad("VALUE_TYPE", pointer, "`on_error` takes exactly one of `continue_with` and `fallback_step`")
        return BAD
    return choice("fail", "skip")(reader, value, pointer)


seconds = number(low=0, open_low=True)
RETRY = rows(
    max_attempts=number(low=1, whole=True, high=1000),
    delay_s=number(),
    backoff=number(low=1, high=100),
    max_delay_s=number(),
    on=list_of(text),
)
STEP_POLICY = rows(
    retry=struct(RetryPolicy, RETRY), timeout_s=seconds, deadline_s=seconds, effect=choice(*EFFECTS), on_error=_on_error
)
BODY_POLICY = rows(on_failure=choice(*ON_FAILURE), allow_empty=flag)
SEGMENT_POLICY = alias(
    rows(
        timeout_seconds=seconds,
        deadline_s=seconds,
        max_retries=number(whole=True, high=999),
        retry_delay=number(),
        step_timeout=seconds,
        parallel=flag,
        on_failure=choice(*ON_FAILURE),
        allow_empty=flag,
        semantics=number(low=1, whole=True),
    ),
    parallel_execution="parallel",
)


# --- ports, steps, edges --------------------------------------------------------------------------------------------

PORT = alias(
    rows(port_id=ident, data_type=text, required=flag, description=text, schema=json_schema, default=anything, many=flag),
    name="port_id",
    type="data_type",
)


def port(reader: Reader, value: Any, pointer: str) -> Any:
    """A port: an object, or its id alone."""
    if isinstance(value, str):
        return BAD if ident(reader, value, pointer) is BAD else PortDefinition(value)
    return struct(PortDefinition, PORT, needs=("port_id",), extend=True)(reader, value, pointer)


ports = list_of(port)
POSITION = rows(x=number(low=-MAX_SAFE_INTEGER), y=number(low=-MAX_SAFE_INTEGER))
position = struct(StepPosition, POSITION)
UI = rows(position=position, color=text, icon=text, collapsed=flag)


def step_ui(reader: Reader, value: Any, pointer: str) -> Any:
    """How a step is drawn: known keys are checked, all others kept."""
    if not isinstance(value, dict):
        return wrong(reader, pointer, "an object", value)
    known = {key: inner for key, inner in value.items() if key in UI and inner is not None}
    more = {key: inner for key, inner in value.items() if key not in UI}
    found = fields(reader, known, pointer, UI)
    if found is None or anything(reader, more, pointer) is BAD:
        return BAD
    return StepUIMetadata(**found, more=more)


def _older_ports(reader: Reader, value: Any, pointer: str) -> Any:
    """`ports: {input: […], output: […]}` of the older spelling."""
    return fields(reader, value, pointer, {"input": Key("inputs", ports), "output": Key("outputs", ports)}) or BAD


STEP = alias(
    rows(
        step_id=ident,
        step_type=text,
        type_version=text,
        config=mapping,
        inputs=ports,
        outputs=ports,
        policy=struct(StepPolicy, STEP_POLICY),
        name=text,
        description=text,
        ui_metadata=step_ui,
    ),
    type="step_type",
    input_ports="inputs",
    output_ports="outputs",
)
STEP["ports"] = Key("", _older_ports)
STEP["position"] = Key("position", position)
STEP["ui"] = Key("ui", step_ui)


def step(reader: Reader, value: Any, pointer: str) -> Any:
    """A step; a body in its config is read along, so that its keys are checked and its older spellings replaced."""
    found = fields(reader, value, pointer, STEP, needs=("step_id", "step_type"))
    if found is None:
        return BAD
    place, look = found.pop("position", None), found.pop("ui", None)
    if place is not None or look is not None:
        if "ui_metadata" in found:
            return reader.bad("KEY_TWICE", pointer, "`ui_metadata` stands beside its older spelling `position` or `ui`")
        look = look or StepUIMetadata()
        found["ui_metadata"] = look if place is None else msgspec.structs.replace(look, position=place)
    config = found.get("config", {})
    if found["step_type"] in ("map", "loop") and isinstance(config.get("body"), dict):
        body = read_body(reader, config["body"], f"{pointer}/config/body")
        if body is not None:
            found["config"] = {**config, "body": plain(body)}
    return StepDefinition(**found)


EDGE = alias(
    rows(
        edge_id=ident,
        source_step=ident,
        source_port=ident,
        target_step=ident,
        target_port=ident,
        condition=text,
        label=text,
    ),
    from_="source_step",
    from_step="source_step",
    from_port="source_port",
    to="target_step",
    to_step="target_step",
    to_port="target_port",
)
edge = struct(EdgeDefinition, EDGE, needs=("source_step", "target_step"), extend=True)


def outputs(reader: Reader, value: Any, pointer: str) -> Any:
    """`{name: "step.port"}`."""
    if not isinstance(value, dict):
        return wrong(reader, pointer, "an object", value)
    found = {}
    for name, place in value.items():
        here = join_pointer(pointer, name)
        parts = place.split(".") if isinstance(place, str) else []
        if not is_id(name):
            reader.bad("ID_INVALID", here, f"the output name {name!r} is not an id")
        elif len(parts) != 2 or not all(map(is_id, parts)):
            reader.bad("VALUE_TYPE", here, f'the output {name!r} must name a place as "step.port"')
        else:
            found[name] = place
    return found


BODY = rows(steps=list_of(step), edges=list_of(edge), outputs=outputs, policy=struct(BodyPolicy, BODY_POLICY))


def read_body(reader: Reader, value: Any, pointer: str) -> Body | None:
    """The inside of a map or loop, or None if it cannot be used."""
    found = fields(reader, value, pointer, BODY, needs=("steps",))
    return None if found is None else Body(**found)
