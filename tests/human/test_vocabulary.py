"""Specimens of every stored shape of a task's stream: written by hand, read back, written again byte for byte."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from worktrail.errors import OurError
from worktrail.events import Origin
from worktrail.human import (
    RESERVED_TASK_TYPES,
    TASK_TYPES,
    Form,
    Option,
    TaskCancelled,
    TaskCreated,
    TaskDecided,
    TaskExpired,
    decode_task_body,
    encode_task_body,
)

RAW = msgspec.Raw
CREATED_BY_A_RUN = (
    b'[1,5,null,[[1,{"task_type":"choice","title":"?","options":[{"value":"a"},{"value":2,"label":"Two"}]},{"total":9.990},9,'
    b'"default","r1","ask","orders","ask","main","order-7"]]]'
)
SPECIMENS = {
    "created, by hand": (
        b"[1,1790000000000000,null,[[1,{},null]]]",
        (None, TaskCreated(Form(), RAW(b"null"))),
    ),
    "created by a run": (
        CREATED_BY_A_RUN,
        (
            None,
            TaskCreated(
                Form("choice", "?", options=[Option("a"), Option(2, "Two")]),
                RAW(b'{"total":9.990}'),
                9,
                "default",
                "r1",
                "ask",
                "orders",
                "ask",
                "main",
                "order-7",
            ),
        ),
    ),
    "decided": (b'[1,6,["user:anna"],[[2,"approved"]]]', (Origin("user:anna"), TaskDecided("approved"))),
    "decided with everything": (
        b'[1,6,["user:anna","c1"],[[2,"modified",{"changes":{"price":9.990}},"so it fits","too dear"]]]',
        (
            Origin("user:anna", "c1"),
            TaskDecided("modified", {"changes": {"price": Decimal("9.990")}}, "so it fits", "too dear"),
        ),
    ),
    "expired": (b"[1,9,null,[[3,9]]]", (None, TaskExpired(9))),
    "cancelled": (b'[1,7,["worktrail"],[[4]]]', (Origin("worktrail"), TaskCancelled())),
    "cancelled with a reason": (b'[1,7,null,[[4,"the run ended"]]]', (None, TaskCancelled("the run ended"))),
}


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_specimen_is_read_and_written_unchanged(name: str) -> None:
    body, (origin, event) = SPECIMENS[name]
    append = decode_task_body(body)
    assert append.origin == origin
    assert append.events == [event]
    assert encode_task_body(append.at_us, origin, [event]) == body


REFUSED = {
    b"[2,5,null,[]]": "JOURNAL_VERSION",
    b'[1,5,null,[[10,"user:anna"]]]': "JOURNAL_VERSION",
    b"[1,5,null,[[99]]]": "JOURNAL_VERSION",
    b'{"at_us":5}': "JOURNAL_CORRUPT",
    b"[1,5,nul": "JOURNAL_CORRUPT",
    b"[]": "JOURNAL_CORRUPT",
}


@pytest.mark.parametrize("body", REFUSED)
def test_what_is_not_known_is_refused(body: bytes) -> None:
    with pytest.raises(OurError) as caught:
        decode_task_body(body)
    assert caught.value.code == REFUSED[body]


def test_numbers_are_given_once() -> None:
    assert not TASK_TYPES.keys() & RESERVED_TASK_TYPES.keys()
    names = [*TASK_TYPES.values(), *RESERVED_TASK_TYPES.values()]
    assert len(set(names)) == len(names)
