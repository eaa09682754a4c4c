"""Health."""

from __future__ import annotations

from worktrail.web.models.common import Model

__all__ = ["Alive", "Ready"]


class Alive(Model):
    status: str
    version: str


class Ready(Model):
    """``problems`` says why the server cannot serve now; empty where it can."""

    ready: bool
    problems: list[str]
