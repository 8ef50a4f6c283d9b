"""Brokers of the class MTChannelBasedBroker, and the InMemoryChannel behind each."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.operators.knative_eventing.common import (
    BROKER_LABEL,
    CONTROLLER,
    EVENTING,
    MESSAGING,
    NAMESPACE,
    NO_DEAD_LETTERS,
    channel_name,
    of_our_class,
    operator,
    process,
    runs,
)
from sandbox.simulator import Cluster
from sandbox.simulator.objects import condition, conditions, make

ENDPOINTS = ("v1", "Endpoints")
URL = "http://broker-ingress.{eventing}.svc.cluster.local/{namespace}/{name}"


def _data_plane(watched: Object, _broker: Object) -> bool:
    meta = watched["metadata"]
    return meta["namespace"] == NAMESPACE and meta["name"] in ("broker-ingress", "broker-filter")


@operator.reconciles(
    EVENTING,
    "Broker",
    where=of_our_class,
    watches=[
        (MESSAGING, "InMemoryChannel"),
        (*ENDPOINTS, _data_plane),
        ("apps/v1", "Deployment", process(CONTROLLER)),
    ],
)
def reconcile(cluster: Cluster, broker: Object) -> float | None:
    """Make the channel; ready when it has an address and the shared ingress and filter have pods."""
    name, namespace = broker["metadata"]["name"], broker["metadata"]["namespace"]
    if broker["metadata"].get("deletionTimestamp") or not runs(cluster, CONTROLLER):
        return None
    if wait := cluster.pause(broker, "knative_eventing.broker"):
        return wait
    channel = cluster.kube.get(MESSAGING, "InMemoryChannel", channel_name(name), namespace)
    if channel is None:
        cluster.apply(
            make(
                MESSAGING,
                "InMemoryChannel",
                channel_name(name),
                namespace,
                labels={BROKER_LABEL: name, "eventing.knative.dev/brokerEverything": "true"},
                annotations={"eventing.knative.dev/scope": "cluster", "messaging.knative.dev/subscribable": "v1"},
                owned_by=broker,
                spec={"delivery": broker["spec"].get("delivery", {})},
            )
        )
    address = ((channel or {}).get("status", {}).get("address") or {}).get("url")
    if address:
        cluster.set_status(broker, _addressed(cluster, broker, address))
    else:
        cluster.set_status(broker, _without_address(broker))
    return None


def _without_address(broker: Object) -> Object:
    no_address = ("False", "NoAddress", "Channel does not have an address.")
    found = conditions(
        broker,
        ("Addressable", "Unknown", "", ""),
        ("FilterReady", "Unknown", "", ""),
        ("IngressReady", "Unknown", "", ""),
        ("Ready", *no_address),
        ("TriggerChannelReady", *no_address),
    )
    return {"address": {}, "conditions": found, "observedGeneration": broker["metadata"]["generation"]}


def _addressed(cluster: Cluster, broker: Object, address: str) -> Object:
    name, namespace = broker["metadata"]["name"], broker["metadata"]["namespace"]
    serving = {role: _serving(cluster, f"broker-{role}") for role in ("filter", "ingress")}
    failed = [state for state in serving.values() if state[0] != "True"]
    found = conditions(
        broker,
        ("Addressable", "True", "", ""),
        ("DeadLetterSinkResolved", "True", *NO_DEAD_LETTERS),
        ("FilterReady", *serving["filter"]),
        ("IngressReady", *serving["ingress"]),
        ("Ready", *(failed[0] if failed else ("True", "", ""))),
        ("TriggerChannelReady", "True", "", ""),
    )
    found[1]["severity"] = "Info"
    return {
        "address": {"url": URL.format(eventing=NAMESPACE, namespace=namespace, name=name)},
        "annotations": {
            "knative.dev/channelAPIVersion": MESSAGING,
            "knative.dev/channelAddress": address,
            "knative.dev/channelKind": "InMemoryChannel",
            "knative.dev/channelName": channel_name(name),
        },
        "conditions": found,
        "observedGeneration": broker["metadata"]["generation"],
    }


def _serving(cluster: Cluster, name: str) -> tuple[str, str, str]:
    endpoints = cluster.kube.get(*ENDPOINTS, name, NAMESPACE) or {}
    if any(subset.get("addresses") for subset in endpoints.get("subsets") or []):
        return "True", "", ""
    return "False", "EndpointsUnavailable", f'Endpoints "{name}" are unavailable.'


@operator.reconciles(MESSAGING, "InMemoryChannel")
def channel(cluster: Cluster, obj: Object) -> None:
    """Point a Service of the channel's own at the dispatcher that all channels share."""
    name, namespace = obj["metadata"]["name"], obj["metadata"]["namespace"]
    if obj["metadata"].get("deletionTimestamp") or condition(obj, "Ready"):
        return
    dispatcher: Object = {"type": "ExternalName", "externalName": f"imc-dispatcher.{NAMESPACE}.svc.cluster.local"}
    dispatcher["ports"] = [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 80}]
    labels = {"messaging.knative.dev/role": "in-memory-channel"}
    cluster.apply(make("v1", "Service", f"{name}-kn-channel", namespace, labels=labels, owned_by=obj, spec=dispatcher))
    found = conditions(
        obj,
        ("Addressable", "True", "", ""),
        ("ChannelServiceReady", "True", "", ""),
        ("DeadLetterSinkResolved", "True", *NO_DEAD_LETTERS),
        ("DispatcherReady", "True", "", ""),
        ("EndpointsReady", "True", "", ""),
        ("Ready", "True", "", ""),
        ("ServiceReady", "True", "", ""),
    )
    address = {"url": f"http://{name}-kn-channel.{namespace}.svc.cluster.local"}
    generation = obj["metadata"]["generation"]
    cluster.set_status(obj, {"address": address, "conditions": found, "observedGeneration": generation})
