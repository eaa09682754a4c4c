"""ErrorInfo: what went wrong, as a value inside an event.

Rule: the seeds' names bind (``error_type``, ``error_message``, ``error_code``, ``recoverable``, ``stack_trace``); ``code`` and
``message`` read the same facts. Why an array: it stands inside event arrays.
"""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["ErrorInfo"]


class ErrorInfo(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A failure as data. ``error_code`` is stable (docs/errors.md); ``not_executed`` says an effect certainly did not happen."""

    error_code: str
    error_message: str
    error_type: str = ""
    recoverable: bool = False
    not_executed: bool = False
    hint: str | None = None
    details: dict[str, Any] | None = None
    stack_trace: str | None = None

    @property
    def code(self) -> str:
        return self.error_code

    @property
    def message(self) -> str:
        return self.error_message

    def to_dict(self) -> dict[str, Any]:
        """JSON object with the seeds' keys; null where absent."""
        return {
            "error_type": self.error_type,
            "error_message": self.error_message,
            "error_code": self.error_code,
            "stack_trace": self.stack_trace,
            "recoverable": self.recoverable,
            "hint": self.hint,
            "details": self.details,
        }
