"""drift.yml on a finished cluster: nothing first, then exactly what people changed, and never a write."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from sandbox.kube import ApiError, Kube, Object
from sandbox.paths import CHECKOUT
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import until
from tests.printed import blocks

PAGE = (CHECKOUT / "docs/drift.md").read_text()
COMMAND = "ansible-playbook seldon.openshift.drift"
MERGE = "application/merge-patch+json"
HOME = ACCOUNT = "seldon-drift"


@dataclass(frozen=True)
class Told:
    """What a run of drift.yml said, and which requests it made. kubeconfig: whose rights it had."""

    result: subprocess.CompletedProcess[str]
    report: Object
    requests: list[Object]

    def differing(self) -> set[str]:
        """Return the objects that differ, or the chapters that could not be read."""
        found = [each for each in self.report["findings"] if each["verdict"] != "same"]
        return {
            f"{each['kind']} {each['name']}" if each["kind"] else f"{each['chapter']}: {each['action']}"
            for each in found
        }

    def writes(self) -> list[str]:
        """Return the requests that would have changed something, those that were refused as well."""
        ours = [each for each in self.requests if each.get("userAgent", "").startswith(("seldon", "Helm"))]
        assert ours
        return [
            f"{each['verb']} {each['requestURI']}"
            for each in ours
            if each["verb"] not in ("get", "list", "watch") and "dryRun=All" not in each["requestURI"]
        ]


@dataclass(frozen=True)
class Drifts:
    """A cluster and a folder for the reports; the cache of facts outlives each run."""

    cluster: Cluster
    folder: Path

    def run(self, *options: str, kubeconfig: Path | None = None, report: str = "report") -> Told:
        """Run drift.yml as it is printed."""
        more = {
            "KUBECONFIG": str(kubeconfig or self.cluster.kubeconfig),
            "ANSIBLE_CACHE_PLUGIN": "jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self.folder / "facts"),
        }
        folder = ["-e", f"drift_report_dir={self.folder}"]
        results: list[subprocess.CompletedProcess[str]] = []
        requests = self.cluster.requests(
            lambda: results.append(
                subprocess.run(
                    [*COMMAND.split(), *self.cluster.values(), *folder, *options],
                    env=self.cluster.environment() | more,
                    cwd=CHECKOUT,
                    capture_output=True,
                    text=True,
                    check=False,
                )
            )
        )
        path = self.folder / f"{report}.json"
        assert path.exists(), results[0].stdout + results[0].stderr
        content = json.loads(path.read_text())
        path.unlink()
        return Told(results[0], content, requests)

    def junit(self) -> ElementTree.Element:
        """Return the last report for pipelines."""
        return ElementTree.parse(self.folder / "junit.xml").getroot()


@pytest.fixture(scope="module")
def drifts(finished_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Drifts:
    return Drifts(finished_cluster, tmp_path_factory.mktemp("drift"))


@dataclass(frozen=True)
class Drift:
    """What somebody did to an object, and what is told of it."""

    api_version: str
    kind: str
    name: str
    namespace: str | None
    chapter: str
    patch: Object | None = None
    manager: str = "kubectl-patch"
    subresource: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    def happen(self, kube: Kube) -> None:
        """Let it be done."""
        obj = {"apiVersion": self.api_version, "kind": self.kind, "metadata": {"name": self.name}}
        if self.namespace:
            obj["metadata"]["namespace"] = self.namespace
        if self.patch is None:
            assert kube.delete(obj)
        else:
            path = kube.path_of(obj, self.subresource)
            kube.request("PATCH", f"{path}?fieldManager={self.manager}", self.patch, MERGE)


# Each of another kind: patched, scaled, deleted, without its label, with another value of a Secret.
HAPPENED = [
    Drift(
        *("kafka.strimzi.io/v1beta2", "Kafka", "seldon", "seldon-kafka", "kafka"),
        patch={"spec": {"kafka": {"replicas": 5}}},
        fields={".spec.kafka.replicas": "kubectl-patch"},
    ),
    Drift(
        *("apps/v1", "Deployment", "seldon-deploy", "seldon-system", "seldon_deploy"),
        patch={"spec": {"replicas": 3}},
        manager="kubectl-scale",
        subresource="scale",
        fields={".spec.replicas": "kubectl-scale"},
    ),
    Drift("networking.k8s.io/v1", "NetworkPolicy", "seldon-detectors", "seldon", "model_namespace"),
    Drift(
        *("v1", "Namespace", "seldon-gitops", None, "model_namespace"),
        patch={"metadata": {"labels": {"seldon.restricted": None}}},
        fields={".metadata.labels.seldon.restricted": ""},
    ),
    Drift(
        *("v1", "Secret", "jwt-seldon", "seldon-system", "monitoring"),
        patch={"data": {"jwt-seldon.txt": base64.b64encode(b"wrong").decode()}},
        manager="kubectl-edit",
        fields={".data.jwt-seldon.txt": "kubectl-edit"},
    ),
]
OBJECTS = {f"{each.kind} {each.name}" for each in HAPPENED}


def test_a_cluster_that_nobody_has_touched(drifts: Drifts) -> None:
    told = drifts.run()
    assert told.result.returncode == 0, told.result.stdout
    assert told.differing() == set()
    assert told.report["counts"] == {"drifted": 0, "failed": 0, "left": 0, "same": len(told.report["findings"])}
    assert len(told.report["findings"]) > 70
    assert "Nothing has drifted" in told.result.stdout
    assert told.writes() == []
    assert len(told.requests) < 600
    assert recap(told.result)["changed"] == 0
    suites = drifts.junit()
    assert {suite.get("failures") for suite in suites} == {"0"}
    assert len(suites.findall(".//testcase")) == len(told.report["findings"])


def test_what_an_earlier_run_has_left_in_a_cache_of_facts_is_no_finding(drifts: Drifts) -> None:
    told = drifts.run("--tags", "kafka")
    assert told.result.returncode == 0, told.result.stdout
    assert {each["chapter"] for each in told.report["findings"]} == {"kafka"}
    assert "misspelt" not in told.result.stdout + told.result.stderr


@pytest.fixture(scope="module")
def drifted(drifts: Drifts) -> Drifts:
    """The cluster after five drifts."""
    for each in HAPPENED:
        each.happen(drifts.cluster.kube)
    return drifts


@pytest.fixture(scope="module")
def everything(drifted: Drifts) -> Told:
    return drifted.run()


def test_each_drift_is_told_and_nothing_else(everything: Told) -> None:
    assert everything.result.returncode == 2
    assert everything.differing() - OBJECTS <= {"Deployment seldon-deploy"}  # it would restart for the Secret, too
    assert OBJECTS - everything.differing() == set()


@pytest.mark.parametrize("drift", HAPPENED, ids=lambda drift: drift.kind)
def test_a_drift_is_told_with_its_fields_and_who_changed_them(everything: Told, drift: Drift) -> None:
    found = [
        each
        for each in everything.report["findings"]
        if (each["kind"], each["name"], each["namespace"]) == (drift.kind, drift.name, drift.namespace)
        and each["action"] != "restarted"
    ]
    assert [(each["verdict"], each["chapter"]) for each in found] == [("drifted", drift.chapter)]
    assert {each["field"]: each["manager"] for each in found[0]["fields"]} == drift.fields
    assert found[0]["action"] == ("updated" if drift.patch else "created")


def test_nothing_was_written_and_no_secret_was_told(everything: Told) -> None:
    assert everything.writes() == []
    assert base64.b64encode(b"wrong").decode() not in json.dumps(everything.report) + everything.result.stdout


def test_the_failure_lists_the_objects(everything: Told) -> None:
    told = everything.result.stdout + everything.result.stderr
    for line in (r"differ: .*Kafka seldon-kafka/seldon", r"fail +kafka\.drift +Kafka seldon-kafka/seldon: .*wanted 3"):
        assert re.search(line, told), told


def test_a_tag_compares_its_chapter_only(drifted: Drifts) -> None:
    told = drifted.run("--tags", "kafka")
    assert told.result.returncode == 2
    assert {each["chapter"] for each in told.report["findings"]} == {"kafka"}
    assert told.differing() == {"Kafka seldon"}


def test_a_schedule_may_only_want_to_know(drifted: Drifts) -> None:
    told = drifted.run("--tags", "kafka", "-e", "drift_fail_on=never")
    assert told.result.returncode == 0
    assert told.differing() == {"Kafka seldon"}


@pytest.fixture(scope="module")
def reader(drifted: Drifts) -> Path:
    """The kubeconfig of the CronJob's account, with the rights that docs/drift.md gives it."""
    kube = drifted.cluster.kube
    (manifest,) = [text for text in blocks(PAGE, "yaml") if "kind: CronJob" in text]
    for obj in yaml.safe_load_all(manifest):
        kube.apply(obj)
    (line,) = re.findall(r"^for namespace in (.*); do$", PAGE, re.MULTILINE)
    for namespace in line.split():
        kube.apply(binding(namespace))
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 14400}}
    answer = kube.request("POST", f"/api/v1/namespaces/{HOME}/serviceaccounts/{ACCOUNT}/token", asked)
    config = yaml.safe_load(drifted.cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": answer["status"]["token"]}
    path = drifted.folder / "reader.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    until(lambda: readable(path))
    return path


def binding(namespace: str) -> Object:
    """Return what `oc create rolebinding` makes."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "seldon-drift-secrets", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "seldon-drift-secrets"},
        "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": HOME}],
    }


def readable(kubeconfig: Path) -> bool:
    """Tell whether the API server has taken notice of the last binding."""
    try:
        return bool(Kube(str(kubeconfig)).get("v1", "Secret", "jwt-seldon", "seldon-system"))
    except ApiError:
        return False


def test_who_may_only_read_is_told_the_same(drifted: Drifts, everything: Told, reader: Path) -> None:
    told = drifted.run(kubeconfig=reader)
    assert told.result.returncode == 2
    assert told.differing() == everything.differing()
    assert told.report["counts"]["failed"] == 0
    assert re.search(r"you may not patch kafkas\.kafka\.strimzi\.io", told.result.stderr + told.result.stdout)
    assert told.writes() == []


def test_what_cannot_be_read_is_told_and_the_other_chapters_are_compared(
    drifted: Drifts, everything: Told, reader: Path
) -> None:
    kube = drifted.cluster.kube
    role = kube.get("rbac.authorization.k8s.io/v1", "ClusterRole", ACCOUNT) or {}
    groups = role["rules"][1]["apiGroups"]
    rules = [role["rules"][0], {**role["rules"][1], "apiGroups": [name for name in groups if name != "argoproj.io"]}]
    kube.patch(role, {"rules": rules})
    until(lambda: not can_read_projects(reader))
    told = drifted.run(kubeconfig=reader)
    assert told.result.returncode == 2
    lost = {each["chapter"] for each in told.report["findings"] if each["verdict"] == "failed"}
    assert lost == {"gitops", "model_namespace"}
    assert {name for name in everything.differing() if name.startswith("Kafka")} <= told.differing()
    assert any("argoproj.io" in each["message"] for each in told.report["findings"] if each["verdict"] == "failed")


def can_read_projects(kubeconfig: Path) -> bool:
    try:
        return bool(Kube(str(kubeconfig)).get("argoproj.io/v1alpha1", "AppProject", "seldon", "seldon-argocd"))
    except ApiError:
        return False


def test_each_cluster_has_its_report_and_one_that_is_lost_hides_no_other(drifted: Drifts) -> None:
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    hosts = {"here": {}, "lost": {"seldon_kubeconfig": str(drifted.folder / "none")}}
    inventory = drifted.folder / "hosts.json"
    inventory.write_text(json.dumps({"seldon_clusters": {"hosts": hosts, "vars": host}}))
    told = drifted.run("-i", str(inventory), "--tags", "kafka", report="here-report")
    assert told.result.returncode == 2
    assert told.differing() == {"Kafka seldon"}
    lost = json.loads((drifted.folder / "lost-report.json").read_text())
    assert [(each["verdict"], each["action"]) for each in lost["findings"]] == [("failed", "unread")]
    assert "none" in lost["findings"][0]["message"]
