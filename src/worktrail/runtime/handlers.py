"""The handler table: step type → the function that does the work.

Rule: new kinds of work arrive here, never as a branch in a driver. A handler is ``(ctx, config, input_data)``, sync or
async, and answers ``{port: value}``, or ``Fail``, or raises. A runner looks in its own table first, then in the shared one.
``fail_of`` is the one place where an exception becomes a failure: what a retry may hope for follows from whose turn it is.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from worktrail.errors import ProviderError, WorktrailError
from worktrail.events import ErrorInfo
from worktrail.runtime.context import StepContext
from worktrail.runtime.exceptions import HandlerNotFoundError, ResourceExistsError

__all__ = ["Fail", "Handler", "HandlerAnswer", "HandlerTable", "Registered", "error_info_of", "fail_of", "invoke"]


class Fail(msgspec.Struct, frozen=True):
    """A failed attempt as a value. ``recoverable``: another attempt may succeed; ``not_executed``: certainly without effect."""

    code: str
    message: str
    recoverable: bool = False
    not_executed: bool = False
    hint: str | None = None
    details: dict[str, Any] | None = None
    error_type: str = ""

    def to_error(self) -> ErrorInfo:
        """The failure as the trail keeps it."""
        return ErrorInfo(
            error_code=self.code,
            error_message=self.message,
            error_type=self.error_type,
            recoverable=self.recoverable,
            not_executed=self.not_executed,
            hint=self.hint or None,
            details=self.details or None,
        )


HandlerAnswer = dict[str, Any] | Fail
Handler = Callable[[StepContext, dict[str, Any], Any], HandlerAnswer | Awaitable[HandlerAnswer]]


class Registered(NamedTuple):
    """A row of the table. ``is_async`` is worked out once; ``metadata`` is the caller's own (a catalogue entry, a version)."""

    step_type: str
    handler: Handler
    is_async: bool
    metadata: Any = None


def _is_async(handler: Any) -> bool:
    while isinstance(handler, functools.partial):
        handler = handler.func
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(getattr(handler, "__call__", None))  # noqa: B004


class HandlerTable:
    """Step type → handler. ``HandlerTable(shared)`` is a runner's own table over the shared one."""

    def __init__(self, shared: HandlerTable | None = None) -> None:
        self._shared = shared
        self._rows: dict[str, Registered] = {}

    def register(self, step_type: str, handler: Handler, *, metadata: Any = None, replace: bool = False) -> None:
        """Puts a handler into this table; a second one for the same type needs ``replace=True``."""
        if not callable(handler):
            raise TypeError(f"the handler of {step_type!r} is not callable: {handler!r}")
        if step_type in self._rows and not replace:
            raise ResourceExistsError("handler", step_type)
        self._rows[step_type] = Registered(step_type, handler, _is_async(handler), metadata)

    def find(self, step_type: str) -> Registered | None:
        """The row of this table, else of the shared one, else None."""
        row = self._rows.get(step_type)
        if row is None and self._shared is not None:
            return self._shared.find(step_type)
        return row

    def get(self, step_type: str) -> Registered:
        """The row; ``HandlerNotFoundError`` names the step type and the types that exist."""
        row = self.find(step_type)
        if row is None:
            raise HandlerNotFoundError(step_type, self.list())
        return row

    def has(self, step_type: str) -> bool:
        """Whether ``get`` would find it."""
        return self.find(step_type) is not None

    def list(self) -> list[str]:
        """All step types with a handler, the shared ones first."""
        below = self._shared.list() if self._shared is not None else []
        return [*below, *(name for name in self._rows if name not in below)]


def fail_of(error: BaseException) -> Fail:
    """The failure that an exception stands for.

    The author's, the caller's and our mistakes do not go away by trying again; what is outside may. An error says otherwise
    by ``details`` ``recoverable``, ``not_executed``. Exceptions that are not ours are recoverable.
    """
    kind = type(error).__name__
    if isinstance(error, WorktrailError):
        details = dict(error.details or {})
        recoverable = details.pop("recoverable", isinstance(error, ProviderError))
        not_executed = details.pop("not_executed", False)
        return Fail(error.code, error.message, bool(recoverable), bool(not_executed), error.hint or None, details or None, kind)
    text = str(error)
    message = f"{kind}: {text}" if text else kind
    return Fail("HANDLER_FAILED", message, recoverable=isinstance(error, Exception), error_type=kind)


def error_info_of(error: Any) -> ErrorInfo | None:
    """Whatever says that something failed (ErrorInfo, Fail, exception, text), as the trail keeps it; None stays None."""
    if error is None or isinstance(error, ErrorInfo):
        return error
    if isinstance(error, Fail):
        return error.to_error()
    if isinstance(error, BaseException):
        return fail_of(error).to_error()
    return ErrorInfo(error_code="HANDLER_FAILED", error_message=str(error), error_type="Error")


_MAPPINGS = (dict, Mapping)  # asking a dict whether it is a Mapping takes ten times as long


def _is_text(port: object) -> bool:
    return isinstance(port, str)


async def invoke(row: Registered, ctx: StepContext, config: dict[str, Any], input_data: Any) -> HandlerAnswer:
    """Calls a handler and settles what comes of it: ``{port: value}`` or ``Fail``, never an exception but cancellation.

    A synchronous handler runs on a worker thread, with the caller's context variables. Which ports are allowed is not
    known here (the driver and the engine check them).
    """
    try:
        if row.is_async:
            answer = await row.handler(ctx, config, input_data)  # type: ignore[misc]
        else:
            answer = await asyncio.to_thread(row.handler, ctx, config, input_data)
            if inspect.isawaitable(answer):
                answer = await answer
    except Exception as error:  # noqa: BLE001  whatever user code raises is a failed attempt, as data
        return fail_of(error)
    if isinstance(answer, Fail):
        return answer
    if not isinstance(answer, _MAPPINGS) or not all(map(_is_text, answer)):
        shape = "keys that are not text" if isinstance(answer, _MAPPINGS) else type(answer).__name__
        return Fail("ANSWER_INVALID", f"the handler of {row.step_type!r} answered {shape}, not {{port: value}}", recoverable=True)
    return dict(answer)
