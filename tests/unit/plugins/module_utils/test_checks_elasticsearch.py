"""Checks of Elasticsearch and of the logs' way to it where no sandbox can show them; no value is ever told."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks import elasticsearch, logging
from ansible_collections.seldon.openshift.plugins.module_utils.checks.copies import copied
from ansible_collections.seldon.openshift.plugins.module_utils.checks.http import Answer
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import Check, rows

from tests.unit.observed import observed

Object = dict[str, Any]
LOGS, SYSTEM, PASSWORD = "seldon-logs", "seldon-system", "hunter2"
ECK: Object = {"mode": "eck", "operators": [], "url": "https://es:9200", "namespace": LOGS, "system_namespace": SYSTEM}
FORWARD: Object = {"mode": "forward", "operators": [], "url": "https://es:9200", "logs_namespace": LOGS} | {
    "in_cluster": False,
    "authority": True,
}


def secret(name: str, namespace: str, **values: str) -> Object:
    data = {key.replace("_", "."): base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}, "data": data}


def copy(namespace: str, password: str = PASSWORD) -> Object:
    return secret("elastic-credentials", namespace, username="elastic", password=password)


def said(checks: tuple[Check, ...], name: str, cluster: Any, settings: Object) -> list[tuple[str, str]]:
    """Return status and words of one check's rows, none of which holds the password."""
    found = rows([check for check in checks if check.name == name], "chapter", cluster, settings)
    assert PASSWORD not in str(found)
    return [(row["status"], row["seen"]) for row in found]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(200, '[{"index": "app-write"}, {"index": ".security"}]'), ("pass", "1 indices of requests and logs")),
        (Answer(200, '[{"index": ".security"}]'), ("pass", "no request or log has arrived yet")),
        (Answer(200, "<html>"), ("pass", "cannot be read")),
        (Answer(401, "unauthorized"), ("fail", "HTTP 401")),
        (Answer(0, "no ready pod"), ("skipped", "no ready pod")),
    ],
)
def test_elasticsearch_itself_says_whether_a_login_is_good(
    answer: Answer, told: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = observed(copy(LOGS), copy(SYSTEM))
    asked: list[tuple[Any, ...]] = []

    def ask(*given: Any) -> Answer:
        asked.append(given)
        return answer

    monkeypatch.setattr(cluster, "ask", ask)
    found = said(elasticsearch.CHECKS, "elasticsearch.login", cluster, ECK)
    assert [(status, told[1] in seen) for status, seen in found] == [(told[0], True)] * 2
    login = base64.b64encode(f"elastic:{PASSWORD}".encode()).decode()
    path = "/_cat/indices?format=json&h=index"
    assert asked[0] == (LOGS, "elasticsearch-seldon-es-http", 9200, path, {"Authorization": f"Basic {login}"})


def test_an_external_elasticsearch_is_judged_by_what_this_cluster_holds_of_it() -> None:
    settings = ECK | {"mode": "external"}
    cluster = observed(copy(LOGS), copy(SYSTEM, "of yesterday"))
    found = said(elasticsearch.CHECKS, "elasticsearch.credentials", cluster, settings)
    assert [status for status, _ in found] == ["pass", "fail"]
    assert "password differs from Secret seldon-logs/elastic-credentials" in found[1][1]
    for name in ("elasticsearch.ready", "elasticsearch.network", "elasticsearch.login"):
        assert {status for status, _ in said(elasticsearch.CHECKS, name, cluster, settings)} == {"skipped"}


@pytest.mark.parametrize(("count", "status"), [(1, "pass"), (3, "warn")])
def test_a_yellow_health_is_normal_for_one_node_only(count: int, status: str) -> None:
    found = {
        "apiVersion": "elasticsearch.k8s.elastic.co/v1",
        "kind": "Elasticsearch",
        "metadata": {"name": "elasticsearch-seldon", "namespace": LOGS, "generation": 2},
        "spec": {"nodeSets": [{"count": count}]},
        "status": {"phase": "Ready", "health": "yellow", "availableNodes": count, "observedGeneration": 2},
    }
    assert said(elasticsearch.CHECKS, "elasticsearch.ready", observed(found), ECK)[0][0] == status


@pytest.mark.parametrize(
    ("held", "status", "told"),
    [
        ({"username": "elastic", "password": PASSWORD, "ca-bundle_crt": "PEM"}, "pass", "holds username"),
        ({"username": "elastic", "password": PASSWORD}, "fail", "nothing under ca-bundle.crt"),
        ({"username": "elastic", "password": " ", "ca-bundle_crt": "PEM"}, "fail", "nothing under password"),
        ({"username": "elastic", "password": "other", "ca-bundle_crt": "PEM"}, "fail", "password differs"),
    ],
)
def test_collectors_of_an_external_elasticsearch_have_what_the_request_logger_has(
    held: dict[str, str], status: str, told: str
) -> None:
    cluster = observed(copy(LOGS), secret("seldon-elasticsearch", "openshift-logging", **held))
    ((found, seen),) = said(logging.CHECKS, "logging.credentials", cluster, FORWARD)
    assert (found, told in seen) == (status, True)


def test_where_logs_are_not_wanted_nothing_is_judged() -> None:
    for check in logging.CHECKS:
        found = said(logging.CHECKS, check.name, observed(), FORWARD | {"mode": "none"})
        assert {status for status, _ in found} == {"skipped"}


def test_a_copy_that_is_not_there_is_told_with_what_makes_it() -> None:
    found = copied("Secret a/b", None, {"password": None}, "its source", "run this")
    assert (found.status, found.seen, found.do) == ("fail", "does not exist", "run this")
