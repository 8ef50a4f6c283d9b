# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The flows that an installation needs, and whether the policies on the cluster let them pass.

The service mesh's policies close a member namespace to everything outside of the mesh, so each flow needs a policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..kube.kinds import NAMESPACE, NETWORK_POLICY
from .model import Finding, failed, passed, skipped
from .network import Labels, Pod, egress, ingress
from .observed import Observed


@dataclass(frozen=True)
class Flow:
    """Roles of namespaces (`logs`, `model`) and labels of pods, from source to target; `port` is the pod's."""

    source: str
    source_labels: Labels = field(hash=False)
    target: str
    target_labels: Labels = field(hash=False)
    port: int


_DEPLOY = {"app.kubernetes.io/name": "seldon-deploy"}
_DETECTOR = {"serving.knative.dev/service": "detector"}
_ELASTICSEARCH = {"common.k8s.elastic.co/type": "elasticsearch"}
_MODEL = {"app.kubernetes.io/managed-by": "seldon-core"}
_BROKER = {"eventing.knative.dev/brokerRole": "filter"}
_ACTIVATOR = {"app": "activator"}
_KOURIER = {"app": "3scale-kourier-gateway"}
_PROMETHEUS = {"prometheus": "user-workload"}

NEEDED: Mapping[str, Flow] = {
    "ECK operator to Elasticsearch": Flow("eck", {"control-plane": "elastic-operator"}, "logs", _ELASTICSEARCH, 9200),
    "log collector to Elasticsearch": Flow("logging", {"component": "collector"}, "logs", _ELASTICSEARCH, 9200),
    "Knative Eventing to the request logger": Flow("eventing", _BROKER, "logs", {"app": "seldon-request-logger"}, 8080),
    "Knative Serving to detectors beside the request logger": Flow("serving", _ACTIVATOR, "logs", _DETECTOR, 8012),
    "Kourier to detectors beside the request logger": Flow("kourier", _KOURIER, "logs", _DETECTOR, 8012),
    "mesh gateway to Seldon Deploy": Flow("mesh", {"istio": "ingressgateway"}, "system", _DEPLOY, 8000),
    "Prometheus to Seldon Deploy": Flow("user_monitoring", _PROMETHEUS, "system", _DEPLOY, 8001),
    "Alertmanager to Seldon Deploy": Flow("monitoring", {"alertmanager": "main"}, "system", _DEPLOY, 8000),
    "mesh gateway to models": Flow("mesh", {"istio": "ingressgateway"}, "model", _MODEL, 8000),
    "Prometheus to models": Flow("user_monitoring", _PROMETHEUS, "model", _MODEL, 6000),
    "Knative Eventing to detectors": Flow("eventing", _BROKER, "model", _DETECTOR, 8012),
    "Knative Serving to detectors": Flow("serving", _ACTIVATOR, "model", _DETECTOR, 8012),
    "Kourier to detectors": Flow("kourier", _KOURIER, "model", _DETECTOR, 8012),
}
# What these namespaces are called on every cluster; the others are the installation's own.
PLATFORM = {
    "eventing": "knative-eventing",
    "kourier": "knative-serving-ingress",
    "logging": "openshift-logging",
    "monitoring": "openshift-monitoring",
    "serving": "knative-serving",
    "user_monitoring": "openshift-user-workload-monitoring",
}


def flows(cluster: Observed, names: Iterable[str], namespaces: Mapping[str, str], do: str) -> Iterator[Finding]:
    """Yield for each flow of NEEDED in `names` whether the policies of both namespaces let it pass.

    namespaces: the namespace of each role beside PLATFORM (`{"logs": "seldon-logs", "eck": "openshift-operators"}`).
    do: what brings the missing policy.
    """
    where = {**PLATFORM, **namespaces}
    for name in names:
        flow = NEEDED[name]
        yield _judge(cluster, name, flow, where[flow.source], where[flow.target], do)


def _judge(cluster: Observed, name: str, flow: Flow, source: str, target: str, do: str) -> Finding:
    subject = f"{name} ({source} to {target}, port {flow.port})"
    ends = {space: cluster.get(NAMESPACE.named(space)) for space in (source, target)}
    absent = [space for space, obj in ends.items() if obj is None]
    if absent:
        return skipped(subject, f"namespace {' and '.join(absent)} does not exist")
    labels = {space: (obj or {})["metadata"].get("labels") or {} for space, obj in ends.items()}
    sender = Pod(source, flow.source_labels, labels[source])
    receiver = Pod(target, flow.target_labels, labels[target])
    leaving = egress(cluster.list(NETWORK_POLICY, source), sender, receiver, flow.port)
    if not leaving.allowed:
        return failed(subject, f"egress from {source} is denied by {', '.join(leaving.by)}", do)
    entering = ingress(cluster.list(NETWORK_POLICY, target), sender, receiver, flow.port)
    if not entering.allowed:
        return failed(subject, f"ingress to {target} is denied by {', '.join(entering.by)}", do)
    return passed(subject, f"admitted by {', '.join(entering.by)}" if entering.by else f"no policy restricts {target}")
