"""The JSON Schema of a segment, draft 2020-12.

Rule: it describes the contract's own spelling, closed against unknown keys but for ``x-…``. What a schema cannot say (that a step
exists, that a graph has no cycle) is validation's. The tests hold it against the tables of `contract/reading`, so that a key
cannot be readable here and refused there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.contract.catalog import BODY
from worktrail.contract.models import EFFECTS, ID_PATTERN, MAX_SAFE_INTEGER, ON_FAILURE
from worktrail.contract.reading import SCHEMA_VERSION

if TYPE_CHECKING:
    from worktrail.contract.catalog import StepCatalog

__all__ = ["SCHEMA_ID", "segment_json_schema"]

SCHEMA_ID = "urn:worktrail:schema:segment:1"

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
ANY: Schema = {}
OBJECT: Schema = {"type": "object"}
ID: Schema = {"$ref": "#/$defs/id"}
SECONDS: Schema = {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_SAFE_INTEGER}
NOT_NEGATIVE: Schema = {"type": "number", "minimum": 0, "maximum": MAX_SAFE_INTEGER}
JSON_SCHEMA: Schema = {"type": ["object", "boolean"]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _whole(low: int, high: int = MAX_SAFE_INTEGER) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _object(properties: Schema, *, required: tuple[str, ...] = (), extend: bool = False) -> Schema:
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if extend:
        made["patternProperties"] = {"^x-": {}}
    if required:
        made["required"] = list(required)
    return made


def _by_id(value: Schema) -> Schema:
    return {"type": "object", "propertyNames": ID, "additionalProperties": value}


def _ids() -> Schema:
    return {"anyOf": [_by_id(ANY), _list(ID)]}


def _policies() -> Schema:
    retry = {
        "max_attempts": _whole(1, 1000),
        "delay_s": NOT_NEGATIVE,
        "backoff": {"type": "number", "minimum": 1, "maximum": 100},
        "max_delay_s": NOT_NEGATIVE,
        "on": _list(TEXT),
    }
    on_error = {
        "anyOf": [
            {"enum": ["fail", "skip"]},
            _object({"continue_with": ANY}, required=("continue_with",)),
            _object({"fallback_step": ID}, required=("fallback_step",)),
        ]
    }
    scope = {"on_failure": {"enum": list(ON_FAILURE)}, "allow_empty": FLAG}
    return {
        "step_policy": _object(
            {
                "retry": _object(retry),
                "timeout_s": SECONDS,
                "deadline_s": SECONDS,
                "effect": {"enum": list(EFFECTS)},
                "on_error": on_error,
            }
        ),
        "body_policy": _object(scope),
        "segment_policy": _object(
            {
                "timeout_seconds": SECONDS,
                "deadline_s": SECONDS,
                "max_retries": _whole(0, 999),
                "retry_delay": NOT_NEGATIVE,
                "step_timeout": SECONDS,
                "parallel": FLAG,
                **scope,
                "semantics": _whole(1),
            }
        ),
    }


def _parts() -> Schema:
    port = {
        "port_id": ID,
        "data_type": TEXT,
        "required": FLAG,
        "description": TEXT,
        "schema": JSON_SCHEMA,
        "default": ANY,
        "many": FLAG,
    }
    look = {
        "type": "object",
        "properties": {
            "position": _object({"x": {"type": "number"}, "y": {"type": "number"}}),
            "color": TEXT,
            "icon": TEXT,
            "collapsed": FLAG,
        },
    }
    step = {
        "step_id": ID,
        "step_type": TEXT,
        "type_version": TEXT,
        "config": OBJECT,
        "inputs": _list(_ref("port")),
        "outputs": _list(_ref("port")),
        "policy": _ref("step_policy"),
        "name": TEXT,
        "description": TEXT,
        "ui_metadata": look,
    }
    edge = {
        "edge_id": ID,
        "source_step": ID,
        "source_port": {**ID, "default": "output"},
        "target_step": ID,
        "target_port": {**ID, "default": "input"},
        "condition": {**TEXT, "description": "A FEEL expression that is true or false."},
        "label": TEXT,
    }
    graph = {"steps": _list(_ref("step")), "edges": _list(_ref("edge")), "outputs": _ref("outputs")}
    return {
        "id": {"type": "string", "pattern": ID_PATTERN},
        "outputs": _by_id({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}\\.[A-Za-z][A-Za-z0-9_-]{0,63}$"}),
        "port": {"anyOf": [ID, _object(port, required=("port_id",), extend=True)]},
        "step": _object(step, required=("step_id", "step_type"), extend=True),
        "edge": _object(edge, required=("source_step", "target_step"), extend=True),
        "body": _object({**graph, "policy": _ref("body_policy")}, required=("steps",), extend=True),
        **_policies(),
    }


def _resources() -> Schema:
    sub = _object({"segment_id": ID, "version": TEXT, "hash": TEXT, "description": TEXT}, required=("segment_id",))
    kinds: Schema = {kind: _ids() for kind in ("llms", "clients", "stores", "secrets")}
    return _object({**kinds, "segments": {"anyOf": [_by_id({"anyOf": [sub, ID, {"type": "null"}]}), _list(ID)]}})


def segment_json_schema(catalog: StepCatalog | None = None) -> Schema:
    """The schema of a segment; with a catalogue also of the configs of its step types (the bodies inside them included)."""
    parts = _parts()
    if catalog is not None:
        step = parts["step"]
        step["properties"]["step_type"] = {"enum": [each.type_id for each in catalog.list_types()]}
        step["allOf"] = [
            {
                "if": {"properties": {"step_type": {"const": each.type_id}}},
                "then": {"properties": {"config": _config(each.config_schema)}},
            }
            for each in catalog.list_types()
        ]
    parameter = _object({"schema": JSON_SCHEMA, "default": ANY, "description": TEXT})
    properties = {
        "worktrail": {"const": SCHEMA_VERSION},
        "segment_id": ID,
        "name": TEXT,
        "version": {**TEXT, "default": "1.0.0"},
        "description": TEXT,
        "parameters": _by_id(parameter),
        "input_schema": JSON_SCHEMA,
        "output_schema": JSON_SCHEMA,
        "outputs": _ref("outputs"),
        "resources": _resources(),
        "policy": _ref("segment_policy"),
        "steps": {**_list(_ref("step")), "minItems": 1},
        "edges": _list(_ref("edge")),
        "metadata": OBJECT,
        "ui_metadata": OBJECT,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Worktrail segment",
        **_object(properties, required=("segment_id", "steps"), extend=True),
        "$defs": parts,
    }


def _config(schema: Schema) -> Schema:
    """A config schema, its `body` being a body of this document."""
    properties = schema.get("properties", {})
    if properties.get("body") is BODY:
        return {**schema, "properties": {**properties, "body": _ref("body")}}
    return schema
