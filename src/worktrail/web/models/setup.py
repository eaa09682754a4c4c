"""Segments, catalogue, views, keys, sessions, who I am."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from worktrail.web.models.common import Json, Model, Page, Permission

__all__ = [
    "Catalogue",
    "Check",
    "CheckRequest",
    "Key",
    "KeyList",
    "KeyMade",
    "KeyRequest",
    "Login",
    "Me",
    "PublishRequest",
    "Published",
    "SegmentDetail",
    "SegmentList",
    "SegmentRow",
    "View",
    "ViewList",
    "ViewRequest",
]


class SegmentRow(Model):
    segment_id: str
    name: str | None
    description: str | None
    version: str | None = Field(description="Newest published version; null where none is published.")
    source: Literal["project", "published"]
    runnable: bool
    problems: int
    steps: int
    open_runs: int
    failed_24h: int
    updated_at: str | None
    workspace_id: str = "default"


class SegmentList(Page):
    segments: list[SegmentRow]


class VersionRow(Model):
    version: str
    segment_hash: str
    lock_hash: str
    published_at: str
    published_by: str
    notes: str | None = None


class SegmentDetail(SegmentRow):
    definition: dict[str, Json]
    segment_hash: str | None
    input_schema: dict[str, Json] | None
    parameters: dict[str, Json]
    versions: list[VersionRow]
    problem_list: list[dict[str, Json]]


class CheckRequest(Model):
    definition: dict[str, Json] = Field(examples=[{"worktrail": 1, "segment_id": "expenses", "steps": []}])


class Check(Model):
    ok: bool
    segment_id: str | None
    hash: str | None
    problems: list[dict[str, Json]]


class PublishRequest(Model):
    """Publish a definition, or (null) the project's own."""

    definition: dict[str, Json] | None = None
    version: str | None = Field(None, max_length=64, description="Null: the definition's own `version`.", examples=["1.2.0"])
    notes: str | None = Field(None, max_length=2000)


class Published(VersionRow):
    segment_id: str


class Catalogue(Model):
    step_types: list[dict[str, Json]]


class View(Model):
    view_id: str
    page: Literal["runs", "inbox", "activity"]
    name: str
    query: str
    shared: bool
    owner: str
    mine: bool
    created_at: str


class ViewList(Model):
    views: list[View]


class ViewRequest(Model):
    page: Literal["runs", "inbox", "activity"]
    name: str = Field(min_length=1, max_length=80, examples=["Late and mine"])
    query: str = Field(max_length=4000, examples=["status=waiting&wait_for=person"])
    shared: bool = False


class KeyRequest(Model):
    name: str = Field(min_length=1, max_length=80, description="`key:<name>` stands in trails.", examples=["ci"])
    permissions: list[Permission] = Field(min_length=1, examples=[["view", "run"]])
    workspaces: list[str] | None = Field(None, description="Null: all workspaces of the tenant.")
    expires_in_s: int | None = Field(None, gt=0, le=10 * 366 * 86_400)


class Key(Model):
    key_id: str
    name: str
    permissions: list[Permission]
    workspaces: list[str] | None
    created_at: str
    created_by: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None


class KeyList(Model):
    keys: list[Key]


class KeyMade(Key):
    """The secret is shown here and never again."""

    secret: str


class Login(Model):
    key: str = Field(max_length=200, examples=["wtk_…"])


class Me(Model):
    principal: str
    display_name: str
    tenant_id: str
    workspaces: list[str]
    active_workspace: str
    permissions: list[Permission]
    mode: Literal["local", "keys"]
    session_expires_at: str | None = None
    server: dict[str, Json] = Field(description="{version, started_at, worker: inside|beside|none, database}")
