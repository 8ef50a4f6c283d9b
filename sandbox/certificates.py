"""A throw-away certificate authority and what it signs for one sandbox."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = datetime.timedelta(days=365)
Key = ec.EllipticCurvePrivateKey
_PARTS = (("certificate", "crt"), ("key", "key"))
OWN_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
# The domain of the Routes, for what answers in place of the router.
ROUTE_NAMES = ("*.apps.sandbox.example.com",)


@dataclass(frozen=True)
class Pair:
    """A certificate, followed by that of its authority, and its key, both in PEM."""

    certificate: bytes
    key: bytes


def write_pki(folder: Path) -> None:
    """Write the authority, the keys and certificates it signs and service-account.key, unless all are there."""
    names = ["ca.crt", "ca.key", "server.crt", "server.key", "admin.crt", "admin.key"]
    names += ["components.crt", "components.key", "service-account.key"]
    if all((folder / name).exists() for name in names):
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("sandbox-ca", ca_key, None, ca_key, authority=True)
    _save(folder, "ca", ca_key, ca)
    signed = (
        ("server", "kube-apiserver", ""),
        ("admin", "system:admin", "system:masters"),
        ("components", "system:sandbox", "system:masters"),
    )
    for name, common_name, organisation in signed:
        key = ec.generate_private_key(ec.SECP256R1())
        _save(folder, name, key, _certificate(common_name, key, ca, ca_key, organisation=organisation))
    # The controller that signs service account tokens takes RSA.
    account_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    write_private(folder / "service-account.key", _pem(account_key))


def serving(pki: Path, hosts: Sequence[str]) -> Pair:
    """Return a fresh certificate for these host names, signed by the authority in the folder `pki`."""
    authority = (pki / "ca.crt").read_bytes()
    authority_key = serialization.load_pem_private_key((pki / "ca.key").read_bytes(), None)
    if not isinstance(authority_key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{pki}/ca.key was not made by the sandbox")
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.load_pem_x509_certificate(authority)
    # A common name is not longer than that; what counts are the names beside it.
    certificate = _certificate(hosts[0][:64], key, issuer, authority_key, names=hosts)
    return Pair(certificate.public_bytes(serialization.Encoding.PEM) + authority, _pem(key))


def write_kubeconfig(path: Path, pki: Path, server: str, name: str, user: str) -> None:
    """Write a kubeconfig (mode 0600) for the API server at the URL `server`; `user` is admin or components."""
    credentials = {f"client-{part}-data": _encoded(pki / f"{user}.{end}") for part, end in _PARTS}
    _write_kubeconfig(path, pki, server, name, user, credentials)


def write_kubeconfig_of(path: Path, pki: Path, server: str, name: str, account: str, token: str) -> None:
    """Write a kubeconfig (mode 0600) by which the ServiceAccount `account`, whose token this is, reaches `server`."""
    _write_kubeconfig(path, pki, server, name, account, {"token": token})


def _write_kubeconfig(path: Path, pki: Path, server: str, name: str, user: str, credentials: dict[str, str]) -> None:
    cluster = {"server": server, "certificate-authority-data": _encoded(pki / "ca.crt")}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": cluster}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
        "users": [{"name": user, "user": credentials}],
    }
    write_private(path, json.dumps(config, indent=2).encode())


def _encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(content)


def _pem(key: Key | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _save(folder: Path, name: str, key: Key, certificate: x509.Certificate) -> None:
    write_private(folder / f"{name}.key", _pem(key))
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _usage(authority: bool) -> x509.KeyUsage:
    """Return what a key is for: OpenSSL's strict mode, on since Python 3.13, refuses an authority that does not say."""
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(
    common_name: str,
    key: Key,
    issuer: x509.Certificate | None,
    issuer_key: Key,
    organisation: str = "",
    authority: bool = False,
    names: Sequence[str] = OWN_NAMES + ROUTE_NAMES,
) -> x509.Certificate:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organisation:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    subject = x509.Name(attributes)
    now = datetime.datetime.now(datetime.timezone.utc)  # noqa: UP017 (unit tests of plugins run on 3.10 as well)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_usage(authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not authority:
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False).add_extension(
            x509.SubjectAlternativeName(
                [*(x509.DNSName(name) for name in names), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
    return builder.sign(issuer_key, hashes.SHA256())
