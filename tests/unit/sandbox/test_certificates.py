"""Clients of every Python take the sandbox's certificates, and its API server takes theirs."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from sandbox.certificates import write_pki


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    write_pki(folder)
    return folder


def strict(pki: Path, purpose: int, name: str) -> ssl.SSLContext:
    """Return a context that asks of the other side what Python 3.13 asks by default."""
    context = ssl.SSLContext(purpose)
    context.load_verify_locations(pki / "ca.crt")
    context.load_cert_chain(pki / f"{name}.crt", pki / f"{name}.key")
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def handshake(pki: Path, client: str, host: str) -> dict[str, str]:
    """Let a client with a certificate and the server meet in memory; return who the server saw."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller = strict(pki, ssl.PROTOCOL_TLS_CLIENT, client).wrap_bio(to_client, to_server, server_hostname=host)
    server = strict(pki, ssl.PROTOCOL_TLS_SERVER, "server").wrap_bio(to_server, to_client, server_side=True)
    waiting = [caller, server]
    for _turn in range(10):
        for side in list(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                continue
        if not waiting:
            break
    assert waiting == []
    seen = server.getpeercert() or {}
    return {key: value for pairs in seen["subject"] for key, value in pairs}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "kubernetes.default.svc"])
def test_a_strict_client_takes_the_server(pki: Path, host: str) -> None:
    assert handshake(pki, "admin", host)["commonName"] == "system:admin"


@pytest.mark.parametrize(
    ("client", "user"), [("admin", "system:admin"), ("components", "system:sandbox")], ids=["admin", "components"]
)
def test_the_server_takes_a_client_strictly(pki: Path, client: str, user: str) -> None:
    assert handshake(pki, client, "localhost") == {"commonName": user, "organizationName": "system:masters"}


def test_an_authority_of_another_sandbox_is_refused(pki: Path, tmp_path: Path) -> None:
    write_pki(tmp_path)
    (tmp_path / "ca.crt").write_bytes((pki / "ca.crt").read_bytes())
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(tmp_path, "admin", "localhost")
