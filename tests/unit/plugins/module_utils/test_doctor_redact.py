"""Nothing that is or may be a secret stays, and what support needs does."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.doctor.redact import redacted, scrubber, secret_values

Object = dict[str, Any]
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl"
LINE = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
KEY = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{LINE}\nAAAAAAAAAAA\n-----END OPENSSH PRIVATE KEY-----"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def secret(annotations: Object | None = None, **data: str) -> Object:
    metadata: Object = {"name": "s", "namespace": "n", "annotations": annotations or {}}
    values = {key.replace("__", "."): encoded(value) for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": values}


def clean(obj: Object, *secrets: Object) -> Object:
    return redacted({"apiVersion": "v1", "kind": "Thing", **obj}, scrubber(secrets))


def test_of_a_secret_stay_its_name_its_type_its_keys_and_which_are_empty() -> None:
    held = secret({"openshift.io/token-secret.value": TOKEN}, password="hunter22", empty="")
    assert redacted(held, scrubber([held])) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": "s",
            "namespace": "n",
            "annotations": {"openshift.io/token-secret.value": "<removed>"},
        },
        "data": {"password": "<removed>", "empty": "<empty>"},
    }


def test_values_of_secrets_are_found_wherever_they_stand() -> None:
    held = secret(password="hunter22", key=KEY, note=f"line one\n{LINE}")
    found = json.dumps(
        clean(
            {
                "metadata": {"name": "x", "annotations": {"note": "it is hunter22"}},
                "spec": {"url": "x?y=hunter22", "list": [{"deep": "hunter22hunter22"}], "encoded": encoded("hunter22")},
                "status": {"message": f"read {LINE}"},
            },
            held,
        )
    )
    assert "hunter22" not in found
    assert encoded("hunter22") not in found
    assert LINE not in found


def test_ordinary_words_of_secrets_stay_everywhere_else() -> None:
    held = secret(username="elastic", host="postgres", port="5432", insecure="false", tls__crt="cert" * 9)
    held["data"] |= {"database-name": encoded("metadata"), "DATABASE_SERVICE_NAME": encoded("metadata")}
    assert secret_values([held]) == []


def test_what_the_server_keeps_and_what_repeats_the_object_goes() -> None:
    last = {"kubectl.kubernetes.io/last-applied-configuration": '{"data": {"password": "eA=="}}'}
    found = clean({"metadata": {"name": "x", "managedFields": [{}], "annotations": last}})
    assert found["metadata"] == {"name": "x"}


# Every word by which a field, a variable, an option or a text is taken for a secret.
WORDS = [
    *("password", "passwd", "passphrase", "secret", "token", "credential", "credentials", "id_rsa"),
    *("apikey", "apiKey", "api-key", "api_key", "access_key", "access-key", "accessKey", "private.key", "privateKey"),
]


@pytest.mark.parametrize("word", [*WORDS, *(f"ssh_{word}" for word in WORDS), *map(str.upper, WORDS)])
def test_a_word_for_a_secret_is_known_in_every_place(word: str) -> None:
    assert clean({"spec": {word: "x1", "other": "x2"}})["spec"] == {word: "<removed>", "other": "x2"}
    assert clean({"spec": {word: ["x1"]}})["spec"] == {word: ["<removed>"]}
    assert clean({"spec": [{"name": word, "value": "x1"}]})["spec"] == [{"name": word, "value": "<removed>"}]
    assert clean({"spec": [f"--{word}", "x1"]})["spec"] == [f"--{word}", "<removed>"]
    for text in (f"{word}=x1 n=1", f"{word}: 'x1' n=1", f'"{word}": "x1" n=1'):
        assert "x1" not in scrubber([])(text)
        assert "n=1" in scrubber([])(text)


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "token", "AWS_SECRET_ACCESS_KEY", "API-KEY", "dbPassword", "CLIENT_SECRET"]
)
def test_literals_of_environments_go(name: str) -> None:
    found = clean(
        {"spec": {"containers": [{"env": [{"name": name, "value": "x1"}, {"name": "MODE", "value": "fast"}]}]}}
    )
    env = found["spec"]["containers"][0]["env"]
    assert env == [{"name": name, "value": "<removed>"}, {"name": "MODE", "value": "fast"}]


def test_names_of_secrets_and_references_stay() -> None:
    spec = {
        "secretName": "elastic-credentials",
        "env": [
            {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "elastic-credentials", "key": "password"}}}
        ],
        "outputs": [{"secret": {"name": "elastic"}}],
        "automountServiceAccountToken": True,
        "jwtSecretKey": "jwt-seldon.txt",
    }
    assert clean({"spec": spec})["spec"] == spec


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"got {TOKEN} here", "got <removed> here"),
        (f"a\n{KEY}\nb", "a\n<removed>\nb"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE cut off", "<removed>"),
        ("Authorization: Bearer abcdef.123456", "Authorization: Bearer <removed>"),
        ("authorization: Basic ZWxhc3RpYzp4", "authorization: Basic <removed>"),
        ("https://user:pa55@git.example.com/x", "https://<removed>@git.example.com/x"),
        ("https://:t0ken@git.example.com/x", "https://<removed>@git.example.com/x"),
        ("https://us3r:pa/55@git.example.com/x", "https://<removed>@git.example.com/x"),
        ("HTTPS://t0ken@git.example.com/x", "HTTPS://<removed>@git.example.com/x"),
        ("ssh://git@git.example.com:7999/x",) * 2,
        ("POST https://alerts.example.com/in?key=abc&x=1 ok", "POST https://alerts.example.com/in?<removed> ok"),
        ("https://hooks.slack.com/services/T0/B0/xyz", "https://hooks.slack.com/<removed>"),
        ("https://acme.webhook.office.com/webhookb2/xyz", "https://acme.webhook.office.com/<removed>"),
        ("password=hunter2 user=me", "password=<removed> user=me"),
        ('{"token": "abc def", "n": 1}', '{"token": <removed>, "n": 1}'),
        ("db_password: 'x y'", "db_password: <removed>"),
        ("--api-key=xyz --v=2", "--api-key=<removed> --v=2"),
        ('secret "elastic-credentials" not found', 'secret "elastic-credentials" not found'),
        ("http://seldon-deploy.seldon-system/seldon-deploy/api/v1alpha1/webhooks/firing-alert",) * 2,
        ("2023-01-01T00:00:00Z INFO reconciled seldon/iris in 1.2s",) * 2,
    ],
)
def test_what_looks_like_a_secret_goes_from_text(text: str, expected: str) -> None:
    assert scrubber([])(text) == expected


def test_an_argument_after_its_option_goes() -> None:
    args = ["--password", "x y", "--verbose", "server"]
    assert clean({"spec": {"args": args}})["spec"]["args"] == ["--password", "<removed>", "--verbose", "server"]
