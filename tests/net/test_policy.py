"""The policy: what is refused before any name is looked up."""

from __future__ import annotations

from typing import Any

import pytest

from worktrail.errors import CallerError
from worktrail.net import NetPolicy, ServiceClient, safe_path
from worktrail.net.policy import check_url


def code_of(url: Any, **policy: Any) -> str | None:
    try:
        check_url(url, NetPolicy(**policy))
    except CallerError as error:
        return error.code if error.details == {"not_executed": True, "recoverable": False} else "uncertain"
    return None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", "example.com", "", "http://", "http:///x",
        "http://user:pw@example.com/", "http://user@example.com/", "http://example.com\\@127.0.0.1/", "http://ex ample.com/",
        "http://example.com:99999999/", "http://example.com:a/", "http://①②⑦.0.0.1/", "http://127.0.0.1%00.example.com/",
        "http://[::1/", "http://exa\r\nmple.com/", "http://-example.com/", 7,
    ],
)  # fmt: skip
def test_not_a_url_to_request(url: Any) -> None:
    assert code_of(url) == "NET_URL"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[fe80::1%25eth0]/",
        "http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/", "http://METADATA.google.internal./",
        "http://metadata/", "http://[fd00:ec2::254]/", "http://10.1.2.3/", "http://[64:ff9b::a9fe:a9fe]/", "https://0.0.0.0/",
        "http://example.com:22/", "https://example.com:8443/",
    ],
)  # fmt: skip
def test_not_an_address_to_reach(url: str) -> None:
    assert code_of(url) == "NET_ADDRESS_REFUSED"


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://example.com:443/a?b#c", "http://1.1.1.1/", "http://bücher.example/"]
)
def test_a_public_host_is_fine(url: str) -> None:
    assert code_of(url) is None
    assert "#" not in str(check_url(url, NetPolicy()))


@pytest.mark.parametrize(
    ("entry", "url", "allowed"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080/", True),
        ("127.0.0.1:8080", "http://127.0.0.1:8081/", False),
        ("127.0.0.1:8080", "http://127.0.0.1/", False),
        ("127.0.0.1:8080", "http://127.0.0.2:8080/", False),
        ("127.0.0.1", "http://127.0.0.1/", True),
        ("127.0.0.1", "http://127.0.0.1:8080/", False),
        ("127.0.0.1:*", "http://127.0.0.1:8080/", True),
        ("[::1]:8080", "http://[0:0::1]:8080/", True),
        ("169.254.7.7:80", "http://169.254.7.7/", True),
        ("169.254.169.254", "http://169.254.169.254/", False),
        ("*.google.internal", "http://metadata.google.internal/", False),
        ("224.0.0.1", "http://224.0.0.1/", False),
    ],
)
def test_an_entry_opens_what_it_names_and_no_more(entry: str, url: str, allowed: bool) -> None:
    assert (code_of(url, allow_hosts=(entry,)) is None) == allowed


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("db.internal", True), ("a.b.internal", True), ("internal", False), ("eviltinternal", False),
        ("x.internal.evil.example", False),
    ],
)  # fmt: skip
def test_a_suffix_entry_is_for_names_below_it(host: str, allowed: bool) -> None:
    policy = NetPolicy(allow_hosts=("*.internal:8080",))
    if allowed:
        policy.check_host(host, 8080)
        policy.check_address(host, 8080, "10.0.0.1")
    else:
        with pytest.raises(CallerError):
            policy.check_host(host, 8080)
        with pytest.raises(CallerError):
            policy.check_address(host, 8080, "10.0.0.1")


def test_allow_private_lifts_private_ranges_only() -> None:
    policy = NetPolicy(allow_private=True)
    for fine in ("10.0.0.1", "127.0.0.1", "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"):
        policy.check_address("x", 80, fine)
    for never in (
        "169.254.169.254",
        "169.254.1.1",
        "100.100.100.200",
        "224.0.0.1",
        "0.0.0.0",
        "64:ff9b::10.0.0.1",
        "fe80::1",
        "::1%lo",
    ):
        with pytest.raises(CallerError):
            policy.check_address("x", 80, never)


def test_only_hosts_closes_everything_else() -> None:
    only = {"only_hosts": ("api.example.com", "*.example.org:8443")}
    assert code_of("https://api.example.com/", **only) is None
    assert code_of("https://a.example.org:8443/", **only) is None
    for url in ("https://example.com/", "https://a.example.org/", "https://api.example.com:8080/"):
        assert code_of(url, **only) == "NET_ADDRESS_REFUSED"
    assert code_of("http://127.0.0.1/", only_hosts=("127.0.0.1",)) == "NET_ADDRESS_REFUSED"


def test_ports_and_schemes() -> None:
    assert code_of("http://example.com:8080/", ports=(8080,)) is None
    assert code_of("http://example.com:8080/", ports=None) is None
    assert code_of("http://example.com/", schemes=("https",)) == "NET_URL"


@pytest.mark.parametrize(
    "wrong",
    [
        {"allow_hosts": "localhost"}, {"only_hosts": "localhost"}, {"allow_hosts": ("http://a/",)}, {"allow_hosts": ("a:b",)},
        {"allow_hosts": ("",)}, {"schemes": ("ftp",)}, {"allow_hosts": ("user@a",)},
    ],
)  # fmt: skip
def test_a_policy_that_means_something_else_is_refused(wrong: Any) -> None:
    with pytest.raises(CallerError) as caught:
        NetPolicy(**wrong)
    assert caught.value.code == "NET_POLICY"


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("a/b", "/a/b"),
        ("/a/b?c=../d", "/a/b?c=../d"),
        ("a%2Fb", "/a%2Fb"),
        ("", "/"),
        ("http:/x", "/http:/x"),
        ("/a..b/...", "/a..b/..."),
    ],
)
def test_a_path_stays_below_its_base(path: str, made: str) -> None:
    assert safe_path(path) == made


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/x", "/\\evil.example", "\\\\evil", "..", "../x", "/a/../../x", "/a/./b", "/a/%2e%2e/b", "/a/%2E./b",
        "a/%252e%252e/b", "/a\\..\\b", "/a%5c..%5cb", "/a\r\nHost: x", "/a b", "/a#b", "/%25252525252e", "/a\x7f", "..%2fx",
    ],
)  # fmt: skip
def test_a_path_that_climbs_is_refused(path: str) -> None:
    with pytest.raises(CallerError) as caught:
        safe_path(path)
    assert caught.value.code == "NET_URL"


@pytest.mark.parametrize("base", ["/x", "http://a/?b=1", "http://a/#b"])
def test_a_base_is_an_address(base: str) -> None:
    with pytest.raises(CallerError):
        ServiceClient(base)
