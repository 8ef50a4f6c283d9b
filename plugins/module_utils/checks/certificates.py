# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether a certificate that is served, or trusted, holds for a while yet, and for the host that users open."""

from __future__ import annotations

from datetime import datetime, timezone

from ..credentials.served import can_judge, ends, read
from .model import Finding, failed, passed, skipped, warned

# Renewals are due some weeks before the end: cert-manager's and Let's Encrypt's come 30 days before.
SOON_DAYS = 21


def certificate_finding(subject: str, certificate: str, host: str, do: str) -> Finding:
    """Return what a PEM certificate is worth for `host` (empty: any) by now. `do`: how to renew it."""
    if not can_judge():
        return _unjudged(subject)
    try:
        served = read(certificate)
    except ValueError:
        return failed(subject, "holds no certificate in PEM", do)
    lasting = _lasting(subject, served.ends, do)
    if lasting.status != "fail" and host and not served.fits(host):
        return failed(subject, f"is for {', '.join(served.names) or 'no host'}, not for {host}", do)
    return lasting


def authorities_finding(subject: str, certificates: str, do: str) -> Finding:
    """Return how long all authorities of a PEM text hold. `do`: how to bring others there."""
    if not can_judge():
        return _unjudged(subject)
    try:
        return _lasting(subject, ends(certificates), do)
    except ValueError:
        return failed(subject, "holds no certificate in PEM", do)


def _lasting(subject: str, end: datetime, do: str) -> Finding:
    days = (end - datetime.now(timezone.utc)).days
    if days < 0:
        return failed(subject, f"has expired on {end:%Y-%m-%d}", do)
    if days < SOON_DAYS:
        return warned(subject, f"expires in {days} days, on {end:%Y-%m-%d}", do)
    return passed(subject, f"holds until {end:%Y-%m-%d}")


def _unjudged(subject: str) -> Finding:
    return skipped(subject, "certificates cannot be read here: Python lacks the package cryptography")
