"""The filters of runs as query parameters, once for lists, counts and the queries of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, NoReturn
from urllib.parse import parse_qs

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from worktrail.errors import CallerError
from worktrail.store import RunFilter
from worktrail.web.models.runs import RunStatus, WaitsFor

__all__ = ["Cursor", "Limit", "RunId", "RunListQuery", "RunQuery", "TaskId", "Text", "moment_us", "of_query_string"]

TEXT_MAX: Final = 500
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Text = Annotated[str, Field(max_length=TEXT_MAX)]
RunId = Annotated[str, Path(max_length=TEXT_MAX, description="Id of a run.", examples=["3f9a0c12b4d5e6f708192a3b"])]
TaskId = Annotated[str, Path(max_length=TEXT_MAX, description="Id of a human task.", examples=["t8c1d0e2f3a4b5c6d7e8f901"])]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=TEXT_MAX, description="`next` of the page before.")]


class RunQuery(BaseModel):
    """All of what is named must fit; a parameter that is repeated means any of its values (`label`: all of them)."""

    model_config = ConfigDict(extra="forbid")

    status: list[RunStatus] | None = Field(None, description="Any of these statuses.", examples=[["failed", "timed_out"]])
    wait_for: list[WaitsFor] | None = Field(None, description="Waits for any of these.", examples=[["person"]])
    segment_id: list[Text] | None = Field(None, description="Of any of these segments.")
    business_key: Text | None = Field(None, description="Exactly this business key.")
    label: list[Text] | None = Field(None, description="`name=value`; all of them.", examples=[["team=blue"]])
    workspace_id: Text | None = Field(None, description="In this workspace.")
    error_code: list[Text] | None = Field(None, description="Failed, or stopped, with any of these codes.")
    step_id: Text | None = Field(None, description="Failed, or waits, at this step.")
    q: Text | None = Field(None, description="Begins a run id, business key or segment id.")
    parent: Text | None = Field(None, description="Children of this run; `any`: children too. Left out: no children.")
    root: Text | None = Field(None, description="Descendants of this run.")
    batch: Text | None = Field(None, description="Of this batch.")
    created_after: datetime | None = Field(None, description="Begun at this time or later, ISO 8601.")
    created_before: datetime | None = Field(None, description="Begun before this time, ISO 8601.")
    ended_after: datetime | None = Field(None, description="Ended at this time or later, ISO 8601.")
    since_position: int | None = Field(None, ge=0, le=2**62, description="Changed after this journal position.")

    def where(self, **more: Any) -> RunFilter:
        """The filter. CallerError REQUEST_INVALID for a label that is no `name=value`."""
        labels = tuple(_label(each) for each in self.label or ())
        if self.batch is not None:
            labels = (*labels, ("batch", self.batch))
        below = self.parent is not None or self.root is not None
        return RunFilter(
            status=self.status,
            wait_for=self.wait_for,
            segment_ids=self.segment_id,
            business_key=self.business_key,
            labels=labels,
            workspaces=None if self.workspace_id is None else [self.workspace_id],
            error_codes=self.error_code,
            step_id=self.step_id,
            prefix=self.q or None,
            top=not below,
            parent_run_id=None if self.parent == "any" else self.parent,
            root_run_id=self.root,
            created_from_us=moment_us(self.created_after),
            created_to_us=moment_us(self.created_before),
            ended_from_us=moment_us(self.ended_after),
            since=self.since_position,
            **more,
        )


class RunListQuery(RunQuery):
    """A page of the runs that fit."""

    limit: int = Field(50, ge=1, le=500, description="How many at most.")
    cursor: Text | None = Field(None, description="`next` of the page before.")
    order: Literal["newest", "oldest", "updated"] = Field("newest", description="By their begin, or by their last change.")


def _label(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise CallerError("REQUEST_INVALID", f"a label is told as name=value, not {text[:80]!r}", pointer="/label")
    return name, value


def moment_us(moment: datetime | None) -> int | None:
    """Microseconds since 1970; a time without a zone is UTC."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    told = aware - EPOCH
    return (told.days * 86_400 + told.seconds) * 1_000_000 + told.microseconds


_SEVERAL: Final = ("status", "wait_for", "segment_id", "label", "error_code")


def of_query_string(text: str) -> RunFilter:
    """The filter of a list's query string, as `GET /api/v1/runs` reads it. CallerError REQUEST_INVALID."""
    try:
        found: Mapping[str, Sequence[str]] = parse_qs(text.removeprefix("?"), keep_blank_values=True, max_num_fields=200)
        known = {name: values for name, values in found.items() if name not in {"limit", "cursor", "order"}}
        query = RunQuery.model_validate({name: values if name in _SEVERAL else values[-1] for name, values in known.items()})
    except ValidationError as error:
        _refuse(error)
    except ValueError as error:
        raise CallerError("REQUEST_INVALID", f"the query cannot be read: {error}", pointer="/query") from None
    return query.where()


def _refuse(error: ValidationError) -> NoReturn:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    raise CallerError("REQUEST_INVALID", f"the query cannot be read at {name!r}: {first['msg']}", pointer="/query") from None
