"""Accounts that have the rights of a playbook's file, and no others."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from tests.integration.cluster import Cluster
from tests.integration.helpers import until

HOME = "seldon-automation"
HOMES = (("v1", "Namespace"), ("project.openshift.io/v1", "Project"))


@dataclass(frozen=True)
class Account:
    """The account of a playbook: the cluster, the playbook, and a kubeconfig with its token."""

    cluster: Cluster
    playbook: str
    kubeconfig: Path

    @property
    def name(self) -> str:
        return f"seldon-openshift-{self.playbook.replace('_', '-')}"

    def run(self, *arguments: str, playbook: str = "") -> subprocess.CompletedProcess[str]:
        """Run the playbook as the account."""
        return subprocess.run(
            ["ansible-playbook", f"playbooks/{playbook or self.playbook}.yml", *self.cluster.values(), *arguments],
            env=self.cluster.environment() | {"KUBECONFIG": str(self.kubeconfig)},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )

    def forget(self, file: Path) -> None:
        """Delete what the file of rights holds, and wait until the account's namespace is gone."""
        kube = self.cluster.kube
        for obj in yaml.safe_load(file.read_text())["items"]:
            kube.delete(obj)
        # OpenShift's Project goes a moment after its namespace.
        until(lambda: all(kube.get(*each, HOME) is None for each in HOMES))

    def requests(self, run: Callable[[], object]) -> list[Object]:
        """Return the account's requests, as audit events, while `run` ran."""
        user = f"system:serviceaccount:{HOME}:{self.name}"
        return [event for event in self.cluster.requests(run) if event["user"]["username"] == user]


def refused(events: list[Object]) -> set[tuple[str, ...]]:
    """Return what was refused, each as verb, group, resource and namespace."""
    return {
        (event["verb"], reference.get("apiGroup", ""), reference["resource"], reference.get("namespace", ""))
        for event in events
        if (event.get("responseStatus") or {}).get("code") == 403
        and (reference := event.get("objectRef") or {"resource": event["requestURI"]})
    }


def allowed(cluster: Cluster, playbook: str, file: Path) -> Account:
    """Apply a file of rights, as who administers the cluster, and return the account."""
    found = Account(cluster, playbook, file.with_suffix(".kubeconfig"))
    for obj in yaml.safe_load(file.read_text())["items"]:
        cluster.kube.apply(obj)
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 14400}}
    path = f"/api/v1/namespaces/{HOME}/serviceaccounts/{found.name}/token"
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": cluster.kube.request("POST", path, asked)["status"]["token"]}
    found.kubeconfig.touch(mode=0o600)
    found.kubeconfig.write_text(yaml.safe_dump(config))
    rules = (rule for obj in yaml.safe_load(file.read_text())["items"] for rule in obj.get("rules") or [])
    first = next(rules)
    until(lambda: _is_given(found, first), 30)
    return found


def _is_given(account: Account, rule: Object) -> bool:
    """Tell whether the API server has taken notice of a rule that counts in the whole cluster."""
    user = f"system:serviceaccount:{HOME}:{account.name}"
    name = (rule.get("resourceNames") or [""])[0]
    asked = {"verb": rule["verbs"][0], "group": rule["apiGroups"][0], "resource": rule["resources"][0], "name": name}
    spec = {"user": user, "resourceAttributes": asked}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    return bool(account.cluster.kube.request("POST", path, review)["status"]["allowed"])
