"""The table of built-in functions and how their arguments are checked.

Rule: a built-in is declared by one line of signature, and that line is what checks its arguments, names them, and appears in
errors and in the docs. A function may have several forms (``date(from)``, ``date(year, month, day)``); the first whose names
or number of arguments fit and whose kinds accept them is called. DMN's implicit conversions are done here once: a list of one
item stands for the item, a single value stands for a list of it, a date for its midnight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from worktrail.feel.ops import midnight
from worktrail.feel.refusal import Refusal
from worktrail.feel.values import Function, kind, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from worktrail.feel.budget import Run

__all__ = ["BUILTINS", "Builtin", "Form", "Param", "builtin", "call"]

F = TypeVar("F", bound="Callable[..., Any]")
_SHORT = {
    "datetime": "date and time",
    "days": "days and time duration",
    "months": "years and months duration",
}


class _LeftOut:
    """A named argument that was not given, where a later one was."""


LEFT_OUT = _LeftOut()


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter: its kinds (``any`` takes null too), whether it may be left out, whether it takes all that follows."""

    name: str
    kinds: frozenset[str]
    optional: bool
    rest: bool

    def accept(self, function: str, value: Any) -> Any:
        """The value in the kind that is wanted; a Refusal otherwise."""
        if value is LEFT_OUT:
            return None
        kinds = self.kinds
        found = kind(value)
        if found in kinds or "any" in kinds:
            return value
        if "list" in kinds and value is not None:
            return [value]
        if found == "list" and len(value) == 1 and kind(value[0]) in kinds:
            return value[0]
        if found == "date" and "date and time" in kinds:
            return midnight(value)
        wanted = " or ".join(sorted(kinds))
        hint = "Guard the value: `get or else(x, default)`." if value is None else ""
        raise Refusal("FEEL_TYPE", f"`{function}` needs a {wanted} as `{self.name}`, got {shown(value)}.", hint)


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a built-in."""

    signature: str
    function: str
    params: tuple[Param, ...]
    result: str
    run: Callable[..., Any]

    @property
    def required(self) -> int:
        return sum(not param.optional for param in self.params)

    @property
    def variadic(self) -> bool:
        return bool(self.params) and self.params[-1].rest

    def fits(self, count: int) -> bool:
        return count >= self.required and (self.variadic or count <= len(self.params))

    def prepared(self, arguments: list[Any]) -> list[Any]:
        """The arguments checked and converted, None for those left out."""
        params = self.params
        if self.variadic:
            last = params[-1]
            fixed = [param.accept(self.function, value) for param, value in zip(params[:-1], arguments, strict=False)]
            return [*fixed, [last.accept(self.function, value) for value in arguments[len(params) - 1 :]]]
        found = [param.accept(self.function, value) for param, value in zip(params, arguments, strict=False)]
        return found + [None] * (len(params) - len(found))


@dataclass(slots=True)
class Builtin:
    """A built-in function with its forms and what it does in one line."""

    name: str
    doc: str
    forms: list[Form]

    def invoke(self, run: Run, arguments: list[Any]) -> Any:
        """Call the first form that accepts the arguments."""
        refused: Refusal | None = None
        for form in self.forms:
            if form.fits(len(arguments)):
                try:
                    prepared = form.prepared(arguments)
                except Refusal as refusal:
                    refused = refused or refusal
                    continue
                return form.run(run, *prepared)
        raise refused or Refusal(
            "FEEL_TYPE", f"`{self.name}` does not take {len(arguments)} arguments.", f"Write {self.written()}."
        )

    def named(self, keys: list[str]) -> Callable[[Run, list[Any]], Any]:
        """How to call the form that has these names; a Refusal where there is none."""
        for form in self.forms:
            names = [param.name for param in form.params]
            required = {param.name for param in form.params if not param.optional}
            if set(keys) <= set(names) and required <= set(keys):
                return _by_name(form, [keys.index(name) if name in keys else -1 for name in names])
        raise Refusal("FEEL_TYPE", f"`{self.name}` has no parameters named {', '.join(keys)}.", f"Write {self.written()}.")

    def written(self) -> str:
        return " or ".join(f"`{form.signature}`" for form in self.forms)

    def value(self) -> Function:
        """The function as a value, for `sort(list, min)` and the like."""
        params = tuple(param.name for param in self.forms[0].params)
        return Function(self.name, params, self.invoke, signatures=self)


def _by_name(form: Form, order: list[int]) -> Callable[[Run, list[Any]], Any]:
    def invoke(run: Run, values: list[Any]) -> Any:
        given = [values[index] if index >= 0 else LEFT_OUT for index in order]
        if form.variadic and isinstance(given[-1], list):
            given[-1:] = given[-1]
        return form.run(run, *form.prepared(given))

    return invoke


BUILTINS: dict[str, Builtin] = {}
_PARAM = re.compile(r"(?P<name>[a-z][a-z0-9 ]*?)(?P<optional>\?)?(?P<rest>\.\.\.)?: (?P<kinds>[a-zA-Z|]+)")


def _param(text: str) -> Param:
    found = _PARAM.fullmatch(text)
    if found is None:
        raise ValueError(f"not a parameter: {text!r}")
    kinds = frozenset(_SHORT.get(name, name) for name in found["kinds"].split("|"))
    return Param(found["name"], kinds, bool(found["optional"]), bool(found["rest"]))


def builtin(signature: str) -> Callable[[F], F]:
    """Declare one form: ``name(parameter: kind, optional?: kind, rest...: kind) -> kind``; kinds are joined by ``|``."""
    head, _, result = signature.partition(" -> ")
    name, _, inside = head.removesuffix(")").partition("(")
    params = tuple(_param(part) for part in inside.split(", ")) if inside else ()

    def register(function: F) -> F:
        doc = (function.__doc__ or "").strip().partition("\n")[0]
        entry = BUILTINS.setdefault(name, Builtin(name, doc, []))
        entry.forms.append(Form(signature, name, params, _SHORT.get(result, result), function))
        return function

    return register


def call(function: Function, run: Run, arguments: list[Any]) -> Any:
    """Call a function value from a built-in."""
    run.enter()
    try:
        return function.invoke(run, arguments)
    finally:
        run.leave()
