"""The pure parts of the simulated monitoring, against what prometheus-operator 0.57 was seen to do."""

from __future__ import annotations

import base64

import pytest
import yaml

from sandbox.kube import Object
from sandbox.operators.monitoring import receivers, scraping
from sandbox.operators.monitoring.configuration import Unusable, platform_configuration, user_configuration
from sandbox.operators.monitoring.operands import prometheus_status
from sandbox.operators.monitoring.rules import enforced, problems, rule_file

# --- rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("up", 'up{namespace="seldon"}'),
        ('absent(up{container="a"})', 'absent(up{container="a",namespace="seldon"})'),
        ('x{namespace="other"} > 1', 'x{namespace="seldon"} > 1'),
        ('x{namespace=~"a|b",namespace!="a"}', 'x{namespace="seldon"}'),
        ("rate(x[5m] offset 1m)", 'rate(x{namespace="seldon"}[5m] offset 1m)'),
        (
            "a / scalar(max(b)) and c",
            'a{namespace="seldon"} / scalar(max(b{namespace="seldon"})) and c{namespace="seldon"}',
        ),
        (
            "sum(a) by (pod) * on (pod) group_right(id) b",
            'sum by (pod) (a{namespace="seldon"}) * on (pod) group_right (id) b{namespace="seldon"}',
        ),
        ("max_over_time(sum(x)[5m:1m])", 'max_over_time(sum(x{namespace="seldon"})[5m:1m])'),
    ],
)
def test_the_namespace_is_forced_into_every_selector(expression: str, expected: str):
    assert "".join(enforced(expression, "seldon").split()) == "".join(expected.split())


def rules(*entries: Object, name: str = "g", **group: str) -> Object:
    return {"groups": [{"name": name, "rules": list(entries), **group}]}


def alert(**fields: object) -> Object:
    return {"alert": "A", "expr": "up == 0", **fields}


def test_a_rule_file_has_the_namespace_as_a_label_of_every_result():
    spec = rules(alert(labels={"namespace": "other", "severity": "critical"}), {"record": "r", "expr": "sum(x)"})
    alerting, recording = yaml.safe_load(rule_file(spec, "seldon"))["groups"][0]["rules"]
    assert alerting["labels"] == {"namespace": "seldon", "severity": "critical"}
    assert recording == {"record": "r", "expr": 'sum(x{namespace="seldon"})', "labels": {"namespace": "seldon"}}


@pytest.mark.parametrize(
    ("spec", "cause"),
    [
        (rules(alert(expr="sum(rate(x[5m))")), 'group "g", rule 1, "A": could not parse expression: '),
        (rules(alert(expr="nonsense(x)")), 'group "g", rule 1, "A": could not parse expression: '),
        (
            rules(alert(), alert(annotations={"d": "Model {{ $labels.x"})),
            'group "g", rule 2, "A": annotation "d": template: __alert_A:1: unclosed action',
        ),
        (
            rules({"record": "a-b", "expr": "up"}),
            'group "g", rule 1, "a-b": invalid recording rule name: a-b',
        ),
        ({"groups": 2 * rules(alert())["groups"]}, 'groupname: "g" is repeated in the same file'),
        (rules(alert(), partial_response_strategy="bogus"), "invalid partial_response_strategy bogus value"),
    ],
)
def test_rules_that_are_not_valid(spec: Object, cause: str):
    (found,) = problems(spec)
    assert found.startswith(cause)
    with pytest.raises(ValueError, match=r"group|strategy"):
        rule_file(spec, "seldon")


def test_rules_that_are_valid():
    assert problems(rules(alert(annotations={"d": "{{ $labels.x }} of {{ $value }}"}, labels={"a": "b"}))) == []


# --- pod monitors ---------------------------------------------------------------------------------------------------


def monitor(*endpoints: Object, **spec: object) -> Object:
    content = {"selector": {"matchLabels": {"app.kubernetes.io/name": "a"}}, "podMetricsEndpoints": list(endpoints)}
    return {"metadata": {"name": "m", "namespace": "seldon"}, "spec": content | spec}


def test_a_pod_monitor_sees_its_own_namespace_only_and_copies_the_pod_labels_that_it_names():
    wide = monitor({"port": "metrics", "honorLabels": True}, namespaceSelector={"any": True})
    wide["spec"]["podTargetLabels"] = ["seldon-deployment-id"]
    (job,) = scraping.configuration("openshift-user-workload-monitoring/user-workload", [wide])["scrape_configs"]
    assert job["job_name"] == "podMonitor/seldon/m/0"
    assert job["kubernetes_sd_configs"] == [{"role": "pod", "namespaces": {"names": ["seldon"]}}]
    assert job["honor_labels"] is False
    assert "metrics_path" not in job
    targets = [entry["target_label"] for entry in job["relabel_configs"] if "target_label" in entry]
    assert targets == [
        "__tmp_prometheus_job_name",
        "namespace",
        "container",
        "pod",
        "seldon_deployment_id",
        "job",
        "endpoint",
        "namespace",
        "__tmp_hash",
    ]
    kept = [
        (entry["source_labels"][0], entry["regex"]) for entry in job["relabel_configs"] if entry.get("action") == "keep"
    ]
    assert kept == [
        ("__meta_kubernetes_pod_label_app_kubernetes_io_name", "(a);true"),
        ("__meta_kubernetes_pod_container_port_name", "metrics"),
        ("__tmp_hash", "$(SHARD)"),
    ]
    assert job["metric_relabel_configs"] == [{"target_label": "namespace", "replacement": "seldon"}]


@pytest.mark.parametrize(
    ("endpoint", "refused"),
    [
        ({"port": "a"}, False),
        ({"port": "a", "scrapeTimeout": "1m30s", "interval": "2m"}, False),
        ({"port": "a", "scrapeTimeout": "20s", "interval": "10s"}, True),
        ({"port": "a", "scrapeTimeout": "1m"}, True),
    ],
)
def test_a_timeout_beyond_the_interval_is_skipped(endpoint: Object, refused: bool):
    assert bool(scraping.refused(monitor(endpoint))) is refused


# --- Alertmanager ---------------------------------------------------------------------------------------------------

NOBODY = {"route": {"receiver": "null"}, "receivers": [{"name": "null"}]}
PLATFORM = {
    "route": {"receiver": "Default", "routes": [{"receiver": "Watchdog"}]},
    "receivers": [{"name": "Default"}, {"name": "Watchdog"}],
}


def secret(content: str, key: str = receivers.KEY) -> Object:
    return {"data": {key: base64.b64encode(content.encode()).decode()}}


@pytest.mark.parametrize(
    "content", ["receivers: [", "route: {receiver: nowhere}\nreceivers: []\n", yaml.safe_dump(PLATFORM)]
)
def test_without_alertmanager_configs_the_secret_is_copied_unchecked(content: str):
    assert receivers.generated(secret(content), None) == content.encode()


@pytest.mark.parametrize("found", [None, {}, secret("x", key="alertmanager.yml"), secret("")])
def test_without_configuration_all_alerts_are_dropped(found: Object | None):
    assert yaml.safe_load(receivers.generated(found, None)) == NOBODY


@pytest.mark.parametrize("content", ["receivers: [", "route: {receiver: nowhere}\nreceivers: []\n", "text"])
def test_with_alertmanager_configs_a_bad_secret_is_refused(content: str):
    with pytest.raises(ValueError, match="failed to initialize from secret"):
        receivers.generated(secret(content), [])


def test_the_route_of_an_alertmanager_config_comes_first_sees_its_namespace_and_lets_the_others_see_it():
    route = {
        "receiver": "deploy",
        "groupBy": ["alertname"],
        "groupWait": "10s",
        "matchers": [
            {"name": "severity", "value": "warning|critical", "matchType": "=~"},
            {"name": "old", "value": "a"},
        ],
    }
    config = {
        "metadata": {"namespace": "seldon-system", "name": "seldon"},
        "spec": {
            "route": route,
            "receivers": [{"name": "deploy", "webhookConfigs": [{"url": "http://a", "sendResolved": True}]}],
        },
    }
    merged = yaml.safe_load(receivers.generated(secret(yaml.safe_dump(PLATFORM)), [config]))
    assert merged["route"]["routes"] == [
        {
            "receiver": "seldon-system/seldon/deploy",
            "match": {"old": "a"},
            "matchers": ['severity=~"warning|critical"', 'namespace="seldon-system"'],
            "continue": True,
            "group_by": ["alertname"],
            "group_wait": "10s",
        },
        {"receiver": "Watchdog"},
    ]
    assert merged["receivers"][-1] == {
        "name": "seldon-system/seldon/deploy",
        "webhook_configs": [{"url": "http://a", "send_resolved": True}],
    }


# --- the two ConfigMaps ---------------------------------------------------------------------------------------------


def config_map(text: str | None) -> Object:
    return {"data": {} if text is None else {"config.yaml": text}}


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (config_map(None), "the Cluster Monitoring ConfigMap doesn't contain a 'config.yaml' key"),
        (config_map("a: ["), "the Cluster Monitoring ConfigMap could not be parsed: "),
        (config_map("text"), "the Cluster Monitoring ConfigMap could not be parsed: "),
        (config_map("enableUserWorkload: 'true'"), "the Cluster Monitoring ConfigMap could not be parsed: "),
    ],
)
def test_a_configuration_of_the_platform_that_cannot_be_used(found: Object, message: str):
    with pytest.raises(Unusable) as raised:
        platform_configuration(found)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("found", "expected"),
    [(None, {}), (config_map(""), {}), (config_map("enableUserWorkload: true"), {"enableUserWorkload": True})],
)
def test_a_configuration_of_the_platform_that_can_be_used(found: Object | None, expected: Object):
    assert platform_configuration(found) == expected


def test_the_users_configuration_needs_no_key_but_yaml():
    for found in (None, {}, config_map(None), config_map("")):
        user_configuration(found)
    with pytest.raises(Unusable, match=r"user-workload-monitoring-config.*could not be parsed"):
        user_configuration(config_map("a: ["))


@pytest.mark.parametrize(
    ("replicas", "ready", "expected"),
    [
        (0, 0, ("True", None)),
        (2, 2, ("True", None)),
        (2, 1, ("Degraded", "SomePodsNotReady")),
        (2, 0, ("False", "NoPodReady")),
    ],
)
def test_prometheus_is_available_without_pods_and_degraded_with_too_few(
    replicas: int, ready: int, expected: tuple[str, str | None]
):
    status = prometheus_status({"spec": {}}, {"status": {"replicas": replicas, "readyReplicas": ready}})
    available, reconciled = status["conditions"]
    assert (available["status"], available.get("reason")) == expected
    assert (reconciled["type"], reconciled["status"]) == ("Reconciled", "True")
    assert status["unavailableReplicas"] == replicas - ready
