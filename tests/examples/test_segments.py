"""Every segment of the examples can be read, has nothing to be said against it, and gets the same lock twice."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import pytest

from examples.expenses import make_reports
from examples.hello.hello import HELLO
from examples.hello.hello import main as hello
from tests.examples.walking import Values, walk
from worktrail.app import load_segment_file, wire
from worktrail.contract import SegmentDefinition, StepCatalog, lock_bytes, lock_hash, make_lock

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FILES = sorted(EXAMPLES.rglob("*.yaml"))


def load(name: str) -> SegmentDefinition:
    """A segment of the examples."""
    return load_segment_file(EXAMPLES / name)


def catalog() -> StepCatalog:
    """The built-in types and those of `expenses/app.py`."""
    with wire(EXAMPLES / "expenses", database=":memory:") as wiring:
        return wiring.catalog


def find(segment_id: str, version: str | None, pinned: str | None) -> SegmentDefinition | None:
    """The sub-segments of the examples."""
    return load("expenses/payment.yaml") if segment_id == "payment" else None


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(EXAMPLES)) for path in FILES])
def test_it_is_valid_without_a_warning(path: Path) -> None:
    segment = load_segment_file(path)
    assert segment.validate(catalog(), segments=find) == []
    assert SegmentDefinition.from_json(segment.to_json()).hash == segment.hash


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(EXAMPLES)) for path in FILES])
def test_it_can_be_locked(path: Path) -> None:
    segment, types = load_segment_file(path), catalog()
    payment = load("expenses/payment.yaml")
    children = {"payment": (payment.hash, lock_hash(make_lock(payment, types)))}
    lock = make_lock(segment, types, children=children)
    assert lock_bytes(lock) == lock_bytes(make_lock(segment, types, children=children))
    assert set(lock.children) == ({payment.hash} if segment.resources.segments else set())


def test_the_first_segment_is_the_same_in_python() -> None:
    assert load("hello/segment.yaml").hash == HELLO.hash
    done = walk(HELLO, {"name": " Ada "}, no_answer)
    assert (done["greet"]["output"], done["count"]["output"]) == ("Hello, Ada!", 3)


def test_the_first_segment_runs(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(hello(" Ada "))
    assert capsys.readouterr().out == "{'greeting': 'Hello, Ada!', 'letters': 3}\n"


def test_a_payment_is_made_once() -> None:
    step = load("expenses/payment.yaml").get_step("pay_out")
    assert step is not None and step.policy.effect == "once"


def test_every_message_reaches_its_queue() -> None:
    segment = load("routing/segment.yaml")
    with (EXAMPLES / "routing" / "messages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    assert [walk(segment, row, no_answer)["queue"]["output"] for row in rows] == [row["category"] for row in rows]
    assert {row["category"] for row in rows} == set((segment.output_schema or {})["properties"]["queue"]["enum"])  # type: ignore[index]


def test_the_reports_are_what_their_script_writes() -> None:
    assert make_reports.REPORTS.read_text(encoding="utf-8") == make_reports.text()


def no_answer(step_id: str, config: object, inputs: Values) -> Values:
    """For segments in which every step is inline."""
    raise AssertionError(step_id)
