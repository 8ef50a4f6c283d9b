"""Triggers: subscriptions of a Service to a Broker."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.operators.knative_eventing.common import (
    CONTROLLER,
    EVENTING,
    NO_DEAD_LETTERS,
    of_our_class,
    operator,
    process,
    runs,
)
from sandbox.simulator import Cluster
from sandbox.simulator.objects import condition, conditions

PENDING = ("Unknown", "SubscriptionNotConfigured", "Subscription has not yet been reconciled.")


def _subscriber(trigger: Object) -> tuple[str, str]:
    """Return namespace and name of the Service that the trigger refers to."""
    ref = trigger["spec"]["subscriber"]["ref"]
    return ref.get("namespace") or trigger["metadata"]["namespace"], ref["name"]


def _calls_service(trigger: Object) -> bool:
    ref = trigger["spec"]["subscriber"].get("ref") or {}
    return (ref.get("apiVersion"), ref.get("kind")) == ("v1", "Service")


def _is_subscriber(service: Object, trigger: Object) -> bool:
    return (service["metadata"]["namespace"], service["metadata"]["name"]) == _subscriber(trigger)


def _is_broker(broker: Object, trigger: Object) -> bool:
    meta = broker["metadata"]
    return (meta["namespace"], meta["name"]) == (trigger["metadata"]["namespace"], trigger["spec"]["broker"])


@operator.reconciles(
    EVENTING,
    "Trigger",
    where=_calls_service,
    watches=[
        (EVENTING, "Broker", _is_broker),
        ("v1", "Service", _is_subscriber),
        ("apps/v1", "Deployment", process("imc-dispatcher")),
    ],
)
def reconcile(cluster: Cluster, trigger: Object) -> float | None:
    """Find the subscriber, then subscribe; the dispatcher says when that is done."""
    namespace = trigger["metadata"]["namespace"]
    if trigger["metadata"].get("deletionTimestamp") or not runs(cluster, CONTROLLER):
        return None
    broker = cluster.kube.get(EVENTING, "Broker", trigger["spec"]["broker"], namespace)
    if broker is None or not of_our_class(broker) or condition(broker, "Ready").get("status") != "True":
        return None
    if wait := cluster.pause(trigger, "knative_eventing.trigger"):
        return wait
    subscriber_namespace, subscriber = _subscriber(trigger)
    if cluster.kube.get("v1", "Service", subscriber, subscriber_namespace) is None:
        cluster.set_status(trigger, _unresolved(trigger, subscriber_namespace, subscriber))
        return None
    uri = f"http://{subscriber}.{subscriber_namespace}.svc.cluster.local"
    if condition(trigger, "SubscriberResolved").get("status") != "True":
        cluster.set_status(trigger, _resolved(trigger, uri, PENDING))
        return None
    if wait := cluster.pause(trigger, "knative_eventing.subscription"):
        return wait
    subscribed = ("True", "", "") if runs(cluster, "imc-dispatcher") else ("Unknown", "", "")
    cluster.set_status(trigger, _resolved(trigger, uri, subscribed))
    return None


def _unresolved(trigger: Object, namespace: str, name: str) -> Object:
    message = f'failed to get object {namespace}/{name}: services "{name}" not found'
    failed = ("False", "Unable to get the Subscriber's URI", message)
    found = conditions(
        trigger,
        ("BrokerReady", "True", "", ""),
        ("DeadLetterSinkResolved", "Unknown", "", ""),
        ("DependencyReady", "Unknown", "", ""),
        ("Ready", *failed),
        ("SubscriberResolved", *failed),
        ("SubscriptionReady", "Unknown", "", ""),
    )
    return {"conditions": found, "observedGeneration": trigger["metadata"]["generation"]}


def _resolved(trigger: Object, uri: str, subscription: tuple[str, str, str]) -> Object:
    found = conditions(
        trigger,
        ("BrokerReady", "True", "", ""),
        ("DeadLetterSinkResolved", "True", *NO_DEAD_LETTERS),
        ("DependencyReady", "True", "", ""),
        ("Ready", *subscription),
        ("SubscriberResolved", "True", "", ""),
        ("SubscriptionReady", *subscription),
    )
    generation = trigger["metadata"]["generation"]
    return {"conditions": found, "observedGeneration": generation, "subscriberUri": uri}
