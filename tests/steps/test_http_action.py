"""`http_action` against real servers and registered clients: what is sent, what comes out, when another attempt is safe."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.net.server import Answer, Seen, Server, answer_bytes, reply, run, serving, silent
from worktrail.net import NetPolicy, OutboundClient, ServiceClient
from worktrail.runtime import Fail, HandlerTable, RuntimeContext, RuntimeContextManager, StepContext
from worktrail.runtime.handlers import invoke
from worktrail.steps import HttpAction, handlers

KEY = "key-1"


def runtime(**clients: Any) -> RuntimeContext:
    made = RuntimeContextManager()
    for name, client in clients.items():
        made.register_client(name, client)
    return made.create_runtime("acme", "main", "r")


async def called(handler: Any, ctx: StepContext, config: dict[str, Any], input_data: Any = None) -> Any:
    table = HandlerTable()
    table.register("http_action", handler)
    return await invoke(table.get("http_action"), ctx, config, input_data or {})


def context(key: str | None = KEY, **kw: Any) -> StepContext:
    return StepContext(kw.pop("runtime", None) or runtime(), "s", idempotency_key=key, **kw)


def send(answer: Answer, config: dict[str, Any], input_data: Any = None, **kw: Any) -> tuple[Any, list[Seen]]:
    """The handler's answer and what the server got; the config's url is a path on the server."""

    async def scene() -> tuple[Any, list[Seen]]:
        async with serving(answer) as server, OutboundClient(NetPolicy(allow_hosts=(f"127.0.0.1:{server.port}",))) as client:
            given = {**config, "url": server.url(config.get("url", "/"))}
            return await called(HttpAction(client), context(**kw), given, input_data), server.seen

    return run(scene())


def test_a_get_without_a_body() -> None:
    got, (seen,) = send(reply(b'{"a": 1.10, "b": [9007199254740993, 1e400]}', content_type="application/json"), {"url": "/x?a=b"})
    assert got == {"response": {"a": Decimal("1.10"), "b": [9007199254740993, Decimal("1e400")]}, "status": 200}
    assert str(got["response"]["a"]) == "1.10"
    assert (seen.method, seen.target, seen.body) == ("GET", "/x?a=b", b"")
    assert "idempotency-key" not in seen.headers


def test_a_body_makes_it_a_post_with_exact_numbers_and_the_key() -> None:
    got, (seen,) = send(reply(b""), {"body": {"price": Decimal("9.90"), "n": 2**70}, "query": {"q": "ü", "n": 1}})
    assert got == {"response": None, "status": 200}
    assert (seen.method, seen.target) == ("POST", "/?q=%C3%BC&n=1")
    assert seen.body == b'{"price":9.90,"n":1180591620717411303424}'
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["idempotency-key"] == KEY


@pytest.mark.parametrize(
    ("config", "input_data", "body", "kind"),
    [
        ({"body": "text"}, None, b"text", "text/plain; charset=utf-8"),
        ({"body": "<a/>", "headers": {"content-type": "text/xml"}}, None, b"<a/>", "text/xml"),
        ({}, {"body": {"a": None}}, b'{"a":null}', "application/json"),
        ({"body": [1]}, {"body": "port"}, b"port", "text/plain; charset=utf-8"),
        ({"body": False}, None, b"false", "application/json"),
        ({"method": "put"}, {"input": "x"}, b"", None),
    ],
)
def test_which_body_goes_out(config: dict[str, Any], input_data: Any, body: bytes, kind: str | None) -> None:
    _, (seen,) = send(reply(b""), config, input_data)
    assert seen.body == body
    assert seen.headers.get("content-type") == kind
    assert seen.method == ("PUT" if "method" in config else "POST")


def test_a_callers_own_key_wins() -> None:
    _, (seen,) = send(reply(b""), {"method": "POST", "headers": {"idempotency-key": "mine"}})
    assert seen.headers["idempotency-key"] == "mine"


def test_a_host_may_have_an_asynchronous_provider() -> None:
    class Vault:
        async def get_secret(self, secret_id: str) -> str:
            return f"value of {secret_id}"

    made = RuntimeContextManager()
    made.register_secrets_provider(Vault())
    _, (seen,) = send(reply(b""), {"secret_ref": "api"}, runtime=made.create_runtime("acme", "main"))
    assert seen.headers["authorization"] == "Bearer value of api"


def test_a_secret_comes_from_the_context_and_stays_out_of_failures() -> None:
    config = {"secret_ref": "api", "headers": {"X-N": 3, "X-None": None}}

    def echo(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(answer_bytes(f"you sent {seen.headers['authorization']}".encode(), 401))

    got, (seen,) = send(echo, config, secrets={"api": "tops3cret"})
    assert seen.headers["authorization"] == "Bearer tops3cret"
    assert (seen.headers["x-n"], "x-none" in seen.headers) == ("3", False)
    assert got.details == {"status": 401, "body": "you sent Bearer [secret]"}
    twice, _ = send(reply(b""), {**config, "headers": {"authorization": "x"}}, secrets={"api": "tops3cret"})
    assert twice.code == "HTTP_CONFIG"
    denied, seen_now = send(reply(b""), config, secrets={})
    assert (denied.code, seen_now) == ("SECRET_ACCESS_DENIED", [])


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "value"),
    [
        (b"", "application/json", None),
        (b"[]", "application/problem+json; charset=utf-8", []),
        (b"3", "Application/JSON", 3),
        (b'{"a": 1}', "text/plain", '{"a": 1}'),
        ("grüß".encode("latin-1"), "text/plain; charset=latin-1", "grüß"),
        ("grüß".encode(), "", "grüß"),
        (b"\xff", "text/plain; charset=nonsense", "\ufffd"),
        (b"\x89PNG\xff", "image/png", {"content_type": "image/png", "base64": "iVBOR/8="}),
    ],
)
def test_what_the_response_is(body: bytes, kind: str, value: Any) -> None:
    got, _ = send(reply(body, content_type=kind), {})
    assert got == {"response": value, "status": 200}


@pytest.mark.parametrize("body", [b"{", b"NaN", b"[" * 100_000, b'"\xff"', b"1" * 5000])
def test_what_says_json_but_is_not(body: bytes) -> None:
    got, _ = send(reply(body, content_type="application/json"), {})
    assert (got.code, got.recoverable) == ("HTTP_BODY", False)


@pytest.mark.parametrize(
    ("status", "expected", "fine"),
    [
        (204, None, True), (302, None, False), (404, None, False), (404, [404], True), (404, ["2xx", "4XX"], True),
        (200, [201], False), (302, ["3xx"], True), (200, "2xx", True), (200, 200, True),
    ],
)  # fmt: skip
def test_which_status_is_expected(status: int, expected: Any, fine: bool) -> None:
    config = {} if expected is None else {"expected_status": expected}
    got, _ = send(reply(b"no", status), config)
    assert isinstance(got, dict) == fine
    if not fine:
        assert got.code == "HTTP_STATUS"
        assert got.details["status"] == status


# --- another attempt --------------------------------------------------------------------------------------------------

STATUSES = [
    (s, s in {408, 425, 429, 500, 502, 503, 504}) for s in (400, 401, 404, 408, 409, 422, 425, 429, 500, 501, 502, 503, 504, 505)
]


@pytest.mark.parametrize(("status", "passing"), STATUSES)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST", "PATCH"])
def test_statuses_that_pass_with_time(method: str, status: int, passing: bool) -> None:
    got, _ = send(reply(b"no", status), {"method": method})
    assert got.recoverable is passing
    assert not got.not_executed


@pytest.mark.parametrize(("status", "recoverable"), [(500, False), (503, False), (429, True), (425, True), (404, False)])
def test_without_a_key_a_post_is_not_repeated(status: int, recoverable: bool) -> None:
    got, _ = send(reply(b"", status), {"method": "POST"}, key=None)
    assert got.recoverable is recoverable
    got, _ = send(reply(b"", 500), {"method": "GET"}, key=None)
    assert got.recoverable


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Wed, 01 Jan 2025 00:02:00 GMT", "Date": "Wed, 01 Jan 2025 00:00:00 GMT"}, 120.0),
        ({"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], wait: float | None) -> None:
    got, _ = send(reply(b"", 503, **headers), {})
    assert got.recoverable
    assert got.details.get("retry_after_s") == wait
    got, _ = send(reply(b"", 404, **headers), {})
    assert "retry_after_s" not in got.details


def _breaks(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(("answer", "code"), [(silent, "NET_TIMEOUT"), (_breaks, "NET_PROTOCOL")])
@pytest.mark.parametrize(("method", "key", "recoverable"), [("GET", None, True), ("POST", KEY, True), ("POST", None, False)])
def test_when_nobody_knows_whether_it_was_done(
    answer: Answer, code: str, method: str, key: str | None, recoverable: bool
) -> None:
    got, seen = send(answer, {"method": method, "timeout_s": 300}, key=key)
    assert (got.code, got.recoverable, got.not_executed) == (code, recoverable, False)
    assert len(seen) == 1


def test_what_was_never_sent_may_be_repeated() -> None:
    async def scene() -> Any:
        async with serving(reply(b"")) as server:
            port = server.port
        async with OutboundClient(NetPolicy(allow_hosts=("127.0.0.1:*",))) as client:
            return await called(HttpAction(client), context(key=None), {"method": "POST", "url": f"http://127.0.0.1:{port}/"})

    got = asyncio.run(scene())
    assert (got.code, got.recoverable, got.not_executed) == ("NET_CONNECT", True, True)


def test_the_guard_holds_by_default() -> None:
    handler = handlers()["http_action"]
    for url in ("http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"):
        got = asyncio.run(called(handler, context(), {"url": url}))
        assert (got.code in {"NET_ADDRESS_REFUSED", "NET_URL"}, got.recoverable, got.not_executed) == (True, False, True)


@pytest.mark.parametrize(
    ("config", "pointer"),
    [
        ({}, "url"), ({"url": "http://a/", "client_ref": "c"}, "url"), ({"url": "http://a/", "path": "/x"}, "path"),
        ({"url": 7}, "url"), ({"url": "http://a/", "method": "CONNECT"}, "method"),
        ({"url": "http://a/", "headers": []}, "headers"),
        ({"url": "http://a/", "headers": {"X": []}}, "headers/X"), ({"url": "http://a/", "query": "a=b"}, "query"),
        ({"url": "http://a/", "timeout_s": 0}, "timeout_s"), ({"url": "http://a/", "timeout_s": "5"}, "timeout_s"),
        ({"url": "http://a/", "expected_status": ["2x"]}, "expected_status"),
        ({"url": "http://a/", "expected_status": []}, "expected_status"),
        ({"url": "http://a/", "body": object()}, "body"), ({"url": "http://a/", "methode": "GET"}, "methode"),
    ],
)  # fmt: skip
def test_a_config_that_cannot_be_used(config: dict[str, Any], pointer: str) -> None:
    from worktrail.errors import AuthorError

    with pytest.raises(AuthorError) as caught:
        asyncio.run(HttpAction()(context(), config, {}))  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.pointer) == ("HTTP_CONFIG", f"/config/{pointer}")


# --- registered clients -----------------------------------------------------------------------------------------------


class Recorder:
    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[Any] = []

    async def request(self, method: str, path: str, **kw: Any) -> Any:
        self.calls.append((method, path, kw))
        return self.answer


def by_client(client: Any, config: dict[str, Any], input_data: Any = None) -> Any:
    ctx = context(runtime=runtime(crm=client))
    return asyncio.run(called(HttpAction(), ctx, {"client_ref": "crm", **config}, input_data))


def test_a_client_gets_what_httpx_would() -> None:
    client = Recorder({"id": 1})
    got = by_client(client, {"path": "orders", "body": {"a": 1}, "query": {"x": 1}})
    assert got == {"response": {"id": 1}, "status": 200}
    headers = {"Content-Type": "application/json", "Idempotency-Key": KEY}
    assert client.calls == [("POST", "/orders", {"headers": headers, "params": {"x": 1}, "content": b'{"a":1}'})]


@pytest.mark.parametrize("path", ["../admin", "//evil.example", "/%2e%2e/x", "a\\..\\b"])
def test_a_path_cannot_leave_the_client(path: str) -> None:
    client = Recorder({})
    got = by_client(client, {"path": path})
    assert (got.code, got.recoverable, client.calls) == ("NET_URL", False, [])


def test_an_unknown_client_names_the_known() -> None:
    got = asyncio.run(called(HttpAction(), context(runtime=runtime(crm=Recorder(1))), {"client_ref": "erp", "path": "/"}))
    assert (got.code, "crm" in got.message) == ("RESOURCE_NOT_FOUND", True)


def test_a_client_that_hangs() -> None:
    class Hangs:
        async def request(self, method: str, path: str, **kw: Any) -> Any:
            await asyncio.Event().wait()

    got = by_client(Hangs(), {"path": "/", "timeout_s": 0.01})
    assert (got.code, got.recoverable) == ("NET_TIMEOUT", True)


Made = Callable[[Server, OutboundClient], Any]


@pytest.mark.parametrize(
    "make",
    [
        lambda server, client: ServiceClient(server.url("/v1"), client=client),
        lambda server, client: httpx.AsyncClient(base_url=server.url("/v1"), transport=client.transport()),
    ],
)
@pytest.mark.parametrize("status", [201, 503])
def test_ready_made_clients(make: Made, status: int) -> None:
    async def scene() -> tuple[Any, Seen]:
        answer = reply(json.dumps({"a": 0.5}).encode(), status, content_type="application/json", Retry_After="2")
        async with serving(answer) as server, OutboundClient(NetPolicy(allow_hosts=("127.0.0.1:*",))) as client:
            made = make(server, client)
            config = {"client_ref": "crm", "path": "/orders?a=1", "body": {"n": 1}}
            got = await called(HttpAction(), context(runtime=runtime(crm=made)), config)
            await made.aclose()
            return got, server.seen[0]

    got, seen = asyncio.run(scene())
    assert (seen.target, seen.body, seen.headers["idempotency-key"]) == ("/v1/orders?a=1", b'{"n":1}', KEY)
    if status == 201:
        assert got == {"response": {"a": Decimal("0.5")}, "status": 201}
    else:
        assert isinstance(got, Fail)
        assert (got.recoverable, got.details) == (True, {"status": 503, "body": '{"a": 0.5}', "retry_after_s": 2.0})
