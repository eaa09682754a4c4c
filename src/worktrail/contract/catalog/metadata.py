"""What the catalogue says of a step type.

Rule: ``kind`` is all that the engine knows of a type; the ports, the config schema and the default policy are data, so that
the canvas, the validation and the lock read the same entry. A user's type needs only its id, category, display name and
description: it is then a handler with one input and one output.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from worktrail.contract.models import RetryPolicy

__all__ = ["KINDS", "PortSpec", "StepCategory", "StepTypeMetadata"]

KINDS = ("handler", "inline", "join", "map", "loop", "child", "timer", "message", "human")


class StepCategory(StrEnum):
    """The drawers of the palette."""

    AI = "ai"
    DATA = "data"
    INTEGRATION = "integration"
    CONTROL = "control"
    HUMAN = "human"
    UTILITY = "utility"


class PortSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A port of a step type. ``default`` is `msgspec.UNSET` where there is none."""

    port_id: str
    data_type: str = "any"
    required: bool = False
    description: str = ""
    schema: dict[str, Any] | bool | None = None
    default: Any = msgspec.UNSET
    many: bool = False


class StepTypeMetadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step type.

    ``outcomes`` are output ports that must be handled (they stand in ``output_ports`` too, last). ``exclusive``: only one of
    the output ports is ever delivered. ``fixed_outputs``: a step may describe the output ports, not replace them. ``derive``
    names a row of the table in `contract/expand.py` that works the ports out of the config. ``retry`` is the type's own retry
    policy. In ``config_schema``, ``x-expression`` says what texts are ("feel", "unary-tests", "template": always; "none":
    never, even with a leading `=`), and ``x-resource`` ("llms", "clients", …) marks ids that the segment's resources must list.
    """

    type_id: str
    category: StepCategory
    display_name: str
    description: str = ""
    version: str = "1"
    icon: str = "box"
    color: str = "#7F8C8D"
    kind: str = "handler"
    op: str = ""
    input_ports: tuple[PortSpec, ...] = (PortSpec("input"),)
    output_ports: tuple[PortSpec, ...] = (PortSpec("output"),)
    outcomes: tuple[str, ...] = ()
    exclusive: bool = False
    fixed_outputs: bool = False
    derive: str = ""
    silent: bool = False
    config_schema: dict[str, Any] = msgspec.field(default_factory=lambda: {"type": "object"})
    retry: RetryPolicy = RetryPolicy()
    supports_retry: bool = True
    supports_timeout: bool = True
    supports_parallel: bool = False
    is_async: bool = True
    docs_url: str | None = None
    examples: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        force = msgspec.structs.force_setattr
        force(self, "category", StepCategory(self.category))
        force(self, "input_ports", tuple(self.input_ports))
        force(self, "output_ports", tuple(self.output_ports))
        force(self, "outcomes", tuple(self.outcomes))
        if self.kind not in KINDS:
            raise ValueError(f"the kind of step type {self.type_id!r} must be one of {', '.join(KINDS)}, not {self.kind!r}")

    def to_dict(self) -> dict[str, Any]:
        """What the palette needs: the exported keys of one type, all of them always."""
        return {
            "type_id": self.type_id,
            "version": self.version,
            "display_name": self.display_name,
            "description": self.description,
            "category": self.category.value,
            "icon": self.icon,
            "color": self.color,
            "kind": self.kind,
            "config_schema": self.config_schema,
            "input_ports": [_port(spec, inward=True) for spec in self.input_ports],
            "output_ports": [_port(spec, inward=False) for spec in self.output_ports],
            "outcomes": list(self.outcomes),
            "derive": self.derive,
            "supports_retry": self.supports_retry,
            "supports_timeout": self.supports_timeout,
            "supports_parallel": self.supports_parallel,
            "is_async": self.is_async,
            "docs_url": self.docs_url,
            "examples": list(self.examples),
        }


def _port(spec: PortSpec, *, inward: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {"name": spec.port_id, "type": spec.data_type, "description": spec.description}
    if spec.schema is not None:
        shape["schema"] = spec.schema
    if inward:
        shape |= {"required": spec.required, "many": spec.many}
        if spec.default is not msgspec.UNSET:
            shape["default"] = spec.default
    return shape
