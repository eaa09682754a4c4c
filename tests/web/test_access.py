"""Who comes in: nobody, a key, a session; and what becomes of each when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.projects import sample
from tests.web.hosts import Web, served
from worktrail.app import Caller, os_principal, revoke_key
from worktrail.guard import read_secret


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Web]:
    with served(sample(tmp_path)) as web:
        yield web


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Web]:
    with served(sample(tmp_path), mode="keys") as web:
        yield web


def code(answer: object) -> str:
    return str(answer.json()["code"])  # type: ignore[attr-defined]


def revoke(web: Web, secret: str) -> None:
    found = read_secret(secret)
    assert found is not None
    revoke_key(Caller(web.host.home.store, os_principal()), found[1])


def test_in_local_mode_whoever_comes_is_who_started_it(local: Web) -> None:
    told = local.get("/api/v1/me").json()
    assert (told["principal"], told["mode"]) == (os_principal("local").id, "local")
    assert told["permissions"] == ["view", "run", "decide", "edit", "publish", "admin"]
    assert "/" not in told["server"]["database"]


def test_in_local_mode_a_key_that_does_not_hold_still_opens_nothing(local: Web) -> None:
    key = local.key("ann", "view")
    assert local.get("/api/v1/me", key=key).json()["principal"] == "key:ann"
    revoke(local, key)
    assert local.get("/api/v1/me", key=key).status_code == 401


def test_with_keys_nobody_comes_in_without_one(keyed: Web) -> None:
    answer = keyed.get("/api/v1/me")
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"
    for wrong in ("wtk_", "wtk_a1b2c3d4e5f6_" + "a" * 43, "x", "wts_a1b2c3d4e5f6_" + "a" * 43):
        assert keyed.get("/api/v1/me", key=wrong).status_code == 401
    key = keyed.key("ann", "view", workspaces=["north"])
    told = keyed.get("/api/v1/me", key=key).json()
    assert (told["principal"], told["permissions"], told["workspaces"]) == ("key:ann", ["view"], ["north"])
    assert keyed.get("/api/v1/me", key=key[:-1] + ("a" if key[-1] != "a" else "b")).status_code == 401
    revoke(keyed, key)
    assert keyed.get("/api/v1/me", key=key).status_code == 401


def test_a_browser_logs_in_and_out_and_a_copy_of_its_cookie_is_worth_nothing(keyed: Web) -> None:
    key = keyed.key("ann", "view")
    assert keyed.post("/api/v1/session", json={"key": "wtk_wrong"}).status_code == 401
    answer = keyed.post("/api/v1/session", json={"key": key})
    assert (answer.status_code, answer.json()["principal"]) == (200, "key:ann")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    jar = {"Cookie": cookie.partition(";")[0]}
    assert keyed.get("/api/v1/me", headers=jar).json()["session_expires_at"] is not None
    left = keyed.ask("DELETE", "/api/v1/session", headers=jar)
    assert left.status_code == 200
    assert 'worktrail_session=""' in left.headers["set-cookie"]
    assert keyed.get("/api/v1/me", headers=jar).status_code == 401


def test_a_session_dies_with_its_key(keyed: Web) -> None:
    key = keyed.key("ann", "view")
    jar = {"Cookie": keyed.post("/api/v1/session", json={"key": key}).headers["set-cookie"].partition(";")[0]}
    assert keyed.get("/api/v1/me", headers=jar).status_code == 200
    revoke(keyed, key)
    assert keyed.get("/api/v1/me", headers=jar).status_code == 401


def test_a_session_is_no_key_and_opens_no_other_session(keyed: Web) -> None:
    cookie = keyed.post("/api/v1/session", json={"key": keyed.key("ann")}).headers["set-cookie"].partition(";")[0]
    secret = cookie.partition("=")[2]
    assert keyed.get("/api/v1/me", key=secret).status_code == 401
    assert keyed.post("/api/v1/session", json={"key": secret}).status_code == 401


def test_a_key_is_of_one_tenant(keyed: Web) -> None:
    key = keyed.key("bob", "view", tenant="other")
    assert keyed.get("/api/v1/me", key=key).json()["tenant_id"] == "other"
    assert keyed.get("/api/v1/me", key=keyed.key("ann")).json()["tenant_id"] == "default"
