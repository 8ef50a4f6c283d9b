# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role monitoring.

Settings: `namespace` (Seldon Deploy's), `objects` (what it should hold), `alerting_namespaces` (where rules raise
alerts), `receiver` (secret, alertmanager_config or none), `webhook_url`.
"""

from __future__ import annotations

import base64
import gzip
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ..credentials.token_life import jwt_claims
from ..kube.errors import EngineError
from ..kube.kinds import (
    CLUSTER_OPERATOR,
    CONFIG_MAP,
    DEPLOYMENT,
    NAMESPACE,
    POD_MONITOR,
    PROMETHEUS_RULE,
    SECRET,
    SERVICE_ACCOUNT,
    STATEFUL_SET,
)
from ..kube.objects import Object, condition, condition_text, section
from ..kube.rights import Right
from ..kube.secrets import decoded
from ..shared.alertmanager_check import check, parsed
from ..shared.embedded import parse
from ..shared.monitoring_config import config_map, settings_of
from .access import granting
from .alerts import receivers, webhooks
from .flows import flows
from .model import Check, Finding, failed, passed, skipped, warned
from .observed import Observed
from .wanted import compared, meaning, of_kind
from .workloads import rollouts

Settings = Mapping[str, Any]

PLATFORM, USERS = "openshift-monitoring", "openshift-user-workload-monitoring"
COPY, KEY = "jwt-seldon", "jwt-seldon.txt"
MONITOR = "seldon-deploy-monitor"
MEND = "ansible-playbook seldon.openshift.site --tags monitoring"
SCOPE = "openshift.io/prometheus-rule-evaluation-scope"
EXCLUDING = {"openshift.io/cluster-monitoring": "true", "openshift.io/user-monitoring": "false"}
# Receivers that OpenShift sets up.
WATCHDOG, CRITICAL = "Watchdog", "Critical"
SOON = 30 * 24 * 3600.0
# The rights that the proxies in front of them require (cluster monitoring operator 4.11).
METRICS = ("metrics (Thanos, Prometheus)", Right("get", "namespaces"))
ALERTS = (
    "alerts (Alertmanager)",
    Right("patch", "alertmanagers", "monitoring.coreos.com", PLATFORM, "non-existant"),
)
# Service, port and path that the token is tried at: the guide's own test of it.
ASKED = (
    (METRICS[0], "thanos-querier", 9091, "/api/v1/query?query=vector(1)"),
    (ALERTS[0], "alertmanager-main", 9094, "/api/v1/alerts"),
)


def _enabled(cluster: Observed, _settings: Settings) -> Iterator[Finding]:
    for name in ("cluster-monitoring-config", "user-workload-monitoring-config"):
        empty = config_map(name)
        where = empty["metadata"]["namespace"]
        subject, look = f"ConfigMap {where}/{name}", f"oc -n {where} edit configmap {name}"
        try:
            found = settings_of(cluster.get(CONFIG_MAP.named(name, where)) or empty)
        except EngineError:
            yield failed(subject, "its config.yaml cannot be parsed", look)
            continue
        if where == USERS:
            yield passed(subject, ", ".join(found) or "defaults")
        elif found.get("enableUserWorkload") is True:
            yield passed(subject, "enableUserWorkload: true")
        else:
            yield failed(subject, "enableUserWorkload is not true", MEND)
    operator = cluster.get(CLUSTER_OPERATOR.named("monitoring")) or {}
    if condition(operator, "Degraded").get("status") == "True":
        seen = condition_text(condition(operator, "Degraded"), "degraded")
        yield failed("ClusterOperator monitoring", seen, "oc describe clusteroperator monitoring")


def _workloads(cluster: Observed, _settings: Settings) -> Iterator[Finding]:
    yield from rollouts(cluster, DEPLOYMENT, USERS, ["prometheus-operator"])
    names = ["prometheus-user-workload", "thanos-ruler-user-workload"]
    namespace, alertmanager = _alertmanager(cluster)
    if namespace == USERS:
        names.append(alertmanager)
    yield from rollouts(cluster, STATEFUL_SET, USERS, names)
    if namespace == PLATFORM:
        yield from rollouts(cluster, STATEFUL_SET, PLATFORM, [alertmanager])


def _token(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    namespace = settings["namespace"]
    subject = f"Secret {namespace}/{COPY}"
    token = _held(cluster, namespace)
    claims = _claims(token)
    if claims is None:
        yield failed(subject, f"holds no token of a service account under {KEY}", MEND)
        return
    home, account = _account(claims)
    what = f"a token of {home}/{account}"
    live = cluster.get(SERVICE_ACCOUNT.named(account, home))
    if live is None or _uid(claims) not in (None, live["metadata"]["uid"]):
        yield failed(subject, f"{what}, which has been deleted", MEND)
    elif (source := claims.get("kubernetes.io/serviceaccount/secret.name")) and token != decoded(
        cluster.get(SECRET.named(source, home))
    ).get("token"):
        yield failed(subject, f"{what} that is void: its Secret {source} was deleted or recreated", MEND)
    elif (left := claims.get("exp", float("inf")) - time.time()) < 0:
        yield failed(subject, f"{what} that has expired", MEND)
    elif left < SOON:
        yield warned(subject, f"{what} that expires in {left / 86400:.0f} days", MEND)
    else:
        yield passed(subject, f"{what}{'' if left == float('inf') else f', valid for {left / 86400:.0f} days'}")
    for what, service, port, path in ASKED:
        answer = cluster.ask(PLATFORM, service, port, path, {"Authorization": f"Bearer {token}"})
        at = f"{what} from {service}, with the token"
        if answer.status == 0:
            yield skipped(at, answer.body)
        elif answer.status == 200:
            yield passed(at, "accepted")
        else:
            yield failed(at, f"HTTP {answer.status}", MEND)


def _rights(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    claims = _claims(_held(cluster, settings["namespace"]))
    if claims is None:
        yield skipped("rights of the token", "there is no token")
        return
    home, account = _account(claims)
    for what, right in (METRICS, ALERTS):
        by = granting(cluster, home, account, right)
        subject = f"{what} for {home}/{account}"
        yield passed(subject, f"by {by}") if by else failed(subject, "no binding grants access", MEND)


def _network(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    names = ["Prometheus to Seldon Deploy"]
    # An Alertmanager of the users' own is beside Prometheus, and let in with it.
    if settings["receiver"] != "none" and _alertmanager(cluster)[0] == PLATFORM:
        names.append("Alertmanager to Seldon Deploy")
    yield from flows(cluster, names, {"system": settings["namespace"]}, MEND)


def _monitors(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    namespace = settings["namespace"]
    labels = section(cluster.get(NAMESPACE.named(namespace)) or {}, "metadata", "labels")
    for label, value in EXCLUDING.items():
        if labels.get(label) == value:
            seen = f"{label}={value} excludes it from monitoring"
            yield failed(f"Namespace {namespace}", seen, f"oc label namespace {namespace} {label}-")
    subject = f"PodMonitor {namespace}/{MONITOR}"
    applied = compared(cluster, subject, of_kind(settings["objects"], POD_MONITOR), namespace, MEND)
    if applied.status != "pass":
        yield applied
        return
    configuration = _scraping(cluster)
    if configuration is None:
        yield skipped(subject, "Prometheus has no configuration yet")
    elif f"podMonitor/{namespace}/{MONITOR}/0" in configuration:
        yield passed(subject, "loaded by Prometheus")
    else:
        look = f"oc -n {USERS} logs deployment/prometheus-operator -c prometheus-operator | grep -i podmonitor"
        yield failed(subject, "not loaded by Prometheus", look)


def _rules(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Compare the rules in Thanos Ruler with those applied: one invalid rule silently blocks all changes of rules."""
    namespace = settings["namespace"]
    wanted = of_kind(settings["objects"], PROMETHEUS_RULE)
    yield compared(cluster, f"PrometheusRules of {namespace}", wanted, namespace, MEND)
    loaded = _loaded(cluster)
    look = f"oc -n {USERS} logs deployment/prometheus-operator -c prometheus-operator | grep -i 'invalid rule'"
    for space in settings["alerting_namespaces"]:
        for rule in cluster.list(PROMETHEUS_RULE, space):
            if section(rule, "metadata", "labels").get(SCOPE) == "leaf-prometheus":
                continue
            subject, rules = f"PrometheusRule {space}/{rule['metadata']['name']}", _by_name(section(rule, "spec"))
            there = _by_name(loaded.get(f"{space}-{rule['metadata']['name']}.yaml", {}))
            missing = [name for name in rules if name not in there]
            other = [name for name in rules if name in there and not _same(rules[name], there[name])]
            if missing:
                yield failed(subject, f"Thanos Ruler does not have {', '.join(missing)}", look)
            elif other:
                yield failed(subject, f"Thanos Ruler has an earlier {', '.join(other)}", look)
            else:
                yield passed(subject, f"Thanos Ruler has its {len(rules)} rules")


def _receiver(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    if settings["receiver"] == "none":
        yield skipped("alerts", "are not sent to Seldon Deploy (monitoring_receiver is none)")
        return
    namespace, alertmanager = _alertmanager(cluster)
    subject, look = f"Secret {namespace}/{alertmanager}", f"oc -n {namespace} extract secret/{alertmanager} --to=-"
    config = _parsed(
        decoded(cluster.get(SECRET.named(f"{alertmanager}-generated", namespace))).get("alertmanager.yaml")
    )
    if config is None:
        yield failed(subject, "its configuration is invalid: Alertmanager will fail at its next start", look)
        return
    url, theirs = settings["webhook_url"], {each["name"] for each in config["receivers"]}
    for space in settings["alerting_namespaces"]:
        reached = receivers(config, {"namespace": space, "severity": "critical", "type": "user"})
        what, seen = f"critical alert of models in {space}", f"goes to {', '.join(reached)}"
        if not any(url in webhooks(config, receiver) for receiver in reached):
            yield failed(what, f"{seen}, not to {url}", MEND)
        elif CRITICAL in theirs and CRITICAL not in reached:
            yield warned(what, f"{seen}, and no longer to {CRITICAL}", MEND)
        else:
            yield passed(what, seen)
    for receiver, alert in ((WATCHDOG, {"alertname": "Watchdog"}), (CRITICAL, {"severity": "critical"})):
        reached = receivers(config, {"namespace": PLATFORM, **alert})
        what, seen = f"{receiver} alert of the platform", f"goes to {', '.join(reached)}"
        if receiver in theirs and receiver not in reached:
            yield warned(what, f"{seen}, and no longer to {receiver}", look)
        else:
            yield passed(what, seen)


def _alertmanager(cluster: Observed) -> tuple[str, str]:
    """Return namespace and name (of the StatefulSet, and of the Secret) of who gets the alerts of users' projects."""
    found = cluster.get(CONFIG_MAP.named("user-workload-monitoring-config", USERS))
    try:
        own = section(settings_of(found or {}), "alertmanager").get("enabled")
    except (EngineError, AttributeError, KeyError):
        own = False
    return (USERS, "alertmanager-user-workload") if own else (PLATFORM, "alertmanager-main")


def _scraping(cluster: Observed) -> str | None:
    """Return the configuration that Prometheus runs with, as text."""
    secret = cluster.get(SECRET.named("prometheus-user-workload", USERS))
    packed = section(secret, "data").get("prometheus.yaml.gz")
    return gzip.decompress(base64.b64decode(packed)).decode() if packed else None


def _loaded(cluster: Observed) -> dict[str, Object]:
    """Return the content of each file of rules that Thanos Ruler evaluates."""
    maps = cluster.list(CONFIG_MAP, USERS, "thanos-ruler-name=user-workload")
    return {key: parse(text) for each in maps for key, text in section(each, "data").items()}


def _by_name(spec: Object) -> dict[str, list[Object]]:
    """Return the rules of each name; several may have one."""
    found: dict[str, list[Object]] = {}
    for group in spec.get("groups") or []:
        for rule in group.get("rules") or []:
            found.setdefault(rule.get("alert") or rule.get("record"), []).append(rule)
    return found


def _same(rules: list[Object], loaded: list[Object]) -> bool:
    return [_meaning(each) for each in rules] == [_meaning(each) for each in loaded]


def _meaning(rule: Object) -> tuple[Any, ...]:
    """Return what a rule says, beside the namespace to which it is confined."""
    labels = {key: text for key, text in (rule.get("labels") or {}).items() if key != "namespace"}
    lasting = meaning(str(rule.get("for", "")))
    return meaning(str(rule.get("expr", ""))), lasting, labels, rule.get("annotations") or {}


def _parsed(text: str | None) -> Object | None:
    """Return a configuration of Alertmanager, None for what it would refuse."""
    try:
        config = parsed(text or "")
        check(config)
    except ValueError:
        return None
    return config


def _held(cluster: Observed, namespace: str) -> str:
    return decoded(cluster.get(SECRET.named(COPY, namespace))).get(KEY, "").strip()


def _claims(token: str) -> Object | None:
    """Return what a service account's token says of itself, None for anything else."""
    claims = jwt_claims(token)
    return claims if str(claims.get("sub")).startswith("system:serviceaccount:") else None


def _account(claims: Object) -> tuple[str, str]:
    namespace, name = claims["sub"].split(":")[2:4]
    return namespace, name


def _uid(claims: Object) -> str | None:
    bound = section(claims, "kubernetes.io", "serviceaccount").get("uid")
    return claims.get("kubernetes.io/serviceaccount/service-account.uid") or bound


CHECKS: tuple[Check, ...] = (
    Check(
        "monitoring.enabled",
        "Monitoring of user-defined projects is enabled",
        "Without it, there are no metrics of models and no alerts.",
        _enabled,
    ),
    Check(
        "monitoring.workloads",
        "Pods of Prometheus, Thanos Ruler and Alertmanager are ready",
        "The Prometheus resource is Available without any pod; ThanosRuler and Alertmanager have no conditions.",
        _workloads,
    ),
    Check(
        "monitoring.token",
        "Seldon Deploy's token for metrics and alerts is valid",
        "Without it, all metrics and the list of alerts stay empty.",
        _token,
    ),
    Check(
        "monitoring.rights",
        "The token may read metrics and alerts",
        "Thanos, Prometheus and Alertmanager each require a different right.",
        _rights,
    ),
    Check(
        "monitoring.network",
        "NetworkPolicies let Prometheus and Alertmanager reach Seldon Deploy",
        "The service mesh closes the namespace to both: no metrics are collected there, and no alert arrives.",
        _network,
    ),
    Check(
        "monitoring.monitors",
        "Prometheus has loaded the PodMonitor of Seldon Deploy",
        "Alerts on Seldon Deploy need these metrics. Prometheus ignores an invalid PodMonitor silently.",
        _monitors,
    ),
    Check(
        "monitoring.rules",
        "Thanos Ruler has loaded the PrometheusRules as they were applied",
        "One invalid rule, in whatever project, silently keeps all changes of rules from being loaded.",
        _rules,
    ),
    Check(
        "monitoring.receiver",
        "Alerts of models reach Seldon Deploy, and those of the platform their own receivers",
        "An earlier route can take an alert first. With an invalid configuration Alertmanager does not restart.",
        _receiver,
    ),
)
