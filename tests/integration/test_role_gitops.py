"""The role gitops on a cluster: Argo CD as the guide prints it, credentials in one mode, and the way out."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import available, deployment, make
from tests.integration.cluster import GIT_REPOSITORY, Cluster, recap
from tests.integration.helpers import decoded, eventually, until
from tests.plays import play_of

ARGO = "argoproj.io/v1alpha1"
RBAC = "rbac.authorization.k8s.io/v1"
OLM = "operators.coreos.com/v1alpha1"
ARGOCD, SYSTEM, MODELS = "seldon-argocd", "seldon-system", "seldon-gitops"
SSH_REPOSITORY = "git@git.example.com:acme/models"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nnot a real one\n-----END OPENSSH PRIVATE KEY-----"
AUTHOR = {"gitops_username": "seldon", "gitops_email": "seldon@example.com"}
HTTPS = {**AUTHOR, "gitops_token": "token from a vault"}
SSH = {
    **AUTHOR,
    "seldon_git_repository": SSH_REPOSITORY,
    "gitops_ssh_private_key": KEY,
    "gitops_ssh_known_hosts": "git.example.com ssh-ed25519 AAAA",
}


class GitOps:
    """The role's entry points on a cluster that has it."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.kube, self.folder = cluster, cluster.kube, folder

    def site(self, *options: str, check: bool = True, **given: Any) -> subprocess.CompletedProcess[str]:
        """Do what site.yml does; values never show on the command line."""
        return self._run(("main", "wait"), *options, check=check, **given)

    def credentials(self, **given: Any) -> subprocess.CompletedProcess[str]:
        """Do what rotate.yml does."""
        return self._run(("refuse", "credentials", "host_keys"), **given)

    def validated(self, **given: Any) -> str:
        """Return what the role's checks find, printed."""
        return self._run(("validate",), "-v", **given).stdout

    def remove(self, **given: Any) -> subprocess.CompletedProcess[str]:
        """Take the role's work out."""
        return self._run(("remove",), **given)

    def _run(
        self, entries: tuple[str, ...], *options: str, check: bool = True, **given: Any
    ) -> subprocess.CompletedProcess[str]:
        play, file = play_of(self.folder / "play.json", "gitops", *entries), self.folder / "given.json"
        file.write_text(json.dumps({"seldon_git_repository": GIT_REPOSITORY, **given}))
        return self.cluster.playbook(play, "-e", f"@{file}", *options, check=check)

    def secret(self, name: str, namespace: str) -> dict[str, str]:
        """Return a Secret's values."""
        found = self.kube.get("v1", "Secret", name, namespace)
        return {key: decoded(found, key) for key in (found or {}).get("data", {})}

    def known_hosts(self) -> str | None:
        """Return the SSH host keys that Argo CD accepts; None when it has no list of them."""
        found = self.kube.get("v1", "ConfigMap", "argocd-ssh-known-hosts-cm", ARGOCD)
        return found["data"]["ssh_known_hosts"] if found else None

    def project(self, namespace: str = ARGOCD) -> Object:
        """Return the project's specification."""
        return (self.kube.get(ARGO, "AppProject", "seldon", namespace) or {})["spec"]


@pytest.fixture(scope="module")
def gitops(finished_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> GitOps:
    return GitOps(finished_cluster, tmp_path_factory.mktemp("gitops"))


def changed(result: subprocess.CompletedProcess[str]) -> int:
    return recap(result)["changed"]


def made_for(kube: Kube, namespace: str) -> list[str]:
    """Return the RoleBindings that an Argo CD has in a namespace."""
    found = kube.list(RBAC, "RoleBinding", namespace)
    return [each["metadata"]["name"] for each in found if each["metadata"]["name"].startswith("seldon-argocd-")]


def test_argo_cd_and_project_as_the_guide_prints_them(gitops: GitOps) -> None:
    result = gitops.site()
    argocd = gitops.kube.get(ARGO, "ArgoCD", "seldon-argocd", ARGOCD)
    assert argocd
    spec = argocd["spec"]
    assert spec["server"]["route"] == {"enabled": True, "tls": {"termination": "reencrypt"}}
    assert spec["sso"] == {"provider": "dex", "dex": {"openShiftOAuth": True}}
    assert "dex" not in spec
    assert spec["rbac"] == {"policy": "g, cluster-admins, role:admin", "scopes": "[groups]"}
    components = ("applicationController", "dex", "redis", "repo", "server")
    assert {argocd["status"][component] for component in components} == {"Running"}
    assert f"https://{argocd['status']['host']}/" in result.stdout

    project = gitops.project()
    assert {"namespace": MODELS, "server": "https://kubernetes.default.svc"} in project["destinations"]
    assert project["sourceRepos"] == [GIT_REPOSITORY]
    assert project["description"] == "Seldon Deploy Project"
    assert project["clusterResourceWhitelist"] == [{"group": "*", "kind": "*"}]
    verbs = ("get", "create", "update", "delete", "sync")
    policies = [f"p, proj:seldon:seldon-admin, applications, {verb}, seldon/*, allow" for verb in verbs]
    assert project["roles"] == [{"name": "seldon-admin", "policies": policies}]
    installed = gitops.kube.list(OLM, "Subscription")
    versions = {each["spec"]["name"]: each["status"]["installedCSV"] for each in installed}
    assert versions["openshift-gitops-operator"] == "openshift-gitops-operator.v1.7.0"


def test_overrides_come_and_go_whatever_the_operator_has_written(gitops: GitOps) -> None:
    def spec() -> Object:
        return (gitops.kube.get(ARGO, "ArgoCD", "seldon-argocd", ARGOCD) or {})["spec"]

    before = spec()
    assert before["ha"] == {"enabled": False}
    given = {"ha": {"enabled": True}, "controller": {"processors": {"status": 30}}}
    taken = gitops.site(gitops_argocd_overrides=given)
    assert changed(taken) == 1
    assert "given explicitly: .spec.ha.enabled from gitops-operator" in taken.stdout
    assert (spec()["ha"], spec()["controller"]["processors"]) == ({"enabled": True}, {"status": 30})
    assert changed(gitops.site(gitops_argocd_overrides=given)) == 0

    # The operator's defaults come again; its definition requires `enabled`.
    assert changed(gitops.site()) == 1
    eventually(spec, before)
    assert changed(gitops.site()) == 0


def test_a_zero_that_the_operator_omits_is_sent_once(gitops: GitOps) -> None:
    def argocd() -> Object:
        return gitops.kube.get(ARGO, "ArgoCD", "seldon-argocd", ARGOCD) or {}

    given = {"server": {"insecure": False}, "resourceExclusions": "", "ha": {"enabled": True}}
    assert changed(gitops.site(gitops_argocd_overrides=given)) == 1
    # The operator writes the whole object again, with its defaults where a default is missing.
    gitops.kube.patch(argocd(), {"spec": {"grafana": None}})
    eventually(lambda: argocd()["spec"].get("grafana", {}).get("enabled"), False)
    assert "insecure" not in argocd()["spec"]["server"]
    assert changed(gitops.site(gitops_argocd_overrides=given)) == 0
    assert changed(gitops.site()) == 1
    assert "seldon.openshift/sent-zeros" not in argocd()["metadata"].get("annotations", {})
    assert changed(gitops.site()) == 0


def test_without_credentials_seldon_deploy_starts_and_the_run_says_what_it_lacks(gitops: GitOps) -> None:
    """The operator has rewritten the ArgoCD meanwhile."""
    result = gitops.site("--check", "--diff")
    assert changed(result) == 0
    assert gitops.secret("git-creds", SYSTEM).keys() == {"username", "email"}
    assert gitops.secret("seldon-gitops-repository", ARGOCD) == {"type": "git", "url": GIT_REPOSITORY}
    assert "gitops_token" in result.stdout


def test_a_token_serves_seldon_deploy_and_argo_cd_and_restarts_who_reads_it(gitops: GitOps) -> None:
    kube = gitops.kube
    reader = deployment("reads-git-creds", SYSTEM, selector={"a": "b"}, containers={"c": [80]})
    key = {"secretKeyRef": {"name": "git-creds", "key": "token", "optional": True}}
    reader["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "TOKEN", "valueFrom": key}]
    kube.apply(reader)
    until(lambda: available(kube.get("apps/v1", "Deployment", "reads-git-creds", SYSTEM)))
    project = kube.get(ARGO, "AppProject", "seldon", ARGOCD)
    assert project
    theirs = {"namespace": "theirs", "server": "https://elsewhere.example.com"}
    kube.patch(project, {"spec": {"destinations": [*project["spec"]["destinations"], theirs]}})

    result = gitops.site("-vvv", "--diff", **HTTPS)
    assert HTTPS["gitops_token"] not in result.stdout + result.stderr
    login = {"username": "seldon", "email": "seldon@example.com", "token": HTTPS["gitops_token"]}
    assert gitops.secret("git-creds", SYSTEM) == login
    repository = kube.get("v1", "Secret", "seldon-gitops-repository", ARGOCD)
    assert repository
    assert repository["metadata"]["labels"] == {"argocd.argoproj.io/secret-type": "repository"}
    assert gitops.secret("seldon-gitops-repository", ARGOCD) == {
        "type": "git",
        "url": GIT_REPOSITORY,
        "username": "seldon",
        "password": HTTPS["gitops_token"],
    }
    again = kube.get("apps/v1", "Deployment", "reads-git-creds", SYSTEM) or {}
    assert "kubectl.kubernetes.io/restartedAt" in again["spec"]["template"]["metadata"]["annotations"]
    assert theirs in gitops.project()["destinations"]
    # What is not given is kept.
    assert changed(gitops.site()) == 0
    assert gitops.secret("git-creds", SYSTEM) == login


def test_a_repository_by_ssh_has_a_key_everywhere_and_no_token_is_left(gitops: GitOps) -> None:
    """One mode for Seldon Deploy, Argo CD and the namespaces."""
    if "token" not in gitops.secret("git-creds", SYSTEM):
        gitops.site(**HTTPS)
    # Argo CD runs already: its operator made the list of host keys once, and ignores what comes later.
    running = (gitops.kube.get(ARGO, "ArgoCD", "seldon-argocd", ARGOCD) or {})["metadata"]["uid"]
    public = gitops.known_hosts()
    assert public
    result = gitops.site("--diff", **SSH)
    assert "not a real one" not in result.stdout + result.stderr
    assert gitops.secret("git-creds", SYSTEM) == {
        "username": "seldon",
        "email": "seldon@example.com",
        "id_rsa": f"{KEY}\n",
        "known_hosts": SSH["gitops_ssh_known_hosts"],
    }
    assert gitops.secret("seldon-gitops-repository", ARGOCD) == {
        "type": "git",
        "url": SSH_REPOSITORY,
        "sshPrivateKey": f"{KEY}\n",
    }
    assert set(gitops.project()["sourceRepos"]) == {GIT_REPOSITORY, SSH_REPOSITORY}
    assert gitops.known_hosts() == f"{SSH['gitops_ssh_known_hosts']}\n{public}"
    assert changed(gitops.site(**SSH)) == 0
    # Another key of the host takes the place of the first, in the run that copies credentials alone.
    other = {**SSH, "gitops_ssh_known_hosts": "git.example.com ssh-ed25519 AAAAnew"}
    gitops.credentials(**other)
    assert gitops.known_hosts() == f"{other['gitops_ssh_known_hosts']}\n{public}"
    assert "lacks host keys of" in gitops.validated(**SSH)
    gitops.credentials(**SSH)
    assert "has the host keys of" in gitops.validated(**SSH)
    argocd = gitops.kube.get(ARGO, "ArgoCD", "seldon-argocd", ARGOCD) or {}
    assert argocd["metadata"]["uid"] == running
    # A new Argo CD gets them from what is kept.
    gitops.kube.delete(argocd)
    until(lambda: gitops.known_hosts() is None)
    gitops.site(seldon_git_repository=SSH_REPOSITORY)
    assert gitops.known_hosts() == f"{SSH['gitops_ssh_known_hosts']}\n{public}"


def test_what_does_not_fit_is_refused_before_the_first_write(gitops: GitOps) -> None:
    """All of it in one message."""
    before = [each["metadata"]["resourceVersion"] for each in gitops.kube.list("v1", "Secret", SYSTEM)]
    wrong = {**SSH, "gitops_username": "", "gitops_email": "", "gitops_token": "t", "gitops_ssh_known_hosts": ""}
    for given, told in (
        (
            {**wrong, "gitops_ssh_passphrase": "p"},
            (
                "opened by ssh, and gitops_token is for https",
                "-e gitops_username=",
                "-e gitops_email=",
                "ssh-keyscan git.example.com",
                "ssh-keygen -p",
            ),
        ),
        (
            {**HTTPS, "gitops_token": "", "gitops_ssh_private_key": KEY},
            ("opened by https, and gitops_ssh_private_key is for ssh",),
        ),
        ({"seldon_git_repository": "/srv/models"}, ("is no address that Git opens by https or ssh",)),
        (
            {"seldon_git_repository": "https://me:hunter2@git.example.com/models"},
            ("seldon_git_repository holds a password",),
        ),
        (
            {"seldon_git_repository": "https://ghp_hunter2@git.example.com/models"},
            ("seldon_git_repository holds a password, a token",),
        ),
        ({"seldon_git_repository": "HTTPS://git.example.com/models"}, ("Git knows only https://",)),
        (
            {**SSH, "seldon_git_repository": "ssh://git@git.example.com:7999/a/b", "gitops_ssh_known_hosts": ""},
            ("ssh-keyscan -p 7999 git.example.com",),
        ),
    ):
        result = gitops.site(check=False, **given)
        said = " ".join((result.stdout + result.stderr).split())
        assert result.returncode != 0
        assert [part for part in ("The input cannot work", *told) if part not in said] == []
        assert "hunter2" not in said
    assert [each["metadata"]["resourceVersion"] for each in gitops.kube.list("v1", "Secret", SYSTEM)] == before


def test_an_existing_argo_cd_gets_project_and_credentials_and_keeps_the_rest(gitops: GitOps) -> None:
    kube, theirs = gitops.kube, "openshift-gitops"
    existing = {"gitops_mode": "existing", "seldon_argocd_namespace": theirs, "gitops_argocd_name": theirs}
    before = kube.get(ARGO, "ArgoCD", theirs, theirs) or {}
    hosts = make("v1", "ConfigMap", "argocd-ssh-known-hosts-cm", theirs)
    kube.patch(hosts, {"data": {"ssh_known_hosts": "# of others\ngithub.com ssh-ed25519 AAAAx\n"}})
    gitops.site(**SSH, **existing)
    known = (kube.get("v1", "ConfigMap", "argocd-ssh-known-hosts-cm", theirs) or {})["data"]["ssh_known_hosts"]
    assert known == f"{SSH['gitops_ssh_known_hosts']}\n# of others\ngithub.com ssh-ed25519 AAAAx\n"
    kube.delete(kube.get(ARGO, "AppProject", "seldon", theirs) or {})
    gitops.site(**HTTPS, **existing)
    known = (kube.get("v1", "ConfigMap", "argocd-ssh-known-hosts-cm", theirs) or {})["data"]["ssh_known_hosts"]
    assert known == "# of others\ngithub.com ssh-ed25519 AAAAx\n"
    assert gitops.project(theirs)["sourceRepos"] == [GIT_REPOSITORY]
    assert gitops.secret("seldon-gitops-repository", theirs)["password"] == HTTPS["gitops_token"]
    assert [each["metadata"]["name"] for each in kube.list(ARGO, "ArgoCD", theirs)] == [theirs]

    managed = {"argocd.argoproj.io/managed-by": theirs}
    kube.apply(make("v1", "Namespace", "theirs", labels=managed))
    kube.apply(make("v1", "Namespace", "ours", labels={**managed, "seldon.gitops": "enabled"}))
    gitops.remove(**existing)
    labels = {name: (kube.get("v1", "Namespace", name) or {})["metadata"]["labels"] for name in ("theirs", "ours")}
    assert labels["theirs"].items() >= managed.items()
    assert not labels["ours"].keys() & managed.keys()
    assert kube.get(ARGO, "AppProject", "seldon", theirs) is None
    after = kube.get(ARGO, "ArgoCD", theirs, theirs) or {}
    assert (after["metadata"]["uid"], after["spec"]) == (before["metadata"]["uid"], before["spec"])


def test_the_way_out_takes_the_rights_out_of_the_namespaces_first(gitops: GitOps) -> None:
    kube = gitops.kube
    label = {"argocd.argoproj.io/managed-by": ARGOCD, "seldon.gitops": "enabled"}
    kube.apply(make("v1", "Namespace", "late", labels=label))
    source = {"repoURL": GIT_REPOSITORY, "path": "late"}
    target = {"namespace": "late", "server": "https://kubernetes.default.svc"}
    spec = {"project": "seldon", "source": source, "destination": target}
    kube.apply(make(ARGO, "Application", "seldon-gitops-late", ARGOCD, spec=spec))
    until(lambda: made_for(kube, "late"))

    gitops.remove()
    for namespace in ("late", MODELS):
        assert made_for(kube, namespace) == []
        found = kube.get("v1", "Namespace", namespace) or {}
        assert "argocd.argoproj.io/managed-by" not in found["metadata"].get("labels", {})
    assert gitops.secret("git-creds", SYSTEM) == gitops.secret("seldon-gitops-repository", ARGOCD) == {}
    for kind in ("ArgoCD", "Application", "AppProject"):
        assert [each["metadata"]["name"] for each in kube.list(ARGO, kind)] == []
    left = [each["spec"]["name"] for each in kube.list(OLM, "Subscription")]
    assert "openshift-gitops-operator" not in left
    eventually(lambda: kube.list("apps/v1", "Deployment", ARGOCD), [])
    assert changed(gitops.remove()) == 0
