"""How Knative, its broker and its way into the logs' namespace break."""

from __future__ import annotations

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import make
from tests.integration.breakages import Breakage, patched, removed, unready_pods
from tests.integration.helpers import until

LOGS = "seldon-logs"
POLICY = ("networking.k8s.io/v1", "NetworkPolicy")
BROKER = make("eventing.knative.dev/v1", "Broker", "default", LOGS)
WEBHOOKS = (
    ("MutatingWebhookConfiguration", "webhook.eventing.knative.dev"),
    ("ValidatingWebhookConfiguration", "validation.webhook.eventing.knative.dev"),
)


def _take_rules(kube: Kube) -> list[Object]:
    """Let the configurations be as Knative installs them; return them as they were."""
    kept = [kube.get("admissionregistration.k8s.io/v1", kind, name) for kind, name in WEBHOOKS]
    found = [obj for obj in kept if obj]
    for obj in found:
        kube.patch(obj, {"webhooks": [{**entry, "rules": None} for entry in obj["webhooks"]]})
    return found


def _give_rules(kube: Kube, kept: list[Object]) -> None:
    for obj in kept:
        kube.patch(obj, {"webhooks": obj["webhooks"]})


def _create_too_early(kube: Kube) -> None:
    """Make the broker while the webhook has no rules."""
    kept = _take_rules(kube)
    kube.delete(BROKER)
    until(lambda: kube.get(BROKER["apiVersion"], "Broker", "default", LOGS) is None)
    kube.create(BROKER)
    _give_rules(kube, kept)


def _create_again(kube: Kube, _: None) -> None:
    kube.delete(BROKER)
    until(lambda: kube.get(BROKER["apiVersion"], "Broker", "default", LOGS) is None)
    kube.create(BROKER)


BREAKAGES = [
    unready_pods("serverless.operators", "openshift-serverless", "name=knative-openshift"),
    patched(
        "serverless.applied",
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "seldon-request-logs",
        LOGS,
        {"spec": {"podSelector": {"matchLabels": {"a": "b"}}}},
        status="warn",
    ),
    unready_pods("serverless.knative", "knative-serving", "app=activator", subject="KnativeServing"),
    Breakage("serverless.webhook", "rules taken from it", _take_rules, _give_rules),
    unready_pods("serverless.webhook", "knative-eventing", "app=eventing-webhook", subject="Deployment"),
    Breakage("serverless.broker", "created before its webhook had rules", _create_too_early, _create_again),
    unready_pods("serverless.broker", "knative-eventing", "eventing.knative.dev/brokerRole=ingress"),
    removed("serverless.policy", *POLICY, "seldon-request-logs", LOGS),
    removed("serverless.traffic", *POLICY, "seldon-request-logs", LOGS, subject="request logger (knative-eventing"),
    removed("serverless.traffic", *POLICY, "seldon-detectors-serving", LOGS, subject="Kourier"),
]
