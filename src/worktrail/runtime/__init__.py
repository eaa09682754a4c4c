"""The runtime: contexts, registries, secrets, handlers, events for readers, the embedded driver.

Never: knowing a step type.
"""

from __future__ import annotations

from worktrail.runtime.context import Emits, RuntimeContext, RuntimeContextManager, StepContext, current_runtime
from worktrail.runtime.driver.attempts import idempotency_key
from worktrail.runtime.driver.core import Stats, load_run, plans_of, run_values
from worktrail.runtime.driver.driver import Driver
from worktrail.runtime.driver.live import LiveRun, Placed
from worktrail.runtime.driver.planbook import PlanBook
from worktrail.runtime.driver.ports import Callbacks, RunConfig, RunPlace, TaskAnswer, TaskChange, TaskPort
from worktrail.runtime.driver.processes.doorbell import send_command
from worktrail.runtime.driver.processes.presence import is_gone
from worktrail.runtime.driver.processes.requests import RunRequest, request_run
from worktrail.runtime.emitter import EventAnchor, EventEmitter, EventStore, EventStream, MemoryEventStore
from worktrail.runtime.exceptions import (
    EventGapError,
    HandlerNotFoundError,
    HookVetoError,
    ResourceExistsError,
    ResourceNotFoundError,
    SecretAccessDeniedError,
)
from worktrail.runtime.handlers import Fail, Handler, HandlerAnswer, HandlerTable
from worktrail.runtime.hooks import POINTS, Hook, HookTable, Outcome, RunInfo, StepInfo
from worktrail.runtime.protocols import Client, LLMProvider, SecretRequest, SecretsPolicy, SecretsProvider, Store
from worktrail.runtime.registries import ClientRegistry, LLMRegistry, StoreRegistry
from worktrail.runtime.results import SegmentResult, SegmentStatus, result_of
from worktrail.runtime.runner import RunnerParts, SegmentRunner
from worktrail.runtime.trail import iterate_trail, read_trail

__all__ = [
    "POINTS",
    "Callbacks",
    "Client",
    "ClientRegistry",
    "Driver",
    "Emits",
    "EventAnchor",
    "EventEmitter",
    "EventGapError",
    "EventStore",
    "EventStream",
    "Fail",
    "Handler",
    "HandlerAnswer",
    "HandlerNotFoundError",
    "HandlerTable",
    "Hook",
    "HookTable",
    "HookVetoError",
    "LLMProvider",
    "LLMRegistry",
    "LiveRun",
    "MemoryEventStore",
    "Outcome",
    "Placed",
    "PlanBook",
    "ResourceExistsError",
    "ResourceNotFoundError",
    "RunConfig",
    "RunInfo",
    "RunPlace",
    "RunRequest",
    "RunnerParts",
    "RuntimeContext",
    "RuntimeContextManager",
    "SecretAccessDeniedError",
    "SecretRequest",
    "SecretsPolicy",
    "SecretsProvider",
    "SegmentResult",
    "SegmentRunner",
    "SegmentStatus",
    "Stats",
    "StepContext",
    "StepInfo",
    "Store",
    "StoreRegistry",
    "TaskAnswer",
    "TaskChange",
    "TaskPort",
    "current_runtime",
    "idempotency_key",
    "is_gone",
    "iterate_trail",
    "load_run",
    "plans_of",
    "read_trail",
    "request_run",
    "result_of",
    "run_values",
    "send_command",
]
