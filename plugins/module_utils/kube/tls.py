# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""TLS with an API server: whom we trust, and the certificate that says who we are.

Keys are in files only while they are read: an exit hook would never run in a forked worker of Ansible.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from .errors import Misconfigured
from .login import Credential
from .target import FILES, Target


def context(target: Target, credential: Credential) -> ssl.SSLContext | None:
    """Return what urllib3 needs for TLS, None for an address without. Raises Misconfigured, naming what is unusable."""
    if not target.server.startswith("https:"):
        return None
    with certificate_files(target, credential) as files:
        found = _trusting(files.get("certificate-authority"), target) if target.verified else _unverified()
        # As Go does it; authorities of OpenShift 4.11 have no key identifier, which Python 3.13 would refuse.
        found.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        if "client-certificate" in files:
            _identify(found, files, target)
    return found


@contextmanager
def certificate_files(target: Target, credential: Credential) -> Iterator[dict[str, str]]:
    """Yield the paths of temporary files with what there is of FILES (a plugin's certificate wins), then remove them.

    Raises Misconfigured.
    """
    contents = {name: target.content(name) for name in FILES}
    if credential.certificate:
        contents |= {"client-certificate": credential.certificate, "client-key": credential.key}
    with TemporaryDirectory(prefix="seldon-") as folder:
        files = {name: Path(folder, name) for name, content in contents.items() if content}
        for name, path in files.items():
            path.write_bytes(contents[name])
        yield {name: str(path) for name, path in files.items()}


def _trusting(file: str | None, target: Target) -> ssl.SSLContext:
    """Return a context that trusts the authorities of a file, and nobody else; without a file, the system's."""
    try:
        return ssl.create_default_context(cafile=file)
    except (ssl.SSLError, ValueError):
        raise Misconfigured(f"{target.origin('certificate-authority')} holds no certificate (PEM)") from None


def _unverified() -> ssl.SSLContext:
    """Return a context that trusts anybody. The system's authorities are not read: that takes 15 ms."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found.check_hostname = False
    found.verify_mode = ssl.CERT_NONE
    return found


def _identify(found: ssl.SSLContext, files: dict[str, str], target: Target) -> None:
    def no_password() -> str:
        raise Misconfigured(f"{target.origin('client-key')} is encrypted", "Give a key without a passphrase.")

    try:
        found.load_cert_chain(files["client-certificate"], files.get("client-key"), no_password)
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        both = f"{target.origin('client-certificate')} and {target.origin('client-key')}"
        raise Misconfigured(f"{both} are no certificate and its key ({reason})") from None
