"""Credentials in Secrets that somebody else made: what is there stays, also in later runs, unless values are given."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ObjectsFailed
from ansible_collections.seldon.openshift.plugins.modules import seldon_credentials

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]

pytestmark = pytest.mark.usefixtures("clock")


def secret(name: str, **data: str) -> Object:
    encoded = {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}
    metadata = {"name": name, "namespace": "n"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": encoded}


def held(server: ApiServer, name: str) -> dict[str, str]:
    live = server.held(secret(name)) or {}
    return {key: base64.b64decode(text).decode() for key, text in live["data"].items()}


def run(server: ApiServer, **given: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in seldon_credentials.ARGUMENT_SPEC.items()}
    copy = {"name": "repo", "namespace": "n", "labels": {}, "values": {"url": "u"}, "secrets": {}, "existing": False}
    keys = {"username": "username", "password": "token"}
    params = {
        **defaults,
        "name": "git",
        "namespace": "n",
        "values": {"username": ""},
        "secrets": {"token": ""},
        "defaults": {"username": "placeholder"},
        "copies": [{**copy, "keys": keys}],
        **given,
    }
    return seldon_credentials.run(server, params, False, [].append)


def test_two_logins_of_others_stay_two_logins_run_after_run() -> None:
    server = ApiServer(
        secret("git", username="a person", id_rsa="key"), secret("repo", url="u", username="argo", password="p")
    )
    for _again in range(2):
        run(server, adopt=True)
        assert held(server, "git") == {"username": "a person", "id_rsa": "key"}
        assert held(server, "repo") == {"url": "u", "username": "argo", "password": "p"}
    assert not run(server)["changed"]


def test_a_login_that_is_given_replaces_both_with_consent() -> None:
    server = ApiServer(secret("git", username="a person"), secret("repo", url="u", username="argo", password="p"))
    given = {"values": {"username": "new"}, "secrets": {"token": "t"}}
    with pytest.raises(ObjectsFailed, match="username"):
        run(server, **given)
    assert held(server, "repo")["username"] == "argo"
    run(server, adopt=True, **given)
    assert held(server, "repo") == {"url": "u", "username": "new", "password": "t"}
    assert held(server, "git") == {"username": "new", "token": "t"}


def test_a_copy_that_we_made_follows_the_first_secret_again_after_somebody_edited_it() -> None:
    server = ApiServer()
    run(server, values={"username": "u"}, secrets={"token": "t"})
    live = server.held(secret("repo")) or {}
    mine = next(entry for entry in live["metadata"]["managedFields"] if entry["manager"] == "seldon.openshift")
    mine["fieldsV1"]["f:data"] = {"f:url": {}}  # as after an edit of both
    edited = secret("repo", url="u", username="other", password="other")
    server.put({**live, "data": edited["data"]})
    run(server)
    assert held(server, "repo") == {"url": "u", "username": "u", "password": "t"}
