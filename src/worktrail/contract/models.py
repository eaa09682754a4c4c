"""The parts of a segment as Python values: ports, steps, edges, policies.

Rule: the attribute names are the JSON keys, and a value that stands at its default is the same as one left out: it is
neither written nor hashed. ``extensions`` holds the keys that begin with ``x-``; they, ``metadata`` and ``ui_metadata``
survive every round trip and never take part in the hash.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

__all__ = [
    "EFFECTS",
    "ID_PATTERN",
    "JOIN_MERGES",
    "JOIN_MODES",
    "MAX_SAFE_INTEGER",
    "ON_FAILURE",
    "Body",
    "BodyPolicy",
    "EdgeDefinition",
    "PortDefinition",
    "Resources",
    "RetryPolicy",
    "SegmentParams",
    "SegmentPolicy",
    "StepDefinition",
    "StepPolicy",
    "StepPosition",
    "StepUIMetadata",
    "is_id",
]

ID_PATTERN = "^[A-Za-z][A-Za-z0-9_-]{0,63}$"
MAX_SAFE_INTEGER = 2**53 - 1  # RFC 8785 works on IEEE doubles: a larger integer would not come back as it went in
ON_FAILURE = ("cancel_rest", "finish_rest", "incident")
EFFECTS = ("repeatable", "once", "verify")
JOIN_MODES = ("all", "all_live", "any", "n_of_m")
JOIN_MERGES = ("by_step", "list", "first", "shallow")

OnFailure = Literal["cancel_rest", "finish_rest", "incident"]
Effect = Literal["repeatable", "once", "verify"]

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}\Z")


def is_id(text: object) -> bool:
    """Whether `text` is an id: a letter, then up to 63 letters, digits, `_` or `-`."""
    return isinstance(text, str) and _ID.match(text) is not None


class PortDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """A named input or output of a step.

    What a declared port leaves open comes from the step type's port of the same id: ``required`` None, ``data_type`` "any",
    ``schema`` None, ``many`` False. ``default`` is `msgspec.UNSET` where there is none, because null is a value too.
    """

    port_id: str
    data_type: str = "any"
    required: bool | None = None
    description: str = ""
    schema: dict[str, Any] | bool | None = None
    default: Any = msgspec.UNSET
    many: bool = False
    extensions: dict[str, Any] = {}


class StepPosition(msgspec.Struct, frozen=True):
    """Where a step is drawn, in canvas units."""

    x: float = 0
    y: float = 0


class StepUIMetadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a step is drawn. ``more`` keeps every other key of the JSON object as it came."""

    position: StepPosition | None = None
    color: str | None = None
    icon: str | None = None
    collapsed: bool = False
    more: dict[str, Any] = {}


class RetryPolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    """Retries of failed attempts; what is None comes from the segment, then from the step type.

    ``max_attempts`` counts the first try. The wait before attempt k+1 is ``delay_s * backoff**(k-1)`` seconds, at most
    ``max_delay_s``. ``on`` names error codes; empty means every recoverable failure.
    """

    max_attempts: int | None = None
    delay_s: float | None = None
    backoff: float | None = None
    max_delay_s: float | None = None
    on: list[str] = []


class StepPolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    """``timeout_s`` is per attempt, ``deadline_s`` per visit, both in seconds.

    ``on_error``: "fail", "skip", ``{"continue_with": value}`` or ``{"fallback_step": step_id}``; None is "fail".
    """

    retry: RetryPolicy | None = None
    timeout_s: float | None = None
    deadline_s: float | None = None
    effect: Effect | None = None
    on_error: str | dict[str, Any] | None = None


class SegmentPolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    """``timeout_seconds`` bounds the active time of a run, ``deadline_s`` the time on the wall; ``retry_delay`` and
    ``step_timeout`` are seconds too. ``max_retries`` counts the tries after the first."""

    timeout_seconds: float | None = None
    deadline_s: float | None = None
    max_retries: int | None = None
    retry_delay: float | None = None
    step_timeout: float | None = None
    parallel: bool = True
    on_failure: OnFailure | None = None
    allow_empty: bool = False
    semantics: int | None = None


SegmentParams = SegmentPolicy


class BodyPolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of the inside of a map or loop; ``on_failure`` None is inherited from the scope around it."""

    on_failure: OnFailure | None = None
    allow_empty: bool = False


class Resources(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a segment needs from outside, by id. Live objects and secrets never stand here, only what they are called.

    ``segments``: local name → ``{"segment_id": …, "version"?: …, "hash"?: …}``; the others: id → object with anything that
    helps a reader, or a plain list of ids.
    """

    llms: dict[str, Any] = {}
    clients: dict[str, Any] = {}
    stores: dict[str, Any] = {}
    secrets: dict[str, Any] = {}
    segments: dict[str, Any] = {}


class StepDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step. ``inputs`` and ``outputs`` left empty come from the step type; so does ``type_version``."""

    step_id: str
    step_type: str
    config: dict[str, Any] = {}
    inputs: list[PortDefinition] = []
    outputs: list[PortDefinition] = []
    type_version: str | None = None
    policy: StepPolicy = StepPolicy()
    name: str = ""
    description: str = ""
    ui_metadata: StepUIMetadata | None = None
    extensions: dict[str, Any] = {}


class EdgeDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """A connection of an output port with an input port; ``condition`` is a FEEL expression that must be boolean."""

    source_step: str
    source_port: str = "output"
    target_step: str = ""
    target_port: str = "input"
    condition: str | None = None
    label: str = ""
    edge_id: str | None = None
    extensions: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if not self.target_step:
            raise TypeError("EdgeDefinition needs target_step: name the step the edge leads to")


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """The inside of a map or loop: a graph without a name of its own."""

    steps: list[StepDefinition]
    edges: list[EdgeDefinition] = []
    outputs: dict[str, str] | None = None
    policy: BodyPolicy = BodyPolicy()
    extensions: dict[str, Any] = {}
