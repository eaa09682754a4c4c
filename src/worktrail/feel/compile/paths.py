"""Names, paths, filters and the steps behind an operand as closures.

Rule: a name is looked up from the innermost scope outwards; in a filter the keys of the item come first, then ``item``. Whether
a name is local is decided when the text is compiled, so a root name costs one dictionary access.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.feel.budget import Env
from worktrail.feel.builtins import BUILTINS
from worktrail.feel.compile import calls
from worktrail.feel.compile.members import index_of, member
from worktrail.feel.refusal import Refusal
from worktrail.feel.syntax import nodes
from worktrail.feel.syntax.hints import FOREIGN_CONSTANTS, FOREIGN_WORDS
from worktrail.feel.values import PLAIN, adopt, entry, is_context, kind, shown

if TYPE_CHECKING:
    from worktrail.feel.compile.compiler import Compiler, Fn, Scope

__all__ = ["name", "postfix"]


def _resolve(wanted: str, scope: Scope | None) -> tuple[int | None, list[int]]:
    """How many scopes up a name is bound (None: at the root), and which filters on the way may have it as a key."""
    depth, filters = 0, []
    while scope is not None:
        if scope.dynamic:
            filters.append(depth)
        if wanted in scope.names:
            return depth, filters
        depth += 1
        scope = scope.parent
    return None, filters


def name(c: Compiler, node: nodes.Name, scope: Scope | None, path: tuple[str, ...] = ()) -> Fn:
    """A name that is read; ``path`` are the keys that follow it, for the record of what is read."""
    if node.name == "?":
        return lambda env: env.run.value
    depth, filters = _resolve(node.name, scope)
    found = _root(c, node, path, filtered=bool(filters)) if depth is None else _local(node.name, depth)
    return _filtered(node.name, filters, found) if filters else found


def _local(wanted: str, depth: int) -> Fn:
    if depth == 0:
        return lambda env: env.vars[wanted]
    if depth == 1:
        return lambda env: env.up.vars[wanted]

    def far(env: Any) -> Any:
        for _ in range(depth):
            env = env.up
        return env.vars[wanted]

    return far


def _filtered(wanted: str, filters: list[int], otherwise: Fn) -> Fn:
    """The keys of the items of the filters around a name, innermost first, then what the name means outside."""

    def run(env: Any) -> Any:
        place, up = env, 0
        for depth in filters:
            while up < depth:
                place, up = place.up, up + 1
            item = place.vars["item"]
            if is_context(item):
                try:
                    return entry(item, wanted)
                except KeyError:
                    pass
        return otherwise(env)

    return run


def _root(c: Compiler, node: nodes.Name, path: tuple[str, ...], *, filtered: bool) -> Fn:
    """A name of the caller's scope, or a built-in as a value."""
    wanted = node.name
    function = BUILTINS.get(wanted)
    known = c.names is None or wanted in c.names
    if (not known or (c.names is None and wanted in FOREIGN_CONSTANTS)) and function is None and not filtered and not c.guarded:
        c.unknown(node, _unknown(c, wanted))
    if not known and function is not None:
        value = function.value()
        return lambda _env: value
    if known or not filtered:
        c.paths.add((wanted, *path))
    fail = c.fail(node.start, node.end)
    fallback = None if function is None else function.value()
    refusal = _unknown(c, wanted)
    if filtered and refusal.code == "FEEL_NAME":
        hint = f"Guard it: `get or else({wanted}, default)`."
        refusal = Refusal("FEEL_MISSING", f"Neither the item nor what is around it has `{wanted}`.", hint)

    def run(env: Any) -> Any:
        try:
            value = env.scope[wanted]
        except KeyError:
            return fail(refusal) if fallback is None else fallback
        return value if type(value) in PLAIN else _adopted(value, fail)

    return run


def _adopted(value: Any, fail: Any) -> Any:
    try:
        return adopt(value)
    except Refusal as refusal:
        return fail(refusal)


def _unknown(c: Compiler, wanted: str) -> Refusal:
    hint = FOREIGN_WORDS.get(wanted) or calls.foreign(wanted)
    if wanted in FOREIGN_CONSTANTS:
        return Refusal("FEEL_SYNTAX", f"`{wanted}` is not a value of FEEL.", hint)
    if c.names is None:
        return Refusal("FEEL_NAME", f"There is no value named `{wanted}`.", hint or "Pass it, or guard it: `is defined(x)`.")
    if wanted in c.names:
        return Refusal("FEEL_MISSING", f"`{wanted}` has no value here.", "Guard it: `get or else(x, default)`.")
    return Refusal("FEEL_NAME", f"`{wanted}` is not a known name.", hint or c.suggest(wanted))


def postfix(c: Compiler, node: nodes.Postfix, scope: Scope | None) -> Fn:
    """An operand and its steps."""
    steps = list(node.steps)
    made: Fn
    if isinstance(node.base, nodes.Name) and isinstance(steps[0], nodes.Call):
        made = _named_call(c, node.base, steps.pop(0), scope)  # type: ignore[arg-type]
    elif isinstance(node.base, nodes.Name) and (keys := _leading_keys(steps)):
        made = _path(c, node, keys, scope)
        del steps[: len(keys)]
    else:
        made = c.compile(node.base, scope)
    for step in steps:
        place = (node.start, step.end)
        if isinstance(step, nodes.Member):
            made = _member(c, made, step.key, place)
        elif isinstance(step, nodes.Filter):
            made = _filter(c, made, step, place, scope)
        else:
            made = calls.value_call(c, made, place, step, scope)
    return made


def _leading_keys(steps: list[Any]) -> list[str]:
    keys: list[str] = []
    for step in steps:
        if not isinstance(step, nodes.Member):
            break
        keys.append(step.key)
    return keys


def _path(c: Compiler, node: nodes.Postfix, keys: list[str], scope: Scope | None) -> Fn:
    """``a.b.c``: plain contexts are walked in one go, everything else step by step with its place."""
    base = node.base
    assert isinstance(base, nodes.Name)
    depth, filters = _resolve(base.name, scope)
    slow = name(c, base, scope, tuple(keys))
    for key, step in zip(keys, node.steps, strict=False):
        slow = _member(c, slow, key, (node.start, step.end))
    if depth is not None or filters:
        return slow
    root = base.name
    rest = tuple(keys)
    fail = c.fail(node.start, node.steps[len(keys) - 1].end)

    def run(env: Any) -> Any:
        try:
            value = env.scope[root]
            for key in rest:
                if type(value) is not dict:
                    return slow(env)
                value = value[key]
        except KeyError:
            return slow(env)
        return value if type(value) in PLAIN else _adopted(value, fail)

    return run


def _member(c: Compiler, made: Fn, key: str, place: tuple[int, int]) -> Fn:
    fail = c.fail(*place)

    def run(env: Any) -> Any:
        value = made(env)
        if type(value) is dict and key in value:
            found = value[key]
            if type(found) in PLAIN:
                return found
        try:
            return member(value, key, env.run, fail)
        except Refusal as refusal:
            return fail(refusal)

    return run


def _named_call(c: Compiler, base: nodes.Name, step: nodes.Call, scope: Scope | None) -> Fn:
    place = (base.start, step.end)
    depth, _ = _resolve(base.name, scope)
    function = BUILTINS.get(base.name)
    hidden = depth is not None or (c.names is not None and base.name in c.names)
    if function is not None and not hidden:
        special = calls.guard(c, base.name, step, scope)
        return special or calls.builtin_call(c, function, place, step, scope)
    if function is None and depth is None and calls.foreign(base.name) and (c.names is None or base.name not in c.names):
        refusal = Refusal("FEEL_SYNTAX", f"There is no function `{base.name}`.", calls.foreign(base.name))
        c.unknown(base, refusal)
    if function is None or depth is not None:
        return calls.value_call(c, c.compile(base, scope), place, step, scope)
    # A value in scope has the name of a built-in: it is called if it is a function, else the built-in is.
    value = c.compile(base, scope)
    own, inbuilt = calls.value_call(c, value, place, step, scope), calls.builtin_call(c, function, place, step, scope)
    return lambda env: own(env) if kind(value(env)) == "function" else inbuilt(env)


def _filter(c: Compiler, made: Fn, step: nodes.Filter, place: tuple[int, int], scope: Scope | None) -> Fn:
    fail = c.fail(*place)
    literal = _literal_index(step.condition)
    if literal is not None:
        if literal == 0 and c.strict:
            fail(Refusal("FEEL_VALUE", "There is no position 0.", "Positions begin at 1: `[1]` is the first, `[-1]` the last."))

        def at(env: Any) -> Any:
            try:
                return index_of(made(env), literal)
            except Refusal as refusal:
                return fail(refusal)

        return at
    condition, cost = c.body(step.condition, c.scope({"item"}, scope, dynamic=True))
    settings = _Filtering(condition, cost, c.kind(step.condition), fail, strict=c.strict)
    return lambda env: settings.run(made(env), env)


def _literal_index(node: nodes.Node) -> int | None:
    sign = 1
    while isinstance(node, nodes.Negation):
        node, sign = node.operand, -sign
    return sign * node.value if isinstance(node, nodes.Literal) and type(node.value) is int else None


class _Filtering:
    """``list[condition]``: the items for which it is true, or the item at the position it yields."""

    __slots__ = ("condition", "cost", "fail", "kind", "strict")

    def __init__(self, condition: Fn, cost: int, static: str | None, fail: Any, *, strict: bool) -> None:
        self.condition = condition
        self.cost = cost
        self.kind = static
        self.fail = fail
        self.strict = strict

    def run(self, value: Any, env: Any) -> Any:
        if value is None:
            refusal = Refusal("FEEL_MISSING", "The list is null.", "Guard it: `get or else(x, [])`.")
            return self.fail(refusal)
        items = value if kind(value) == "list" else [value]
        if not items:
            return self.on_empty(env)
        if self.kind == "number":
            return self.at(items, self.condition(Env(env.run, env.scope, {"item": None}, env)))
        found: list[Any] = []
        run, condition, cost = env.run, self.condition, self.cost
        for raw in items:
            run.steps -= cost
            if run.steps < 0:
                run.spend(0)
            item = raw if type(raw) in PLAIN else adopt(raw)
            answer = condition(Env(run, env.scope, {"item": item}, env))
            if answer is True:
                found.append(item)
            elif answer is not False:
                if kind(answer) == "number":
                    return self.at(items, answer)
                if self.strict or answer is not None:
                    return self.fail(Refusal("FEEL_TYPE", f"A filter needs a boolean or a position, got {shown(answer)}."))
        return found

    def on_empty(self, env: Any) -> Any:
        """Nothing to test: the answer is empty, unless the filter is certainly a position."""
        if self.kind == "number":
            return self.at([], self.condition(Env(env.run, env.scope, {"item": None}, env)))
        return []

    def at(self, items: Any, position: Any) -> Any:
        try:
            return index_of(items, position)
        except Refusal as refusal:
            return self.fail(refusal)
