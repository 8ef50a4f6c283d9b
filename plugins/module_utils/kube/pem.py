# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Certificates in PEM, told apart as texts: nothing here needs a library that reads what they say."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----(?P<body>.*?)-----END CERTIFICATE-----[ \t]*(\r?\n)?", re.S)


def certificates(text: str) -> list[str]:
    """Return the certificates of a text, each once and with a line end, without what stands between them."""
    blocks = ("\n".join(line.strip() for line in found[0].strip().splitlines()) for found in BLOCK.finditer(text))
    return [f"{block}\n" for block in dict.fromkeys(blocks)]


def fingerprint(certificate: str) -> str:
    """Return what tells a certificate from others, however its lines are broken: 64 hexadecimal digits."""
    found = BLOCK.search(certificate)
    body = found["body"] if found else certificate
    return hashlib.sha256("".join(body.split()).encode()).hexdigest()


def digest(text: str) -> str:
    """Return what tells the certificates of a text from others, whatever stands between them."""
    return hashlib.sha256(" ".join(map(fingerprint, certificates(text))).encode()).hexdigest()


def without(text: str, fingerprints: Iterable[str]) -> str:
    """Return a text without the certificates that have one of the fingerprints; all else stays to the letter."""
    unwanted = set(fingerprints)
    return BLOCK.sub(lambda found: "" if fingerprint(found[0]) in unwanted else found[0], text)
