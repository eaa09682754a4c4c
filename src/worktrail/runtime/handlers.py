"""The handler table: step type → the function that does the work.

Rule: new kinds of work arrive here, never as a branch in a driver. A handler is ``(ctx, config, input_data)``, sync or
async, and answers ``{port: value}``, or ``Fail``, or raises. A runner looks in its own table first, then in the shared one.
``fail_of`` is the one place where an exception becomes a failure: what a retry may hope for follows from whose turn it is.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import thread
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from worktrail.contract import is_id
from worktrail.engine import decode_exactly, json_bytes
from worktrail.errors import CallerError, ProviderError, WorktrailError
from worktrail.events import ErrorInfo
from worktrail.runtime.context import StepContext
from worktrail.runtime.exceptions import HandlerNotFoundError, ResourceExistsError

__all__ = [
    "Fail",
    "Handler",
    "HandlerAnswer",
    "HandlerTable",
    "Registered",
    "called",
    "error_info_of",
    "fail_of",
    "invoke",
    "shortened",
]

# What of a failure stands in a trail: enough to see what went wrong, small whatever a handler raises.
CODE_MAX = 64
MESSAGE_MAX = 4_000
HINT_MAX = 500
DETAILS_MAX_BYTES = 8 * 1024
OURS = tuple(f"{Path(found).parent}{os.sep}" for found in (Path(__file__).parent, asyncio.__file__, thread.__file__))


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
            error_code=_code(self.code),
            error_message=_text(self.message) or "the step failed and did not say why",
            error_type=_text(self.error_type),
            recoverable=bool(self.recoverable),
            not_executed=bool(self.not_executed),
            hint=_text(self.hint) if self.hint else None,
            details=_details(self.details) if self.details else None,
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
        row = self._rows.get(step_type) or self.find(step_type)
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
    text = _text(error)
    message = f"{kind}: {text}" if text else kind
    place = _place(error)
    at = None if place is None else {"at": place}
    return Fail("HANDLER_FAILED", message, recoverable=isinstance(error, Exception), details=at, error_type=kind)


def _place(error: BaseException) -> str | None:
    """Where in the handler it came up, ``shop_steps.py:14 in price``: the first line on the way that is neither
    ours nor of the machinery that calls it."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if not code.co_filename.startswith(OURS):
            return f"{Path(code.co_filename).name}:{trace.tb_lineno} in {code.co_name}"
        trace = trace.tb_next
    return None


def _code(value: Any) -> str:
    """A code that programs can branch on."""
    good = isinstance(value, str) and 0 < len(value) <= CODE_MAX and value.isprintable()
    return _text(value) if good else "HANDLER_FAILED"


def _text(value: Any) -> str:
    """What user code gave as a text, as one that can be stored: whatever it is, this never raises."""
    try:
        return str.__str__(value if isinstance(value, str) else str(value)).encode("utf-8", "replace").decode()
    except Exception:  # noqa: BLE001  an object may refuse to say what it is
        return f"({type(value).__name__} without a text)"


def _details(value: Any) -> dict[str, Any]:
    """Details as a small JSON object; what is none, or is large, leaves only a word about itself."""
    try:
        raw = json_bytes(value if isinstance(value, dict) else {"details": value})
    except CallerError as error:
        return {"left_out": error.message}
    if len(raw) > DETAILS_MAX_BYTES:
        return {"left_out": f"{len(raw):,} bytes of details; {DETAILS_MAX_BYTES:,} are kept"}
    found: dict[str, Any] = decode_exactly(raw)
    return found


def shortened(error: ErrorInfo) -> ErrorInfo:
    """The failure with texts of a size for a trail. Asked after secrets were taken out, so that none is cut in two."""
    return msgspec.structs.replace(
        error,
        error_message=_short(error.error_message, MESSAGE_MAX),
        error_type=_short(error.error_type, HINT_MAX),
        hint=None if error.hint is None else _short(error.hint, HINT_MAX),
    )


def _short(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[: limit - 100]} … ({len(text):,} characters) … {text[-60:]}"


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
            answer = await asyncio.to_thread(called, row.handler, ctx, config, input_data)
            if inspect.isawaitable(answer):
                answer = await answer
        return answer if isinstance(answer, Fail) else _ports(row, answer, ctx.outputs)
    except (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001  whatever user code raises (sys.exit too) is a failed attempt, as data
        return fail_of(error)


def called(handler: Handler, ctx: StepContext, config: dict[str, Any], input_data: Any) -> Any:
    """On the worker thread. Not every exception finds its way from there to the loop: a StopIteration would be lost."""
    try:
        return handler(ctx, config, input_data)
    except BaseException as error:  # noqa: BLE001  as in `invoke`
        return fail_of(error)


def _ports(row: Registered, answer: Any, declared: tuple[str, ...]) -> HandlerAnswer:
    """``{port: value}`` with plain texts for ports, or what is wrong with the answer."""
    if type(answer) is dict:
        for port in answer:
            if type(port) is not str or port not in declared:
                break
        else:
            return answer.copy()
    if not isinstance(answer, Mapping) or not all(isinstance(port, str) for port in answer):
        shape = "keys that are not text" if isinstance(answer, Mapping) else type(answer).__name__
        return Fail("ANSWER_INVALID", f"the handler of {row.step_type!r} answered {shape}, not {{port: value}}", recoverable=True)
    made = {str.__str__(port): value for port, value in answer.items()}
    for port in made:
        if not is_id(port):
            shown = ascii(port[:40]) + ("…" if len(port) > 40 else "")
            message = f"the handler of {row.step_type!r} answered a port {shown}, which is no id"
            return Fail("ANSWER_INVALID", message, recoverable=True)
    return made
