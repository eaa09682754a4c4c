"""Built-in functions that make one kind of value from another, and ``not`` and ``is``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from worktrail.feel.budget import DEFAULT_BUDGET, over
from worktrail.feel.builtins.table import BUILTINS, builtin
from worktrail.feel.comparing import MAX_WALK, compare, same
from worktrail.feel.numbers import number_text, parse_number
from worktrail.feel.refusal import Refusal
from worktrail.feel.syntax import Source, Vocabulary, parse_expression
from worktrail.feel.syntax.nodes import Call, Literal, Name, Node, Postfix, RangeNode
from worktrail.feel.values import Range, adopt, entries, entry, kind, shown

if TYPE_CHECKING:
    from worktrail.feel.budget import Run

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?")
_GROUPS = {" ", ",", "."}
_NAME = re.compile(r"[^\W\d]\w*")
_MAKERS = frozenset({"date", "time", "date and time", "duration"})


@builtin("number(from: string|number, grouping separator?: string|null, decimal separator?: string|null) -> number")
def number(run: Run, source: Any, grouping: str | None, point: str | None) -> Any:
    """A number from a text, with the signs that group its digits and mark its fraction."""
    if (grouping is not None and grouping not in _GROUPS) or (point is not None and point not in {".", ","}):
        raise Refusal("FEEL_VALUE", 'The grouping separator is " ", "," or ".", the decimal separator "." or ",".')
    if grouping is not None and grouping == point:
        raise Refusal("FEEL_VALUE", "The two separators are the same.")
    if kind(source) == "number":
        return adopt(source)
    text = source
    run.text(len(text) * 16)
    if grouping:
        text = text.replace(grouping, "")
    if point:
        text = text.replace(point, ".")
    if not _NUMBER.fullmatch(text):
        raise Refusal("FEEL_VALUE", f'"{source[:60]}" is not a number.', "Guard it: `get or else(number(x), 0)`.")
    return -parse_number(text[1:]) if text[0] == "-" else parse_number(text)


@builtin("string(from: any) -> string")
def string(run: Run, source: Any) -> str:
    """The text of any value."""
    if source is None:
        raise Refusal("FEEL_TYPE", "null has no text.", "Guard the value: `get or else(x, default)`.")
    text = source if kind(source) == "string" else _text(run, source, 0)
    run.text(len(text))
    return text


def _text(run: Run, value: Any, depth: int) -> str:
    if depth > MAX_WALK:
        raise over("nesting", MAX_WALK, f"The value is nested deeper than {MAX_WALK}.")
    name = kind(value)
    if name == "null":
        return "null"
    if name == "boolean":
        return "true" if value else "false"
    if name == "number":
        return number_text(value)
    if name == "string":
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if name == "list":
        run.items(len(value))
        return f"[{', '.join(_text(run, item, depth + 1) for item in value)}]"
    if name == "context":
        run.items(len(entries(value)))
        inner = (f"{_key_text(key)}: {_text(run, entry(value, key), depth + 1)}" for key in entries(value))
        return f"{{{', '.join(inner)}}}"
    if name == "range":
        return _range_text(run, value, depth)
    if name == "function":
        return f"function({', '.join(value.params)})"
    return str(adopt(value))


def _key_text(key: str) -> str:
    return key if _NAME.fullmatch(key) else _text_of_string(key)


def _text_of_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _range_text(run: Run, value: Range, depth: int) -> str:
    if value.sign:
        return value.sign + _text(run, value.high if value.low is None else value.low, depth + 1)
    low, high = _text(run, value.low, depth + 1), _text(run, value.high, depth + 1)
    return f"{'[' if value.low_closed else '('}{low} .. {high}{']' if value.high_closed else ')'}"


@builtin("not(negand: any) -> boolean")
def negation(_run: Run, negand: Any) -> bool:
    """True for false and false for true."""
    if not isinstance(negand, bool):
        raise Refusal("FEEL_TYPE", f"`not` needs a boolean, got {shown(negand)}.")
    return not negand


@builtin("is(value1?: any, value2?: any) -> boolean")
def identity(run: Run, value1: Any, value2: Any) -> bool:
    """Whether two values are the same, moments also in their zone."""
    return same(value1, value2, run)


@builtin("range(from: string) -> range")
def range_of(run: Run, text: str) -> Range:
    """A range from its text, whose ends are literals."""
    run.spend(150)  # it is parsed anew each time
    if len(text) > 1_000:
        raise Refusal("FEEL_VALUE", "The text of a range has at most 1,000 characters.")
    try:
        source = Source(text)
        node = parse_expression(source, Vocabulary(BUILTINS), Vocabulary(()), budget=DEFAULT_BUDGET, strict=True)
    except Exception as error:
        code = getattr(error, "code", None)
        if code is None:
            raise
        raise _no_range(text) from None
    if not isinstance(node, RangeNode) or text.strip()[0] not in "[(]" or node.sign:
        raise _no_range(text)
    low, high = _endpoint(run, node.low, text), _endpoint(run, node.high, text)
    if low is None and high is None:
        raise _no_range(text)
    if (low is not None and high is not None) and (kind(low) != kind(high) or compare(low, high) > 0):
        raise Refusal("FEEL_VALUE", f'The ends of the range "{text[:60]}" are not in order.')
    return Range(low, node.low_closed, high, node.high_closed)


def _no_range(text: str) -> Refusal:
    return Refusal("FEEL_VALUE", f'"{text[:60]}" is not a range of literals.', 'Write it as "[1..10]" or "(18..21]".')


def _endpoint(run: Run, node: Node | None, text: str) -> Any:
    """A literal, or one of the functions that make moments with a literal argument."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Postfix) and isinstance(node.base, Name) and node.base.name in _MAKERS and len(node.steps) == 1:
        step = node.steps[0]
        if isinstance(step, Call) and len(step.arguments) == 1 and isinstance(step.arguments[0], Literal):
            return BUILTINS[node.base.name].invoke(run, [step.arguments[0].value])
    raise _no_range(text)
