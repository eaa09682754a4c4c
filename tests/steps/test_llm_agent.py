"""`llm_agent`: which model answers, what it is asked, and that the scripted provider never passes for a model."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from worktrail.errors import AuthorError
from worktrail.runtime import (
    EventEmitter,
    HandlerTable,
    LLMProvider,
    MemoryEventStore,
    ResourceNotFoundError,
    RuntimeContextManager,
    StepContext,
)
from worktrail.runtime.handlers import invoke
from worktrail.steps import Completion, LlmAgent, ScriptedProvider, handlers


class Model:
    def __init__(self, name: str = "model") -> None:
        self.name = name
        self.calls: list[Any] = []

    async def complete(self, prompt: str, **kw: Any) -> str:
        self.calls.append((prompt, kw))
        return f"{self.name}: {prompt}"


class Narrow:
    """Takes what the seeds' provider takes, and no more."""

    async def complete(self, prompt: str, temperature: float, max_tokens: int) -> str:
        return f"{prompt}|{temperature}|{max_tokens}"


def context(*, emitter: Any = None, **llms: Any) -> StepContext:
    made = RuntimeContextManager()
    for name, llm in llms.items():
        made.register_llm(name, llm)
    return StepContext(made.create_runtime("acme", "main", "r"), "s", emitter=emitter)


def ask(config: dict[str, Any], input_data: Any = None, *, handler: LlmAgent | None = None, **llms: Any) -> Any:
    return asyncio.run((handler or LlmAgent())(context(**llms), config, {"input": "hello"} if input_data is None else input_data))


def test_llm_ref_then_model_then_the_only_one() -> None:
    a, b = Model("a"), Model("b")
    assert ask({"llm_ref": "b", "model": "a"}, a=a, b=b) == {"output": "b: hello"}
    assert ask({"model": "a"}, a=a, b=b) == {"output": "a: hello"}
    assert ask({"model": "gpt-4"}, a=a) == {"output": "a: hello"}
    assert ask({}, a=a) == {"output": "a: hello"}


def test_a_model_that_is_not_the_id_is_told_to_the_provider() -> None:
    a = Model()
    ask({"model": "gpt-4"}, a=a)
    ask({"model": "a"}, a=a)
    assert [kw.get("model") for _, kw in a.calls] == ["gpt-4", None]


def test_nobody_guesses_a_model() -> None:
    with pytest.raises(ResourceNotFoundError, match=r"no llm is registered .*register_llm\(\"default\", provider\)"):
        ask({})
    with pytest.raises(ResourceNotFoundError, match=r"'gpt-4'.*register_llm\(\"gpt-4\", provider\)"):
        ask({"model": "gpt-4"})
    with pytest.raises(ResourceNotFoundError, match=r"registered: a, b \(Name one of them in `llm_ref`"):
        ask({}, a=Model(), b=Model())
    with pytest.raises(ResourceNotFoundError, match=r"'c' is registered; registered: a"):
        ask({"llm_ref": "c"}, a=Model(), handler=LlmAgent(ScriptedProvider()))


def test_scripted_only_where_it_is_allowed_and_nothing_else_is_there() -> None:
    allowed: Any = handlers(scripted=True)["llm_agent"]
    assert ask({"model": "gpt-4"}, handler=allowed) == {"output": "[scripted] hello"}
    assert ask({}, handler=allowed, a=Model("a")) == {"output": "a: hello"}
    with pytest.raises(ResourceNotFoundError):
        ask({}, handler=handlers()["llm_agent"])  # type: ignore[arg-type]
    with pytest.raises(ResourceNotFoundError):
        ask({"model": "x"}, handler=allowed, a=Model(), b=Model())


def test_what_the_model_is_asked() -> None:
    a = Model()
    ask({"prompt": "Say hi", "system_prompt": "Be kind", "temperature": Decimal("0.2"), "max_tokens": 5}, a=a)
    assert a.calls == [("Say hi", {"temperature": 0.2, "max_tokens": 5, "system": "Be kind"})]
    assert [type(value) for value in a.calls[0][1].values()] == [float, int, str]
    assert ask({"system_prompt": "Be kind"}, a=Narrow()) == {"output": "Be kind\n\nhello|0.7|1000"}


@pytest.mark.parametrize(
    ("input_data", "prompt"),
    [
        ({"input": "text"}, "text"),
        ({"input": {"n": Decimal("1.10")}}, '{"n":1.10}'),
        ({"a": 1, "b": [2]}, '{"a":1,"b":[2]}'),
        ("plain", "plain"),
        ({"input": 3}, "3"),
    ],
)
def test_without_a_prompt_the_input_is_the_prompt(input_data: Any, prompt: str) -> None:
    a = Model()
    ask({}, input_data, a=a)
    assert a.calls[0][0] == prompt


@pytest.mark.parametrize(
    ("config", "key"),
    [
        ({"temperature": 2.1}, "temperature"), ({"temperature": True}, "temperature"), ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"), ({"prompt": 7}, "prompt"), ({"prompt_template_id": "t"}, "prompt_template_id"),
        ({"modell": "x"}, "modell"),
    ],
)  # fmt: skip
def test_a_config_that_cannot_be_used(config: dict[str, Any], key: str) -> None:
    with pytest.raises(AuthorError) as caught:
        ask(config, a=Model())
    assert (caught.value.code, caught.value.pointer) == ("LLM_CONFIG", f"/config/{key}")


def test_neither_prompt_nor_input() -> None:
    with pytest.raises(AuthorError, match="neither"):
        ask({}, {}, a=Model())


def test_a_provider_must_answer_with_text() -> None:
    class Odd:
        async def complete(self, prompt: str, **kw: Any) -> Any:
            return {"text": "x"}

    table = HandlerTable()
    table.register("llm_agent", LlmAgent())
    got = asyncio.run(invoke(table.get("llm_agent"), context(odd=Odd()), {}, {"input": "x"}))
    assert (got.code, got.recoverable) == ("LLM_ANSWER", True)  # type: ignore[union-attr]


def test_every_answer_says_who_gave_it() -> None:
    store = MemoryEventStore()
    emitter = EventEmitter(store)
    handler = LlmAgent(ScriptedProvider({"hello": "a real-looking answer"}))
    asyncio.run(handler(context(emitter=emitter), {}, {"input": "hello"}))
    asyncio.run(handler(context(emitter=emitter, a=Model()), {}, {"input": "hello"}))
    scripted, model = asyncio.run(store.query(event_types="custom"))
    assert scripted.payload == {"name": "llm.usage", "payload": {"llm": "scripted", "provider": "scripted", "model": "scripted"}}
    assert model.payload["payload"] == {"llm": "a", "provider": "Model"}


# --- the scripted provider --------------------------------------------------------------------------------------------


def told(provider: ScriptedProvider, prompt: str, **kw: Any) -> Completion:
    answer = asyncio.run(provider.complete(prompt, **kw))
    assert isinstance(answer, Completion)
    assert answer.usage["provider"] == "scripted"
    return answer


def test_it_echoes_with_a_label() -> None:
    provider = ScriptedProvider()
    assert isinstance(provider, LLMProvider)
    assert told(provider, "a\n  b", temperature=1.0) == "[scripted] a b"
    assert told(provider, "x" * 300) == f"[scripted] {'x' * 200}…"
    assert told(provider, "") == "[scripted] "


def test_a_table_answers_by_equality_then_by_what_stands_in_it() -> None:
    provider = ScriptedProvider({"cat": "1", "a cat": "2", "dog": "3"}, model="demo")
    assert [told(provider, text) for text in ("a cat", "the cat", "hot dog", "bird")] == ["2", "1", "3", "[scripted] bird"]
    assert told(provider, "cat").usage == {"provider": "scripted", "model": "demo"}


def test_a_rule_answers_and_order_does_not_matter() -> None:
    provider = ScriptedProvider(lambda prompt: prompt.upper())

    async def scene() -> list[str]:
        return list(await asyncio.gather(*(provider.complete(text) for text in ("a", "b", "a"))))

    assert asyncio.run(scene()) == ["A", "B", "A"]
    assert told(provider, "q") == "Q"
