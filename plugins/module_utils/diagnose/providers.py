# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Why a kind is not served, in a last look at what brings it, and at the operator behind that."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.kinds import SUBSCRIPTION
from ..kube.objects import Object, condition, condition_text, holds, section
from .bringers import BRINGERS, Package, verdict

# The packages of OperatorHub by the API groups that they bring.
PACKAGES = {
    "argoproj.io": ("openshift-gitops-operator", "argocd-operator"),
    "elasticsearch.k8s.elastic.co": ("elasticsearch-eck-operator-certified", "elastic-cloud-eck"),
    "eventing.knative.dev": ("serverless-operator",),
    "jaegertracing.io": ("jaeger-product",),
    "kafka.strimzi.io": ("amq-streams", "strimzi-kafka-operator"),
    "kiali.io": ("kiali-ossm",),
    "logging.openshift.io": ("cluster-logging",),
    "machinelearning.seldon.io": ("seldon-operator", "seldon-operator-certified"),
    "maistra.io": ("servicemeshoperator",),
    "networking.istio.io": ("servicemeshoperator",),
    "operator.knative.dev": ("serverless-operator",),
}


def providers(client: Client, group: str, deadline: float) -> list[str]:
    """Return lines on what brings the kinds of an API group; none when we know nothing, or can't read.

    `deadline`, in seconds of `time.monotonic()`, ends the reading.
    """
    lines: list[str] = []
    with suppress(EngineError):
        bringer = BRINGERS.get(group)
        if bringer is not None and not isinstance(bringer, Package):
            lines.append(verdict(bringer, bringer.find(client, deadline)).reason)
    with suppress(EngineError):
        lines += explain(group, client.list(SUBSCRIPTION, deadline=deadline)) if group in PACKAGES else []
    return lines


def explain(group: str, subscriptions: Iterable[Object]) -> list[str]:
    """Return lines on the Subscriptions to the packages that bring an API group of PACKAGES."""
    packages = PACKAGES[group]
    found = [live for live in subscriptions if section(live, "spec").get("name") in packages]
    return [_line(live) for live in found] or [
        f"its operator {' or '.join(packages)}: nothing on the cluster subscribes to it"
    ]


def _line(live: Object) -> str:
    name, namespace = live["metadata"]["name"], live["metadata"]["namespace"]
    status = section(live, "status")
    version = status.get("installedCSV") or status.get("currentCSV") or "no version chosen yet"
    said = f"{status.get('state') or 'not resolved yet'}, {version}"
    if holds(live, "ResolutionFailed"):
        said = condition_text(condition(live, "ResolutionFailed"), "")
    return f"its operator {section(live, 'spec')['name']}: {said} (oc describe subscription {name} -n {namespace})"
