"""Logins for registries as they are given: what the cluster can use, and what is wrong with the rest."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.filter.pull_secret_problems import pull_secret_problems
from ansible_collections.seldon.openshift.plugins.module_utils.shared.registry_logins import (
    NoLogins,
    host_of,
    login_problems,
    logins,
)

HOST = "registry.example.com:5000"
PASSWORD = "pa55:w0rd"


def auth(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def given(host: str = HOST, entry: Any = None) -> dict[str, Any]:
    return {"auths": {host: {"auth": auth(f"me:{PASSWORD}")} if entry is None else entry}}


@pytest.mark.parametrize("nothing", ["", None, {}])
def test_nothing_is_no_logins(nothing: Any) -> None:
    assert logins(nothing) == {}
    assert pull_secret_problems(nothing) == []


@pytest.mark.parametrize("host", [HOST, "localhost", "10.0.0.1:5000", "[fd00::1]:5000", "docker.io"])
def test_a_mapping_and_its_text_mean_the_same(host: str) -> None:
    wanted = given(host, {"auth": auth(f"me:{PASSWORD}"), "email": "me@example.com"})
    assert logins(wanted) == logins(json.dumps(wanted, indent=2)) == wanted["auths"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("not json", "is no JSON: Expecting value in line 1, column 1"),
        ('{"auths": {"a": NaN}}', "a number that JSON does not know"),
        ("[]", "is neither a mapping"),
        (5, "is neither a mapping"),
        ({"auth": "x"}, "has no entries in auths"),
        ({"auths": {}}, "has no entries in auths"),
        ({"auths": [HOST]}, "has no entries in auths"),
        (given("https://index.docker.io/v1/"), "for a host, and its port: index.docker.io"),
        (given(f"{HOST}/mirror"), f"for a host, and its port: {HOST}"),
        (given("a host"), "is no host of a registry"),
        (given("*.example.com"), "is no host of a registry"),
        (given(entry={}), "has no auth"),
        (given(entry={"username": "me", "password": PASSWORD}), "has no auth"),
        (given(entry="x"), "has no auth"),
        (given(entry={"auth": PASSWORD}), "is no base64"),
        (given(entry={"auth": auth(PASSWORD.replace(":", ""))}), "not the base64 of user:password"),
        (given(entry={"auth": auth(f":{PASSWORD}")}), "not the base64 of user:password"),
        (given(entry={"auth": auth(f"me:{PASSWORD}\n")}), "line break"),
    ],
)
def test_what_is_wrong_is_told_without_the_login(value: Any, told: str) -> None:
    (problem,) = login_problems(value)
    assert told in problem
    assert PASSWORD not in problem
    (line,) = pull_secret_problems(value)
    assert line.startswith(f"seldon_image_pull_secret: {problem}\n")
    with pytest.raises(NoLogins):
        logins(value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(pull_secret_problems({"auths": {"a/b": {}, "c": {}, HOST: given()["auths"][HOST]}})) == 2


@pytest.mark.parametrize(
    ("name", "host"),
    [(HOST, HOST), (f"{HOST}/mirror", HOST), ("https://index.docker.io/v1/", "index.docker.io"), ("", "")],
)
def test_the_host_of_a_name(name: str, host: str) -> None:
    assert host_of(name) == host
