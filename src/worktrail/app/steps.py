"""``@step``: a Python function becomes a step type.

Rule: the signature is the contract. Positional parameters are input ports, keyword-only ones are the config, a parameter
``ctx`` (or annotated ``StepContext``) gets the context, the return annotation types the port ``output``. Values are
converted to the annotated types on the way in and to JSON on the way out; what is not annotated arrives as it is (numbers
with a decimal point as ``Decimal``: nothing is rounded behind a step's back). The function itself stays as it was, so a test
calls it directly.
"""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar, overload

import msgspec

from worktrail.contract import (
    PortSpec,
    RetryPolicy,
    SegmentDefinition,
    StepCatalog,
    StepCategory,
    StepDefinition,
    StepPolicy,
    StepTypeMetadata,
    is_id,
)
from worktrail.errors import AuthorError
from worktrail.runtime import Fail, HandlerAnswer, HandlerTable, StepContext

__all__ = ["StepSpec", "register_steps", "registered_steps", "spec_of", "step", "with_step_defaults"]

F = TypeVar("F", bound=Callable[..., Any])
ANY_TYPES = (Any, object, inspect.Parameter.empty, None, type(None))
DATA_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (Decimal, "number"),
    (str, "string"),
)
EFFECTS = ("repeatable", "once", "verify")
MARK = "__worktrail_step__"


class _Param(NamedTuple):
    """One parameter: its name, its type (Any where nothing is converted), whether it must come."""

    name: str
    type: Any
    required: bool
    default: Any


class StepSpec(NamedTuple):
    """What `@step` made of a function. ``policy`` holds what a step of this type gets where it says nothing itself."""

    metadata: StepTypeMetadata
    handler: Callable[..., Any]
    function: Callable[..., Any]
    policy: StepPolicy


_registered: dict[str, StepSpec] = {}


class _Call:
    """The handler of a function: inputs and config in, ``{port: value}`` out."""

    def __init__(self, type_id: str, function: Callable[..., Any], shape: _Shape) -> None:
        self.type_id = type_id
        self.function = function
        self.shape = shape

    def arguments(self, ctx: StepContext, config: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for param in self.shape.ports:
            if param.name in inputs:
                found[param.name] = self.convert(inputs[param.name], param, f"/{param.name}")
            elif param.required:
                raise AuthorError("STEP_INPUT_INVALID", f"step type {self.type_id!r} got nothing on port {param.name!r}")
        for param in self.shape.config:
            if param.name in config:
                found[param.name] = self.convert(config[param.name], param, f"/config/{param.name}")
        if self.shape.ctx is not None:
            found[self.shape.ctx] = ctx
        return found

    def convert(self, value: Any, param: _Param, pointer: str) -> Any:
        if param.type is Any:
            return value
        try:
            return msgspec.convert(value, param.type)
        except msgspec.ValidationError as error:
            message = f"step type {self.type_id!r}, {pointer}: {error}"
            raise AuthorError("STEP_INPUT_INVALID", message, pointer=pointer) from None

    def answer(self, result: Any) -> HandlerAnswer:
        if isinstance(result, Fail):
            return result
        outputs = self.shape.outputs
        if outputs is None:
            return {"output": _plain(result)}
        if not isinstance(result, Mapping) or not result.keys() <= set(outputs):
            known = ", ".join(outputs)
            raise AuthorError("ANSWER_INVALID", f"step type {self.type_id!r} must return a dict with keys among: {known}")
        return {port: _plain(value) for port, value in result.items()}


class _Sync(_Call):
    def __call__(self, ctx: StepContext, config: dict[str, Any], inputs: Any) -> HandlerAnswer:
        return self.answer(self.function(**self.arguments(ctx, config, inputs)))


class _Async(_Call):
    async def __call__(self, ctx: StepContext, config: dict[str, Any], inputs: Any) -> HandlerAnswer:
        return self.answer(await self.function(**self.arguments(ctx, config, inputs)))


class _Shape(NamedTuple):
    ports: list[_Param]
    config: list[_Param]
    ctx: str | None
    returns: Any
    outputs: dict[str, Any] | None


def _plain(value: Any) -> Any:
    """Structs, dataclasses, dates … as JSON values; numbers keep their digits."""
    return msgspec.to_builtins(value, builtin_types=(Decimal,), str_keys=True)


def _without_fail(kind: Any) -> Any:
    """What a step delivers: `int | Fail` delivers an `int`."""
    parts = typing.get_args(kind)
    if typing.get_origin(kind) not in (types.UnionType, typing.Union) or Fail not in parts:
        return kind
    return functools.reduce(lambda one, other: one | other, (part for part in parts if part is not Fail))


def _bad(type_id: str, message: str) -> AuthorError:
    return AuthorError("STEP_TYPE_INVALID", f"@step {type_id!r}: {message}")


def _shape_of(type_id: str, function: Callable[..., Any], outputs: Mapping[str, Any] | None) -> _Shape:
    try:
        hints = typing.get_type_hints(function)
    except Exception as error:  # an annotation may raise anything
        raise _bad(type_id, f"its annotations cannot be read: {error}") from error
    ports: list[_Param] = []
    config: list[_Param] = []
    ctx = None
    for name, param in inspect.signature(function).parameters.items():
        kind = hints.get(name, Any)
        if name == "ctx" or kind is StepContext:
            ctx = name
            continue
        if param.kind in (param.VAR_POSITIONAL, param.VAR_KEYWORD, param.POSITIONAL_ONLY):
            raise _bad(type_id, f"parameter {name!r} must be an ordinary one: ports and config are given by name")
        if not is_id(name) or name == "error":
            raise _bad(type_id, f"parameter {name!r} cannot be a port: use a letter, then letters, digits or `_`; not `error`")
        required = param.default is param.empty
        try:
            default = None if required else _plain(param.default)
        except TypeError as error:
            raise _bad(type_id, f"the default of {name!r} is not JSON: {error}") from None
        made = _Param(name, Any if kind in ANY_TYPES else kind, required, default)
        (config if param.kind is param.KEYWORD_ONLY else ports).append(made)
    for name in outputs or ():
        if not is_id(name) or name == "error":
            raise _bad(type_id, f"{name!r} cannot be an output port")
    return _Shape(ports, config, ctx, _without_fail(hints.get("return", Any)), dict(outputs) if outputs is not None else None)


def _json_schema(kind: Any) -> dict[str, Any] | None:
    if kind in ANY_TYPES:
        return None
    try:
        msgspec.json.Decoder(kind)  # made known while the module is imported, before threads convert to it at the same time
        return msgspec.json.schema(kind)
    except TypeError:
        return None


def _data_type(kind: Any, schema: dict[str, Any] | None) -> str:
    for known, name in DATA_TYPES:
        if kind is known:
            return name
    found = (schema or {}).get("type")
    if found is None and schema is not None and "$ref" in schema:
        target = schema["$defs"].get(schema["$ref"].rpartition("/")[2], {})
        found = target.get("type")
    return found if isinstance(found, str) and found in {"string", "number", "integer", "boolean", "object", "array"} else "any"


def _port(name: str, kind: Any, *, required: bool = False, default: Any = msgspec.UNSET) -> PortSpec:
    schema = _json_schema(kind)
    return PortSpec(name, _data_type(kind, schema), required, schema=schema, default=default)


def _config_schema(params: list[_Param]) -> dict[str, Any]:
    """Closed; every key may be a FEEL text that begins with ``=``."""
    properties: dict[str, Any] = {"secret_ref": {"type": "string"}, "secrets": {"type": "array", "items": {"type": "string"}}}
    definitions: dict[str, Any] = {}
    for param in params:
        inner = dict(_json_schema(param.type) or {})
        definitions |= inner.pop("$defs", {})
        made = {"title": param.name.replace("_", " ").capitalize(), "anyOf": [inner, {"type": "string", "pattern": "^="}]}
        properties[param.name] = made if param.required else {**made, "default": param.default}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
        "required": [param.name for param in params if param.required],
    }
    return {**schema, "$defs": definitions} if definitions else schema


@overload
def step(function: F, /) -> F: ...


@overload
def step(
    type_id: str | None = None,
    /,
    *,
    name: str = "",
    description: str = "",
    category: StepCategory | str = StepCategory.UTILITY,
    icon: str = "box",
    color: str = "#7F8C8D",
    version: str = "1",
    outputs: Mapping[str, Any] | None = None,
    silent: bool = False,
    effect: str = "repeatable",
    retry: RetryPolicy | Mapping[str, Any] | None = None,
    timeout_s: float | None = None,
    probe: Callable[..., Any] | None = None,
) -> Callable[[F], F]: ...


def step(type_id: Any = None, /, **options: Any) -> Any:
    """Makes a function a step type: ``@step``, ``@step("shout")`` or ``@step(retry={"max_attempts": 3}, timeout_s=10)``.

    ``type_id`` defaults to the function's name. ``outputs``: port → type, where the function returns ``{port: value}``.
    ``effect``: repeatable (default), once, verify (with ``probe(ctx, config, inputs)``). ``retry``: max_attempts, delay_s,
    backoff, max_delay_s, on. ``timeout_s`` is per attempt. AuthorError STEP_TYPE_INVALID, STEP_TYPE_EXISTS.
    """
    if callable(type_id):
        return _decorate(None, {}, type_id)
    return functools.partial(_decorate, type_id, options)


def _decorate(wanted: str | None, options: dict[str, Any], function: Any) -> Any:
    type_id = wanted or function.__name__
    spec = _spec(type_id, function, **options)
    known = _registered.get(type_id)
    if known is not None and _home(known.function) != _home(function):
        first, second = _home(known.function), _home(function)
        raise AuthorError("STEP_TYPE_EXISTS", f"@step {type_id!r} stands twice: in {first} and in {second}")
    _registered[type_id] = spec
    setattr(function, MARK, spec)
    return function


def _home(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


msgspec.json.Decoder(RetryPolicy)


def _spec(
    type_id: str,
    function: Callable[..., Any],
    *,
    name: str = "",
    description: str = "",
    category: StepCategory | str = StepCategory.UTILITY,
    icon: str = "box",
    color: str = "#7F8C8D",
    version: str = "1",
    outputs: Mapping[str, Any] | None = None,
    silent: bool = False,
    effect: str = "repeatable",
    retry: RetryPolicy | Mapping[str, Any] | None = None,
    timeout_s: float | None = None,
    probe: Callable[..., Any] | None = None,
) -> StepSpec:
    if not is_id(type_id):
        raise _bad(type_id, "the id needs a letter, then up to 63 letters, digits, `_` or `-`")
    if effect not in EFFECTS:
        raise _bad(type_id, f"effect is {effect!r}, not one of {', '.join(EFFECTS)}")
    if (effect == "verify") != (probe is not None):
        raise _bad(type_id, "effect `verify` and a probe belong together")
    shape = _shape_of(type_id, function, outputs)
    try:
        retrying = retry if isinstance(retry, RetryPolicy) else msgspec.convert(dict(retry or {}), RetryPolicy)
        kind = StepCategory(category)
    except (msgspec.ValidationError, ValueError) as error:
        raise _bad(type_id, str(error)) from None
    ports = [
        _port(each.name, each.type, required=each.required, default=msgspec.UNSET if each.required else each.default)
        for each in shape.ports
    ]
    returns = {"output": shape.returns} if shape.outputs is None else shape.outputs
    doc = inspect.getdoc(function) or ""
    metadata = StepTypeMetadata(
        type_id,
        kind,
        name or type_id.replace("_", " ").replace("-", " ").title(),
        description or doc.partition("\n\n")[0].replace("\n", " "),
        version=version,
        icon=icon,
        color=color,
        input_ports=tuple(ports),
        output_ports=tuple(_port(port, each) for port, each in returns.items()),
        silent=silent,
        config_schema=_config_schema(shape.config),
        retry=retrying,
        is_async=inspect.iscoroutinefunction(function),
    )
    handler: Any = (_Async if metadata.is_async else _Sync)(type_id, function, shape)
    if probe is not None:
        handler.probe = probe
    own_effect: Any = None if effect == "repeatable" else effect
    own_retry = retrying if effect == "once" and retrying != RetryPolicy() else None
    return StepSpec(metadata, handler, function, StepPolicy(retry=own_retry, timeout_s=timeout_s, effect=own_effect))


def spec_of(function: Callable[..., Any]) -> StepSpec:
    """What `@step` made of a function; TypeError for one without it."""
    spec = getattr(function, MARK, None)
    if not isinstance(spec, StepSpec):
        raise TypeError(f"{function!r} is no step: put @step above it")
    return spec


def registered_steps() -> dict[str, StepSpec]:
    """Type id → spec of every `@step` that this process has imported."""
    return dict(_registered)


def register_steps(catalog: StepCatalog, handlers: HandlerTable, specs: Mapping[str, StepSpec] | None = None) -> None:
    """Puts step types into a catalogue and their handlers into a table. CanvasError STEP_TYPE_EXISTS for a taken id."""
    for type_id, spec in (registered_steps() if specs is None else specs).items():
        catalog.register(spec.metadata, spec.handler)
        handlers.register(type_id, spec.handler, metadata=spec.metadata, replace=True)


def with_step_defaults(segment: SegmentDefinition, specs: Mapping[str, StepSpec] | None = None) -> SegmentDefinition:
    """The segment with the effect, time limit and retries of its step types written into the steps that say nothing.

    So they take part in the hash: a change of a type's effect makes another segment, and no run changes under way.
    """
    known = {type_id: spec for type_id, spec in (specs or registered_steps()).items() if spec.policy != StepPolicy()}
    if not known:
        return segment
    steps = [_with_defaults(each, known) for each in segment.steps]
    return msgspec.structs.replace(segment, steps=steps)


def _with_defaults(each: StepDefinition, known: Mapping[str, StepSpec]) -> StepDefinition:
    body = each.config.get("body")
    if isinstance(body, dict) and isinstance(body.get("steps"), list):
        inner = [_body_defaults(one, known) for one in body["steps"]]
        each = msgspec.structs.replace(each, config={**each.config, "body": {**body, "steps": inner}})
    spec = known.get(each.step_type)
    if spec is None:
        return each
    changes = {
        name: value
        for name in ("effect", "timeout_s", "retry")
        if (value := getattr(spec.policy, name)) is not None and getattr(each.policy, name) is None
    }
    return msgspec.structs.replace(each, policy=msgspec.structs.replace(each.policy, **changes)) if changes else each


def _body_defaults(one: Any, known: Mapping[str, StepSpec]) -> Any:
    """The same for a step inside a body, which is still plain JSON."""
    if not isinstance(one, dict):
        return one
    config = one.get("config")
    body = config.get("body") if isinstance(config, dict) else None
    if isinstance(config, dict) and isinstance(body, dict) and isinstance(body.get("steps"), list):
        inner = [_body_defaults(each, known) for each in body["steps"]]
        one = {**one, "config": {**config, "body": {**body, "steps": inner}}}
    spec = known.get(str(one.get("step_type")))
    if spec is None:
        return one
    policy: dict[str, Any] = msgspec.to_builtins(spec.policy)
    own = one.get("policy")
    return {**one, "policy": {**policy, **(own if isinstance(own, dict) else {})}}
