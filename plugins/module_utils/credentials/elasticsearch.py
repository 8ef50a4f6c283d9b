# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The credentials of an Elasticsearch and their copies: pure functions (Elastic Cloud on Kubernetes 2.x).

The operator makes `NAME-es-elastic-user` (key: the user's name) a moment after the Elasticsearch, and anew with another
password when it is deleted. `NAME-es-http-certs-public` holds `ca.crt` if the operator signed the certificate; with a
certificate of one's own there may be `tls.crt` alone.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..kube.objects import Object, Objects, is_terminating, section
from ..kube.polling import NotYet
from .copies import copy_of

USER = "elastic"


@dataclass(frozen=True)
class Login:
    """How to log in, each value in base64; `authority` is the certificate to trust, empty when none is asked for."""

    username: str
    password: str
    authority: str = ""


def user_secret(name: str) -> str:
    """Return the name of the Secret with the password."""
    return f"{name}-es-elastic-user"


def certificate_secret(name: str) -> str:
    """Return the name of the Secret with the certificates."""
    return f"{name}-es-http-certs-public"


def password_in(secret: Object | None, name: str, namespace: str) -> str:
    """Return the password in the Elasticsearch's user Secret, in base64. Raises NotYet when it is missing or empty."""
    place = f"Secret {namespace}/{user_secret(name)}"
    if is_terminating(secret):
        raise NotYet(f"{place} is being deleted, and the operator makes it again with another password")
    if secret is None:
        raise NotYet(
            f"{place} does not exist: the operator makes it as soon as there is an Elasticsearch {name}; "
            f"see: oc -n {namespace} describe elasticsearch {name}"
        )
    password = section(secret, "data").get(USER)
    if not password or not base64.b64decode(password).strip():
        raise NotYet(f"{place} holds no password under {USER}; delete it, and the operator makes it again")
    return str(password)


def authority_in(secret: Object | None, name: str, namespace: str) -> str:
    """Return the certificate to trust, in base64. Raises NotYet when there is none."""
    data = section(secret, "data")
    found = data.get("ca.crt") or data.get("tls.crt")
    if not found:
        raise NotYet(
            f"Secret {namespace}/{certificate_secret(name)} holds neither ca.crt nor tls.crt; "
            f"see: oc -n {namespace} describe elasticsearch {name}"
        )
    return str(found)


def copies(login: Login, targets: Iterable[Mapping[str, Any]]) -> Objects:
    """Return a Secret for each target ({namespace, name, keys: {username, password, ca}, ca})."""
    made = []
    for target in targets:
        keys = target["keys"]
        data = {keys["username"]: login.username, keys["password"]: login.password}
        if target["ca"]:
            data[keys["ca"]] = login.authority
        made.append(copy_of(target["name"], target["namespace"], data))
    return made
