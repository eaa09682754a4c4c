"""Rows that pass (presence, batches), and figures that are worked out when asked."""

from __future__ import annotations

from worktrail.store.sqlite.passing.figures import Figures
from worktrail.store.sqlite.passing.rows import Passing

__all__ = ["Figures", "Passing"]
