# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role seldon_core_v2. Its main tasks look at `seldon_core_v2.replication` before Helm is asked.

Settings: `namespaces` (each with a runtime), `crds_namespace` (of the CRDs' release), `deployments` and `servers` of a
runtime, `mesh_namespace`, `kafka` (the address that pipelines use), `protocol` (with which they do, by Kafka's name),
and `replication_factor` (of their topics).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..kube.kinds import (
    CRD,
    DEPLOYMENT,
    KAFKA,
    ROLE,
    ROLE_BINDING,
    SERVER,
    SERVER_CONFIG,
    SERVICE,
    STATEFUL_SET,
    VIRTUAL_SERVICE,
)
from ..kube.objects import Kind, Object, Reference, holds, section
from .kafka_login import PLAINTEXT, login_problems
from .model import Check, Finding, failed, judged, passed, skipped, warned
from .observed import Observed
from .releases import as_installed, deployed
from .workloads import rollouts

Settings = Mapping[str, Any]

MEND = "ansible-playbook seldon.openshift.site --tags seldon_core_v2"
CRDS = tuple(f"{kind}.mlops.seldon.io" for kind in ("experiments", "models", "pipelines", "serverconfigs", "servers"))
CRDS_RELEASE = "seldon-core-v2-crds"
RELEASES = ("seldon-core-v2-components", "seldon-core-v2-servers")
MESH = "seldon-mesh"
_KAFKA_OF_STRIMZI = re.compile(r"(?P<name>[^.]+)-kafka-bootstrap\.(?P<namespace>[^.:]+)[.:]")


def replication(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge the replication factor of pipelines' topics by the number of brokers and `min.insync.replicas`."""
    if not settings["namespaces"]:
        return
    factor, kafka = int(settings["replication_factor"]), _kafka(cluster, settings)
    if not kafka:
        yield skipped(f"Kafka at {settings['kafka']}", "is not on this cluster: its brokers are not checked")
        return
    spec = section(kafka, "spec", "kafka")
    brokers, in_sync = int(spec["replicas"]), int((spec.get("config") or {}).get("min.insync.replicas", 1))
    subject = f"Kafka {kafka['metadata']['namespace']}/{kafka['metadata']['name']}"
    seen = f"topics with {factor} replicas, {brokers} brokers, min.insync.replicas {in_sync}"
    if in_sync <= factor <= brokers:
        yield passed(subject, seen)
    else:
        values = (
            f'{{"seldon_core_v2_components_values": {{"kafka": {{"topics": {{"replicationFactor": {brokers}}}}}}}}}'
        )
        yield failed(subject, seen, f"{MEND} -e '{values}'")


def login(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge whether Kafka lets the runtimes in as they come."""
    kafka = _kafka(cluster, settings)
    port = settings["kafka"].rpartition(":")[2]
    if not settings["namespaces"] or not kafka or not port.isdigit():
        return
    subject = f"Kafka {kafka['metadata']['namespace']}/{kafka['metadata']['name']}"
    problems = [*login_problems(kafka, int(port), settings["protocol"], settings["namespaces"])]
    if problems:
        other = "scram" if settings["protocol"] == PLAINTEXT else "plain"
        do = f"give the values of the installation, such as -e seldon_kafka_security={other}"
        yield failed(subject, "; ".join(problems), do)
    else:
        yield passed(subject, f"port {port} takes {settings['protocol']}")


def _kafka(cluster: Observed, settings: Settings) -> Object | None:
    """Return the Kafka that the address means, None for one that is not on this cluster."""
    found = _KAFKA_OF_STRIMZI.match(settings["kafka"])
    return cluster.get(KAFKA.named(found["name"], found["namespace"])) if found else None


def crds(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge whether the CRDs are established."""
    if not settings["namespaces"]:
        return
    for name in CRDS:
        crd = cluster.get(CRD.named(name))
        if crd is not None and holds(crd, "Established"):
            yield passed(name, "is served")
        else:
            yield failed(name, "is not served" if crd else "does not exist", MEND)


def releases(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge what Helm says of the runtimes, and what has become of their objects; the CRDs may be those of others."""
    if settings["namespaces"]:
        yield from as_installed(cluster, CRDS_RELEASE, settings["crds_namespace"], MEND)
    for namespace in settings["namespaces"]:
        for name in RELEASES:
            yield deployed(cluster, name, namespace, MEND)
            yield from as_installed(cluster, name, namespace, MEND, (ROLE, ROLE_BINDING, SERVER, SERVER_CONFIG))


def components(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge the components' workloads."""
    for namespace in settings["namespaces"]:
        yield from rollouts(cluster, STATEFUL_SET, namespace, ["seldon-scheduler"])
        yield from rollouts(cluster, DEPLOYMENT, namespace, settings["deployments"])


def servers(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge the chart's servers, and those that users have made."""
    for namespace in settings["namespaces"]:
        there = [server["metadata"]["name"] for server in cluster.list(SERVER, namespace)]
        for name in sorted({*there, *settings["servers"]}):
            state = cluster.state(SERVER.named(name, namespace))
            look = f"oc describe server.mlops.seldon.io,statefulset {name} -n {namespace}"
            yield judged(f"Server {namespace}/{name}", state, look if name in there else MEND)


def address(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge the routes from the service mesh's gateway to each runtime."""
    gateway = f"{settings['mesh_namespace']}/seldon-gateway"
    for namespace in settings["namespaces"]:
        subject = f"VirtualService {namespace}/{MESH}"
        route = cluster.get(VIRTUAL_SERVICE.named(MESH, namespace))
        if route is None:
            yield failed(subject, "does not exist", MEND)
        elif gateway not in (section(route, "spec").get("gateways") or []) or not _leads_to(route, namespace):
            yield failed(subject, f"does not route from {gateway} to Service {namespace}/{MESH}", MEND)
        else:
            yield passed(subject, f"routes from {gateway} to Service {namespace}/{MESH}")
        yield _service(cluster.get(SERVICE.named(MESH, namespace)), namespace)


def models(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge what users have deployed."""
    for namespace in settings["namespaces"]:
        for kind in ("Model", "Pipeline"):
            for obj in cluster.list(Kind(SERVER.api_version, kind), namespace):
                name = obj["metadata"]["name"]
                state = cluster.state(Reference.of(obj))
                look = f"oc describe {kind.lower()}.mlops.seldon.io {name} -n {namespace}"
                yield judged(f"{kind} {namespace}/{name}", state, look)


def _leads_to(route: Object, namespace: str) -> bool:
    """Say whether requests with the two headers go to the runtime of this very namespace."""
    wanted = {"namespace": {"exact": namespace}, "inference": {"exact": MESH}}
    hosts = {f"{MESH}.{namespace}{rest}" for rest in ("", ".svc", ".svc.cluster.local")}
    return any(
        any(match.get("headers") == wanted for match in entry.get("match") or [])
        and any(section(way, "destination").get("host") in hosts for way in entry.get("route") or [])
        for entry in section(route, "spec").get("http") or []
    )


def _service(service: Object | None, namespace: str) -> Finding:
    subject = f"Service {namespace}/{MESH}"
    if service is None:
        return failed(subject, "does not exist", MEND)
    kind = section(service, "spec").get("type")
    if kind == "LoadBalancer":
        seen = "is of type LoadBalancer: models are reachable from outside without the service mesh"
        patch = '{"spec":{"type":"ClusterIP"}}'
        return warned(subject, seen, f"oc patch service {MESH} -n {namespace} --type merge -p '{patch}'")
    return passed(subject, f"is of type {kind}")


CHECKS: tuple[Check, ...] = (
    Check(
        "seldon_core_v2.definitions",
        "The CRDs of Seldon Core v2 are established",
        "Without them, models, pipelines and servers cannot be created.",
        crds,
    ),
    Check(
        "seldon_core_v2.releases",
        "The Helm releases of each runtime are deployed, and their objects are as Helm installed them",
        "Helm refuses to change a release that an interrupted run has left pending; its next one ends edits by hand.",
        releases,
    ),
    Check(
        "seldon_core_v2.components",
        "Pods of each runtime's components are ready",
        "The scheduler places models, the gateways serve them, and the controller applies every change.",
        components,
    ),
    Check(
        "seldon_core_v2.servers",
        "The Servers of each runtime are ready",
        "Without a ready Server no model is loaded. Its condition can be Ready before it has a pod.",
        servers,
    ),
    Check(
        "seldon_core_v2.replication",
        "Kafka has enough brokers for the topics of pipelines",
        "With more replicas than brokers, or fewer than min.insync.replicas, every pipeline fails to write.",
        replication,
    ),
    Check(
        "seldon_core_v2.login",
        "Kafka lets the runtimes in as they come",
        "A runtime that was made without the variables of the installation may lack the login that Kafka asks for.",
        login,
    ),
    Check(
        "seldon_core_v2.address",
        "The service mesh's gateway routes to each runtime",
        "The VirtualService routes requests by two headers, one of which names the runtime's namespace.",
        address,
    ),
    Check(
        "seldon_core_v2.models",
        "Models and pipelines are ready",
        "A model or pipeline that is not ready answers no request.",
        models,
    ),
)
