"""Built-in functions on lists. Positions count from 1, negative ones from the end.

Rule: what walks or builds a list pays for it in steps before it does so.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from itertools import starmap
from typing import TYPE_CHECKING, Any

from worktrail.feel.budget import over
from worktrail.feel.builtins.table import builtin, call
from worktrail.feel.comparing import MAX_WALK, compare, equal
from worktrail.feel.numbers import CONTEXT, arithmetic, decimal_of, whole
from worktrail.feel.ops import as_number, binary
from worktrail.feel.refusal import Refusal
from worktrail.feel.values import Function, adopt, kind, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worktrail.feel.budget import Run

Items = list[Any]
_PLAIN = frozenset(("boolean", "number", "string"))  # kinds that are looked up rather than compared one by one


def _like(left: Any, right: Any, run: Run) -> bool:
    """``=`` where values of different kinds are simply not equal."""
    if left is None or right is None:
        return left is right
    return kind(left) == kind(right) and equal(left, right, run)


def _has(items: Iterable[Any], wanted: Any, run: Run) -> bool:
    for item in items:
        run.spend()
        if _like(item, wanted, run):
            return True
    return False


def _filled(items: Items, name: str) -> Items:
    if not items:
        raise Refusal("FEEL_VALUE", f"`{name}` of an empty list has no value.", f"Guard it: `get or else({name}(x), 0)`.")
    return items


def _numbers(run: Run, items: Items, name: str) -> list[Any]:
    run.items(len(items))
    return [as_number(item) for item in _filled(items, name)]


def _position(items: Items, position: Any, *, past: int = 0) -> int:
    """A position from 1 or from the end as an index from 0."""
    number = decimal_of(position)
    place = int(number)
    if place != number or place == 0 or abs(place) > len(items) + past:
        raise Refusal("FEEL_VALUE", f"There is no position {position} in a list of {len(items)}.", "Positions begin at 1.")
    return place - 1 if place > 0 else len(items) + place


@builtin("list contains(list: list, element: any) -> boolean")
def list_contains(run: Run, items: Items, element: Any) -> bool:
    """Whether a list holds a value."""
    return _has(items, element, run)


@builtin("count(list: list) -> number")
def count(_run: Run, items: Items) -> int:
    """The number of items."""
    return len(items)


def _extreme(run: Run, items: Items, name: str, sign: int) -> Any:
    run.items(len(items))
    best = _filled(items, name)[0]
    if best is None:
        raise Refusal("FEEL_TYPE", f"`{name}` cannot order null.")
    compare(best, best)
    for item in items[1:]:
        if compare(item, best) == sign:
            best = item
    return adopt(best)


@builtin("min(list: list) -> any")
def minimum(run: Run, items: Items) -> Any:
    """The smallest item of a list, or of the arguments."""
    return _extreme(run, items, "min", -1)


@builtin("min(c...: any) -> any")
def minimum_of(run: Run, items: Items) -> Any:
    return _extreme(run, items, "min", -1)


@builtin("max(list: list) -> any")
def maximum(run: Run, items: Items) -> Any:
    """The largest item of a list, or of the arguments."""
    return _extreme(run, items, "max", 1)


@builtin("max(c...: any) -> any")
def maximum_of(run: Run, items: Items) -> Any:
    return _extreme(run, items, "max", 1)


@builtin("sum(list: list) -> any")
def total(run: Run, items: Items) -> Any:
    """The sum of numbers, or of durations."""
    if items and kind(items[0]) != "number":
        run.items(len(items))
        if not kind(items[0]).endswith("duration"):
            raise Refusal("FEEL_TYPE", f"`sum` needs numbers or durations, got {shown(items[0])}.")
        found = items[0]
        for item in items[1:]:
            found = binary("+", found, item, run)
        return found
    found = 0
    for number in _numbers(run, items, "sum"):
        found = arithmetic("+", found, number)
    return found


@builtin("sum(n...: any) -> any")
def total_of(run: Run, items: Items) -> Any:
    return total(run, items)


@builtin("mean(list: list) -> number")
def mean(run: Run, items: Items) -> Any:
    """The average of numbers."""
    return arithmetic("/", total(run, _numbers(run, items, "mean")), len(items))


@builtin("mean(n...: any) -> number")
def mean_of(run: Run, items: Items) -> Any:
    return mean(run, items)


@builtin("product(list: list) -> number")
def product(run: Run, items: Items) -> Any:
    """The product of numbers."""
    found: int | Decimal = 1
    for number in _numbers(run, items, "product"):
        found = arithmetic("*", found, number)
    return found


@builtin("product(n...: any) -> number")
def product_of(run: Run, items: Items) -> Any:
    return product(run, items)


@builtin("median(list: list) -> number")
def median(run: Run, items: Items) -> Any:
    """The middle number, or the average of the two in the middle."""
    ordered = sorted(_numbers(run, items, "median"))
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else arithmetic("/", arithmetic("+", ordered[middle - 1], ordered[middle]), 2)


@builtin("median(n...: any) -> number")
def median_of(run: Run, items: Items) -> Any:
    return median(run, items)


@builtin("stddev(list: list) -> number")
def stddev(run: Run, items: Items) -> Any:
    """The standard deviation of a sample."""
    if len(items) < 2:
        raise Refusal("FEEL_VALUE", "`stddev` needs at least two numbers.")
    average = mean(run, items)
    squares = [arithmetic("**", arithmetic("-", number, average), 2) for number in _numbers(run, items, "stddev")]
    return whole(CONTEXT.sqrt(arithmetic("/", total(run, squares), len(items) - 1)))


@builtin("stddev(n...: any) -> number")
def stddev_of(run: Run, items: Items) -> Any:
    return stddev(run, items)


@builtin("mode(list: list) -> list")
def mode(run: Run, items: Items) -> Items:
    """The most frequent numbers, in ascending order."""
    if not items:
        return []
    counts: dict[Any, int] = {}
    for number in _numbers(run, items, "mode"):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values())
    return sorted((number for number, times in counts.items() if times == most), key=Decimal)


@builtin("mode(n...: any) -> list")
def mode_of(run: Run, items: Items) -> Items:
    return mode(run, items)


def _truth(run: Run, items: Items, *, decisive: bool) -> bool:
    """Three-valued "or" (decisive true) and "and" (decisive false) over a list."""
    run.items(len(items))
    if any(item is decisive for item in items):
        return decisive
    wrong = [item for item in items if not isinstance(item, bool)]
    if wrong:
        raise Refusal("FEEL_TYPE", f"Expected booleans, got {shown(wrong[0])}.")
    return not decisive


@builtin("all(list: list) -> boolean")
def every(run: Run, items: Items) -> bool:
    """Whether all items are true."""
    return _truth(run, items, decisive=False)


@builtin("all(b...: any) -> boolean")
def every_of(run: Run, items: Items) -> bool:
    return _truth(run, items, decisive=False)


@builtin("any(list: list) -> boolean")
def some(run: Run, items: Items) -> bool:
    """Whether at least one item is true."""
    return _truth(run, items, decisive=True)


@builtin("any(b...: any) -> boolean")
def some_of(run: Run, items: Items) -> bool:
    return _truth(run, items, decisive=True)


@builtin("sublist(list: list, start position: number, length?: number) -> list")
def sublist(run: Run, items: Items, start: Any, length: Any) -> Items:
    """The part of a list from a position, with a length."""
    begin = _position(items, start)
    size = len(items) - begin if length is None else int(decimal_of(length))
    if size < 0 or begin + size > len(items):
        raise Refusal("FEEL_VALUE", f"There are not {size} items from position {start}.")
    run.items(size)
    return list(items[begin : begin + size])


@builtin("append(list: list, items...: any) -> list")
def append(run: Run, items: Items, new: Items) -> Items:
    """The list with more items at its end."""
    run.items(len(items) + len(new))
    return [*items, *new]


@builtin("concatenate(lists...: list) -> list")
def concatenate(run: Run, lists: list[Items]) -> Items:
    """Several lists one after the other."""
    run.items(sum(map(len, lists)))
    return [item for items in lists for item in items]


@builtin("insert before(list: list, position: number, new item: any) -> list")
def insert_before(run: Run, items: Items, position: Any, new: Any) -> Items:
    """The list with an item put before a position."""
    index = _position(items, position)
    run.items(len(items) + 1)
    return [*items[:index], new, *items[index:]]


@builtin("remove(list: list, position: number) -> list")
def remove(run: Run, items: Items, position: Any) -> Items:
    """The list without the item at a position."""
    index = _position(items, position)
    run.items(len(items))
    return [*items[:index], *items[index + 1 :]]


@builtin("list replace(list: list, position: number, new item: any) -> list")
def list_replace(run: Run, items: Items, position: Any, new: Any) -> Items:
    """The list with the item at a position (or all that match a function) replaced."""
    index = _position(items, position)
    run.items(len(items))
    return [*items[:index], new, *items[index + 1 :]]


@builtin("list replace(list: list, match: function, new item: any) -> list")
def list_replace_matching(run: Run, items: Items, match: Function, new: Any) -> Items:
    run.items(len(items))
    found = []
    for item in items:
        chosen = call(match, run, [item, new])
        if not isinstance(chosen, bool):
            raise Refusal("FEEL_TYPE", f"The function of `list replace` must answer true or false, got {shown(chosen)}.")
        found.append(new if chosen else item)
    return found


@builtin("reverse(list: list) -> list")
def reverse(run: Run, items: Items) -> Items:
    """The list from its end to its start."""
    run.items(len(items))
    return list(items)[::-1]


@builtin("index of(list: list, match: any) -> list")
def index_of(run: Run, items: Items, match: Any) -> Items:
    """All positions of a value."""
    run.items(len(items))
    return [index for index, item in enumerate(items, start=1) if _like(item, match, run)]


def _distinct(run: Run, items: Iterable[Any]) -> Items:
    found: Items = []
    seen: set[Any] = set()
    for raw in items:
        run.spend()
        item = adopt(raw)
        name = kind(item)
        if name in _PLAIN:
            key = (name, decimal_of(item) if name == "number" else item)
            if key in seen:
                continue
            seen.add(key)
            found.append(item)
        elif not _has(found, item, run):
            found.append(item)
    return found


@builtin("union(lists...: list) -> list")
def union(run: Run, lists: list[Items]) -> Items:
    """Several lists one after the other, each value once."""
    return _distinct(run, concatenate(run, lists))


@builtin("distinct values(list: list) -> list")
def distinct_values(run: Run, items: Items) -> Items:
    """Each value once, in the order of first appearance."""
    return _distinct(run, items)


@builtin("duplicate values(list: list) -> list")
def duplicate_values(run: Run, items: Items) -> Items:
    """Each value that appears more than once."""
    found: Items = []
    for index, item in enumerate(items):
        if _has(items[index + 1 :], item, run) and not _has(found, item, run):
            found.append(item)
    return found


@builtin("flatten(list: list) -> list")
def flatten(run: Run, items: Items) -> Items:
    """The items of all nested lists in one list."""
    found: Items = []

    def walk(level: Items, depth: int) -> None:
        if depth > MAX_WALK:
            raise over("nesting", MAX_WALK, f"The list is nested deeper than {MAX_WALK}.")
        run.items(len(level))
        for item in level:
            if kind(item) == "list":
                walk(item, depth + 1)
            else:
                found.append(item)

    walk(items, 0)
    return found


@builtin("sort(list: list, precedes?: function) -> list")
def sort(run: Run, items: Items, precedes: Function | None) -> Items:
    """The list in order, or ordered by a function that says whether its first argument comes before its second."""
    run.items(len(items) * (1 + len(items).bit_length() // 2))
    if precedes is None:
        return sorted(items, key=cmp_to_key(compare))

    def before(left: Any, right: Any) -> bool:
        answer = call(precedes, run, [left, right])
        if not isinstance(answer, bool):
            raise Refusal("FEEL_TYPE", f"The function of `sort` must answer true or false, got {shown(answer)}.")
        return answer

    def order(left: Any, right: Any) -> int:
        return -1 if before(left, right) else 1 if before(right, left) else 0

    return sorted(items, key=cmp_to_key(order))


@builtin("partition(list: list, size: number) -> list")
def partition(run: Run, items: Items, size: Any) -> list[Items]:
    """The list cut into lists of a size."""
    step = int(decimal_of(size))
    if step < 1:
        raise Refusal("FEEL_VALUE", "The size of a part must be at least 1.")
    run.items(len(items) + 1)
    return list(starmap(_cut(items), ((start, start + step) for start in range(0, len(items), step))))


def _cut(items: Items) -> Any:
    return lambda start, end: list(items[start:end])


@builtin("is empty(list: list) -> boolean")
def is_empty(_run: Run, items: Items) -> bool:
    """Whether a list has no items."""
    return not items
