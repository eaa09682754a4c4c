"""Whether what leaves one port can arrive at another.

Rule: three answers. *fits*: nothing is known against it. *transform*: some values will not do, so a transform should stand
between (a warning). *cannot*: no value of the one is a value of the other (an error). A schema says more than a data type; a
data type alone is a promise, not a check, so a text may be asked of anything (it can be rendered). Secrets and files never turn
into anything else. Keywords that are not looked at never speak against a fit.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worktrail.contract.catalog import PortSpec

__all__ = ["Fit", "port_fit"]

MAX_DEPTH = 8  # deeper parts of two schemas are not compared


class Fit(IntEnum):
    """Ordered: the worse of two answers is the larger."""

    fits = 0
    transform = 1
    cannot = 2


Answer = tuple[Fit, str]
FITS: Answer = (Fit.fits, "")
ALONE = ("secret", "file")
JSON_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")


def port_fit(source: PortSpec, target: PortSpec) -> Answer:
    """The answer and, unless it is *fits*, why."""
    if source == target or target.many:
        return FITS
    apart = _apart(source.data_type, target.data_type)
    if apart is not None:
        return apart
    if source.schema is not None and target.schema is not None:
        return _schemas(_schema(source.schema), _schema(target.schema), "", 0)
    one = _types(_schema(source.schema)) if source.schema is not None else _named(source.data_type)
    other = _types(_schema(target.schema)) if target.schema is not None else _named(target.data_type)
    fit, why = _type_sets(one, other, "")
    if fit is Fit.cannot and target.schema is None and "string" in other:
        return Fit.transform, why
    return fit, why


def _apart(source: str, target: str) -> Answer | None:
    """Secrets and files."""
    if source not in ALONE and target not in ALONE:
        return None
    if source == target or (source == "file" and target == "any"):
        return FITS
    if source == "any":
        return (Fit.transform, "not every value is a secret") if target == "secret" else FITS
    return Fit.cannot, f"{source} is not {target}"


def _schema(schema: dict[str, Any] | bool) -> dict[str, Any]:
    if isinstance(schema, bool):
        return {} if schema else {"enum": []}
    return schema


def _named(data_type: str) -> frozenset[str]:
    return frozenset((data_type,)) if data_type in JSON_TYPES else frozenset(JSON_TYPES)


def _types(schema: dict[str, Any]) -> frozenset[str]:
    said = schema.get("type")
    if isinstance(said, str):
        return frozenset((said,))
    if isinstance(said, list):
        return frozenset(each for each in said if isinstance(each, str))
    values = schema["enum"] if isinstance(schema.get("enum"), list) else [schema["const"]] if "const" in schema else None
    return frozenset(JSON_TYPES) if values is None else frozenset(map(_type_of, values))


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) and not value.is_integer():
        return "number"
    names = {str: "string", int: "integer", float: "integer", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _type_sets(source: frozenset[str], target: frozenset[str], at: str) -> Answer:
    if len(target) >= len(JSON_TYPES) or len(source) >= len(JSON_TYPES):
        return FITS  # nothing is said of one of them
    good = [each for each in source if each in target or (each == "integer" and "number" in target)]
    if len(good) == len(source):
        return FITS
    what = f"{at or 'it'} is {' or '.join(sorted(source))}, not {' or '.join(sorted(target))}"
    half = "number" in source and "integer" in target
    return (Fit.transform if good or half else Fit.cannot), what


def _schemas(source: dict[str, Any], target: dict[str, Any], at: str, depth: int) -> Answer:
    """The worst answer of what is compared."""
    if depth > MAX_DEPTH:
        return FITS
    found = _type_sets(_types(source), _types(target), at)
    for compare in (_values, _range, _properties, _items):
        if found[0] is Fit.cannot:
            break
        found = max(found, compare(source, target, at, depth), key=lambda answer: answer[0])
    return found


def _allowed(schema: dict[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema["enum"] if isinstance(schema.get("enum"), list) else None


def _values(source: dict[str, Any], target: dict[str, Any], at: str, _: int) -> Answer:
    wanted, given = _allowed(target), _allowed(source)
    if wanted is None:
        return FITS
    if given is None:
        return Fit.transform, f"{at or 'it'} is not limited to the values allowed"
    good = sum(value in wanted for value in given)
    if good == len(given) and given:
        return FITS
    return (Fit.transform if good else Fit.cannot), f"{at or 'it'} has other values than allowed"


def _number(schema: dict[str, Any], key: str, otherwise: float) -> float:
    value = schema.get(key)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else otherwise


def _range(source: dict[str, Any], target: dict[str, Any], at: str, _: int) -> Answer:
    low, high = _number(target, "minimum", -float("inf")), _number(target, "maximum", float("inf"))
    least, most = _number(source, "minimum", -float("inf")), _number(source, "maximum", float("inf"))
    if least > high or most < low:
        return Fit.cannot, f"{at or 'it'} is outside the range allowed"
    if least < low or most > high:
        return Fit.transform, f"{at or 'it'} may be outside the range allowed"
    return FITS


def _properties(source: dict[str, Any], target: dict[str, Any], at: str, depth: int) -> Answer:
    has, wants = source.get("properties"), target.get("properties")
    has, wants = has if isinstance(has, dict) else {}, wants if isinstance(wants, dict) else {}
    sure, needed = source.get("required"), target.get("required")
    sure, needed = sure if isinstance(sure, list) else [], needed if isinstance(needed, list) else []
    found = FITS
    for name in needed:
        if name not in sure:
            never = source.get("additionalProperties") is False and name not in has
            missing: Answer = (Fit.cannot if never else Fit.transform, f"{_below(at, name)} may be missing")
            found = max(found, missing, key=lambda answer: answer[0])
    for name, wanted in wants.items():
        given = has.get(name)
        if isinstance(given, dict) and isinstance(wanted, dict):
            fit, why = _schemas(given, wanted, _below(at, name), depth + 1)
            if fit is Fit.cannot and name not in sure:
                fit = Fit.transform  # it may be absent
            found = max(found, (fit, why), key=lambda answer: answer[0])
    return found


def _below(at: str, name: object) -> str:
    return f"{at}.{name}" if at else str(name)


def _items(source: dict[str, Any], target: dict[str, Any], at: str, depth: int) -> Answer:
    given, wanted = source.get("items"), target.get("items")
    if not isinstance(given, dict) or not isinstance(wanted, dict):
        return FITS
    fit, why = _schemas(given, wanted, f"{at}[]", depth + 1)
    return (min(fit, Fit.transform), why)  # an empty list always fits
