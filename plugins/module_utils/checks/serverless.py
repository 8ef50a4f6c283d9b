# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role serverless.

Settings: `operators` (none for a Knative that came another way), `install` (whether the role installs Knative),
`logs` (namespace), `serving` (namespaces of Knative Serving that are let into it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..kube.objects import section
from ..readiness.state import Failed, Ready
from .flows import NETWORK, flows
from .model import Check, Finding, failed, judged, passed
from .observed import Observed
from .operators import operators_check
from .workloads import rollout, rollouts

BROKER = ("eventing.knative.dev/v1", "Broker", "default")
ADDRESS = "http://broker-ingress.knative-eventing.svc.cluster.local/{namespace}/default"
COMPONENTS = (("KnativeServing", "knative-serving"), ("KnativeEventing", "knative-eventing"))
WEBHOOKS = (
    ("MutatingWebhookConfiguration", "webhook.eventing.knative.dev"),
    ("ValidatingWebhookConfiguration", "validation.webhook.eventing.knative.dev"),
)
POLICY = "seldon-request-logs"
TO_LOGGER = "Knative Eventing to the request logger"
TO_DETECTORS = {
    "knative-serving": "Knative Serving to detectors beside the request logger",
    "knative-serving-ingress": "Kourier to detectors beside the request logger",
}
MEND = "ansible-playbook seldon.openshift.site --tags serverless"


def _knative(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for kind, namespace in COMPONENTS:
        found = cluster.list("operator.knative.dev/v1beta1", kind, namespace)
        for component in found:
            name = component["metadata"]["name"]
            state = cluster.state("operator.knative.dev/v1beta1", kind, name, namespace)
            yield judged(f"{kind} {namespace}/{name}", state, f"oc describe {kind.lower()} {name} -n {namespace}")
        deployments = [each["metadata"]["name"] for each in cluster.list("apps/v1", "Deployment", namespace)]
        if not found and settings["install"]:
            yield failed(f"{kind} {namespace}", "does not exist", MEND)
        elif not found and not deployments:
            yield failed(f"{kind} {namespace}", "nothing of it runs in its namespace", "oc get deployments -A")
        elif not found:
            yield from rollouts(cluster, namespace, "Deployment", deployments)


def _webhook(cluster: Observed, _settings: Mapping[str, Any]) -> Iterator[Finding]:
    for kind, name in WEBHOOKS:
        state = cluster.state("admissionregistration.k8s.io/v1", kind, name)
        yield judged(f"{kind} {name}", state, f"oc describe {kind.lower()} {name}")
    state = rollout(cluster, "Deployment", "eventing-webhook", "knative-eventing")
    look = "oc describe deployment eventing-webhook -n knative-eventing"
    yield judged("Deployment knative-eventing/eventing-webhook", state, look)


def _broker(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    namespace = settings["logs"]
    subject, look = f"Broker {namespace}/default", f"oc describe broker default -n {namespace}"
    broker, state = cluster.get(*BROKER, namespace), cluster.state(*BROKER, namespace)
    url, wanted = section(broker or {}, "status", "address").get("url"), ADDRESS.format(namespace=namespace)
    if broker is None or (isinstance(state, Failed) and state.lost):
        yield failed(subject, state.reason, MEND)
    elif isinstance(state, Ready) and url != wanted:
        yield failed(subject, f"takes events at {url}, but models send theirs to {wanted}", look)
    else:
        yield judged(subject, state, look)


def _policy(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    namespace = settings["logs"]
    subject = f"NetworkPolicy {namespace}/{POLICY}"
    if cluster.get(NETWORK, "NetworkPolicy", POLICY, namespace):
        yield passed(subject, "exists")
    else:
        yield failed(subject, "does not exist", MEND)


def _traffic(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    wanted = [TO_LOGGER, *(flow for namespace, flow in TO_DETECTORS.items() if namespace in settings["serving"])]
    yield from flows(cluster, wanted, {"logs": settings["logs"]}, MEND)


CHECKS: tuple[Check, ...] = (
    operators_check("serverless"),
    Check(
        "serverless.knative",
        "Knative Serving and Eventing run",
        "Detectors of outliers and drift are services of Knative, and get their requests through it.",
        _knative,
    ),
    Check(
        "serverless.webhook",
        "The webhook of Knative Eventing completes and answers",
        "Without it, a new broker is unusable for ever, and none can be changed or deleted.",
        _webhook,
    ),
    Check(
        "serverless.broker",
        "The broker takes events where models send them",
        "Every request and response that is logged passes through it.",
        _broker,
    ),
    Check(
        "serverless.policy",
        "The guide's network policy is there",
        "It keeps the request logger reachable when the namespace joins the mesh.",
        _policy,
    ),
    Check(
        "serverless.traffic",
        "Network policies let Knative reach the request logger and detectors",
        "What is not let in is dropped without a word: logs and detections stay empty.",
        _traffic,
    ),
)
