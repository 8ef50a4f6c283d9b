"""The words that make a name that of a secret: each of them is pinned here."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import (
    WORDS,
    Redaction,
    hiding,
    kubeconfig_secrets,
    mentions_secret,
    names_secret,
    option_secrets,
    without_logins,
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


PLUGINS: dict[str, dict[str, Any]] = {
    "in the command": {"command": "/x --password g3heim"},
    "after the command": {"command": "/x --password", "args": ["g3heim"]},
    "short": {"command": "x", "args": ["login", "-p", "g3heim"]},
    "short, joined": {"command": "x", "args": ["-p=g3heim"]},
    "pin": {"command": "x", "args": ["--pin", "g3heim"]},
    "pin, joined": {"command": "x", "args": ["--pin=g3heim"]},
    "address": {"command": "x", "args": ["--url", "https://u:g3heim@h/path"]},
    "address, joined": {"command": "x", "args": ["--url=https://u:g3heim@h:8443"]},
    "address with a space": {"command": "x", "args": ["--url", "https://u:p g3heim@h"]},
    "address of a token": {"command": "x", "args": ["https://g3heim@h"]},
    "script": {"command": "sh", "args": ["-c", "PIN='g3heim' x --user me; y -p \"g3heim\"; curl https://u:g3heim@h"]},
    "user": {"command": "curl", "args": ["-u", "me:g3heim"]},
    "header": {"command": "curl", "args": ["-H", "Authorization: Bearer g3heim"]},
    "own header": {"command": "curl", "args": ["--header", "X-Auth-Token: g3heim"]},
    **{
        name: {"command": "x", "env": [{"name": name, "value": "g3heim"}]}
        for name in ("PIN", "VAULT_PASS", "TOTP_OTP", "GITHUB_PAT", "TOKEN_1", "SECRET_B64", "SESSION_COOKIE")
    },
    "URL": {"command": "x", "env": [{"name": "URL", "value": "https://u:g3heim@h"}]},
}


@pytest.mark.parametrize("name", PLUGINS)
def test_what_a_plugin_is_given_is_hidden_when_it_echoes_it(name: str) -> None:
    config = {"users": [{"name": "u", "user": {"exec": PLUGINS[name]}}]}
    hide = Redaction(kubeconfig_secrets(config))
    given = PLUGINS[name]
    echo = " ".join([given["command"], *given.get("args", []), *(each["value"] for each in given.get("env", []))])
    assert "g3heim" not in hide(f"usage: {echo}: Unauthorized")


@pytest.mark.parametrize(
    "plugin",
    [
        {
            "command": "aws",
            "args": ["eks", "get-token", "--cluster-name", "prod", "--region", "eu-1", "--profile", "me"],
        },
        {"command": "kubectl", "args": ["oidc-login", "get-token", "--oidc-issuer-url=https://idp:8443/realms/a"]},
        {
            "command": "/usr/bin/x",
            "env": [{"name": "AWS_PROFILE", "value": "me"}, {"name": "TOKEN_FILE", "value": "/t"}],
        },
        {"command": "x", "args": ["-u", "me", "-p"], "env": [{"name": "PIN", "value": None}]},
        {"command": "x", "args": None, "env": None},
    ],
)
def test_what_else_a_plugin_is_given_is_shown(plugin: dict[str, Any]) -> None:
    assert kubeconfig_secrets({"exec": plugin}) - {""} == set()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at https://u:p@h: no", "at https://(hidden)@h: no"),
        ("at https://u:p w@h: no", "at https://(hidden)@h: no"),
        ("at HTTPS://u:p w/x@h", "at HTTPS://(hidden)@h"),
        ("at https://u:p@s@h", "at https://(hidden)@h"),
        ("at https://t0ken@h", "at https://(hidden)@h"),
        ("at https://u:1 2@h", "at https://u:1 2@h"),  # as good as a port
        ("log in at https://h:8443/x, or ask me@example.com", "log in at https://h:8443/x, or ask me@example.com"),
        ("log in at https://h:8443 or ask me@example.com", "log in at https://h:8443 or ask me@example.com"),
        ("ask me@example.com", "ask me@example.com"),
    ],
)
def test_logins_in_addresses(text: str, shown: str) -> None:
    assert without_logins(text) == shown


@pytest.mark.parametrize("address", ["https://u:p w@h", "https://u:g3heim w@h:6443", "u:p/w ü@h"])
def test_the_password_of_an_address_may_hold_spaces(address: str) -> None:
    password = address.partition("u:")[2].rpartition("@")[0]
    given: list[set[str]] = [
        option_secrets({"host": address}, {}),
        option_secrets({"kubeconfig": {"clusters": [{"name": "c", "cluster": {"server": address}}]}}, {}),
        kubeconfig_secrets({"proxy-url": address}),
    ]
    assert [password in Redaction(found)(f"no answer from {address}") for found in given] == [False] * 3
