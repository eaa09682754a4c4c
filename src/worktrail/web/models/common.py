"""Shapes that every part of the API shares. Times are ISO 8601 in UTC with ``Z``; ids are texts; unknown is null, never 0."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Asked", "Done", "Failure", "Json", "Model", "Page", "Permission", "Problem", "Reason"]

Json = Any
Permission = Literal["view", "run", "decide", "edit", "publish", "admin"]


class Model(BaseModel):
    """Unknown keys of a request are refused; documents of answers are closed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Problem(Model):
    """The one shape of errors: what is the case, the next action, and where."""

    code: str = Field(examples=["RUN_ENDED"])
    message: str
    hint: str = Field(description="The next action.")
    pointer: str | None = Field(None, description="JSON pointer into the document at fault.")
    details: dict[str, Json] | None = None


class Failure(Model):
    """A failure that stands in a trail."""

    error_type: str
    error_message: str
    error_code: str
    recoverable: bool
    hint: str | None = None
    details: dict[str, Json] | None = None


class Done(Model):
    """It is done; there is nothing to tell."""


class Page(Model):
    """``next`` is the cursor of the page after this one, null on the last."""

    next: str | None = None


class Reason(Model):
    """Why somebody asks; stands in the trail."""

    reason: str | None = Field(None, max_length=2000)


class Asked(Model):
    """What became of a wish. ``queued``: no process answers now, the next one carries it out."""

    accepted: bool | None = None
    queued: bool | None = None
    reason: str | None = None
    command_id: str | None = None
