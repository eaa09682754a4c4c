"""Worktrail runs AI workflows durably, with people in the loop.

A workflow is a segment (a graph of steps, held as data); what happens to it is a trail (a stream of events).
Each room of the package has one door: import from `worktrail.<room>`, never from the modules inside it.
`worktrail.step`, the decorator of step functions, is `worktrail.app.step`, loaded when it is first used.
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # By name, so that no room below `app` comes to depend on it, and importing the package stays free.
    if name == "step":
        from importlib import import_module  # noqa: PLC0415

        return import_module("worktrail.app").step
    raise AttributeError(f"module 'worktrail' has no attribute {name!r}")
