from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.changes import changes
from ansible_collections.seldon.openshift.plugins.module_utils.apply.diff import content, entry
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome, explain
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError


def secret(**data: str) -> dict[str, Any]:
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": str(data)}
    metadata = {"name": "s", "namespace": "n", "annotations": annotations, "resourceVersion": "3"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data, "stringData": data}


OLD, NEW = "b2xkLXZhbHVl", "bmV3LXZhbHVl"


@pytest.mark.parametrize(
    ("before", "after"), [(None, secret(a=NEW)), (secret(a=OLD), None), (secret(a=OLD), secret(a=NEW))]
)
def test_no_value_of_a_secret_is_shown(before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    shown = str(Outcome({**secret()}, "updated", before=before, after=after).diff())
    assert OLD not in shown
    assert NEW not in shown
    assert "a: (hidden" in shown


def test_changed_values_and_keys_of_a_secret_can_be_told() -> None:
    shown = entry(
        "Secret n/s", content(secret(same="eA==", old=OLD, gone="eA==")), content(secret(same="eA==", old=NEW))
    )
    assert "same: (hidden)\n" in shown["before"]
    assert "same: (hidden)\n" in shown["after"]
    assert "old: (hidden)\n" in shown["before"]
    assert "old: (hidden, changed)\n" in shown["after"]
    assert "gone: (hidden)\n" in shown["before"]
    assert "gone" not in shown["after"]


def test_a_refused_secret_is_not_quoted() -> None:
    error = ApiError(422, "Invalid", f"Secret s is invalid: data: {NEW} is too long")
    assert NEW not in explain(error, secret(a=NEW))
    assert "Secret s is invalid" in explain(error, secret(a=NEW))


KEY = "-----BEGIN PRIVATE KEY-----\nMIIE{}\n-----END PRIVATE KEY-----\n"


def route(key: str | None, host: str = "a.example.com") -> dict[str, Any]:
    tls = {"termination": "edge", "certificate": "cert", **({"key": key} if key else {})}
    metadata = {"name": "seldon-route", "namespace": "n"}
    return {
        "apiVersion": "route.openshift.io/v1",
        "kind": "Route",
        "metadata": metadata,
        "spec": {"host": host, "tls": tls},
    }


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, KEY.format("new"), "key: (hidden)"),
        (KEY.format("old"), KEY.format("new"), "key: (hidden, changed)"),
        (KEY.format("new"), KEY.format("new"), "key: (hidden)"),
        (KEY.format("old"), None, "host: b.example.com"),
    ],
)
def test_a_private_key_is_hidden_in_a_route(before: str | None, after: str | None, told: str) -> None:
    first, then = route(before) if before else None, route(after, "b.example.com")
    outcome = Outcome(then, "updated", before=first, after=then, fields=changes(first, then) if first else [])
    diff = outcome.diff()
    assert diff
    assert told in diff["after"]
    assert "MIIE" not in str(diff) + str(outcome.report())
    assert "b.example.com" in str(outcome.report()) + str(diff)


def test_a_block_that_goes_whole_takes_no_key_into_the_report() -> None:
    bare = {**route(None), "spec": {"host": "a.example.com"}}
    assert "MIIE" not in str([each.report(secret=False) for each in changes(route(KEY), bare)])


def test_a_refused_route_shows_no_key() -> None:
    error = ApiError(422, "Invalid", f"Route is invalid: spec.tls.key: Invalid value: {KEY.format('x')!r}: no match")
    assert (
        explain(error, route(KEY))
        == "422 Invalid: Route is invalid: spec.tls.key: Invalid value: '(hidden)\\n': no match"
    )
