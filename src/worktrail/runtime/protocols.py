"""What a host registers and steps ask for: stores, clients, secrets, models.

Rule: the signatures are small on purpose, so that a thin adapter around any library fits. All are runtime-checkable
(a check by names: Python cannot compare signatures). Why two answers for secrets: a provider may be synchronous (then
``get_secret`` gives text at once) or asynchronous (then it gives an awaitable); nothing here ever blocks a running loop.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, NamedTuple, Protocol, runtime_checkable

__all__ = ["Client", "LLMProvider", "SecretRequest", "SecretsPolicy", "SecretsProvider", "Store"]


@runtime_checkable
class Store(Protocol):
    """A key-value store of the user's own data (not the journal). Values are whatever the store can hold."""

    async def get(self, key: str) -> Any:
        """The value under ``key``, or None."""

    async def set(self, key: str, value: Any) -> None:
        """Puts ``value`` under ``key``."""

    async def delete(self, key: str) -> Any:
        """Removes ``key``; removing what is not there is no error."""


@runtime_checkable
class Client(Protocol):
    """Something that answers requests: an HTTP service with its base address and credentials inside."""

    async def request(self, method: str, path: str, **kw: Any) -> Any:
        """One request. Keywords that ``http_action`` sends: headers, query, body, timeout_s."""


@runtime_checkable
class SecretsProvider(Protocol):
    """Where secrets come from. ``get_secret`` may be ``def`` (text) or ``async def`` (awaitable text); KeyError = unknown id."""

    def get_secret(self, secret_id: str) -> str | Awaitable[str]:
        """The secret's text."""


@runtime_checkable
class LLMProvider(Protocol):
    """A language model behind one method."""

    async def complete(self, prompt: str, **kw: Any) -> str:
        """The model's answer. Keywords that ``llm_agent`` sends: system, temperature, max_tokens."""


class SecretRequest(NamedTuple):
    """Who wants to read which secret. ``step_id`` is None where the host itself asks."""

    secret_id: str
    tenant_id: str
    instance_id: str
    run_id: str
    step_id: str | None


@runtime_checkable
class SecretsPolicy(Protocol):
    """Says whether a context that the host made may read a secret; False or an exception denies."""

    def may_read(self, request: SecretRequest) -> bool:
        """True allows."""
