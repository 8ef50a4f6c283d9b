"""What an upgrade would change of a release's objects, as lines of a diff."""

from __future__ import annotations

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.helm import told
from ansible_collections.seldon.openshift.plugins.module_utils.helm.foreseen import differences

Object = dict[str, Any]


def named(kind: str, name: str, **rest: Any) -> Object:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "here"}, **rest}


def deployment(image: str, password: str = "x") -> Object:
    container = {"name": "main", "image": image, "env": [{"name": "DB_PASSWORD", "value": password}]}
    return named("Pod", "one", spec={"containers": [container]})


def test_a_field_that_differs_is_a_line() -> None:
    (entry,) = told.diff(differences([deployment("seldon:1")], [deployment("seldon:2")]))
    assert entry["before"] == '.spec.containers[name="main"].image: seldon:1\n'
    assert entry["after"] == '.spec.containers[name="main"].image: seldon:2\n'
    assert differences([deployment("seldon:1")], [deployment("seldon:1")]) == []


def test_what_comes_and_what_goes_is_told() -> None:
    old, new = named("ConfigMap", "old", data={"a": "1"}), named("ConfigMap", "new", data={"a": "1"})
    found = {part.obj["metadata"]["name"]: part.action for part in differences([old], [new])}
    assert found == {"old": "deleted", "new": "created"}


def test_no_secret_is_shown() -> None:
    before = [named("Secret", "s", data={"token": "b2xk"}), deployment("seldon:1", "hunter2")]
    after = [named("Secret", "s", data={"token": "bmV3"}), deployment("seldon:1", "hunter3")]
    shown = str(told.diff(differences(before, after)))
    assert [each for each in ("b2xk", "bmV3", "hunter2", "hunter3") if each in shown] == []
    assert "DB_PASSWORD" in shown
