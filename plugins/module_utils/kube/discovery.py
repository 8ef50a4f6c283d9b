# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Where a kind lives in the API: a table of the kinds that this collection meets on OpenShift 4.11, and path building.

A table costs no request and no cache file. A kind that is not in it costs one look-up of its group-version.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import quote

from .objects import Kind, Reference


class Resource(NamedTuple):
    """A kind's plural name in paths, and whether its objects live in namespaces."""

    plural: str
    namespaced: bool


_NAMESPACED = {
    "v1": "ConfigMap Endpoints:endpoints Event PersistentVolumeClaim Pod ResourceQuota Secret Service ServiceAccount",
    "apps/v1": "DaemonSet Deployment ReplicaSet StatefulSet",
    "apps.openshift.io/v1": "DeploymentConfig",
    "argoproj.io/v1alpha1": "AppProject Application ApplicationSet ArgoCD",
    "authorization.k8s.io/v1": "LocalSubjectAccessReview",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "batch/v1": "CronJob Job",
    "coordination.k8s.io/v1": "Lease",
    "elasticsearch.k8s.elastic.co/v1": "Elasticsearch:elasticsearches",
    "eventing.knative.dev/v1": "Broker Trigger",
    "jaegertracing.io/v1": "Jaeger",
    "kafka.strimzi.io/v1beta2": "Kafka KafkaTopic KafkaUser",
    "kiali.io/v1alpha1": "Kiali",
    "logging.openshift.io/v1": "ClusterLogForwarder ClusterLogging",
    "machinelearning.seldon.io/v1": "SeldonDeployment",
    "maistra.io/v1": "ServiceMeshMember ServiceMeshMemberRoll",
    "maistra.io/v2": "ServiceMeshControlPlane",
    "mlops.seldon.io/v1alpha1": "Experiment Model Pipeline Server ServerConfig",
    "monitoring.coreos.com/v1": "Alertmanager PodMonitor Prometheus:prometheuses PrometheusRule ServiceMonitor",
    "monitoring.coreos.com/v1alpha1": "AlertmanagerConfig",
    "networking.istio.io/v1alpha3": (
        "DestinationRule EnvoyFilter Gateway ServiceEntry:serviceentries Sidecar VirtualService"
    ),
    "networking.istio.io/v1beta1": "DestinationRule Gateway ServiceEntry:serviceentries Sidecar VirtualService",
    "networking.k8s.io/v1": "Ingress:ingresses NetworkPolicy:networkpolicies",
    "operator.knative.dev/v1alpha1": "KnativeEventing KnativeServing",
    "operator.knative.dev/v1beta1": "KnativeEventing KnativeServing",
    "operator.openshift.io/v1": "IngressController",
    "operators.coreos.com/v1": "OperatorCondition OperatorGroup",
    "operators.coreos.com/v1alpha1": "CatalogSource ClusterServiceVersion InstallPlan Subscription",
    "packages.operators.coreos.com/v1": "PackageManifest",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding",
    "route.openshift.io/v1": "Route",
    "security.istio.io/v1beta1": "AuthorizationPolicy:authorizationpolicies PeerAuthentication RequestAuthentication",
    "serving.knative.dev/v1": "Configuration Revision Route Service",
    "sources.knative.dev/v1": "PingSource SinkBinding",
    "template.openshift.io/v1": "Template TemplateInstance",
}
_CLUSTER_WIDE = {
    "v1": "Namespace Node PersistentVolume",
    "admissionregistration.k8s.io/v1": "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiregistration.k8s.io/v1": "APIService",
    "authorization.k8s.io/v1": "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
    "config.openshift.io/v1": "ClusterOperator ClusterVersion Infrastructure Ingress:ingresses OperatorHub",
    "operators.coreos.com/v1": "OLMConfig Operator",
    "project.openshift.io/v1": "Project ProjectRequest",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass:priorityclasses",
    "security.openshift.io/v1": "SecurityContextConstraints:securitycontextconstraints",
    "storage.k8s.io/v1": "StorageClass:storageclasses",
}


def _read(table: dict[str, str], namespaced: bool) -> dict[Kind, Resource]:
    entries = ((api_version, entry.partition(":")) for api_version, kinds in table.items() for entry in kinds.split())
    return {
        Kind(version, kind): Resource(plural or f"{kind.lower()}s", namespaced)
        for version, (kind, _sep, plural) in entries
    }


KNOWN: dict[Kind, Resource] = {**_read(_NAMESPACED, True), **_read(_CLUSTER_WIDE, False)}


def group_version_path(api_version: str) -> str:
    """Return the path of a group-version: `/api/v1`, `/apis/maistra.io/v1`."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def collection_path(kind: Kind, resource: Resource, namespace: str | None = None) -> str:
    """Return the path of all objects of a kind, in `namespace` if it is given and the kind has namespaces."""
    parts = [group_version_path(kind.api_version)]
    if resource.namespaced and namespace:
        parts += ["namespaces", quote(namespace, safe="")]
    return "/".join([*parts, resource.plural])


def object_path(reference: Reference, resource: Resource) -> str:
    """Return the path of one object."""
    return f"{collection_path(reference.kind, resource, reference.namespace)}/{quote(reference.name, safe=':')}"


def find_resource(resource_list: dict[str, Any], kind: Kind) -> Resource | None:
    """Return where the APIResourceList of the kind's group-version (the answer at its path) says that it lives."""
    for entry in resource_list.get("resources") or []:
        if entry["kind"] == kind.name and "/" not in entry["name"]:
            return Resource(entry["name"], entry["namespaced"])
    return None
