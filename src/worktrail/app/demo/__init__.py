"""The demo: Worktrail at work on the expenses example, with its page or in the terminal alone."""

from __future__ import annotations

from worktrail.app.demo.page import run_page
from worktrail.app.demo.tour import run_tour

__all__ = ["run_page", "run_tour"]
