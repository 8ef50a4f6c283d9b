"""Credentials that a Secret keeps: which value counts, and what copies hold."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.credentials import kept, restarts
from ansible_collections.seldon.openshift.plugins.module_utils.kube.secrets import encoded

COPY = {
    "name": "copy",
    "namespace": "other",
    "labels": {"a": "b"},
    "keys": {"USER": "user", "PASSWORD": "password"},
    "values": {"type": "git"},
    "secrets": {},
}


@pytest.mark.parametrize(
    ("given", "held", "defaults", "expected"),
    [
        pytest.param({"password": "g"}, [{"password": "h"}], {}, "g", id="a given one wins"),
        pytest.param({"password": ""}, [{"password": "h"}], {"password": "d"}, "h", id="an empty one is not given"),
        pytest.param({"password": None}, [{}, {"password": "c"}], {}, "c", id="a copy has it"),
        pytest.param({}, [{"password": ""}], {"password": "d"}, "d", id="an empty one is not kept"),
    ],
)
def test_the_value_that_counts(
    given: dict[str, str], held: list[dict[str, str]], defaults: dict[str, str], expected: str
) -> None:
    choice = kept.choose(given, held, defaults, ["password"])
    assert (choice.values, choice.generated, choice.missing) == ({"password": expected}, [], [])
    assert choice.defaulted == (["password"] if expected == "d" else [])


def test_what_nobody_has_is_made_up_or_missing() -> None:
    choice = kept.choose({"password": "", "token": ""}, [{}], {}, ["password"])
    assert (choice.values, choice.generated, choice.missing) == ({}, ["password"], ["token"])


def test_a_made_up_password_is_strong_and_new_each_time() -> None:
    made = {kept.strong() for _ in range(50)}
    assert len(made) == 50
    assert all(len(each) == 32 and each.isalnum() for each in made)


def test_only_what_lacks_is_completed() -> None:
    secret = kept.secret_of("s", "n", {"password": "there"}, {})
    assert kept.completed(secret, {"password": "late"}) is secret
    empty = {**secret, "data": {"password": "", "user": encoded("u")}}
    assert kept.decoded(kept.completed(empty, {"password": "new"})) == {"password": "new", "user": "u"}


def test_a_copy_has_all_of_its_keys_or_none() -> None:
    full = kept.copied(COPY, {"user": "u", "password": "p", "host": "h"})
    assert (full["metadata"], full["type"]) == ({"name": "copy", "namespace": "other", "labels": {"a": "b"}}, "Opaque")
    assert kept.decoded(full) == {"USER": "u", "PASSWORD": "p", "type": "git"}
    assert kept.decoded(kept.copied(COPY, {"user": "u"})) == {"type": "git"}
    own = {**COPY, "secrets": {"PASSWORD": "own"}}
    assert kept.decoded(kept.copied(own, {"user": "u"})) == {"USER": "u", "PASSWORD": "own", "type": "git"}
    assert kept.back(COPY["keys"], full) == {"user": "u", "password": "p"}  # type: ignore[arg-type]
    assert kept.back(COPY["keys"], None) == {}  # type: ignore[arg-type]


def test_values_that_are_no_texts_are_refused_by_key_and_null_is_not_given() -> None:
    options = {
        "labels": {"a": 1},
        "values": {"port": 5432, "host": "h", "user": None},
        "secrets": {"password": 83, "token": ["geheim"]},
        "defaults": {"tls": True},
        "copies": [{**COPY, "secrets": {"key": {"a": "geheim"}}}, COPY],
    }
    told = kept.refused(options)
    assert [each.split()[0] for each in told] == [
        "labels.a",
        "values.port",
        "secrets.password",
        "secrets.token",
        "defaults.tls",
        "copies[0].secrets.key",
    ]
    assert not any("geheim" in each or "83" in each for each in told)
    assert kept.refused({"values": {"a": "b", "c": ""}, "copies": [COPY]}) == []


def test_a_deployment_configs_selector_is_labels_alone() -> None:
    assert restarts.selector_text({"name": "metadata"}) == "name=metadata"


@pytest.mark.parametrize(
    ("held", "told"),
    [({}, "Secret n/ca has no ca.crt"), ({"ca.crt": ""}, "Secret n/ca has no ca.crt"), ({"ca.crt": "C"}, "")],
)
def test_what_a_source_lacks(held: dict[str, str], told: str) -> None:
    assert kept.lacking({"name": "ca", "namespace": "n", "keys": {"authority": "ca.crt"}}, held) == told
