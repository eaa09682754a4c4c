"""Contexts: the seeds' examples, namespaces, secrets, the current runtime."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worktrail.errors import CallerError, ProviderError
from worktrail.runtime.context import RuntimeContext, RuntimeContextManager, StepContext, current_runtime
from worktrail.runtime.exceptions import ResourceExistsError, ResourceNotFoundError, SecretAccessDeniedError
from worktrail.runtime.protocols import Client, LLMProvider, SecretRequest, SecretsProvider, Store
from worktrail.runtime.registries import NamespacedStore

SECRET = "tops3cret/value+1"


class DictStore:
    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}

    async def get(self, key: str) -> Any:
        return self.rows.get(key)

    async def set(self, key: str, value: Any) -> None:
        self.rows[key] = value

    async def delete(self, key: str) -> None:
        self.rows.pop(key, None)


class SyncStore:
    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self.rows.get(key)

    def set(self, key: str, value: Any) -> None:
        self.rows[key] = value

    def delete(self, key: str) -> None:
        self.rows.pop(key, None)


class EchoClient:
    async def request(self, method: str, path: str, **kw: Any) -> Any:
        return method, path, kw


class EchoLLM:
    async def complete(self, prompt: str, **kw: Any) -> str:
        return prompt


class Secrets:
    def __init__(self, **rows: Any) -> None:
        self.rows = rows

    def get_secret(self, secret_id: str) -> Any:
        return self.rows[secret_id]


class AsyncSecrets(Secrets):
    async def get_secret(self, secret_id: str) -> Any:
        return self.rows[secret_id]


def manager(**kw: Any) -> RuntimeContextManager:
    made = RuntimeContextManager(**kw)
    made.register_store("redis", DictStore())
    made.register_client("http", EchoClient())
    made.register_secrets_provider(Secrets(api_key=SECRET))
    made.register_llm("openai", EchoLLM())
    return made


def runtime(**kw: Any) -> RuntimeContext:
    return manager(**kw).create_runtime("acme", "main", "run-1")


def test_u1_runtime_by_keywords() -> None:
    runtime = manager().create_runtime(tenant_id="acme", instance_id="main", run_id="run-123")
    ctx = runtime.child_context("process_data")
    assert isinstance(ctx, StepContext)
    assert isinstance(ctx.get_store("redis"), NamespacedStore)
    assert ctx.get_secret("api_key") == SECRET
    assert type(ctx.get_secret("api_key")) is str
    assert isinstance(ctx.get_llm("openai"), EchoLLM)
    assert (ctx.tenant_id, ctx.instance_id, ctx.run_id, ctx.step_id) == ("acme", "main", "run-123", "process_data")


def test_u11_runtime_positionally_without_run_id() -> None:
    made = manager()
    first, second = made.create_runtime("acme", "main"), made.create_runtime("acme", "main")
    assert first.run_id
    assert first.run_id != second.run_id
    ctx = first.child_context("step_1")
    assert isinstance(ctx.get_store("redis"), Store)
    assert ctx.get_secret("api_key") == SECRET


def test_the_protocols_recognise_their_implementations() -> None:
    assert isinstance(DictStore(), Store)
    assert isinstance(EchoClient(), Client)
    assert isinstance(EchoLLM(), LLMProvider)
    assert isinstance(Secrets(), SecretsProvider)
    assert isinstance(AsyncSecrets(), SecretsProvider)
    assert not isinstance(EchoLLM(), Client)


@pytest.mark.parametrize("kind", ["store", "client", "llm"])
def test_an_unknown_id_is_an_error_that_names_the_known_ones(kind: str) -> None:
    known = {"store": "redis", "client": "http", "llm": "openai"}[kind]
    for ctx in (runtime(), runtime().child_context("s")):
        with pytest.raises(ResourceNotFoundError, match=known) as caught:
            getattr(ctx, f"get_{kind}")("nowhere")
        assert caught.value.code == "RESOURCE_NOT_FOUND"
        assert caught.value.blame == "caller"
        assert "'nowhere'" in caught.value.message


def test_empty_tenant_or_instance_is_refused() -> None:
    for ids in (("", "main"), ("acme", "")):
        with pytest.raises(CallerError, match="must not be empty"):
            manager().create_runtime(*ids)


def test_the_names_of_the_other_dialect() -> None:
    ctx = runtime()
    assert isinstance(ctx.resolve_store("redis"), NamespacedStore)
    assert isinstance(ctx.resolve_client("http"), EchoClient)
    assert isinstance(ctx.resolve_llm("openai"), EchoLLM)
    assert asyncio.run(ctx.resolve_secret("api_key")) == SECRET


# --- namespaces -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [DictStore(), SyncStore()])
def test_a_store_is_a_view_of_its_tenant_and_instance(raw: Any) -> None:
    made = RuntimeContextManager()
    made.register_store("kv", raw)

    async def scene() -> None:
        one = made.create_runtime("acme", "main").child_context("s").get_store("kv")
        other = made.create_runtime("acme", "other").child_context("s").get_store("kv")
        await one.set("k", 1)
        await other.set("k", 2)
        assert (await one.get("k"), await other.get("k")) == (1, 2)
        await other.delete("k")
        assert (await one.get("k"), await other.get("k")) == (1, None)

    asyncio.run(scene())
    assert raw.rows == {"worktrail/acme/main/k": 1}


def test_trusted_code_reaches_the_raw_store() -> None:
    raw = DictStore()
    made = RuntimeContextManager()
    made.register_store("kv", raw)
    assert made.create_runtime("acme", "main").stores.get("kv") is raw


words = st.text(alphabet="ab/%:F2.\x00é", min_size=1, max_size=6)
places = st.tuples(words, words, st.text(alphabet="ab/%F2", max_size=6))


def _key(place: tuple[str, str, str]) -> str:
    tenant, instance, key = place
    raw = SyncStore()
    asyncio.run(NamespacedStore(raw, tenant, instance).set(key, 0))
    (stored,) = raw.rows
    return stored


@given(places, places)
def test_no_two_places_share_a_key(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (_key(one) == _key(other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a/b", "c", "k"), ("a", "b/c", "k")),
        (("a", "b", "c/k"), ("a", "b/c", "k")),
        (("a%2Fb", "c", "k"), ("a/b", "c", "k")),
        (("a", "%", "k"), ("a", "%25", "k")),
    ],
)
def test_separators_in_names_do_not_collide(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert _key(one) != _key(other)


def test_a_tenant_may_have_its_own() -> None:
    made = manager()
    own = EchoLLM()
    made.register_llm("openai", own, tenant_id="acme")
    made.register_secrets_provider(Secrets(api_key="acme-key"), tenant_id="acme")
    acme, other = made.create_runtime("acme", "main"), made.create_runtime("other", "main")
    assert acme.get_llm("openai") is own
    assert other.get_llm("openai") is not own
    assert (acme.get_secret("api_key"), other.get_secret("api_key")) == ("acme-key", SECRET)
    assert acme.stores.has("redis")


def test_what_a_runtime_registers_is_seen_by_it_alone() -> None:
    made = manager()
    one, two = made.create_runtime("acme", "main"), made.create_runtime("acme", "main")
    one.llms.register("mine", EchoLLM())
    assert one.llms.list() == ["openai", "mine"]
    assert two.llms.list() == made.llms.list() == ["openai"]


def test_registering_twice_must_be_meant() -> None:
    made = manager()
    with pytest.raises(ResourceExistsError, match="'openai'"):
        made.register_llm("openai", EchoLLM())
    new = EchoLLM()
    made.register_llm("openai", new, replace=True)
    assert made.create_runtime("acme", "main").get_llm("openai") is new


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_without_a_provider_there_is_no_secret() -> None:
    ctx = RuntimeContextManager().create_runtime("acme", "main").child_context("s")
    with pytest.raises(ResourceNotFoundError, match="secrets provider"):
        ctx.get_secret("api_key")


def test_an_unknown_secret_is_not_found() -> None:
    with pytest.raises(ResourceNotFoundError, match="'nowhere'"):
        runtime().get_secret("nowhere")


def test_an_asynchronous_provider_gives_an_awaitable() -> None:
    made = RuntimeContextManager()
    made.register_secrets_provider(AsyncSecrets(api_key=SECRET, none=None))
    ctx = made.create_runtime("acme", "main").child_context("s")

    async def scene() -> None:
        waiting = ctx.get_secret("api_key")
        assert not isinstance(waiting, str)
        assert await waiting == SECRET
        assert await ctx.runtime.resolve_secret("api_key") == SECRET
        for unknown in ("nowhere", "none"):
            with pytest.raises(ResourceNotFoundError):
                await ctx.get_secret(unknown)

    asyncio.run(scene())


def test_a_provider_must_answer_with_text() -> None:
    made = RuntimeContextManager()
    made.register_secrets_provider(Secrets(api_key=b"bytes"))
    with pytest.raises(ProviderError, match="bytes") as caught:
        made.create_runtime("acme", "main").get_secret("api_key")
    assert caught.value.code == "SECRET_INVALID"


def test_a_policy_may_deny_and_sees_who_asks() -> None:
    class OnlyBilling:
        def __init__(self) -> None:
            self.asked: list[SecretRequest] = []

        def may_read(self, request: SecretRequest) -> bool:
            self.asked.append(request)
            return request.step_id == "billing"

    policy = OnlyBilling()
    made = runtime(secrets_policy=policy)
    assert made.child_context("billing").get_secret("api_key") == SECRET
    for denied in (made, made.child_context("mailer")):
        with pytest.raises(SecretAccessDeniedError) as caught:
            denied.get_secret("api_key")
        assert caught.value.code == "SECRET_ACCESS_DENIED"
        assert SECRET not in str(caught.value)
    assert policy.asked[0] == SecretRequest("api_key", "acme", "main", "run-1", "billing")


def test_a_step_reads_only_what_it_declares() -> None:
    ctx = StepContext(runtime(), "s", secrets={"mine": "resolved"})
    assert ctx.get_secret("mine") == "resolved"
    for way in (
        ctx.get_secret,
        ctx.runtime.get_secret,
        ctx.runtime.child_context("other").get_secret,
        ctx.runtime.child_context("other").runtime.get_secret,
    ):
        with pytest.raises(SecretAccessDeniedError, match="does not declare"):
            way("api_key")
    assert ctx.runtime.get_secret("mine") == "resolved"
    with pytest.raises(SecretAccessDeniedError):
        StepContext(runtime(), "s", secrets={}).get_secret("api_key")


def test_nothing_shows_a_secret() -> None:
    host = runtime()
    ctx = host.child_context("s")
    ctx.get_secret("api_key")
    made = StepContext(host, "s", secrets={"api_key": SECRET})
    for thing in (host, ctx, made, made.runtime, manager(), host.stores, made.get_store("redis"), made._secrets):
        assert SECRET not in repr(thing)
        assert SECRET not in str(thing)
        assert not hasattr(thing, "__dict__") or SECRET not in str(vars(thing))
        assert not dataclasses.is_dataclass(thing)
    for thing in (host, ctx, made, manager(), host.stores, made.get_store("redis")):
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(thing)
        with pytest.raises(TypeError):
            copy.deepcopy(thing)


def test_redaction_knows_the_forms_of_a_secret() -> None:
    ctx = StepContext(runtime(), "s", secrets={"k": 'pass"word/1', "short": "abc"})
    text = 'a pass"word/1 b pass\\"word/1 c pass%22word%2F1 d cGFzcyJ3b3JkLzE= e abc'
    assert ctx.redact(text) == "a [secret] b [secret] c [secret] d [secret]= e abc"
    assert ctx.redact({'pass"word/1': [1, ('x pass"word/1',)]}) == {"[secret]": [1, ["x [secret]"]]}


def test_a_host_context_learns_what_it_handed_out() -> None:
    ctx = runtime().child_context("s")
    assert ctx.redact(SECRET) == SECRET
    ctx.get_secret("api_key")
    assert ctx.redact(f"<{SECRET}>") == "<[secret]>"


def test_log_and_emit_black_out_secrets() -> None:
    lines: list[Any] = []

    class Emitter:
        def emit(self, event_type: str, **facts: Any) -> None:
            lines.append((event_type, facts))

    ctx = StepContext(
        runtime(), "s", visit="m#1/s", attempt=2, step_type="tool", secrets={"k": SECRET}, emitter=Emitter(),
        logger=lambda message, fields: lines.append((message, fields)),
    )  # fmt: skip
    ctx.log(f"using {SECRET}", key=SECRET)
    ctx.emit("used", {"key": SECRET})
    (message, fields), (kind, facts) = lines
    assert (message, fields) == ("using [secret]", {"key": "[secret]"})
    assert (kind, facts["visit"], facts["attempt"], facts["step_type"]) == ("custom", "m#1/s", 2, "tool")
    assert facts["payload"] == {"name": "used", "payload": {"key": "[secret]"}}


def test_log_without_a_hook_goes_to_logging(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="worktrail.step"):
        runtime().child_context("s").log("hello", rows=3)
    (record,) = caplog.records
    assert record.getMessage() == "hello"
    assert record.worktrail == {"run_id": "run-1", "visit": "s", "rows": 3}  # type: ignore[attr-defined]


# --- step context and current runtime ---------------------------------------------------------------------------------


def test_what_a_step_context_carries() -> None:
    made = StepContext(runtime(), "s", visit="loop#2/s", attempt=3, idempotency_key="key", segment_id="seg")
    assert (made.visit, made.attempt, made.idempotency_key, made.segment_id) == ("loop#2/s", 3, "key", "seg")
    assert (made.deadline, made.cancelled, made.state) == (None, False, {})
    made.cancel()
    assert made.cancelled
    plain = runtime().child_context("s")
    assert (plain.visit, plain.attempt, plain.idempotency_key) == ("s", 1, None)
    plain.state["a"] = 1
    assert runtime().child_context("s").state == {}
    with pytest.raises(AttributeError):
        plain.tenant_id = "other"  # type: ignore[misc]


def test_the_current_runtime_is_of_one_task() -> None:
    one, two = runtime(), runtime()

    async def scene() -> None:
        entered, left = asyncio.Event(), asyncio.Event()

        async def first() -> None:
            async with one:
                entered.set()
                await left.wait()
                assert current_runtime.get() is one
            assert current_runtime.get() is None

        async def second() -> None:
            await entered.wait()
            assert current_runtime.get() is None
            with two:
                with one:
                    with two:
                        assert current_runtime.get() is two
                    assert current_runtime.get() is one
                assert current_runtime.get() is two
            async with one:  # the very object the other task is in
                assert current_runtime.get() is one
            assert current_runtime.get() is None
            left.set()

        await asyncio.gather(first(), second())

    asyncio.run(scene())
    assert current_runtime.get() is None


def test_a_manager_with_a_context_enters_it() -> None:
    one = runtime()
    with RuntimeContextManager(one) as inside:
        assert inside is one is current_runtime.get()
    assert current_runtime.get() is None
    with pytest.raises(CallerError, match="no context"), RuntimeContextManager():
        pass
