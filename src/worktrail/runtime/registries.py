"""Registries: id → live object, in layers; and the view of a store that a step gets.

Rule: an id is looked up in this layer, then in the one below it (a runtime's own, its tenant's, the manager's). A layer
never changes the one below, so what a step or a runtime registers is seen by that runtime alone. Registering an id twice
in one layer is an error unless ``replace=True`` says that it is meant. A step never gets a raw store but a view whose keys
begin with its escaped tenant and instance: namespaces are apart by construction, not by discipline.
"""

from __future__ import annotations

import inspect
from typing import Any, Generic, TypeVar

from worktrail.runtime.exceptions import ResourceExistsError, ResourceNotFoundError
from worktrail.runtime.protocols import Client, LLMProvider, Store

__all__ = ["ClientRegistry", "LLMRegistry", "NamespacedStore", "Registry", "StoreRegistry", "settled"]

T = TypeVar("T")


class Registry(Generic[T]):
    """One layer. ``kind`` names what it holds in messages."""

    kind = "resource"
    __slots__ = ("_below", "_own")

    def __init__(self, below: Registry[T] | None = None) -> None:
        self._below = below
        self._own: dict[str, T] = {}

    def register(self, resource_id: str, resource: T, *, replace: bool = False) -> None:
        """Puts ``resource`` under ``resource_id``; ``ResourceExistsError`` where this layer has that id."""
        if resource_id in self._own and not replace:
            raise ResourceExistsError(self.kind, resource_id)
        self._own[resource_id] = resource

    def get(self, resource_id: str) -> T:
        """The object itself; ``ResourceNotFoundError`` names the ids that exist."""
        if resource_id in self._own:
            return self._own[resource_id]
        if self._below is not None and self._below.has(resource_id):
            return self._below.get(resource_id)
        raise ResourceNotFoundError(self.kind, resource_id, known=self.list())

    def has(self, resource_id: str) -> bool:
        """Whether ``get`` would find it."""
        return resource_id in self._own or (self._below is not None and self._below.has(resource_id))

    def list(self) -> list[str]:
        """All ids, in order of registration, the lowest layer first."""
        below = self._below.list() if self._below is not None else []
        return [*below, *(name for name in self._own if name not in below)]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.list()}>"

    def __reduce__(self) -> Any:
        raise TypeError(f"a {type(self).__name__} holds live objects and cannot be pickled or copied")


class StoreRegistry(Registry[Store]):
    """Raw stores. Steps get a namespaced view of one instead (``StepContext.get_store``)."""

    kind = "store"
    __slots__ = ()


class ClientRegistry(Registry[Client]):
    """Clients."""

    kind = "client"
    __slots__ = ()


class LLMRegistry(Registry[LLMProvider]):
    """Language models."""

    kind = "llm"
    __slots__ = ()


async def settled(answer: Any) -> Any:
    """``answer``, awaited if it can be: stores and providers may be synchronous or not."""
    return await answer if inspect.isawaitable(answer) else answer


def _escaped(part: str) -> str:
    """``part`` without a slash, reversibly: two different texts never give the same one."""
    return part.replace("%", "%25").replace("/", "%2F")


class NamespacedStore:
    """A store seen by one tenant and instance: key ``k`` is ``worktrail/<tenant>/<instance>/k`` in the store below."""

    __slots__ = ("_prefix", "_raw")

    def __init__(self, raw: Any, tenant_id: str, instance_id: str) -> None:
        self._raw = raw
        self._prefix = f"worktrail/{_escaped(tenant_id)}/{_escaped(instance_id)}/"

    async def get(self, key: str) -> Any:
        """The value under ``key`` in this namespace."""
        return await settled(self._raw.get(self._prefix + key))

    async def set(self, key: str, value: Any) -> None:
        """Puts ``value`` under ``key`` in this namespace."""
        await settled(self._raw.set(self._prefix + key, value))

    async def delete(self, key: str) -> Any:
        """Removes ``key`` from this namespace."""
        return await settled(self._raw.delete(self._prefix + key))

    def __repr__(self) -> str:
        return f"<NamespacedStore {self._prefix}>"

    def __reduce__(self) -> Any:
        raise TypeError("a store is live and cannot be pickled or copied")
