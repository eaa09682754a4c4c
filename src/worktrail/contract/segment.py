"""The segment: a workflow definition as a value, with the ways in and out of it.

Rule: a segment is data. It knows its own shape and how to be read, written, checked and hashed; it knows nothing of running.
"""

from __future__ import annotations

from typing import Any

import msgspec

from worktrail.contract.canonical import segment_hash
from worktrail.contract.catalog import StepCatalog
from worktrail.contract.models import EdgeDefinition, Resources, SegmentPolicy, StepDefinition
from worktrail.contract.problems import CanvasError, Problem, SegmentValidationError, errors_of
from worktrail.contract.reading import SCHEMA_VERSION, plain, read_segment_fields
from worktrail.contract.schema import segment_json_schema
from worktrail.contract.text import parse_json, render_json
from worktrail.contract.validation import SegmentLookup, examine

__all__ = ["SegmentDefinition", "read_segment"]


class SegmentDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """A graph of steps. Attribute names are the JSON keys; a value at its default is the same as one left out.

    ``parameters``: name → ``{"schema"?, "default"?}``; ``outputs``: name → ``"step.port"``; ``extensions``: the ``x-…`` keys.
    """

    segment_id: str
    name: str = ""
    version: str = "1.0.0"
    steps: list[StepDefinition] = []
    edges: list[EdgeDefinition] = []
    description: str = ""
    parameters: dict[str, Any] = {}
    input_schema: dict[str, Any] | bool | None = None
    output_schema: dict[str, Any] | bool | None = None
    outputs: dict[str, str] | None = None
    resources: Resources = Resources()
    policy: SegmentPolicy = SegmentPolicy()
    metadata: dict[str, Any] = {}
    ui_metadata: dict[str, Any] = {}
    extensions: dict[str, Any] = {}

    @property
    def hash(self) -> str:
        """``sha256:<64 hex>`` over what takes part in a run (worked out on every call)."""
        return segment_hash(self)

    def get_step(self, step_id: str) -> StepDefinition | None:
        """The step of this id, or None."""
        return next((step for step in self.steps if step.step_id == step_id), None)

    def get_next_steps(self, step_id: str) -> list[StepDefinition]:
        """The steps that an edge from `step_id` leads to, in the order of the edges, each once."""
        wanted = dict.fromkeys(edge.target_step for edge in self.edges if edge.source_step == step_id)
        return [step for name in wanted if (step := self.get_step(name)) is not None]

    def get_entry_steps(self) -> list[StepDefinition]:
        """The steps that start with the run: no edge, and no `fallback_step`, leads to them. In document order."""
        fed = {edge.target_step for edge in self.edges}
        for step in self.steps:
            if isinstance(step.policy.on_error, dict):
                fed.add(str(step.policy.on_error.get("fallback_step")))
        return [step for step in self.steps if step.step_id not in fed]

    def validate(
        self, catalog: StepCatalog | None = None, *, strict: bool = False, segments: SegmentLookup | None = None
    ) -> list[Problem]:
        """Every problem of the segment; no error among them means that it can run.

        ``catalog`` None is the shared one. ``segments`` finds sub-segments (for cycles across segments). ``strict`` raises
        SegmentValidationError where there is an error.
        """
        problems = examine(self, catalog or StepCatalog.get_instance(), segments).problems
        if strict and errors_of(problems):
            raise SegmentValidationError(problems, name=self.segment_id)
        return problems

    def check(self, catalog: StepCatalog | None = None, *, segments: SegmentLookup | None = None) -> list[Problem]:
        """As `validate`, strict: SegmentValidationError where there is an error, else the warnings and hints."""
        return self.validate(catalog, strict=True, segments=segments)

    def to_dict(self) -> dict[str, Any]:
        """The JSON value, in the contract's own spelling. CanvasError SEGMENT_INVALID where it is nested without an end."""
        try:
            found: dict[str, Any] = plain(self)
        except RecursionError:
            raise CanvasError("SEGMENT_INVALID", "values of the segment are nested too deeply, or inside themselves") from None
        head = {"worktrail": SCHEMA_VERSION, "segment_id": self.segment_id, "version": self.version}
        return {**head, **found} if "steps" in found else {**head, **found, "steps": []}

    @classmethod
    def from_dict(cls, value: Any) -> SegmentDefinition:
        """The segment of a JSON value in either spelling; SegmentValidationError with every problem of the document."""
        segment, problems = read_segment(value)
        if segment is None or errors_of(problems):
            raise SegmentValidationError(problems, name=str(value.get("segment_id", "")) if isinstance(value, dict) else "")
        return segment

    @staticmethod
    def json_schema(catalog: StepCatalog | None = None) -> dict[str, Any]:
        """The JSON Schema 2020-12 of segments; with a catalogue also of its types' configs."""
        return segment_json_schema(catalog)

    def to_json(self, indent: int | None = 2) -> str:
        """The JSON text."""
        return render_json(self.to_dict(), indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> SegmentDefinition:
        """The segment of a JSON text; CanvasError DOCUMENT_… where it is not one, else as `from_dict`."""
        return cls.from_dict(parse_json(text))


def read_segment(value: Any) -> tuple[SegmentDefinition | None, list[Problem]]:
    """As much of a segment as can be read, and every problem of its document (warnings of older spellings among them).

    With an error among the problems the segment is a sketch for an editor, never for a run.
    """
    found, problems = read_segment_fields(value)
    return (None if found is None else SegmentDefinition(**found)), problems
