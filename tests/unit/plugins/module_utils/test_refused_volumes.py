"""Volumes that can not be had are told in sizes, and never as Go prints them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.apply import apply_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import Policy
from ansible_collections.seldon.openshift.plugins.module_utils.apply.volumes import refused_volumes
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.go_values import without_go_values

from tests.unit.apiserver import ApiServer, managed

Object = dict[str, Any]

CLAIM = (
    '[]v1.PersistentVolumeClaim{v1.PersistentVolumeClaim{TypeMeta:v1.TypeMeta{Kind:"", APIVersion:""}, '
    'ObjectMeta:v1.ObjectMeta{Name:"elasticsearch-data", Labels:map[string]string(nil)}, '
    'Spec:v1.PersistentVolumeClaimSpec{Resources:v1.ResourceRequirements{Requests:v1.ResourceList{"storage":'
    'resource.Quantity{i:resource.int64Amount{value:10737418240, scale:0}, s:"1}0{Gi"}}}}}}'
)
RULE = (
    "volume claim templates can only have their storage requests increased, if the storage class allows volume "
    "expansion. Any other change is forbidden"
)
DENIED = (
    'admission webhook "elastic-es-validation-v1.k8s.elastic.co" denied the request: '
    'Elasticsearch.elasticsearch.k8s.elastic.co "e" is invalid: spec.nodeSet[1].volumeClaimTemplates: Invalid value: '
    f"{CLAIM}: {RULE}"
)
LESS = "spec.resources.requests.storage: Forbidden: field can not be less than previous value"


def claim(size: str, storage_class: str = "") -> Object:
    spec: Object = {"resources": {"requests": {"storage": size}}}
    return {
        "metadata": {"name": "elasticsearch-data"},
        "spec": spec | ({"storageClassName": storage_class} if storage_class else {}),
    }


def elasticsearch(*sizes: str, storage_class: str = "", version: str = "7.17.7") -> Object:
    sets = [
        {"name": f"set-{number}", "count": 1, "volumeClaimTemplates": [claim(size, storage_class)]}
        for number, size in enumerate(sizes)
    ]
    spec = {"version": version, "nodeSets": sets}
    metadata = {"name": "e", "namespace": "n"}
    return {
        "apiVersion": "elasticsearch.k8s.elastic.co/v1",
        "kind": "Elasticsearch",
        "metadata": metadata,
        "spec": spec,
    }


def volume(size: str) -> Object:
    metadata = {"name": "data", "namespace": "n"}
    return {**claim(size), "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}


@pytest.mark.parametrize(
    ("words", "desired", "live", "told"),
    [
        pytest.param(
            DENIED,
            elasticsearch("50Gi", "10Gi"),
            elasticsearch("50Gi", "20Gi"),
            [
                "the volume elasticsearch-data of nodeSet set-1 would shrink from 20Gi to 10Gi",
                "volumes can't shrink",
                "elasticsearch_storage_size",
                "nodeSet of another name",
            ],
            id="one of two node sets",
        ),
        pytest.param(
            DENIED,
            elasticsearch("1Ti"),
            elasticsearch("1.5Ti"),
            ["shrink from 1.5Ti to 1Ti"],
            id="quantities and not texts are compared",
        ),
        pytest.param(
            DENIED,
            elasticsearch("100Gi"),
            elasticsearch("50Gi"),
            ["would grow from 50Gi to 100Gi", "ALLOWVOLUMEEXPANSION"],
            id="a class that does not let volumes grow",
        ),
        pytest.param(
            DENIED,
            elasticsearch("50Gi", storage_class="fast"),
            elasticsearch("50Gi", storage_class="slow"),
            ["would move from StorageClass slow to fast"],
            id="another class",
        ),
        pytest.param(LESS, volume("1Gi"), volume("5Gi"), ["data would shrink from 5Gi to 1Gi"], id="a claim"),
    ],
)
def test_what_volumes_would_become_is_told_with_what_to_do(
    words: str, desired: Object, live: Object, told: list[str]
) -> None:
    text = refused_volumes(words, desired, live) or ""
    assert [each for each in told if each not in text] == [], text


@pytest.mark.parametrize(
    ("words", "desired", "live"),
    [
        ("spec.version: Invalid value: Downgrades are not supported", elasticsearch("1Gi"), elasticsearch("2Gi")),
        (DENIED, elasticsearch("50Gi"), elasticsearch("51200Mi")),
        (DENIED, elasticsearch("50Gi"), None),
        (LESS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}, None),
    ],
)
def test_other_refusals_are_not_blamed_on_volumes(words: str, desired: Object, live: Object | None) -> None:
    assert refused_volumes(words, desired, live) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"a: Invalid value: {CLAIM}: {RULE}", f"a: Invalid value: …: {RULE}"),
        (CLAIM[:-30], "…"),
        (
            "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"
            '"app":"x"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
            "spec.selector: Invalid value: …: field is immutable",
        ),
        (
            'spec: Invalid value: map[string]interface {}{"replicas":1, "selector":map[string]interface {}{"a":"b"}, '
            '"x":"y"}: no',
            "spec: Invalid value: …: no",
        ),
        ("spec.x: Invalid value: v1.Short{A:1}: no", "spec.x: Invalid value: v1.Short{A:1}: no"),
        (
            "must match '[a-z]([-a-z0-9]{0,61}[a-z0-9])?' and {.spec}",
            "must match '[a-z]([-a-z0-9]{0,61}[a-z0-9])?' and {.spec}",
        ),
        ('json: {"a": {"b": 1}} ' * 9, 'json: {"a": {"b": 1}} ' * 9),
    ],
)
def test_values_as_go_prints_them_are_left_out(text: str, told: str) -> None:
    assert without_go_values(text) == told


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("owned", [True, False])
def test_an_apply_of_a_volume_that_shrinks_says_so(owned: bool) -> None:
    live = volume("50Gi")
    server = ApiServer(managed(live) if owned else live)

    def deny(method: str, _path: str) -> None:
        if method == "PATCH":
            raise ApiError(422, "Invalid", f'PersistentVolumeClaim "data" is invalid: {LESS}: {CLAIM}')

    server.before_request = deny
    (outcome,) = apply_set(server, [volume("10Gi")], Policy(), time.monotonic() + 60, [].append)
    assert outcome.action == "failed"
    assert outcome.message.startswith(
        "the volume data would shrink from 50Gi to 10Gi, and volumes can't shrink. Give it back what it had"
    )
    assert outcome.message.endswith(f"{LESS}: …")
