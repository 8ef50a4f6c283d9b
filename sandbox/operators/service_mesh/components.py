"""The components of a control plane v2.0: which there are, in which order they come, and what each creates."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.kube import Kube, Object
from sandbox.operators.service_mesh.common import GENERATION, OWNER, option, reconciled_version, render
from sandbox.simulator.objects import available, owner

# The operator goes on to the next wave when all of one is ready.
WAVES = (
    ("istio-discovery",),
    ("mesh-config", "telemetry-common", "prometheus"),
    ("tracing", "istio-ingress", "istio-egress", "grafana"),
    ("kiali",),
)
DEPLOYMENTS = {
    "istio-discovery": "istiod-$mesh",
    "prometheus": "prometheus",
    "istio-ingress": "istio-ingressgateway",
    "istio-egress": "istio-egressgateway",
    "grafana": "grafana",
}
GATEWAYS = {"istio-ingress": "ingress", "istio-egress": "egress"}  # by their names in the spec
# These have no Deployment of the mesh's own, and count as ready as soon as they are created.
ALWAYS_READY = ("mesh-config", "telemetry-common", "tracing", "kiali")

# v2.0 was seen; the charts of the others are assumed, and install the same here.
CHARTS = {"v2.0": "2.0.11", "v2.1": "2.1.5", "v2.2": "2.2.3", "v2.3": "2.3.0"}

# What the operator creates for a control plane, in the order in which it deletes it.
PRUNED = (
    ("route.openshift.io/v1", "Route"),
    ("apps/v1", "Deployment"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "ServiceAccount"),
    ("networking.istio.io/v1alpha3", "EnvoyFilter"),
    ("networking.istio.io/v1beta1", "DestinationRule"),
    ("security.istio.io/v1beta1", "PeerAuthentication"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("kiali.io/v1alpha1", "Kiali"),
    ("jaegertracing.io/v1", "Jaeger"),
)
CLUSTER_SCOPED = {
    "ClusterRole",
    "ClusterRoleBinding",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
}


@dataclass(frozen=True)
class Readiness:
    """The components of a control plane by how far they are, each sorted."""

    ready: list[str]
    unready: list[str]
    pending: list[str]

    def count(self) -> str:
        """Return ready/all."""
        return f"{len(self.ready)}/{len(self.ready) + len(self.unready) + len(self.pending)}"


def waves(spec: Object) -> list[list[str]]:
    """Return the components that the spec asks for, in the order of their installation."""
    optional = {
        "prometheus": option(spec, "addons", "prometheus", "enabled", default=True),
        "grafana": option(spec, "addons", "grafana", "enabled", default=True),
        "kiali": option(spec, "addons", "kiali", "enabled", default=True),
        "tracing": option(spec, "tracing", "type", default="Jaeger") != "None",
        **{component: _gateway(spec, name) for component, name in GATEWAYS.items()},
    }
    chosen = ([component for component in wave if optional.get(component, True)] for wave in WAVES)
    return [wave for wave in chosen if wave]


def wanted(spec: Object) -> list[str]:
    """Return the components that the spec asks for."""
    return [component for wave in waves(spec) for component in wave]


def _gateway(spec: Object, name: str) -> bool:
    every = option(spec, "gateways", "enabled", default=True)
    return bool(every and option(spec, "gateways", name, "enabled", default=True))


def required_kinds(spec: Object) -> list[tuple[str, str]]:
    """Return the kinds (apiVersion, kind) of other operators that the spec needs."""
    needs = {"tracing": ("jaegertracing.io/v1", "Jaeger"), "kiali": ("kiali.io/v1alpha1", "Kiali")}
    return [kind for component, kind in needs.items() if component in wanted(spec)]


def objects(component: str, smcp: Object) -> list[Object]:
    """Return what the component creates for the control plane."""
    mesh, namespace = smcp["metadata"]["name"], smcp["metadata"]["namespace"]
    found = render(f"objects/{component}.yaml", mesh=mesh, namespace=namespace)
    if option(smcp["spec"], "security", "manageNetworkPolicy", default=True) is False:
        found = [obj for obj in found if obj["kind"] != "NetworkPolicy"]
    for service in (obj for obj in found if obj["kind"] == "Service" and component in GATEWAYS):
        service["metadata"]["annotations"] = _service_annotations(smcp["spec"], component)
    return [marked(obj, component, smcp) for obj in found]


def _service_annotations(spec: Object, component: str) -> Object:
    given = option(spec, "gateways", GATEWAYS[component], "service", "metadata", "annotations", default={})
    return dict(given)


def marked(obj: Object, component: str, smcp: Object) -> Object:
    """Return the object with the labels, annotation, namespace and owner by which the operator knows it again."""
    meta, namespace = obj["metadata"], smcp["metadata"]["namespace"]
    version = reconciled_version(smcp["metadata"]["generation"])
    labels = {
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/instance": namespace,
        "app.kubernetes.io/managed-by": "maistra-istio-operator",
        "app.kubernetes.io/name": component,
        "app.kubernetes.io/part-of": "istio",
        "app.kubernetes.io/version": version,
        "maistra-version": CHARTS[smcp["spec"]["version"]],
        OWNER: namespace,
        f"{OWNER}-name": smcp["metadata"]["name"],
        "release": "istio",
    }
    meta = {
        **meta,
        "labels": labels | meta.get("labels", {}),
        "annotations": {GENERATION: version} | meta.get("annotations", {}),
    }
    if obj["kind"] not in CLUSTER_SCOPED:
        meta |= {"namespace": namespace, "ownerReferences": [owner(smcp)]}
    return {**obj, "metadata": meta}


def with_live_replicas(kube: Kube, obj: Object) -> Object:
    """Return the object as the operator patches it: a Deployment that others have scaled stays so."""
    if obj["kind"] != "Deployment":
        return obj
    live = kube.get(obj["apiVersion"], obj["kind"], obj["metadata"]["name"], obj["metadata"]["namespace"])
    return {**obj, "spec": obj["spec"] | {"replicas": live["spec"]["replicas"]}} if live else obj


def readiness(kube: Kube, smcp: Object, installed: list[str], broken: str | None) -> Readiness:
    """Return how far the components are; `broken` is one that a fault keeps from becoming ready.

    A component whose Deployment is missing is pending, and does not make the mesh unready.
    """
    namespace = smcp["metadata"]["namespace"]
    deployments = {
        found["metadata"]["name"]: found
        for found in kube.list("apps/v1", "Deployment", namespace, f"{OWNER}={namespace}")
    }
    states: dict[str, list[str]] = {"ready": [], "unready": [], "pending": []}
    for component in sorted(wanted(smcp["spec"])):
        states[_state(component, smcp, deployments, installed, broken)].append(component)
    return Readiness(**states)


def _state(
    component: str, smcp: Object, deployments: dict[str, Object], installed: list[str], broken: str | None
) -> str:
    if component in ALWAYS_READY:
        return "ready" if component in installed else "pending"
    found = deployments.get(DEPLOYMENTS[component].replace("$mesh", smcp["metadata"]["name"]))
    if found is None:
        return "pending"
    return "ready" if available(found) and component != broken else "unready"


def prune(kube: Kube, namespace: str, keep: str | None) -> None:
    """Delete what was created for the control plane in the namespace, but not what carries the version `keep`."""
    for kind in PRUNED:
        for obj in kube.list(*kind, labels=f"{OWNER}={namespace}"):
            if keep is None or obj["metadata"].get("annotations", {}).get(GENERATION) != keep:
                kube.delete(obj)
