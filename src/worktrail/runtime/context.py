"""Contexts: the only way from a step to anything live.

Rules:
- A definition holds ids; a context turns an id into the store, client, model or secret behind it.
- Data of tenants and instances is apart by construction: ``get_store`` gives a view whose keys begin with the escaped
  tenant and instance. Trusted code reaches the raw store through ``runtime.stores.get(id)``.
- Secrets: a context that the host makes reads what the runtime's policy allows. A context that the driver makes for a step
  (``secrets={…}``) reads only what the step declares, resolved before the attempt; so does ``ctx.runtime`` inside it.
- Nothing here shows a secret: no repr, no ``vars``, no pickle, no copy.
"""

from __future__ import annotations

import base64
import contextvars
import inspect
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, Self
from urllib.parse import quote

from worktrail.errors import CallerError, ProviderError
from worktrail.runtime.exceptions import ResourceNotFoundError, SecretAccessDeniedError
from worktrail.runtime.protocols import Client, LLMProvider, SecretRequest, SecretsPolicy, SecretsProvider, Store
from worktrail.runtime.registries import ClientRegistry, LLMRegistry, NamespacedStore, StoreRegistry, settled

__all__ = ["Emits", "RuntimeContext", "RuntimeContextManager", "StepContext", "current_runtime"]

SHORTEST_REDACTED = 4  # a shorter secret would black out ordinary words
_log = logging.getLogger("worktrail.step")

current_runtime: contextvars.ContextVar[RuntimeContext | None] = contextvars.ContextVar("current_runtime", default=None)
_entered: contextvars.ContextVar[tuple[RuntimeContext | None, ...]] = contextvars.ContextVar("_entered", default=())


class Emits(Protocol):
    """What a context needs of an emitter; ``EventEmitter`` has it."""

    def emit(self, event_type: str, *, step_id: str | None = None, payload: Mapping[str, Any] | None = None, **facts: Any) -> Any:
        """Writes one event to ``observed``."""


class _Declared:
    """The secrets a step declares, as a provider; everything else is denied."""

    __slots__ = ("_reader", "_values")

    def __init__(self, values: Mapping[str, str], reader: str) -> None:
        self._values = dict(values)
        self._reader = reader

    def get_secret(self, secret_id: str) -> str:
        if secret_id not in self._values:
            raise SecretAccessDeniedError(secret_id, self._reader, "the step does not declare it in its resources")
        return self._values[secret_id]

    def __repr__(self) -> str:
        return f"<{len(self._values)} declared secrets>"


class _Redactor:
    """Blacks out the secrets a context has handed out, also as JSON, URL or base64 text."""

    __slots__ = ("_forms",)

    def __init__(self) -> None:
        self._forms: set[str] = set()

    def learn(self, secret: str) -> None:
        if len(secret) >= SHORTEST_REDACTED:
            plain = secret.encode("utf-8", "surrogatepass")
            encoded = {base64.b64encode(plain).decode(), base64.urlsafe_b64encode(plain).decode()}
            escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
            escaped |= {quote(plain), quote(plain, safe="")}
            self._forms |= {secret} | escaped | {form.rstrip("=") for form in encoded}

    def text(self, value: str) -> str:
        for form in sorted(self._forms, key=len, reverse=True):
            value = value.replace(form, "[secret]")
        return value

    def clean(self, value: Any) -> Any:
        if not self._forms:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.clean(key): self.clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean(item) for item in value]
        return value


class RuntimeContext:
    """One tenant's and instance's way to resources during one run. Made by ``RuntimeContextManager.create_runtime``.

    As a (sync or async) context manager it is ``current_runtime`` inside the block, for this task alone.
    """

    __slots__ = (
        "_policy", "_secrets", "clients", "created_at", "emitter", "instance_id", "llms", "on_event", "run_id", "segment_id",
        "stores", "tenant_id", "workspace_id",
    )  # fmt: skip

    def __init__(
        self,
        tenant_id: str,
        instance_id: str,
        run_id: str | None = None,
        *,
        segment_id: str | None = None,
        workspace_id: str = "default",
        stores: StoreRegistry | None = None,
        clients: ClientRegistry | None = None,
        llms: LLMRegistry | None = None,
        secrets: SecretsProvider | None = None,
        secrets_policy: SecretsPolicy | None = None,
        emitter: Emits | None = None,
        on_event: Callable[[Any], Any] | None = None,
        created_at: datetime | None = None,
    ) -> None:
        if not tenant_id or not instance_id:
            raise CallerError("CONTEXT_INVALID", "tenant_id and instance_id must not be empty")
        self.tenant_id = tenant_id
        self.instance_id = instance_id
        self.run_id = run_id or uuid.uuid4().hex
        self.segment_id = segment_id
        self.workspace_id = workspace_id
        self.stores = StoreRegistry() if stores is None else stores
        self.clients = ClientRegistry() if clients is None else clients
        self.llms = LLMRegistry() if llms is None else llms
        self._secrets = secrets
        self._policy = secrets_policy
        self.emitter = emitter
        self.on_event = on_event
        self.created_at = created_at or datetime.now(UTC)

    def child_context(self, step_id: str) -> StepContext:
        """The context of a step made by the host: it reads the secrets that the runtime's policy allows."""
        return StepContext(self, step_id)

    def get_store(self, ref: str) -> Store:
        """The store's view for this tenant and instance."""
        return NamespacedStore(self.stores.get(ref), self.tenant_id, self.instance_id)

    def get_client(self, ref: str) -> Client:
        """The client itself."""
        return self.clients.get(ref)

    def get_llm(self, ref: str) -> LLMProvider:
        """The model itself."""
        return self.llms.get(ref)

    def get_secret(self, ref: str, *, step_id: str | None = None) -> Any:
        """The secret's text; from an asynchronous provider an awaitable of it. Raises where unknown or denied."""
        if self._secrets is None:
            raise ResourceNotFoundError("secrets provider", hint="Call register_secrets_provider(provider) first.")
        if self._policy is not None:
            request = SecretRequest(ref, self.tenant_id, self.instance_id, self.run_id, step_id)
            if not self._policy.may_read(request):
                raise SecretAccessDeniedError(ref, f"step {step_id!r}" if step_id else "the host", "the policy says no")
        try:
            answer = self._secrets.get_secret(ref)
        except KeyError:
            raise ResourceNotFoundError("secret", ref) from None
        return _awaited_secret(ref, answer) if inspect.isawaitable(answer) else _checked_secret(ref, answer)

    def resolve_store(self, ref: str) -> Store:
        """``get_store`` under its other name."""
        return self.get_store(ref)

    def resolve_client(self, ref: str) -> Client:
        """``get_client`` under its other name."""
        return self.get_client(ref)

    def resolve_llm(self, ref: str) -> LLMProvider:
        """``get_llm`` under its other name."""
        return self.get_llm(ref)

    async def resolve_secret(self, ref: str) -> str:
        """The secret's text, whatever the provider is."""
        text: str = await settled(self.get_secret(ref))
        return text

    def with_only(self, secrets: SecretsProvider) -> RuntimeContext:
        """This runtime with another provider and no policy: what a step's context shows as its runtime."""
        made = RuntimeContext.__new__(RuntimeContext)  # made for every attempt: what was checked is not checked again
        made.tenant_id = self.tenant_id
        made.instance_id = self.instance_id
        made.run_id = self.run_id
        made.segment_id = self.segment_id
        made.workspace_id = self.workspace_id
        made.stores = self.stores
        made.clients = self.clients
        made.llms = self.llms
        made._secrets = secrets  # noqa: SLF001  of our own kind
        made._policy = None  # noqa: SLF001
        made.emitter = self.emitter
        made.on_event = self.on_event
        made.created_at = self.created_at
        return made

    def __enter__(self) -> Self:
        _entered.set((*_entered.get(), current_runtime.get()))
        current_runtime.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        *rest, before = _entered.get()
        _entered.set(tuple(rest))
        current_runtime.set(before)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    def __repr__(self) -> str:
        return f"<RuntimeContext tenant={self.tenant_id!r} instance={self.instance_id!r} run={self.run_id!r}>"

    def __reduce__(self) -> Any:
        raise TypeError("a RuntimeContext holds live objects and cannot be pickled or copied: pass its ids")


def _checked_secret(ref: str, answer: Any) -> str:
    if answer is None:
        raise ResourceNotFoundError("secret", ref)
    if not isinstance(answer, str):
        raise ProviderError("SECRET_INVALID", f"the provider answered {type(answer).__name__} for secret {ref!r}, not text")
    return answer


async def _awaited_secret(ref: str, answer: Awaitable[Any]) -> str:
    try:
        return _checked_secret(ref, await answer)
    except KeyError:
        raise ResourceNotFoundError("secret", ref) from None


class StepContext:
    """What a handler gets as ``ctx``. The driver makes one an attempt, with ``secrets`` resolved; a host makes one by
    ``runtime.child_context(step_id)``.

    ``visit`` is the id stable over attempts, ``attempt`` counts from 1; ``outputs`` are the ports the step may answer with
    (empty: not known); ``state`` is a dict of this context alone, gone with it. ``idempotency_key`` and ``deadline`` may be
    given as functions: they are called when a handler first asks.
    """

    __slots__ = (
        "_cancelled", "_deadline", "_emitter", "_key", "_logger", "_redactor", "_restricted", "_runtime", "_secrets", "attempt",
        "outputs", "segment_id", "state", "step_id", "step_type", "visit",
    )  # fmt: skip

    def __init__(
        self,
        runtime: RuntimeContext,
        step_id: str,
        *,
        step_type: str | None = None,
        visit: str | None = None,
        attempt: int = 1,
        idempotency_key: str | Callable[[], str] | None = None,
        segment_id: str | None = None,
        secrets: Mapping[str, str] | None = None,
        deadline: datetime | Callable[[], datetime] | None = None,
        outputs: tuple[str, ...] = (),
        emitter: Emits | None = None,
        logger: Callable[[str, dict[str, Any]], None] | None = None,
    ) -> None:
        self._runtime = runtime
        self._restricted: RuntimeContext | None = None
        self._secrets = None if secrets is None else _Declared(secrets, f"step {step_id!r}")
        self._redactor: _Redactor | None = None  # made with the first secret
        for text in () if secrets is None else secrets.values():
            self._learn(text)
        self._emitter = emitter
        self._logger = logger
        self._cancelled = False
        self.step_id = step_id
        self.step_type = step_type
        self.visit = visit or step_id
        self.attempt = attempt
        self._key = idempotency_key
        self.segment_id = segment_id or runtime.segment_id
        self._deadline = deadline
        self.outputs = outputs
        self.state: dict[str, Any] = {}

    @property
    def runtime(self) -> RuntimeContext:
        """The runtime; in a context that the driver made it reads no more secrets than the step does."""
        if self._secrets is None:
            return self._runtime
        if self._restricted is None:
            self._restricted = self._runtime.with_only(self._secrets)
        return self._restricted

    @property
    def tenant_id(self) -> str:
        return self._runtime.tenant_id

    @property
    def workspace_id(self) -> str:
        return self._runtime.workspace_id

    @property
    def instance_id(self) -> str:
        return self._runtime.instance_id

    @property
    def run_id(self) -> str:
        return self._runtime.run_id

    @property
    def idempotency_key(self) -> str | None:
        """Equal over attempts and restarts; goes out to services. None in a context that a host made."""
        if callable(self._key):
            self._key = self._key()
        return self._key

    @property
    def deadline(self) -> datetime | None:
        """When this attempt will be stopped: an aware UTC time, or None."""
        if callable(self._deadline):
            self._deadline = self._deadline()
        return self._deadline

    @property
    def cancelled(self) -> bool:
        """Whether this attempt should stop; long synchronous handlers look now and then."""
        return self._cancelled

    def cancel(self) -> None:
        """Sets ``cancelled``; the driver's to call."""
        self._cancelled = True

    def get_store(self, ref: str) -> Store:
        """The store's view for this tenant and instance; ``ResourceNotFoundError`` for an unknown id."""
        return self._runtime.get_store(ref)

    def get_client(self, ref: str) -> Client:
        """The client; ``ResourceNotFoundError`` for an unknown id."""
        return self._runtime.get_client(ref)

    def get_llm(self, ref: str) -> LLMProvider:
        """The model; ``ResourceNotFoundError`` for an unknown id."""
        return self._runtime.get_llm(ref)

    def get_secret(self, ref: str) -> Any:
        """The secret's text, no await. Only where a host made this context over an asynchronous provider: an awaitable of it."""
        if self._secrets is not None:
            return self._secrets.get_secret(ref)
        answer = self._runtime.get_secret(ref, step_id=self.step_id)
        if isinstance(answer, str):
            self._learn(answer)
            return answer
        return self._learned(answer)

    async def _learned(self, answer: Awaitable[str]) -> str:
        text = await answer
        self._learn(text)
        return text

    def _learn(self, secret: str) -> None:
        if self._redactor is None:
            self._redactor = _Redactor()
        self._redactor.learn(secret)

    def redact(self, value: Any) -> Any:
        """``value`` (text, or JSON values) with every secret this context handed out replaced by ``[secret]``."""
        return value if self._redactor is None else self._redactor.clean(value)

    def log(self, message: str, **fields: Any) -> None:
        """One line for people, with fields; secrets are blacked out. Goes to the driver's log hook, else to ``logging``."""
        message, fields = self.redact(message), self.redact(fields)
        if self._logger is not None:
            self._logger(message, fields)
        else:
            _log.info("%s", message, extra={"worktrail": {"run_id": self.run_id, "visit": self.visit, **fields}})

    def emit(self, name: str, payload: Mapping[str, Any] | None = None) -> None:
        """A custom event for whoever watches: goes to ``observed``, never into the run's state; secrets are blacked out."""
        emitter = self._emitter or self._runtime.emitter
        if emitter is None:
            _log.debug("event %s of %s: no emitter is connected", name, self.visit)
            return
        emitter.emit(
            "custom",
            run_id=self.run_id,
            segment_id=self.segment_id,
            step_id=self.step_id,
            step_type=self.step_type,
            visit=self.visit,
            attempt=self.attempt,
            payload={"name": name, "payload": self.redact(dict(payload or {}))},
        )

    def __repr__(self) -> str:
        return f"<StepContext step={self.step_id!r} visit={self.visit!r} attempt={self.attempt} run={self.run_id!r}>"

    def __reduce__(self) -> Any:
        raise TypeError("a StepContext holds live objects and cannot be pickled or copied: pass its ids")


class RuntimeContextManager:
    """Where a host registers what its steps may use, and makes runtimes. Every ``register_…`` takes ``tenant_id=`` to
    register for one tenant alone; that wins over what is registered for all.

    With a ``context`` it is also a context manager that makes that runtime the current one.
    """

    def __init__(self, context: RuntimeContext | None = None, *, secrets_policy: SecretsPolicy | None = None) -> None:
        self.stores = StoreRegistry()
        self.clients = ClientRegistry()
        self.llms = LLMRegistry()
        self._context = context
        self._policy = secrets_policy
        self._tenants: dict[str, tuple[StoreRegistry, ClientRegistry, LLMRegistry]] = {}
        self._providers: dict[str | None, SecretsProvider] = {}

    def _layer(self, tenant_id: str | None) -> tuple[StoreRegistry, ClientRegistry, LLMRegistry]:
        if tenant_id is None:
            return self.stores, self.clients, self.llms
        if tenant_id not in self._tenants:
            self._tenants[tenant_id] = (StoreRegistry(self.stores), ClientRegistry(self.clients), LLMRegistry(self.llms))
        return self._tenants[tenant_id]

    def register_store(self, store_id: str, store: Any, *, tenant_id: str | None = None, replace: bool = False) -> None:
        """``store`` has get, set and delete by key, async or not."""
        self._layer(tenant_id)[0].register(store_id, store, replace=replace)

    def register_client(self, client_id: str, client: Any, *, tenant_id: str | None = None, replace: bool = False) -> None:
        """``client`` has ``async request(method, path, **kw)``."""
        self._layer(tenant_id)[1].register(client_id, client, replace=replace)

    def register_llm(self, llm_id: str, provider: Any, *, tenant_id: str | None = None, replace: bool = False) -> None:
        """``provider`` has ``async complete(prompt, **kw)``."""
        self._layer(tenant_id)[2].register(llm_id, provider, replace=replace)

    def register_secrets_provider(self, provider: SecretsProvider, *, tenant_id: str | None = None) -> None:
        """The provider of all secrets (of one tenant); a later one replaces an earlier one."""
        self._providers[tenant_id] = provider

    def create_runtime(
        self,
        tenant_id: str,
        instance_id: str,
        run_id: str | None = None,
        *,
        segment_id: str | None = None,
        workspace_id: str = "default",
        emitter: Emits | None = None,
        on_event: Callable[[Any], Any] | None = None,
    ) -> RuntimeContext:
        """A runtime; without ``run_id`` one is made up. What it registers itself is seen by it alone."""
        stores, clients, llms = self._layer(tenant_id if tenant_id in self._tenants else None)
        return RuntimeContext(
            tenant_id,
            instance_id,
            run_id,
            segment_id=segment_id,
            workspace_id=workspace_id,
            stores=StoreRegistry(stores),
            clients=ClientRegistry(clients),
            llms=LLMRegistry(llms),
            secrets=self._providers.get(tenant_id, self._providers.get(None)),
            secrets_policy=self._policy,
            emitter=emitter,
            on_event=on_event,
        )

    def _inside(self) -> RuntimeContext:
        if self._context is None:
            raise CallerError("CONTEXT_INVALID", "this manager has no context to enter", hint="Enter what create_runtime gives.")
        return self._context

    def __enter__(self) -> RuntimeContext:
        return self._inside().__enter__()

    def __exit__(self, *_: object) -> None:
        self._inside().__exit__()

    async def __aenter__(self) -> RuntimeContext:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    def __repr__(self) -> str:
        return f"<RuntimeContextManager stores={self.stores.list()} clients={self.clients.list()} llms={self.llms.list()}>"

    def __reduce__(self) -> Any:
        raise TypeError("a RuntimeContextManager holds live objects and cannot be pickled or copied")
