"""Built-in functions on strings. Positions count characters from 1, negative ones from the end.

Rule: regular expressions run on RE2, which needs linear time for every pattern; look-around and back-references do not exist.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import re2  # type: ignore[import-untyped]

from worktrail.feel.builtins.table import builtin
from worktrail.feel.refusal import Refusal
from worktrail.feel.values import kind, shown

if TYPE_CHECKING:
    from worktrail.feel.budget import Run

MAX_PATTERN = 2_000
MAX_PROGRAM = 10_000  # instructions of RE2
SMALL_PROGRAM = 64
A_PATTERN, A_BAD_PATTERN = 10, 1_000
A_MATCH = 4  # steps for each match of a pattern
_FLAGS = {"s": "s", "m": "m", "i": "i"}
_GROUP = re.compile(r"\\([\\$])|\$([0-9]{1,2})|(\\|\$)")
# What XPath has and RE2 has not: the characters of XML names and the blocks of Unicode (the common ones).
_CLASSES = {"\\i": r"[\p{L}_:]", "\\c": r"[\p{L}\p{N}_:.\-\x{B7}]", "\\I": r"[^\p{L}_:]", "\\C": r"[^\p{L}\p{N}_:.\-\x{B7}]"}
_BLOCKS = {
    "BasicLatin": r"\x{0}-\x{7F}",
    "Latin-1Supplement": r"\x{80}-\x{FF}",
    "LatinExtended-A": r"\x{100}-\x{17F}",
    "GreekandCoptic": r"\x{370}-\x{3FF}",
    "Cyrillic": r"\x{400}-\x{4FF}",
}
_PIECE = re.compile(r"\\p\{Is([A-Za-z0-9-]+)\}|\\(?:.|$)|[\[\].]", re.DOTALL)


def _translated(pattern: str, *, dot_all: bool) -> str:
    """XPath's dialect as RE2's. `.` does not match a carriage return there."""
    depth = 0

    def piece(found: re.Match[str]) -> str:
        nonlocal depth
        text = found[0]
        if found[1]:
            block = _BLOCKS.get(found[1], text)
            return block if depth or block is text else f"[{block}]"
        if text == "\\0":
            raise Refusal("FEEL_VALUE", "The pattern has no escape `\\0`.")
        if text in _CLASSES:
            return _CLASSES[text][1:-1] if depth and text.islower() else _CLASSES[text]
        if text == ".":
            return text if depth or dot_all else r"[^\n\r]"
        if text == "[" and depth and found.start() and pattern[found.start() - 1] == "-":
            raise Refusal("FEEL_VALUE", "RE2 cannot subtract one character class from another.", "List the characters instead.")
        depth += (text == "[") - (text == "]" and depth > 0)
        return text

    return _PIECE.sub(piece, pattern)


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> Any:
    """A pattern of XPath's dialect as RE2's; FEEL_VALUE where RE2 cannot take it."""
    if len(pattern) > MAX_PATTERN:
        raise Refusal("FEEL_VALUE", f"The pattern has {len(pattern)} characters, at most {MAX_PATTERN} are allowed.")
    unknown = sorted(set(flags) - set("smixq"))
    if unknown:
        raise Refusal("FEEL_VALUE", f'There is no flag "{unknown[0]}".', "The flags are s, m, i, x and q.")
    if "q" in flags:
        pattern = re2.escape(pattern)
    else:
        if "x" in flags:
            pattern = _without_blanks(pattern)
        pattern = _translated(pattern, dot_all="s" in flags)
    inline = "".join(_FLAGS[flag] for flag in sorted(set(flags)) if flag in _FLAGS)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 4 << 20
    try:
        compiled = re2.compile(f"(?{inline}){pattern}" if inline else pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise Refusal(
            "FEEL_VALUE",
            f"The pattern is not a regular expression of RE2: {reason}.",
            "Look-around and back-references do not exist here.",
        ) from None
    if compiled.programsize > MAX_PROGRAM:
        raise Refusal("FEEL_VALUE", "The pattern is too large once its repetitions are written out.", "Repeat less often.")
    return compiled


def _without_blanks(pattern: str) -> str:
    """The flag x: blanks outside of character classes do not count."""
    found, depth, escaped = [], 0, False
    for sign in pattern:
        if depth or not sign.isspace():
            found.append(sign)
            if not escaped:
                depth += (sign == "[") - (sign == "]" and depth > 0)
            escaped = sign == "\\" and not escaped
    return "".join(found)


def _scan(run: Run, text: str) -> None:
    run.text(len(text))


def _pattern(run: Run, pattern: str, flags: str | None) -> Any:
    """A compiled pattern, paid for the first time an evaluation uses it (whether it happens to be cached or not)."""
    key = (pattern, flags or "")
    if key in run.patterns:
        return _compiled(*key)
    try:
        compiled = _compiled(*key)
    except Refusal:
        run.spend(A_BAD_PATTERN)
        raise
    run.spend(A_PATTERN + compiled.programsize // 2)
    run.patterns = run.patterns | {key}
    return compiled


def _search(run: Run, text: str, compiled: Any) -> None:
    """Pay for a search: RE2 needs at worst the length of the text times the size of the program."""
    run.spend(A_MATCH)
    run.text(len(text))
    if compiled.programsize > SMALL_PROGRAM:
        run.spend(len(text) * compiled.programsize // 512)


def _matched(run: Run, text: str, found: Any) -> None:
    """Pay for a match and for the search of the next one."""
    run.spend(A_MATCH + (len(text) - found.end()) // 1024)


@builtin("substring(string: string, start position: number, length?: number) -> string")
def substring(run: Run, text: str, start: Any, length: Any) -> str:
    """The part of a text from a position (negative: from the end), with a length."""
    first, size = int(start), len(text)
    if first == 0 or abs(first) > size:
        if size == 0 and first == 1:
            return ""
        raise Refusal("FEEL_VALUE", f"Position {first} is not in a text of {size} characters.", "The first character is 1.")
    if length is not None and length < 1:
        raise Refusal("FEEL_VALUE", f"A length of {length} is not positive.")
    begin = first - 1 if first > 0 else size + first
    run.text(size)
    return text[begin:] if length is None else text[begin : begin + int(min(length, size))]


@builtin("string length(string: string) -> number")
def string_length(_run: Run, text: str) -> int:
    """The number of characters."""
    return len(text)


@builtin("upper case(string: string) -> string")
def upper_case(run: Run, text: str) -> str:
    """The text in capitals."""
    run.text(len(text))
    return text.upper()


@builtin("lower case(string: string) -> string")
def lower_case(run: Run, text: str) -> str:
    """The text in small letters."""
    run.text(len(text))
    return text.lower()


@builtin("substring before(string: string, match: string) -> string")
def substring_before(run: Run, text: str, part: str) -> str:
    """What stands before the first occurrence, or an empty text."""
    _scan(run, text)
    return text.partition(part)[0] if part and part in text else ""


@builtin("substring after(string: string, match: string) -> string")
def substring_after(run: Run, text: str, part: str) -> str:
    """What stands after the first occurrence, or an empty text."""
    _scan(run, text)
    return text.partition(part)[2] if part else text


@builtin("replace(input: string, pattern: string, replacement: string, flags?: string|null) -> string")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None) -> str:
    """Every match of a pattern replaced; `$1` stands for the first group."""
    compiled = _pattern(run, pattern, flags)
    _search(run, text, compiled)
    if compiled.search("") is not None:
        raise Refusal("FEEL_VALUE", "The pattern matches the empty text, so nothing can be replaced.")
    parts: list[str] = []
    position = length = 0
    literal = "q" in (flags or "")
    for found in compiled.finditer(text):
        _matched(run, text, found)
        new = replacement if literal else _expanded(replacement, found)
        length += found.start() - position + len(new)
        if length > run.budget.result_size:
            run.text(length)
        parts += (text[position : found.start()], new)
        position = found.end()
    run.text(length + len(text) - position)
    return "".join(parts) + text[position:]


def _expanded(replacement: str, found: Any) -> str:
    if "$" not in replacement and "\\" not in replacement:
        return replacement

    def part(sign: re.Match[str]) -> str:
        if sign[1]:
            return sign[1]
        if sign[3]:
            raise Refusal("FEEL_VALUE", f"`{sign[3]}` in a replacement needs a digit or a backslash.", r"Write `\\$` for a `$`.")
        number = sign[2]
        groups = len(found.groups())
        if int(number) > groups and len(number) == 2:
            return (found[int(number[0])] or "" if int(number[0]) <= groups else "") + number[1]
        return found[int(number)] or "" if int(number) <= groups else ""

    return _GROUP.sub(part, replacement)


@builtin("contains(string: string, match: string) -> boolean")
def contains(run: Run, text: str, part: str) -> bool:
    """Whether a text holds another."""
    _scan(run, text)
    return part in text


@builtin("starts with(string: string, match: string) -> boolean")
def starts_with(_run: Run, text: str, part: str) -> bool:
    """Whether a text begins with another."""
    return text.startswith(part)


@builtin("ends with(string: string, match: string) -> boolean")
def ends_with(_run: Run, text: str, part: str) -> bool:
    """Whether a text ends with another."""
    return text.endswith(part)


@builtin("matches(input: string, pattern: string, flags?: string|null) -> boolean")
def matches(run: Run, text: str, pattern: str, flags: str | None) -> bool:
    """Whether a pattern (RE2) matches anywhere in a text; flags s, m, i, x, q."""
    compiled = _pattern(run, pattern, flags)
    _search(run, text, compiled)
    return compiled.search(text) is not None


@builtin("split(string: string, delimiter: string) -> list")
def split(run: Run, text: str, delimiter: str) -> list[str]:
    """The parts of a text between the matches of a pattern."""
    compiled = _pattern(run, delimiter, None)
    _search(run, text, compiled)
    parts: list[str] = []
    position = 0
    for found in compiled.finditer(text):
        _matched(run, text, found)
        if found.end() > found.start():
            parts.append(text[position : found.start()])
            position = found.end()
    return [*parts, text[position:]]


@builtin("extract(string: string, pattern: string) -> list")
def extract(run: Run, text: str, pattern: str) -> list[str]:
    """Every match of a pattern."""
    compiled = _pattern(run, pattern, None)
    _search(run, text, compiled)
    found: list[str] = []
    for hit in compiled.finditer(text):
        _matched(run, text, hit)
        found.append(hit[0])
    return found


@builtin("string join(list: list, delimiter?: string|null) -> string")
def string_join(run: Run, items: list[Any], delimiter: str | None) -> str:
    """The texts of a list as one, with a delimiter between them; nulls are left out."""
    run.items(len(items))
    texts: list[str] = []
    for item in items:
        if item is not None:
            if kind(item) != "string":
                raise Refusal("FEEL_TYPE", f"`string join` needs texts, got {shown(item)}.", "Convert: `string(x)`.")
            texts.append(item)
    between = delimiter or ""
    run.text(sum(map(len, texts)) + len(between) * max(0, len(texts) - 1))
    return between.join(texts)


@builtin("trim(string: string) -> string")
def trim(run: Run, text: str) -> str:
    """The text without blanks at its ends."""
    _scan(run, text)
    return text.strip()


@builtin("is blank(string: string) -> boolean")
def is_blank(run: Run, text: str) -> bool:
    """Whether a text is empty or only blanks."""
    _scan(run, text)
    return not text.strip()
