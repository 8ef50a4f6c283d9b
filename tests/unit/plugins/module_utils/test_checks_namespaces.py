"""The check of the cluster's pull secret, over tables of what it holds and what was given."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import rows
from ansible_collections.seldon.openshift.plugins.module_utils.checks.namespaces import CHECKS
from ansible_collections.seldon.openshift.plugins.module_utils.checks.observed import Observed

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]
A, B = "a.example.com:5000", "b.example.com"
LOGIN, OTHER = {"auth": "bWU6MQ=="}, {"auth": "bWU6Mg=="}
GIVEN = {"auths": {A: LOGIN, B: LOGIN}}


def looked(text: str | None, given: Any) -> tuple[list[tuple[str, str]], ApiServer]:
    metadata = {"name": "pull-secret", "namespace": "openshift-config"}
    data = {".dockerconfigjson": base64.b64encode((text or "").encode()).decode()}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
    server = ApiServer(*[] if text is None else [secret])
    check = [each for each in CHECKS if each.name == "namespaces.pull_secret"]
    found = rows(check, "namespaces", Observed(server), {"pull_secret": given})
    assert not [row for row in found if "bWU6" in str(row)]
    return [(row["status"], row["seen"]) for row in found], server


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        (json.dumps(GIVEN), GIVEN, [("pass", "has the login that was given")] * 2),
        (json.dumps(GIVEN), json.dumps(GIVEN), [("pass", "has the login that was given")] * 2),
        (json.dumps({"auths": {A: OTHER}}), GIVEN, [("fail", "has another login"), ("fail", "has no login")]),
        (None, GIVEN, [("fail", "has no login: there is no such Secret")] * 2),
        ("{", GIVEN, None),
        (json.dumps(GIVEN), {"auths": {}}, [("fail", "has no entries in auths")]),
    ],
)
def test_each_host_is_judged(text: str | None, given: Any, expected: list[tuple[str, str]] | None) -> None:
    found, _server = looked(text, given)
    if expected is None:
        ((status, seen),) = found
        assert status == "fail"
        assert "is no JSON" in seen
        return
    assert found == expected


@pytest.mark.parametrize("nothing", ["", None])
def test_without_logins_nothing_is_read(nothing: Any) -> None:
    found, server = looked("{}", nothing)
    assert found == [("skipped", "is left alone (seldon_image_pull_secret is empty)")]
    assert server.requests == []
