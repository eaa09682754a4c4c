"""Checks: is a segment (or a whole project) fit to run, and what may stand in one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from worktrail.app.documents import FORMATS, format_of, is_there, read_segment_text
from worktrail.app.project import segment_twice
from worktrail.app.steps import with_step_defaults
from worktrail.app.wiring import Wiring
from worktrail.contract import Problem, SegmentDefinition, errors_of, segment_json_schema
from worktrail.errors import CallerError, WorktrailError
from worktrail.feel import compile_expression, to_json

__all__ = ["check_segments", "document_schema", "evaluate_feel"]


def check_segments(wiring: Wiring, names: list[str]) -> dict[str, Any]:
    """``{"ok", "segments": [{name, segment_id, hash, ok, problems}]}`` of files, ids, or (none named) the whole project."""
    checked = [_check(wiring, name) for name in names or [str(path) for path in wiring.segments.files()]]
    if not names:
        _once(checked)
    return {"ok": all(each["ok"] for each in checked), "segments": checked}


def _once(checked: list[dict[str, Any]]) -> None:
    """In a project an id stands in one file only; each of several is told of the others."""
    files: dict[str, list[dict[str, Any]]] = {}
    for each in checked:
        files.setdefault(each["segment_id"] or "", []).append(each)
    for segment_id, same in files.items():
        if segment_id and len(same) > 1:
            problem = {**segment_twice(segment_id, [each["name"] for each in same]).to_dict(), "pointer": "/segment_id"}
            for each in same:
                each["problems"].append({**problem, "severity": "error"})
                each.update(ok=False, hash=None)


def _check(wiring: Wiring, name: str) -> dict[str, Any]:
    segment: SegmentDefinition | None = None
    path = Path(name)
    if path.suffix.lower() in FORMATS or is_there(path, file=True):
        try:
            raw = path.read_bytes()
        except (OSError, ValueError) as error:
            raise CallerError("DOCUMENT_FILE", f"{path}: {getattr(error, 'strerror', None) or error}") from None
        try:
            segment, problems = read_segment_text(raw, format_of(path))
            found = [problem.to_dict() for problem in problems]
            lookup = wiring.beside(segment, path).get if segment is not None else None
        except WorktrailError as error:
            return _shape(name, None, [{**error.to_dict(), "pointer": error.pointer or "", "severity": "error"}])
    else:
        segment, found, problems = wiring.segments.get(name), [], []
        lookup = wiring.segments.all().get if segment.resources.segments else None
    if segment is not None and not errors_of(problems):
        segment = with_step_defaults(segment)  # what would run, so that the hash is that of its runs
        more = segment.validate(wiring.catalog, segments=lambda wanted, version, digest: lookup(wanted) if lookup else None)
        found += [problem.to_dict() for problem in more if problem not in problems]
        found += _handlers(wiring, segment)
    return _shape(name, segment, found)


def _handlers(wiring: Wiring, segment: SegmentDefinition) -> list[dict[str, Any]]:
    """Step types that the catalogue knows and nobody here can run."""
    found = []
    for number, step in enumerate(segment.steps):
        kind = wiring.catalog.get(step.step_type)
        if kind is not None and kind.kind == "handler" and not wiring.handlers.has(step.step_type):
            message = f"no handler is registered here for step type {step.step_type!r}"
            hint = "Name the app module that registers it: `--app`."
            found.append(Problem("HANDLER_MISSING", f"/steps/{number}/step_type", message, hint, "warning").to_dict())
    return found


def _shape(name: str, segment: SegmentDefinition | None, problems: list[dict[str, Any]]) -> dict[str, Any]:
    ok = segment is not None and not any(each["severity"] == "error" for each in problems)
    return {
        "name": name,
        "segment_id": segment.segment_id if segment is not None else None,
        "hash": segment.hash if ok and segment is not None else None,
        "ok": ok,
        "problems": problems,
    }


def document_schema(wiring: Wiring, step_type: str | None = None) -> dict[str, Any]:
    """The JSON Schema of segments with the project's step types; or the config schema of one type."""
    if step_type is None:
        return segment_json_schema(wiring.catalog)
    return wiring.catalog.get_type(step_type).config_schema


def evaluate_feel(text: str, context: Any) -> Any:
    """The value of a FEEL expression over a context object, as JSON. AuthorError FEEL_…"""
    scope = dict(context) if isinstance(context, dict) else {}
    scope.setdefault("input", context)
    return to_json(compile_expression(text).evaluate(scope, now=datetime.now(UTC)))
