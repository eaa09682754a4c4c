"""The client against real servers: what is sent, what comes back, what is refused, and what is certain when it fails."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import httpcore
import httpx
import pytest

from tests.net.server import Answer, Seen, Server, answer_bytes, by_path, reply, run, serving, silent, skip
from worktrail.errors import CallerError, ProviderError, WorktrailError
from worktrail.net import GuardedTransport, NetLimits, NetPolicy, OutboundClient, ServiceClient
from worktrail.net.transport import told


def against(answer: Answer, scene: Callable[[OutboundClient, Server], Awaitable[Any]], **limits: Any) -> Server:
    """Runs a scene with a client that may reach the server and nothing else of this machine."""

    async def whole() -> Server:
        async with serving(answer) as server:
            policy = NetPolicy(allow_hosts=(f"127.0.0.1:{server.port}",))
            async with OutboundClient(policy, limits=NetLimits(**limits)) as client:
                await scene(client, server)
        return server

    return run(whole())


async def failing(waiting: Awaitable[Any]) -> WorktrailError:
    with pytest.raises(WorktrailError) as caught:
        await waiting
    return caught.value


def certain(error: WorktrailError) -> bool:
    return bool((error.details or {}).get("not_executed"))


def test_a_request_and_its_answer() -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        got = await client.request(
            "post", server.url("/a%20b?x=1"), headers={"X-Mine": "u"},
            query={"y": [1, True, None, "a&b"], "z": None}, body="héllo",
        )  # fmt: skip
        assert (got.status, got.content_type, got.text(), got.redirects) == (201, "text/plain", "grüß", 0)
        assert got.headers["x-two"] == "a"
        assert got.url == server.url("/a%20b?x=1&y=1&y=true&y=a%26b")

    answer = reply("grüß".encode("latin-1"), 201, content_type="Text/Plain; charset=latin-1", X_Two="a")
    (seen,) = against(answer, scene).seen
    assert (seen.method, seen.target, seen.body) == ("POST", "/a%20b?x=1&y=1&y=true&y=a%26b", "héllo".encode())
    assert seen.headers["x-mine"] == "u"
    assert seen.headers["user-agent"] == "worktrail"
    assert "cookie" not in seen.headers


def test_connections_are_kept_and_cookies_are_not() -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        for _ in range(3):
            await client.request("GET", server.url())

    server = against(reply(b"x", set_cookie="a=b"), scene)
    assert server.connections == 1
    assert not any("cookie" in seen.headers for seen in server.seen)


def test_one_client_serves_several_loops() -> None:
    client = OutboundClient(NetPolicy(allow_hosts=("127.0.0.1:*",)))

    async def scene() -> int:
        async with serving(reply(b"x")) as server, client:
            return (await client.request("GET", server.url())).status

    assert [asyncio.run(scene()) for _ in range(2)] == [200, 200]


def test_no_proxy_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async def scene(client: OutboundClient, server: Server) -> None:
        assert (await client.request("GET", server.url())).status == 200

    against(reply(b"x"), scene)


# --- what is not sent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("CONNECT", {}), ("TRACE", {}), ("GE T", {}), ("", {}), ("GET", {"Host": "x"}), ("GET", {"Content-Length": "3"}),
        ("GET", {"Transfer-Encoding": "chunked"}), ("GET", {"Proxy-Authorization": "x"}), ("GET", {"X": "a\r\nY: b"}),
        ("GET", {"X": "a\0b"}), ("GET", {"X Y": "a"}), ("GET", {"": "a"}), ("GET", {"X": "日"}), ("GET", {"X": None}),
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_sent(method: str, headers: Any) -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        error = await failing(client.request(method, server.url(), headers=headers))
        assert (error.code, error.blame, certain(error)) == ("NET_REQUEST", "caller", True)

    assert against(reply(b"x"), scene).seen == []


@pytest.mark.parametrize(
    "value", ["Bearer tops3cret ", " tops3cret", "tops3cret\t", "tops3\x01cret", "tops3cret\x7f", "tops3cret\n"]
)
def test_the_value_of_a_header_is_never_shown(value: str) -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        error = await failing(client.request("GET", server.url(), headers={"Authorization": value}))
        assert (error.code, certain(error)) == ("NET_REQUEST", True)
        assert "'authorization'" in error.message
        assert "tops3" not in error.message

    assert against(reply(b"x"), scene).seen == []


def test_nor_by_the_library_below() -> None:
    with pytest.raises(CallerError) as refused, told("GET http://x"):
        raise httpcore.LocalProtocolError("Illegal header value b'tops3cret '")
    assert refused.value.message == "GET http://x cannot be sent: Illegal header value"


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1", "[::ffff:7f00:1]"])
def test_this_machine_by_any_name_is_refused(host: str) -> None:
    async def whole() -> None:
        async with serving(reply(b"x")) as server:
            addresses = {"localhost": ["::1", "127.0.0.1"]}.get(host, ["127.0.0.1"])
            async with OutboundClient(NetPolicy(ports=None), resolver=answering(addresses)) as client:
                error = await failing(client.request("GET", f"http://{host}:{server.port}/"))
            assert (error.code, certain(error)) == ("NET_URL" if host.startswith("0177") else "NET_ADDRESS_REFUSED", True)
            assert server.connections == 0

    run(whole())


def answering(*answers: list[str]) -> Any:
    """A resolver that gives these answers one after the other, then the last again; ``asked`` counts."""

    async def resolver(host: str, port: int) -> list[str]:
        resolver.asked.append(host)  # type: ignore[attr-defined]
        return answers[min(len(resolver.asked), len(answers)) - 1]  # type: ignore[attr-defined]

    resolver.asked = []  # type: ignore[attr-defined]
    return resolver


@pytest.mark.parametrize(
    "addresses",
    [
        ["93.184.215.14", "127.0.0.1"],
        ["93.184.215.14", "169.254.169.254"],
        ["2606:4700::1111", "::1"],
        ["fe80::1%2"],
        ["100.64.0.1"],
    ],
)
def test_one_refused_address_refuses_the_host(addresses: list[str]) -> None:
    async def whole() -> None:
        resolver = answering(addresses)
        async with OutboundClient(resolver=resolver) as client:
            error = await failing(client.request("GET", "http://rebind.example/"))
        assert (error.code, certain(error), resolver.asked) == ("NET_ADDRESS_REFUSED", True, ["rebind.example"])

    run(whole())


def test_the_name_is_looked_up_once_and_the_checked_address_is_used() -> None:
    async def whole() -> None:
        async with serving(reply(b"x")) as server:
            resolver = answering(["127.0.0.1"], ["10.0.0.1"])
            policy = NetPolicy(allow_hosts=(f"service.internal:{server.port}",))
            async with OutboundClient(policy, resolver=resolver) as client:
                await client.request("GET", f"http://Service.Internal:{server.port}/")
            assert resolver.asked == ["service.internal"]
            assert server.seen[0].headers["host"].lower() == f"service.internal:{server.port}"

    run(whole())


def test_a_name_that_changes_its_answer_gains_nothing() -> None:
    async def whole() -> None:
        async with serving(reply(b"", 307, location="/b", connection="close")) as server:
            resolver = answering(["127.0.0.1"], ["169.254.169.254"])
            policy = NetPolicy(allow_hosts=(f"rebind.example:{server.port}",))
            async with OutboundClient(policy, resolver=resolver) as client:
                error = await failing(client.request("POST", f"http://rebind.example:{server.port}/a", body=b"x"))
            assert error.code == "NET_ADDRESS_REFUSED"
            assert not certain(error)  # the first request did arrive
            assert len(resolver.asked) == 2
            assert [seen.target for seen in server.seen] == ["/a"]

    run(whole())


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    async def whole() -> None:
        async with serving(reply(b"x")) as server:
            policy = NetPolicy(allow_hosts=(f"two.example:{server.port}",))
            async with OutboundClient(policy, resolver=answering(["127.0.0.9", "127.0.0.1"])) as client:
                assert (await client.request("GET", f"http://two.example:{server.port}/")).status == 200

    run(whole())


def test_no_address_and_no_connection_are_certain() -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    async def whole() -> None:
        for resolver in (unknown, answering([])):
            async with OutboundClient(resolver=resolver) as client:
                error = await failing(client.request("POST", "http://nowhere.example/"))
            assert (error.code, error.blame, certain(error)) == ("NET_RESOLVE", "provider", True)
        async with serving(reply(b"x")) as server:
            port = server.port
        async with OutboundClient(NetPolicy(allow_hosts=(f"127.0.0.1:{port}",))) as client:
            error = await failing(client.request("POST", f"http://127.0.0.1:{port}/"))
        assert (error.code, error.blame, certain(error)) == ("NET_CONNECT", "provider", True)
        assert error.details == {"not_executed": True, "recoverable": True}

    run(whole())


# --- redirects --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "method", "then", "body"),
    [
        (301, "POST", "GET", b""), (302, "POST", "GET", b""), (303, "POST", "GET", b""), (303, "PUT", "GET", b""),
        (303, "HEAD", "HEAD", b""), (307, "POST", "POST", b"x"),
        (308, "PUT", "PUT", b"x"), (301, "GET", "GET", b""), (302, "PUT", "PUT", b"x"),
    ],
)  # fmt: skip
def test_a_redirect_keeps_or_changes_the_method(status: int, method: str, then: str, body: bytes) -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        sent = None if method in {"GET", "HEAD"} else b"x"
        got = await client.request(method, server.url("/a"), headers={"Authorization": "k"}, body=sent)
        assert (got.status, got.redirects, got.url) == (200, 1, server.url("/b"))

    last = against(by_path(a=reply(b"", status, location="b"), b=reply(b"")), scene).seen[-1]
    assert (last.method, last.body, last.headers["authorization"]) == (then, body, "k")


def test_another_origin_gets_none_of_the_callers_secrets() -> None:
    async def whole() -> None:
        async with serving(reply(b"x")) as other:
            async with serving(reply(b"", 307, location=other.url("/b"))) as server:
                policy = NetPolicy(allow_hosts=(f"127.0.0.1:{server.port}", f"127.0.0.1:{other.port}"))
                async with OutboundClient(policy) as client:
                    headers = {
                        "Authorization": "k",
                        "Cookie": "c",
                        "X-Api-Key": "k",
                        "Accept": "text/x",
                        "Content-Type": "text/y",
                    }
                    await client.request("POST", server.url(), headers=headers, body=b"x")
            (seen,) = other.seen
            assert set(seen.headers) == {"host", "accept", "content-type", "user-agent", "content-length", "accept-encoding"}
            assert (seen.headers["accept"], seen.headers["host"]) == ("text/x", f"127.0.0.1:{other.port}")

    run(whole())


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://127.0.0.1:1/", "NET_ADDRESS_REFUSED"), ("http://169.254.169.254/latest", "NET_ADDRESS_REFUSED"),
        ("//10.0.0.1/", "NET_ADDRESS_REFUSED"), ("file:///etc/passwd", "NET_URL"), ("http://u:p@127.0.0.1/", "NET_URL"),
        ("http://[::1", "NET_REDIRECT"), ("/loop", "NET_REDIRECT"),
    ],
)  # fmt: skip
def test_a_redirect_is_checked_again(location: str, code: str) -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        error = await failing(client.request("POST", server.url("/loop")))
        assert (error.code, certain(error)) == (code, False)

    server = against(reply(b"", 308, location=location), scene)
    assert len(server.seen) == (6 if location == "/loop" else 1)


def test_redirects_can_be_left_alone() -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        got = await client.request("GET", server.url(), max_redirects=0)
        assert (got.status, got.headers["location"]) == (302, "/b")

    against(reply(b"", 302, location="/b"), scene)


# --- how much, how long -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "size"),
    [
        (reply(b"x" * 1001), 1001),
        (reply(b"x" * 1001, length=False, connection="close"), 1001),
        (reply(gzip.compress(b"0" * 50_000_000, mtime=0), content_encoding="gzip"), None),
        (reply(zlib.compress(b"0" * 5_000_000), content_encoding="deflate"), None),
        (reply(b"", content_length="99999999999"), None),
    ],
)
def test_what_is_too_large_is_not_read(answer: Answer, size: int | None) -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        error = await failing(client.request("GET", server.url(), max_bytes=1000))
        assert (error.code, error.blame, certain(error)) == ("NET_TOO_LARGE", "provider", False)
        assert error.details == {"recoverable": False}
        if size is not None:  # exactly the cap is fine
            assert len((await client.request("GET", server.url(), max_bytes=size)).body) == size

    def closing(seen: Seen, writer: asyncio.StreamWriter) -> None:
        answer(seen, writer)
        if size is not None:
            writer.close()

    against(closing, scene)


def test_a_bomb_costs_no_more_than_the_cap() -> None:
    import tracemalloc

    bomb = gzip.compress(b"0" * 50_000_000, mtime=0)

    async def scene(client: OutboundClient, server: Server) -> None:
        tracemalloc.start()
        error = await failing(client.request("GET", server.url(), max_bytes=100_000))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert error.code == "NET_TOO_LARGE"
        assert peak < 3_000_000

    against(reply(bomb, content_encoding="gzip"), scene)


RAW_DEFLATE = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"hello", mtime=0), "gzip"), (gzip.compress(b"hel", mtime=0) + gzip.compress(b"lo", mtime=0), "GZip"),
        (zlib.compress(b"hello"), "deflate"), (RAW_DEFLATE.compress(b"hello") + RAW_DEFLATE.flush(), "deflate"),
        (b"hello", "identity"),
    ],
)  # fmt: skip
def test_unpacking(body: bytes, encoding: str) -> None:
    async def slowly(_: Seen, writer: asyncio.StreamWriter) -> None:
        raw = answer_bytes(body, content_encoding=encoding)
        for number in range(len(raw)):
            writer.write(raw[number : number + 1])
            await writer.drain()

    async def scene(client: OutboundClient, server: Server) -> None:
        assert (await client.request("GET", server.url())).body == b"hello"

    against(slowly, scene)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"hello", mtime=0)[:-3], "gzip"), (b"hello", "gzip"), (b"hello", "deflate"),
        (zlib.compress(b"a") + b"b", "deflate"), (b"x", "br"), (b"x", "gzip, gzip"),
    ],
)  # fmt: skip
def test_what_cannot_be_unpacked(body: bytes, encoding: str) -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        error = await failing(client.request("GET", server.url()))
        assert (error.code, certain(error)) == ("NET_PROTOCOL", False)

    against(reply(body, content_encoding=encoding), scene)


@pytest.mark.parametrize("size", [70_000, 300_000])
def test_headers_have_a_cap(size: int) -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        assert (await failing(client.request("GET", server.url()))).code == "NET_TOO_LARGE"

    against(reply(b"", X_Big="x" * size), scene)


def test_a_head_request_has_no_body() -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        got = await client.request("HEAD", server.url(), max_bytes=10)
        assert (got.status, got.body) == (200, b"")

    against(reply(b"", content_length="5000", content_encoding="gzip"), scene)


async def _never(*_: Any) -> None:
    await asyncio.Event().wait()


async def _drips(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx")
    skip(600)
    await _never()


@pytest.mark.parametrize("answer", [silent, _drips])
def test_the_whole_exchange_has_a_limit(answer: Any) -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        error = await failing(client.request("POST", server.url(), timeout_s=300))
        assert (error.code, error.blame, certain(error)) == ("NET_TIMEOUT", "provider", False)
        assert "300 s" in error.message

    against(answer, scene)


def test_a_connection_that_takes_too_long_is_certain() -> None:
    async def whole() -> None:
        for limits in (NetLimits(timeout_s=0.01), NetLimits(connect_timeout_s=0.01)):
            async with OutboundClient(resolver=_never, limits=limits) as client:  # type: ignore[arg-type]
                error = await failing(client.request("POST", "http://slow.example/"))
            assert (error.code, certain(error)) == ("NET_TIMEOUT", True)

    run(whole())


def test_cancelling_is_not_a_time_out() -> None:
    arrived = asyncio.Event()

    async def waiting(_: Seen, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await _never()

    async def scene(client: OutboundClient, server: Server) -> None:
        task = asyncio.create_task(client.request("GET", server.url()))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    against(waiting, scene)


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 99999 \r\n\r\n"]
)
def test_a_service_that_breaks_off(raw: bytes) -> None:
    def answer(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        writer.close()

    async def scene(client: OutboundClient, server: Server) -> None:
        error = await failing(client.request("POST", server.url()))
        assert (error.code, error.blame, certain(error)) == ("NET_PROTOCOL", "provider", False)

    against(answer, scene)


# --- other ways in ----------------------------------------------------------------------------------------------------


def test_a_library_with_its_own_client_stays_inside_the_guard() -> None:
    async def whole() -> None:
        async with serving(by_path(a=reply(b"", 302, location="http://10.0.0.1/"), b=reply(b"hi"))) as server:
            transport = GuardedTransport(NetPolicy(allow_hosts=(f"127.0.0.1:{server.port}",)))
            async with httpx.AsyncClient(transport=transport, follow_redirects=True) as client:
                assert (await client.get(server.url("/b"))).text == "hi"
                with pytest.raises(CallerError, match=r"10\.0\.0\.1"):
                    await client.get(server.url("/a"))
                with pytest.raises(CallerError, match="credentials"):
                    await client.get(f"http://user:pw@127.0.0.1:{server.port}/b")

    run(whole())


def test_what_another_library_may_know_about_a_time_out() -> None:
    async def whole() -> None:
        async with serving(silent) as server:
            policy = NetPolicy(allow_hosts=("127.0.0.1:*", "slow.example:*"))
            for url, timeout, sent in ((server.url(), 300, True), ("http://slow.example/", 0.01, False)):
                async with httpx.AsyncClient(transport=GuardedTransport(policy, resolver=_never), timeout=timeout) as client:  # type: ignore[arg-type]
                    error = await failing(client.post(url))
                assert (error.code, certain(error)) == ("NET_TIMEOUT", not sent)

    run(whole())


def test_a_service_adds_its_own_headers() -> None:
    async def scene(client: OutboundClient, server: Server) -> None:
        service = ServiceClient(server.url("/v1/"), headers={"Authorization": "Bearer k"}, client=client)
        headers = {"authorization": "mine", "X": "y"}
        got = await service.request("POST", "orders/1", headers=headers, params={"a": 1}, content=b"x", timeout=5)
        assert got.body == b"ok"
        assert "Bearer" not in repr(service)
        with pytest.raises(CallerError):
            await service.request("GET", "../admin")
        await service.aclose()

    (seen,) = against(reply(b"ok"), scene).seen
    assert (seen.target, seen.headers["authorization"], seen.headers["x"]) == ("/v1/orders/1?a=1", "Bearer k", "y")


def test_errors_are_of_the_one_tree() -> None:
    async def whole() -> None:
        async with OutboundClient() as client:
            error = await failing(client.request("GET", "http://127.0.0.1/"))
        assert isinstance(error, CallerError)
        assert not isinstance(error, ProviderError)
        assert set(error.to_dict()) == {"code", "message", "hint", "details"}

    run(whole())
