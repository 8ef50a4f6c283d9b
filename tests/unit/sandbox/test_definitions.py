"""The sandbox's definitions: the real ones where there are some, small ones of the same shape elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from sandbox.definitions import ISTIO, PLATFORM, TABLES, Definitions

SETS = sorted(path.stem for path in TABLES.glob("*.yaml"))


def crd(name: str, kind: str = "Thing", **spec: object) -> dict:
    plural, group = name.split(".", 1)
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
    names = {"plural": plural, "kind": kind, "singular": kind.lower(), "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name, "resourceVersion": "7", "managedFields": [], "annotations": {"from": "elsewhere"}},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version], **spec},
        "status": {"storedVersions": ["v1"]},
    }


def schema(definition: dict) -> dict:
    return definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def test_no_definition_is_brought_by_two():
    names = Definitions().names(*SETS)
    assert sorted(names) == sorted(set(names))


def test_an_operators_kinds_do_not_come_with_the_platform():
    platform = set(Definitions().names(*PLATFORM))
    assert not platform & set(Definitions().names(ISTIO, "service_mesh", "serverless", "eck", "kafka", "seldon_v1"))
    assert "subscriptions.operators.coreos.com" in platform


@pytest.mark.parametrize(
    "text",
    [
        yaml.safe_dump(crd("kafkas.kafka.strimzi.io", scope="Cluster")),
        yaml.safe_dump_all([crd("others.example.com"), None, crd("kafkas.kafka.strimzi.io", scope="Cluster")]),
        yaml.safe_dump(
            {"kind": "List", "apiVersion": "v1", "items": [crd("kafkas.kafka.strimzi.io", scope="Cluster")]}
        ),
    ],
    ids=["one", "several", "list"],
)
def test_a_real_definition_at_any_depth_is_preferred(tmp_path: Path, text: str):
    folder = tmp_path / "some" / "where"
    folder.mkdir(parents=True)
    (folder / "all.yml").write_text(text)
    real = Definitions(tmp_path)
    assert real.definition("kafkas.kafka.strimzi.io")["spec"]["scope"] == "Cluster"
    assert real.definition("kafkatopics.kafka.strimzi.io")["spec"]["names"]["kind"] == "KafkaTopic"


def test_what_belongs_to_another_cluster_is_left_behind(tmp_path: Path):
    real = crd("kafkas.kafka.strimzi.io", conversion={"strategy": "Webhook", "webhook": {"clientConfig": {"url": "x"}}})
    (tmp_path / "kafka.yaml").write_text(yaml.safe_dump(real))
    definition = Definitions(tmp_path).definition("kafkas.kafka.strimzi.io")
    assert definition["metadata"] == {"name": "kafkas.kafka.strimzi.io"}
    assert "conversion" not in definition["spec"]
    assert "status" not in definition


def test_descriptions_go_but_not_fields_or_defaults_of_that_name(tmp_path: Path):
    real = crd("kafkas.kafka.strimzi.io")
    schema(real).update(
        description="long text",
        properties={
            "description": {"type": "string", "description": "long text"},
            "spec": {"type": "object", "default": {"description": "kept"}, "description": "long text"},
        },
    )
    (tmp_path / "kafka.yaml").write_text(yaml.safe_dump(real))
    assert schema(Definitions(tmp_path).definition("kafkas.kafka.strimzi.io")) == {
        "type": "object",
        "properties": {
            "description": {"type": "string"},
            "spec": {"type": "object", "default": {"description": "kept"}},
        },
    }


def test_a_route_may_have_an_empty_host(tmp_path: Path):
    real = crd("routes.route.openshift.io")
    host = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 253}
    schema(real)["properties"] = {"spec": {"type": "object", "properties": {"host": host}}}
    (tmp_path / "route.yaml").write_text(yaml.safe_dump(real))
    definition = Definitions(tmp_path).definition("routes.route.openshift.io")
    assert schema(definition)["properties"]["spec"]["properties"]["host"] == {"type": "string", "maxLength": 253}


def test_a_plain_equals_sign_is_text(tmp_path: Path):
    text = yaml.safe_dump(crd("alertmanagerconfigs.monitoring.coreos.com"))
    (tmp_path / "a.yaml").write_text(text.replace("type: object", "type: object\n        enum: [=, =~]"))
    definition = Definitions(tmp_path).definition("alertmanagerconfigs.monitoring.coreos.com")
    assert schema(definition)["enum"] == ["=", "=~"]


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError, match=r"things\.example\.com"):
        Definitions().definition("things.example.com")


def test_a_folder_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SELDON_CRD_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="SELDON_CRD_DIR"):
        Definitions.from_environment()


def shape(definition: dict) -> dict:
    """What clients and controllers notice of a definition, besides its schema."""
    spec = definition["spec"]
    return {
        "kind": spec["names"]["kind"],
        "short": sorted(spec["names"].get("shortNames", [])),
        "scope": spec["scope"],
        "served": {version["name"] for version in spec["versions"] if version["served"]},
        "stored": [version["name"] for version in spec["versions"] if version["storage"]],
        "status": {
            version["name"]: "status" in version.get("subresources", {})
            for version in spec["versions"]
            if version["served"]
        },
    }


@pytest.mark.skipif("SELDON_CRD_DIR" not in os.environ, reason="SELDON_CRD_DIR names no real definitions")
@pytest.mark.parametrize("set_name", SETS)
def test_the_small_definitions_have_the_shape_of_the_real_ones(set_name: str):
    real, small = Definitions.from_environment(), Definitions()
    differences = {
        name: (shape(small.definition(name)), shape(real.definition(name)))
        for name in small.names(set_name)
        if shape(small.definition(name)) != shape(real.definition(name))
    }
    assert not differences
