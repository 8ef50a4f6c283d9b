from __future__ import annotations

import base64
import datetime
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import parse, prepare, read, spread
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError


def config_map(name: str = "a", **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("=", "="),
        ("2022-11-01", "2022-11-01"),
        ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("12", 12),
        ("1.5", 1.5),
        ("0644", 420),
        ("yes", True),
        ("~", None),
    ],
)
def test_scalars_are_what_kubectl_reads(text: str, value: Any) -> None:
    assert parse(f"x: {text}", "file") == [{"x": value}]


def test_documents_lists_and_texts_become_objects() -> None:
    a, b, c = config_map("a"), config_map("b"), config_map("c")
    text = "---\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n"
    assert read([a, [b], text, None], "resources") == [a, b, c]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("a: [", ["resources", "line 1"]),
        ("None", ["resources", "'None'", "object"]),
        ([3], ["resources[0]", "int"]),
        ([{"a": {"b": datetime.date(2022, 11, 1)}}], ["resources[0].a.b", "date", "quotes"]),
    ],
)
def test_mistakes_are_located(value: Any, told: list[str]) -> None:
    with pytest.raises(EngineError) as error:
        read(value, "resources")
    assert all(part in str(error.value) for part in told)


def test_all_incomplete_objects_are_named() -> None:
    objects = [{"kind": "Pod", "metadata": {"name": "p"}}, config_map("a"), {"apiVersion": "v1"}, config_map("a")]
    with pytest.raises(EngineError) as error:
        prepare(objects)
    assert "Pod p lacks apiVersion" in str(error.value)
    assert "object 3 lacks kind, metadata.name" in str(error.value)
    assert "ConfigMap a is given twice" in str(error.value)


def test_a_namespace_goes_to_those_that_need_one() -> None:
    objects = [
        config_map("a"),
        config_map("b", namespace="own"),
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}},
    ]
    assert [obj["metadata"].get("namespace") for obj in prepare(objects, "default")] == ["default", "own", None, None]


def test_each_of_several_namespaces_gets_a_copy_of_what_names_none() -> None:
    objects = [config_map("a"), config_map("b", namespace="own"), {"apiVersion": "v1", "kind": "Namespace"}]
    assert [(obj.get("metadata") or {}).get("namespace") for obj in spread(objects, ["x", "y"])] == [
        "x",
        "y",
        "own",
        None,
    ]
    assert spread(objects, []) == objects[1:]
    assert objects[0] == config_map("a")


def test_what_only_the_server_writes_is_left_out() -> None:
    given = {**config_map("a", creationTimestamp=None, resourceVersion="1", labels={"a": "b"}), "status": {}}
    assert prepare([given], None, {"owner": "me"}) == [config_map("a", labels={"a": "b", "owner": "me"})]
    assert given["status"] == {}


def test_string_data_wins_over_data_as_on_the_server() -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
        "data": {"a": "eA==", "b": "eA=="},
        "stringData": {"b": "wörld", "port": 80},
    }
    (prepared,) = prepare([secret])
    assert "stringData" not in prepared
    assert {key: base64.b64decode(value).decode() for key, value in prepared["data"].items()} == {
        "a": "x",
        "b": "wörld",
        "port": "80",
    }
