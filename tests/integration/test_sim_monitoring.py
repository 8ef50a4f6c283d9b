"""The simulated monitoring, held against what OpenShift 4.11's and prometheus-operator 0.57 were seen to do."""

from __future__ import annotations

import base64
import gzip
import time

import pytest
import yaml

from sandbox.kube import ApiError, Kube, Object
from sandbox.simulator.objects import make
from tests.integration.cluster import Cluster
from tests.integration.helpers import decoded, eventually, set_pods, until

MONITORING = "monitoring.coreos.com/v1"
USER = "openshift-user-workload-monitoring"


@pytest.fixture(scope="module")
def kube(platform_cluster: Cluster) -> Kube:
    """A fresh cluster with two namespaces of users."""
    for name in ("seldon", "seldon-system"):
        platform_cluster.kube.apply(make("v1", "Namespace", name))
    return platform_cluster.kube


def configure(kube: Kube, data: dict[str, str]) -> None:
    kube.apply(make("v1", "ConfigMap", "cluster-monitoring-config", "openshift-monitoring", data=data))


def workloads(kube: Kube) -> dict[str, int]:
    return {
        obj["metadata"]["name"]: obj["status"].get("readyReplicas", 0)
        for kind in ("Deployment", "StatefulSet")
        for obj in kube.list("apps/v1", kind, USER)
    }


@pytest.fixture(scope="module")
def monitored(kube: Kube) -> Kube:
    """The cluster with the monitoring of user workloads switched on."""
    assert workloads(kube) == {}
    configure(kube, {"config.yaml": "enableUserWorkload: true\n"})
    expected = {"prometheus-operator": 1, "prometheus-user-workload": 2, "thanos-ruler-user-workload": 2}
    eventually(lambda: workloads(kube), expected)
    return kube


def test_user_workload_monitoring_brings_its_account_a_token_and_an_empty_configuration(monitored: Kube):
    def tokens() -> list[str]:
        found = [obj for obj in monitored.list("v1", "Secret", USER) if "token" in obj["metadata"]["name"]]
        return [decoded(obj, "token")[:2] for obj in found if obj.get("data", {}).get("token")]

    eventually(tokens, ["ey"])
    config = monitored.get("v1", "ConfigMap", "user-workload-monitoring-config", USER) or {}
    assert config.get("data", {}) == {}
    prometheus = monitored.get(MONITORING, "Prometheus", "user-workload", USER) or {}
    assert [entry["type"] for entry in prometheus["status"]["conditions"]] == ["Available", "Reconciled"]
    assert "observedGeneration" not in prometheus["status"]


def rule(name: str, namespace: str, expression: str) -> Object:
    groups = [{"name": "g", "rules": [{"alert": "A", "expr": expression}]}]
    return make(MONITORING, "PrometheusRule", name, namespace, spec={"groups": groups})


def rule_files(kube: Kube) -> tuple[str, list[str]]:
    found = kube.get("v1", "ConfigMap", "thanos-ruler-user-workload-rulefiles-0", USER) or {"metadata": {"uid": ""}}
    return found["metadata"]["uid"], sorted(found.get("data", {}))


def test_a_bad_rule_is_refused_with_the_reason_in_the_causes(monitored: Kube):
    with pytest.raises(ApiError) as raised:
        monitored.create(rule("bad", "seldon", "sum(rate(x[5m))"))
    assert (raised.value.status, raised.value.reason) == (422, "Invalid")
    expected = 'admission webhook "prometheusrules.openshift.io" denied the request: Rules are not valid'
    assert raised.value.message == expected
    (cause,) = raised.value.details["causes"]
    assert cause["message"].startswith('group "g", rule 1, "A": could not parse expression: ')


def test_one_rule_that_slipped_past_the_webhook_stops_all_others(monitored: Kube):
    before, _ = rule_files(monitored)
    monitored.create(rule("first", "seldon", "up == 0"))
    eventually(lambda: rule_files(monitored)[1], ["seldon-first.yaml"])
    made_anew, _ = rule_files(monitored)
    assert made_anew != before
    webhook = make("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "prometheusrules.openshift.io")
    rest = monitored.get(webhook["apiVersion"], webhook["kind"], webhook["metadata"]["name"]) or {}
    monitored.delete(webhook)
    slipped = until(lambda: accepted(monitored, rule("bad", "seldon", "sum(")))
    monitored.create(rule("second", "seldon-system", "up == 0"))
    time.sleep(0.5)
    assert rule_files(monitored) == (made_anew, ["seldon-first.yaml"])
    monitored.delete(slipped)
    eventually(lambda: rule_files(monitored)[1], ["seldon-first.yaml", "seldon-system-second.yaml"])
    monitored.create({**webhook, "webhooks": rest["webhooks"]})


def accepted(kube: Kube, obj: Object) -> Object | None:
    """Create the object; the API server asks a webhook that was deleted for some moments more."""
    try:
        return kube.create(obj)
    except ApiError:
        return None


def test_namespaces_that_are_not_the_users_are_ignored_without_a_word(monitored: Kube):
    labels = {"openshift.io/user-monitoring": "false"}
    monitored.create(make("v1", "Namespace", "unwatched", labels=labels))
    monitored.create(rule("unseen", "unwatched", "up"))
    monitored.create(rule("seen", "seldon", "up"))
    until(lambda: "seldon-seen.yaml" in rule_files(monitored)[1])
    assert not [name for name in rule_files(monitored)[1] if "unwatched" in name]


def test_a_pod_monitor_becomes_a_scrape_job(monitored: Kube):
    spec = {
        "selector": {"matchLabels": {"a": "b"}},
        "podMetricsEndpoints": [{"port": "metrics", "path": "/prometheus"}],
    }
    monitored.create(make(MONITORING, "PodMonitor", "models", "seldon", spec=spec))

    def jobs() -> list[str]:
        secret = monitored.get("v1", "Secret", "prometheus-user-workload", USER) or {}
        content = gzip.decompress(base64.b64decode(secret["data"]["prometheus.yaml.gz"]))
        return [job["job_name"] for job in yaml.safe_load(content)["scrape_configs"]]

    eventually(jobs, ["podMonitor/seldon/models/0"])


def test_alertmanager_reads_a_copy_of_the_secret_whatever_is_in_it(kube: Kube):
    main = make("v1", "Secret", "alertmanager-main", "openshift-monitoring")

    def generated() -> str:
        secret = kube.get("v1", "Secret", "alertmanager-main-generated", "openshift-monitoring")
        return decoded(secret, "alertmanager.yaml")

    default = decoded(kube.get("v1", "Secret", "alertmanager-main", "openshift-monitoring"), "alertmanager.yaml")
    eventually(generated, default)
    for content in ("receivers: [", default):
        kube.patch(main, {"data": {"alertmanager.yaml": base64.b64encode(content.encode()).decode()}})
        eventually(generated, content)


def test_prometheus_counts_too_few_pods_as_degraded(monitored: Kube):
    def available() -> tuple[str, str | None]:
        found = (monitored.get(MONITORING, "Prometheus", "user-workload", USER) or {})["status"]["conditions"][0]
        return found["status"], found.get("reason")

    for labels, expected in (
        ("statefulset.kubernetes.io/pod-name=prometheus-user-workload-0", ("Degraded", "SomePodsNotReady")),
        ("prometheus=user-workload", ("False", "NoPodReady")),
    ):
        set_pods(monitored, USER, labels, "NotReady")
        eventually(available, expected)
    set_pods(monitored, USER, "prometheus=user-workload", "Ready")
    eventually(available, ("True", None))


def test_a_configuration_that_cannot_be_read_degrades_the_operator_and_changes_nothing(monitored: Kube):
    def degraded() -> tuple[str, str]:
        operator = monitored.get("config.openshift.io/v1", "ClusterOperator", "monitoring") or {}
        found = {entry["type"]: entry for entry in operator["status"]["conditions"]}["Degraded"]
        return found["status"], found.get("message", "").partition(": error converting")[0]

    prefix = "Failed to rollout the stack. Error: the Cluster Monitoring ConfigMap"
    path = "/api/v1/namespaces/openshift-monitoring/configmaps/cluster-monitoring-config"
    for data, expected in (
        ({"config.yml": "enableUserWorkload: true"}, ("True", f"{prefix} doesn't contain a 'config.yaml' key")),
        ({"config.yaml": "enableUserWorkload: ["}, ("True", f"{prefix} could not be parsed")),
        ({"config.yaml": "enableUserWorkload: true"}, ("False", "")),
    ):
        live = monitored.request("GET", path)
        monitored.replace(live | {"data": data})
        eventually(degraded, expected)
        assert workloads(monitored)["prometheus-user-workload"] == 2


def test_the_users_alerts_have_an_alertmanager_of_their_own_when_asked_for(monitored: Kube):
    def own() -> tuple[int | None, bool]:
        return workloads(monitored).get("alertmanager-user-workload"), bool(monitored.get("v1", "Secret", name, USER))

    name = "alertmanager-user-workload"
    config = make("v1", "ConfigMap", "user-workload-monitoring-config", USER)
    for text, expected in (("alertmanager: {enabled: true}", (2, True)), ("", (None, False))):
        monitored.patch(config, {"data": {"config.yaml": text}})
        eventually(own, expected)


def test_switched_off_everything_of_it_goes(monitored: Kube):
    monitored.delete(make("v1", "ConfigMap", "cluster-monitoring-config", "openshift-monitoring"))
    eventually(lambda: workloads(monitored), {})
    eventually(lambda: [obj for obj in monitored.list("v1", "Secret", USER) if "token" in obj["metadata"]["name"]], [])
