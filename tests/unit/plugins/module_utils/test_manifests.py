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
        "stringData": {"b": "wörld", "port": "80"},
    }
    (prepared,) = prepare([secret])
    assert "stringData" not in prepared
    assert {key: base64.b64decode(value).decode() for key, value in prepared["data"].items()} == {
        "a": "x",
        "b": "wörld",
        "port": "80",
    }


def secret(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n"}, **fields}


@pytest.mark.parametrize(
    ("obj", "told"),
    [
        (secret(stringData={"a": None}), "Secret n/s stringData.a is null"),
        (secret(stringData={"a": True}), "Secret n/s stringData.a is a boolean (quote it, or use | string)"),
        (secret(stringData={"a": 5}), "stringData.a is a number (quote it, or use | string)"),
        (secret(stringData={"a": 0.5}), "stringData.a is a number"),
        (secret(stringData={"a": ["p4ss"]}), "stringData.a is a list"),
        (secret(stringData={"a": {"b": "p4ss"}}), "stringData.a is a mapping"),
        (secret(stringData=["p4ss"]), "stringData is no mapping"),
        (secret(data={"a": None}), "data.a is null"),
        (secret(data={"a": 1234}), "data.a is a number"),
        (secret(data={"a": "p4ss"}, stringData={"a": "p4ss"}), None),  # four characters are base64
        (secret(data={"a": "p4ssw"}), "data.a is not base64"),
        (secret(data={"a": "p4s="}), None),
        (secret(data={"a": "p4 s"}), "data.a is not base64"),
        (secret(data={"a": "p4ss\ncDRz\r\n", "b": ""}), None),
        (secret(data={"a": "-_-_"}), "data.a is not base64"),
        (secret(data=None, stringData=None), None),
        ({**config_map(), "data": {"a": 5, "b": "ok"}}, "ConfigMap a data.a is a number"),
        ({**config_map(), "data": {"a": None}}, "data.a is null"),
        ({**config_map(), "data": {"a": "p4ss!"}, "binaryData": {"b": "p4ss!"}}, "binaryData.b is not base64"),
        ({"apiVersion": "example.com/v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": 5}}, None),
    ],
)
def test_values_that_are_no_texts_are_refused_by_key(obj: dict[str, Any], told: str | None) -> None:
    if told is None:
        assert prepare([obj])
        return
    with pytest.raises(EngineError) as error:
        prepare([obj])
    assert told in str(error.value)
    assert "p4s" not in str(error.value)


def test_all_values_of_all_objects_are_refused_together() -> None:
    objects = [secret(stringData={"a": None, "b": "text", "c": False}), {**config_map("m"), "data": {"d": 1}}]
    with pytest.raises(EngineError) as error:
        prepare(objects)
    assert all(part in str(error.value) for part in ("stringData.a", "stringData.c", "ConfigMap m data.d"))
    assert "stringData.b" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{name: no, namespace: ns}", "ConfigMap ns/False metadata.name is a boolean (quote it, or use | string)"),
        ("{name: a, namespace: no}", "metadata.namespace is a boolean"),
        ("{name: 007}", "metadata.name is a number"),
        ("{name: a, namespace: 1}", "metadata.namespace is a number"),
        ("{name: ~}", "lacks metadata.name"),
        ("{name: a, labels: {b: yes, c: 'yes'}}", "metadata.labels.b is a boolean"),
        ("{name: a, annotations: {b: 1.10}}", "metadata.annotations.b is a number"),
    ],
)
def test_names_that_yaml_reads_as_something_else_are_refused(text: str, told: str) -> None:
    with pytest.raises(EngineError) as error:
        prepare(parse(f"{{apiVersion: v1, kind: ConfigMap, metadata: {text}}}", "file"))
    assert told in str(error.value)


def test_a_namespace_of_null_is_one_that_is_left_out() -> None:
    assert prepare([config_map("a", namespace=None)], "home")[0]["metadata"]["namespace"] == "home"


def test_surrogate_pairs_are_one_character_and_halves_are_refused() -> None:
    face, pair, half = "\N{GRINNING FACE}", r"\ud83d\ude00", r"\ud83d"
    assert parse(f'{{"a": "{pair}", "{pair}": "b"}}', "file") == [{"a": face, face: "b"}]
    for text, told in (
        (f'[{{"a": {{"b": "{half}"}}}}]', "file[0].a.b"),
        (f'{{"a": {{"{half}": 1}}}}', "a key of file.a"),
    ):
        with pytest.raises(EngineError) as error:
            parse(text, "file")
        assert f"{told} is no text that UTF-8 can hold" in str(error.value)


def test_a_text_of_ansible_s_own_type_is_read() -> None:
    class Tagged(str):
        __slots__ = ()

    assert read(Tagged("kind: ConfigMap\napiVersion: v1\n"), "resources") == [{"kind": "ConfigMap", "apiVersion": "v1"}]
