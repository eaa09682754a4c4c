"""TLS: the name of the URL is what the service is asked for and must prove, at the address that was checked."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.net.server import reply, serving
from worktrail.errors import ProviderError
from worktrail.net import NetPolicy, OutboundClient


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext, list[Any]]:
    """(server's, client's, names that were asked for) with a certificate for api.test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("api.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = Path(tmp_path_factory.mktemp("tls")) / "both.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    asked: list[Any] = []
    server.sni_callback = lambda _sock, asked_name, _context: asked.append(asked_name)
    return server, ssl.create_default_context(cafile=str(pem)), asked


async def _here(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def test_the_name_of_the_url_is_asked_for_and_proved(contexts: Any) -> None:
    server_side, client_side, asked = contexts
    asked.clear()

    async def run() -> None:
        async with serving(reply(b"hi"), server_side) as server:
            policy = NetPolicy(allow_hosts=(f"api.test:{server.port}",))
            async with OutboundClient(policy, resolver=_here, ssl_context=client_side) as client:
                got = await client.request("GET", f"https://api.test:{server.port}/")
            assert got.body == b"hi"
            assert server.seen[0].headers["host"] == f"api.test:{server.port}"

    asyncio.run(run())
    assert asked == ["api.test"]


@pytest.mark.parametrize("host", ["other.test", "api.test"])
def test_who_cannot_prove_it_gets_nothing(contexts: Any, host: str) -> None:
    server_side, client_side, _ = contexts
    trusting = client_side if host == "other.test" else None  # api.test with the usual roots, which do not know it

    async def run() -> None:
        async with serving(reply(b"hi"), server_side) as server:
            policy = NetPolicy(allow_hosts=(f"{host}:{server.port}",))
            async with OutboundClient(policy, resolver=_here, ssl_context=trusting) as client:
                with pytest.raises(ProviderError) as caught:
                    await client.request("POST", f"https://{host}:{server.port}/", headers={"Authorization": "k"})
            assert caught.value.code == "NET_TLS"
            assert caught.value.details == {"not_executed": True, "recoverable": False}
            assert server.seen == []

    asyncio.run(run())


def test_https_never_redirects_to_http(contexts: Any) -> None:
    server_side, client_side, _ = contexts

    async def run() -> None:
        async with serving(reply(b"", 302, location="http://api.test/"), server_side) as server:
            policy = NetPolicy(allow_hosts=(f"api.test:{server.port}", "api.test"))
            async with OutboundClient(policy, resolver=_here, ssl_context=client_side) as client:
                with pytest.raises(ProviderError, match="https to http") as caught:
                    await client.request("GET", f"https://api.test:{server.port}/")
            assert caught.value.code == "NET_REDIRECT"

    asyncio.run(run())
