"""SSH host keys that cannot work are refused before anything is written."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.shared.git_address import Host
from ansible_collections.seldon.openshift.plugins.plugin_utils.git_repository import Credentials, problems
from ansible_collections.seldon.openshift.plugins.plugin_utils.host_keys import has_key_of, malformed

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDhq"
# Made by ssh-keygen -H of git.example.com.
MADE = "|1|kOR/9MQ4YmZZOr+LrP0vOhKmEFg=|4qZih0EfDt+DsYBEm3sVc/8nLds="
HASHED = "|1|AAECAwQFBgcICQoLDA0ODxAREhM=|AAECAwQFBgcICQoLDA0ODxAREhM="


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"git.example.com {KEY}", []),
        (f"# a comment\n\n@cert-authority *.example.com {KEY} of us\r\n", []),
        ("@/home/me/known_hosts", [1]),
        (f"git.example.com {KEY}\ngit.example.com ssh-ed25519", [2]),
        ("git.example.com ssh-ed25519 <key>", [1]),
        ("", []),
    ],
)
def test_each_line_holds_a_key(text: str, lines: list[int]) -> None:
    assert malformed(text) == lines


@pytest.mark.parametrize(
    ("hosts", "place", "known"),
    [
        ("git.example.com", Host("git.example.com"), True),
        ("GIT.example.com,10.0.0.1", Host("git.example.com", "22"), True),
        ("*.example.com", Host("git.example.com"), True),
        ("*.example.com,!git.example.com", Host("git.example.com"), False),
        ("[git.example.com]:7999", Host("git.example.com", "7999"), True),
        ("git.example.com", Host("git.example.com", "7999"), False),
        ("[git.example.com]:7999", Host("git.example.com"), False),
        ("other.example.com", Host("git.example.com"), False),
        ("@cert-authority *.example.com", Host("git.example.com"), True),
        ("@revoked git.example.com", Host("git.example.com"), False),
        (HASHED, Host("git.example.com"), False),
        ("|1|x", Host("git.example.com"), False),
    ],
)
def test_the_host_is_among_them(hosts: str, place: Host, known: bool) -> None:
    assert has_key_of(place, f"{hosts} {KEY}") == known


def test_a_hashed_name_is_known_by_the_host() -> None:
    assert has_key_of(Host("git.example.com"), f"{MADE} {KEY}")
    assert not has_key_of(Host("github.com"), f"{MADE} {KEY}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"git.example.com {KEY}", []),
        ("# nothing but this", ["gitops_ssh_known_hosts has no key of git.example.com: give it what"]),
        (f"github.com {KEY}", ["gitops_ssh_known_hosts has no key of git.example.com: give it what"]),
        ("@keys", ["gitops_ssh_known_hosts has no host key (hosts, type, key) in line 1: give it what"]),
    ],
)
def test_what_is_told(text: str, told: list[str]) -> None:
    given = Credentials(username="a", email="a@b", ssh_private_key="k", ssh_known_hosts=text)
    found = problems("git@git.example.com:acme/models", given, kept=False)
    assert [each.partition(' "')[0] for each in found] == told
