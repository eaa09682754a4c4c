"""What can be wrong with a segment: a problem, the table of its codes, and the errors that carry problems.

Rule: a problem is a value ``{code, pointer, message, hint, severity}``; it names the place by a JSON pointer (RFC 6901)
into the segment as it is written, and its hint names the next action. Only ``error`` stops a segment from running; a
``warning`` says what may surprise at run time, a ``hint`` what would read better. The code decides the severity.
Why a table: `docs/contract.md` and the tests hold it, so that no code appears without a text and a case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import msgspec

from worktrail.errors import AuthorError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "PROBLEMS",
    "CanvasError",
    "InvalidConditionError",
    "Problem",
    "ProblemInfo",
    "SchemaChecker",
    "SchemaProblem",
    "SegmentValidationError",
    "Severity",
    "StepTypeNotFoundError",
    "errors_of",
    "join_pointer",
]

Severity = Literal["error", "warning", "hint"]


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing wrong with a segment, at one place. ``details`` holds small JSON values for programs."""

    code: str
    pointer: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    details: dict[str, Any] = {}

    def to_dict(self) -> dict[str, Any]:
        """The JSON shape ``{code, pointer, message, hint, severity, details?}``."""
        shape: dict[str, Any] = {
            "code": self.code,
            "pointer": self.pointer,
            "message": self.message,
            "hint": self.hint,
            "severity": self.severity,
        }
        if self.details:
            shape["details"] = self.details
        return shape

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.severity} {self.code} at {self.pointer or '/'}: {self.message}{hint}"


class SchemaProblem(NamedTuple):
    """What a JSON Schema checker found: a pointer into the value (or the schema) and a sentence."""

    pointer: str
    message: str


class SchemaChecker(Protocol):
    """Checks values against JSON Schema 2020-12. It comes in as an argument, because this room may not load one itself."""

    def problems(self, schema: dict[str, Any], value: Any) -> list[SchemaProblem]:
        """What is wrong with `value`; empty if nothing. The pointers lead into `value`."""
        ...

    def schema_problems(self, schema: dict[str, Any]) -> list[SchemaProblem]:
        """What is wrong with `schema` itself; empty if nothing. The pointers lead into `schema`."""
        ...


class ProblemInfo(NamedTuple):
    """What a code means: its severity, the meaning in one sentence, and the next action."""

    severity: Severity
    meaning: str
    action: str


class CanvasError(AuthorError):
    """Something is wrong with a segment or with the catalogue it is written against."""


class SegmentValidationError(CanvasError):
    """A segment has at least one problem of severity ``error``; ``problems`` holds all problems that were found."""

    def __init__(self, problems: Iterable[Problem], *, name: str = "") -> None:
        self.problems = tuple(problems)
        errors = errors_of(self.problems)
        first = errors[0] if errors else None
        what = f"segment {name!r}" if name else "the segment"
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        said = f"{first.code}: {first.message}{more}" if first else "no error was named"
        super().__init__(
            "SEGMENT_INVALID",
            f"{what} cannot run: {said}",
            hint=first.hint if first else "",
            pointer=first.pointer if first else None,
            details={"problems": [problem.to_dict() for problem in self.problems]},
        )


class StepTypeNotFoundError(CanvasError):
    """The catalogue has no step type of this id; ``type_id`` and ``nearest`` (may be empty) say more."""

    def __init__(self, type_id: str, nearest: str = "") -> None:
        self.type_id = type_id
        self.nearest = nearest
        hint = f"Did you mean {nearest!r}?" if nearest else ""
        super().__init__("STEP_TYPE_UNKNOWN", f"no step type {type_id!r} is registered", hint=hint)


class InvalidConditionError(CanvasError):
    """A condition is not an expression that may stand on an edge; keeps ``condition`` and ``reason``."""

    def __init__(self, condition: str, reason: str) -> None:
        self.condition = condition
        self.reason = reason
        super().__init__("CONDITION_INVALID", f"the condition {condition!r} cannot be used: {reason}")


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that stop a segment from running."""
    return [problem for problem in problems if problem.severity == "error"]


def join_pointer(pointer: str, *parts: str | int) -> str:
    """`pointer` with `parts` appended, escaped as RFC 6901 asks."""
    tail = "".join(f"/{part}" if isinstance(part, int) else "/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
    return pointer + tail


# A key or an id may be as long as the document: a message names it, it does not repeat it.
MESSAGE_MAX = 600
POINTER_MAX = 1_500


def problem(
    code: str, pointer: str, message: str, *, hint: str = "", severity: Severity | None = None, **details: Any
) -> Problem:
    """A problem with what the table says of its code; `hint` and `severity` replace what stands there."""
    info = PROBLEMS[code]
    short = _short(pointer, POINTER_MAX), _short(message, MESSAGE_MAX)
    return Problem(code, *short, hint or info.action, severity or info.severity, details)


def _short(text: str, limit: int) -> str:
    """A text that never holds a whole payload."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _rows(severity: Severity, *rows: tuple[str, str, str]) -> dict[str, ProblemInfo]:
    return {code: ProblemInfo(severity, meaning, action) for code, meaning, action in rows}


# code → (severity, meaning, next action), grouped by what is looked at. docs/contract.md has one row for each.
PROBLEMS: dict[str, ProblemInfo] = {
    **_rows(
        "error",
        # the document
        (
            "KEY_UNKNOWN",
            "An object has a key that the contract does not know.",
            "Correct the key; own data goes under `metadata` or `x-…`.",
        ),
        ("KEY_MISSING", "A key that must stand is missing.", "Add the key."),
        ("KEY_TWICE", "The same thing is said under two spellings of its key.", "Keep one of them."),
        ("VALUE_TYPE", "A value has the wrong JSON type.", "Write a value of the type named."),
        ("VALUE_RANGE", "A value is outside what is allowed.", "Use a value inside the range named."),
        ("ID_INVALID", "An id does not match the pattern of ids.", "Use a letter, then up to 63 letters, digits, `_` or `-`."),
        ("NUMBER_UNSAFE", "A number cannot be kept exactly by every JSON reader.", "Write it as a string."),
        ("TEXT_INVALID", "A text holds half a character (a lone surrogate).", "Remove the broken character."),
        ("DEPTH_EXCEEDED", "Values are nested too deeply.", "Make the value flatter."),
        ("SCHEMA_VERSION", "The document is written in a version of the contract that is not known here.", "Use `worktrail: 1`."),
        (
            "ENTRYPOINT_INVALID",
            "The entry point is no step that a run can start with.",
            "Name a step without inbound edges.",
        ),
        # steps, ports, edges
        ("NO_STEPS", "A graph has no step.", "Add a step."),
        ("STEP_TWICE", "Two steps of one graph have the same id.", "Give one of them another id."),
        ("STEP_UNKNOWN", "A step is named that is not in this graph.", "Name a step of the same graph."),
        ("PORT_TWICE", "A step declares two ports of one direction with the same id.", "Give one of them another id."),
        ("PORT_UNKNOWN", "An edge or output names a port that the step does not have.", "Name one of its ports, or declare it."),
        ("EDGE_TWICE", "Two edges have the same id.", "Give one of them another `edge_id`, or leave it out."),
        ("TYPE_UNKNOWN", "A step's type is not in the catalogue.", "Register the type, or use one of the catalogue."),
        ("TYPE_VERSION", "A step asks for another version of its type than the catalogue has.", "Use the catalogue's version."),
        (
            "FALLBACK_PORT",
            "The fallback step has no port for the error.",
            "Give it a port `input`, or exactly one port.",
        ),
        ("PORT_FIXED", "An output is declared that this type of step cannot have.", "Declare only the type's own outputs."),
        ("PORT_UNFED", "A required port that nothing leads to: the step can never start.", "Connect it, or give it a default."),
        ("BODY_ENTRY", "An entry step of a body requires a port that nothing fills.", "Use `input`, or give the port a default."),
        ("PORT_MISMATCH", "No value of the one port can arrive at the other.", "Put a transform between, or correct a port."),
        ("CYCLE", "The edges go round in a circle.", "Iterate inside a `loop` or `map`."),
        # sizes
        ("SIZE_EXCEEDED", "The segment has more steps or edges than allowed.", "Cut it into sub-segments."),
        ("NESTING_EXCEEDED", "Bodies and sub-segments are nested too deeply.", "Make it flatter."),
        ("FAN_OUT_EXCEEDED", "Too many edges leave one step.", "Use a `map`, or split the step."),
        # configs, schemas, resources
        ("CONFIG_INVALID", "A step's config does not fit its type.", "Correct the config as the message says."),
        ("SCHEMA_INVALID", "A schema is no JSON Schema 2020-12.", "Correct the schema."),
        ("DEFAULT_INVALID", "A default does not fit its own schema.", "Correct the default or the schema."),
        ("RESOURCE_UNDECLARED", "A resource is used that the segment does not list.", "List it under `resources`."),
        # policies
        ("SEMANTICS_UNKNOWN", "The segment asks for semantics that this release does not know.", "Leave `semantics` out."),
        ("ON_ERROR_CONFLICT", "`on_error` stands beside an error edge (R8).", "Keep one of them."),
        (
            "CONTINUE_PORTS",
            "`continue_with` does not say which port gets what (R8).",
            "Write `{port: value}` with the step's data ports.",
        ),
        ("HUMAN_CLOCK", "A time-out or deadline in the policy of a human step.", "Use `timeout_hours` and the port `expired`."),
        # joins
        ("JOIN_UNFED", "No edge leads into a join.", "Connect branches, or remove the join."),
        ("JOIN_ARITY", "`n` of a join is missing, or more than edges lead into it (R9).", "Use 1 ≤ n ≤ the number of edges."),
        ("JOIN_MERGE", "`merge: shallow` stands at an early join (R9).", "Use `all` or `all_live`, or another merge."),
        # expressions
        ("EXPRESSION_INVALID", "A text is not an expression that may stand here.", "Correct it at the place shown."),
        ("EXPRESSION_TYPE", "An expression cannot have the type that is needed here.", "Write one of the type named."),
        ("NAME_UNKNOWN", "An expression reads a key that its place does not have.", "Use one of the keys named."),
        (
            "PARAMETER_UNKNOWN",
            "An expression reads a parameter that the segment does not have.",
            "Declare it under `parameters`.",
        ),
        ("STEPS_WHOLE", "An expression reads all steps at once.", "Name a step and a port: `steps.step_id.port`."),
        ("STEP_NOT_ANCESTOR", "An expression reads a step that does not lie before it.", "Bring the value in by an edge."),
        ("STEP_UNCERTAIN", "An expression reads a step that an early join may overtake.", "Bring the value in by an edge."),
        # sub-segments
        ("SEGMENT_UNKNOWN", "A sub-segment is not there.", "Publish it, or correct its id and version."),
        ("SEGMENT_CYCLE", "A segment contains itself.", "Iterate inside a `loop`."),
    ),
    **_rows(
        "warning",
        ("CONFIG_UNCHECKED", "Configs were not checked against their schemas.", "Set a schema checker on the catalogue."),
        (
            "ENTRYPOINT_NOT_ALONE",
            "Steps beside the entry point start with the run too.",
            "Connect them, or leave `entrypoint` out.",
        ),
        ("STEP_UNCONNECTED", "No edge leads to a step or away from it.", "Connect it, or remove it."),
        ("PORT_TRANSFORM", "Not every value of the one port can arrive at the other.", "Put a transform between."),
        ("PORT_CONFLICT", "A port may get two values (R3), and the visit would fail.", "Make the edges exclusive, or join them."),
        ("PORT_ERROR_ONLY", "A port that only errors feed is not required (R3).", "Make the port required."),
        (
            "OUTCOME_UNHANDLED",
            "An outcome may find no edge (R6), and the visit would fail.",
            "Add an edge for it, without a condition.",
        ),
        ("POLICY_IGNORED", "A setting does nothing on this type of step.", "Remove it."),
        ("JOIN_SINGLE", "Only one edge leads into a join.", "Connect more branches, or remove the join."),
        ("JOIN_IGNORED", "A setting of a join does nothing.", "Remove it, or choose another join."),
        (
            "JOIN_BRANCH_FAILS",
            "A failing branch fails the run even after an early join.",
            "Give it `on_error: skip` or an error edge.",
        ),
        ("RESOURCE_UNLISTED", "A resource is used, and the segment lists none of its kind.", "List it under `resources`."),
    ),
    **_rows(
        "hint",
        ("ENDS_MANY", "Several end steps make the result (R13).", "Name the results in an `outputs` map."),
        (
            "JOIN_SECOND_FAILURE",
            "Under `finish_rest` one failure may cause a second one at a join.",
            "Use `all_live`, or an error edge.",
        ),
    ),
}
