"""What Argo CD says when it cannot compare: the words of Argo CD 2.x, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks import model_namespace
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import rows
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.comparison import (
    FOLDER,
    PASSING,
    REFUSED,
    UNKNOWN,
    trouble,
)
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.registry import assess
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing, Ready

from tests.unit.observed import observed

HTTPS, SSH = "https://git.example.com/acme/models", "ssh://git@git.example.com:7999/acme/models"
RPC = "rpc error: code = Unknown desc = "
NEWER = "Failed to load target state: failed to generate manifest for source 1 of 1: " + RPC
CREDENTIALS, KEY_SCAN = "ansible-playbook seldon.openshift.site --tags gitops", "ssh-keyscan -p 7999 git.example.com"
MEANT = {
    "authentication required": (REFUSED, "gitops_token", CREDENTIALS),
    "authentication required: Repository not found.": (REFUSED, "gitops_token", CREDENTIALS),
    "authorization failed": (REFUSED, "gitops_token", CREDENTIALS),
    'unexpected client error: unexpected requesting "https://h/info/refs" status code: 403': (
        REFUSED,
        "gitops_token",
        CREDENTIALS,
    ),
    f"`git fetch origin` failed exit status 128: fatal: Authentication failed for '{HTTPS}/'": (
        REFUSED,
        "gitops_token",
        CREDENTIALS,
    ),
    "remote: HTTP Basic: Access denied": (REFUSED, "gitops_token", CREDENTIALS),
    "fatal: could not read Username for 'https://git.example.com': terminal prompts disabled": (
        REFUSED,
        "gitops_token",
        CREDENTIALS,
    ),
    "repository not found": (REFUSED, "seldon_git_repository", CREDENTIALS),
    "remote: The project you were looking for could not be found or you don't have permission to view it.": (
        REFUSED,
        "seldon_git_repository",
        CREDENTIALS,
    ),
    "git@git.example.com: Permission denied (publickey).": (REFUSED, "gitops_ssh_private_key", CREDENTIALS),
    "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods"
    " remain": (REFUSED, "gitops_ssh_private_key", CREDENTIALS),
    "ssh: this private key is passphrase protected": (REFUSED, "gitops_ssh_private_key", CREDENTIALS),
    "ssh: handshake failed: knownhosts: key is unknown": (REFUSED, "gitops_ssh_known_hosts", KEY_SCAN),
    "ssh: handshake failed: knownhosts: key mismatch": (REFUSED, "differs", KEY_SCAN),
    "Host key verification failed.": (REFUSED, "gitops_ssh_known_hosts", KEY_SCAN),
    'Get "https://git.example.com/info/refs": x509: certificate signed by unknown authority': (
        REFUSED,
        "gitops_trusted_ca",
        "ansible-playbook seldon.openshift.site --tags gitops -e @values.yml",
    ),
    "dial tcp: lookup git.example.com on 172.30.0.10:53: no such host": (REFUSED, "DNS", "oc -n seldon-argocd get"),
    "Unable to resolve 'main' to a commit SHA": (REFUSED, "branch", "git ls-remote"),
    "unable to resolve ref 'main' to a commit SHA": (REFUSED, "branch", "git ls-remote"),
    "revision main not found": (REFUSED, "branch", "git ls-remote"),
    "couldn't find remote ref refs/heads/main": (REFUSED, "branch", "git ls-remote"),
    "reference not found": (REFUSED, "branch", "git ls-remote"),
    "remote repository is empty": (REFUSED, "commit", "git clone"),
    "seldon-gitops: app path does not exist": (FOLDER, "", ""),
    "timeout-models: app path does not exist": (FOLDER, "", ""),
    "context deadline exceeded": (PASSING, "", ""),
    'Get "https://git.example.com": net/http: TLS handshake timeout': (PASSING, "", ""),
    "dial tcp 10.0.0.1:443: i/o timeout": (PASSING, "", ""),
    "dial tcp 10.0.0.1:443: connect: connection refused": (PASSING, "", ""),
    'unexpected requesting "https://git.example.com" status code: 502': (PASSING, "", ""),
    "dial tcp: lookup seldon-argocd-repo-server on 172.30.0.10:53: no such host": (PASSING, "", ""),
    'Namespace "seldon-gitops" for Role "r" is not managed': (PASSING, "", ""),
    'deployments.apps is forbidden: User "x" cannot list resource "deployments"': (UNKNOWN, "may not read", "oc -n"),
    "something that nobody has seen yet": (UNKNOWN, "", "oc -n seldon-argocd describe application models"),
}
UNAVAILABLE = 'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing dial tcp'


def application(message: str, repository: str = SSH, sync: str = "Unknown", **status: Any) -> dict[str, Any]:
    conditions = [{"type": "ComparisonError", "message": message}] if message else []
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "models", "namespace": "seldon-argocd"},
        "spec": {"source": {"repoURL": repository, "path": "a"}, "destination": {"namespace": "seldon-gitops"}},
        "status": {"sync": {"status": sync}, "health": {"status": "Healthy"}, "conditions": conditions, **status},
    }


@pytest.mark.parametrize("prefix", ["", RPC, NEWER])
@pytest.mark.parametrize("message", MEANT)
def test_words_of_argo_cd_have_a_meaning_and_a_way_out(message: str, prefix: str) -> None:
    verdict, meaning, do = MEANT[message]
    found = trouble(application(prefix + message))
    assert found
    assert found.verdict == verdict
    assert meaning in found.seen
    assert message.split('"')[0] in found.seen
    assert do in found.do
    assert "{" not in found.do + found.seen.replace(message, "")


@pytest.mark.parametrize("message", MEANT)
def test_a_wait_ends_only_for_what_does_not_heal(message: str) -> None:
    verdict = MEANT[message][0]
    state = assess(application(message))
    assert isinstance(state, Failed if verdict == REFUSED else Progressing), state
    assert message in state.reason
    compared = assess(application(message), {"compared": True})
    expected = {REFUSED: Failed, FOLDER: Ready, PASSING: Progressing, UNKNOWN: Progressing}
    assert isinstance(compared, expected[verdict]), compared


@pytest.mark.parametrize("message", MEANT)
def test_only_a_missing_folder_and_what_passes_is_no_failure(message: str) -> None:
    live = application(message)
    check = next(each for each in model_namespace.CHECKS if each.name == "model_namespace.application")
    [row] = rows([check], "model_namespace", observed(live), {"applications": [live]})
    assert row["status"] == ("warn" if MEANT[message][0] in (FOLDER, PASSING) else "fail")
    assert row["do"]


def test_names_in_addresses_are_no_words() -> None:
    address = "https://git.example.com/certificate/timeout-401"
    found = trouble(application(f"failed to list refs for {address}: authentication required", address))
    assert found
    assert "gitops_token" in found.seen
    at_host = "git@git.example.com:timeout/models"
    found = trouble(application(f"{at_host}: knownhosts: key is unknown", at_host))
    assert found
    assert found.do == "ssh-keyscan git.example.com"


def test_no_token_of_an_address_is_told() -> None:
    address = "https://ghp_0123456789abcdef@git.example.com/models"
    found = trouble(application(f"failed to list refs for {address}: remote repository is empty", address))
    assert found
    assert "ghp_" not in found.seen + found.words + found.do


def test_the_worst_of_several_counts() -> None:
    both = [{"type": "ComparisonError", "message": words} for words in ("a: app path does not exist", "x509: no")]
    found = trouble(application("", conditions=both))
    assert found
    assert found.verdict == REFUSED


def test_the_repo_server_that_starts_is_waited_for() -> None:
    found = trouble(application(f'{UNAVAILABLE} 172.30.1.1:8081: connect: connection refused"'))
    assert found
    assert found.verdict == PASSING


@pytest.mark.parametrize(("sync", "ready"), [("Synced", True), ("OutOfSync", True), ("Unknown", False)])
def test_what_was_compared(sync: str, ready: bool) -> None:
    progressing = application("", sync=sync, health={"status": "Progressing"})
    assert isinstance(assess(progressing, {"compared": True}), Ready) == ready
    assert isinstance(assess(progressing), Progressing)
