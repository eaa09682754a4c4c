"""Values of runs for readers: small ones in place, large ones cut, any of them by its place.

Rule: an answer about a run never carries a large value: over ``CUT_BYTES`` it is ``{"$cut": {"bytes", "href"}}`` and ``href`` is
where to read it. A blob is read only through a run that is seen and whose trail names it.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlencode

from worktrail.app.caller import Caller, allowed
from worktrail.engine import Run, Values, decode_exactly, resolved_inputs
from worktrail.errors import CallerError
from worktrail.events import Blob, ObjectOf, Path, Ref, decode_body
from worktrail.runtime import load_run, run_values

__all__ = ["CUT_BYTES", "Cutter", "find_visit", "outputs_of_run", "read_blob", "read_value", "run_at_visit"]

CUT_BYTES: Final = 64 * 1024
PARTS: Final = ("input", "inputs", "outputs")


class Cutter:
    """Reads values of one run, cutting what is large."""

    def __init__(self, caller: Caller, run: Run) -> None:
        self._run_id = run.id
        self._values = run_values(caller.store, run)

    def read(self, ref: Ref | None, part: str, *, visit: str | None = None, pointer: str = "") -> Any:
        """The value, or where to read it."""
        if ref is None:
            return None
        size = ref.size_bytes if isinstance(ref, Blob) else 0
        if size <= CUT_BYTES:
            raw = self._values.read_bytes(ref)
            if len(raw) <= CUT_BYTES:
                return decode_exactly(raw)
            size = len(raw)
        query = {"part": part, "visit": visit, "pointer": pointer}
        told = urlencode({name: value for name, value in query.items() if value})
        return {"$cut": {"bytes": size, "href": f"/api/v1/runs/{quote(self._run_id, safe='')}/value?{told}"}}

    def ports(self, refs: dict[str, Ref] | None, part: str, visit: str) -> dict[str, Any] | None:
        """``{port: value}`` of a visit."""
        if refs is None:
            return None
        return {
            port: self.read(ref, part, visit=visit, pointer="/" + port.replace("~", "~0").replace("/", "~1"))
            for port, ref in refs.items()
        }


def find_visit(run: Run, visit_id: str) -> Any:
    """A visit that the state still holds, or null: those inside of ended containers are dropped."""
    key, _, step_id = visit_id.rpartition("/")
    scope = run.scopes.get(key)
    number = None if scope is None else scope.graph.numbers.get(step_id)
    return None if scope is None or number is None else scope.visits[number]


def run_at_visit(caller: Caller, run_id: str, visit_id: str, last_seq: int | None, seq: int | None = None) -> Run:
    """The run as of now (or of event ``seq``) where that still holds the visit, else as of the visit's own last event."""
    run = load_run(caller.store, run_id, plans=caller.shelf.plans, seq=seq)
    if find_visit(run, visit_id) is None and last_seq is not None:
        return load_run(caller.store, run_id, plans=caller.shelf.plans, seq=last_seq)
    return run


@allowed
def outputs_of_run(caller: Caller, run_id: str) -> bytes:
    """The run's outputs as JSON bytes. CallerError NOT_FOUND where it has none."""
    return read_value(caller, run_id, part="outputs")


@allowed
def read_value(caller: Caller, run_id: str, *, visit: str | None = None, part: str = "outputs", pointer: str = "") -> bytes:
    """JSON bytes of a value: ``part`` input or outputs of a run (visit null), inputs or outputs of a visit; ``pointer`` a JSON
    pointer into it. CallerError NOT_FOUND, ARGUMENT_INVALID."""
    caller.run(run_id)
    if part not in PARTS or (pointer and not pointer.startswith("/")):
        raise CallerError("ARGUMENT_INVALID", f"part is one of {', '.join(PARTS)}; a pointer begins with /", pointer="/part")
    if visit is None:
        run = load_run(caller.store, run_id, plans=caller.shelf.plans)
        ref: Ref | None = {"input": run.input, "outputs": run.outputs}.get(part)
        return _bytes(run_values(caller.store, run), ref, pointer, f"run {run_id!r} has no {part}")
    run = run_at_visit(caller, run_id, visit, _last_seq(caller, run_id, visit))
    found = find_visit(run, visit)
    refs = None if found is None else resolved_inputs(run, found) if part == "inputs" else found.outputs
    head, _, rest = pointer[1:].partition("/")
    missing = f"visit {visit!r} has no {part} {pointer}".rstrip()
    values = run_values(caller.store, run)
    if refs is None:
        raise CallerError("NOT_FOUND", missing)
    if not pointer:
        return values.read_bytes(ObjectOf(refs))
    return _bytes(values, refs.get(head.replace("~1", "/").replace("~0", "~")), f"/{rest}" if rest else "", missing)


def _bytes(values: Values, ref: Ref | None, pointer: str, missing: str) -> bytes:
    if ref is None:
        raise CallerError("NOT_FOUND", missing)
    try:
        return values.read_bytes(Path(ref, pointer) if pointer else ref)
    except (KeyError, IndexError, ValueError, TypeError):
        raise CallerError("NOT_FOUND", f"{missing}: nothing stands at {pointer!r}") from None


def _last_seq(caller: Caller, run_id: str, visit: str) -> int | None:
    """Seq of the newest event that names the visit."""
    last = None
    for stored in caller.store.read_stream(f"run:{run_id}"):
        for offset, event in enumerate(decode_body(stored.body, stored.first_seq).events):
            if getattr(event, "visit", None) == visit:
                last = stored.first_seq + offset
    return last


@allowed
def read_blob(caller: Caller, run_id: str, address: str) -> bytes:
    """The bytes of a blob that the run's trail names. CallerError NOT_FOUND."""
    caller.run(run_id)
    wanted = address.encode()
    named = len(address) == 64 and any(wanted in stored.body for stored in caller.store.read_stream(f"run:{run_id}"))
    if not named:
        raise CallerError("NOT_FOUND", f"run {run_id!r} names no blob {address[:80]!r}")
    return caller.store.get_blob(address)
