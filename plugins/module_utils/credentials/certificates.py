# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether who trusts one certificate goes on to trust a server when another one stands in its place."""

from __future__ import annotations

import base64
from typing import Any

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
except ImportError:  # ansible-core brings it to the controller; elsewhere nothing is taken for the same
    x509 = None  # type: ignore[assignment]

_BEGIN = b"-----BEGIN CERTIFICATE-----"


def vouches_for(authority: str, certificate: str) -> bool:
    """Say whether `authority` signed, or is, the first certificate of `certificate`; both are PEM in base64.

    So whoever trusted that certificate loses nothing with its authority. False where either is anything else.
    """
    chain, authorities = _certificates(certificate), _certificates(authority)
    return bool(chain) and any(_signed(chain[0], each) for each in authorities)


def _certificates(text: str) -> list[Any]:
    try:
        pem = base64.b64decode(text, validate=True)
        return [x509.load_pem_x509_certificate(_BEGIN + part) for part in pem.split(_BEGIN)[1:]] if x509 else []
    except ValueError:
        return []


def _signed(certificate: Any, authority: Any) -> bool:
    if certificate == authority:
        return True
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, AttributeError, InvalidSignature):  # AttributeError: cryptography before 40
        return False
    return True
