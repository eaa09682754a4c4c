"""What a client sends and how it reads answers, without a server."""

from __future__ import annotations

import inspect
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.client.recording import Recorder
from worktrail.client import AsyncClient, Client
from worktrail.client.calls import Call, error_of, value_of
from worktrail.client.streams import Parser, Resume, StreamEvent
from worktrail.errors import AuthorError, CallerError, OurError, ProviderError
from worktrail.web.routes import ROUTES

BESIDES = {  # what a program has no use for, and streams
    "POST /api/v1/session", "DELETE /api/v1/session", "GET /api/v1/health/live", "GET /api/v1/health/ready", "GET /api/v1/stream",
    "GET /realtime/stream",
}  # fmt: skip


def test_the_client_has_a_method_for_every_route() -> None:
    recorder = Recorder()
    recorder.call_everything()
    called = {f"{call.method} {call.path}" for call in recorder.calls}
    assert called == {f"{route.method} {route.path}" for route in ROUTES} - BESIDES


def test_both_clients_have_the_same_parts_and_methods() -> None:
    def methods(kind: type) -> set[str]:
        return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}

    assert methods(Client) == methods(AsyncClient)


def test_names_and_queries_are_escaped() -> None:
    call = Call(
        method="GET", path="/runs/{run_id}", names={"run_id": "a/b?c#d"}, query={"status": ["x", "y"], "no": None, "f": True}
    )
    request = httpx.Client(base_url="http://h").build_request(**call.request())
    assert str(request.url) == "http://h/runs/a%2Fb%3Fc%23d?status=x&status=y&f=true"


def test_numbers_leave_and_arrive_digit_by_digit() -> None:
    call = Call(method="POST", path="/", body={"amount": Decimal("12.50")})
    assert call.request()["content"] == b'{"amount":12.50}'
    assert value_of(call, httpx.Response(200, content=b'{"amount":12.50}')) == {"amount": Decimal("12.50")}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("RUN_ENDED", CallerError),
        ("SEGMENT_INVALID", AuthorError),
        ("STORE_FULL", ProviderError),
        ("STORE_BROKEN", OurError),
        ("NEW", CallerError),
    ],
)
def test_an_error_has_the_class_of_its_code(code: str, kind: type) -> None:
    shape = {"code": code, "message": "m", "hint": "h", "pointer": "/p", "details": {"d": 1}}
    error = error_of(httpx.Response(409, json=shape, request=httpx.Request("GET", "http://h/")))
    assert (type(error), error.to_dict()) == (kind, shape)


def test_an_answer_of_somebody_else_is_no_answer_of_ours() -> None:
    error = error_of(httpx.Response(502, text="<html>bad gateway", request=httpx.Request("GET", "http://h/")))
    assert (type(error), error.code) == (ProviderError, "NET_PROTOCOL")


def test_nobody_there_is_an_error_of_something_outside() -> None:
    with Client("http://127.0.0.1:9", timeout_s=2) as client, pytest.raises(ProviderError) as caught:
        client.me()
    assert caught.value.code == "NET_CONNECT"


def test_events_are_read_line_by_line() -> None:
    lines = [
        "retry: 1000",
        "",
        ": a comment",
        "id: 7",
        "event: append",
        'data: {"a":',
        "data: 1}",
        "",
        "event: counts",
        "data: {}",
        "",
    ]
    parser = Parser()
    found = [event for line in lines if (event := parser.line(line)) is not None]
    assert found == [StreamEvent("append", {"a": 1}, 7), StreamEvent("counts", {})]


def test_a_stream_goes_on_after_what_it_gave_out_and_waits_longer_each_time() -> None:
    resume = Resume(None)
    assert resume.headers() == {}
    resume.seen(StreamEvent("hello", {"position": 5}))
    assert resume.headers() == {"Last-Event-ID": "5"}
    resume.seen(StreamEvent("append", {}, 9))
    assert resume.headers() == {"Last-Event-ID": "9"}
    assert [resume.wait_s() for _ in range(7)] == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0]
    resume.seen(StreamEvent("counts", {}))
    assert resume.wait_s() == 0.25
    closed: dict[str, Any] = {"code": "UNAUTHENTICATED", "message": "gone"}
    with pytest.raises(CallerError) as caught:
        resume.seen(StreamEvent("closed", closed))
    assert caught.value.code == "UNAUTHENTICATED"
