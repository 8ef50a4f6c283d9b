"""Checks of monitoring where no sandbox can show them: routes, rights, and tokens of every age."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.access import granting
from ansible_collections.seldon.openshift.plugins.module_utils.checks.alerts import receivers, webhooks
from ansible_collections.seldon.openshift.plugins.module_utils.checks.http import Answer
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import rows
from ansible_collections.seldon.openshift.plugins.module_utils.checks.monitoring import CHECKS
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import ROLE
from ansible_collections.seldon.openshift.plugins.module_utils.kube.rights import Right

from tests.unit.observed import observed

Object = dict[str, Any]
SYSTEM = "seldon-system"
ROUTES = {
    "receivers": [{"name": "default"}, {"name": "seldon", "webhook_configs": [{"url": "http://seldon"}]}],
    "route": {
        "receiver": "default",
        "routes": [
            {
                "receiver": "seldon",
                "matchers": ['severity =~ "warning|critical"', "type=~user|infra"],
                "continue": True,
            },
            {"match": {"alertname": "Watchdog"}, "receiver": "watchdog"},
            {
                "match_re": {"namespace": "openshift-.*"},
                "routes": [{"matchers": ["severity = critical"], "receiver": "pager"}],
            },
            {"matchers": ['team!=""', 'team !~ "a\\"b|c"'], "receiver": "team"},
        ],
    },
}


@pytest.mark.parametrize(
    ("alert", "reached"),
    [
        ({"severity": "critical", "type": "user"}, ["seldon"]),
        ({"severity": "critical", "type": "user", "namespace": "openshift-etcd"}, ["seldon", "pager"]),
        ({"severity": "warning", "type": "userland"}, ["default"]),
        ({"alertname": "Watchdog"}, ["watchdog"]),
        ({"namespace": "openshift-etcd"}, ["default"]),
        ({"namespace": "not-openshift-etcd"}, ["default"]),
        ({"team": "d"}, ["team"]),
        ({"team": "c"}, ["default"]),
        ({"team": 'a"b'}, ["default"]),
    ],
)
def test_an_alert_goes_where_alertmanager_sends_it(alert: dict[str, str], reached: list[str]) -> None:
    assert receivers(ROUTES, alert) == reached


def test_the_addresses_of_a_receiver() -> None:
    assert (webhooks(ROUTES, "seldon"), webhooks(ROUTES, "default")) == (["http://seldon"], [])


def binding(role: str, *subjects: Object, kind: str = "ClusterRole", namespace: str | None = None) -> Object:
    of = {"kind": "RoleBinding", "namespace": namespace} if namespace else {"kind": "ClusterRoleBinding"}
    metadata = {"name": f"to-{role}", "namespace": namespace}
    return {
        "apiVersion": ROLE.api_version,
        "kind": of["kind"],
        "metadata": metadata,
        "roleRef": {"kind": kind, "name": role},
        "subjects": list(subjects),
    }


def role(name: str, rule: Object, namespace: str | None = None) -> Object:
    kind = "Role" if namespace else "ClusterRole"
    return {
        "apiVersion": ROLE.api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "rules": [rule],
    }


NAMESPACES = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}
EVERYTHING = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
ONE = {"apiGroups": ["g"], "resources": ["things"], "resourceNames": ["one"], "verbs": ["patch"]}
ACCOUNT = {"kind": "ServiceAccount", "name": "reader", "namespace": SYSTEM}


@pytest.mark.parametrize(
    ("objects", "right", "by"),
    [
        ((role("r", NAMESPACES), binding("r", ACCOUNT)), Right("get", "namespaces"), "ClusterRoleBinding to-r"),
        ((role("r", EVERYTHING), binding("r", ACCOUNT)), Right("get", "namespaces"), "ClusterRoleBinding to-r"),
        ((role("r", NAMESPACES), binding("r", ACCOUNT)), Right("list", "namespaces"), None),
        ((role("r", NAMESPACES), binding("r", {**ACCOUNT, "namespace": "other"})), Right("get", "namespaces"), None),
        ((role("r", NAMESPACES), binding("r", ACCOUNT, namespace="here")), Right("get", "namespaces"), None),
        ((binding("missing", ACCOUNT),), Right("get", "namespaces"), None),
        (
            (role("r", NAMESPACES), binding("r", {"kind": "Group", "name": "system:serviceaccounts:seldon-system"})),
            Right("get", "namespaces"),
            "ClusterRoleBinding to-r",
        ),
        (
            (role("r", ONE, "here"), binding("r", ACCOUNT, kind="Role", namespace="here")),
            Right("patch", "things", "g", "here", "one"),
            "RoleBinding to-r",
        ),
        (
            (role("r", ONE, "here"), binding("r", ACCOUNT, kind="Role", namespace="here")),
            Right("patch", "things", "g", "here", "two"),
            None,
        ),
    ],
)
def test_rights_are_those_of_bound_roles(objects: tuple[Object, ...], right: Right, by: str | None) -> None:
    assert granting(observed(*objects), SYSTEM, "reader", right) == by


def token(**claims: Any) -> str:
    of_account = {"sub": f"system:serviceaccount:{SYSTEM}:reader", **claims}
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in ({}, of_account, "sign"))


def secret(name: str, key: str, value: str) -> Object:
    data = {key: base64.b64encode(value.encode()).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": SYSTEM}, "data": data}


def said(check: str, *objects: Object) -> list[tuple[str, str]]:
    settings = {"namespace": SYSTEM}
    found = rows([each for each in CHECKS if each.name == check], "monitoring", observed(*objects), settings)
    return [(row["status"], row["seen"]) for row in found]


LIVE = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader", "namespace": SYSTEM, "uid": "1"}}
UID, SOURCE = "kubernetes.io/serviceaccount/service-account.uid", "kubernetes.io/serviceaccount/secret.name"
LEGACY = token(**{UID: "1", SOURCE: "reader-token"})
DAY = 86400


@pytest.mark.parametrize(
    ("value", "objects", "status", "words"),
    [
        (LEGACY, (LIVE, secret("reader-token", "token", LEGACY)), "pass", "a token of seldon-system/reader"),
        (LEGACY, (LIVE, secret("reader-token", "token", "another")), "fail", "is void"),
        (LEGACY, (LIVE,), "fail", "is void"),
        (token(**{UID: "2"}), (LIVE,), "fail", "has been deleted"),
        (LEGACY, (), "fail", "has been deleted"),
        (token(exp=time.time() - 5), (LIVE,), "fail", "has expired"),
        (token(exp=time.time() + 5.2 * DAY), (LIVE,), "warn", "expires in 5 days"),
        (token(exp=time.time() + 300.2 * DAY), (LIVE,), "pass", "valid for 300 days"),
        (token(sub="someone"), (LIVE,), "fail", "holds no token"),
        ("pa55w0rd", (LIVE,), "fail", "holds no token"),
        ("", (LIVE,), "fail", "holds no token"),
    ],
    # By number: a token holds the time, and every worker of a run has to call its test the same.
    ids=range(11),
)
def test_a_token_is_judged_by_what_it_says_and_what_it_is_of(
    value: str, objects: tuple[Object, ...], status: str, words: str
) -> None:
    found = said("monitoring.token", secret("jwt-seldon", "jwt-seldon.txt", value), *objects)
    assert found[0][0] == status
    assert words in found[0][1]
    assert not value or value not in str(found)


@pytest.mark.parametrize(
    ("answer", "status"), [(Answer(200, "{}"), "pass"), (Answer(403, ""), "fail"), (Answer(0, "no pod"), "skipped")]
)
def test_thanos_and_alertmanager_are_asked_with_the_token(
    answer: Answer, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ansible_collections.seldon.openshift.plugins.module_utils.checks.observed.Observed.ask", _ask)
    monkeypatch.setattr(_ask, "answer", answer, raising=False)
    held = (secret("jwt-seldon", "jwt-seldon.txt", LEGACY), LIVE, secret("reader-token", "token", LEGACY))
    found = said("monitoring.token", *held)
    assert [each[0] for each in found] == ["pass", status, status]
    assert LEGACY not in str(found)


def _ask(_self: object, _namespace: str, _service: str, _port: int, _path: str, headers: Object) -> Answer:
    assert headers == {"Authorization": f"Bearer {LEGACY}"}
    answer: Answer = _ask.answer  # type: ignore[attr-defined]
    return answer
