"""Who is restarted for a changed Secret, and with which mark: on a cluster in memory."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.credentials import restarts
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.modules import seldon_restart

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]
PARAMS = {"secrets": [{"name": "s", "namespace": "n"}], "timeout": 60}
MADE, CHANGED, AFTER = "2022-12-01T10:00:00Z", "2022-12-01T11:00:00Z", "2022-12-01T12:00:00Z"
HOUR, DAY = 3600, 86400


def in_(seconds: float) -> str:
    """Return the time in so many seconds, by this machine's clock."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def secret(changed: str = CHANGED) -> Object:
    entries = [
        {"manager": "a", "operation": "Update", "time": MADE, "fieldsV1": {"f:data": {"f:other": {}}}},
        {"manager": "b", "operation": "Update", "time": changed, "fieldsV1": {"f:data": {"f:key": {}}}},
    ]
    metadata = {"name": "s", "namespace": "n", "creationTimestamp": MADE, "managedFields": entries}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"key": "eA==", "other": "eA=="}}


def reader(name: str = "reader", namespace: str = "n", secret: str = "s", kind: str = "Deployment") -> Object:
    variable = {"name": "X", "valueFrom": {"secretKeyRef": {"name": secret, "key": "key"}}}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "env": [variable]}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template},
    }


def pod(of: str = "reader", made: str = MADE, namespace: str = "n") -> Object:
    metadata = {"name": f"{of}-{made}", "namespace": namespace, "labels": {"app": of}, "creationTimestamp": made}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}


def restarted(server: ApiServer) -> list[str]:
    result = seldon_restart.run(server, PARAMS, False, [].append)
    assert result["changed"] is bool(result["restarted"])
    return [each["name"] for each in result["restarted"]]


def mark(server: ApiServer, workload: Object) -> str | None:
    template = (server.held(workload) or {})["spec"]["template"]["metadata"]
    return (template.get("annotations") or {}).get(restarts.RESTARTED_AT)


def test_exactly_who_runs_with_an_earlier_value_is_restarted_once() -> None:
    workloads = [
        reader("early"),
        reader("late"),
        reader("stopped"),
        reader("another-secret", secret="other"),
        reader("elsewhere", "other"),
        reader("daemon", kind="DaemonSet"),
    ]
    pods = [pod("early"), pod("early", AFTER), pod("late", AFTER), pod("another-secret"), pod("daemon")]
    server = ApiServer(secret(), *workloads, *pods, pod("elsewhere", namespace="other"))
    assert restarted(server) == ["early", "daemon"]
    assert [workload["metadata"]["name"] for workload in workloads if mark(server, workload)] == ["early", "daemon"]
    assert restarted(server) == []


@pytest.mark.parametrize(
    ("changed", "ahead"),
    [(CHANGED, False), (in_(DAY), True)],
    ids=["of this clock", "of a cluster whose clock is ahead"],
)
def test_the_mark_of_a_restart_is_no_earlier_than_the_change(changed: str, ahead: bool) -> None:
    server = ApiServer(secret(changed), reader(), pod())
    assert restarted(server) == ["reader"]
    marked = mark(server, reader())
    assert marked == changed if ahead else marked and in_(-HOUR) <= marked <= in_(0)
    assert restarted(server) == []


def test_of_two_changed_secrets_the_later_change_counts() -> None:
    late = in_(2 * DAY)
    both = reader()
    both["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"secretRef": {"name": "t"}}]
    server = ApiServer(secret(), both, pod())
    server.put({**secret(late), "metadata": {**secret(late)["metadata"], "name": "t"}})
    params = {**PARAMS, "secrets": [{"name": name, "namespace": "n"} for name in ("t", "s", "absent")]}
    assert len(seldon_restart.run(server, params, False, [].append)["restarted"]) == 1
    assert mark(server, both) == late


def test_a_secret_without_readers_restarts_nobody() -> None:
    server = ApiServer(secret(), reader("x", secret="other"), pod("x"))
    assert restarted(server) == []
    assert restarted(ApiServer(reader(), pod())) == []


def test_who_can_not_be_restarted_is_named() -> None:
    def refuse(method: str, _path: str) -> None:
        if method == "PATCH":
            raise ApiError(403, "Forbidden")

    server = ApiServer(secret(), reader(), pod())
    server.before_request = refuse
    with pytest.raises(EngineError, match=r"reader.*goes on with the old values"):
        restarted(server)


def test_a_variable_that_names_a_secret_counts_as_reading_it() -> None:
    """Seldon Core v2's clients of Kafka fetch it through the API when they start."""
    named = reader("gateway")
    named["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "KAFKA_CLIENT_SASL_SECRET_NAME", "value": "s"}
    ]
    other = reader("other")
    other["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "ANY_SECRET_NAME", "value": "s"}]
    assert restarts.readers([named, other], "s") == [named]
