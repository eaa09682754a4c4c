"""All checks of a segment, in their order. Never: reading text, running anything."""

from __future__ import annotations

from worktrail.contract.validation.children import SegmentLookup
from worktrail.contract.validation.context import Context, View
from worktrail.contract.validation.examine import Examined, examine
from worktrail.contract.validation.fit import Fit, port_fit
from worktrail.contract.validation.structure import MAX_EDGES, MAX_FAN_OUT, MAX_NESTING, MAX_STEPS

__all__ = [
    "MAX_EDGES",
    "MAX_FAN_OUT",
    "MAX_NESTING",
    "MAX_STEPS",
    "Context",
    "Examined",
    "Fit",
    "SegmentLookup",
    "View",
    "examine",
    "port_fit",
]
