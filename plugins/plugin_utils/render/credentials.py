# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which Secrets the tasks that make and copy credentials want: names, keys and origins, never a secret value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.credentials import service_token
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.elasticsearch import (
    USER,
    certificate_secret,
    user_secret,
)
from ansible_collections.seldon.openshift.plugins.modules.seldon_token_secret import EXISTING
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import Manifest, Secret, Wanted
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.objects import GIVEN

Params = Mapping[str, Any]
ELSEWHERE = "your Elasticsearch"


def kept(params: Params) -> Iterator[Wanted]:
    """Yield the Secret of seldon_credentials and its copies, but for those that another client makes."""
    if params["state"] == "absent":
        return
    known = {**_texts(params["defaults"]), **_texts(params["values"])}
    made = dict.fromkeys(params["generate"], "a new password")
    yield Secret(
        params["namespace"],
        params["name"],
        {**dict.fromkeys(params["secrets"], GIVEN), **made},
        known,
        _texts(params["labels"]),
    )
    origin = f"Secret {params['namespace']}/{params['name']}"
    for copy in params["copies"]:
        if not copy["existing"]:
            yield _copy(copy, known, origin)


def _copy(copy: Params, known: Mapping[str, str], origin: str) -> Secret:
    own, taken = _texts(copy["values"]), copy["keys"]
    own = {**{theirs: known[ours] for theirs, ours in taken.items() if ours in known}, **own}
    keys = {theirs: f"{ours} of {origin}" for theirs, ours in taken.items() if theirs not in own}
    keys |= dict.fromkeys(copy["secrets"], GIVEN)
    return Secret(copy["namespace"], copy["name"], keys, own, _texts(copy["labels"]))


def elasticsearch(params: Params) -> Iterator[Wanted]:
    """Yield the copies of seldon_es_credentials."""
    if params["state"] == "absent":
        return
    external = params["external"] or {}
    home, name = params["namespace"], params["name"]
    login, authority = f"Secret {home}/{user_secret(name)}", f"Secret {home}/{certificate_secret(name)}"
    origins = (f"{USER} of {login}", f"ca.crt of {authority}") if not external else (ELSEWHERE, ELSEWHERE)
    for target in params["targets"]:
        keys = target["keys"]
        wanted = dict(zip((keys["password"], *([keys["ca"]] if target["ca"] else [])), origins))
        known = {keys["username"]: str(external.get("username") or USER)}
        yield Secret(target["namespace"], target["name"], wanted, known)


def token(params: Params) -> Iterator[Wanted]:
    """Yield the account of seldon_token_secret, its rights, the Secret that OpenShift fills, and the copy's keys."""
    if params["state"] == "absent":
        return
    existing = params["mode"] == "existing"
    name, namespace = EXISTING if existing else ("seldon-monitoring", params["namespace"])
    name, namespace = params["service_account"] or name, params["service_account_namespace"] or namespace
    origin = f"the token of ServiceAccount {namespace}/{name}"
    if not existing:
        yield Manifest(service_token.service_account(name, namespace))
        yield Manifest(service_token.token_secret(name, namespace))
        yield from (Manifest(binding) for binding in service_token.bindings(name, namespace))
        origin = f"token of Secret {namespace}/{name}-token"
    yield Secret(params["namespace"], params["name"], {params["key"]: origin})


def _texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    return {key: str(value) for key, value in (values or {}).items() if value not in (None, "")}
