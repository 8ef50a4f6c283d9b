# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role model_namespace.

Settings: `namespaces` and `applications`, the objects as they should be; `objects`, what each namespace should hold;
`mesh_namespace`; `argocd_namespace` and `argocd_name` (empty: not looked for).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..kube.kinds import (
    APPLICATION,
    MEMBER_ROLL,
    NAMESPACE,
    NETWORK_POLICY,
    POD_MONITOR,
    PROMETHEUS_RULE,
    ROLE_BINDING,
)
from ..kube.objects import Kind, section
from ..readiness.comparison import FOLDER, PASSING, trouble
from .flows import flows
from .model import Check, Finding, failed, judged, passed, warned
from .observed import Observed
from .wanted import compared, differences, of_kind

MONITORED = {"openshift.io/cluster-monitoring": "true", "openshift.io/user-monitoring": "false"}  # what ends it
FLOWS = (
    "mesh gateway to models",
    "Prometheus to models",
    "Knative Eventing to detectors",
    "Knative Serving to detectors",
    "Kourier to detectors",
)

Settings = Mapping[str, Any]


def _mend(namespace: str) -> str:
    return f"ansible-playbook seldon.openshift.add_namespace -e ns={namespace}"


def _names(settings: Settings) -> list[str]:
    return [each["metadata"]["name"] for each in settings["namespaces"]]


def _labels(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    for wanted in settings["namespaces"]:
        name = wanted["metadata"]["name"]
        live, subject = cluster.get(NAMESPACE.named(name)), f"namespace {name}"
        if live is None:
            yield failed(subject, "does not exist", _mend(name))
            continue
        described = {kind: wanted["metadata"].get(kind) or {} for kind in ("labels", "annotations")}
        wrong = [
            f"{key} is {found.get(key, 'not set')} instead of {value}"
            for kind, values in described.items()
            for found in [section(live, "metadata", kind)]
            for key, value in values.items()
            if found.get(key) != value
        ]
        if wrong:
            yield failed(subject, "; ".join(wrong), _mend(name))
        else:
            told = (f"{key}={value}" for values in described.values() for key, value in values.items())
            yield passed(subject, ", ".join(told))


def _policies(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    yield from _applied(cluster, settings, NETWORK_POLICY, "NetworkPolicies")


def _flows(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    for name in _names(settings):
        yield from flows(cluster, FLOWS, {"mesh": settings["mesh_namespace"], "model": name}, _mend(name))


def _monitors(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    yield from _applied(cluster, settings, POD_MONITOR, "PodMonitors")


def _rules(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    yield from _applied(cluster, settings, PROMETHEUS_RULE, "PrometheusRules")


def _applied(cluster: Observed, settings: Settings, kind: Kind, plural: str) -> Iterator[Finding]:
    wanted = of_kind(settings["objects"], kind)
    for name in _names(settings):
        yield compared(cluster, f"{plural} of {name}", wanted, name, _mend(name))


def _monitored(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    for name in _names(settings):
        labels = section(cluster.get(NAMESPACE.named(name)) or {}, "metadata", "labels")
        for label, value in MONITORED.items():
            if labels.get(label) == value:
                seen = f"{label}={value} excludes it from the monitoring of user-defined projects"
                yield failed(f"namespace {name}", seen, f"oc label namespace {name} {label}-")
                break
        else:
            yield passed(f"namespace {name}", "included in the monitoring of user-defined projects")


def _member(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    home = settings["mesh_namespace"]
    for name in _names(settings):
        state = cluster.state(MEMBER_ROLL.named("default", home), members=[name])
        yield judged(f"namespace {name}", state, _mend(name))


def _argocd(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    if not settings["argocd_name"]:
        return
    binding = f"{settings['argocd_name']}-argocd-application-controller"
    for wanted in settings["applications"]:
        name = wanted["spec"]["destination"]["namespace"]
        if cluster.get(ROLE_BINDING.named(binding, name)):
            yield passed(f"namespace {name}", f"RoleBinding {binding}")
        else:
            label = f"argocd.argoproj.io/managed-by={settings['argocd_namespace']}"
            seen = f"no RoleBinding {binding}: managed-by names no Argo CD, or its operator is not running"
            do = f"oc get argocd -n {settings['argocd_namespace']} && oc label namespace {name} --overwrite {label}"
            yield failed(f"namespace {name}", seen, do)


def _application(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    for wanted in settings["applications"]:
        where, target = wanted["metadata"], wanted["spec"]["destination"]["namespace"]
        subject = f"Application {where['namespace']}/{where['name']}"
        live = cluster.get(APPLICATION.named(where["name"], where["namespace"]))
        if live is None:
            yield failed(subject, "does not exist", f"{_mend(target)} -e gitops=true")
            continue
        if changed := differences(wanted["spec"], live.get("spec")):
            yield failed(subject, f"was changed: {'; '.join(changed)}", f"{_mend(target)} -e gitops=true")
            continue
        look = f"oc -n {where['namespace']} describe application {where['name']}"
        told = {each.get("type"): each.get("message") for each in section(live, "status").get("conditions") or []}
        sync = section(live, "status", "sync").get("status", "not compared yet")
        if "InvalidSpecError" in told:
            yield failed(subject, f"refused: {told['InvalidSpecError']}", f"{_mend(target)} -e gitops=true")
        elif wrong := trouble(live):
            # Without its folder it is until the first model is deployed: Seldon Deploy makes it.
            judge = warned if wrong.verdict in (FOLDER, PASSING) else failed
            yield judge(subject, f"cannot be compared: {wrong.seen}", wrong.do or look)
        elif sync == "Synced":
            yield passed(subject, f"follows {wanted['spec']['source']['repoURL']}, folder {target}")
        else:
            yield warned(subject, f"{sync}, health {section(live, 'status', 'health').get('status')}", look)


CHECKS: tuple[Check, ...] = (
    Check(
        "model_namespace.labels",
        "Model namespaces have the labels and annotations that Seldon Deploy and Argo CD read",
        "Seldon Deploy ignores a namespace without seldon.restricted, and bypasses Git without seldon.gitops.",
        _labels,
    ),
    Check(
        "model_namespace.policies",
        "Model namespaces have their NetworkPolicies, as they were applied",
        "The service mesh closes its members to all other traffic: metrics and detectors need policies of their own.",
        _policies,
    ),
    Check(
        "model_namespace.flows",
        "NetworkPolicies let the gateway, Prometheus and Knative reach models",
        "Traffic that no policy admits is dropped silently.",
        _flows,
    ),
    Check(
        "model_namespace.monitors",
        "Model namespaces have their PodMonitors, as they were applied",
        "Without them, Prometheus collects no metrics of models.",
        _monitors,
    ),
    Check(
        "model_namespace.rules",
        "Model namespaces have their PrometheusRules, as they were applied",
        "Seldon Deploy shows usage from recorded metrics, and OpenShift limits a rule to its own namespace.",
        _rules,
    ),
    Check(
        "model_namespace.monitored",
        "Model namespaces are monitored as user-defined projects",
        "Monitors and rules in a namespace that is excluded from monitoring are ignored silently.",
        _monitored,
    ),
    Check(
        "model_namespace.member",
        "Model namespaces are members of the service mesh",
        "The gateway routes only to models in member namespaces.",
        _member,
    ),
    Check(
        "model_namespace.argocd",
        "Argo CD has a RoleBinding in every GitOps namespace",
        "Without it, nothing is deployed from Git, and no error is shown.",
        _argocd,
    ),
    Check(
        "model_namespace.application",
        "The Application of every GitOps namespace is synced with its repository",
        "Only this Application deploys what Seldon Deploy writes to Git.",
        _application,
    ),
)
