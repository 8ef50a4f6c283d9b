"""Annotations are set beside those that are there, once."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError
from ansible_collections.seldon.openshift.plugins.modules import seldon_annotate

from tests.unit.apiserver import ApiServer

NAMED = {"api_version": "v1", "kind": "ConfigMap", "name": "c", "namespace": "n", "timeout": 1}
THERE = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "c", "namespace": "n", "annotations": {"a": "1"}},
}


def annotate(server: ApiServer, **annotations: str) -> dict[str, Any]:
    return seldon_annotate.run(server, {**NAMED, "annotations": annotations}, False, [].append)


def test_annotations_of_others_stay_and_the_second_time_nothing_is_written() -> None:
    server = ApiServer(THERE)
    first, second = annotate(server, b="2"), annotate(server, b="2")
    assert [first["changed"], second["changed"]] == [True, False]
    assert first["annotations"] == second["annotations"] == {"a": "1", "b": "2"}
    assert [method for method, _path in server.writes] == ["PATCH"]


def test_the_result_names_the_object_and_its_fields() -> None:
    (entry,) = annotate(ApiServer(THERE), a="2")["results"]
    field = {"field": ".metadata.annotations.a", "live": "1", "wanted": "2", "manager": "", "fate": "changed"}
    assert entry == {**{key: NAMED[key] for key in NAMED if key != "timeout"}, "action": "updated", "fields": [field]}


def test_an_object_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ApiError, match='"c" not found'):
        annotate(ApiServer(), b="2")
