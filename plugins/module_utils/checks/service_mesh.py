# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role service_mesh.

Settings: `operators` (none for a mesh of others), `namespace`, `control_plane` and its `version` (empty: any),
`members` (namespaces), `host` (empty: seldon. and the cluster's domain), `termination` (of the Route's TLS) and
`gateway_secret` (with which the gateway serves; empty with edge).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..kube.kinds import CLUSTER_INGRESS, CONTROL_PLANE, DAEMON_SET, DEPLOYMENT, GATEWAY, MEMBER_ROLL, ROUTE, SECRET
from ..kube.objects import section
from ..kube.secrets import decoded
from ..readiness.state import Ready
from .address import reached
from .applied import applied_check
from .certificates import certificate_finding
from .model import Check, Finding, failed, judged, passed, skipped, warned
from .observed import Observed
from .operators import operators_check
from .workloads import rollouts

MEND = "ansible-playbook seldon.openshift.site --tags service_mesh"
# Owners of the Deployments that make the mesh; an operator counts Jaeger and Kiali before they have a pod.
OWNERS = ("ServiceMeshControlPlane", "Jaeger", "Kiali")
# On every node, in the operator's namespace; no component counts it.
NETWORK_PLUGIN = "k8s-app=istio-cni-node"


def _control_plane(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    namespace, name = settings["namespace"], settings["control_plane"]
    subject, look = f"ServiceMeshControlPlane {namespace}/{name}", f"oc describe smcp {name} -n {namespace}"
    plane = cluster.get(CONTROL_PLANE.named(name, namespace))
    state = cluster.state(CONTROL_PLANE.named(name, namespace))
    version = section(plane, "spec").get("version")
    if isinstance(state, Ready) and settings["version"] not in ("", version):
        yield warned(subject, f"{state.reason}, version {version} instead of {settings['version']}", MEND)
    elif isinstance(state, Ready):
        yield passed(subject, f"{state.reason}, version {version}")
    else:
        yield failed(subject, state.reason, look if plane else MEND)


def _workloads(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    namespace = settings["namespace"]
    yield from rollouts(
        cluster,
        DEPLOYMENT,
        namespace,
        (
            deployment["metadata"]["name"]
            for deployment in cluster.list(DEPLOYMENT, namespace)
            if any(o["kind"] in OWNERS for o in deployment["metadata"].get("ownerReferences") or [])
        ),
    )
    for plugin in cluster.list(DAEMON_SET, labels=NETWORK_PLUGIN):
        yield from rollouts(cluster, DAEMON_SET, plugin["metadata"]["namespace"], [plugin["metadata"]["name"]])


def _members(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    namespace, members = settings["namespace"], settings["members"]
    subject, look = f"ServiceMeshMemberRoll {namespace}/default", f"oc describe smmr default -n {namespace}"
    roll = cluster.get(MEMBER_ROLL.named("default", namespace))
    absent = sorted(set(members) - set(section(roll, "spec").get("members") or []))
    if roll is not None and absent:
        yield failed(subject, f"not in the roll: {', '.join(absent)}", MEND)
        return
    plane = cluster.state(CONTROL_PLANE.named(settings["control_plane"], namespace))
    if roll is not None and not isinstance(plane, Ready):
        yield skipped(subject, "members follow the control plane, which is not ready")
        return
    state = cluster.state(MEMBER_ROLL.named("default", namespace), members=members)
    yield judged(subject, state, look if roll else MEND)
    pending = sorted(set(section(roll, "status").get("pendingMembers") or []) - set(members))
    if pending:
        yield warned(subject, f"other members are not configured: {', '.join(pending)}", look)


def _gateway(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    namespace = settings["namespace"]
    reference = GATEWAY.named("seldon-gateway", namespace)
    subject, gateway = str(reference), cluster.get(reference)
    if gateway is None:
        yield failed(subject, "does not exist", MEND)
        return
    selector, servers = section(gateway, "spec", "selector"), section(gateway, "spec").get("servers") or []
    open_to_all = any(
        section(server, "port").get("number") == 80 and "*" in (server.get("hosts") or []) for server in servers
    )
    if selector != {"istio": "ingressgateway"} or not open_to_all:
        yield failed(subject, "does not accept HTTP for every host at the mesh's ingress gateway", MEND)
    else:
        yield passed(subject, "accepts HTTP for every host")


def _route(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    namespace, host = settings["namespace"], _host(cluster, settings)
    subject = f"Route {namespace}/seldon-route"
    route = cluster.get(ROUTE.named("seldon-route", namespace))
    if route is None:
        yield failed(subject, "does not exist", MEND)
        return
    spec = section(route, "spec")
    if spec.get("host") != host or section(spec, "to").get("name") != "istio-ingressgateway":
        seen = (
            f"leads {spec.get('host')} to {section(spec, 'to').get('name')} instead of {host} to istio-ingressgateway"
        )
        yield failed(subject, seen, MEND)
        return
    termination, wanted = section(spec, "tls").get("termination"), settings.get("termination", "edge")
    if termination != wanted:
        yield failed(subject, f"ends TLS by {termination or 'no TLS at all'} instead of {wanted}", MEND)
        return
    state = cluster.state(ROUTE.named("seldon-route", namespace))
    yield judged(subject, state, f"oc describe route seldon-route -n {namespace}")


def _certificate(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    namespace, host = settings["namespace"], _host(cluster, settings) or ""
    tls = section(cluster.get(ROUTE.named("seldon-route", namespace)), "spec", "tls")
    renew = "ansible-playbook seldon.openshift.rotate --tags service_mesh"
    if tls.get("certificate"):
        yield certificate_finding(f"certificate of Route {namespace}/seldon-route", tls["certificate"], host, renew)
    elif tls.get("termination") != "passthrough":
        yield passed(f"certificate of Route {namespace}/seldon-route", "is the router's own")
    if name := settings.get("gateway_secret"):
        secret = cluster.get(SECRET.named(name, namespace))
        subject, look = f"certificate in Secret {namespace}/{name}", f"oc describe secret {name} -n {namespace}"
        served = host if tls.get("termination") == "passthrough" else ""
        if secret is None:
            yield failed(subject, "does not exist: the gateway cannot serve TLS", look)
        else:
            yield certificate_finding(subject, decoded(secret).get("tls.crt", ""), served, look)


def _address(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    host = _host(cluster, settings)
    if host is None:
        yield skipped("address", "the cluster's ingress domain is unknown")
    else:
        yield reached(f"https://{host}/", f"oc get pods,endpoints -n {settings['namespace']} -l istio=ingressgateway")


def _host(cluster: Observed, settings: Mapping[str, Any]) -> str | None:
    """Return the host of the address: given, else below the cluster's domain."""
    if settings.get("host"):
        return str(settings["host"])
    ingress = cluster.get(CLUSTER_INGRESS.named("cluster"))
    domain = section(ingress, "spec").get("domain")
    return f"seldon.{domain}" if domain else None


CHECKS: tuple[Check, ...] = (
    operators_check("service_mesh"),
    applied_check(
        "service_mesh",
        "Some settings of the control plane and its gateway show only in traffic: tracing, protocols, ports.",
    ),
    Check(
        "service_mesh.control_plane",
        "All components of the service mesh's control plane are ready",
        "Without it, no request reaches Seldon Deploy or a model, and members get no configuration.",
        _control_plane,
    ),
    Check(
        "service_mesh.workloads",
        "Pods of the service mesh's workloads are ready",
        "The control plane stays Ready while a Deployment is scaled to 0 or its pods are not ready.",
        _workloads,
    ),
    Check(
        "service_mesh.members",
        "Seldon's namespaces are members of the service mesh",
        "The gateway routes into members only.",
        _members,
    ),
    Check(
        "service_mesh.gateway",
        "Gateway seldon-gateway accepts HTTP for every host",
        "The VirtualService of every model refers to this gateway.",
        _gateway,
    ),
    Check(
        "service_mesh.route",
        "The router has admitted the Route of Seldon Deploy's address",
        "When another Route has claimed the host, users reach something else, or nothing.",
        _route,
    ),
    Check(
        "service_mesh.certificate",
        "The certificate of Seldon Deploy's address is for its host, and valid for three weeks at least",
        "Once it has expired, browsers warn, and clients of models refuse the address.",
        _certificate,
    ),
    Check(
        "service_mesh.address",
        "Seldon Deploy's address answers",
        "Users open this address: it needs DNS, certificate, router and gateway together.",
        _address,
    ),
)
