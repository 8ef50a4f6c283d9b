"""The role monitoring: what it brings, what it leaves to others, its ways for alerts, and the way back."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.checks import alerts
from ansible_collections.seldon.openshift.plugins.modules import seldon_alertmanager_receiver, seldon_apply

from sandbox.build import binaries
from sandbox.kube import Kube, Object
from sandbox.paths import CHECKOUT
from sandbox.simulator.objects import deployment, make
from tests.integration.cluster import Cluster, recap
from tests.integration.engine import run
from tests.integration.helpers import decoded, eventually, until
from tests.plays import play_of

MONITORING, PLATFORM, USERS = "monitoring.coreos.com/v1", "openshift-monitoring", "openshift-user-workload-monitoring"
SYSTEM, MODELS = "seldon-system", ("seldon", "seldon-gitops")
DEPLOY = {"app.kubernetes.io/name": "seldon-deploy"}
URL = "http://seldon-deploy.seldon-system:80/seldon-deploy/api/v1alpha1/webhooks/firing-alert"
MATCHERS = ['severity =~ "warning|critical"', 'type =~ "user|infra"']
OAUTH2 = {"client_id": "sd-api", "client_secret": "pa55w0rd-of-nobody", "token_url": "https://sso.example.com/token"}


class Monitored:
    """A cluster on which the role ran; a Seldon Deploy reads the token there."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.kube, self.folder = cluster, cluster.kube, folder
        for name in (SYSTEM, *MODELS):
            self.kube.apply(make("v1", "Namespace", name))
        self.apply("main", "wait")
        reader = deployment("seldon-deploy", SYSTEM, selector=DEPLOY, containers={"seldon-deploy": [8000]})
        key = {"secretKeyRef": {"name": "jwt-seldon", "key": "jwt-seldon.txt"}}
        reader["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "TOKEN", "valueFrom": key}]
        self.kube.apply(reader)

    def apply(
        self, *entries: str, options: Sequence[str] = (), check: bool = True, **given: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run entry points of the role (main without any) with these variables."""
        play = play_of(self.folder / "play.json", "monitoring", *(entries or ["main"]))
        values = self.folder / "given.json"
        values.write_text(json.dumps({f"monitoring_{name}": value for name, value in given.items()}))
        return self.cluster.playbook(play, "-e", f"@{values}", *options, check=check)

    def changed(self, *entries: str, options: Sequence[str] = (), **given: Any) -> int:
        """Run entry points of the role and return how many tasks have changed something."""
        return recap(self.apply(*entries, options=options, **given))["changed"]


@pytest.fixture(scope="module")
def monitored(empty_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Monitored:
    return Monitored(empty_cluster, tmp_path_factory.mktemp("plays"))


@pytest.fixture
def kube(monitored: Monitored) -> Kube:
    return monitored.kube


def policy(kube: Kube, name: str) -> Object | None:
    found = kube.get("networking.k8s.io/v1", "NetworkPolicy", name, SYSTEM)
    return found and found["spec"]


def settings(kube: Kube, name: str, namespace: str) -> Object:
    found = kube.get("v1", "ConfigMap", name, namespace) or {}
    return yaml.safe_load(found["data"]["config.yaml"]) or {}


def alertmanager(kube: Kube, secret: str = "alertmanager-main", namespace: str = PLATFORM) -> Object:
    return yaml.safe_load(decoded(kube.get("v1", "Secret", secret, namespace), "alertmanager.yaml"))


def receivers(kube: Kube, *where: str) -> list[str]:
    return [receiver["name"] for receiver in alertmanager(kube, *where)["receivers"]]


def token(kube: Kube) -> Object:
    """Return whose token Seldon Deploy has."""
    claims = decoded(kube.get("v1", "Secret", "jwt-seldon", SYSTEM), "jwt-seldon.txt").split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))


def may(kube: Kube, user: str, verb: str, resource: str, group: str = "", namespace: str = "") -> bool:
    attributes = {"verb": verb, "resource": resource, "group": group, "namespace": namespace, "name": "non-existant"}
    review = make("authorization.k8s.io/v1", "SubjectAccessReview", "")
    review["spec"] = {"user": user, "resourceAttributes": attributes}
    return bool(kube.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)["status"]["allowed"])


def test_what_the_guide_prints_is_there(kube: Kube) -> None:
    assert settings(kube, "cluster-monitoring-config", PLATFORM) == {"enableUserWorkload": True}
    assert settings(kube, "user-workload-monitoring-config", USERS) == {}
    users = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": USERS}}}
    assert policy(kube, "user-workload-monitoring") == {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [users]}],
    }
    monitor = kube.get(MONITORING, "PodMonitor", "seldon-deploy-monitor", SYSTEM)
    assert monitor
    assert monitor["metadata"]["labels"] == {"app": "seldon-deploy"}
    assert monitor["spec"] == {
        "namespaceSelector": {"matchNames": [SYSTEM]},
        "selector": {"matchLabels": DEPLOY},
        "podMetricsEndpoints": [{"port": "metrics", "path": "/metrics"}],
    }
    for file in ("user-alerts.yaml", "infra-alerts.yaml"):
        printed = yaml.safe_load((CHECKOUT / "roles" / "monitoring" / "files" / file).read_text())
        rule = kube.get(MONITORING, "PrometheusRule", printed["metadata"]["name"], SYSTEM)
        assert rule
        assert rule["spec"] == printed["spec"]


def test_trap_65_pods_measure_and_have_the_rules(kube: Kube) -> None:
    for name in ("prometheus-user-workload", "thanos-ruler-user-workload"):
        found = kube.get("apps/v1", "StatefulSet", name, USERS)
        assert found
        assert found["status"]["readyReplicas"] == found["spec"]["replicas"]
    loaded = kube.get("v1", "ConfigMap", "thanos-ruler-user-workload-rulefiles-0", USERS)
    assert loaded
    assert loaded["data"].keys() == {f"{SYSTEM}-deploy-user-alerts.yaml", f"{SYSTEM}-deploy-infra-alerts.yaml"}


def test_trap_5_alertmanager_gets_through_to_the_pods_port(kube: Kube) -> None:
    found = policy(kube, "seldon-alertmanager")
    assert found
    assert found["podSelector"] == {"matchLabels": DEPLOY}
    platform = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": PLATFORM}}}
    assert found["ingress"] == [{"from": [platform], "ports": [{"protocol": "TCP", "port": 8000}]}]


def test_trap_18_the_token_is_of_an_account_that_may_read_metrics_and_alerts_only(kube: Kube) -> None:
    user = token(kube)["sub"]
    assert user == f"system:serviceaccount:{SYSTEM}:seldon-monitoring"
    assert may(kube, user, "get", "namespaces")
    assert may(kube, user, "patch", "alertmanagers", "monitoring.coreos.com", PLATFORM)
    assert not may(kube, user, "get", "pods", namespace=SYSTEM)
    assert not may(kube, user, "get", "secrets", namespace=SYSTEM)


def test_trap_10_each_alert_goes_where_it_went_and_seldons_to_seldon(kube: Kube, tmp_path: Path) -> None:
    def generated() -> str:
        secret = kube.get("v1", "Secret", "alertmanager-main-generated", PLATFORM)
        text = decoded(secret, "alertmanager.yaml")
        return text if URL in text else ""

    file = tmp_path / "alertmanager.yaml"
    file.write_text(until(generated))
    for alert, reached in (
        ("severity=critical type=user", "deploy-webhook,Critical"),
        ("severity=warning type=infra", "deploy-webhook"),
        ("severity=critical", "Critical"),
        ("alertname=Watchdog", "Watchdog"),
    ):
        command = [binaries()["amtool"], "config", "routes", "test", f"--config.file={file}", *alert.split()]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == reached
        labels = dict(label.split("=") for label in alert.split())
        # The validation walks the routes as Alertmanager does.
        assert ",".join(alerts.receivers(yaml.safe_load(file.read_text()), labels)) == reached


def test_trap_9_settings_of_others_stay(monitored: Monitored) -> None:
    theirs = {"prometheusK8s": {"retention": "30d"}}
    for name, namespace in (("cluster-monitoring-config", PLATFORM), ("user-workload-monitoring-config", USERS)):
        config = make("v1", "ConfigMap", name, namespace)
        monitored.kube.patch(config, {"data": {"config.yaml": yaml.safe_dump(theirs)}})
    assert monitored.changed() == 1
    assert settings(monitored.kube, "cluster-monitoring-config", PLATFORM) == theirs | {"enableUserWorkload": True}
    assert settings(monitored.kube, "user-workload-monitoring-config", USERS) == theirs
    assert monitored.changed("main", "wait", options=["--check", "--diff"]) == 0


def test_the_token_of_prometheus_as_the_guide_takes_it_and_back_restarts_seldon_deploy(monitored: Monitored) -> None:
    kube = monitored.kube

    def restarted() -> str:
        found = kube.get("apps/v1", "Deployment", "seldon-deploy", SYSTEM) or {}
        annotations = found["spec"]["template"]["metadata"].get("annotations") or {}
        return str(annotations.get("kubectl.kubernetes.io/restartedAt", ""))

    until(lambda: kube.list("v1", "Pod", SYSTEM, "app.kubernetes.io/name=seldon-deploy"))
    assert not restarted()
    assert monitored.changed(token_mode="existing") == 1
    assert token(kube)["sub"] == f"system:serviceaccount:{USERS}:prometheus-user-workload"
    assert restarted()
    assert monitored.changed() == 1
    assert token(kube)["sub"] == f"system:serviceaccount:{SYSTEM}:seldon-monitoring"


def test_trap_11_further_matchers_and_oauth2(monitored: Monitored) -> None:
    matchers = [*MATCHERS, 'namespace =~ "seldon.*"']
    result = monitored.apply(options=["--diff", "-vv"], webhook_oauth2=OAUTH2, webhook_matchers=matchers)
    assert recap(result)["changed"] == 1
    config = alertmanager(monitored.kube)
    (receiver,) = (each for each in config["receivers"] if each["name"] == "deploy-webhook")
    oauth2 = {"oauth2": OAUTH2 | {"scopes": ["openid"]}}
    assert receiver["webhook_configs"] == [{"url": URL, "http_config": oauth2}]
    assert config["route"]["routes"][0]["matchers"] == matchers
    assert OAUTH2["client_secret"] not in result.stdout + result.stderr


def test_trap_64_by_an_alertmanager_config_in_each_namespace_and_not_at_all(monitored: Monitored) -> None:
    kube, beta = monitored.kube, "monitoring.coreos.com/v1alpha1"

    def configs() -> dict[str, Object]:
        return {obj["metadata"]["namespace"]: obj for obj in kube.list(beta, "AlertmanagerConfig")}

    def routes() -> list[str]:
        return [each["receiver"] for each in alertmanager(kube, "alertmanager-main-generated")["route"]["routes"]]

    # As add_namespace.yml leaves one that the inventory does not name.
    kube.apply(make("v1", "Namespace", "added", labels={"seldon.restricted": "false"}))
    result = monitored.apply(options=["--diff"], receiver="alertmanager_config", webhook_oauth2=OAUTH2)
    assert OAUTH2["client_secret"] not in result.stdout + result.stderr
    assert configs().keys() == {SYSTEM, *MODELS, "added"}
    assert configs()[SYSTEM]["spec"]["route"]["matchers"] == [
        {"name": "severity", "matchType": "=~", "value": "warning|critical"},
        {"name": "type", "matchType": "=~", "value": "user|infra"},
    ]
    assert "deploy-webhook" not in receivers(kube)
    wanted = sorted(f"{namespace}/seldon-deploy/deploy-webhook" for namespace in configs())
    until(lambda: sorted(routes()[: len(wanted)]) == wanted)
    assert "deploy-webhook" not in routes()

    monitored.apply(receiver="none", alertmanager_policy=False)
    assert configs() == {}
    assert "deploy-webhook" not in receivers(kube)
    assert policy(kube, "seldon-alertmanager") is None


def test_alerts_reach_seldon_through_the_users_own_alertmanager(monitored: Monitored) -> None:
    where = ("alertmanager-user-workload", USERS)
    monitored.apply(user_workload_config={"alertmanager": {"enabled": True}})
    assert receivers(monitored.kube, *where) == ["Default", "deploy-webhook"]
    assert "deploy-webhook" not in receivers(monitored.kube)
    config = make("v1", "ConfigMap", "user-workload-monitoring-config", USERS)
    monitored.kube.patch(config, {"data": {"config.yaml": ""}})
    eventually(lambda: monitored.kube.get("v1", "Secret", *where), None)
    monitored.apply()
    assert "deploy-webhook" in receivers(monitored.kube)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("webhook_oauth2", {"client_id": "a"}, "lacks client_secret, token_url"),
        ("webhook_matchers", ["severity"], "such as severity =~"),
    ],
)
def test_bad_input_is_refused_before_the_first_write(monitored: Monitored, name: str, value: Any, told: str) -> None:
    def refused() -> None:
        result = monitored.apply("main", check=False, **{name: value})
        assert told in result.stdout + result.stderr

    writes = ("create", "update", "patch", "delete")
    assert [event for event in monitored.cluster.requests(refused) if event["verb"] in writes] == []


def test_trap_63_a_configuration_that_alertmanager_would_refuse_is_neither_written_nor_lost(
    monitored: Monitored,
) -> None:
    secret = monitored.kube.get("v1", "Secret", "alertmanager-main", PLATFORM)
    assert secret
    broken = {"alertmanager.yaml": base64.b64encode(b"receivers: [").decode()}
    monitored.kube.patch(secret, {"data": broken})
    refused = run(seldon_alertmanager_receiver, monitored.cluster, url=URL)
    assert "can't be parsed" in refused["msg"]
    assert (monitored.kube.get("v1", "Secret", "alertmanager-main", PLATFORM) or {})["data"] == broken
    monitored.kube.patch(secret, {"data": secret["data"]})


def test_trap_62_a_refused_rule_tells_what_is_wrong_with_it(monitored: Monitored) -> None:
    bad = make(MONITORING, "PrometheusRule", "bad", SYSTEM)
    bad["spec"] = {"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "sum("}]}]}
    refused = run(seldon_apply, monitored.cluster, resources=[bad])
    assert 'group "g", rule 1, "A": could not parse expression' in refused["msg"]


def test_removing_it_takes_out_what_it_brought_and_nothing_else(monitored: Monitored) -> None:
    kube = monitored.kube
    theirs = [name for name in receivers(kube) if name != "deploy-webhook"]
    rights = "rbac.authorization.k8s.io/v1"
    ours: list[Callable[[], Object | None]] = [
        lambda: kube.get("v1", "Secret", "jwt-seldon", SYSTEM),
        lambda: kube.get("v1", "ServiceAccount", "seldon-monitoring", SYSTEM),
        lambda: kube.get(rights, "ClusterRoleBinding", f"{SYSTEM}-seldon-monitoring"),
        lambda: kube.get(rights, "RoleBinding", f"{SYSTEM}-seldon-monitoring", PLATFORM),
        lambda: kube.get(MONITORING, "PodMonitor", "seldon-deploy-monitor", SYSTEM),
        lambda: kube.get(MONITORING, "PrometheusRule", "deploy-user-alerts", SYSTEM),
        lambda: kube.get(MONITORING, "PrometheusRule", "deploy-infra-alerts", SYSTEM),
        lambda: policy(kube, "user-workload-monitoring"),
        lambda: policy(kube, "seldon-alertmanager"),
    ]
    assert monitored.changed("remove", options=["--check"]) == 3
    assert all(look() for look in ours)
    monitored.apply("remove")
    assert not any(look() for look in ours)
    assert receivers(kube) == theirs
    assert settings(kube, "cluster-monitoring-config", PLATFORM)["enableUserWorkload"] is True
    assert monitored.changed("remove", remove_user_workload=True) == 1
    assert "enableUserWorkload" not in settings(kube, "cluster-monitoring-config", PLATFORM)
    eventually(lambda: kube.get("apps/v1", "StatefulSet", "prometheus-user-workload", USERS), None)
