"""Throw-away certificates for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)


@dataclass(frozen=True)
class Pair:
    """A certificate, self-signed by default, and its key, in PEM; `locked` is the key behind a passphrase."""

    certificate: str
    key: str
    locked: str


def pair(*hosts: str, days: int = 90, begins: int = -1, common_name: str = "test", issuer: str = "") -> Pair:
    """Return a pair for hosts that holds from `begins` to `days` days from now. issuer: who else claims to issue it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, above = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (common_name, issuer or common_name)
    )
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(above).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now + timedelta(days=min(begins, days - 1)))
    builder = builder.not_valid_after(now + timedelta(days=days))
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), False)
    certificate = builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()
    plain, locked = (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()
        for how in (NoEncryption(), BestAvailableEncryption(b"x"))
    )
    return Pair(certificate, plain, locked)
