"""What a fresh cluster holds, and that running again undoes nothing."""

from __future__ import annotations

import json
from typing import cast

import pytest
import yaml

from sandbox import platform
from sandbox.definitions import PLATFORM, Definitions
from sandbox.kube import ApiError, Kube, Object
from sandbox.platform import Options

BUILT_IN = {"v1", "apps/v1", "rbac.authorization.k8s.io/v1", "scheduling.k8s.io/v1", "storage.k8s.io/v1"}


def find(options: Options, kind: str, name: str) -> Object | None:
    return next((o for o in platform.objects(options) if (o["kind"], o["metadata"]["name"]) == (kind, name)), None)


def present(options: Options, kind: str, name: str) -> Object:
    found = find(options, kind, name)
    assert found, f"{kind} {name}"
    return found


class FakeKube:
    """An API server that stores objects and refuses those that exist."""

    def __init__(self, *stored: Object) -> None:
        self.stored = {obj["metadata"]["name"]: obj for obj in stored}

    def create(self, obj: Object) -> Object:
        name = obj["metadata"]["name"]
        if name in self.stored:
            raise ApiError(409, json.dumps({"reason": "AlreadyExists", "message": name}))
        if name == "refused":
            raise ApiError(422, json.dumps({"reason": "Invalid", "message": "spec.color: unknown"}))
        self.stored[name] = {key: value for key, value in obj.items() if key != "status"}
        return self.stored[name]

    def set_status(self, obj: Object, status: Object) -> Object:
        self.stored[obj["metadata"]["name"]] = {**obj, "status": status}
        return self.stored[obj["metadata"]["name"]]


def secret(name: str, **fields: object) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, **fields}


def test_running_again_leaves_what_users_changed():
    changed = secret("alertmanager-main", data="edited by a user", status={"written": "by an operator"})
    kube = FakeKube(changed)
    wanted = [secret("alertmanager-main", data="default", status={}), secret("new", status={"phase": "Ready"})]
    platform.create_missing(cast(Kube, kube), wanted)
    assert kube.stored["alertmanager-main"] == changed
    assert kube.stored["new"]["status"] == {"phase": "Ready"}


def test_a_refused_object_is_named():
    with pytest.raises(ApiError, match=r"Secret refused: spec\.color: unknown"):
        platform.create_missing(cast(Kube, FakeKube()), [secret("refused")])


def test_every_kind_is_served_when_its_objects_come():
    served = {
        (f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"])
        for crd in Definitions().load(*PLATFORM)
        for version in crd["spec"]["versions"]
    }
    kinds = {(obj["apiVersion"], obj["kind"]) for obj in platform.objects(Options())}
    assert {kind for kind in kinds if kind[0] not in BUILT_IN} <= served


def test_every_namespaced_object_has_a_namespace_of_the_cluster():
    everything = platform.objects(Options())
    namespaces = {obj["metadata"]["name"] for obj in everything if obj["kind"] == "Namespace"}
    assert {obj["metadata"]["namespace"] for obj in everything if "namespace" in obj["metadata"]} <= namespaces
    assert "openshift-logging" not in namespaces


def test_the_namespaces_carry_the_labels_that_network_policies_select():
    groups = {
        obj["metadata"]["name"]: obj["metadata"]["labels"]["network.openshift.io/policy-group"]
        for obj in platform.objects(Options())
        if obj["kind"] == "Namespace" and "network.openshift.io/policy-group" in obj["metadata"].get("labels", {})
    }
    assert groups == {
        "openshift-ingress": "ingress",
        "openshift-monitoring": "monitoring",
        "openshift-user-workload-monitoring": "monitoring",
    }


def test_domain_and_version_are_the_asked_ones_everywhere():
    options = Options(domain="apps.ocp.acme.test", version="4.11.44")
    text = json.dumps(platform.objects(options))
    assert platform.VERSION not in text
    assert "sandbox.example.com" not in text
    assert present(options, "Ingress", "cluster")["spec"]["domain"] == "apps.ocp.acme.test"
    assert present(options, "DNS", "cluster")["spec"]["baseDomain"] == "ocp.acme.test"
    assert present(options, "ClusterVersion", "version")["status"]["desired"]["version"] == "4.11.44"


@pytest.mark.parametrize(
    ("load_balancers", "infrastructure", "publishing"),
    [(True, "AWS", "LoadBalancerService"), (False, "None", "HostNetwork")],
)
def test_the_infrastructure_fits_the_load_balancers(load_balancers: bool, infrastructure: str, publishing: str):
    options = Options(load_balancers=load_balancers)
    assert present(options, "Infrastructure", "cluster")["status"]["platformStatus"]["type"] == infrastructure
    router = present(options, "IngressController", "default")
    assert router["status"]["endpointPublishingStrategy"]["type"] == publishing


def test_a_cluster_can_be_without_templates():
    assert find(Options(), "Template", "postgresql-persistent")
    assert not find(Options(templates=False), "Template", "postgresql-persistent")


def test_the_databases_template_uses_only_parameters_that_it_has():
    template = present(Options(), "Template", "postgresql-persistent")
    used = set(yaml.safe_dump(template["objects"]).split("${")[1:])
    assert {part.split("}")[0] for part in used} <= {parameter["name"] for parameter in template["parameters"]}
    kinds = [obj["kind"] for obj in template["objects"]]
    assert kinds == ["Secret", "Service", "PersistentVolumeClaim", "DeploymentConfig"]


def test_alertmanagers_default_routes_are_those_of_4_11():
    configuration = yaml.safe_load(present(Options(), "Secret", "alertmanager-main")["stringData"]["alertmanager.yaml"])
    assert [receiver["name"] for receiver in configuration["receivers"]] == ["Default", "Watchdog", "Critical", "null"]
    assert [(route["matchers"], route["receiver"]) for route in configuration["route"]["routes"]] == [
        (["alertname = Watchdog"], "Watchdog"),
        (["alertname = InfoInhibitor"], "null"),
        (["severity = critical"], "Critical"),
    ]


def test_what_others_installed_comes_too():
    stranger = secret("strangers")
    assert stranger in platform.objects(Options(extra=(stranger,)))
