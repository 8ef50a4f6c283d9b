"""The environment and the files that a process gets are those that a kubelet would make."""

from __future__ import annotations

import base64
from pathlib import PurePosixPath
from typing import Any

import pytest

from sandbox.container import Container, NotThere, field
from sandbox.kube import Object


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


OBJECTS: dict[tuple[str, str], Object] = {
    ("Secret", "keys"): {"kind": "Secret", "data": {"tls.crt": encoded("certificate"), "tls.key": encoded("key")}},
    ("ConfigMap", "settings"): {"kind": "ConfigMap", "data": {"a": "1"}, "binaryData": {"b": encoded("2")}},
    ("ConfigMap", "empty"): {"kind": "ConfigMap"},
}


def container(volumes: list[Object] | None = None, **spec: Any) -> Container:
    meta = {"name": "pod-1", "namespace": "ns", "labels": {"app": "x"}, "annotations": {"olm.targetNamespaces": "a,b"}}
    pod = {
        "metadata": meta,
        "spec": {"volumes": volumes or [], "serviceAccountName": "account"},
        "status": {"podIP": "10.128.0.9"},
    }
    return Container(pod, spec, lambda kind, name: OBJECTS.get((kind, name)), "token")


def from_(source: str, **reference: Any) -> Object:
    return {"name": "X", "valueFrom": {source: reference}}


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ({"name": "X", "value": "plain"}, "plain"),
        ({"name": "X"}, ""),
        ({"name": "X", "value": "$(BEFORE)-$(UNKNOWN)-$$(BEFORE)"}, "first-$(UNKNOWN)-$(BEFORE)"),
        (from_("fieldRef", fieldPath="metadata.name"), "pod-1"),
        (from_("fieldRef", fieldPath="metadata.annotations['olm.targetNamespaces']"), "a,b"),
        (from_("fieldRef", fieldPath="metadata.labels['no']"), ""),
        (from_("fieldRef", fieldPath="status.podIP"), "10.128.0.9"),
        (from_("fieldRef", fieldPath="spec.serviceAccountName"), "account"),
        (from_("secretKeyRef", name="keys", key="tls.key"), "key"),
        (from_("configMapKeyRef", name="settings", key="a"), "1"),
        (from_("configMapKeyRef", name="none", key="a", optional=True), None),
        (from_("configMapKeyRef", name="settings", key="no", optional=True), None),
        (from_("resourceFieldRef", resource="limits.memory"), "1Gi"),
        (from_("resourceFieldRef", resource="limits.cpu"), "0"),
    ],
)
def test_a_variable(entry: Object, value: str | None) -> None:
    before = {"name": "BEFORE", "value": "first"}
    found = container(env=[before, entry], resources={"limits": {"memory": "1Gi"}}).environment()
    assert found.get("X") == value


def test_all_variables_of_a_source() -> None:
    sources = [
        {"prefix": "P_", "configMapRef": {"name": "settings"}},
        {"secretRef": {"name": "none", "optional": True}},
    ]
    assert container(envFrom=sources, env=[{"name": "X", "value": "$(P_a)"}]).environment() == {
        "P_a": "1",
        "P_b": "2",
        "X": "1",
    }


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"env": [from_("secretKeyRef", name="none", key="a")]}, "there is no Secret ns/none"),
        ({"env": [from_("configMapKeyRef", name="settings", key="no")]}, "ConfigMap ns/settings has no key 'no'"),
        ({"envFrom": [{"configMapRef": {"name": "none"}}]}, "there is no ConfigMap ns/none"),
    ],
)
def test_a_variable_that_is_missing_keeps_the_container_from_starting(spec: Object, said: str) -> None:
    with pytest.raises(NotThere, match=said):
        container(**spec).environment()


SECRET = {"secretName": "keys"}
ONE_ITEM = {**SECRET, "items": [{"key": "tls.crt", "path": "apiserver.crt"}]}
TOKEN = {
    "sources": [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
        {"configMap": {"name": "settings", "items": [{"key": "a", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
    ]
}


@pytest.mark.parametrize(
    ("volume", "mount", "files"),
    [
        ({"secret": SECRET}, {}, {"/at/tls.crt": "certificate", "/at/tls.key": "key"}),
        ({"secret": ONE_ITEM}, {}, {"/at/apiserver.crt": "certificate"}),
        ({"secret": SECRET}, {"subPath": "tls.key"}, {"/at": "key"}),
        ({"configMap": {"name": "settings"}}, {}, {"/at/a": "1", "/at/b": "2"}),
        ({"configMap": {"name": "empty"}}, {}, {}),
        ({"secret": {"secretName": "none", "optional": True}}, {}, {}),
        ({"emptyDir": {}}, {}, {}),
        ({"projected": TOKEN}, {}, {"/at/token": "token", "/at/ca.crt": "1", "/at/namespace": "ns"}),
        (
            {"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
            {},
            {"/at/labels": 'app="x"'},
        ),
    ],
)
def test_the_files_of_a_volume(volume: Object, mount: Object, files: dict[str, str]) -> None:
    found = container([{"name": "v", **volume}], volumeMounts=[{"name": "v", "mountPath": "/at", **mount}])
    assert {str(path): content.decode() for path, content in found.files().items()} == files


@pytest.mark.parametrize(
    ("volume", "said"),
    [
        ({"secret": {"secretName": "none"}}, "there is no Secret ns/none"),
        ({"secret": {**SECRET, "items": [{"key": "no", "path": "x"}]}}, "Secret ns/keys has no key 'no'"),
    ],
)
def test_a_volume_that_is_missing_keeps_the_container_from_starting(volume: Object, said: str) -> None:
    found = container([{"name": "v", **volume}], volumeMounts=[{"name": "v", "mountPath": "/at"}])
    with pytest.raises(NotThere, match=said):
        found.files()


def test_the_folders_of_mounts() -> None:
    mounts = [{"name": "v", "mountPath": "/etc/a"}, {"name": "v", "mountPath": "/etc/b/file", "subPath": "file"}]
    assert container(volumeMounts=mounts).folders() == [PurePosixPath("/etc/a"), PurePosixPath("/etc/b")]


def test_a_field_that_is_not_set_is_empty() -> None:
    assert field({"metadata": {}}, "metadata.labels['x']") == ""
    assert field({"metadata": {}}, "status.podIP") == ""
