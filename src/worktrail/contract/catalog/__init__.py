"""The catalogue of step types. Never: handlers that run, or what a segment makes of a type (`contract/expand.py`)."""

from __future__ import annotations

from worktrail.contract.catalog.builtins import BODY, BUILTIN_TYPES
from worktrail.contract.catalog.metadata import KINDS, PortSpec, StepCategory, StepTypeMetadata
from worktrail.contract.catalog.register import StepCatalog

__all__ = ["BODY", "BUILTIN_TYPES", "KINDS", "PortSpec", "StepCatalog", "StepCategory", "StepTypeMetadata"]
