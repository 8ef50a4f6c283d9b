"""How model namespaces break."""

from __future__ import annotations

from tests.integration.breakages import Breakage, patched, removed

NETWORK = "networking.k8s.io/v1"
MONITORING = "monitoring.coreos.com/v1"
ARGOPROJ = "argoproj.io/v1alpha1"
RBAC = "rbac.authorization.k8s.io/v1"

BREAKAGES: list[Breakage] = [
    patched(
        "model_namespace.labels",
        "v1",
        "Namespace",
        "seldon",
        None,
        {"metadata": {"labels": {"seldon.restricted": None}}},
        subject="seldon",
    ),
    removed("model_namespace.policies", NETWORK, "NetworkPolicy", "seldon-detectors", "seldon", subject="seldon"),
    removed(
        "model_namespace.flows", NETWORK, "NetworkPolicy", "user-workload-monitoring", "seldon", subject="Prometheus"
    ),
    # The guide's own policies do not let Knative's gateway in.
    removed("model_namespace.flows", NETWORK, "NetworkPolicy", "seldon-detectors-gateway", "seldon", subject="Kourier"),
    removed("model_namespace.monitors", MONITORING, "PodMonitor", "seldon-podmonitor", "seldon", subject="seldon"),
    removed("model_namespace.rules", MONITORING, "PrometheusRule", "deploy-user-alerts", "seldon", subject="seldon"),
    patched(
        "model_namespace.policies",
        NETWORK,
        "NetworkPolicy",
        "user-workload-monitoring",
        "seldon",
        {"spec": {"podSelector": {"matchLabels": {"app": "another"}}}},
        subject="seldon",
    ),
    patched(
        "model_namespace.monitors",
        MONITORING,
        "PodMonitor",
        "seldon-podmonitor",
        "seldon",
        {"spec": {"podMetricsEndpoints": [{"port": "http", "path": "/prometheus"}]}},
        subject="seldon",
    ),
    patched(
        "model_namespace.rules",
        MONITORING,
        "PrometheusRule",
        "deploy-user-alerts",
        "seldon",
        {"spec": {"groups": [{"name": "mine", "rules": [{"alert": "ModelHighErrorRate", "expr": "vector(0) > 1"}]}]}},
        subject="seldon",
    ),
    patched(
        "model_namespace.monitored",
        "v1",
        "Namespace",
        "seldon",
        None,
        {"metadata": {"labels": {"openshift.io/user-monitoring": "false"}}},
        subject="seldon",
    ),
    patched(
        "model_namespace.member",
        "maistra.io/v1",
        "ServiceMeshMemberRoll",
        "default",
        "istio-system",
        {"spec": {"members": ["seldon-system", "seldon-logs", "seldon-kafka", "seldon-gitops"]}},
        subject="namespace seldon",
    ),
    removed(
        "model_namespace.argocd",
        RBAC,
        "RoleBinding",
        "seldon-argocd-argocd-application-controller",
        "seldon-gitops",
        subject="seldon-gitops",
    ),
    removed("model_namespace.application", ARGOPROJ, "Application", "seldon-gitops-seldon-gitops", "seldon-argocd"),
    patched(
        "model_namespace.application",
        ARGOPROJ,
        "AppProject",
        "seldon",
        "seldon-argocd",
        {"spec": {"destinations": []}},
        subject="seldon-gitops-seldon-gitops",
    ),
]
