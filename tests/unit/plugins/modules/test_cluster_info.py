"""seldon_cluster_info: what it asks the API server for, what it refuses, and how it reads the answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.modules import seldon_cluster_info
from ansible_collections.seldon.openshift.plugins.modules.seldon_cluster_info import (
    PRODUCT_KINDS,
    default_class,
    domains_of,
    version_of,
)

from tests.unit.apiserver import ApiServer, Object

DISCOVERY = re.compile("/apis|/apis/[^/]+/[^/]+|/api/v1")
SERVED: dict[str, Object] = {
    "/apis": {"groups": [{"versions": [{"groupVersion": "maistra.io/v2"}, {"groupVersion": "apps/v1"}]}]},
    "/apis/maistra.io/v2": {
        "resources": [{"kind": "ServiceMeshControlPlane", "name": "servicemeshcontrolplanes", "namespaced": True}]
    },
}
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
MESH = {"api_version": "maistra.io/v2", "kind": "ServiceMeshControlPlane"}
SERVER = {"api_version": "mlops.seldon.io/v1alpha1", "kind": "Server"}
POD = {"api_version": "v1", "kind": "Pod"}
FACTS = {"version", "upgrading", "domain", "ingress_domain", "default_storage_class"}


class OpenShift(ApiServer):
    """Serves the mesh's kind, and allows everything."""

    def request(self, method: str, path: str, *args: Any, **kwargs: Any) -> Object:
        if path != REVIEWS and not DISCOVERY.fullmatch(path):
            return super().request(method, path, *args, **kwargs)
        self.requests.append((method, path))
        if path == REVIEWS:
            return {"status": {"allowed": True}}
        if path not in SERVED:
            raise ApiError(404, from_api=False)
        return SERVED[path]


def ask(cluster: ApiServer, **given: Any) -> dict[str, Any]:
    """Return the answer to a task's arguments."""
    validation = ArgumentSpecValidator(seldon_cluster_info.ARGUMENT_SPEC).validate(given)
    assert not validation.error_messages
    return seldon_cluster_info.run(cluster, validation.validated_parameters, False, print)


def paths(cluster: ApiServer) -> list[str]:
    return sorted(path for _method, path in cluster.requests)


CONFIG = "/apis/config.openshift.io/v1"


@pytest.mark.parametrize(
    ("given", "facts", "requests"),
    [
        ({"gather": ["domain"]}, {"domain", "ingress_domain"}, [f"{CONFIG}/ingresses/cluster"]),
        ({"gather": ["version"]}, {"version", "upgrading"}, [f"{CONFIG}/clusterversions/version"]),
        (
            {"gather": ["default_storage_class"]},
            {"default_storage_class"},
            ["/apis/storage.k8s.io/v1/storageclasses"],
        ),
        ({"gather": ["domain", "domain"]}, {"domain", "ingress_domain"}, [f"{CONFIG}/ingresses/cluster"]),
        ({"gather": []}, set(), []),
        ({"objects": {}}, set(), []),
        ({"objects": {"pods": POD}}, set(), ["/api/v1/pods"]),
        ({"kinds": [MESH]}, set(), ["/apis/maistra.io/v2"]),
        ({"kinds": [MESH, MESH, SERVER]}, set(), ["/apis/maistra.io/v2", "/apis/mlops.seldon.io/v1alpha1"]),
        ({"rights": [{"verb": "get", "resource": "pods"}]}, set(), [REVIEWS]),
        (
            {"gather": ["domain"], "objects": {"pods": POD}},
            {"domain", "ingress_domain"},
            ["/api/v1/pods", f"{CONFIG}/ingresses/cluster"],
        ),
    ],
)
def test_only_what_is_asked_for_is_read(given: dict[str, Any], facts: set[str], requests: list[str]) -> None:
    cluster = OpenShift()
    found = ask(cluster, **given)
    assert FACTS & found.keys() == facts
    assert paths(cluster) == requests


def test_a_task_without_arguments_gets_every_fact() -> None:
    cluster = OpenShift()
    found = ask(cluster)
    assert found.keys() >= FACTS
    # Of the products' group-versions, only that which the cluster has is looked up.
    assert paths(cluster) == [
        "/apis",
        f"{CONFIG}/clusterversions/version",
        f"{CONFIG}/ingresses/cluster",
        "/apis/maistra.io/v2",
        "/apis/storage.k8s.io/v1/storageclasses",
    ]
    assert found["kinds"] == {
        f"{version}/{kind}": (version, kind) == ("maistra.io/v2", "ServiceMeshControlPlane")
        for version, kinds in PRODUCT_KINDS.items()
        for kind in kinds
    }


def test_kinds_asked_for_stand_beside_the_products() -> None:
    found = ask(OpenShift(), gather=["product_kinds"], kinds=[{"api_version": "apps/v1", "kind": "Nonsense"}])
    assert found["kinds"]["apps/v1/Nonsense"] is False
    assert found["kinds"]["maistra.io/v2/ServiceMeshControlPlane"] is True


def test_the_answer_holds_the_names_of_the_question() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n", "labels": {"a": "b"}}}
    collections = {
        "nothing": {**POD, "namespace": "elsewhere"},
        "pods": POD,
        "described": {**POD, "details": "true"},
        "unserved": {"api_version": "kibana.k8s.elastic.co/v1", "kind": "Kibana"},
    }
    assert ask(OpenShift(pod), objects=collections)["objects"] == {
        "nothing": [],
        "pods": [{"namespace": "n", "name": "p"}],
        "described": [
            {
                "namespace": "n",
                "name": "p",
                "api_version": "v1",
                "kind": "Pod",
                "labels": {"a": "b"},
                "owner": "",
                "release": "",
            }
        ],
        "unserved": [],
    }


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ([POD], "objects is a mapping of names to collections, for instance objects: {brokers: {"),
        ("pods", "objects is a mapping of names to collections"),
        ({"my-pods": POD}, "'my-pods' is not an identifier"),
        ({"2pods": POD}, "'2pods' is not an identifier"),
        ({2: POD}, "'2' is not an identifier"),
        ({"items": POD}, "'items' is a method of every mapping, which .objects.items would read"),
        ({"pods": [POD]}, "objects.pods is not a mapping"),
        ({"pods": {"kind": "Pod"}}, "objects.pods: missing required arguments: api_version."),
        ({"pods": {"api_version": "v1"}}, "objects.pods: missing required arguments: kind."),
        (
            {"pods": {**POD, "lables": "a=b"}},
            "objects.pods: unsupported parameters: lables. Supported parameters include",
        ),
        ({"pods": {**POD, "details": "maybe"}}, "objects.pods: "),
    ],
)
def test_wrong_objects_are_told_before_any_request(objects: Any, said: str) -> None:
    cluster = OpenShift()
    with pytest.raises(EngineError, match=re.escape(said)):
        ask(cluster, gather=["domain"], objects=objects)
    assert cluster.requests == []


def test_all_wrong_objects_are_told_together() -> None:
    with pytest.raises(EngineError, match=r"'my-pods' is not an identifier.*objects\.pods: missing.*: kind\."):
        ask(OpenShift(), objects={"my-pods": POD, "pods": {"api_version": "v1"}})


def test_an_unknown_fact_is_refused_with_those_there_are() -> None:
    validation = ArgumentSpecValidator(seldon_cluster_info.ARGUMENT_SPEC).validate({"gather": ["weather"]})
    assert (
        "version, domain, default_storage_class, product_kinds. Got no match for: weather"
        in validation.error_messages[0]
    )


@pytest.mark.parametrize(("progressing", "upgrading"), [("True", True), ("False", False), ("Unknown", False)])
def test_an_upgrade_is_seen(progressing: str, upgrading: bool) -> None:
    conditions = [{"type": "Available", "status": "True"}, {"type": "Progressing", "status": progressing}]
    found = {"status": {"desired": {"version": "4.11.59"}, "conditions": conditions}}
    assert version_of(found) == {"version": "4.11.59", "upgrading": upgrading}


def test_a_cluster_that_is_no_openshift_has_no_version() -> None:
    assert version_of(None) == {"version": None, "upgrading": False}
    assert domains_of(None) == {"domain": None, "ingress_domain": None}


def test_the_domain_of_applications_may_differ_from_the_ingress_domain() -> None:
    assert domains_of({"spec": {"domain": "apps.a", "appsDomain": "b"}}) == {"domain": "b", "ingress_domain": "apps.a"}
    assert domains_of({"spec": {"domain": "apps.a"}})["domain"] == "apps.a"


def test_the_youngest_of_several_default_classes_counts() -> None:
    def storage_class(name: str, created: str, default: str) -> dict[str, object]:
        annotations = {"storageclass.kubernetes.io/is-default-class": default}
        return {"metadata": {"name": name, "creationTimestamp": created, "annotations": annotations}}

    classes = [
        storage_class("old", "2022-01-01T00:00:00Z", "true"),
        storage_class("young", "2022-06-01T00:00:00Z", "true"),
        storage_class("other", "2022-07-01T00:00:00Z", "false"),
    ]
    assert default_class(classes) == "young"
    assert default_class([]) is None


class Refusing(OpenShift):
    """Lets nobody read Secrets and the ingress."""

    def request(self, method: str, path: str, *args: Any, **kwargs: Any) -> Object:
        refused = next((name for name in ("secrets", "ingresses") if name in path), "")
        if refused:
            raise ApiError(403, "Forbidden", f'no: User "x" cannot list resource "{refused}" in API group ""')
        return super().request(method, path, *args, **kwargs)


def test_what_may_not_be_read_is_never_absent() -> None:
    objects = {"pods": POD, "secrets": {"api_version": "v1", "kind": "Secret"}}
    for given in ({"objects": objects}, {"gather": ["domain"]}):
        with pytest.raises(EngineError, match=r"told: you may not list (secrets|ingresses)\. Next: .*\.rights"):
            ask(Refusing(), **given)
    told = ask(Refusing(), objects=objects, forbidden="tell")
    assert told["objects"] == {"pods": [], "secrets": []}
    assert told["unread"] == {"secrets": "you may not list secrets"}
