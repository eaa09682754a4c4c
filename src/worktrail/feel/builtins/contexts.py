"""Built-in functions on contexts, and the two guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.feel.builtins.table import builtin
from worktrail.feel.refusal import Refusal
from worktrail.feel.values import entries, entry, kind, shown

if TYPE_CHECKING:
    from worktrail.feel.budget import Run

Context = Any


@builtin("get value(m: context, key: string) -> any")
def get_value(_run: Run, m: Context, key: str) -> Any:
    """The value of an entry whose key is computed, or at a path of keys."""
    try:
        return entry(m, key)
    except KeyError:
        raise Refusal("FEEL_MISSING", f'The context has no entry "{key[:60]}".') from None


@builtin("get value(context: context, keys: list) -> any")
def get_value_at(run: Run, context: Context, keys: list[Any]) -> Any:
    if not keys:
        raise Refusal("FEEL_VALUE", "The path of `get value` is empty.")
    found = context
    for key in keys:
        if not isinstance(key, str) or kind(found) != "context":
            raise Refusal("FEEL_TYPE", "A path needs contexts and string keys.")
        found = get_value(run, found, key)
    return found


@builtin("get entries(m: context) -> list")
def get_entries(run: Run, m: Context) -> list[dict[str, Any]]:
    """All entries as a list of contexts with `key` and `value`."""
    found = entries(m)
    run.items(len(found))
    return [{"key": key, "value": entry(m, key)} for key in found]


@builtin("context(entries: list) -> context")
def context(run: Run, pairs: list[Any]) -> dict[str, Any]:
    """A context from a list of contexts with `key` and `value`."""
    run.items(len(pairs))
    made: dict[str, Any] = {}
    for pair in pairs:
        if kind(pair) != "context" or not {"key", "value"} <= entries(pair).keys():
            raise Refusal("FEEL_TYPE", f"`context` needs contexts with `key` and `value`, got {shown(pair)}.")
        key = entry(pair, "key")
        if not isinstance(key, str) or key in made:
            raise Refusal("FEEL_VALUE", f"`context` needs different strings as keys, got {shown(key)} (again).")
        made[key] = entry(pair, "value")
    return made


@builtin("context put(context: context, key: string, value: any) -> context")
def context_put(run: Run, base: Context, key: str, value: Any) -> dict[str, Any]:
    """The context with an entry set, or set at a path of keys."""
    found = entries(base)
    run.items(len(found) + 1)
    return {**found, key: value}


@builtin("context put(context: context, keys: list, value: any) -> context")
def context_put_at(run: Run, base: Context, keys: list[Any], value: Any) -> dict[str, Any]:
    if not keys or not all(isinstance(key, str) for key in keys):
        raise Refusal("FEEL_VALUE", "The path of `context put` needs at least one string.")
    made = value
    parents = [base]
    for key in keys[:-1]:
        inner = entries(parents[-1]).get(key)
        if inner is not None and kind(inner) != "context":
            raise Refusal("FEEL_TYPE", f"The entry `{key}` is {shown(inner)}, not a context.")
        parents.append(inner if inner is not None else {})
    for parent, key in zip(reversed(parents), reversed(keys), strict=True):
        made = context_put(run, parent, key, made)
    return made  # type: ignore[no-any-return]


@builtin("context merge(contexts: list) -> context")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any]:
    """Several contexts as one; later entries win."""
    made: dict[str, Any] = {}
    for part in contexts:
        if kind(part) != "context":
            raise Refusal("FEEL_TYPE", f"`context merge` needs contexts, got {shown(part)}.")
        run.items(len(entries(part)))
        made.update(entries(part))
    return made


@builtin("is defined(value: any) -> boolean")
def is_defined(_run: Run, value: Any) -> bool:
    """Whether there is a value (not null); inside it nothing is an error."""
    return value is not None


@builtin("get or else(value: any, default: any) -> any")
def get_or_else(_run: Run, value: Any, default: Any) -> Any:
    """The value, or the default where there is none; inside its first argument nothing is an error."""
    return default if value is None else value
