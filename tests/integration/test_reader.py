"""Who may only read, and not everything: what is forbidden is told as such, never as absent or broken."""

from __future__ import annotations

import json
import shlex
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from sandbox.simulator.objects import make
from tests.integration.cluster import Cluster
from tests.integration.helpers import until

RBAC = "rbac.authorization.k8s.io/v1"
NAME, HOME = "reader", "default"


@dataclass(frozen=True)
class Reader:
    """A service account with the cluster role view, and the kubeconfig with its token."""

    cluster: Cluster
    folder: Path

    def playbook(self, name: str, **given: str) -> subprocess.CompletedProcess[str]:
        """Run a playbook as the service account."""
        return subprocess.run(
            ["ansible-playbook", f"playbooks/{name}.yml", *self.cluster.values(), "-e", json.dumps(given)],
            env=self.cluster.environment() | {"KUBECONFIG": str(self.folder / "kubeconfig")},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )

    def validate(self) -> Object:
        """Return the report of validate.yml."""
        result = self.playbook("validate", validate_report_dir=str(self.folder))
        report = self.folder / "report.json"
        assert report.exists(), result.stdout + result.stderr
        found: Object = json.loads(report.read_text())
        report.unlink()
        return found

    def bind(self, role: str) -> None:
        """Give the service account a cluster role."""
        subject = {"kind": "ServiceAccount", "name": NAME, "namespace": HOME}
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
        binding = make(RBAC, "ClusterRoleBinding", f"{NAME}-{role}", roleRef=reference, subjects=[subject])
        self.cluster.kube.apply(binding)


@pytest.fixture(scope="module")
def reader(finished_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    kube, folder = finished_cluster.kube, tmp_path_factory.mktemp("reader")
    kube.create(make("v1", "ServiceAccount", NAME, HOME))
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 14400}}
    answer = kube.request("POST", f"/api/v1/namespaces/{HOME}/serviceaccounts/{NAME}/token", asked)
    config = yaml.safe_load(finished_cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": answer["status"]["token"]}
    (folder / "kubeconfig").write_text(yaml.safe_dump(config))
    made = Reader(finished_cluster, folder)
    made.bind("view")
    return made


def may(reader: Reader, right: Object) -> bool:
    """Tell whether the API server has taken notice of a role."""
    user = f"system:serviceaccount:{HOME}:{NAME}"
    review = make(
        "authorization.k8s.io/v1", "SubjectAccessReview", "", spec={"user": user, "resourceAttributes": right}
    )
    answer = reader.cluster.kube.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    return bool(answer["status"]["allowed"])


def said(result: subprocess.CompletedProcess[str]) -> str:
    return " ".join((result.stdout + result.stderr).split())


def test_preflight_names_the_right_that_each_look_lacks(reader: Reader) -> None:
    result = reader.playbook("preflight")
    told = said(result)
    assert result.returncode != 0
    for part in (
        "cannot tell which version of OpenShift it is",
        "you may not get clusterversions.config.openshift.io",
        "cannot tell whether a StorageClass is the default: you may not list storageclasses.storage.k8s.io",
        "cannot tell who manages the configuration of Alertmanager: you may not get secrets in openshift-monitoring",
    ):
        assert part in told
    for wrong in ("is not OpenShift", "found: none", "Traceback"):
        assert wrong not in told


def test_doctor_collects_what_it_may_and_lists_the_rest(reader: Reader) -> None:
    path = reader.folder / "doctor.tar.gz"
    result = reader.playbook("doctor", doctor_path=str(path))
    assert result.returncode == 0, said(result)
    assert "rights.txt" in said(result)
    assert "no secret's value is in it" not in said(result)
    with tarfile.open(path) as archive:
        members = {name.partition("/")[2]: name for name in archive.getnames()}

        def text(name: str) -> str:
            file = archive.extractfile(members[name])
            assert file
            return file.read().decode()

        assert "you may not list secrets in seldon-system" in text("missing.txt")
        assert '"secrets"' in text("rights.txt")
        assert "objects/seldon-system/deployment.apps.yaml" in members
        assert not [name for name in members if name.endswith("/secret.yaml")]


def test_validate_skips_what_it_may_not_read_and_the_rights_in_its_one_row_are_all_it_needs(reader: Reader) -> None:
    report = reader.validate()
    rows = report["checks"]
    assert "you may not get clusterversions.config.openshift.io" in report["platform"]["unread"]
    assert report["platform"]["openshift"] == ""
    assert [row for row in rows if row["status"] == "fail"] == []
    skipped = [row for row in rows if row["status"] == "skipped" and "you may not" in row["seen"]]
    assert len({row["check"] for row in skipped}) > 10
    (lacking,) = [row for row in rows if row["check"] == "validate.rights"]
    assert lacking["status"] == "warn"

    command = shlex.split(lacking["do"])
    assert (command[0], command[-1]) == ("echo", "USER")
    role = json.loads(command[1])
    reader.cluster.kube.apply(role)
    reader.bind(role["metadata"]["name"])
    until(lambda: may(reader, {"verb": "list", "resource": "secrets"}))
    report = reader.validate()
    again = [row for row in report["checks"] if row["status"] == "fail" or "you may not" in row["seen"]]
    assert [(row["check"], row["subject"], row["seen"]) for row in again] == []
    assert report["platform"]["unread"] == []
