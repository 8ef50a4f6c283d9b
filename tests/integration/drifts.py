"""What people and controllers do to a finished cluster, as data: what is done, who finds it, what becomes of it.

`test_drift.py` does all of a group at once, by kubectl, and looks at each afterwards.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.kube import load_objects
from sandbox.paths import PACKAGE

HEALED, TOLD = "healed", "told"
API = {
    "AppProject": "argoproj.io/v1alpha1",
    "Application": "argoproj.io/v1alpha1",
    "ArgoCD": "argoproj.io/v1alpha1",
    "Broker": "eventing.knative.dev/v1",
    "ClusterLogForwarder": "logging.openshift.io/v1",
    "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
    "ConfigMap": "v1",
    "Deployment": "apps/v1",
    "Elasticsearch": "elasticsearch.k8s.elastic.co/v1",
    "Gateway": "networking.istio.io/v1beta1",
    "Kafka": "kafka.strimzi.io/v1beta2",
    "Namespace": "v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PodMonitor": "monitoring.coreos.com/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "Route": "route.openshift.io/v1",
    "Secret": "v1",
    "Service": "v1",
    "ServiceAccount": "v1",
    "ServiceMeshControlPlane": "maistra.io/v2",
    "ServiceMeshMemberRoll": "maistra.io/v1",
    "Subscription": "operators.coreos.com/v1alpha1",
    "Trigger": "eventing.knative.dev/v1",
    "VirtualService": "networking.istio.io/v1beta1",
}
Path = tuple[str, ...]
CONTAINERS: Path = ("spec", "template", "spec", "containers")


@dataclass(frozen=True)
class Drift:
    """One change behind the collection's back.

    where: the object, as messages print it. verb, options: kubectl's. check: the check of validate.yml that finds it,
    and subject: a part of that row's subject, the object's name without one. fields: what is looked at afterwards (keys
    that lead there); none: the object's whole content. fate: HEALED, it is as before; TOLD, it is as it was changed to,
    and site.yml warns of it. editor: a sed expression, for `kubectl edit`.
    """

    where: str
    verb: str
    options: tuple[str, ...]
    check: str
    subject: str | None = None
    fields: tuple[Path, ...] = ()
    fate: str = HEALED
    editor: str = ""

    @property
    def kind(self) -> str:
        """The object's kind."""
        return self.where.partition(" ")[0]

    @property
    def namespace(self) -> str:
        """The object's namespace; empty without one."""
        return self.where.partition(" ")[2].rpartition("/")[0]

    @property
    def name(self) -> str:
        """The object's name."""
        return self.where.partition(" ")[2].rpartition("/")[2]

    def arguments(self) -> list[str]:
        """Return kubectl's arguments."""
        group, _, version = API[self.kind].rpartition("/")
        resource = f"{self.kind}.{version}.{group}" if group else self.kind
        namespace = [f"--namespace={self.namespace}"] if self.namespace else []
        return [*self.verb.split(), resource, self.name, *namespace, *self.options]


def patched(where: str, body: dict[str, Any], check: str, by: str = "", **more: Any) -> Drift:
    """Merge `body` over the object; `by` is the manager, kubectl-patch without one."""
    options = ("--type=merge", f"--patch={json.dumps(body)}", *([f"--field-manager={by}"] if by else []))
    return Drift(where, "patch", options, check, fields=tuple(_leaves(body)), **more)


def scaled(where: str, replicas: int, check: str, by: str = "", **more: Any) -> Drift:
    """Set the number of pods, as `kubectl scale` does."""
    return patched(where, {"spec": {"replicas": replicas}}, check, by or "kubectl-scale", **more)


def labelled(where: str, label: str, check: str, **more: Any) -> Drift:
    """Set a label (key=value) or take it away (key-)."""
    key = label.rstrip("-").partition("=")[0]
    return Drift(where, "label", ("--overwrite", label), check, fields=(("metadata", "labels", key),), **more)


def annotated(where: str, annotation: str, check: str, **more: Any) -> Drift:
    """Set an annotation (key=value) or take it away (key-)."""
    key = annotation.rstrip("-").partition("=")[0]
    return Drift(
        where, "annotate", ("--overwrite", annotation), check, fields=(("metadata", "annotations", key),), **more
    )


def edited(where: str, editor: str, check: str, field: str, **more: Any) -> Drift:
    """Edit the object's YAML by a sed expression; `field` is what it changes, its keys parted by dots."""
    return Drift(where, "edit", (), check, fields=(tuple(field.split(".")),), editor=editor, **more)


def removed(where: str, check: str, **more: Any) -> Drift:
    """Delete the object."""
    return Drift(where, "delete", ("--wait=false",), check, **more)


def with_environment(where: str, setting: str, check: str, **more: Any) -> Drift:
    """Set a variable (NAME=value) in the environment of a Deployment's containers."""
    return Drift(where, "set env", (setting,), check, fields=(CONTAINERS,), **more)


def with_image(where: str, setting: str, check: str, **more: Any) -> Drift:
    """Set the image of one of a Deployment's containers (container=image)."""
    return Drift(where, "set image", (setting,), check, fields=(CONTAINERS,), **more)


def _leaves(body: Any, path: Path = ()) -> Iterator[Path]:
    """Yield where a merge patch sets something."""
    if not isinstance(body, dict) or not body:
        yield path
        return
    for key, value in body.items():
        yield from _leaves(value, (*path, key))


def encoded(text: str) -> str:
    """Return a Secret's value."""
    return base64.b64encode(text.encode()).decode()


CONTROLLER = "capacity-controller"
ENDPOINT = {"spec": {"podMetricsEndpoints": [{"port": "http", "path": "/other"}]}}
NOBODY = {"spec": {"podSelector": {"matchLabels": {"app": "nobody"}}}}

# Alertmanager's configuration as OpenShift brings it: without a receiver of ours.
ALERTMANAGER = encoded(
    next(
        obj["stringData"]["alertmanager.yaml"]
        for obj in load_objects((PACKAGE / "platform" / "monitoring.yaml").read_text())
        if obj["metadata"]["name"] == "alertmanager-main" and obj["kind"] == "Secret"
    )
)

# What is changed in place.
CHANGED = [
    patched(
        "Gateway istio-system/seldon-gateway",
        {
            "spec": {
                "servers": [{"hosts": ["a.example.com"], "port": {"name": "http", "number": 80, "protocol": "HTTP"}}]
            }
        },
        "service_mesh.gateway",
    ),
    patched("Route istio-system/seldon-route", {"spec": {"to": {"name": "nowhere"}}}, "service_mesh.route"),
    edited(
        "ServiceMeshControlPlane istio-system/basic",
        "s/sampling: 10000/sampling: 100/",
        "service_mesh.applied",
        "spec.tracing.sampling",
    ),
    edited("ServiceMeshMemberRoll istio-system/default", "/- seldon-kafka$/d", "service_mesh.members", "spec.members"),
    patched("NetworkPolicy seldon-logs/seldon-request-logs", NOBODY, "serverless.applied"),
    patched("NetworkPolicy seldon-logs/seldon-detectors-serving", NOBODY, "serverless.traffic", subject="Kourier"),
    edited(
        "Elasticsearch seldon-logs/elasticsearch-seldon",
        "s/count: 3$/count: 2/",
        "elasticsearch.applied",
        "spec.nodeSets",
    ),
    patched("NetworkPolicy seldon-logs/seldon-elasticsearch", NOBODY, "elasticsearch.network", subject="ECK operator"),
    patched(
        "Secret seldon-logs/elastic-credentials",
        {"data": {"password": encoded("yesterday's")}},
        "elasticsearch.credentials",
    ),
    patched(
        "ClusterLogForwarder openshift-logging/instance",
        {"spec": {"outputs": [{"name": "seldon-elasticsearch", "type": "elasticsearch", "url": "https://other:9200"}]}},
        "logging.forwarder",
    ),
    patched("Secret openshift-logging/seldon-elasticsearch", {"data": {"ca-bundle.crt": None}}, "logging.credentials"),
    patched("NetworkPolicy seldon-logs/seldon-container-logs", NOBODY, "logging.network", subject="Elasticsearch"),
    labelled("Namespace openshift-logging", "openshift.io/cluster-monitoring-", "logging.applied"),
    patched("PodMonitor seldon-system/seldon-deploy-monitor", ENDPOINT, "monitoring.monitors", subject="seldon-system"),
    edited(
        "PrometheusRule seldon-system/deploy-user-alerts",
        "s/severity: critical/severity: none/",
        "monitoring.rules",
        "spec.groups",
        subject="PrometheusRules of",
    ),
    edited(
        "PrometheusRule seldon-system/deploy-infra-alerts",
        "s/for: 11m/for: 110m/",
        "monitoring.rules",
        "spec.groups",
        subject="PrometheusRules of",
    ),
    removed("ClusterRoleBinding seldon-system-seldon-monitoring", "monitoring.rights", subject="metrics"),
    patched("NetworkPolicy seldon-system/seldon-alertmanager", NOBODY, "monitoring.network", subject="Alertmanager"),
    patched(
        "RoleBinding openshift-monitoring/seldon-system-seldon-monitoring",
        {"subjects": [{"kind": "ServiceAccount", "name": "somebody", "namespace": "default"}]},
        "monitoring.rights",
        subject="alerts",
    ),
    patched(
        "Secret seldon-system/metadata-postgres",
        {"data": {"host": encoded("nowhere")}},
        "postgresql.address",
        subject="nowhere",
    ),
    edited(
        "ArgoCD seldon-argocd/seldon-argocd",
        "s/policy: g, cluster-admins, .*/policy: ''/",
        "gitops.applied",
        "spec.rbac.policy",
    ),
    patched("AppProject seldon-argocd/seldon", {"spec": {"destinations": []}}, "gitops.project"),
    patched("Secret seldon-system/git-creds", {"data": {"email": encoded("")}}, "gitops.credentials"),
    labelled("Secret seldon-argocd/seldon-gitops-repository", "argocd.argoproj.io/secret-type-", "gitops.repository"),
    patched("Kafka seldon-kafka/seldon", {"spec": {"kafka": {"replicas": 2}}}, "kafka.replication"),
    edited(
        "Kafka seldon-kafka/seldon",
        "s/auto.create.topics.enable: true/auto.create.topics.enable: false/",
        "kafka.applied",
        "spec.kafka.config",
    ),
    patched(
        "Subscription seldon-operator-core/seldon-operator",
        {"spec": {"config": {"env": [{"name": "ISTIO_ENABLED", "value": "false"}]}}},
        "seldon_core_v1.environment",
        subject="seldon-controller-manager",
    ),
    patched("VirtualService seldon/seldon-mesh", {"spec": {"gateways": ["mesh"]}}, "seldon_core_v2.address"),
    scaled("Deployment seldon/seldon-envoy", 2, "seldon_core_v2.releases"),
    with_image(
        "Deployment seldon/seldon-modelgateway",
        "modelgateway=docker.io/seldonio/seldon-modelgateway:latest",
        "seldon_core_v2.releases",
    ),
    labelled("Namespace seldon", "seldon.restricted=true", "model_namespace.labels"),
    annotated("Namespace seldon-gitops", "git-repo=https://git.example.com/other/models", "model_namespace.labels"),
    labelled("Namespace seldon-gitops", "seldon.gitops-", "model_namespace.labels"),
    patched("NetworkPolicy seldon/seldon-detectors", NOBODY, "model_namespace.policies", subject="seldon"),
    patched("PodMonitor seldon/seldon-podmonitor", ENDPOINT, "model_namespace.monitors", subject="seldon"),
    edited(
        "PrometheusRule seldon-gitops/seldon-model-usage-rules",
        "s/interval: 3m/interval: 30m/",
        "model_namespace.rules",
        "spec.groups",
        subject="seldon-gitops",
    ),
    edited(
        "Application seldon-argocd/seldon-gitops-seldon-gitops",
        "s/path: seldon-gitops/path: other/",
        "model_namespace.application",
        "spec.source.path",
    ),
    scaled("Deployment seldon-system/seldon-deploy", 2, "seldon_deploy.release"),
    with_environment(
        "Deployment seldon-system/seldon-deploy",
        "ALERTMANAGER_URL=https://nowhere",
        "seldon_deploy.release",
    ),
    # What a controller holds is its own.
    patched(
        "Kafka seldon-kafka/seldon",
        {"spec": {"zookeeper": {"replicas": 5}}},
        "kafka.applied",
        CONTROLLER,
        fate=TOLD,
    ),
    patched(
        "PodMonitor seldon/seldon-podmonitor-metrics-server",
        ENDPOINT,
        "model_namespace.monitors",
        CONTROLLER,
        subject="seldon",
        fate=TOLD,
    ),
    scaled(
        "Deployment seldon/seldon-pipelinegateway",
        2,
        "seldon_core_v2.releases",
        "kube-controller-manager",  # as an autoscaler
        fate=TOLD,
    ),
]
# What is gone.
REMOVED = [
    removed("Gateway istio-system/seldon-gateway", "service_mesh.gateway"),
    scaled("Deployment istio-system/istio-egressgateway", 0, "service_mesh.workloads"),
    removed("Broker seldon-logs/default", "serverless.broker"),
    removed("NetworkPolicy seldon-logs/seldon-request-logs", "serverless.policy"),
    removed("Secret seldon-system/elastic-credentials", "elasticsearch.credentials"),
    removed("NetworkPolicy seldon-logs/seldon-elasticsearch", "elasticsearch.network", subject="ECK operator"),
    removed("Secret openshift-logging/seldon-elasticsearch", "logging.credentials"),
    patched("ClusterLogForwarder openshift-logging/instance", {"spec": {"pipelines": []}}, "logging.forwarder"),
    patched(
        "Secret openshift-monitoring/alertmanager-main",
        {"data": {"alertmanager.yaml": ALERTMANAGER}},
        "monitoring.receiver",
        subject="critical alert of models",
    ),
    removed("PodMonitor seldon-system/seldon-deploy-monitor", "monitoring.monitors", subject="seldon-system"),
    removed("PrometheusRule seldon-system/deploy-infra-alerts", "monitoring.rules", subject="PrometheusRules of"),
    patched(
        "Secret seldon-system/jwt-seldon", {"data": {"jwt-seldon.txt": encoded("none")}}, "monitoring.token", subject=""
    ),
    patched(
        "ConfigMap openshift-monitoring/cluster-monitoring-config",
        {"data": {"config.yaml": "enableUserWorkload: false\n"}},
        "monitoring.enabled",
    ),
    removed("AppProject seldon-argocd/seldon", "gitops.project"),
    removed("Secret seldon-argocd/seldon-gitops-repository", "gitops.repository"),
    removed("Application seldon-argocd/seldon-gitops-seldon-gitops", "model_namespace.application"),
    removed(
        "NetworkPolicy seldon-gitops/user-workload-monitoring", "model_namespace.policies", subject="seldon-gitops"
    ),
    removed("VirtualService seldon/seldon-mesh", "seldon_core_v2.address"),
    removed("Service seldon/seldon-mesh", "seldon_core_v2.releases"),
    removed("Deployment seldon-system/seldon-deploy", "seldon_deploy.release", fields=(CONTAINERS,)),
    removed("Trigger seldon-logs/seldon-request-logger-trigger", "seldon_deploy.requests"),
]
