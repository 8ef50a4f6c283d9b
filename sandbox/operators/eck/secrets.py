"""Passwords and certificates of an Elasticsearch: there a second after the object, long before any pod."""

from __future__ import annotations

import base64
import datetime
import secrets
import string

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandbox.kube import Object
from sandbox.operators.eck.common import OWNER, labels, resource
from sandbox.simulator import Cluster
from sandbox.simulator.objects import Labels, make

LETTERS = string.ascii_letters + string.digits
PASSWORD_LENGTH = 24
LONGEST_COMMON_NAME = 64
VALID = datetime.timedelta(days=365)
USER, INTERNAL, PUBLIC = "elastic-user", "http-certs-internal", "http-certs-public"
# They have no owner, so that others may mount them; the operator deletes them itself.
UNOWNED = (USER, PUBLIC)


def apply(cluster: Cluster, es: Object) -> None:
    """Create what is missing: a lost password is replaced by a new one, lost certificates by the same ones."""
    user = _get(cluster, es, USER)
    if not user.get("elastic"):
        password = "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LENGTH))
        cluster.apply(_secret(es, USER, {"elastic": password.encode()}))
    internal = _get(cluster, es, INTERNAL)
    if not internal:
        internal = certificates(es)
        cluster.apply(_secret(es, INTERNAL, internal))
    public = {key: internal[key] for key in ("ca.crt", "tls.crt")}
    if _get(cluster, es, PUBLIC) != public:
        cluster.apply(_secret(es, PUBLIC, public))


def delete_unowned(cluster: Cluster, es: Object) -> None:
    """Delete what garbage collection does not take."""
    for suffix in UNOWNED:
        cluster.kube.delete(make("v1", "Secret", resource(es, suffix), es["metadata"]["namespace"]))


def _get(cluster: Cluster, es: Object, suffix: str) -> dict[str, bytes]:
    found = cluster.kube.get("v1", "Secret", resource(es, suffix), es["metadata"]["namespace"]) or {}
    return {key: base64.b64decode(value) for key, value in (found.get("data") or {}).items()}


def _secret(es: Object, suffix: str, data: dict[str, bytes]) -> Object:
    meta = es["metadata"]
    own = labels(es)
    if suffix == USER:
        own["eck.k8s.elastic.co/credentials"] = "true"
    if suffix in UNOWNED:
        own |= owner_labels(es)
    return make(
        "v1",
        "Secret",
        resource(es, suffix),
        meta["namespace"],
        labels=own,
        owned_by=None if suffix in UNOWNED else es,
        type="Opaque",
        data={key: base64.b64encode(value).decode() for key, value in data.items()},
    )


def owner_labels(es: Object) -> Labels:
    """Return the labels that stand for an owner."""
    meta = es["metadata"]
    return {f"{OWNER}-kind": es["kind"], f"{OWNER}-name": meta["name"], f"{OWNER}-namespace": meta["namespace"]}


def certificates(es: Object) -> dict[str, bytes]:
    """Return ca.crt, tls.crt (leaf, then authority) and tls.key, all PEM; valid for a year."""
    meta = es["metadata"]
    name, namespace = meta["name"], meta["namespace"]
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = _name(f"{name}-http", name)
    ca = _sign(ca_name, ca_name, ca_key, ca_key, x509.BasicConstraints(ca=True, path_length=None))
    http, internal = resource(es, "http"), resource(es, "internal-http")
    hosts = [f"{name}-es-http.{namespace}.es.local", http, f"{http}.{namespace}.svc", f"{http}.{namespace}"]
    hosts += [f"{internal}.{namespace}.svc", f"{internal}.{namespace}"]
    hosts += [f"*.{resource(es, node_set['name'])}.{namespace}.svc" for node_set in es["spec"]["nodeSets"]]
    sans = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    leaf = _sign(_name(hosts[0][:LONGEST_COMMON_NAME], name), ca_name, key, ca_key, sans)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {"ca.crt": ca, "tls.crt": leaf + ca, "tls.key": private}


def _name(common: str, unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _sign(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    ca_key: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> bytes:
    start = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - datetime.timedelta(minutes=10))
        .not_valid_after(start + VALID)
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(ca_key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
