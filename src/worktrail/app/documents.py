# ruff: noqa: A002 (`format` is the word that callers expect)
"""Segments as files: JSON and YAML.

Rule: YAML is only another spelling of JSON. It is read as version 1.2 (`on`, `yes` and dates stay texts), and what JSON cannot
say is refused with its line and column: tags, keys that are no texts, `.nan`, several documents, another YAML version. The same
limits hold as for JSON; aliases are copied, and counted, so that a small file cannot become a large value.
"""

from __future__ import annotations

import copy
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.representer import SafeRepresenter

from worktrail.contract import (
    CanvasError,
    Problem,
    SegmentDefinition,
    SegmentValidationError,
    decode_utf8,
    errors_of,
    parse_json,
    read_segment,
    render_json,
)
from worktrail.errors import CallerError, WorktrailError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Format",
    "dump_document",
    "dump_segment_text",
    "format_of",
    "is_there",
    "load_document",
    "load_segment_file",
    "load_segment_text",
    "read_segment_text",
]

Format = Literal["json", "yaml"]
FORMATS: dict[str, Format] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}

MAX_DEPTH = 128
MAX_NODES = 200_000  # values after aliases were copied
MAX_YAML_BYTES = 1024 * 1024  # the pure parser reads about 300 KB in a second

# The core schema of YAML 1.2.2, chapter 10.3: what a plain scalar means. Everything else is a text.
NULLS = {"", "~", "null", "Null", "NULL"}
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"[-+]?[0-9]+\Z")
OTHER_BASE = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
OLDER_BOOLEANS = {"y", "yes", "n", "no", "on", "off"}  # texts here, booleans to a reader of YAML 1.1: written in quotes

Places = dict[str, tuple[int, int]]  # pointer → line and column, from 1


# --- YAML -----------------------------------------------------------------------------------------------------------


def _refused(code: str, message: str, mark: Any, pointer: str | None = None) -> CanvasError:
    line, column = mark.line + 1, mark.column + 1
    said = f"line {line}, column {column}: {message}"
    return CanvasError(code, said, pointer=pointer, details={"line": line, "column": column})


def _scalar(event: ScalarEvent) -> Any:
    text = event.value
    if event.style is not None:  # quoted or a block: a text, whatever it looks like
        return text
    if text in NULLS:
        return None
    if text in BOOLEANS:
        return BOOLEANS[text]
    if INTEGER.match(text) and len(text) <= 64:
        return int(text)
    if OTHER_BASE.match(text) and len(text) <= 64:
        return int(text, 0)
    if FLOAT.match(text) or NOT_FINITE.match(text):
        value = float("inf") if NOT_FINITE.match(text) else float(text)
        if value in (float("inf"), float("-inf")):
            raise _refused("DOCUMENT_NUMBER", f"the number {text[:40]} cannot be kept", event.start_mark)
        return value
    return text


class _Builder:
    """Builds the value of one YAML document from its events, without recursion into the parser."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open: set[str] = set()
        self.nodes = 0
        self.places: Places = {}

    def value(self, event: Any, pointer: str, depth: int) -> Any:
        """The value that begins with `event`."""
        self.places[pointer] = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, AliasEvent):
            return self.alias(event, pointer)
        self.count(1, event, pointer)
        if depth > MAX_DEPTH:
            raise _refused("DOCUMENT_TOO_DEEP", f"values are nested more than {MAX_DEPTH} deep", event.start_mark, pointer)
        if event.tag is not None and not (isinstance(event, ScalarEvent) and event.tag == "!" and event.style is not None):
            raise _refused("DOCUMENT_YAML", f"tags are not allowed: {event.tag}", event.start_mark, pointer)
        before, anchor = self.nodes, event.anchor
        if anchor is not None:
            self.open.add(anchor)
        if isinstance(event, ScalarEvent):
            made = _scalar(event)
        elif isinstance(event, SequenceStartEvent):
            made = self.sequence(pointer, depth)
        else:
            made = self.mapping(pointer, depth)
        if anchor is not None:
            self.open.discard(anchor)
            self.anchors[anchor] = (made, self.nodes - before + 1)
        return made

    def count(self, nodes: int, event: Any, pointer: str) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise _refused("DOCUMENT_TOO_LARGE", f"the document has more than {MAX_NODES:,} values", event.start_mark, pointer)

    def alias(self, event: AliasEvent, pointer: str) -> Any:
        if event.anchor in self.open:
            raise _refused("DOCUMENT_YAML", f"the alias *{event.anchor} stands inside itself", event.start_mark, pointer)
        if event.anchor not in self.anchors:
            raise _refused("DOCUMENT_SYNTAX", f"there is no anchor &{event.anchor} before this", event.start_mark, pointer)
        made, nodes = self.anchors[event.anchor]
        self.count(nodes, event, pointer)
        return copy.deepcopy(made)

    def sequence(self, pointer: str, depth: int) -> list[Any]:
        made: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            made.append(self.value(event, f"{pointer}/{len(made)}", depth + 1))
        return made

    def mapping(self, pointer: str, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self.key(event, pointer)
            inner = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in made:
                message = f"the key {key[:60]!r} stands twice in one object"
                raise _refused("DOCUMENT_KEY_TWICE", message, event.start_mark, inner)
            made[key] = self.value(next(self.events), inner, depth + 1)
            self.places[inner] = (event.start_mark.line + 1, event.start_mark.column + 1)
        return made

    def key(self, event: Any, pointer: str) -> str:
        self.count(1, event, pointer)
        key = _scalar(event) if isinstance(event, ScalarEvent) and event.tag is None and event.anchor is None else None
        if isinstance(key, str):
            return key
        shown = event.value[:60] if isinstance(event, ScalarEvent) else "of this object"
        raise _refused("DOCUMENT_YAML", f"the key {shown} is no plain text: put it in quotes", event.start_mark, pointer)


def _load_yaml(raw: bytes | str) -> tuple[Any, Places]:
    text = decode_utf8(raw)
    if len(text) > MAX_YAML_BYTES:
        message = f"the document has {len(text):,} characters; as YAML {MAX_YAML_BYTES:,} are allowed"
        raise CanvasError("DOCUMENT_TOO_LARGE", message, hint="Write it as JSON, or split it into sub-segments.")
    try:
        events = iter(YAML(typ="safe", pure=True).parse(text))
        builder = _Builder(events)
        found: list[Any] = []
        for event in events:
            if isinstance(event, DocumentStartEvent):
                if event.tags or event.version not in (None, (1, 2)):
                    raise _refused("DOCUMENT_YAML", "only YAML 1.2 without directives is read", event.start_mark)
            elif isinstance(event, (ScalarEvent, SequenceStartEvent, MappingStartEvent, AliasEvent)):
                if found:
                    raise _refused("DOCUMENT_YAML", "only one document may stand in a text", event.start_mark)
                found.append(builder.value(event, "", 0))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = error.problem or error.context or "this is not YAML"
        if mark is None:
            raise CanvasError("DOCUMENT_SYNTAX", message) from None
        raise _refused("DOCUMENT_SYNTAX", message, mark) from None
    except YAMLError as error:
        message = str(error).splitlines()[0] if str(error) else "this is not YAML"
        offset = getattr(error, "position", None)
        if not isinstance(offset, int):
            raise CanvasError("DOCUMENT_SYNTAX", message) from None
        line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
        details = {"line": line, "column": column}
        raise CanvasError("DOCUMENT_SYNTAX", f"line {line}, column {column}: {message}", details=details) from None
    return (found[0] if found else None), builder.places


class _Representer(SafeRepresenter):
    """Writes texts so that they come back character by character."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, text: str) -> Any:
        """Plain where that is safe, a block where it reads best, quotes where a sign would be lost or changed."""
        lines = text.split("\n")
        if not all(line.isprintable() for line in lines):
            return self.represent_scalar("tag:yaml.org,2002:str", text, style='"')
        if text.lower() in OLDER_BOOLEANS:
            return self.represent_scalar("tag:yaml.org,2002:str", text, style="'")
        block = len(lines) > 1 and lines[0] and all(line == line.strip() and not line.startswith("#") for line in lines)
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


_Representer.add_representer(str, _Representer.represent_text)


def _dump_yaml(value: Any) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 4096
    out = io.StringIO()
    yaml.dump(value, out)
    return out.getvalue()


# --- both formats ---------------------------------------------------------------------------------------------------


def format_of(path: Path) -> Format:
    """The format that the name of a file tells. CanvasError DOCUMENT_FORMAT for another ending."""
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise CanvasError("DOCUMENT_FORMAT", f"{path.name}: the ending {path.suffix or '(none)'} is not known")
    return found


def load_document(raw: bytes | str, format: Format = "json") -> Any:
    """The value of a text. CanvasError DOCUMENT_… with ``line`` and ``column`` in its details, or a pointer."""
    return parse_json(raw) if format == "json" else _load_yaml(raw)[0]


def dump_document(value: Any, format: Format = "json") -> str:
    """A text from which `load_document` reads the same value. Comments are not kept: they are not part of the value."""
    return render_json(value) + "\n" if format == "json" else _dump_yaml(value)


def read_segment_text(raw: bytes | str, format: Format = "json") -> tuple[SegmentDefinition | None, list[Problem]]:
    """As `worktrail.contract.read_segment`; for YAML each problem says ``line`` and ``column`` in its details."""
    if format == "json":
        return read_segment(parse_json(raw))
    value, places = _load_yaml(raw)
    segment, problems = read_segment(value)
    return segment, [_placed(each, places) for each in problems]


def _placed(each: Problem, places: Places) -> Problem:
    """`each` with the line and column of the nearest place that stands in the text."""
    pointer = each.pointer
    while pointer and pointer not in places:
        pointer = pointer.rpartition("/")[0]
    if pointer not in places:
        return each
    line, column = places[pointer]
    return msgspec.structs.replace(each, details={**each.details, "line": line, "column": column})


def load_segment_text(raw: bytes | str, format: Format = "json") -> SegmentDefinition:
    """The segment of a text. CanvasError DOCUMENT_…, or SegmentValidationError with every problem of the document."""
    segment, problems = read_segment_text(raw, format)
    if segment is None or errors_of(problems):
        raise SegmentValidationError(problems, name=segment.segment_id if segment else "")
    return segment


def is_there(name: str | Path, *, file: bool = False) -> bool:
    """Whether a text that came from outside names something that exists (with ``file``: a file). A text that cannot be a path
    at all, too long or with a NUL in it, names nothing."""
    try:
        return Path(name).is_file() if file else Path(name).exists()
    except (OSError, ValueError):
        return False


def load_segment_file(path: Path) -> SegmentDefinition:
    """The segment of a file that ends in `.json`, `.yaml` or `.yml`; as `load_segment_text`, or CallerError DOCUMENT_FILE.
    Every error names the file: whoever reads many cannot know which one it was."""
    kind = format_of(path)
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        raise CallerError("DOCUMENT_FILE", f"{path}: {getattr(error, 'strerror', None) or error}") from None
    try:
        return load_segment_text(raw, kind)
    except WorktrailError as error:
        error.message = f"{path}: {error.message}"
        error.args = (error.message,)
        raise


def dump_segment_text(segment: SegmentDefinition, format: Format = "json") -> str:
    """The text of a segment, in the contract's own spelling."""
    return dump_document(segment.to_dict(), format)
