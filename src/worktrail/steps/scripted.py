"""The scripted provider: a model that is none. Deterministic, offline, and it says so in every output.

Rule: the reply depends on the prompt alone, never on order or time, so that runs repeat. Nobody can take it for a model:
every completion's usage names ``provider: "scripted"``, and what it makes up itself begins with ``[scripted]``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

__all__ = ["Completion", "ScriptedProvider"]

LABEL = "[scripted]"
ECHOED = 200  # characters of the prompt that the echo repeats


class Completion(str):
    """A model's answer: text that knows its ``usage`` (provider, model, and what else the provider tells)."""

    usage: dict[str, Any]
    __slots__ = ("usage",)

    def __new__(cls, text: str, usage: Mapping[str, Any]) -> Self:
        made = super().__new__(cls, text)
        made.usage = dict(usage)
        return made


class ScriptedProvider:
    """``ScriptedProvider()`` echoes; ``ScriptedProvider({"question": "answer"})`` answers the first entry that equals the
    prompt, else the first whose key stands in it, else echoes; ``ScriptedProvider(rule)`` answers ``rule(prompt)``."""

    provider = "scripted"

    def __init__(self, replies: Mapping[str, str] | Callable[[str], str] | None = None, *, model: str = "scripted") -> None:
        self._rule = replies if callable(replies) else None
        self._table = dict(replies) if isinstance(replies, Mapping) else {}
        self._model = model

    async def complete(self, prompt: str, **_: Any) -> str:
        """The reply, a ``Completion``."""
        return Completion(self._reply(prompt), {"provider": self.provider, "model": self._model})

    def _reply(self, prompt: str) -> str:
        if self._rule is not None:
            return self._rule(prompt)
        if prompt in self._table:
            return self._table[prompt]
        for key, reply in self._table.items():
            if key in prompt:
                return reply
        line = " ".join(prompt.split())
        return f"{LABEL} {line[:ECHOED]}{'…' if len(line) > ECHOED else ''}"

    def __repr__(self) -> str:
        return f"<ScriptedProvider {self._model}>"
