"""Calls and function definitions as closures.

Rule: the two guards are not ordinary calls: what stands in their first argument is compiled leniently, so nothing in it is an
error (budgets apart). Built-ins are bound when the text is compiled unless a name in scope hides them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.feel.budget import Env
from worktrail.feel.compile.conform import conforms, resolved
from worktrail.feel.compile.infer import static_type
from worktrail.feel.refusal import Refusal
from worktrail.feel.syntax.hints import FOREIGN_FUNCTIONS
from worktrail.feel.values import PLAIN, Function, adopt, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from worktrail.feel.builtins import Builtin
    from worktrail.feel.compile.compiler import Compiler, Fn, Scope
    from worktrail.feel.syntax import nodes

__all__ = ["builtin_call", "foreign", "function", "guard", "value_call"]


def guard(c: Compiler, name: str, step: nodes.Call, scope: Scope | None) -> Fn | None:
    """``is defined(x)`` and ``get or else(x, default)``; None for other names and other numbers of arguments."""
    count = len(step.arguments)
    if name == "is defined" and count == 1:
        value = c.lenient().compile(step.arguments[0], scope)
        return lambda env: value(env) is not None
    if name == "get or else" and count == 2:
        wanted, fallback = (0, 1) if step.keys is None or step.keys[0] == "value" else (1, 0)
        value = c.lenient().compile(step.arguments[wanted], scope)
        default = c.compile(step.arguments[fallback], scope)

        def choose(env: Any) -> Any:
            found = value(env)
            return default(env) if found is None else found

        return choose
    return None


def builtin_call(c: Compiler, entry: Builtin, node: tuple[int, int], step: nodes.Call, scope: Scope | None) -> Fn:
    """A call of a built-in."""
    arguments = [c.compile(argument, scope) for argument in step.arguments]
    c.heavier()
    fail = c.fail(*node)
    invoke: Callable[[Any, list[Any]], Any] = entry.invoke
    try:
        if step.keys is not None:
            invoke = entry.named(step.keys)
        elif not any(form.fits(len(arguments)) for form in entry.forms):
            raise Refusal("FEEL_TYPE", f"`{entry.name}` does not take {len(arguments)} arguments.", f"Write {entry.written()}.")
    except Refusal as refusal:
        if c.strict:
            fail(refusal)
        return lambda _env: None

    def run(env: Any) -> Any:
        values = [argument(env) for argument in arguments]
        try:
            found = invoke(env.run, values)
            return found if type(found) in PLAIN else adopt(found)
        except Refusal as refusal:
            return fail(refusal)

    return run


def value_call(c: Compiler, callee: Fn, place: tuple[int, int], step: nodes.Call, scope: Scope | None) -> Fn:
    """A call of a value: a function in scope, in a context, or defined on the spot."""
    arguments = [c.compile(argument, scope) for argument in step.arguments]
    fail = c.fail(*place)
    keys = step.keys

    def run(env: Any) -> Any:
        target = callee(env)
        values = [argument(env) for argument in arguments]
        try:
            if not isinstance(target, Function):
                raise Refusal("FEEL_TYPE", f"{shown(target, first=True)} cannot be called.")
            return invoke(target, values, keys, env.run)
        except Refusal as refusal:
            return fail(refusal)

    return run


def invoke(target: Function, values: list[Any], keys: list[str] | None, run: Any) -> Any:
    """Call a function value with positional or named arguments, one level deeper."""
    given = values
    if target.signatures is not None and keys is not None:
        by_name = target.signatures.named(keys)
        return by_name(run, values)
    if keys is not None:
        if sorted(keys) != sorted(target.params):
            raise Refusal("FEEL_TYPE", f"The function has the parameters {', '.join(target.params)}, not {', '.join(keys)}.")
        given = [values[keys.index(param)] for param in target.params]
    run.enter()
    try:
        found = target.invoke(run, given)
        return found if type(found) in PLAIN else adopt(found)
    finally:
        run.leave()


def function(c: Compiler, node: nodes.FunctionNode, scope: Scope | None) -> Fn:
    """``function(a, b) body`` keeps the names around it."""
    body, cost = c.body(node.body, c.scope(set(node.params), scope))
    params = tuple(node.params)
    types = tuple(None if found is None else resolved_or_any(c, found) for found in node.types)
    result = static_type(node.body)
    checked = any(found is not None for found in types)

    def run(env: Any) -> Any:
        outer = env

        def call(now: Any, values: list[Any]) -> Any:
            if len(values) != len(params):
                raise Refusal("FEEL_TYPE", f"The function takes {len(params)} arguments, got {len(values)}.")
            now.spend(cost)
            if checked:
                _check(params, types, values, now)
            return body(Env(now, outer.scope, dict(zip(params, values, strict=True)), outer))

        return Function("function", params, call, types, result)

    return run


def resolved_or_any(c: Compiler, found: nodes.TypeNode) -> nodes.TypeNode | None:
    try:
        return resolved(found, c.types)
    except Refusal as refusal:
        if c.strict:
            c.fail(found.start, found.end)(refusal)
        return None


def _check(params: tuple[str, ...], types: tuple[Any, ...], values: list[Any], run: Any) -> None:
    """Arguments against declared types; a list of one item stands for the item and the other way round."""
    for index, (param, wanted) in enumerate(zip(params, types, strict=True)):
        value = values[index]
        if wanted is None or value is None or conforms(value, wanted, run):
            continue
        if isinstance(value, list) and len(value) == 1 and conforms(value[0], wanted, run):
            values[index] = value[0]
        elif wanted.name == "list" and conforms([value], wanted, run):
            values[index] = [value]
        else:
            raise Refusal("FEEL_TYPE", f"The parameter `{param}` is a {wanted.name}, got {shown(value)}.")


def foreign(name: str) -> str:
    """The FEEL way to say what another language's function does."""
    return FOREIGN_FUNCTIONS.get(name, "")
