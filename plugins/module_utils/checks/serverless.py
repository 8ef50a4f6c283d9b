# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role serverless.

Settings: `operators` (none for a Knative that came another way), `install` (whether the role installs Knative),
`logs` (namespace), `serving` (namespaces of Knative Serving that are let into it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..kube.kinds import (
    BROKER,
    DEPLOYMENT,
    KNATIVE_EVENTING,
    KNATIVE_SERVING,
    MUTATING_WEBHOOKS,
    NETWORK_POLICY,
    VALIDATING_WEBHOOKS,
)
from ..kube.objects import Reference, section
from ..readiness.state import Failed, Ready
from .applied import applied_check
from .flows import flows
from .model import Check, Finding, failed, judged, passed
from .observed import Observed
from .operators import operators_check
from .workloads import rollouts

ADDRESS = "http://broker-ingress.knative-eventing.svc.cluster.local/{namespace}/default"
COMPONENTS = ((KNATIVE_SERVING, "knative-serving"), (KNATIVE_EVENTING, "knative-eventing"))
WEBHOOKS = (
    MUTATING_WEBHOOKS.named("webhook.eventing.knative.dev"),
    VALIDATING_WEBHOOKS.named("validation.webhook.eventing.knative.dev"),
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
        found = cluster.list(kind, namespace)
        for component in found:
            reference = Reference.of(component)
            state = cluster.state(reference)
            yield judged(str(reference), state, f"oc describe {kind.name.lower()} {reference.name} -n {namespace}")
        deployments = [each["metadata"]["name"] for each in cluster.list(DEPLOYMENT, namespace)]
        if not found and settings["install"]:
            yield failed(f"{kind.name} {namespace}", "does not exist", MEND)
        elif not found and not deployments:
            yield failed(f"{kind.name} {namespace}", "no Deployment in its namespace", "oc get deployments -A")
        elif not found:
            yield from rollouts(cluster, DEPLOYMENT, namespace, deployments)


def _webhook(cluster: Observed, _settings: Mapping[str, Any]) -> Iterator[Finding]:
    for webhook in WEBHOOKS:
        look = f"oc describe {webhook.kind.name.lower()} {webhook.name}"
        yield judged(str(webhook), cluster.state(webhook), look)
    yield from rollouts(cluster, DEPLOYMENT, "knative-eventing", ["eventing-webhook"])


def _broker(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    namespace = settings["logs"]
    reference, look = BROKER.named("default", namespace), f"oc describe broker default -n {namespace}"
    subject, broker, state = str(reference), cluster.get(reference), cluster.state(reference)
    url, wanted = section(broker, "status", "address").get("url"), ADDRESS.format(namespace=namespace)
    if broker is None or (isinstance(state, Failed) and state.recreate):
        yield failed(subject, state.reason, MEND)
    elif isinstance(state, Ready) and url != wanted:
        yield failed(subject, f"receives events at {url}, but models send them to {wanted}", look)
    else:
        yield judged(subject, state, look)


def _policy(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    namespace = settings["logs"]
    subject = str(NETWORK_POLICY.named(POLICY, namespace))
    if cluster.get(NETWORK_POLICY.named(POLICY, namespace)):
        yield passed(subject, "exists")
    else:
        yield failed(subject, "does not exist", MEND)


def _traffic(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    wanted = [TO_LOGGER, *(flow for namespace, flow in TO_DETECTORS.items() if namespace in settings["serving"])]
    yield from flows(cluster, wanted, {"logs": settings["logs"]}, MEND)


CHECKS: tuple[Check, ...] = (
    operators_check("serverless"),
    applied_check(
        "serverless",
        "Knative's settings and the policies for the request logger show only when a request is logged.",
    ),
    Check(
        "serverless.knative",
        "Knative Serving and Knative Eventing are ready",
        "Outlier and drift detectors are Knative Services and receive their requests from Knative Eventing.",
        _knative,
    ),
    Check(
        "serverless.webhook",
        "The webhooks of Knative Eventing are configured and ready",
        "Without them, a new Broker is permanently unusable, and Brokers cannot be changed or deleted.",
        _webhook,
    ),
    Check(
        "serverless.broker",
        "The Broker is ready at the address that models send events to",
        "Every request and response that is logged passes through it.",
        _broker,
    ),
    Check(
        "serverless.policy",
        "The guide's NetworkPolicy for the request logger exists",
        "It keeps the request logger reachable when its namespace joins the service mesh.",
        _policy,
    ),
    Check(
        "serverless.traffic",
        "NetworkPolicies let Knative reach the request logger and detectors",
        "Traffic that no policy admits is dropped silently: logs and detections stay empty.",
        _traffic,
    ),
)
