"""``worktrail.toml``: what CLI, server and worker share about a project.

Rule: strict. A key that is not known is an error that names the nearest one; a value of the wrong type names its place. Paths
are relative to the file. Secrets never stand in it: a text ``env:NAME`` is read from the environment when it is used.
"""

from __future__ import annotations

import difflib
import os
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from worktrail.app.documents import FORMATS, format_of, is_there, load_document, load_segment_file
from worktrail.contract import SegmentDefinition
from worktrail.errors import AuthorError, CallerError, WorktrailError

__all__ = [
    "DEFAULT_DATABASE",
    "PROJECT_FILE",
    "Client",
    "Http",
    "Llm",
    "Models",
    "Project",
    "ProjectTable",
    "ResourceTable",
    "Segments",
    "environment",
    "find_project",
    "load_project",
    "segment_twice",
]

PROJECT_FILE = "worktrail.toml"
DEFAULT_DATABASE = "worktrail.sqlite"
DEFAULT_VALUE_BYTES = 64 * 1024 * 1024  # of one value as JSON
MAX_VALUE_BYTES = 900 * 1024 * 1024  # SQLite keeps a little under a gigabyte in one cell


class ProjectTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[project]``: ``segments`` are folders and files, ``app`` a Python module or file with ``@step`` functions."""

    name: str = ""
    segments: list[str] = msgspec.field(default_factory=lambda: ["segments"])
    app: str | None = None
    database: str = DEFAULT_DATABASE
    concurrency: int = 64
    max_value_bytes: int = DEFAULT_VALUE_BYTES


class Http(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[http]``: where ``http_action`` may go (see the guard of `worktrail.net`)."""

    allow_hosts: list[str] = []
    only_hosts: list[str] | None = None
    allow_private: bool = False
    ports: list[int] | None = None


class Models(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[models]``: ``scripted`` lets the offline provider answer where no model is registered; it says so in its output."""

    scripted: bool = False


class Client(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[resources.clients.ID]``: a service behind one address; values of ``headers`` may be ``env:NAME``."""

    base_url: str
    headers: dict[str, str] = {}


class Llm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[resources.llms.ID]``: this release knows the provider ``scripted``, with ``replies`` prompt → answer."""

    provider: str
    replies: dict[str, str] = {}


class ResourceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[resources]``. ``secrets``: id → ``env:NAME``."""

    clients: dict[str, Client] = {}
    llms: dict[str, Llm] = {}
    secrets: dict[str, str] = {}


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    project: ProjectTable = ProjectTable()
    http: Http = Http()
    models: Models = Models()
    resources: ResourceTable = ResourceTable()


class Project(msgspec.Struct, frozen=True):
    """A project file as read. ``root`` is its folder; ``file`` null where there is none and everything is at its default."""

    root: Path
    file: Path | None = None
    document: Document = Document()

    @property
    def name(self) -> str:
        return self.document.project.name or self.root.name

    @property
    def database(self) -> Path:
        """The database file, absolute."""
        return self.root / self.document.project.database

    def segments(self) -> Segments:
        """All segments of the project, read when they are asked for."""
        places = self.document.project.segments if self.file is not None else []
        return Segments([self.root / place for place in places], strict=self.file is not None)


class _Looked:
    """What the files held: segment id → segment, segment id → its files, file → why it cannot be read."""

    def __init__(self) -> None:
        self.good: dict[str, SegmentDefinition] = {}
        self.files: dict[str, list[Path]] = {}
        self.bad: dict[Path, WorktrailError] = {}

    def only_once(self, segment_id: str) -> None:
        """AuthorError SEGMENT_TWICE where two files hold this id: nobody can know which one is meant."""
        files = self.files[segment_id]
        if len(files) > 1:
            raise segment_twice(segment_id, files)


def segment_twice(segment_id: str, files: Sequence[Path | str]) -> AuthorError:
    """The error of an id that stands in several files."""
    return AuthorError("SEGMENT_TWICE", f"segment {segment_id!r} stands in {' and in '.join(map(str, files))}")


class Segments:
    """The segments of some folders and files. A folder may be absent only where nobody named it."""

    def __init__(self, places: list[Path], *, strict: bool = True, neighbours: bool = False) -> None:
        self._places = places
        self._strict = strict
        self._neighbours = neighbours  # files beside a segment: only those that are segments themselves count
        self._looked: _Looked | None = None

    def files(self) -> list[Path]:
        """The segment files, sorted within each folder. CallerError DOCUMENT_FILE for a place that is not there."""
        found: list[Path] = []
        for place in self._places:
            if place.is_dir() and self._neighbours:
                found += sorted(path for path in place.iterdir() if path.suffix.lower() in FORMATS and path.is_file())
            elif place.is_dir():
                found += sorted(path for path in place.rglob("*") if path.suffix.lower() in FORMATS and path.is_file())
            elif place.is_file():
                found.append(place)
            elif self._strict:
                raise CallerError("DOCUMENT_FILE", f"{place}: there is no such file or folder of segments")
        return found

    def all(self) -> dict[str, SegmentDefinition]:
        """Segment id → segment. What is wrong with the first file that cannot be read, which it names; AuthorError SEGMENT_TWICE
        where two files have the same id."""
        looked = self._look()
        for error in looked.bad.values():
            raise error
        for segment_id in looked.files:
            looked.only_once(segment_id)
        return looked.good

    def readable(self) -> tuple[dict[str, SegmentDefinition], dict[str, WorktrailError]]:
        """(segment id → segment, file's stem → why it cannot be read): for a server, which one broken file must not stop."""
        looked = self._look()
        return looked.good, {path.stem: error for path, error in looked.bad.items()}

    def _look(self) -> _Looked:
        if self._looked is None:
            looked = _Looked()
            for path in self.files():
                if self._neighbours and not _is_segment(path):
                    continue
                try:
                    segment = load_segment_file(path)
                except WorktrailError as error:
                    looked.bad[path] = error
                else:
                    looked.good.setdefault(segment.segment_id, segment)
                    looked.files.setdefault(segment.segment_id, []).append(path)
            self._looked = looked
        return self._looked

    def get(self, segment_id: str) -> SegmentDefinition:
        """A segment, whatever is wrong with others. CallerError SEGMENT_NOT_FOUND names the nearest id; otherwise as `all`."""
        looked = self._look()
        if segment_id in looked.good:
            looked.only_once(segment_id)
            return looked.good[segment_id]
        near = difflib.get_close_matches(segment_id, self.all(), n=1, cutoff=0.5)
        known = ", ".join(sorted(self.all())) or "none"
        hint = f"Did you mean {near[0]!r}?" if near else f"Name a file, or one of the project's segments: {known}."
        raise CallerError("SEGMENT_NOT_FOUND", f"there is no segment {segment_id!r}", hint=hint)

    def lookup(self, segment_id: str, version: str | None, digest: str | None) -> SegmentDefinition | None:
        """For validation: the segment, where version and hash are those asked for."""
        found = self.all().get(segment_id)
        if found is None or (version is not None and found.version != version):
            return None
        return found if digest is None or found.hash == digest else None


def find_project(start: Path) -> Path | None:
    """The project file in `start` or the nearest folder above it."""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder / PROJECT_FILE
    return None


def load_project(path: Path | None = None, *, start: Path | None = None) -> Project:
    """The project of a file or folder; null: the nearest above `start` (the current folder), or all defaults.

    CallerError PROJECT_NOT_FOUND, AuthorError PROJECT_INVALID with a pointer into the file.
    """
    here = (start or Path.cwd()).resolve()
    if path is None:
        file = find_project(here)
        if file is None:
            return Project(here)
    else:
        file = path / PROJECT_FILE if is_there(path) and path.is_dir() else path
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise AuthorError("PROJECT_INVALID", f"{file.name}: byte {error.start} is not UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CallerError("PROJECT_NOT_FOUND", f"{file}: {reason}") from None
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AuthorError("PROJECT_INVALID", f"{file.name} is not TOML: {error}") from None
    except RecursionError:
        raise AuthorError("PROJECT_INVALID", f"{file.name}: values are nested too deeply") from None
    file = file.resolve()
    return Project(file.parent, file, _document(value, file.name))


msgspec.json.Decoder(Document)  # made known here, by one thread: see `tests/house/test_decoders.py`


def _document(value: Any, name: str) -> Document:
    _no_unknown(value, Document, "", name)
    try:
        found = msgspec.convert(value, Document)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        pointer = place.rstrip("`").partition("[...]")[0].replace(".", "/").replace("[", "/").replace("]", "")
        raise AuthorError("PROJECT_INVALID", f"{name}: {message}", pointer=pointer or "") from None
    if not 1 <= found.project.concurrency <= 10_000:
        raise _refused(name, "/project/concurrency", "concurrency must be from 1 to 10,000")
    if not 1 <= found.project.max_value_bytes <= MAX_VALUE_BYTES:
        message = f"max_value_bytes must be from 1 to {MAX_VALUE_BYTES:,}"
        raise _refused(name, "/project/max_value_bytes", message)
    for key in ("database", "app"):
        if "\0" in (getattr(found.project, key) or ""):
            raise _refused(name, f"/project/{key}", f"{key} cannot be a path: it holds a NUL")
    for llm_id, llm in found.resources.llms.items():
        if llm.provider != "scripted":
            message = f"the provider {llm.provider!r} is not known here; there is: scripted"
            raise _refused(name, f"/resources/llms/{llm_id}/provider", message)
    for secret_id, source in found.resources.secrets.items():
        if not source.startswith("env:"):
            raise _refused(name, f"/resources/secrets/{secret_id}", "a secret never stands here: write `env:NAME`")
    return found


def _refused(name: str, pointer: str, message: str, hint: str = "") -> AuthorError:
    return AuthorError("PROJECT_INVALID", f"{name}: {message}", pointer=pointer, hint=hint)


def _no_unknown(value: Any, kind: Any, pointer: str, name: str) -> None:
    """Refuses the first unknown key, wherever it stands, before types are looked at."""
    if not isinstance(value, dict):
        return
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        known = typing.get_type_hints(kind)
        for key, inner in value.items():
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
                hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}."
                raise _refused(name, f"{pointer}/{key}", f"the key {key!r} is not known", hint)
            _no_unknown(inner, known[key], f"{pointer}/{key}", name)
    elif typing.get_origin(kind) is dict:
        for key, inner in value.items():
            _no_unknown(inner, typing.get_args(kind)[1], f"{pointer}/{key}", name)
    elif isinstance(kind, types.UnionType):
        for part in typing.get_args(kind):
            _no_unknown(value, part, pointer, name)


def environment(text: str, variables: Mapping[str, str] | None = None) -> str:
    """`text`, or what ``env:NAME`` stands for. CallerError ENVIRONMENT_MISSING where the variable is not set."""
    if not text.startswith("env:"):
        return text
    name = text.removeprefix("env:")
    found = (os.environ if variables is None else variables).get(name)
    if found is None:
        raise CallerError("ENVIRONMENT_MISSING", f"the environment variable {name} is not set")
    return found


def _is_segment(path: Path) -> bool:
    """Whether a file says that it is a segment; what is wrong with it then is told as ever."""
    try:
        document = load_document(path.read_bytes(), format_of(path))
    except (WorktrailError, OSError):
        return False
    return isinstance(document, dict) and "segment_id" in document and "steps" in document
