"""Logins in the cluster's pull secret: ours come, change and go, those of others stay as they are."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.shared.pull_secret import (
    KEY,
    OURS,
    Refused,
    admitting,
    knows,
    other_than,
    our_hosts,
)
from ansible_collections.seldon.openshift.plugins.modules import seldon_pull_secret

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]
A, B = "a.example.com:5000", "b.example.com"
THEIRS = {"cloud.openshift.com": {"auth": "dGhlaXJzOnNlY3JldA==", "email": "ops@example.com"}, "quay.io": {}}
DOCUMENT = {"auths": THEIRS, "credHelpers": {"x.example.com": "ecr-login"}}
PARAMS = {"name": "pull-secret", "namespace": "openshift-config", "state": "present", "timeout": 10}

pytestmark = pytest.mark.usefixtures("clock")


def login(password: str) -> Object:
    return {"auth": base64.b64encode(f"me:{password}".encode()).decode()}


def secret(document: Any = DOCUMENT, **metadata: Any) -> Object:
    text = document if isinstance(document, str) else json.dumps(document, indent=1)
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "pull-secret", "namespace": "openshift-config", **metadata},
        "type": "kubernetes.io/dockerconfigjson",
        "data": {KEY: base64.b64encode(text.encode()).decode()},
    }


def run(server: ApiServer, logins: Object | None = None, **params: Any) -> Object:
    given = {"pull_secret": {"auths": logins}} if logins else {"pull_secret": None, "state": "absent"}
    return seldon_pull_secret.run(server, {**PARAMS, **given, **params}, server.check_mode, [].append)


def held(server: ApiServer) -> Object:
    found: Object = server.held(secret()) or {}
    return found


def document(server: ApiServer) -> Object:
    found: Object = json.loads(base64.b64decode(held(server)["data"][KEY]))
    return found


def with_theirs(**ours: Object) -> Object:
    return {**DOCUMENT, "auths": {**THEIRS, **ours}}


def rewritten(server: ApiServer, host: str, entry: Object | None) -> None:
    """Do what an administrator does: another entry for a host, or none."""
    there = document(server)
    there["auths"] = {**{name: each for name, each in there["auths"].items() if name != host}}
    there["auths"].update({host: entry} if entry else {})
    server.put({**held(server), "data": secret(there)["data"]})


def test_ours_come_change_and_go() -> None:
    server = ApiServer(secret(annotations={"of": "others"}, labels={"a": "b"}))
    before = held(server)
    assert run(server, {A: login("1"), B: login("1")})["hosts"] == [A, B]
    assert document(server) == with_theirs(**{A: login("1"), B: login("1")})
    server.requests.clear()
    assert run(server, {A: login("1"), B: login("1")})["changed"] is False
    assert [method for method, _path in server.requests] == ["GET"]
    assert run(server, {A: login("2"), B: login("1")})["changed"] is True
    assert document(server) == with_theirs(**{A: login("2"), B: login("1")})
    assert run(server, {A: login("2")})["hosts"] == [A]
    assert document(server) == with_theirs(**{A: login("2")})
    assert run(server)["changed"] is True
    assert document(server) == DOCUMENT
    after = held(server)
    assert {**after["metadata"], "resourceVersion": ""} == {**before["metadata"], "resourceVersion": ""}
    assert after["type"] == before["type"]
    assert run(server)["changed"] is False


@pytest.mark.parametrize("document", [{}, {"auths": None}, {"auths": {}}])
def test_a_pull_secret_without_entries_gets_some(document: Object) -> None:
    server = ApiServer(secret(document))
    assert run(server, {A: login("1")})["hosts"] == [A]
    assert other_than(held(server), {A: login("1"), B: login("1")}) == {B: "has no login"}


def test_a_login_that_others_gave_already_stays_theirs() -> None:
    entry = {**login("1"), "email": "ops@example.com"}
    server = ApiServer(secret({"auths": {A: entry}}))
    before = held(server)
    assert run(server, {A: login("1")}) == {
        "changed": False,
        "hosts": [],
        "diff": [],
        "results": [
            {
                "api_version": "v1",
                "kind": "Secret",
                "name": "pull-secret",
                "namespace": "openshift-config",
                "action": "unchanged",
            }
        ],
    }
    assert run(server)["changed"] is False
    assert held(server) == before


@pytest.mark.parametrize("check_mode", [False, True])
def test_another_login_of_others_is_refused_and_nothing_is_written(check_mode: bool) -> None:
    server = ApiServer(secret({"auths": {A: login("theirs")}}), check_mode=check_mode)
    before = held(server)
    with pytest.raises(Refused, match=rf"has another login for {A}.*leave the entry out of seldon_image_pull_secret"):
        run(server, {A: login("1"), B: login("1")})
    assert held(server) == before


def test_an_entry_that_somebody_else_put_in_place_of_ours_is_theirs() -> None:
    server = ApiServer(secret())
    run(server, {A: login("1"), B: login("1")})
    rewritten(server, A, login("theirs"))
    with pytest.raises(Refused, match=A):
        run(server, {A: login("2"), B: login("1")})
    assert our_hosts(held(server)) == [B]
    assert run(server)["changed"] is True
    assert document(server) == with_theirs(**{A: login("theirs")})


def test_the_login_that_somebody_else_renewed_first_is_theirs_from_then_on() -> None:
    server = ApiServer(secret())
    run(server, {A: login("1")})
    rewritten(server, A, login("2"))
    assert run(server, {A: login("2")})["hosts"] == []
    assert OURS not in held(server)["metadata"].get("annotations", {})
    run(server)
    assert document(server) == with_theirs(**{A: login("2")})


def test_an_entry_of_ours_that_was_taken_out_comes_again() -> None:
    server = ApiServer(secret())
    run(server, {A: login("1")})
    rewritten(server, A, None)
    assert run(server, {A: login("1")})["hosts"] == [A]
    assert document(server) == with_theirs(**{A: login("1")})


def test_two_writers_at_once_both_win() -> None:
    server = ApiServer(secret())
    others = {"auth": "b3RoZXJzOnRvbw=="}

    def race(method: str, _path: str) -> None:
        if method == "PUT":
            server.before_request = lambda _method, _path: None
            rewritten(server, "late.example.com", others)

    server.before_request = race
    assert run(server, {A: login("1")})["changed"] is True
    assert document(server) == with_theirs(**{"late.example.com": others, A: login("1")})


def test_check_mode_and_diff_tell_the_hosts_and_no_login() -> None:
    server = ApiServer(secret())
    run(server, {A: login("old")})
    ahead = ApiServer(held(server), check_mode=True)
    told = run(ahead, {A: login("new"), B: login("new")})
    assert held(ahead)["data"] == held(server)["data"]
    assert told["changed"] is True
    assert f"{A}: (hidden, changed)" in told["diff"][0]["after"]
    assert f"{B}: (hidden)" in told["diff"][0]["after"]
    fields = {each["field"]: each["fate"] for each in told["results"][0]["fields"]}
    assert fields == {f".dockerconfigjson.auths.{A}": "changed", f".dockerconfigjson.auths.{B}": "added"}
    shown = json.dumps(told)
    every = [*THEIRS.values(), login("old"), login("new")]
    assert not [each for each in every if each.get("auth") and each["auth"] in shown]
    assert [mark for mark in json.loads(held(server)["metadata"]["annotations"][OURS]).values() if mark in shown] == []


def test_the_annotation_holds_no_login() -> None:
    server = ApiServer(secret())
    run(server, {A: login("1")})
    marks = json.loads(held(server)["metadata"]["annotations"][OURS])
    assert list(marks) == [A]
    assert login("1")["auth"] not in str(marks)
    twin = ApiServer(secret(uid="another"))
    run(twin, {A: login("1")})
    assert json.loads(held(twin)["metadata"]["annotations"][OURS]) != marks


@pytest.mark.parametrize(
    ("obj", "told"),
    [
        (None, "does not exist.*oc create secret generic pull-secret -n openshift-config"),
        (
            secret("{"),
            r"is no JSON: .* in line 1, column 2\. It is unchanged\. Repair it: oc -n openshift-config extract",
        ),
        (secret("[]"), "is no mapping"),
        (secret({"auths": []}), None),
        (secret({"auths": ["x"]}), "is no mapping"),
        (secret(""), "is missing or empty"),
        ({**secret(), "data": {KEY: base64.b64encode(b"\xff").decode()}}, "is not UTF-8 text"),
        ({**secret(), "data": None}, "is missing or empty"),
        (
            secret(labels={"hive.openshift.io/managed": "true"}),
            "managed by Hive.*leave seldon_image_pull_secret empty",
        ),
    ],
)
def test_a_pull_secret_that_can_take_no_logins_says_why(obj: Object | None, told: str | None) -> None:
    server = ApiServer(*[obj] if obj else [])
    if told is None:
        assert run(server, {A: login("1")})["changed"] is True
        return
    before = held(server)
    with pytest.raises(Refused, match=told):
        run(server, {A: login("1")})
    assert held(server) == before
    assert run(server)["changed"] is False


@pytest.mark.parametrize(
    ("given", "told"), [(None, "pull_secret is empty"), ({"auths": {"a/b": login("1")}}, "a protocol or a path")]
)
def test_the_module_refuses_what_is_no_login(given: Any, told: str) -> None:
    with pytest.raises(EngineError, match=told):
        run(ApiServer(secret()), state="present", pull_secret=given)


def test_a_broken_annotation_makes_nothing_ours() -> None:
    server = ApiServer(secret({"auths": {A: login("1")}}, annotations={OURS: "{"}))
    assert run(server)["changed"] is False
    with pytest.raises(Refused):
        run(server, {A: login("2")})


@pytest.mark.parametrize(
    ("registry", "known"),
    [("cloud.openshift.com/mirror", True), ("quay.io", True), ("registry.example.com:5000/mirror", False)],
)
def test_whether_a_registry_has_a_login(registry: str, known: bool) -> None:
    assert knows(secret(), registry) is known
    assert knows(None, registry) is False


def test_the_function_changes_nothing_it_is_given() -> None:
    obj = secret(uid="u")
    before = json.dumps(obj)
    admitting({A: login("1")})(obj)
    assert json.dumps(obj) == before
