"""Kinds and references: what tells objects apart, and how they are named."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube import kinds
from ansible_collections.seldon.openshift.plugins.module_utils.kube.discovery import KNOWN
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind, Reference

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
