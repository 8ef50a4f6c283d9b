"""Kinds and references: what tells objects apart, and how they are named."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube import kinds
from ansible_collections.seldon.openshift.plugins.module_utils.kube.discovery import KNOWN
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import (
    MANAGED_BY,
    Kind,
    Reference,
    condition,
    holds,
    is_ours,
    section,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.secrets import decoded, encoded

CORE, KAFKA = Kind("v1", "Secret"), Kind("kafka.strimzi.io/v1beta2", "Kafka")


@pytest.mark.parametrize(
    ("kind", "group", "qualified", "text"),
    [
        (CORE, "", "secret", "Secret of v1"),
        (KAFKA, "kafka.strimzi.io", "kafka.kafka.strimzi.io", "Kafka of kafka.strimzi.io/v1beta2"),
    ],
)
def test_a_kind(kind: Kind, group: str, qualified: str, text: str) -> None:
    assert (kind.group, kind.qualified, str(kind)) == (group, qualified, text)


@pytest.mark.parametrize(
    ("reference", "metadata", "text"),
    [
        (CORE.named("s", "n"), {"name": "s", "namespace": "n"}, "Secret n/s"),
        (kinds.NAMESPACE.named("n"), {"name": "n"}, "Namespace n"),
    ],
)
def test_a_reference_and_the_object_that_it_names(reference: Reference, metadata: dict[str, str], text: str) -> None:
    bare = reference.bare()
    assert bare == {"apiVersion": "v1", "kind": text.split()[0], "metadata": metadata}
    assert str(reference) == text
    full: dict[str, Any] = {**bare, "metadata": {**metadata, "uid": "u"}, "data": {}}
    assert Reference.of(full) == reference
    assert len({reference, Reference.of(full)}) == 1


def test_a_reference_in_the_words_of_options() -> None:
    wanted = {"api_version": "v1", "kind": "Secret", "name": "s", "namespace": "n"}
    assert CORE.named("s", "n").as_options() == wanted
    assert CORE.named("s").as_options() == {**wanted, "namespace": None}


def test_kinds_sort_by_api_version_and_name() -> None:
    assert sorted([CORE, KAFKA, Kind("v1", "Pod")]) == [KAFKA, Kind("v1", "Pod"), CORE]


# A kind that the table of discovery does not know costs a look-up wherever it is used.
def test_kinds_are_known_to_discovery_but_for_one_that_openshift_hardly_uses() -> None:
    named = {kind for kind in vars(kinds).values() if isinstance(kind, Kind)}
    assert named - set(KNOWN) == {kinds.REPLICATION_CONTROLLER}


@pytest.mark.parametrize("obj", [None, {}, {"spec": None}, {"spec": {"a": None}}, {"spec": {"a": {}}}])
def test_a_section_that_is_missing_or_null_is_empty(obj: Any) -> None:
    assert section(obj, "spec", "a") == {}


def test_a_condition_is_found_by_its_type_and_holds_when_it_is_true() -> None:
    ready, failed = {"type": "Ready", "status": "True"}, {"type": "Failed", "status": "False"}
    obj = {"status": {"conditions": [ready, failed]}}
    assert [condition(obj, kind) for kind in ("Ready", "Failed", "Other")] == [ready, failed, {}]
    assert [holds(obj, kind) for kind in ("Ready", "Failed", "Other")] == [True, False, False]
    assert not holds(None, "Ready")


@pytest.mark.parametrize(
    ("labels", "ours"),
    [({**MANAGED_BY, "a": "b"}, True), ({"app.kubernetes.io/managed-by": "Helm"}, False), ({}, False), (None, False)],
)
def test_what_this_collection_made_has_its_label(labels: Any, ours: bool) -> None:
    assert is_ours({"metadata": {"labels": labels}}) is ours


def test_the_values_of_a_secret_as_text() -> None:
    data = {"a": encoded("grün"), "empty": "", "null": None, "bytes": "/w=="}
    assert decoded({"data": data}) == {"a": "grün", "empty": "", "null": "", "bytes": "\ufffd"}
    assert decoded(None) == decoded({"data": None}) == {}
