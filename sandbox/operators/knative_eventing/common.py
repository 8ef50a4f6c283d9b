"""What the parts of Knative Eventing share."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.operator import Related

NAMESPACE = "knative-eventing"
EVENTING = "eventing.knative.dev/v1"
MESSAGING = "messaging.knative.dev/v1"
CLASS = "eventing.knative.dev/broker.class"
OUR_CLASS = "MTChannelBasedBroker"
BROKER_LABEL = "eventing.knative.dev/broker"
CONTROLLER = "mt-broker-controller"
NO_DEAD_LETTERS = ("DeadLetterSinkNotConfigured", "No dead letter sink is configured.")

operator = Operator("knative_eventing", manager="mtchannel_broker")


def channel_name(broker: str) -> str:
    """Return the name of the channel behind a Broker."""
    return f"{broker}-kne-trigger"


def of_our_class(broker: Object) -> bool:
    """Tell whether the controllers care: a Broker that no webhook has defaulted has no class and waits for ever."""
    return bool(broker["metadata"].get("annotations", {}).get(CLASS) == OUR_CLASS)


def process(name: str) -> Related:
    """Return the relation of every object to the Deployment of this name."""
    return lambda deployment, _: (
        (deployment["metadata"]["namespace"], deployment["metadata"]["name"]) == (NAMESPACE, name)
    )


def runs(cluster: Cluster, name: str) -> bool:
    """Tell whether a pod of this Deployment is ready."""
    found = cluster.kube.get("apps/v1", "Deployment", name, NAMESPACE) or {}
    return bool(found.get("status", {}).get("readyReplicas"))
