"""Gives programs of another system Worktrail's import lines, and nothing else.

    python -m tools.coming_from FILE.py        prints the file with new import lines

The table says for each name of the other system where it is here. A name that is not here is refused with what to do instead.
The page docs/coming-from/llmteam.md shows the table and programs in the old spelling; the tests run them with new import lines.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import NamedTuple

OLD = "llmteam"


class Place(NamedTuple):
    """Where a name of the other system is: the old module, the new one, and those of its members that are here as well."""

    old: str
    new: str
    members: str = ""


TOP, RUNTIME, CONTRACT = "worktrail", "worktrail.runtime", "worktrail.contract"
NAMES: dict[str, Place] = {
    "Store": Place("runtime", RUNTIME, "get set delete"),
    "Client": Place("runtime", RUNTIME, "request"),
    "SecretsProvider": Place("runtime", RUNTIME, "get_secret"),
    "LLMProvider": Place("runtime", RUNTIME, "complete"),
    "StoreRegistry": Place("runtime", RUNTIME, "register get list has"),
    "ClientRegistry": Place("runtime", RUNTIME, "register get list has"),
    "LLMRegistry": Place("runtime", RUNTIME, "register get list has"),
    "RuntimeContextManager": Place(
        "runtime", TOP, "register_store register_client register_secrets_provider register_llm create_runtime"
    ),
    "RuntimeContext": Place(
        "runtime",
        TOP,
        "tenant_id instance_id run_id segment_id stores clients llms on_event created_at child_context resolve_store "
        "resolve_client resolve_llm resolve_secret",
    ),
    "StepContext": Place(
        "runtime", TOP, "step_id tenant_id instance_id run_id state get_store get_client get_llm get_secret runtime"
    ),
    "current_runtime": Place("runtime", TOP),
    "ResourceNotFoundError": Place("runtime", RUNTIME),
    "SecretAccessDeniedError": Place("runtime", RUNTIME),
    "EventType": Place(
        "events",
        TOP,
        "SEGMENT_STARTED SEGMENT_COMPLETED SEGMENT_FAILED SEGMENT_CANCELLED SEGMENT_PAUSED SEGMENT_RESUMED STEP_STARTED "
        "STEP_COMPLETED STEP_FAILED STEP_SKIPPED STEP_RETRYING HUMAN_TASK_CREATED HUMAN_TASK_COMPLETED HUMAN_TASK_ASSIGNED "
        "HUMAN_TASK_ESCALATED ACTION_STARTED ACTION_COMPLETED ACTION_FAILED DATA_PUBLISHED DATA_PRODUCED DATA_CONSUMED CUSTOM",
    ),
    "EventSeverity": Place("events", TOP, "DEBUG INFO WARNING ERROR CRITICAL"),
    "ErrorInfo": Place("events", TOP, "error_type error_message error_code stack_trace recoverable code message to_dict"),
    "WorktrailEvent": Place(
        "events",
        TOP,
        "event_id event_type timestamp tenant_id instance_id run_id segment_id step_id step_type severity correlation_id "
        "parent_event_id payload error duration_ms to_dict to_json from_dict",
    ),
    "EventEmitter": Place(
        "events",
        TOP,
        "emit emit_step_started emit_step_completed emit_step_failed emit_step_skipped emit_segment_started "
        "emit_segment_completed emit_segment_failed emit_human_task_created emit_human_task_completed emit_data_published "
        "emit_custom segment_started segment_completed segment_failed step_started step_completed step_failed",
    ),
    "EventStore": Place("events", RUNTIME, "query"),
    "MemoryEventStore": Place("events", TOP, "append query get_by_run get_by_step"),
    "EventStream": Place("events", TOP, "subscribe publish get_history unsubscribe_all"),
    "SegmentDefinition": Place(
        "canvas",
        TOP,
        "segment_id name version steps edges description metadata validate to_dict from_dict to_json from_json get_step "
        "get_next_steps get_entry_steps json_schema",
    ),
    "StepDefinition": Place("canvas", TOP, "step_id step_type name config inputs outputs ui_metadata"),
    "EdgeDefinition": Place("canvas", TOP, "source_step source_port target_step target_port condition"),
    "PortDefinition": Place("canvas", TOP, "port_id data_type required description"),
    "StepPosition": Place("canvas", CONTRACT, "x y"),
    "StepUIMetadata": Place("canvas", CONTRACT, "position color icon collapsed"),
    "SegmentParams": Place("canvas", TOP, "max_retries timeout_seconds"),
    "StepCatalog": Place(
        "canvas",
        TOP,
        "get_instance instance reset_instance list_types list_all list_by_category get_type get get_handler validate_config "
        "validate_step_config register_type register export_for_ui export_catalog",
    ),
    "StepCategory": Place("canvas", TOP, "AI DATA INTEGRATION CONTROL HUMAN UTILITY"),
    "PortSpec": Place("canvas", CONTRACT, "port_id data_type required description default schema"),
    "StepTypeMetadata": Place(
        "canvas",
        TOP,
        "type_id category display_name description icon color version config_schema input_ports output_ports supports_retry "
        "supports_timeout supports_parallel is_async docs_url examples to_dict",
    ),
    "SegmentRunner": Place("canvas", TOP, "run register_handler cancel get_status pause resume"),
    "RunConfig": Place("canvas", TOP, "timeout_seconds max_retries retry_delay step_timeout"),
    "SegmentStatus": Place("canvas", TOP, "PENDING RUNNING COMPLETED FAILED CANCELLED TIMED_OUT TIMEOUT PAUSED"),
    "SegmentResult": Place(
        "canvas",
        TOP,
        "run_id segment_id status outputs output step_results duration_ms error started_at completed_at steps_completed "
        "steps_total current_step resumed_from to_dict",
    ),
    "CanvasError": Place("canvas", CONTRACT),
    "SegmentValidationError": Place("canvas", CONTRACT),
    "StepTypeNotFoundError": Place("canvas", CONTRACT),
    "InvalidConditionError": Place("canvas", CONTRACT),
}
# Names of the same parts that are not here, and what to do.
_BUILT_IN = "human_task is built in: leave the handler out, and decide with `runner.command` or `worktrail tasks decide`"
INSTEAD = {"HumanTaskHandler": _BUILT_IN, "create_human_task_handler": _BUILT_IN}


def names_table() -> str:
    """One row a name, as Markdown."""
    rows = ["| name | was in | is in | of its members these are there |", "|---|---|---|---|"]
    for name, place in NAMES.items():
        members = ", ".join(f"`{member}`" for member in place.members.split())
        rows.append(f"| `{name}` | `{OLD}.{place.old}` | `{place.new}` | {members} |")
    rows += [f"| `{name}` | `{OLD}.canvas` | not there | {what} |" for name, what in INSTEAD.items()]
    return "\n".join(rows)


def _lines(node: ast.ImportFrom) -> list[str]:
    """The import lines that stand for an old one."""
    wanted: dict[str, list[str]] = {}
    for alias in node.names:
        if alias.name in INSTEAD:
            raise ValueError(f"line {node.lineno}: {alias.name} is not here. {INSTEAD[alias.name]}")
        if alias.name not in NAMES:
            raise ValueError(f"line {node.lineno}: {node.module}.{alias.name} is not here, and the table knows nothing instead")
        said = alias.name if alias.asname is None else f"{alias.name} as {alias.asname}"
        wanted.setdefault(NAMES[alias.name].new, []).append(said)
    return [f"{' ' * node.col_offset}from {module} import {', '.join(names)}" for module, names in wanted.items()]


def translated(source: str) -> str:
    """A program with new import lines; ValueError names the line of a name that is not here."""
    lines = source.splitlines()
    olds = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == OLD
    ]
    for node in sorted(olds, key=lambda each: each.lineno, reverse=True):
        lines[node.lineno - 1 : node.end_lineno] = _lines(node)
    return "\n".join(lines) + "\n"


def main() -> int:
    """Prints one file with new import lines."""
    if len(sys.argv) != 2:
        print("python -m tools.coming_from FILE.py")
        return 2
    try:
        print(translated(Path(sys.argv[1]).read_text(encoding="utf-8")), end="")
    except (OSError, SyntaxError, ValueError) as error:
        print(f"{sys.argv[1]}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
