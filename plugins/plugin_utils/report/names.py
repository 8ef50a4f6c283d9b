# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What chapters and products are called where people read of them, and which chapter needs which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    """A chapter. title: with the product's name. short: where there is little room. needs: what it can't be without."""

    title: str
    short: str
    needs: tuple[str, ...] = ()


# In the order of the guide. What they need is what uninstall.yml keeps for them, too (uninstall_needs).
CHAPTERS: Mapping[str, Chapter] = {
    "namespaces": Chapter("Namespaces", "Namespaces"),
    "service_mesh": Chapter("OpenShift Service Mesh", "Service Mesh"),
    "serverless": Chapter("OpenShift Serverless", "Serverless"),
    "elasticsearch": Chapter("Elasticsearch", "Elasticsearch"),
    "logging": Chapter("OpenShift Logging", "Logging", ("elasticsearch",)),
    "monitoring": Chapter("Monitoring and alerting", "Monitoring"),
    "postgresql": Chapter("PostgreSQL", "PostgreSQL"),
    "gitops": Chapter("Argo CD (OpenShift GitOps)", "Argo CD"),
    "kafka": Chapter("Kafka (AMQ Streams)", "Kafka"),
    "seldon_core_v1": Chapter("Seldon Core v1", "Core v1", ("service_mesh",)),
    "seldon_core_v2": Chapter("Seldon Core v2", "Core v2", ("service_mesh", "model_namespace", "kafka")),
    "seldon_deploy": Chapter(
        "Seldon Deploy",
        "Seldon Deploy",
        ("service_mesh", "serverless", "elasticsearch", "monitoring", "postgresql", "gitops", "kafka"),
    ),
    "model_namespace": Chapter("Model namespaces", "Model namespaces", ("service_mesh", "gitops")),
    "validate": Chapter("This validation", "This validation"),
}
_OPERATORS: Mapping[str, str] = {
    "amq-streams": "AMQ Streams",
    "cluster-logging": "OpenShift Logging",
    "elastic-cloud-eck": "Elasticsearch (ECK)",
    "elasticsearch-eck-operator-certified": "Elasticsearch (ECK)",
    "jaeger-product": "OpenShift distributed tracing (Jaeger)",
    "kiali-ossm": "Kiali",
    "openshift-gitops-operator": "OpenShift GitOps",
    "seldon-operator": "Seldon Core v1",
    "seldon-operator-certified": "Seldon Core v1",
    "serverless-operator": "OpenShift Serverless",
    "servicemeshoperator": "OpenShift Service Mesh",
    "strimzi-kafka-operator": "Strimzi",
}
_KINDS: Mapping[str, str] = {
    "Elasticsearch": "Elasticsearch",
    "Kafka": "Kafka",
    "KnativeEventing": "Knative Eventing",
    "KnativeServing": "Knative Serving",
    "ServiceMeshControlPlane": "Service mesh control plane",
}
_CHARTS: Mapping[str, str] = {
    "seldon-core-v2-components": "Seldon Core v2",
    "seldon-core-v2-crds": "Seldon Core v2 CRDs",
    "seldon-core-v2-servers": "Seldon Core v2 servers",
    "seldon-deploy": "Seldon Deploy",
}


def chapter_title(name: str) -> str:
    """Return what people call a chapter; one that is not known by its own name."""
    return CHAPTERS[name].title if name in CHAPTERS else name.replace("_", " ").capitalize()


def product(kind: str, name: str) -> str:
    """Return what people call that of which a version is told: kind and name as in seldon_platform_info."""
    if kind == "operator":
        return f"{_OPERATORS.get(name, name)} operator"
    if kind == "chart":
        return f"{_CHARTS.get(name, name)} chart"
    return _KINDS.get(kind, kind)
