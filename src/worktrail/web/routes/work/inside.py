"""Inside a run: states, the graph, visits, values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from fastapi import Path, Query

from worktrail.app import Who, outputs_of_run, read_blob, read_value, show_graph, show_state, show_visit
from worktrail.web.answers import Raw
from worktrail.web.models.runs import Graph, VisitDetail
from worktrail.web.routes.work.filters import RunId
from worktrail.web.routing import Route

__all__ = ["ROUTES"]

PIECE_BYTES: Final = 64 * 1024
Seq = Annotated[int | None, Query(ge=1, le=2**62, description="As of this event; left out: now.")]
Visit = Annotated[str, Query(max_length=2000, description="Id of a visit.", examples=["check", "each#3/pay"])]


def _pieces(raw: bytes) -> Raw:
    """A value, sent piece by piece."""

    def pieces() -> Iterator[bytes]:
        view = memoryview(raw)
        for start in range(0, len(view), PIECE_BYTES):
            yield bytes(view[start : start + PIECE_BYTES])

    return Raw(pieces(), "application/json", headers={"Content-Length": str(len(raw))})


def get_state(who: Who, run_id: RunId, seq: Seq = None) -> Any:
    """The state after an event: visits, the fate of each edge, incidents."""
    return show_state(who.caller, run_id, seq)


def get_graph(who: Who, run_id: RunId) -> Any:
    """The segment that the run runs, ready to draw."""
    return show_graph(who.caller, run_id)


def get_visit(who: Who, run_id: RunId, visit: Visit, seq: Seq = None) -> Any:
    """One visit, whole: inputs, outputs, attempts, and why it ran or did not."""
    return show_visit(who.caller, run_id, visit, seq)


def get_outputs(who: Who, run_id: RunId) -> Any:
    """The outputs of a run, uncut; 404 while it has none."""
    return _pieces(outputs_of_run(who.caller, run_id))


def get_value(
    who: Who,
    run_id: RunId,
    visit: Annotated[str | None, Query(max_length=2000, description="Of this visit; left out: of the run.")] = None,
    part: Annotated[
        Literal["input", "inputs", "outputs"], Query(description="`input` of a run, `inputs` of a visit.")
    ] = "outputs",
    pointer: Annotated[str, Query(max_length=4000, description="JSON pointer into it.", examples=["/output/rows/0"])] = "",
) -> Any:
    """A value, uncut, by its place."""
    return _pieces(read_value(who.caller, run_id, visit=visit, part=part, pointer=pointer))


def get_blob(
    who: Who, run_id: RunId, address: Annotated[str, Path(max_length=100, description="As a trail names it, 64 hex digits.")]
) -> Any:
    """The bytes of a large value that the run's trail names."""
    return _pieces(read_blob(who.caller, run_id, address))


ROUTES = (
    Route("GET", "/api/v1/runs/{run_id}/outputs", get_outputs, "runs", "Read the outputs", Any),
    Route("GET", "/api/v1/runs/{run_id}/state", get_state, "runs", "Show a state", dict[str, Any]),
    Route("GET", "/api/v1/runs/{run_id}/graph", get_graph, "runs", "Show the graph", Graph),
    Route("GET", "/api/v1/runs/{run_id}/visit", get_visit, "runs", "Inspect a visit", VisitDetail),
    Route("GET", "/api/v1/runs/{run_id}/value", get_value, "runs", "Read a value", Any),
    Route("GET", "/api/v1/runs/{run_id}/blobs/{address}", get_blob, "runs", "Read a blob", Any),
)
