"""rotate.yml after a password has changed: every copy follows, who reads one is restarted once, and nothing twice."""

from __future__ import annotations

import time

from sandbox.kube import Object
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import decoded, until

LOGS, SYSTEM, LOGGING = "seldon-logs", "seldon-system", "openshift-logging"
MADE = ("v1", "Secret", "elasticsearch-seldon-es-elastic-user", LOGS)
READERS = {
    ("Deployment", "seldon-deploy", SYSTEM),
    ("Deployment", "seldon-request-logger", LOGS),
    ("DaemonSet", "collector", LOGGING),
}
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


def test_a_new_password_reaches_everybody_once(finished_cluster: Cluster) -> None:
    """Deleting its Secret makes a new password, and no operator rolls the collectors for it."""
    kube = finished_cluster.kube

    def workloads() -> dict[tuple[str, str, str], Object]:
        found = {}
        for kind, name, namespace in READERS:
            found[kind, name, namespace] = kube.get("apps/v1", kind, name, namespace) or {}
        return found

    def copies() -> set[str]:
        where = [("elastic-credentials", LOGS), ("elastic-credentials", SYSTEM), ("seldon-elasticsearch", LOGGING)]
        return {decoded(kube.get("v1", "Secret", *each), "password") for each in where}

    rotate = ("playbooks/rotate.yml", *finished_cluster.values())
    assert recap(finished_cluster.playbook(*rotate))["changed"] == 0
    before, (old,) = workloads(), copies()

    time.sleep(1.1)  # the API server's times are whole seconds: the password is surely younger than the pods
    made = kube.get(*MADE)
    assert made
    kube.delete(made)
    until(lambda: (kube.get(*MADE) or {}).get("data"))
    new = decoded(kube.get(*MADE), "elastic")
    assert new != old

    result = finished_cluster.playbook(*rotate)
    assert recap(result)["changed"] == 2  # two tasks: for Seldon Deploy and the request logger, and for the collectors
    assert new not in result.stdout
    assert copies() == {new}
    after = workloads()
    for reader, workload in after.items():
        assert workload["metadata"]["generation"] == before[reader]["metadata"]["generation"] + 1
        assert RESTARTED_AT in workload["spec"]["template"]["metadata"]["annotations"]

    assert recap(finished_cluster.playbook(*rotate))["changed"] == 0
    assert {name: obj["metadata"]["generation"] for name, obj in workloads().items()} == {
        name: obj["metadata"]["generation"] for name, obj in after.items()
    }
