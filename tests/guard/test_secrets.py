"""Secrets: how they look, what is kept of them, when they stand."""

from __future__ import annotations

import pytest

from worktrail.guard import agrees, digest_of, make_secret, read_secret, standing

RANDOM = bytes(range(220, 252))
SALT = bytes(16)


def test_a_secret_says_its_kind_and_id() -> None:
    key = make_secret("key", "a1b2c3d4e5f6", RANDOM)
    assert key.startswith("wtk_a1b2c3d4e5f6_")
    assert read_secret(key) == ("key", "a1b2c3d4e5f6")
    assert read_secret(make_secret("session", "a1b2c3d4e5f6", RANDOM)) == ("session", "a1b2c3d4e5f6")


@pytest.mark.parametrize(
    "text", ["", "wtk_", "wtk_a1b2c3d4e5f6_short", "wtx_a1b2c3d4e5f6_" + "a" * 43, "wtk_A1B2C3D4_" + "a" * 43, "é" * 60]
)
def test_anything_else_is_none(text: str) -> None:
    assert read_secret(text) is None


def test_no_part_of_a_secret_may_follow_it() -> None:
    key = make_secret("key", "a1b2c3d4e5f6", RANDOM)
    assert read_secret(key + "\n") is None
    assert read_secret(" " + key) is None


def test_only_the_secret_itself_agrees_with_its_digest() -> None:
    key = make_secret("key", "a1b2c3d4e5f6", RANDOM)
    kept = digest_of(key, SALT)
    assert len(kept) == 32
    assert agrees(key, SALT, kept)
    assert not agrees(key[:-1] + "x", SALT, kept)
    assert not agrees(key, b"another salt....", kept)


@pytest.mark.parametrize(
    ("expires_us", "ended_us", "said"),
    [(None, None, None), (101, None, None), (100, None, "expired"), (None, 5, "revoked"), (101, 99, "revoked")],
)
def test_when_it_stands(expires_us: int | None, ended_us: int | None, said: str | None) -> None:
    assert standing(100, expires_us=expires_us, ended_us=ended_us) == said
