from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.waves import waves
from ansible_collections.seldon.openshift.plugins.module_utils.module import credentials
from ansible_collections.seldon.openshift.plugins.modules.seldon_cluster_info import (
    default_class,
    domains_of,
    version_of,
)


def test_secrets_of_a_kubeconfig_are_known_and_names_are_not() -> None:
    kubeconfig = {
        "current-context": "demo",
        "clusters": [{"name": "demo", "cluster": {"server": "https://api", "certificate-authority-data": "Q0E="}}],
        "users": [
            {"name": "admin", "user": {"token": "t0ken", "client-key-data": "a2V5", "password": "pw"}},
            {"name": "exec", "user": {"exec": {"command": "login", "env": [{"name": "KEY", "value": "s3cret"}]}}},
        ],
    }
    assert credentials(kubeconfig) == {"t0ken", "a2V5", "pw", "s3cret"}
    assert credentials("/root/.kube/config") == set()


def test_waves_put_first_what_others_need() -> None:
    kinds = ["Deployment", "RoleBinding", "CustomResourceDefinition", "Secret", "ServiceAccount", "Namespace", "Role"]
    order = [{obj["kind"] for obj in wave} for wave in waves([{"kind": kind} for kind in kinds])]
    assert order == [
        {"Namespace"},
        {"CustomResourceDefinition"},
        {"ServiceAccount", "Role"},
        {"Deployment", "RoleBinding", "Secret"},
    ]


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
