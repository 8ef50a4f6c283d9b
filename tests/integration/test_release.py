"""A Helm release that people and controllers have touched: what is put right, what is left, when Helm is started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kube import Object
from sandbox.simulator.objects import make
from tests.integration.cluster import JSON_OUTPUT, SHIPPED, Cluster

MODULE = "seldon.openshift.seldon_release"
NAMESPACE = "release"
DEPLOYMENT = ("apps/v1", "Deployment", "shop", NAMESPACE)
SETTINGS = ("v1", "ConfigMap", "shop", NAMESPACE)
LOGIN = ("v1", "Secret", "shop", NAMESPACE)
TILL = ("shop.example.com/v1", "Till", "shop", NAMESPACE)
ROLE = ("rbac.authorization.k8s.io/v1", "ClusterRole", "shop")
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\nappVersion: '1'\n",
    "values.yaml": "replicas: 1\ncolour: green\ntills: 1\n",
    "crds/till.yaml": json.dumps(
        make(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            "tills.shop.example.com",
            spec={
                "group": "shop.example.com",
                "scope": "Namespaced",
                "names": {"plural": "tills", "singular": "till", "kind": "Till"},
                "versions": [
                    {
                        "name": "v1",
                        "served": True,
                        "storage": True,
                        "schema": {
                            "openAPIV3Schema": {
                                "type": "object",
                                "properties": {
                                    "spec": {
                                        "type": "object",
                                        "properties": {
                                            "count": {"type": "integer"},
                                            "open": {"type": "boolean", "default": True},
                                        },
                                    }
                                },
                            }
                        },
                    }
                ],
            },
        )
    ),
    # What the server writes otherwise, or drops: no difference.
    "templates/all.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: shop, tier: web}, creationTimestamp: null}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}, creationTimestamp: null}
    spec:
      hostNetwork: false
      nodeSelector: {}
      containers:
        - name: shop
          image: registry.example.com/shop:1
          command: null
          ports: [{containerPort: 80}, {containerPort: 443}]
          resources: {requests: {cpu: 1000m, memory: 1024Mi}, limits: {cpu: "2.0"}}
          env:
            - {name: COLOUR, value: {{ .Values.colour }}}
            - {name: DB_PASSWORD, value: "{{ .Values.password }}"}
            - {name: EMPTY, value: ""}
      volumes: [{name: tmp, emptyDir: {}}]
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data: {colour: {{ .Values.colour }}, size: "1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shop-more}
data: {}
---
apiVersion: v1
kind: Secret
metadata: {name: shop}
stringData: {key: "{{ .Values.password }}"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: shop, namespace: nowhere}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
---
apiVersion: shop.example.com/v1
kind: Till
metadata: {name: shop}
spec: {count: {{ .Values.tills }}}
""",
}
VALUES = {"password": "s3cr3t-of-the-shop"}


class Release:
    """One release of the chart, with the task that keeps it."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.kube, self.chart = cluster, cluster.kube, folder / "shop"
        for name, text in CHART.items():
            (self.chart / name).parent.mkdir(parents=True, exist_ok=True)
            (self.chart / name).write_text(text)
        self.kube.apply(make("v1", "Namespace", NAMESPACE))

    def run(self, *options: str, environment: dict[str, str] | None = None, **given: Any) -> Object:
        """Return the task's result, failed or not."""
        arguments = {
            "name": "shop",
            "namespace": NAMESPACE,
            "chart_ref": str(self.chart),
            "values": VALUES,
            **given,
        }
        play = [{"hosts": "seldon_clusters", "gather_facts": False, "tasks": [{MODULE: arguments}]}]
        done = subprocess.run(
            ["ansible-playbook", "/dev/stdin", "--diff", *options],
            input=json.dumps(play),
            env={**self.cluster.environment(), **JSON_OUTPUT, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert VALUES["password"] not in done.stdout + done.stderr
        result: Object = json.loads(done.stdout)["plays"][0]["tasks"][0]["hosts"]["cluster"]
        return result

    def fields(self, result: Object) -> dict[str, tuple[str, str]]:
        """Return who held each field that the result tells of, and its fate."""
        return {
            f"{entry['kind']} {each['field']}": (each["manager"], each["fate"])
            for entry in result["results"]
            for each in entry.get("fields", [])
        }

    def kubectl(self, *arguments: str) -> None:
        """Do what a person does."""
        kubectl = ["kubectl", "-n", NAMESPACE, *arguments]
        subprocess.run(kubectl, env=self.cluster.environment(), check=True, capture_output=True)

    def patch(self, where: tuple[str, ...], body: Object, manager: str = "kubectl-patch", kind: str = "merge") -> None:
        """Patch an object as a client of some name does."""
        path = self.kube.path(where[0], where[1], where[2], NAMESPACE)
        content = f"application/{kind}-patch+json"
        self.kube.request("PATCH", f"{path}?fieldManager={manager}", body, content)

    def got(self, where: tuple[str, ...]) -> Object:
        found = self.kube.get(*where)
        assert found, where
        return found

    def revision(self) -> int:
        records = self.kube.list("v1", "Secret", NAMESPACE, "owner=helm,name=shop")
        return max(int(each["metadata"]["labels"]["version"]) for each in records)

    def drift(self) -> None:
        """Change what people change: by patch and scale, in lists and labels, of built-in kinds and of another."""
        self.patch(DEPLOYMENT, {"spec": {"replicas": 3}})
        env = [{"name": "COLOUR", "value": "red"}, {"name": "DB_PASSWORD", "value": "other"}]
        containers = [{"name": "shop", "env": env, "resources": {"limits": {"cpu": "2500m"}}}]
        template = {"spec": {"containers": containers}}
        self.patch(DEPLOYMENT, {"spec": {"template": template}}, "kubectl-set", "strategic-merge")
        self.patch(DEPLOYMENT, {"metadata": {"labels": {"tier": None}}}, "kubectl-label")
        self.patch(DEPLOYMENT, [{"op": "remove", "path": "/spec/template/spec/containers/0/ports/1"}], kind="json")
        self.patch(SETTINGS, {"data": {"colour": "red", "size": None}}, "kubectl-edit")
        self.patch(LOGIN, {"data": {"key": "b3RoZXI="}}, "Mozilla")
        self.patch(ROLE, {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}, "oc")
        self.patch(TILL, {"spec": {"count": 5}}, "OpenAPI-Generator")


@pytest.fixture(scope="module")
def release(shared_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    return Release(shared_cluster, tmp_path_factory.mktemp("release"))


@pytest.fixture
def no_helm(tmp_path: Path) -> dict[str, str]:
    """An environment in which every Helm fails."""
    helm = tmp_path / "helm"
    helm.write_text("#!/bin/sh\necho nobody asks for Helm here >&2\nexit 9\n")
    helm.chmod(0o755)
    return {"PATH": f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}"}


def test_check_mode_says_what_would_be_installed(release: Release) -> None:
    result = release.run("--check")
    assert (result["changed"], result["helm"], result["results"][0]["action"]) == (True, "install", "created")
    assert result["diff"][0]["after"] == ".values.password: (hidden)\n"
    assert release.kube.list("v1", "Secret", NAMESPACE, "owner=helm") == []


def test_an_unchanged_release_starts_no_helm_and_costs_few_requests(release: Release, no_helm: dict[str, str]) -> None:
    """Wherever the task runs; what the API server wrote in other words is no difference."""
    assert release.run()["changed"] is True
    asked: list[Object] = []

    def unchanged() -> None:
        asked.append(release.run(environment=no_helm))

    requests = release.cluster.requests(unchanged)
    ours = [each["requestURI"] for each in requests if each.get("userAgent") == "seldon.openshift"]
    assert len(ours) <= 8, "\n".join(ours)  # the records, six kinds, and where the unknown one lives
    assert {each["verb"] for each in requests if each.get("userAgent") == "seldon.openshift"} <= {"get", "list"}
    shipped = release.run(*SHIPPED, environment=no_helm)
    for result in (*asked, shipped):
        assert (result["changed"], result["helm"], result["revision"]) == (False, "none", 1)
        assert {entry["action"] for entry in result["results"]} == {"unchanged"}


def test_what_people_change_is_put_back_and_told_from_whom(release: Release, no_helm: dict[str, str]) -> None:
    release.drift()
    assert release.run("--check", environment=no_helm)["changed"] is True
    refused = release.run(conflicts="refuse", environment=no_helm)
    assert refused["failed"]
    assert not refused["changed"]
    assert ".spec.replicas (kubectl-patch)" in refused["msg"]
    assert "-e seldon_conflicts=heal" in refused["msg"]
    assert release.got(DEPLOYMENT)["spec"]["replicas"] == 3
    result = release.run(environment=no_helm)
    container = '.spec.template.spec.containers[name="shop"]'
    assert release.fields(result) == {
        "Deployment .metadata.labels.tier": ("", "added"),
        "Deployment .spec.replicas": ("kubectl-patch", "taken_back"),
        f'Deployment {container}.env[name="COLOUR"].value': ("kubectl-set", "taken_back"),
        f'Deployment {container}.env[name="DB_PASSWORD"].value': ("kubectl-set", "taken_back"),
        f"Deployment {container}.resources.limits.cpu": ("kubectl-set", "taken_back"),
        f'Deployment {container}.ports[containerPort=443,protocol="TCP"]': ("", "added"),
        "ConfigMap .data.colour": ("kubectl-edit", "taken_back"),
        "ConfigMap .data.size": ("", "added"),
        "Secret .data.key": ("Mozilla", "taken_back"),
        "ClusterRole .rules[0].verbs": ("oc", "taken_back"),
        "Till .spec.count": ("OpenAPI-Generator", "taken_back"),
    }
    assert "other" not in json.dumps(result["diff"])
    spec = release.got(DEPLOYMENT)["spec"]
    assert (spec["replicas"], [port["containerPort"] for port in container_of(spec)["ports"]]) == (1, [80, 443])
    assert [entry.get("value") for entry in container_of(spec)["env"]][:2] == ["green", VALUES["password"]]
    assert release.got(TILL)["spec"]["count"] == 1
    assert release.run(environment=no_helm)["changed"] is False
    assert release.revision() == 1


def container_of(spec: Object) -> Object:
    found: Object = spec["template"]["spec"]["containers"][0]
    return found


def test_what_people_delete_is_made_again(release: Release, no_helm: dict[str, str]) -> None:
    for where in (DEPLOYMENT, TILL, ROLE):
        release.kube.delete(release.got(where))
    result = release.run(environment=no_helm)
    actions = {entry["kind"]: entry["action"] for entry in result["results"] if entry["action"] != "unchanged"}
    assert actions == {"Deployment": "created", "Till": "created", "ClusterRole": "created"}
    assert release.got(DEPLOYMENT)["metadata"]["annotations"]["meta.helm.sh/release-name"] == "shop"
    assert release.run(environment=no_helm)["changed"] is False


def test_what_a_controller_holds_and_what_people_add_is_left_and_told(
    release: Release, no_helm: dict[str, str]
) -> None:
    """Also while something else is put right."""
    release.patch(DEPLOYMENT, {"spec": {"replicas": 4}}, "kube-controller-manager")
    env = {"spec": {"template": {"spec": {"containers": [{"name": "shop", "env": [{"name": "NEW", "value": "1"}]}]}}}}
    release.patch(DEPLOYMENT, env, "kubectl-set", "strategic-merge")
    for changed in (False, False):
        result = release.run(environment=no_helm)
        assert result["changed"] is changed
        told = " ".join(result["warnings"])
        assert ".spec.replicas (kube-controller-manager)" in told
        assert 'env[name="NEW"] (kubectl-set)' in told
    release.patch(DEPLOYMENT, {"metadata": {"labels": {"tier": "other"}}})
    assert release.run(environment=no_helm)["changed"] is True
    live = release.got(DEPLOYMENT)
    assert (live["metadata"]["labels"]["tier"], live["spec"]["replicas"]) == ("web", 4)
    assert release.run(environment=no_helm, conflicts="refuse")["failed"] is True
    assert release.run(environment=no_helm, conflicts="force")["changed"] is True
    assert release.got(DEPLOYMENT)["spec"]["replicas"] == 1
    gone = {
        "spec": {"template": {"spec": {"containers": [{"name": "shop", "env": [{"name": "NEW", "$patch": "delete"}]}]}}}
    }
    release.patch(DEPLOYMENT, gone, "kubectl-set", "strategic-merge")
    assert "warnings" not in release.run(environment=no_helm)


def test_other_values_are_an_upgrade_that_mends_custom_resources_too(release: Release) -> None:
    """Helm gives a custom resource only what is other than in the manifest before."""
    release.patch(TILL, {"spec": {"count": 7}})
    result = release.run(values={**VALUES, "colour": "blue"})
    assert (result["changed"], result["helm"], result["revision"]) == (True, "upgrade", 2)
    assert ("Release .values.colour", ("", "added")) in release.fields(result).items()
    assert release.got(SETTINGS)["data"]["colour"] == "blue"
    assert release.got(TILL)["spec"]["count"] == 1
    assert release.run(values={**VALUES, "colour": "blue"})["changed"] is False


def test_another_chart_is_an_upgrade(release: Release) -> None:
    chart = release.chart / "Chart.yaml"
    chart.write_text(CHART["Chart.yaml"].replace("1.0.0", "1.1.0"))
    result = release.run()
    assert release.fields(result)["Release .chart.version"] == ("", "changed")
    assert release.fields(result)["Release .values.colour"] == ("", "removed")
    assert (release.revision(), release.run()["changed"]) == (3, False)


def test_a_release_of_others_is_used_as_it_is_and_changed_with_consent_alone(release: Release) -> None:
    own, theirs = {"name": "theirs", "namespace": f"{NAMESPACE}-theirs"}, {"name": "theirs"}
    release.kube.apply(make("v1", "Namespace", own["namespace"]))
    chart = release.chart.with_name("theirs")
    for name, text in CHART.items():
        (chart / name).parent.mkdir(parents=True, exist_ok=True)
        (chart / name).write_text(text.replace("{name: shop", "{name: theirs"))
    helm = [
        "helm",
        "install",
        "theirs",
        str(chart),
        "-n",
        own["namespace"],
        "--set",
        "password=s3cr3t-of-the-shop,colour=red",
    ]
    subprocess.run(helm, env=release.cluster.environment(), check=True, capture_output=True)
    refused = release.run(**own, chart_ref=str(chart))
    assert refused["failed"]
    assert not refused["changed"]
    assert release.fields(refused) == {"Release .values.colour": ("", "refused")}
    assert "-e seldon_adopt=true" in refused["msg"]
    elsewhere = release.run("--check", **theirs, chart_ref=str(chart))
    assert f"namespace {own['namespace']} has a Helm release theirs as well" in " ".join(elsewhere["warnings"])
    clash = release.run(**theirs, chart_ref=str(chart))
    assert f"helm uninstall theirs -n {own['namespace']}" in clash["msg"]
    same = {**VALUES, "colour": "red"}
    assert release.run(**own, chart_ref=str(chart), values=same)["changed"] is False  # and is ours from now on
    assert release.run(**own, chart_ref=str(chart))["revision"] == 2


def test_consent_takes_over_a_release_of_others(release: Release) -> None:
    helm = ["helm", "install", "given", str(release.chart.with_name("given")), "-n", f"{NAMESPACE}-given"]
    release.kube.apply(make("v1", "Namespace", f"{NAMESPACE}-given"))
    chart = release.chart.with_name("given")
    for name in ("Chart.yaml", "values.yaml"):
        chart.mkdir(exist_ok=True)
        (chart / name).write_text(CHART[name])
    subprocess.run([*helm, "--set", "a=1"], env=release.cluster.environment(), check=True, capture_output=True)
    own = {"name": "given", "namespace": f"{NAMESPACE}-given", "chart_ref": str(chart)}
    assert release.run(**own)["failed"] is True
    assert release.run(**own, adopt=True)["revision"] == 2
    assert release.run(**own)["changed"] is False
    subprocess.run(
        [*helm[:1], "upgrade", *helm[2:], "--set", "b=2"],
        env=release.cluster.environment(),
        check=True,
        capture_output=True,
    )
    assert release.run(**own)["revision"] == 4  # somebody's upgrade: the mark stays with the release


def test_what_exists_without_helm_is_explained(release: Release) -> None:
    release.kube.apply(make("v1", "Namespace", f"{NAMESPACE}-hand"))
    release.kube.apply(make("v1", "ConfigMap", "shop", f"{NAMESPACE}-hand", data={}))
    result = release.run(name="shop", namespace=f"{NAMESPACE}-hand", several=True)
    assert result["failed"]
    assert "invalid ownership metadata" in result["msg"]
    assert "app.kubernetes.io/managed-by=Helm" in result["msg"] or "helm uninstall" in result["msg"]


def test_the_way_back(release: Release, no_helm: dict[str, str]) -> None:
    assert release.run(state="absent")["changed"] is True
    assert release.kube.get(*DEPLOYMENT) is None
    assert release.run(state="absent", environment=no_helm)["changed"] is False
