# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What makes the API server serve a kind: an operator, an object of one, a chart, or the platform; and how that is.

A kind comes with what brings it, so a kind that is awaited in vain is explained by that, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..kube.client import Client
from ..kube.kinds import (
    CLUSTER_OPERATOR,
    CLUSTER_SERVICE_VERSION,
    CONTROL_PLANE,
    CRD,
    KNATIVE_EVENTING,
    KNATIVE_SERVING,
    MUTATING_WEBHOOKS,
    SECRET,
    SUBSCRIPTION,
    VALIDATING_WEBHOOKS,
)
from ..kube.objects import Kind, Object, Reference, condition, condition_text, section
from ..olm.model import Operator, Snapshot
from ..olm.repair import RESOLUTION_GRACE
from ..olm.service_version import FAILED_GRACE, version_step
from ..readiness.registry import assess
from ..readiness.state import Failed, Progressing, Ready, State

# What an interrupted Helm leaves heals with the next run, which is another one's.
RELEASE_GRACE = 60.0


@dataclass(frozen=True)
class Found:
    """Something that should bring a kind: who, how it is, and the command that shows more of it.

    answered: its own operator has said something of it.
    """

    who: str
    state: State
    look: str
    answered: bool = True


class Bringer(Protocol):
    """What brings the kinds of an API group."""

    def find(self, client: Client, deadline: float) -> list[Found]:
        """Return what is there of it, read until `deadline` (seconds of time.monotonic()). Raises EngineError."""

    def missing(self) -> str:
        """Return that there is none, and what to type."""

    def mend(self) -> str:
        """Return what to do about one that has failed."""


@dataclass(frozen=True)
class Operand:
    """Objects whose operator brings more kinds once they are installed.

    usual: the namespace where Seldon Deploy's are. tag: of the chapter that makes them, from `variable`, if any.
    """

    kind: Kind
    usual: str
    tag: str
    variable: str = ""

    def find(self, client: Client, deadline: float) -> list[Found]:
        """Return the objects of the kind, in any namespace, read until `deadline` (seconds).

        Raises EngineError, KindNotServed among them.
        """
        live = client.list(self.kind, deadline=deadline)
        return [
            Found(str(Reference.of(obj)), assess(obj), _describe(Reference.of(obj)), bool(obj.get("status")))
            for obj in live
        ]

    def missing(self) -> str:
        """Return that there is none, and what to type."""
        return f"no {self.kind.name} in {self.usual} or any other namespace; {_run(self.tag)}"

    def mend(self) -> str:
        """Return what to do about one that has failed."""
        return f"correct {self.variable} and run this again" if self.variable else _run(self.tag)


@dataclass(frozen=True)
class Package:
    """An operator of OperatorHub, by the names of the packages that hold it."""

    names: tuple[str, ...]
    tag: str

    def find(self, client: Client, deadline: float) -> list[Found]:
        """Return the Subscriptions to the package and their versions, read until `deadline` (seconds).

        Raises EngineError.
        """
        live = client.list(SUBSCRIPTION, deadline=deadline)
        return [_subscribed(client, obj, deadline) for obj in live if section(obj, "spec").get("name") in self.names]

    def missing(self) -> str:
        """Return that there is none, and what to type."""
        return f"nothing on the cluster subscribes to the operator {' or '.join(self.names)}; {_run(self.tag)}"

    def mend(self) -> str:
        """Return what to do about one that has failed."""
        return _run(self.tag)


@dataclass(frozen=True)
class Release:
    """A release of Helm whose chart holds the CRDs."""

    name: str
    tag: str

    def find(self, client: Client, deadline: float) -> list[Found]:
        """Return the newest revision in each namespace, read until `deadline` (seconds). Raises EngineError."""
        newest: dict[str, Object] = {}
        for record in client.list(SECRET, label_selector=f"owner=helm,name={self.name}", deadline=deadline):
            here = record["metadata"]["namespace"]
            newest[here] = max(newest.get(here, record), record, key=_revision)
        return [self._judged(record) for record in newest.values()]

    def missing(self) -> str:
        """Return that there is none, and what to type."""
        return f"no Helm release {self.name} in any namespace; {_run(self.tag)}"

    def mend(self) -> str:
        """Return what to do about one that has failed."""
        return _run(self.tag)

    def _judged(self, record: Object) -> Found:
        here, status = record["metadata"]["namespace"], record["metadata"]["labels"].get("status", "")
        said = f"revision {_revision(record)} is {status}"
        state = Failed(said, RELEASE_GRACE) if status == "failed" else Progressing(said)
        who = f"Helm release {here}/{self.name}"
        return Found(who, Ready(said) if status == "deployed" else state, f"helm history {self.name} -n {here}")


@dataclass(frozen=True)
class Platform:
    """A part of OpenShift itself, by its ClusterOperator."""

    name: str

    def find(self, client: Client, deadline: float) -> list[Found]:
        """Return the ClusterOperator, read until `deadline` (seconds). Raises EngineError."""
        who = CLUSTER_OPERATOR.named(self.name)
        live = client.get(who, deadline)
        return [Found(str(who), assess(live), _describe(who))] if live else []

    def missing(self) -> str:
        """Return that there is none, and what to type."""
        return f"no ClusterOperator {self.name}: is this OpenShift? See: oc get clusterversion,clusteroperators"

    def mend(self) -> str:
        """Return what to do about one that has failed."""
        return "see: oc get clusteroperators"


@dataclass(frozen=True)
class BuiltIn:
    """The API server itself: what it does not serve is not of its version."""

    def find(self, _client: Client, _deadline: float) -> list[Found]:
        """Return the API server, which is there whenever it answers."""
        said = "the kind is Kubernetes' own, and this version has none"
        return [Found("the API server", Progressing(said), "oc api-versions")]

    def missing(self) -> str:
        """Return nothing: it is never missing."""
        return ""

    def mend(self) -> str:
        """Return nothing: it never fails for good."""
        return ""


_MESH = Operand(CONTROL_PLANE, "istio-system", "service_mesh", "service_mesh_control_plane_overrides")
_SERVING = Operand(KNATIVE_SERVING, "knative-serving", "serverless")
_EVENTING = Operand(KNATIVE_EVENTING, "knative-eventing", "serverless")
_ECK = Package(("elasticsearch-eck-operator-certified", "elastic-cloud-eck"), "elasticsearch")
_GITOPS = Package(("openshift-gitops-operator", "argocd-operator"), "gitops")
_KAFKA = Package(("amq-streams", "strimzi-kafka-operator"), "kafka")
_SERVICE_MESH = Package(("servicemeshoperator",), "service_mesh")
_OPENSHIFT, _MONITORING = Platform("openshift-apiserver"), Platform("monitoring")

# By API group. A kind's own group decides; what brings an operand is in the group of that.
BRINGERS: Mapping[str, Bringer] = {
    **dict.fromkeys(("extensions.istio.io", "networking.istio.io", "security.istio.io", "telemetry.istio.io"), _MESH),
    **dict.fromkeys(("maistra.io", "federation.maistra.io"), _SERVICE_MESH),
    "jaegertracing.io": Package(("jaeger-product",), "service_mesh"),
    "kiali.io": Package(("kiali-ossm",), "service_mesh"),
    **dict.fromkeys(
        (
            "autoscaling.internal.knative.dev",
            "caching.internal.knative.dev",
            "networking.internal.knative.dev",
            "serving.knative.dev",
        ),
        _SERVING,
    ),
    **dict.fromkeys(
        ("eventing.knative.dev", "flows.knative.dev", "messaging.knative.dev", "sources.knative.dev"), _EVENTING
    ),
    **dict.fromkeys(
        ("operator.knative.dev", "operator.serverless.openshift.io"), Package(("serverless-operator",), "serverless")
    ),
    **dict.fromkeys(
        (
            "agent.k8s.elastic.co",
            "apm.k8s.elastic.co",
            "beat.k8s.elastic.co",
            "elasticsearch.k8s.elastic.co",
            "enterprisesearch.k8s.elastic.co",
            "kibana.k8s.elastic.co",
            "maps.k8s.elastic.co",
        ),
        _ECK,
    ),
    "logging.openshift.io": Package(("cluster-logging",), "logging"),
    **dict.fromkeys(("argoproj.io", "pipelines.openshift.io"), _GITOPS),
    **dict.fromkeys(("core.strimzi.io", "kafka.strimzi.io"), _KAFKA),
    "machinelearning.seldon.io": Package(("seldon-operator", "seldon-operator-certified"), "seldon_core_v1"),
    "mlops.seldon.io": Release("seldon-core-v2-crds", "seldon_core_v2"),
    **dict.fromkeys(
        (
            "apps.openshift.io",
            "image.openshift.io",
            "project.openshift.io",
            "route.openshift.io",
            "template.openshift.io",
        ),
        _OPENSHIFT,
    ),
    **dict.fromkeys(("monitoring.coreos.com", "metrics.k8s.io"), _MONITORING),
    "config.openshift.io": Platform("config-operator"),
    "security.openshift.io": Platform("config-operator"),
    "operators.coreos.com": Platform("operator-lifecycle-manager"),
    "packages.operators.coreos.com": Platform("operator-lifecycle-manager-packageserver"),
    **dict.fromkeys(
        (
            "",
            "admissionregistration.k8s.io",
            "apiextensions.k8s.io",
            "apiregistration.k8s.io",
            "apps",
            "authorization.k8s.io",
            "batch",
            "networking.k8s.io",
            "rbac.authorization.k8s.io",
            "storage.k8s.io",
        ),
        BuiltIn(),
    ),
}
# These are named after the group that they belong to, and come with it.
NAMED_AFTER_GROUPS = (CRD, MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS)


def group_of(who: Reference) -> str:
    """Return the group whose bringer decides on an object: its kind's, or the one that a CRD or webhook is named by."""
    if who.kind in NAMED_AFTER_GROUPS:
        after = (group for group in BRINGERS if group and who.name.endswith(f".{group}"))
        return max(after, key=len, default=who.kind.group)
    return who.kind.group


def verdict(bringer: Bringer, found: list[Found]) -> Failed | Progressing:
    """Return how a kind stands by what should bring it: Failed when all of these have, as one that goes on may do."""
    if not found:
        return Progressing(bringer.missing())
    going = [each for each in found if not isinstance(each.state, Failed)]
    each = (going or found)[0]
    if isinstance(each.state, Failed):
        said = f"{each.who}, which brings it, has failed: {each.state.reason}"
        return Failed(f"{said}; {bringer.mend()}; look further: {each.look}", each.state.after)
    if isinstance(each.state, Ready):
        said = f" ({each.state.reason})" if each.state.reason else ""
        return Progressing(f"{each.who} is ready{said}, and has not brought it; see: {each.look}")
    return Progressing(f"{each.who} brings it: {each.state.reason}; see: {each.look}")


def _subscribed(client: Client, live: Object, deadline: float) -> Found:
    who = Reference.of(live)
    status, package = section(live, "status"), section(live, "spec")["name"]
    csv = status.get("currentCSV") or status.get("installedCSV")
    version = client.get(CLUSTER_SERVICE_VERSION.named(csv, who.namespace), deadline) if csv else None
    state = _of_version(package, str(who.namespace), version) if version else _unresolved(live)
    return Found(f"operator {package}", state, f"oc describe subscription {who.name} -n {who.namespace}")


def _of_version(package: str, namespace: str, version: Object) -> State:
    return version_step(Operator(package, namespace), version["metadata"]["name"], Snapshot(versions=[version]))


def _unresolved(live: Object) -> State:
    """Return how a Subscription without a version stands, by the two conditions that OLM leaves there."""
    for kind, grace in (("ResolutionFailed", RESOLUTION_GRACE), ("InstallPlanFailed", FAILED_GRACE)):
        told = condition(live, kind)
        # A dead catalogue of others comes back.
        if told.get("status") == "True" and told.get("reason") != "ErrorPreventedResolution":
            return Failed(condition_text(told, kind), grace)
        if told.get("status") == "True":
            return Progressing(condition_text(told, kind))
    status = section(live, "status")
    return Progressing(
        f"{status.get('state') or 'not resolved yet'}, {status.get('currentCSV') or 'no version chosen'}"
    )


def _revision(record: Object) -> int:
    return int(record["metadata"]["labels"].get("version") or 0)


def _describe(who: Reference) -> str:
    return f"oc describe {who.kind.qualified} {who.name}{f' -n {who.namespace}' if who.namespace else ''}"


def _run(tag: str) -> str:
    return f"type: ansible-playbook seldon.openshift.site --tags {tag}"
