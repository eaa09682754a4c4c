"""The refused ranges: our own list, and everything that hides an address inside another."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worktrail.net import REFUSED, refusal

METADATA = "169.254.169.254 169.254.170.2 100.100.100.200 168.63.129.16 192.0.0.192 fd00:ec2::254 fd20:ce::254".split()
V4 = """0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.8.8.8 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.8
    192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1
    255.255.255.255""".split()
V6 = """:: ::1 ::7f00:1 ::8.8.8.8 ::ffff:0:8.8.8.8 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::1 100::1
    2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:a9fe:a9fe::1 2002:808:808::1 3ffe::1 3fff::1 4000::1 5f00::1 fc00::1
    fd12::1 fe80::1 fec0::1 ff02::1 fe80::1%eth0 2606:4700::1111%eth0 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:10.0.0.1
    """.split()
PUBLIC = """1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
    172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255
    192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2a00:1450::1
    2001:4860:4860::8888 64:ff9b::8.8.8.8 ::ffff:8.8.8.8""".split()


@pytest.mark.parametrize("address", [*METADATA, *V4, *V6])
def test_it_is_refused(address: str) -> None:
    assert refusal(address) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_it_is_public(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize("address", [*METADATA, "::ffff:169.254.169.254"])
def test_metadata_is_known_as_such(address: str) -> None:
    found = refusal(address)
    assert found is not None
    assert found.kind == "metadata"


def test_what_is_behind_nat64_is_never_private_by_permission() -> None:
    found = refusal("64:ff9b::10.0.0.1")
    assert found is not None
    assert found.kind == "reserved"


@given(st.sampled_from(REFUSED), st.data())
def test_all_of_every_row_is_refused(row: object, data: st.DataObject) -> None:
    network = row.network  # type: ignore[attr-defined]
    low, high = int(network.network_address), int(network.broadcast_address)
    number = data.draw(st.sampled_from([low, high]) | st.integers(low, high))
    made = ipaddress.IPv4Address(number) if network.version == 4 else ipaddress.IPv6Address(number)
    assert refusal(made) is not None


@given(st.ip_addresses(v=4))
def test_packing_an_address_does_not_help_it(address: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.IPv6Address(int(ipaddress.IPv6Address("::ffff:0:0")) + int(address))
    assert refusal(mapped) == refusal(address)
    behind = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))
    assert (refusal(behind) is None) == (refusal(address) is None)


@given(st.ip_addresses())
def test_nothing_that_python_calls_local_gets_through(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    inside = address.version == 6 and address.ipv4_mapped is not None  # type: ignore[union-attr]
    if not address.is_global and not inside:
        assert refusal(address) is not None


def test_what_is_no_address_is_an_error() -> None:
    for text in ("example.com", "127.1", "0x7f000001", "2130706433", ""):
        with pytest.raises(ValueError, match="does not appear"):
            refusal(text)


def test_the_document_lists_exactly_these_ranges() -> None:
    text = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([0-9a-f.:]+/\d+)` \| ([a-z-]+) \| (.+) \|$", text, re.MULTILINE)
    assert rows == [(str(row.network), row.kind, row.about) for row in REFUSED]
