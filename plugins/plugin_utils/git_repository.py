# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""How Git opens a repository, and whether the credentials for it fit: pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.seldon.openshift.plugins.module_utils.shared.git_address import (
    HTTPS,
    SSH,
    UNKNOWN,
    flaw,
    host,
    keyscan,
    leaks,
    transport,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.host_keys import has_key_of, malformed

_EXAMPLE = "https://git.example.com/acme/models"
# Without the address, which must not be shown.
_LEAK = (
    "seldon_git_repository holds a password, a token or a user name, which all users could read in the namespaces'"
    f" annotation: give the address without ({_EXAMPLE}), and gitops_username and gitops_token"
    " from a vault. An @ in its path is written %40."
)
_AUTHOR = "With credentials, commits need an author, and"


@dataclass(frozen=True)
class Credentials:
    """What was given for a repository, under the names of the variables without `gitops_`; empty: not given."""

    username: str = ""
    email: str = ""
    token: str = ""
    ssh_private_key: str = ""
    ssh_known_hosts: str = ""
    ssh_passphrase: str = ""
    argocd_ssh_private_key: str = ""

    @property
    def complete(self) -> bool:
        """Tell whether there is a secret to log in with."""
        return bool(self.token or self.ssh_private_key)


def problems(address: str, given: Credentials, kept: bool) -> list[str]:
    """Return what is wrong with a repository's address and its credentials, a sentence each.

    `kept`: the cluster has credentials already, so that none need be given. An empty address needs none either.
    """
    if leaks(address):
        return [_LEAK]
    if wrong := flaw(address):
        shown = re.split("[?#]", address)[0].strip()
        return [f"{shown} (seldon_git_repository) {wrong}: type -e seldon_git_repository={_EXAMPLE}."]
    opened = {SSH: _over_ssh(address, given, kept), HTTPS: _over_https(address, given), UNKNOWN: _unknown(address)}
    return [*opened[transport(address)], *_author(given)]


def _unknown(address: str) -> Iterator[str]:
    if address:
        yield (
            f"{address} (seldon_git_repository) is no address that Git opens by https or ssh: type -e"
            f" seldon_git_repository={_EXAMPLE}, or -e"
            " seldon_git_repository=git@git.example.com:acme/models."
        )


def _over_https(address: str, given: Credentials) -> Iterator[str]:
    if given.ssh_private_key:
        yield (
            f"{address} is opened by https, and gitops_ssh_private_key is for ssh: give gitops_token instead, or the"
            " repository as git@host:path."
        )


def _over_ssh(address: str, given: Credentials, kept: bool) -> Iterator[str]:
    if given.token:
        yield (
            f"{address} is opened by ssh, and gitops_token is for https: give gitops_ssh_private_key and"
            " gitops_ssh_known_hosts instead, or the repository as https://."
        )
    if not given.complete and not kept:
        yield (
            f"{address} is opened by ssh, which needs gitops_ssh_private_key: type -e @git.yml --ask-vault-pass after"
            " 'ansible-vault create git.yml'."
        )
    if given.ssh_private_key and not given.ssh_known_hosts:
        yield f'gitops_ssh_known_hosts is missing: give it what "{keyscan(address)}" prints.'
    yield from _host_keys(address, given.ssh_known_hosts)
    if given.ssh_passphrase and not given.argocd_ssh_private_key:
        yield (
            "gitops_ssh_private_key has a passphrase, and Argo CD reads no such key: give"
            " gitops_argocd_ssh_private_key, too, or take the passphrase off (ssh-keygen -p)."
        )


def _host_keys(address: str, text: str) -> Iterator[str]:
    """Yield why Argo CD would not know the repository's host by the keys that were given."""
    scan = f'give it what "{keyscan(address)}" prints.'
    if wrong := malformed(text):
        lines = ", ".join(map(str, wrong))
        yield f"gitops_ssh_known_hosts has no host key (hosts, type, key) in line {lines}: {scan}"
    elif text and not has_key_of(host(address), text):
        yield f"gitops_ssh_known_hosts has no key of {host(address).name}: {scan}"


def _author(given: Credentials) -> Iterator[str]:
    if given.complete and not given.username:
        yield f"{_AUTHOR} gitops_username is missing: type -e gitops_username=seldon."
    if given.complete and not given.email:
        yield f"{_AUTHOR} gitops_email is missing: type -e gitops_email=seldon@example.com."
