"""The lock: a segment resolved into what the engine executes, as data.

Rule: everything the engine needs to know of a segment is worked out once, before the first run, and pinned by hash
beside the definition: expanded ports, kinds, type versions, merged policies, hashes of sub-segments, and the static
facts of the graph (ends, `entered` of joins, regions of `rest: cancel`). Steps and edges are named by their number in
document order, because R1, R3 and R9 depend on that order.
"""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["LOCK_VERSION", "EdgeLock", "GraphLock", "JoinLock", "Lock", "PolicyLock", "PortLock", "ScopePolicy", "StepLock"]

LOCK_VERSION = 1


class PortLock(msgspec.Struct, frozen=True, omit_defaults=True):
    """An input port. ``default`` is meaningful where ``has_default``; ``schema`` is checked at the door (ANSWER_INVALID)."""

    id: str
    required: bool = False
    many: bool = False
    has_default: bool = False
    default: Any = None
    schema: dict[str, Any] | None = None


class PolicyLock(msgspec.Struct, frozen=True, omit_defaults=True):
    """The merged policy of a step (step > segment > type; RunConfig is applied on top at run start). Times in seconds.

    ``on_error``: "fail", "skip" or "continue"; for "continue" ``continue_with`` is the config value as it was written; with
    ``continue_expression`` a text in it begins with `=`. ``retry_set`` says that the step itself set its retries (RunConfig
    does not lower or raise those of `once`). ``on`` empty means every recoverable failure.
    """

    max_attempts: int = 1
    delay_s: float = 1.0
    backoff: float = 2.0
    max_delay_s: float = 60.0
    on: tuple[str, ...] = ()
    retry_set: bool = False
    timeout_s: float | None = None
    deadline_s: float | None = None
    effect: str = "repeatable"  # repeatable | once | verify
    on_error: str = "fail"  # fail | skip | continue
    continue_with: Any = None
    continue_expression: bool = False


class JoinLock(msgspec.Struct, frozen=True, omit_defaults=True):
    """R9. ``entered_by``: edge numbers that leave the join's immediate dominator and from which the join can be reached;
    null where there is no dominator (then the scope itself entered it). ``region``: step numbers of `rest: cancel` (R10)."""

    mode: str = "all_live"  # all | all_live | any | n_of_m
    n: int = 1
    merge: str = "by_step"  # by_step | list | first | shallow
    rest: str = "finish"  # finish | cancel
    entered_by: tuple[int, ...] | None = None
    region: tuple[int, ...] = ()


class ScopePolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of a run, an item or a round: ``on_failure`` is resolved (inherited) here; times in seconds, runs only."""

    on_failure: str = "cancel_rest"  # cancel_rest | finish_rest | incident
    allow_empty: bool = False
    timeout_seconds: float | None = None
    deadline_s: float | None = None
    parallel: bool = True  # changed: added; false: one visit of this scope at a time, in document order


class StepLock(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step. ``op`` names the inline operation (kind `inline`: choose_bool, choose_case, evaluate, copy, publish) or is empty.

    ``outs`` are all data and outcome ports in document order (never `error`, which every step has); ``outcomes`` those of
    them that must be handled (R6). ``silent``: the type may answer with no port at all. ``config`` is the step's config with
    defaults filled in. ``body`` is the graph of a map or loop; ``child`` the segment hash of a subsegment. ``reads`` are the
    ancestors that its config names as `steps.<id>` (their references travel in the work order).
    """

    id: str
    type: str
    version: str
    kind: str  # handler | inline | join | map | loop | child | timer | message | human
    op: str = ""
    config: dict[str, Any] = {}
    ins: tuple[PortLock, ...] = ()
    outs: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    out_schemas: dict[str, dict[str, Any]] = {}
    silent: bool = False
    end: bool = False  # R13: no edge leaves it but from `error` and outcome ports
    policy: PolicyLock = PolicyLock()
    join: JoinLock | None = None
    body: GraphLock | None = None
    child: str | None = None
    templates: tuple[str, ...] = ()  # config keys whose text has `{{ FEEL }}` in it
    reads: tuple[str, ...] = ()  # changed: added, as EdgeLock.steps for expressions in the config


class EdgeLock(msgspec.Struct, frozen=True, omit_defaults=True):
    """An edge between step numbers; ``condition`` is a FEEL text or null. ``steps`` are the ancestors it reads by name."""

    source: int
    port: str
    target: int
    to: str
    condition: str | None = None
    steps: tuple[str, ...] = ()


class GraphLock(msgspec.Struct, frozen=True, omit_defaults=True):
    """A scope's graph. ``outputs``: name → (step number, port), or null; ``one_end``: the object of the one end step is the
    result itself, decided statically (R13)."""

    steps: tuple[StepLock, ...]
    edges: tuple[EdgeLock, ...] = ()
    outputs: dict[str, tuple[int, str]] | None = None
    one_end: bool = False
    policy: ScopePolicy = ScopePolicy()


class Lock(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole: ``children`` maps the hash of each sub-segment to the hash of its own lock; ``types`` step type → version."""

    lock: int
    segment_id: str
    segment_version: str
    segment_hash: str
    graph: GraphLock
    semantics: int = 1
    children: dict[str, str] = {}
    types: dict[str, str] = {}
    input_schema: dict[str, Any] | None = None
    output_schema: dict[str, Any] | None = None
    parameters: dict[str, Any] = {}  # name → {schema, default}
