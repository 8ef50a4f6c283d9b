# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Does an address answer, asked from where the play runs, as a browser would: DNS, proxy, certificate, HTTP status."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from typing import Any

from .model import Finding, failed, passed, skipped, warned

SECONDS = 15.0


def reached(url: str, do: str) -> Finding:
    """Return whether `url` answers: any status below 500 passes, as only a server behind the router gives it.

    No way to it from here is no fault of the cluster's: skipped. A certificate that is not trusted here: warned.
    """
    try:
        return _verdict(url, _status(url, ssl.create_default_context()), do)
    except ssl.SSLCertVerificationError as error:
        problem = error.verify_message
    except OSError as error:
        return skipped(url, f"not reachable from here: {error}")
    try:
        found = _verdict(url, _status(url, _unverified()), do)
    except OSError as error:
        return skipped(url, f"not reachable from here: {error}")
    if found.status != "pass":
        return found
    look = f"openssl s_client -connect {url.split('/')[2]}:443 -showcerts </dev/null"
    return warned(url, f"{found.seen}, but its certificate is not trusted here: {problem}", look)


def _verdict(url: str, status: int, do: str) -> Finding:
    return passed(url, f"HTTP {status}") if status < 500 else failed(url, f"HTTP {status}", do)


def _status(url: str, context: ssl.SSLContext) -> int:
    """Return the HTTP status. Raises OSError, SSLCertVerificationError among them."""
    request = urllib.request.Request(url, headers={"User-Agent": "seldon.openshift"})  # noqa: S310  # https by its callers
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _Staying())
    try:
        with opener.open(request, timeout=SECONDS) as response:
            status: int = response.status
    except urllib.error.HTTPError as error:
        return error.code
    except urllib.error.URLError as error:
        raise (error.reason if isinstance(error.reason, OSError) else error) from None
    return status


class _Staying(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer; where it leads is another address."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
