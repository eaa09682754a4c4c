"""The rule table: every choice the engine makes, as literal rows.

Rule: code looks facts up, it does not branch on them. A table is a list of rows read from the top; the first row whose
``when`` agrees with the facts decides (``None`` and absent names mean "any"). The row's ``rule`` is the number that stands
in the event and that people see as the reason. Tables are compiled into dictionaries at import, so a look-up is one hash.
Why literal: the docs draw them, and a check that swaps any row's ``then`` must turn the golden cases red.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import NamedTuple

__all__ = [
    "ACTIVATION",
    "CANCELLING",
    "FAILED_ATTEMPT",
    "FAILED_VISIT",
    "INTERRUPTED",
    "JOINING",
    "TABLES",
    "UNHANDLED",
    "Row",
    "Table",
]


class Row(NamedTuple):
    """One row: its name (``R9.early``), the facts it asks for, what follows, the rule's number, and why in one clause."""

    name: str
    when: Mapping[str, bool]
    then: str
    rule: str
    why: str


class Table:
    """Rows over named boolean facts. ``table[facts]`` takes the facts as a tuple in the order of ``facts``."""

    __slots__ = ("_found", "facts", "name", "rows")

    def __init__(self, name: str, facts: tuple[str, ...], rows: tuple[Row, ...]) -> None:
        self.name = name
        self.facts = facts
        self.rows = rows
        self._found: dict[tuple[bool, ...], Row] = {}
        self.compile(rows)

    def compile(self, rows: tuple[Row, ...]) -> None:
        """Fill the look-up from rows (the mutation check compiles changed ones)."""
        self.rows = rows
        for values in product((False, True), repeat=len(self.facts)):
            known = dict(zip(self.facts, values, strict=True))
            for row in rows:
                if all(known[name] is wanted for name, wanted in row.when.items()):
                    self._found[values] = row
                    break
            else:
                raise AssertionError(f"{self.name} has no row for {known}")

    def __getitem__(self, values: tuple[bool, ...]) -> Row:
        return self._found[values]


# A step other than a join, once all its inbound edges have ended.
ACTIVATION = Table(
    "activation",
    ("live", "filled", "region", "conflict"),
    (
        Row("R2.dead", {"live": False}, "skip", "R2", "no inbound edge is delivered"),
        Row("R2.missing", {"filled": False}, "skip", "R2", "a required port has neither a delivered edge nor a default"),
        Row("R10.later", {"region": True}, "cancel", "R10", "the join it leads to has fired with `rest: cancel`"),
        Row("R3.conflict", {"conflict": True}, "conflict", "R3", "several edges delivered to a port that takes one"),
        Row("R2.start", {}, "start", "R2", "every inbound edge has ended, one is delivered, required ports are filled"),
    ),
)

# A join, whenever one of its edges has ended.
JOINING = Table(
    "joining",
    ("early", "enough", "ended", "some", "all_live", "entered", "region"),
    (
        Row("R10.early", {"region": True, "early": True, "enough": True}, "cancel", "R10", "it lies in a cancelled region"),
        Row("R9.early", {"early": True, "enough": True}, "fire", "R9", "as many as it needs are delivered"),
        Row("R9.wait", {"ended": False}, "wait", "R9", "edges are still open"),
        Row("R10.join", {"region": True, "some": True}, "cancel", "R10", "it would start in a cancelled region"),
        Row("R10.unmet", {"region": True, "entered": True, "all_live": False}, "cancel", "R10", "it would be unmet there"),
        Row("R9.enough", {"enough": True}, "fire", "R9", "all edges have ended, enough are delivered"),
        Row("R9.few", {"some": True}, "unmet", "R9", "all edges have ended, too few are delivered"),
        Row("R9.none_live", {"all_live": True}, "skip", "R9", "all_live with no delivered edge is skipped"),
        Row("R9.entered", {"entered": True}, "unmet", "R9", "none is delivered though the join was entered"),
        Row("R9.none", {}, "skip", "R9", "none is delivered and the join was never entered"),
    ),
)

# An attempt answered with a failure, or ran out of time.
FAILED_ATTEMPT = Table(
    "failed_attempt",
    ("cancelling", "overdue", "once", "not_executed", "allowed", "left"),
    (
        Row("R10.no_retry", {"cancelling": True}, "final", "R10", "awaited work is not retried"),
        Row("RETRY.overdue", {"overdue": True}, "final", "R8", "`deadline_s` is never retried"),
        Row(
            "EFFECT.once",
            {"once": True, "not_executed": False},
            "final",
            "R8",
            "`once` is retried only if certainly not executed",
        ),
        Row("RETRY.refused", {"allowed": False}, "final", "R8", "the failure is not one that retry takes"),
        Row("RETRY.spent", {"left": False}, "final", "R8", "no attempt is left"),
        Row("RETRY.again", {}, "retry", "R8", "retry allows another attempt"),
    ),
)

# The process that ran an attempt is gone, or the attempt ran out of time: what is known of its effect?
INTERRUPTED = Table(
    "interrupted",
    ("once", "verify", "worn"),
    (
        Row("EFFECT.uncertain", {"once": True}, "incident", "R11", "an effect of `once` in flight is uncertain"),
        Row("EFFECT.verify", {"verify": True}, "probe", "R8", "a probe decides whether the effect happened"),
        Row("EFFECT.worn", {"worn": True}, "incident", "R11", "it took its process with it too often"),
        Row("EFFECT.repeat", {}, "again", "R8", "repeatable work runs again"),
    ),
)

# A failed attempt or body is final.
FAILED_VISIT = Table(
    "failed_visit",
    ("skip", "carry"),
    (
        Row("R8.skip", {"skip": True}, "skip", "R8", "`on_error: skip`"),
        Row("R8.continue", {"carry": True}, "continue", "R8", "`on_error: continue_with`"),
        Row("R8.fail", {}, "fail", "R8", "`on_error: fail`"),
    ),
)

# A visit failed; its error edges are worked out.
UNHANDLED = Table(
    "unhandled",
    ("handled", "closed", "incident", "cancel_rest"),
    (
        Row("R7.handled", {"handled": True}, "handled", "R7", "an error edge is delivered or late"),
        Row("R11.closed", {"closed": True}, "finish", "R11", "the scope is already being cancelled"),
        Row("R11.incident", {"incident": True}, "incident", "R11", "`on_failure: incident`"),
        Row("R11.cancel", {"cancel_rest": True}, "cancel", "R11", "`on_failure: cancel_rest`"),
        Row("R11.finish", {}, "finish", "R11", "`on_failure: finish_rest`"),
    ),
)

# What cancelling does to an open visit.
CANCELLING = Table(
    "cancelling",
    ("once_running", "asks", "container"),
    (
        Row("R10.await", {"once_running": True}, "wait", "R10", "an attempt of `once` that has started is awaited"),
        Row("R10.ask", {"asks": True}, "wait", "R10", "its task or child is asked and answers"),
        Row("R10.inside", {"container": True}, "inside", "R10", "its inside is cancelled first"),
        Row("R10.now", {}, "now", "R10", "nothing outside depends on it"),
    ),
)

TABLES = (ACTIVATION, JOINING, FAILED_ATTEMPT, INTERRUPTED, FAILED_VISIT, UNHANDLED, CANCELLING)
