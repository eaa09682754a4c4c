"""What people write who come from other languages, and the FEEL way to say it.

Rule: an expression that fails at one of these must get the hint, in both modes; a hint shows text that can be pasted.
"""

from __future__ import annotations

from typing import Any

from worktrail.errors import AuthorError

__all__ = ["FOREIGN_CONSTANTS", "FOREIGN_FUNCTIONS", "FOREIGN_PROPERTIES", "FOREIGN_WORDS", "SIGN_HINTS", "syntax_error"]

SIGN_HINTS = {
    "==": "FEEL compares with a single sign: `a = b`.",
    "===": "FEEL compares with a single sign: `a = b`.",
    "<>": "FEEL writes `a != b`.",
    "&&": "FEEL writes `a and b`.",
    "&": "FEEL writes `a and b`; strings are joined with `+`.",
    "||": "FEEL writes `a or b`.",
    "|": "FEEL writes `a or b`.",
    "!": "FEEL writes `not(x)`; `!=` is fine.",
    "%": "FEEL writes `modulo(a, b)`.",
    "?": "FEEL writes `if condition then a else b`; `?` stands for the input only in unary tests.",
    "??": "FEEL writes `get or else(x, default)`.",
    "'": 'Strings stand in double quotes: `"text"`.',
    "`": "Backticks stand around a name with signs or blanks in it: `` `first name` ``.",
    "=>": "FEEL writes `function(x) x + 1`; the order sign is `>=`.",
    "->": "FEEL writes `function(x) x + 1`.",
    ";": "An expression is one value; separate arguments with `,`.",
    "^": "FEEL writes a power as `a ** b`.",
    "$": "Names need no sign in front: `amount`.",
    "#": "Comments are `// text` or `/* text */`.",
    "=": "FEEL has no assignment; a context names values: `{a: 1, b: a + 1}.b`.",
}
FOREIGN_WORDS = {
    "True": "FEEL writes `true`.",
    "False": "FEEL writes `false`.",
    "TRUE": "FEEL writes `true`.",
    "FALSE": "FEEL writes `false`.",
    "None": "FEEL writes `null`.",
    "nil": "FEEL writes `null`.",
    "NULL": "FEEL writes `null`.",
    "undefined": "FEEL writes `null`; `is defined(x)` asks whether there is a value.",
    "AND": "FEEL writes `and`.",
    "OR": "FEEL writes `or`.",
    "NOT": "FEEL writes `not(x)`.",
    "not": "`not` is a function: `not(x)`.",
    "elif": "FEEL writes `else if`.",
    "elseif": "FEEL writes `else if`.",
    "is": "FEEL writes `x = null`, or `x instance of number` for types.",
    "lambda": "FEEL writes `function(x) x + 1`.",
    "def": "FEEL writes `function(x) x + 1`.",
    "like": 'FEEL writes `matches(x, "pattern")` or `contains(x, "text")`.',
    "mod": "FEEL writes `modulo(a, b)`.",
    "let": "A context names values: `{a: 1, b: a + 1}.b`.",
    "var": "A context names values: `{a: 1, b: a + 1}.b`.",
    "const": "A context names values: `{a: 1, b: a + 1}.b`.",
}
FOREIGN_CONSTANTS = frozenset({"True", "False", "TRUE", "FALSE", "None", "nil", "NULL", "undefined"})
FOREIGN_FUNCTIONS = {
    "len": "FEEL writes `count(list)` or `string length(text)`.",
    "length": "FEEL writes `count(list)` or `string length(text)`.",
    "size": "FEEL writes `count(list)` or `string length(text)`.",
    "str": "FEEL writes `string(x)`.",
    "int": "FEEL writes `number(x)` for texts and `floor(x)` for numbers.",
    "float": "FEEL writes `number(x)`.",
    "bool": "FEEL writes a comparison, for example `x != null`.",
    "upper": "FEEL writes `upper case(x)`.",
    "lower": "FEEL writes `lower case(x)`.",
    "strip": "FEEL writes `trim(x)`.",
    "substr": "FEEL writes `substring(text, start, length)`; the first character is 1.",
    "startswith": "FEEL writes `starts with(text, start)`.",
    "endswith": "FEEL writes `ends with(text, end)`.",
    "startsWith": "FEEL writes `starts with(text, start)`.",
    "endsWith": "FEEL writes `ends with(text, end)`.",
    "includes": "FEEL writes `contains(text, part)` or `list contains(list, x)`.",
    "indexOf": "FEEL writes `index of(list, x)`.",
    "join": "FEEL writes `string join(list, separator)`.",
    "isNull": "FEEL writes `x = null`.",
    "isnull": "FEEL writes `x = null`.",
    "isinstance": "FEEL writes `x instance of number`.",
    "defined": "FEEL writes `is defined(x)`.",
    "default": "FEEL writes `get or else(x, default)`.",
    "coalesce": "FEEL writes `get or else(x, default)`.",
    "has": "FEEL writes `is defined(x)`.",
    "pow": "FEEL writes `a ** b`.",
    "map": "FEEL writes `for x in list return x.name`.",
    "filter": "FEEL writes `list[item > 5]`.",
    "avg": "FEEL writes `mean(list)`.",
    "keys": "FEEL writes `for e in get entries(context) return e.key`.",
    "range": "FEEL writes `for i in 1..10 return i`.",
}
FOREIGN_PROPERTIES = {
    "length": "FEEL writes `count(list)` or `string length(text)`.",
    "size": "FEEL writes `count(list)` or `string length(text)`.",
    "count": "FEEL writes `count(list)`.",
    "toString": "FEEL writes `string(x)`.",
    "toUpperCase": "FEEL writes `upper case(x)`.",
    "toLowerCase": "FEEL writes `lower case(x)`.",
    "upper": "FEEL writes `upper case(x)`.",
    "lower": "FEEL writes `lower case(x)`.",
    "startsWith": "FEEL writes `starts with(text, start)`.",
    "endsWith": "FEEL writes `ends with(text, end)`.",
    "includes": "FEEL writes `contains(text, part)` or `list contains(list, x)`.",
    "contains": "FEEL writes `contains(text, part)` or `list contains(list, x)`.",
    "get": "FEEL writes `get or else(context.key, default)`.",
    "map": "FEEL writes `for x in list return x.name`.",
    "filter": "FEEL writes `list[item > 5]`.",
    "join": "FEEL writes `string join(list, separator)`.",
}


def syntax_error(place: dict[str, Any], message: str, hint: str = "", code: str = "FEEL_SYNTAX") -> AuthorError:
    """A compile-time error at a place of the text."""
    where = f" (line {place['line']}, column {place['column']})"
    return AuthorError(code, message + where, hint=hint, details=place)
