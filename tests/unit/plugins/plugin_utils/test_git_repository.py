"""Addresses of Git repositories and the credentials for them: what fits together, and what is told of the rest."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.filter.git_problems import git_problems
from ansible_collections.seldon.openshift.plugins.module_utils.shared.git_address import (
    HTTPS,
    SSH,
    UNKNOWN,
    transport,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.git_repository import Credentials, problems

from tests.unit.collection.typed_reads import CHECKOUT
from tests.unit.plugins.module_utils.test_git_address import LEAKING

AT_HOST, BY_SSH, BY_HTTPS = (
    "git@git.example.com:acme/models",
    "ssh://git@git.example.com:22/models",
    "https://a.example/m",
)
NOTHING = Credentials()
TOKEN = Credentials(username="seldon", email="seldon@example.com", token="t0ken")
KEY = replace(TOKEN, token="", ssh_private_key="key", ssh_known_hosts="git.example.com ssh-ed25519 AAAA")


@pytest.mark.parametrize(
    ("address", "opened"),
    [
        (AT_HOST, SSH),
        (BY_SSH, SSH),
        (BY_HTTPS, HTTPS),
        ("http://git.example.com/acme/models", HTTPS),
        ("https://seldon@git.example.com/acme/models", HTTPS),
        ("", UNKNOWN),
        ("git.example.com/acme/models", UNKNOWN),
        ("git@git.example.com", UNKNOWN),
        ("git@git.example.com:", UNKNOWN),
        ("ssh://", UNKNOWN),
        ("https://", UNKNOWN),
        ("file:///srv/models", UNKNOWN),
        ("HTTPS://a.example/m", HTTPS),
        ("Ssh://git@a.example:7999/m", SSH),
    ],
)
def test_transport(address: str, opened: str) -> None:
    assert transport(address) == opened


@pytest.mark.parametrize(
    ("address", "given", "kept"),
    [
        ("", NOTHING, False),
        (BY_HTTPS, NOTHING, False),
        (BY_HTTPS, TOKEN, False),
        (BY_HTTPS, Credentials(username="seldon"), False),
        (AT_HOST, NOTHING, True),
        (AT_HOST, KEY, False),
        (BY_SSH, replace(KEY, ssh_passphrase="secret", argocd_ssh_private_key="other"), False),
    ],
)
def test_what_fits_together(address: str, given: Credentials, kept: bool) -> None:
    assert problems(address, given, kept) == []


@pytest.mark.parametrize(
    ("address", "given", "told"),
    [
        ("git.example.com/acme", NOTHING, ["git.example.com/acme (seldon_git_repository) is no address"]),
        ("https://seldon:secret@git.example.com/m", KEY, ["seldon_git_repository holds a password"]),
        ("ssh://seldon:secret@git.example.com/m", TOKEN, ["seldon_git_repository holds a password"]),
        ("HTTPS://a.example/m", TOKEN, ["HTTPS://a.example/m (seldon_git_repository) begins with HTTPS://"]),
        ("https://a.example/m?key", TOKEN, ["https://a.example/m (seldon_git_repository) has a query"]),
        (BY_HTTPS, KEY, [f"{BY_HTTPS} is opened by https, and gitops_ssh_private_key is for ssh"]),
        (AT_HOST, NOTHING, [f"{AT_HOST} is opened by ssh, which needs gitops_ssh_private_key: type -e @git.yml"]),
        (AT_HOST, TOKEN, [f"{AT_HOST} is opened by ssh, and gitops_token is for https"]),
        (AT_HOST, replace(KEY, token="t0ken"), [f"{AT_HOST} is opened by ssh, and gitops_token is for https"]),
        (
            AT_HOST,
            replace(KEY, ssh_known_hosts=""),
            ['gitops_ssh_known_hosts is missing: give it what "ssh-keyscan git'],
        ),
        (BY_SSH, replace(KEY, ssh_passphrase="secret"), ["gitops_ssh_private_key has a passphrase"]),
        (BY_HTTPS, replace(TOKEN, username=""), ["With credentials, commits need an author, and gitops_username is"]),
        (BY_HTTPS, replace(TOKEN, email=""), ["With credentials, commits need an author, and gitops_email is missing"]),
        (
            AT_HOST,
            Credentials(ssh_private_key="key", ssh_passphrase="secret"),
            ["gitops_ssh_known_hosts is", "gitops_ssh_private_key has", "With credentials", "With credentials"],
        ),
    ],
)
def test_what_does_not_is_told_together(address: str, given: Credentials, told: list[str]) -> None:
    found = problems(address, given, kept=False)
    assert [said[: len(start)] for said, start in zip(found, told, strict=True)] == told


@pytest.mark.parametrize("address", [AT_HOST, BY_SSH])
def test_the_host_to_scan_is_named(address: str) -> None:
    (said,) = problems(address, replace(KEY, ssh_known_hosts=""), kept=False)
    port = "-p 22 " if address == BY_SSH else ""
    assert f'"ssh-keyscan {port}git.example.com" prints' in said


@pytest.mark.parametrize("address", LEAKING)
def test_an_address_with_a_secret_is_refused_without_a_word_of_it(address: str) -> None:
    (said,) = git_problems(address, {}, kept=True)
    assert said.startswith("seldon_git_repository holds a password, a token or a user name")
    assert not any(part in said for part in ("ghp_", "pass@", "pa/ss", "git.example.com/acme/models@", "oauth2"))


def test_the_example_inventory_has_an_author_that_is_nobody_s_placeholder() -> None:
    placeholders = yaml.safe_load((CHECKOUT / "roles/gitops/vars/main.yml").read_text())["gitops_placeholders"]
    example = yaml.safe_load((CHECKOUT / "inventories/example/group_vars/seldon_clusters.yml").read_text())
    assert [name for name, value in placeholders.items() if example[f"gitops_{name}"] == value] == []


def test_no_secret_is_told() -> None:
    secrets = {each.name: f"<{each.name}>" for each in fields(Credentials)}
    for address in ("", "x", AT_HOST, BY_HTTPS, "https://seldon:<password>@git.example.com/m"):
        said = " ".join(git_problems(address, secrets))
        assert [secret for secret in ("<password>", *secrets.values()) if secret in said] == []


def test_the_role_hands_over_every_credential() -> None:
    given = yaml.safe_load((CHECKOUT / "roles/gitops/vars/main.yml").read_text())["gitops_given"]
    assert given == {each.name: f"{{{{ gitops_{each.name} }}}}" for each in fields(Credentials)}
