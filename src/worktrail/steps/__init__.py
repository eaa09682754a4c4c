"""Handlers of the plain step types. Never: deciding flow; knowing another room of its floor."""

from __future__ import annotations

from worktrail.net import OutboundClient
from worktrail.runtime import Handler
from worktrail.steps.http_action import HttpAction
from worktrail.steps.llm_agent import LlmAgent
from worktrail.steps.scripted import Completion, ScriptedProvider

__all__ = ["Completion", "HttpAction", "LlmAgent", "ScriptedProvider", "handlers"]


def handlers(*, client: OutboundClient | None = None, scripted: ScriptedProvider | bool = False) -> dict[str, Handler]:
    """Step type → handler. ``client`` carries the project's policy for outbound requests; ``scripted`` is the provider that
    answers where no LLM is registered (True: the echoing one, False: none)."""
    provider = ScriptedProvider() if scripted is True else scripted or None
    return {"http_action": HttpAction(client), "llm_agent": LlmAgent(provider)}
