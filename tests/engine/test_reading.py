"""Reading values: an item of a list costs that item, not the list; nobody can change what another one reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from worktrail.contract import SegmentDefinition as Segment
from worktrail.contract import StepCatalog, make_lock
from worktrail.engine import Values
from worktrail.events import Blob, Inline, Path, Ref


class Shelf:
    """Blobs, and how often each was fetched."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.fetched = 0

    def load(self, address: str) -> bytes:
        self.fetched += 1
        return self.raw

    def values(self) -> Values:
        segment = Segment.from_dict(
            {
                "worktrail": 1,
                "segment_id": "one",
                "version": "1",
                "steps": [{"step_id": "a", "step_type": "transform", "config": {"expression": "input"}}],
                "edges": [],
            }
        )
        return Values(make_lock(segment, StepCatalog()), self.load, self._keep)

    def _keep(self, raw: bytes) -> Ref:
        raise AssertionError(raw)


def test_items_of_a_blob_fetch_it_once() -> None:
    shelf = Shelf(msgspec.json.encode([{"n": number} for number in range(500)]))
    values, blob = shelf.values(), Blob("address", len(shelf.raw))
    assert [values.read(Path(blob, f"/{number}")) for number in range(500)] == [{"n": number} for number in range(500)]
    assert shelf.fetched == 1


def test_an_item_that_was_changed_is_read_as_it_was() -> None:
    values, ref = Shelf(b"").values(), Inline(msgspec.Raw(b'[{"n":1.50},{"n":2}]'))
    first = values.read(Path(ref, "/0"))
    assert first == {"n": Decimal("1.50")}
    first["n"] = 7
    assert values.read(Path(ref, "/0")) == {"n": Decimal("1.50")}


@pytest.mark.parametrize(
    ("raw", "pointer", "found"),
    [
        (b'{"0":"by name"}', "/0", "by name"),
        (b'[["deep"]]', "/0/0", "deep"),
        (b" [1, 2]", "/1", 2),
        (b'{"a":[{"b":3}]}', "/a/0/b", 3),
    ],
)  # fmt: skip
def test_other_paths_are_walked(raw: bytes, pointer: str, found: Any) -> None:
    assert Shelf(raw).values().read(Path(Inline(msgspec.Raw(raw)), pointer)) == found


def test_many_lists_of_one_run_are_told_apart() -> None:
    values = Shelf(b"").values()
    lists = [Inline(msgspec.Raw(f"[{number},{number}]".encode())) for number in range(9)]
    for _ in range(2):
        assert [values.read(Path(ref, "/1")) for ref in lists] == list(range(9))
