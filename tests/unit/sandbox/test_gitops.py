"""The words that the simulated GitOps operator puts into the status of an ArgoCD and of an Application."""

from __future__ import annotations

import pytest

from sandbox.kube import Object
from sandbox.operators.gitops.applications import invalid
from sandbox.operators.gitops.argocds import marshalled
from sandbox.operators.gitops.objects import known_hosts
from sandbox.operators.gitops.status import host_and_phase, phase, sso_config, wants_dex

OAUTH = {"openShiftOAuth": True}


@pytest.mark.parametrize(
    ("spec", "config", "dex"),
    [
        ({"dex": OAUTH}, "Success", True),
        ({"sso": {"provider": "dex", "dex": OAUTH}}, "Success", True),
        ({"sso": {"provider": "dex", "dex": OAUTH}, "dex": OAUTH}, "Success", True),
        ({"sso": {"provider": "dex"}, "dex": OAUTH}, "Failed", True),
        ({"sso": {"provider": "dex", "dex": OAUTH}, "dex": {"config": "connectors: []"}}, "Failed", True),
        ({"sso": {"provider": "okta", "dex": OAUTH}}, "Success", False),
        ({}, "Unknown", False),
    ],
)
def test_single_sign_on(spec: Object, config: str, dex: bool):
    assert (sso_config(spec), wants_dex(spec)) == (config, dex)


def test_the_phase_follows_all_components_but_dex():
    running = dict.fromkeys(("applicationController", "redis", "repo", "server"), "Running")
    assert phase(running | {"dex": "Pending"}) == "Available"
    for field in running:
        assert phase(running | {field: "Pending"}) == "Pending"


def route(*conditions: tuple[str, str]) -> Object:
    entry = {"host": "a.example.com", "conditions": [{"type": kind, "status": status} for kind, status in conditions]}
    return {"status": {"ingress": [entry]}}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, ("", "Available")),
        ({}, ("", "Pending")),
        (route(("Admitted", "False")), ("", "Pending")),
        (route(("Admitted", "True")), ("a.example.com", "Available")),
    ],
)
def test_the_route_has_a_phase_of_its_own(found: Object | None, expected: tuple[str, str]):
    assert host_and_phase(found) == expected


SERVER = "https://kubernetes.default.svc"
APPLICATION = {
    "project": "seldon",
    "source": {"repoURL": "https://git.example.com/acme/models"},
    "destination": {"server": SERVER, "namespace": "seldon-gitops"},
}


def project(repository: str, namespace: str) -> Object:
    return {"spec": {"sourceRepos": [repository], "destinations": [{"server": SERVER, "namespace": namespace}]}}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, ["Application referencing project seldon which does not exist"]),
        (project("https://git.example.com/*", "*"), []),
        (
            project("https://git.example.com/other", "seldon"),
            [
                "application repo https://git.example.com/acme/models is not permitted in project 'seldon'",
                f"application destination {{{SERVER} seldon-gitops}} is not permitted in project 'seldon'",
            ],
        ),
    ],
)
def test_a_project_allows_repositories_and_destinations(found: Object | None, expected: list[str]):
    assert invalid(APPLICATION, found) == expected


def test_known_hosts_are_public_ones_and_those_of_the_specification():
    argocd = {
        "metadata": {"name": "a", "namespace": "n", "uid": "1"},
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ArgoCD",
    }
    keys = "git.example.com ssh-ed25519 AAAA"
    made = known_hosts({**argocd, "spec": {"initialSSHKnownHosts": {"keys": keys}}})
    assert made["metadata"]["name"] == "argocd-ssh-known-hosts-cm"
    public = known_hosts({**argocd, "spec": {}})["data"]["ssh_known_hosts"]
    assert made["data"] == {"ssh_known_hosts": public + keys}
    assert "github.com ssh-ed25519 " in public
    alone = {"initialSSHKnownHosts": {"excludedefaulthosts": True, "keys": keys}}
    assert known_hosts({**argocd, "spec": alone})["data"] == {"ssh_known_hosts": keys}


def test_what_go_omits_is_not_written():
    spec = {
        "disableAdmin": False,
        "extraConfig": {"a": ""},
        "ha": {"enabled": False},
        "initialSSHKnownHosts": {"keys": ""},
        "redis": {},
        "repo": {"env": [{"name": "A", "value": ""}], "volumes": []},
        "server": {"replicas": 0, "service": {"type": ""}},
    }
    assert marshalled(spec) == {
        "extraConfig": {"a": ""},
        "ha": {"enabled": False},
        "initialSSHKnownHosts": {},
        "redis": {},
        "repo": {"env": [{"name": "A"}]},
        "server": {"service": {"type": ""}},
    }
