"""The errors of the runtime: what is not registered, what may not be read, what a reader missed.

All are children of the one error tree and carry codes of its table; none ever holds a secret's value.
"""

from __future__ import annotations

from collections.abc import Iterable

from worktrail.errors import CallerError

__all__ = [
    "EventGapError",
    "HandlerNotFoundError",
    "HookVetoError",
    "ResourceExistsError",
    "ResourceNotFoundError",
    "SecretAccessDeniedError",
]


class ResourceNotFoundError(CallerError):
    """A store, client, llm, secret or secrets provider is not registered under this id."""

    def __init__(self, kind: str, resource_id: str = "", *, known: Iterable[str] = (), hint: str = "") -> None:
        names = sorted(known)
        tail = f"; registered: {', '.join(names)}" if names else ""
        name = f" {resource_id!r}" if resource_id else ""
        super().__init__("RESOURCE_NOT_FOUND", f"no {kind}{name} is registered{tail}", hint=hint)
        self.kind = kind
        self.resource_id = resource_id


class ResourceExistsError(CallerError):
    """The id is taken; ``replace=True`` says that replacing is meant."""

    def __init__(self, kind: str, resource_id: str) -> None:
        super().__init__("RESOURCE_EXISTS", f"{kind} {resource_id!r} is registered already")
        self.kind = kind
        self.resource_id = resource_id


class SecretAccessDeniedError(CallerError):
    """The secret may not be read here. Deliberately the same whether the secret exists or not."""

    def __init__(self, secret_id: str, reader: str, reason: str) -> None:
        super().__init__("SECRET_ACCESS_DENIED", f"{reader} may not read secret {secret_id!r}: {reason}")
        self.secret_id = secret_id


class HandlerNotFoundError(CallerError):
    """No handler is registered for a step type."""

    def __init__(self, step_type: str, known: Iterable[str] = ()) -> None:
        names = sorted(known)
        tail = f"; there are: {', '.join(names)}" if names else "; none is registered"
        super().__init__("HANDLER_MISSING", f"no handler for step type {step_type!r}{tail}")
        self.step_type = step_type


class HookVetoError(CallerError):
    """A hook says no: raised by a hook itself, or made from whatever a guard hook raised."""

    def __init__(self, reason: str, *, hook: str = "") -> None:
        by = f"hook {hook!r} refused: " if hook else ""
        super().__init__("HOOK_VETO", f"{by}{reason}", details={"hook": hook, "not_executed": True})
        self.reason = reason
        self.hook = hook


class EventGapError(CallerError):
    """``missed`` events left the bounded store before this reader came for them. Iterating on continues after the gap."""

    def __init__(self, missed: int) -> None:
        super().__init__("STREAM_GAP", f"{missed} events left the store before they were read", details={"missed": missed})
        self.missed = missed
