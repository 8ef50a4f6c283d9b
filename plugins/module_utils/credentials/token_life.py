# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""How long a bearer token is still accepted: by its own claim (a JWT), or by what OpenShift says of it.

`oc login` gives tokens `sha256~...` without a readable claim; the server knows them by the hash of what follows, and
shows each user their own (openshift/oauth-apiserver, TokenToObjectName).
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timezone

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.objects import Object

OPAQUE = "sha256~"
_OWN_TOKENS = "/apis/oauth.openshift.io/v1/useroauthaccesstokens"


def token_seconds(client: Client, now: float) -> float | None:
    """Return the seconds for which our token is still accepted; None without one, or when nothing tells.

    None, too, for one that is renewed as it ends. now: seconds since 1970.
    """
    if client.token_is_renewed:
        return None
    token = client.token
    if token.startswith(OPAQUE):
        try:
            until = oauth_expiry(client.request("GET", f"{_OWN_TOKENS}/{oauth_name(token)}"))
        except EngineError:
            return None
    else:
        until = jwt_expiry(token)
    return None if until is None else until - now


def jwt_expiry(token: str) -> float | None:
    """Return the `exp` of a JSON Web Token in seconds since 1970; None when it has none, or is no such token."""
    try:
        return float(jwt_claims(token)["exp"])
    except (ValueError, KeyError, TypeError):
        return None


def jwt_claims(token: str) -> Object:
    """Return what a JSON Web Token says of itself, nothing for anything else (its signature is not looked at)."""
    parts = token.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))) if len(parts) == 3 else {}
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


def oauth_name(token: str) -> str:
    """Return the name by which OpenShift knows an opaque token."""
    digest = hashlib.sha256(token[len(OPAQUE) :].encode()).digest()
    return OPAQUE + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def oauth_expiry(token: Object) -> float | None:
    """Return when a UserOAuthAccessToken expires, in seconds since 1970; None when it never does."""
    seconds, created = token.get("expiresIn"), token["metadata"].get("creationTimestamp")
    if not seconds or not created:
        return None
    return datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp() + float(seconds)
