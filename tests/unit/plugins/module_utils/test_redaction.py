"""The words that make a name that of a secret: each of them is pinned here."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import (
    WORDS,
    hiding,
    mentions_secret,
    names_secret,
)

NAMES = {
    "password": ["password", "DB_PASSWORD", "dbPassword"],
    "passwd": ["passwd", "db_passwd"],
    "passphrase": ["passphrase", "gitops_ssh_passphrase", "sshPassphrase"],
    "secret": ["secret", "client-secret", "clientSecret"],
    "token": ["token", "id-token", "API_TOKEN", "refreshToken"],
    "credentials?": ["credential", "credentials", "awsCredentials"],
    "id_rsa": ["id_rsa"],
    "api[-_.]?key": ["apikey", "apiKey", "api-key", "API_KEY", "api.key"],
    "access[-_.]?key": ["accesskey", "AWS_SECRET_ACCESS_KEY", "access-key", "access.key"],
    "private[-_.]?key": ["privatekey", "sshPrivateKey", "private-key", "private_key", "private.key"],
}


def test_no_word_is_without_a_name_here() -> None:
    assert [*NAMES] == [*WORDS]


@pytest.mark.parametrize("name", [name for names in NAMES.values() for name in names])
def test_a_name_that_ends_with_a_word_is_that_of_a_secret(name: str) -> None:
    assert names_secret(name)
    assert mentions_secret(f"the {name} of somebody")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "name",
        "secretName",
        "jwtSecretKey",
        "tokenFile",
        "key",
        "passwordless",
        "certificate-authority-data",
        "apis",
    ],
)
def test_other_names_are_not(name: str) -> None:
    assert not names_secret(name)


@pytest.mark.parametrize(
    ("text", "found"), [("secretName", True), ("passwordless", True), ("compass", False), ("a key", False), ("", False)]
)
def test_a_word_anywhere_in_a_text(text: str, found: bool) -> None:
    assert mentions_secret(text) is found


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (["geheim"], "(hidden) and (hidden)er"),
        (["geheim", "geheimer"], "(hidden) and (hidden)"),
        (["", "x"], "geheim and geheimer"),
        ([], "geheim and geheimer"),
    ],
)
def test_values_go_the_longest_first(values: list[str], shown: str) -> None:
    assert hiding(values)("geheim and geheimer") == shown
    assert hiding(values, "-")("geheim and geheimer") == shown.replace("(hidden)", "-")
