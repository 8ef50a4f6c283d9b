"""The decisions about credentials, over tables of objects."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.credentials import restarts
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.copies import copy_of, is_ours, others_values
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.elasticsearch import (
    Login,
    authority_in,
    copies,
    password_in,
)
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.service_token import (
    ACCOUNT_NAME,
    ACCOUNT_UID,
    OfAnotherAccount,
    token_among,
    token_in,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import NotYet
from ansible_collections.seldon.openshift.plugins.module_utils.kube.secrets import encoded

Object = dict[str, Any]
ACCOUNT: Object = {"metadata": {"name": "reader", "uid": "new"}}
EARLY, LATE, LATER = "2022-12-01T10:00:00Z", "2022-12-01T10:00:01Z", "2022-12-01T10:00:02Z"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def token(
    value: str = "dG9rZW4=", account: str = "reader", uid: str | None = "new", name: str = "t", made: str = EARLY
) -> Object:
    annotations = {ACCOUNT_NAME: account, **({ACCOUNT_UID: uid} if uid else {})}
    metadata = {"name": name, "namespace": "n", "annotations": annotations, "creationTimestamp": made}
    return {"metadata": metadata, "data": {"token": value}}


def test_a_token_counts_when_it_is_there_and_of_this_very_account() -> None:
    assert token_in(token(), ACCOUNT) == "dG9rZW4="
    for unfilled in (token(value=""), token(uid=None), {"metadata": token()["metadata"]}):
        with pytest.raises(NotYet):
            token_in(unfilled, ACCOUNT)
    with pytest.raises(OfAnotherAccount):
        token_in(token(uid="old"), ACCOUNT)


@pytest.mark.parametrize(
    ("secrets", "found"),
    [
        ([], None),
        ([token("a", name="reader-token-x", account="other")], None),
        ([token("a", uid="old"), token("b", made=LATE)], "b"),
        ([token("a", made=LATE), token("b")], "b"),
        ([token("a", name="y"), token("b", name="x")], "b"),
        ([token("", made=EARLY), token("b", made=LATE)], "b"),
    ],
)
def test_the_oldest_token_of_the_account_is_taken(secrets: list[Object], found: str | None) -> None:
    assert token_among(secrets, ACCOUNT) == found


@pytest.mark.parametrize("data", [None, {}, {"elastic": ""}, {"elastic": encoded(" \n")}, {"other": "eA=="}])
def test_no_empty_password_is_taken(data: Any) -> None:
    with pytest.raises(NotYet, match="logs/search-es-elastic-user"):
        password_in({"data": data} if data is not None else None, "search", "logs")


@pytest.mark.parametrize(
    ("data", "found"),
    [({"ca.crt": "ca", "tls.crt": "leaf"}, "ca"), ({"tls.crt": "leaf"}, "leaf"), ({}, None), (None, None)],
)
def test_the_authority_is_taken_before_the_certificate(data: Any, found: str | None) -> None:
    secret = {"data": data} if data is not None else None
    if found:
        assert authority_in(secret, "search", "logs") == found
    else:
        with pytest.raises(NotYet, match="logs/search-es-http-certs-public"):
            authority_in(secret, "search", "logs")


def test_copies_have_the_wanted_keys() -> None:
    guides = {"username": "username", "password": "password", "ca": "ca-bundle.crt"}
    plain = {"namespace": "a", "name": "one", "keys": guides, "ca": False}
    other = {"namespace": "b", "name": "two", "keys": {**guides, "password": "pw"}, "ca": True}
    made = copies(Login(encoded("elastic"), encoded("geheim"), encoded("PEM")), [plain, other])
    decoded = [{key: base64.b64decode(value).decode() for key, value in each["data"].items()} for each in made]
    assert decoded == [
        {"username": "elastic", "password": "geheim"},
        {"username": "elastic", "pw": "geheim", "ca-bundle.crt": "PEM"},
    ]
    assert [each["type"] for each in made] == ["Opaque", "Opaque"]


def workload(pod: Object, kind: str = "Deployment", name: str = "w", restarted: str | None = None) -> Object:
    annotations = {restarts.RESTARTED_AT: restarted} if restarted else {}
    template = {"metadata": {"annotations": annotations}, "spec": {"containers": [{"name": "c"}], **pod}}
    return {"kind": kind, "metadata": {"name": name, "creationTimestamp": EARLY}, "spec": {"template": template}}


BY_KEY = {"env": [{"name": "A", "value": "x"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}
BY_ALL = {"envFrom": [{"configMapRef": {"name": "s"}}, {"secretRef": {"name": "s"}}]}
MOUNTED = {"volumes": [{"name": "e", "emptyDir": {}}, {"name": "v", "secret": {"secretName": "s"}}]}


@pytest.mark.parametrize(
    ("obj", "reads"),
    [
        (workload({}), False),
        (workload({"containers": [{}, BY_KEY]}), True),
        (workload({"containers": [BY_ALL]}, kind="DaemonSet"), True),
        (workload({"initContainers": [BY_KEY]}), True),
        (workload({"containers": [{"envFrom": [{"configMapRef": {"name": "s"}}]}]}), False),
        (workload(MOUNTED), False),
        (workload(MOUNTED, kind="DaemonSet", name="collector"), True),
    ],
)
def test_who_reads_a_secret_only_at_its_start(obj: Object, reads: bool) -> None:
    assert restarts.readers([obj], "s") == ([obj] if reads else [])
    assert restarts.readers([obj], "other") == []


@pytest.mark.parametrize(
    ("owners", "changed"),
    [
        ([], EARLY),
        ([(LATER, "a")], LATER),
        # One creation, which the server has stamped twice.
        ([(LATE, "a")], EARLY),
        # Adopted: what a second manager wrote later was there already.
        ([(EARLY, "a"), (LATER, "a")], EARLY),
        ([(EARLY, "a"), (LATE, "b")], LATE),
        ([(EARLY, "a"), (LATE, "label")], EARLY),
    ],
)
def test_when_a_value_changed_last(owners: list[tuple[str, str]], changed: str) -> None:
    entries = [
        {"time": time, "fieldsV1": {"f:metadata": {}} if key == "label" else {"f:data": {".": {}, f"f:{key}": {}}}}
        for time, key in owners
    ]
    metadata = {"managedFields": entries, "creationTimestamp": EARLY}
    assert restarts.last_change({"metadata": metadata, "data": {"a": "", "b": ""}}) == at(changed)


@pytest.mark.parametrize(
    ("restarted", "since", "expected"),
    [
        (None, EARLY, False),
        (None, "2022-12-01T09:59:59Z", True),
        (LATE, LATE, True),
        ("2022-12-01T11:00:01+01:00", LATE, True),
        ("2022-12-01T10:00:01+01:00", LATE, False),
        ("yesterday", LATE, False),
        ("2022-12-01T10:00:02", LATE, False),
    ],
)
def test_whether_a_workload_began_again(restarted: str | None, since: str, expected: bool) -> None:
    assert restarts.was_restarted(workload({}, restarted=restarted), at(since)) is expected


@pytest.mark.parametrize(
    ("metadata", "older"),
    [
        ({"creationTimestamp": EARLY}, True),
        ({"creationTimestamp": LATE}, True),
        ({"creationTimestamp": LATER}, False),
        ({"creationTimestamp": EARLY, "deletionTimestamp": LATER}, False),
    ],
)
def test_which_pods_hold_earlier_values(metadata: Object, older: bool) -> None:
    assert restarts.is_older({"metadata": metadata}, at(LATE)) is older


def test_selectors_as_text() -> None:
    expressions = [
        {"key": "k", "operator": "In", "values": ["a", "b"]},
        {"key": "l", "operator": "NotIn", "values": ["c"]},
        {"key": "m", "operator": "Exists"},
        {"key": "n", "operator": "DoesNotExist"},
    ]
    assert restarts.selector_text({"matchLabels": {"x": "y"}, "matchExpressions": expressions}) == (
        "x=y,k in (a,b),l notin (c),m,!n"
    )


def live(data: dict[str, str], *owned: str) -> Object:
    """Return a Secret of which our server-side apply owns some keys."""
    fields = {"f:data": {f"f:{key}": {} for key in owned}}
    entry = {"manager": "seldon.openshift", "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields}
    return {"metadata": {"managedFields": [entry] if owned else []}, "data": data}


@pytest.mark.parametrize(
    ("there", "lost", "ours"),
    [
        (live({"a": "1"}, "a"), [], True),
        (live({"a": "other"}, "a"), [], True),
        (live({"a": "other", "b": "2", "c": "3"}), ["a"], False),
        (live({"c": "3"}), [], False),
        (live({"a": "1", "c": "3"}, "a"), [], False),
    ],
)
def test_what_of_somebody_elses_a_copy_would_replace(there: Object, lost: list[str], ours: bool) -> None:
    copy = copy_of("s", "n", {"a": "1", "b": "2"})
    assert others_values(copy, there) == lost
    assert others_values(copy, None) == []
    assert is_ours(copy, there) is ours
