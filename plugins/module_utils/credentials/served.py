# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether a certificate and its key can serve a host: pure functions over PEM texts. No message quotes one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

try:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
except ImportError:  # ansible-core brings it to the controller; elsewhere nothing is judged
    x509 = None  # type: ignore[assignment]

_BEGIN = "-----BEGIN CERTIFICATE-----"
_ENCRYPTED = ("BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED")


@dataclass(frozen=True)
class Served:
    """What a certificate says of itself: the DNS names that it is for, and from when to when it holds."""

    names: tuple[str, ...]
    begins: datetime
    ends: datetime

    def fits(self, host: str) -> bool:
        """Say whether it is for `host`; a wildcard stands for one label."""
        host = host.lower()
        return any(name == host or (name[:2] == "*." and name[2:] == host.partition(".")[2]) for name in self.names)

    def days_left(self, now: datetime) -> int:
        """Return the whole days until it ends, a negative number once it has."""
        return (self.ends - now).days


def can_judge() -> bool:
    """Say whether this Python has what reads certificates."""
    return x509 is not None


def read(certificate: str) -> Served:
    """Return what the first certificate of a PEM text says. Raises ValueError when it holds none."""
    return _read(_chain(certificate)[0])


def problems(certificate: str, key: str, authority: str, host: str, prefix: str, now: datetime) -> Iterator[str]:
    """Yield what keeps a certificate, its key and the certificates above it from serving `host` (empty: any host).

    `prefix` stands before the names `certificate`, `key` and `ca` of the variables.
    """
    name = f"{prefix}certificate"
    if bool(certificate) != bool(key):
        absent, present = (f"{prefix}key", name) if certificate else (name, f"{prefix}key")
        yield f"{present} is given without {absent}: a certificate needs its key. Give both, or neither."
        return
    if not certificate or not can_judge():
        return
    try:
        served = read(certificate)
    except ValueError:
        yield f"{name} holds no certificate: give it in PEM, with the line {_BEGIN}, the server's own one first."
        return
    yield from _of_key(certificate, key, prefix)
    yield from _of_time(served, name, now)
    if host and not served.fits(host):
        told = ", ".join(served.names) or "no host at all"
        yield f"{name} is for {told}, not for {host}: give one for this host, or {prefix}host a host that it is for."
    if authority and not _is_chain(authority):
        yield f"{prefix}ca holds no certificate: give the certificates above the server's in PEM, or leave it empty."


def authority_problems(name: str, text: str, now: datetime) -> Iterator[str]:
    """Yield what is wrong with a variable that holds authorities to trust; nothing when it is empty."""
    if "PRIVATE KEY-----" in text:
        yield f"{name} holds a private key, which an authority to trust needs not: give its certificate alone."
        return
    if not text or not can_judge():
        return
    if not _is_chain(text):
        yield f"{name} holds no certificate: give the certificate of the authority in PEM, with the line {_BEGIN}."
        return
    for certificate in _chain(text):
        which = f"{name}: the certificate of {_named(certificate.subject)}"
        if not _is_authority(certificate):
            yield f"{which} is no authority's: give that of {_named(certificate.issuer)}, which issued it."
        yield from _of_time(_read(certificate), which, now)


def ends(text: str) -> datetime:
    """Return when the first of the certificates in a PEM text ends. Raises ValueError when it holds none."""
    return min(_moment(each, "not_valid_after") for each in _chain(text))


def _of_key(certificate: str, key: str, prefix: str) -> Iterator[str]:
    name = f"{prefix}key"
    if any(mark in key for mark in _ENCRYPTED):
        yield f"{name} is encrypted with a passphrase, which the server cannot ask for: openssl pkey -in FILE -out FILE"
        return
    try:
        loaded = load_pem_private_key(key.strip().encode(), None)
    except (ValueError, TypeError):
        yield f"{name} holds no private key: give it in PEM, with a line like -----BEGIN PRIVATE KEY-----."
        return
    if _public(loaded.public_key()) != _public(_chain(certificate)[0].public_key()):
        yield (
            f"{name} is not the key of the first certificate in {prefix}certificate: "
            f"give the key of that certificate, or put the server's own certificate first."
        )


def _of_time(served: Served, name: str, now: datetime) -> Iterator[str]:
    if served.ends < now:
        yield f"{name} has expired on {served.ends:%Y-%m-%d}: give a new one."
    elif served.begins > now:
        yield f"{name} is valid from {served.begins:%Y-%m-%d %H:%M} UTC on: look at the clocks, or give another."


def _chain(text: str) -> list[Any]:
    """Return the certificates of a PEM text. Raises ValueError when there is none, or what is none."""
    parts = text.split(_BEGIN)[1:]
    if not parts:
        raise ValueError("no certificate")
    return [x509.load_pem_x509_certificate((_BEGIN + part).encode()) for part in parts]


def _is_chain(text: str) -> bool:
    try:
        return bool(_chain(text))
    except ValueError:
        return False


def _read(certificate: Any) -> Served:
    return Served(
        tuple(_names(certificate)), _moment(certificate, "not_valid_before"), _moment(certificate, "not_valid_after")
    )


def _named(name: Any) -> str:
    return str(name.rfc4514_string()) or "an empty name"


def _is_authority(certificate: Any) -> bool:
    """Say whether others may be issued by it; one that says nothing, or issued itself, is its own authority."""
    if certificate.subject == certificate.issuer:
        return True
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _names(certificate: Any) -> Iterator[str]:
    """Yield the DNS names of a certificate; the common name counts only where there are none."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        found = extension.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        found = [each.value for each in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    yield from (str(name).lower() for name in found)


def _moment(certificate: Any, field: str) -> datetime:
    """Return a time of the certificate; cryptography before 42 knows it without its zone only, which is UTC."""
    aware = getattr(certificate, f"{field}_utc", None)
    return aware if aware is not None else getattr(certificate, field).replace(tzinfo=timezone.utc)


def _public(key: Any) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded
