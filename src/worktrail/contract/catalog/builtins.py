"""The built-in step types: one entry each, as data.

Rule: a type stands here from the day it runs. Config schemas are JSON Schema 2020-12 and good enough to draw a form: titles,
defaults, enumerations, and closed against unknown keys (but ``x-…``). Order of ports: data ports first, outcomes last.
Every type also has an ``error`` output, which is never listed.
"""

from __future__ import annotations

from typing import Any

from worktrail.contract.catalog.metadata import PortSpec, StepCategory, StepTypeMetadata
from worktrail.contract.models import ID_PATTERN, JOIN_MERGES, JOIN_MODES, ON_FAILURE, RetryPolicy

__all__ = ["BODY", "BUILTIN_TYPES"]

Schema = dict[str, Any]

CONTROL_COLOR = "#9B59B6"
UTILITY_COLOR = "#F39C12"


def _config(*required: str, one_of: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """The schema of a config: an object with `properties`; exactly one of the keys `one_of` must stand."""
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = list(required)
    if one_of:
        schema["oneOf"] = [{"required": [key]} for key in one_of]
    return schema


def _text(title: str, description: str = "", **more: Any) -> Schema:
    return _any(title, description, type="string", **more)


def _any(title: str, description: str = "", **more: Any) -> Schema:
    return {"title": title, **({"description": description} if description else {}), **more}


def _feel(title: str, description: str = "", *, form: str = "feel", **more: Any) -> Schema:
    return _text(title, description, minLength=1, **{"x-expression": form}, **more)


def _whole(title: str, low: int, high: int | None = None, **more: Any) -> Schema:
    return {"title": title, "type": "integer", "minimum": low, **({} if high is None else {"maximum": high}), **more}


def _or_feel(schema: Schema) -> Schema:
    """`schema`, or a text that begins with `=`."""
    title = schema.pop("title")
    return {
        "title": title,
        "anyOf": [schema, {"type": "string", "pattern": "^="}],
        **({"default": schema.pop("default")} if "default" in schema else {}),
    }


def _texts(title: str, description: str = "", **more: Any) -> Schema:
    return _any(title, description, type="array", items={"type": "string"}, **more)


ID: Schema = {"type": "string", "pattern": ID_PATTERN}

BODY: Schema = {
    "title": "Body",
    "description": "The graph that runs for each item or round; written like a segment's steps and edges.",
    "type": "object",
    "properties": {
        "steps": {"type": "array", "items": {"type": "object"}, "minItems": 1},
        "edges": {"type": "array", "items": {"type": "object"}},
        "outputs": {"type": "object", "additionalProperties": {"type": "string"}},
        "policy": {
            "type": "object",
            "properties": {"on_failure": {"enum": list(ON_FAILURE)}, "allow_empty": {"type": "boolean"}},
            "additionalProperties": False,
        },
    },
    "patternProperties": {"^x-": {}},
    "additionalProperties": False,
    "required": ["steps"],
}

TRANSFORM = StepTypeMetadata(
    "transform",
    StepCategory.UTILITY,
    "Transform",
    "Works out a new value from its input with one FEEL expression, or with one for each name.",
    icon="shuffle",
    color=UTILITY_COLOR,
    kind="inline",
    op="evaluate",
    input_ports=(PortSpec("input", required=True),),
    config_schema=_config(
        one_of=("expression", "mapping"),
        expression=_feel("Expression", "FEEL; names: input, inputs, steps, parameters, run."),
        mapping=_any("Mapping", "Name → value; a text that begins with `=` is FEEL.", type="object"),
    ),
    supports_retry=False,
    supports_timeout=False,
    examples=({"expression": "input.total * 1.2"}, {"mapping": {"name": "=input.customer.name", "source": "web"}}),
)

CONDITION = StepTypeMetadata(
    "condition",
    StepCategory.CONTROL,
    "Condition",
    "Sends its input on through `true` or `false`.",
    icon="git-branch",
    color=CONTROL_COLOR,
    kind="inline",
    op="choose_bool",
    output_ports=(PortSpec("true"), PortSpec("false")),
    exclusive=True,
    fixed_outputs=True,
    config_schema=_config("expression", expression=_feel("Expression", "FEEL that answers true or false.")),
    supports_retry=False,
    supports_timeout=False,
    examples=({"expression": "input.amount > 1000"},),
)

SWITCH = StepTypeMetadata(
    "switch",
    StepCategory.CONTROL,
    "Switch",
    "Sends its input on through the port of the first case that matches, or through `default`.",
    icon="git-branch",
    color=CONTROL_COLOR,
    kind="inline",
    op="choose_case",
    output_ports=(PortSpec("default"),),
    outcomes=("default",),
    exclusive=True,
    fixed_outputs=True,
    derive="cases",
    config_schema=_config(
        "cases",
        value=_feel("Value", "What the cases look at: FEEL.", default="=input"),
        cases=_any(
            "Cases",
            type="array",
            minItems=1,
            maxItems=64,
            items={
                "type": "object",
                "properties": {"port": {**ID, "title": "Port"}, "when": _feel("When", "FEEL unary tests.", form="unary-tests")},
                "required": ["port", "when"],
                "additionalProperties": False,
            },
        ),
    ),
    supports_retry=False,
    supports_timeout=False,
    examples=({"value": "=input.kind", "cases": [{"port": "invoice", "when": '"invoice", "bill"'}]},),
)

PARALLEL_SPLIT = StepTypeMetadata(
    "parallel_split",
    StepCategory.CONTROL,
    "Parallel Split",
    "Sends its input to every branch at once.",
    icon="git-fork",
    color=CONTROL_COLOR,
    kind="inline",
    op="copy",
    output_ports=(PortSpec("branch_1"), PortSpec("branch_2")),
    derive="branches",
    config_schema=_config(
        branches=_whole("Branches", 2, 64, default=2), branch_count=_whole("Branches (older name)", 2, 64, deprecated=True)
    ),
    supports_retry=False,
    supports_timeout=False,
    supports_parallel=True,
    examples=({"branches": 3},),
)

PARALLEL_JOIN = StepTypeMetadata(
    "parallel_join",
    StepCategory.CONTROL,
    "Parallel Join",
    "Waits for branches and merges what they deliver.",
    icon="git-merge",
    color=CONTROL_COLOR,
    kind="join",
    input_ports=(PortSpec("input", many=True),),
    output_ports=(PortSpec("output"), PortSpec("unmet", description="What was delivered, where too little was.")),
    outcomes=("unmet",),
    exclusive=True,
    fixed_outputs=True,
    config_schema=_config(
        join=_any("Wait for", enum=list(JOIN_MODES), default="all_live"),
        n=_whole("How many", 1, description="Only for n_of_m."),
        merge=_any("Merge", enum=list(JOIN_MERGES), default="by_step"),
        rest=_any(
            "The others", "What happens to the other branches after an early join.", enum=["finish", "cancel"], default="finish"
        ),
        join_type=_any("Wait for (older name)", enum=["all", "any", "first"], deprecated=True),
        merge_strategy=_any("Wait for (older name)", enum=["all", "any", "first"], deprecated=True),
    ),
    supports_retry=False,
    supports_timeout=False,
    examples=({"join": "all"}, {"join": "n_of_m", "n": 2, "merge": "list", "rest": "cancel"}),
)

MAP = StepTypeMetadata(
    "map",
    StepCategory.CONTROL,
    "Map",
    "Runs its body once for each item of a list.",
    icon="layers",
    color=CONTROL_COLOR,
    kind="map",
    output_ports=(PortSpec("results", data_type="array"),),
    fixed_outputs=True,
    derive="item_errors",
    config_schema=_config(
        "body",
        items=_feel("Items", "FEEL that answers a list.", default="=input"),
        body=BODY,
        concurrency=_or_feel(_whole("At the same time", 1, 1000, default=16)),
        on_item_failure=_any("When an item fails", enum=["fail", "collect", "skip"], default="fail"),
    ),
    supports_timeout=False,
    supports_parallel=True,
)

LOOP = StepTypeMetadata(
    "loop",
    StepCategory.CONTROL,
    "Loop",
    "Runs its body again with its own result until an expression is true.",
    icon="repeat",
    color=CONTROL_COLOR,
    kind="loop",
    output_ports=(PortSpec("output"), PortSpec("exhausted", description="The last result, where `until` never became true.")),
    outcomes=("exhausted",),
    exclusive=True,
    fixed_outputs=True,
    config_schema=_config(
        "body",
        "until",
        "max",
        body=BODY,
        until=_feel("Until", "FEEL that answers true or false; names: result, index, parameters, run, outer."),
        max=_whole("Rounds at most", 1, 10_000),
    ),
    supports_timeout=False,
)

SUBSEGMENT = StepTypeMetadata(
    "subsegment",
    StepCategory.CONTROL,
    "Sub-segment",
    "Runs another segment as a child run.",
    icon="box",
    color=CONTROL_COLOR,
    kind="child",
    config_schema=_config(
        "segment",
        segment={**ID, "title": "Segment", "description": "Its name in the segment's resources.", "x-resource": "segments"},
        input=_any("Input", "The child's input; a text that begins with `=` is FEEL. Default: the step's input."),
    ),
    supports_timeout=False,
    examples=({"segment": "billing", "input": "=input.order"},),
)

WAIT = StepTypeMetadata(
    "wait",
    StepCategory.CONTROL,
    "Wait",
    "Passes its input on after a time or at a moment.",
    icon="clock",
    color=CONTROL_COLOR,
    kind="timer",
    config_schema=_config(
        one_of=("duration", "until"),
        duration=_text("For", "ISO 8601 (`PT1H30M`), or `=` and a FEEL duration.", pattern="^(=|P)"),
        until=_text("Until", "ISO 8601 date and time with offset, or `=` and FEEL.", minLength=1),
    ),
    supports_retry=False,
    supports_timeout=False,
    examples=({"duration": "PT15M"}, {"until": "=input.due"}),
)

EMIT = StepTypeMetadata(
    "emit",
    StepCategory.UTILITY,
    "Emit",
    "Publishes an event in the trail and passes its input on.",
    icon="radio",
    color=UTILITY_COLOR,
    kind="inline",
    op="publish",
    config_schema=_config(
        "event",
        event=_text("Event", minLength=1, maxLength=200, **{"x-expression": "none"}),
        payload=_any("Payload", "A value; a text that begins with `=` is FEEL.", default="=input"),
    ),
    supports_retry=False,
    supports_timeout=False,
    examples=({"event": "order.checked", "payload": "={id: input.id}"},),
)

HTTP_ACTION = StepTypeMetadata(
    "http_action",
    StepCategory.INTEGRATION,
    "HTTP Request",
    "Calls an HTTP server and delivers its answer.",
    icon="globe",
    color="#50C878",
    input_ports=(PortSpec("input"), PortSpec("body", description="The body to send; wins over `body` in the config.")),
    output_ports=(PortSpec("response"), PortSpec("status", data_type="integer")),
    retry=RetryPolicy(max_attempts=4),
    config_schema={
        **_config(
            url=_text("URL", "A text that begins with `=` is FEEL.", minLength=1),
            client_ref={**ID, "title": "Client", "x-resource": "clients"},
            path=_text("Path", "Below the client's base URL."),
            method=_any("Method", enum=["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]),
            headers=_any("Headers", type="object", additionalProperties={"type": "string"}),
            query=_any("Query", type="object"),
            body=_any("Body", "Any value; a text that begins with `=` is FEEL."),
            expected_status=_any(
                "Expected status",
                type="array",
                minItems=1,
                items={
                    "anyOf": [{"type": "integer", "minimum": 100, "maximum": 599}, {"type": "string", "pattern": "^[1-5]xx$"}]
                },
                default=["2xx"],
            ),
            timeout_s={"title": "Time-out in seconds", "type": "number", "exclusiveMinimum": 0, "default": 30},
            retry_count=_whole("Retries (older name of policy.retry)", 0, 999, deprecated=True),
        ),
        "oneOf": [{"required": ["url"]}, {"required": ["client_ref", "path"]}],
    },
    examples=({"url": "https://example.org/orders", "method": "POST", "body": "=input"},),
)

HUMAN_TASK = StepTypeMetadata(
    "human_task",
    StepCategory.HUMAN,
    "Human Task",
    "Asks a person and goes on with the decision.",
    icon="user",
    color="#FF6B6B",
    kind="human",
    input_ports=(PortSpec("input"), PortSpec("data", description="What the person looks at.")),
    output_ports=(PortSpec("approved"), PortSpec("rejected"), PortSpec("modified"), PortSpec("expired")),
    outcomes=("rejected", "modified", "expired"),
    exclusive=True,
    fixed_outputs=True,
    config_schema=_config(
        task_type=_any("Kind", enum=["approval", "choice", "input", "review"], default="approval"),
        title=_text("Title"),
        description=_text("Description"),
        assignee_ref=_text("Assignee"),
        candidate_groups=_texts("Candidate groups", default=[]),
        timeout_hours=_or_feel({"title": "Expires after hours", "type": "number", "exclusiveMinimum": 0, "default": 24}),
        options=_any(
            "Options",
            "For a choice.",
            type="array",
            minItems=1,
            items={
                "anyOf": [
                    {"type": "string"},
                    {
                        "type": "object",
                        "properties": {"value": {}, "label": {"type": "string"}},
                        "required": ["value"],
                        "additionalProperties": False,
                    },
                ]
            },
        ),
        input_schema=_any("Form", "JSON Schema of what the person fills in.", type="object", **{"x-expression": "none"}),
        priority=_any("Priority", enum=["low", "normal", "high", "critical"], default="normal"),
        escalation_chain=_any("Escalation", type="array", default=[]),
        require_reason=_any(
            "Reason required for",
            type="array",
            uniqueItems=True,
            items={"enum": ["approved", "rejected", "modified"]},
            default=[],
        ),
    ),
    supports_retry=False,
    supports_timeout=False,
    examples=({"task_type": "approval", "title": "Release the payment?", "assignee_ref": "finance", "timeout_hours": 24},),
)

LLM_AGENT = StepTypeMetadata(
    "llm_agent",
    StepCategory.AI,
    "LLM Agent",
    "Asks a language model.",
    icon="robot",
    color="#4A90D9",
    config_schema=_config(
        model=_text("Model", minLength=1),
        llm_ref={**ID, "title": "LLM", "x-resource": "llms"},
        system_prompt=_text("System prompt", **{"x-expression": "template"}, format="multiline"),
        prompt=_text("Prompt", "Text with {{ FEEL }} in it.", **{"x-expression": "template"}, format="multiline"),
        prompt_template_id=_text("Prompt template", minLength=1),
        temperature={"title": "Temperature", "type": "number", "minimum": 0, "maximum": 2, "default": 0.7},
        max_tokens=_whole("Tokens at most", 1, default=1000),
    ),
    examples=({"model": "gpt-4", "prompt": "Summarise: {{ input.text }}"},),
)

BUILTIN_TYPES: tuple[StepTypeMetadata, ...] = (
    LLM_AGENT,
    HTTP_ACTION,
    HUMAN_TASK,
    CONDITION,
    SWITCH,
    PARALLEL_SPLIT,
    PARALLEL_JOIN,
    MAP,
    LOOP,
    SUBSEGMENT,
    WAIT,
    TRANSFORM,
    EMIT,
)
