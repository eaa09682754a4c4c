"""What no request gets past, and what every answer carries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.projects import sample, write
from tests.web.hosts import Web, served
from worktrail.web.shield import BODY_BYTES, HEADERS


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with served(sample(tmp_path)) as made:
        yield made


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "10.0.0.1", "localhost@x"]
)
def test_another_host_name_is_refused(web: Web, host: str) -> None:
    answer = web.get("/api/v1/me", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (403, "HOST_REFUSED")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8700", "127.0.0.1:1", "[::1]:8700", "[::1]"])
def test_our_own_names_are_taken_with_any_port(web: Web, host: str) -> None:
    assert web.get("/api/v1/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"Cookie": "worktrail_session=x"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
    ],
)
def test_a_change_comes_from_our_own_page(web: Web, headers: dict[str, str], passes: bool) -> None:
    answer = web.ask("DELETE", "/api/v1/session", headers=headers, same_site=False)
    assert answer.status_code == (200 if passes else 403)
    assert passes or answer.json()["code"] == "CROSS_SITE"


def test_a_key_in_a_header_is_no_page_of_anybody(web: Web) -> None:
    assert web.ask("DELETE", "/api/v1/session", key=web.key("ann")).status_code == 200


def test_a_body_that_is_too_large_is_refused_announced_or_not(web: Web) -> None:
    said = web.post("/api/v1/session", content=b"x", headers={"Content-Length": str(BODY_BYTES + 1)})
    assert (said.status_code, said.json()["code"]) == (413, "TOO_LARGE")

    async def pieces() -> object:
        for _ in range(20):
            yield b'"' + b"x" * 1024 * 1024

    streamed = web.post("/api/v1/session", content=pieces(), headers={"Content-Type": "application/json"})
    assert (streamed.status_code, streamed.json()["code"]) == (413, "TOO_LARGE")


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/none", "/", "/api/v1/session"])
def test_every_answer_carries_the_headers(web: Web, path: str) -> None:
    answer = web.get(path)
    for name, value in HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/v1/none", None, 404, "NOT_FOUND"),
        ("DELETE", "/api/v1/me", None, 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/api/v1/session", b"{", 422, "REQUEST_INVALID"),
        ("POST", "/api/v1/session", b"[" * 100_000, 422, "REQUEST_INVALID"),
        ("POST", "/api/v1/session", b"\xff", 422, "REQUEST_INVALID"),
        ("POST", "/api/v1/session", b'{"key": 1}', 422, "REQUEST_INVALID"),
        ("POST", "/api/v1/session", b'{"key": "a", "more": 1}', 422, "REQUEST_INVALID"),
    ],
)
def test_whatever_is_wrong_has_the_one_shape(
    web: Web, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    answer = web.ask(method, path, content=body, headers={"Content-Type": "application/json"})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code)
    assert told["hint"]
    assert set(told) <= {"code", "message", "hint", "pointer", "details"}


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b'{"key": "a"}', None, "the body is not said to be JSON"),
        (b'{"key": "a"}', "text/plain", "the body is not said to be JSON"),
        (b"", None, "body /: is required"),
        (b'{"key"', "application/json", "body /: not JSON: Input data was truncated"),
        (b'{"key": "a", "more": 1}', "application/json", "body /more: there is no such field"),
        (b"{}", "application/json", "body /key: is required"),
        (b"[]", "application/json", "body /: an object is wanted"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_in_words(web: Web, body: bytes, kind: str | None, said: str) -> None:
    answer = web.post("/api/v1/session", content=body, headers={} if kind is None else {"Content-Type": kind})
    assert answer.json()["message"] == said


def test_pages_are_served_from_a_table_and_unknown_ones_are_the_applications(tmp_path: Path) -> None:
    files = {
        "static/index.html": "<!doctype html><title>Worktrail</title>" + "x" * 2000,
        "static/assets/app-abc123.js": "export {}",
        "secret.txt": "secret",
    }
    with served(write(sample(tmp_path), files)) as web:
        page = web.get("/runs/a/b?x=1")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert page.headers["cache-control"] == "no-cache"
        assert page.headers["content-encoding"] == "gzip"
        again = web.get("/", headers={"If-None-Match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        script = web.get("/assets/app-abc123.js")
        assert (script.text, script.headers["cache-control"]) == ("export {}", "public, max-age=31536000, immutable")
        for path in (
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/assets/..%2f..%2fsecret.txt",
            "/assets/../../secret.txt",
            "//etc/passwd",
        ):
            assert "secret" not in web.get(path).text


def test_without_a_built_application_the_page_says_so(web: Web) -> None:
    answer = web.get("/")
    assert answer.status_code == 404
    assert "web application is not part of this installation" in answer.text
