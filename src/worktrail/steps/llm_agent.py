"""``llm_agent``: one question to a registered model.

Rule: which model answers is never guessed. ``llm_ref``, else ``model`` where an LLM is registered under that id, else the only
one registered, else the scripted provider where the project allowed it, else an error that says what to register.
The prompt is the configured text (its ``{{ }}`` parts are values by now), else the step's input. Answer: ``{"output": text}``;
what the provider tells about itself and its usage goes out as the event ``llm.usage``.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from worktrail.errors import AuthorError, ProviderError
from worktrail.runtime import HandlerAnswer, LLMProvider, ResourceNotFoundError, StepContext
from worktrail.steps.scripted import ScriptedProvider

__all__ = ["LlmAgent"]

KEYS = frozenset("model llm_ref system_prompt prompt prompt_template_id temperature max_tokens".split())
DEFAULT_TEMPERATURE = 0.7
DEFAULT_MAX_TOKENS = 1000

_json_out = msgspec.json.Encoder(decimal_format="number")


class LlmAgent:
    """The handler. ``scripted``: the provider to fall back to where no LLM is registered; None = never."""

    def __init__(self, scripted: ScriptedProvider | None = None) -> None:
        self._scripted = scripted

    async def __call__(self, ctx: StepContext, config: dict[str, Any], input_data: Any) -> HandlerAnswer:
        """``config``: model or llm_ref, system_prompt, prompt, temperature, max_tokens. ``input_data``: ``{port: value}``."""
        _check(config)
        name, provider = self._provider(ctx, config)
        prompt = _prompt(config, input_data)
        wanted: dict[str, Any] = {
            "temperature": float(config.get("temperature", DEFAULT_TEMPERATURE)),
            "max_tokens": int(config.get("max_tokens", DEFAULT_MAX_TOKENS)),
        }
        if config.get("model") and config["model"] != name:
            wanted["model"] = config["model"]
        system = config.get("system_prompt")
        if system and _takes(provider, "system"):
            wanted["system"] = system
        elif system:
            prompt = f"{system}\n\n{prompt}"
        answer = await provider.complete(prompt, **{key: value for key, value in wanted.items() if _takes(provider, key)})
        if not isinstance(answer, str):
            raise ProviderError("LLM_ANSWER", f"LLM {name!r} answered {type(answer).__name__}, not text")
        told = getattr(answer, "usage", None)
        ctx.emit("llm.usage", {"llm": name, **(told if isinstance(told, Mapping) else {"provider": _provider_name(provider)})})
        return {"output": str(answer)}

    def _provider(self, ctx: StepContext, config: Mapping[str, Any]) -> tuple[str, LLMProvider]:
        ref, model = config.get("llm_ref"), config.get("model")
        llms = ctx.runtime.llms
        if ref is not None:
            return ref, ctx.get_llm(ref)
        if model is not None and llms.has(model):
            return model, ctx.get_llm(model)
        known = llms.list()
        if len(known) == 1:
            return known[0], ctx.get_llm(known[0])
        if not known and self._scripted is not None:
            return "scripted", self._scripted
        if known:
            hint = "Name one of them in `llm_ref`."
        else:
            hint = f'Register one: register_llm("{model or "default"}", provider), or allow the scripted provider in the project.'
        raise ResourceNotFoundError("llm", model or "", known=known, hint=hint)


def _wrong(key: str, message: str) -> AuthorError:
    return AuthorError("LLM_CONFIG", message, pointer=f"/config/{key}", details={"not_executed": True})


def _check(config: Mapping[str, Any]) -> None:
    unknown = sorted(set(config) - KEYS)
    if unknown:
        raise _wrong(unknown[0], f"llm_agent knows no key {unknown[0]!r}")
    for key in ("llm_ref", "model", "system_prompt", "prompt"):
        if config.get(key) is not None and not isinstance(config[key], str):
            raise _wrong(key, f"`{key}` must be text")
    if config.get("prompt_template_id") is not None:
        raise _wrong("prompt_template_id", "there are no prompt templates here: write the text in `prompt`")
    temperature, most = config.get("temperature", DEFAULT_TEMPERATURE), config.get("max_tokens", DEFAULT_MAX_TOKENS)
    if isinstance(temperature, bool) or not isinstance(temperature, int | float | Decimal) or not 0 <= temperature <= 2:
        raise _wrong("temperature", "`temperature` must be a number from 0 to 2")
    if isinstance(most, bool) or not isinstance(most, int | float | Decimal) or most != int(most) or most < 1:
        raise _wrong("max_tokens", "`max_tokens` must be a whole number from 1")


def _prompt(config: Mapping[str, Any], input_data: Any) -> str:
    """The configured prompt, else the input: text as it is, anything else as JSON."""
    if config.get("prompt") is not None:
        return str(config["prompt"])
    value = input_data
    if isinstance(input_data, Mapping) and (set(input_data) == {"input"} or not input_data):
        value = input_data.get("input")
    if value is None:
        raise _wrong("prompt", "llm_agent has neither a `prompt` nor an input")
    return value if isinstance(value, str) else _json_out.encode(value).decode()


def _takes(provider: Any, keyword: str) -> bool:
    """Whether ``complete`` of a user's provider accepts a keyword; one that cannot be looked at takes all."""
    try:
        parameters = inspect.signature(provider.complete).parameters
    except (TypeError, ValueError):
        return True
    return keyword in parameters or any(row.kind is inspect.Parameter.VAR_KEYWORD for row in parameters.values())


def _provider_name(provider: Any) -> str:
    named = getattr(provider, "provider", None)
    return named if isinstance(named, str) else type(provider).__name__
