"""Addresses of Git repositories: which hold a secret, which have a form that Git does not know, and their hosts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.shared.git_address import (
    Host,
    flaw,
    host,
    leaks,
    without_user_info,
)
from ansible_collections.seldon.openshift.plugins.modules import seldon_gitops_project

from tests.unit.apiserver import ApiServer

TOKEN = "ghp_0123456789abcdefTOKEN"
HOST = "git.example.com"
LEAKING = (
    f"https://{TOKEN}@{HOST}/acme/models",
    f"https://oauth2:{TOKEN}@{HOST}/acme/models",
    f"https://x-access-token:{TOKEN}@{HOST}/acme/models",
    f"HTTPS://x-access-token:{TOKEN}@{HOST}/acme/models",
    f"https://seldon@{HOST}/acme/models",
    f"https://user:pa/ss@{HOST}/acme/models",
    f"https://user:12/ss@{HOST}/acme/models",
    f"https://user:p?a#ss@{HOST}/acme/models",
    f"https://user%3Apass@{HOST}/acme/models",
    f"https://user%3Apass%40{HOST}/acme/models",
    f"https%3A%2F%2Fpass%40{HOST}/acme/models",
    f"https:/pass@{HOST}/acme/models",
    f" https://pass@{HOST}/acme/models",
    f"https:// pass@{HOST}/acme/models",
    f"https://{HOST}/acme/models?private_token=pass",
    f"https://{HOST}/acme/{TOKEN}/models",
    f"git+https://pass@{HOST}/acme/models",
    f"ssh://git:pass@{HOST}/acme/models",
    f"SSH://git:pa/ss@{HOST}/acme/models",
    f"ssh://git%3Apass@{HOST}/acme/models",
    f"ssh://{TOKEN}@{HOST}/acme/models",
    f"oauth2:pass@{HOST}:acme/models",
    f"git:pa/ss@{HOST}:acme/models",
    f"{TOKEN}@{HOST}:acme/models",
    f"user:pass@{HOST}/acme/models",
    TOKEN,
)
HARMLESS = (
    "",
    "https://github.com/acme/flight_delay_models",
    "git@github.com:acme/weight_prediction",
    "https://git.example.com/ghs_models/a-long-name_with_ghp_in_it",
    "https://git.example.com/acme/atbb-models",
    f"https://{HOST}/acme/models",
    f"HTTPS://{HOST}/acme/models",
    f"https://{HOST}:8443/acme/%40scope/models.git",
    "https://dev.azure.com/acme/project/_git/models",
    "https://git.sr.ht/~acme/models",
    "https://[2001:db8::1]:8443/models",
    f"git@{HOST}:acme/models",
    f"git@{HOST}:acme/models@2",
    f"ssh://git@{HOST}:7999/acme/models",
    "/srv/models",
    "file:///srv/models",
    # Patterns of a project.
    "*",
    f"https://{HOST}/acme/model-?",
    f"!https://{HOST}/acme/*",
)


@pytest.mark.parametrize("address", LEAKING)
def test_what_may_hold_a_secret_is_known(address: str) -> None:
    assert leaks(address)


@pytest.mark.parametrize("address", HARMLESS)
def test_what_holds_none_is_shown(address: str) -> None:
    assert not leaks(address)


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        (f"HTTPS://{HOST}/models", "begins with HTTPS://: Git knows only https://"),
        (f"Ssh://git@{HOST}/models", "begins with Ssh://: Git knows only ssh://"),
        (f"https://{HOST}/models ", "holds white space"),
        (f"git@{HOST}:models\n", "holds white space"),
        (f"https://{HOST}:port/models", "names no host, or a port that is no number"),
        ("https:///models", "names no host, or a port that is no number"),
        (f"https://{HOST}/models?raw", "has a query or a fragment (? or #)"),
        (f"https://{HOST}/models#main", "has a query or a fragment (? or #)"),
        (f"https://{HOST}/models", ""),
        (f"ssh://git@{HOST}:7999/models", ""),
        (f"git@{HOST}:models", ""),
        ("file:///srv/models", ""),
        ("", ""),
    ],
)
def test_the_form_that_git_and_argo_cd_read_alike(address: str, wrong: str) -> None:
    assert flaw(address) == wrong


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (f"git@{HOST}:acme/models", Host(HOST)),
        (f"ssh://git@{HOST}/acme/models", Host(HOST)),
        (f"ssh://git@{HOST}:7999/acme/models", Host(HOST, "7999")),
        (f"SSH://{HOST}:7999/acme/models", Host(HOST, "7999")),
        ("ssh://git@[2001:db8::1]:7999/models", Host("2001:db8::1", "7999")),
        ("models", Host("models")),
    ],
)
def test_a_host_has_its_port(address: str, place: Host) -> None:
    assert host(address) == place


def test_user_information_goes_from_every_url_of_a_text() -> None:
    text = f"not https://{TOKEN}@{HOST}/a, ssh://git@{HOST}/b or 'HTTPS://u:p/w@{HOST}/c', a@b is"
    assert without_user_info(text) == f"not https://...@{HOST}/a, ssh://git@{HOST}/b or 'HTTPS://...@{HOST}/c', a@b is"


def project(server: ApiServer, **params: Any) -> dict[str, Any]:
    given = {"name": "seldon", "namespace": "argocd", "destinations": [], "timeout": 5}
    return seldon_gitops_project.run(
        server,
        {**given, "description": None, "cluster_resource_whitelist": None, "roles": None, **params},
        False,
        [].append,
    )


def test_a_project_takes_no_address_with_a_secret_and_gives_up_one_that_it_has() -> None:
    server = ApiServer()
    with pytest.raises(EngineError, match="entry 2 of source_repos holds a password") as refused:
        project(server, source_repos=["*", LEAKING[0]], state="present")
    assert TOKEN not in str(refused.value)
    assert server.writes == []
    held = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "seldon", "namespace": "argocd"},
        "spec": {"sourceRepos": [LEAKING[0], "*"]},
    }
    server.put(held)
    assert project(server, source_repos=[LEAKING[0]], state="absent")["source_repos"] == ["*"]
