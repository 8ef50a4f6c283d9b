"""Every rule against objects as the real operators write them (types, reasons and messages of their releases)."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.generic import wanted_condition
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.registry import assess
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing, Ready

APIS = {
    "ServiceMeshControlPlane": "maistra.io/v2",
    "ServiceMeshMemberRoll": "maistra.io/v1",
    "KnativeServing": "operator.knative.dev/v1beta1",
    "Broker": "eventing.knative.dev/v1",
    "Elasticsearch": "elasticsearch.k8s.elastic.co/v1",
    "ClusterLogging": "logging.openshift.io/v1",
    "ClusterLogForwarder": "logging.openshift.io/v1",
    "ArgoCD": "argoproj.io/v1alpha1",
    "Application": "argoproj.io/v1alpha1",
    "Kafka": "kafka.strimzi.io/v1beta2",
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "DeploymentConfig": "apps.openshift.io/v1",
    "TemplateInstance": "template.openshift.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "Route": "route.openshift.io/v1",
    "SeldonDeployment": "machinelearning.seldon.io/v1",
    "Server": "mlops.seldon.io/v1alpha1",
    "Prometheus": "monitoring.coreos.com/v1",
    "Namespace": "v1",
    "PersistentVolumeClaim": "v1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    "Kiali": "kiali.io/v1alpha1",
    "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
}


def of(kind: str, spec: Any = None, generation: int = 1, name: str = "x", **status: Any) -> dict[str, Any]:
    """An object; `on`, `off` and `unknown` in `status` are conditions, `Type` or `Type/Reason: message`."""
    conditions = [
        condition(text, value) for key, value in STATUSES.items() for text in status.pop(key, "").split("|") if text
    ]
    if conditions:
        status["conditions"] = conditions
    metadata = {"name": name, "generation": generation}
    return {"apiVersion": APIS[kind], "kind": kind, "metadata": metadata, "spec": spec or {}, "status": status}


STATUSES = {"on": "True", "off": "False", "unknown": "Unknown"}


def condition(text: str, status: str) -> dict[str, str]:
    head, _, message = text.partition(": ")
    kind, _, reason = head.partition("/")
    return {"type": kind, "status": status, "reason": reason, "message": message}


def mesh(count: str = "9/9", observed: int = 1, pending: tuple[str, ...] = (), **rest: Any) -> dict[str, Any]:
    return of(
        "ServiceMeshControlPlane",
        observedGeneration=observed,
        annotations={"readyComponentCount": count},
        readiness={"components": {"ready": ["istio-discovery"], "pending": list(pending), "unready": []}},
        **{"on": "Ready/ComponentsReady: All component deployments are Available", **rest},
    )


def roll(*configured: str, on: str = "Ready/Configured", observed: int = 1, mesh_generation: int = 1) -> dict[str, Any]:
    spec = {"members": ["seldon", "seldon-logs"]}
    return of(
        "ServiceMeshMemberRoll",
        spec,
        observedGeneration=observed,
        configuredMembers=list(configured),
        meshGeneration=mesh_generation,
        memberStatuses=[
            {"namespace": "seldon-logs", "conditions": [condition("Reconciled/NamespaceNotExists", "False")]}
        ],
        on=on,
    )


def elastic(
    phase: str = "Ready", health: str = "green", nodes: int = 3, observed: int = 2, **rest: Any
) -> dict[str, Any]:
    status = {"phase": phase, "health": health, "observedGeneration": observed}
    if nodes:
        status["availableNodes"] = nodes
    return of("Elasticsearch", {"nodeSets": [{"name": "default", "count": 3}]}, 2, **status, **rest)


def argocd(spec: Any = None, host: str = "argo.apps.example.com", **status: str) -> dict[str, Any]:
    running = dict.fromkeys(("applicationController", "redis", "repo", "server", "dex"), "Running")
    spec = spec or {"sso": {"provider": "dex"}, "server": {"route": {"enabled": True}}}
    return of("ArgoCD", spec, **{"phase": "Available", "host": host, "ssoConfig": "Success", **running, **status})


def forwarder(outputs: Any = None, pipelines: Any = None, **rest: Any) -> dict[str, Any]:
    fine = [condition("Ready", "True")]
    spec = {"outputs": [{"name": "es"}], "pipelines": [{"name": "pods"}]}
    status = {"outputs": {"es": outputs or fine}, "pipelines": {"pods": pipelines or fine}}
    return of("ClusterLogForwarder", spec, **status, **{"on": "Ready", **rest})


def at(obj: dict[str, Any], spec: str, status: str = "") -> dict[str, Any]:
    """Return the object as it is when its spec and its status were written last at these seconds of a minute."""
    when = [("f:spec", "", spec), ("f:status", "status", status)]
    entries = [
        {"manager": f"m{field}", "time": f"2022-12-01T10:00:{second}Z", "fieldsV1": {field: {}}, "subresource": part}
        for field, part, second in when
        if second
    ]
    # Somebody's label is no change of the spec.
    label = {"manager": "oc", "time": "2022-12-01T10:09:00Z", "fieldsV1": {"f:metadata": {}}}
    return {**obj, "metadata": {**obj["metadata"], "managedFields": [*entries, label]}}


def deployment(observed: int = 1, wanted: int = 2, **status: Any) -> dict[str, Any]:
    full = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
    return of("Deployment", {"replicas": wanted}, observedGeneration=observed, **{**full, **status})


def routed(status: str, reason: str = "", router: str = "default") -> dict[str, Any]:
    return {
        "routerName": router,
        "host": "seldon.apps.example.com",
        "conditions": [condition(f"Admitted/{reason}", status)],
    }


def stateful(name: str, replicas: int, ready: int) -> dict[str, Any]:
    return of("StatefulSet", {"replicas": replicas}, name=name, observedGeneration=1, readyReplicas=ready)


def webhooks(**changed: Any) -> dict[str, Any]:
    entry = {
        "name": "webhook.x",
        "rules": [{"resources": ["brokers"]}],
        "clientConfig": {"caBundle": "c", "service": {}},
    }
    return {**of("ValidatingWebhookConfiguration"), "webhooks": [{**entry, **changed}]}


SCC = 'pods "x" is forbidden: unable to validate against any security context constraint'
KAFKA_VERSION = "NotReady/UnsupportedKafkaVersionException: Unsupported Kafka.spec.kafka.version: 3.2.3"
WRONG_NAMESPACE = 'Install failed with message: Knative Serving must be installed into the namespace "knative-serving"'
DEPENDENCY = 'Ready/DependencyMissingError: Dependency "Jaeger CRD" is missing'
NO_OUTPUT = "Ready/Invalid: invalid: unrecognized outputs: [nope], no valid outputs"
NO_SECRET = 'Ready/MissingResource: secret "es" not found'
ROLLED = of("DaemonSet", observedGeneration=1, desiredNumberScheduled=3, updatedNumberScheduled=3, numberReady=3)
COLLECTOR = {**ROLLED, "metadata": {"name": "collector", "generation": 1}}

READY, WAITS, FAILS = Ready, Progressing, Failed
CASES: list[tuple[str, dict[str, Any], type]] = [
    ("mesh", mesh(), READY),
    ("mesh: a component's Deployment deleted, Ready stays True", mesh("8/9", pending=("grafana",)), FAILS),
    ("mesh: all counted, one pending", mesh("9/9", pending=("grafana",)), FAILS),
    ("mesh: spec changed, still the old Ready", mesh(generation=2), WAITS),
    ("mesh: just created, no observedGeneration", of("ServiceMeshControlPlane", off="Ready/ResourceCreated"), WAITS),
    ("mesh: paused", mesh("3/9", on="", off="Ready/PausingInstall: Paused until: [istio-discovery]"), WAITS),
    ("mesh: Jaeger missing heals", mesh(on="", off=DEPENDENCY), WAITS),
    (
        "mesh: invalid keeps the old observedGeneration",
        mesh(generation=2, on="", off="Ready/ValidationError: x"),
        FAILS,
    ),
    (
        "mesh: a profile that nobody has",
        mesh(generation=2, on="", off="Ready/ReconcileError: Error rendering helm charts: error: template cannot be"),
        FAILS,
    ),
    (
        "mesh: an object of a component that the API server takes for invalid",
        mesh(on="", off='Ready/ReconcileError: Error processing component x: error: Deployment.apps "x" is invalid: y'),
        FAILS,
    ),
    (
        "mesh: a webhook that starts",
        mesh(on="", off="Ready/ReconcileError: Error processing component x: error: failed calling webhook: denied"),
        WAITS,
    ),
    (
        "mesh: a hiccup of the API server",
        mesh(on="", off="Ready/ReconcileError: Error processing component x: error: etcdserver: request timed out"),
        WAITS,
    ),
    ("roll without a control plane in sight", roll("seldon", "seldon-logs"), READY),
    ("roll: a namespace is missing", roll("seldon", on=""), WAITS),
    ("roll: not seen yet", roll("seldon", "seldon-logs", observed=0), WAITS),
    ("knative", of("KnativeServing", observedGeneration=1, version="1.5.0", on="Ready|InstallSucceeded"), READY),
    ("knative: no status for seconds", of("KnativeServing"), WAITS),
    (
        "knative: spec changed, Ready stays True",
        of("KnativeServing", generation=2, observedGeneration=1, on="Ready"),
        WAITS,
    ),
    (
        "knative: namespace",
        of("KnativeServing", observedGeneration=1, off=f"InstallSucceeded/Error: {WRONG_NAMESPACE}"),
        FAILS,
    ),
    (
        "knative: version jump",
        of("KnativeServing", observedGeneration=1, off="VersionMigrationEligible/Error: no"),
        FAILS,
    ),
    (
        "knative: pods on their way",
        of("KnativeServing", observedGeneration=1, on="InstallSucceeded", off="Ready/NotReady: Waiting on: webhook"),
        WAITS,
    ),
    ("broker", of("Broker", {"config": {"name": "c"}}, address={"url": "http://b"}, on="Ready"), READY),
    ("broker: endpoints", of("Broker", {"config": {"name": "c"}}, off="Ready/EndpointsUnavailable"), WAITS),
    ("broker: before the webhook had rules", of("Broker"), FAILS),
    ("broker: just created", of("Broker", {"config": {"name": "c"}}), WAITS),
    ("webhooks", webhooks(), READY),
    ("webhooks: reached by a URL", webhooks(clientConfig={"url": "https://127.0.0.1:1"}), READY),
    ("webhooks: as Knative installs them", webhooks(rules=None, clientConfig={"service": {}}), WAITS),
    ("webhooks: rules without an authority", webhooks(clientConfig={"service": {}}), WAITS),
    ("webhooks: none at all", {**webhooks(), "webhooks": None}, WAITS),
    ("elastic", elastic(), READY),
    ("elastic: one shard without a place", elastic(health="yellow"), READY),
    ("elastic: Ready but red", elastic(health="red"), FAILS),
    ("elastic: Ready with two of three", elastic(nodes=2), WAITS),
    ("elastic: green without a node", elastic(phase="ApplyingChanges", nodes=0), WAITS),
    ("elastic: scaled up, old status", elastic(observed=1), WAITS),
    ("elastic: invalid, conditions of before", elastic(phase="Invalid", on="ReconciliationComplete"), FAILS),
    ("elastic: still upgrading", elastic(off="RunningDesiredVersion: Upgrading from 7.11.0 to 7.12.1"), WAITS),
    ("forwarder", forwarder(), READY),
    ("forwarder: Ready with empty maps", of("ClusterLogForwarder", {"outputs": [{"name": "es"}]}, on="Ready"), WAITS),
    ("forwarder: Ready and degraded", forwarder(on="Ready|Degraded/Invalid: degraded pipelines"), WAITS),
    ("forwarder: one output of a pipeline", forwarder(pipelines=[condition("Degraded/Invalid", "True")]), WAITS),
    ("forwarder: its status is of after the change", at(forwarder(), "20", "21"), READY),
    (
        "forwarder: an error of before the change",
        at(forwarder([condition("Ready/Invalid", "False")]), "20", "19"),
        WAITS,
    ),
    ("forwarder: nobody tells when it was written", at(forwarder(), "", ""), READY),
    (
        "forwarder: refused as a whole, entries of before",
        forwarder(on="", off="Ready/Invalid: validation failed: structuredTypeKey"),
        FAILS,
    ),
    ("forwarder: unknown output", forwarder(pipelines=[condition(NO_OUTPUT, "False")]), FAILS),
    (
        "forwarder: the secret comes later, and the pipeline is invalid only for that",
        forwarder([condition(NO_SECRET, "False")], [condition(NO_OUTPUT, "False")]),
        WAITS,
    ),
    ("argo", argocd(), READY),
    ("argo: Available with nothing running", argocd(server="Unknown", redis="Unknown"), WAITS),
    ("argo: dex asked for and not there", argocd(dex="Pending"), WAITS),
    ("argo: no dex wanted", argocd({"server": {}}, dex="Unknown", host=""), READY),
    ("argo: route not admitted", argocd(host=""), WAITS),
    ("argo: two sso configurations", argocd(ssoConfig="Failed"), FAILS),
    ("argo: sso not configured yet", argocd(ssoConfig="Unknown"), WAITS),
    ("argo: sso not reported yet", argocd(ssoConfig=""), WAITS),
    ("argo: sso not configured, and not wanted", argocd({"server": {}}, dex="Unknown", ssoConfig="Unknown"), READY),
    ("application", of("Application", sync={"status": "Synced"}, health={"status": "Healthy"}), READY),
    (
        "application: it cannot be compared, as while its repository does not answer",
        of("Application", sync={"status": "Unknown"}, health={"status": "Healthy"}, on="ComparisonError: rpc error"),
        WAITS,
    ),
    (
        "application: it could not be synced, which is tried again",
        of("Application", sync={"status": "OutOfSync"}, health={"status": "Missing"}, on="SyncError: failed"),
        WAITS,
    ),
    ("application: folder missing", of("Application", sync={"status": "Unknown"}, health={"status": "Healthy"}), WAITS),
    ("kafka", of("Kafka", observedGeneration=1, on="Ready|Warning/KafkaStorage"), READY),
    ("kafka: creating", of("Kafka", observedGeneration=0, on="NotReady/Creating: being deployed"), WAITS),
    ("kafka: version", of("Kafka", observedGeneration=1, on=KAFKA_VERSION), FAILS),
    ("kafka: version repaired, old verdict", of("Kafka", generation=2, observedGeneration=1, on=KAFKA_VERSION), WAITS),
    ("kafka: slow images", of("Kafka", observedGeneration=1, on="NotReady/TimeoutException: Exceeded"), WAITS),
    ("kafka: paused", of("Kafka", observedGeneration=1, on="ReconciliationPaused"), WAITS),
    ("deployment", deployment(), READY),
    ("deployment: scaled to nothing", deployment(wanted=0, replicas=0, updatedReplicas=0, availableReplicas=0), READY),
    ("deployment: scaled to nothing, not seen yet", of("Deployment", {"replicas": 0}, replicas=0), WAITS),
    ("deployment: old template everywhere", deployment(updatedReplicas=0), WAITS),
    ("deployment: an old pod left", deployment(replicas=3), WAITS),
    ("deployment: changed a moment ago", deployment(observed=0), WAITS),
    (
        "deployment: forbidden by an SCC",
        deployment(availableReplicas=0, on=f"ReplicaFailure/FailedCreate: {SCC}"),
        FAILS,
    ),
    ("deployment: webhook of the mesh", deployment(on="ReplicaFailure/FailedCreate: failed calling webhook"), WAITS),
    ("deployment: deadline", deployment(availableReplicas=1, off="Progressing/ProgressDeadlineExceeded"), FAILS),
    ("stateful set", stateful("x", 3, 3), READY),
    ("stateful set: two of three", stateful("x", 3, 2), WAITS),
    ("daemon set", ROLLED, READY),
    ("daemon set: fresh, all zero", of("DaemonSet", desiredNumberScheduled=0, numberReady=0), WAITS),
    ("daemon set: old template", {**ROLLED, "status": {**ROLLED["status"], "updatedNumberScheduled": 1}}, WAITS),
    (
        "deployment config",
        of(
            "DeploymentConfig",
            {"replicas": 1},
            observedGeneration=1,
            latestVersion=1,
            readyReplicas=1,
            availableReplicas=1,
            updatedReplicas=1,
            on="Available",
        ),
        READY,
    ),
    (
        "deployment config: no image",
        of("DeploymentConfig", {"replicas": 1}, observedGeneration=1, latestVersion=0),
        WAITS,
    ),
    ("template instance", of("TemplateInstance", on="Ready/Created"), READY),
    ("template instance: failed", of("TemplateInstance", on="InstantiateFailure/Failed: quota"), FAILS),
    ("template instance: waiting", of("TemplateInstance", off="Ready/Waiting"), WAITS),
    ("route", of("Route", ingress=[routed("True")]), READY),
    ("route: host taken", of("Route", ingress=[routed("False", "HostAlreadyClaimed")]), FAILS),
    ("route: no router yet", of("Route"), WAITS),
    ("route: another router only", of("Route", ingress=[routed("True", router="a"), routed("False", "X")]), FAILS),
    ("model", of("SeldonDeployment", state="Available", on="Ready"), READY),
    ("model: Available, VirtualService missing", of("SeldonDeployment", state="Available", off="Ready"), WAITS),
    ("model: Failed with Ready True", of("SeldonDeployment", state="Failed", description="d", on="Ready"), FAILS),
    ("model: definition without conditions", of("SeldonDeployment", state="Available"), READY),
    ("prometheus", of("Prometheus", {"replicas": 2}, availableReplicas=2, updatedReplicas=2, on="Reconciled"), READY),
    (
        "prometheus: Available without pods",
        of("Prometheus", {"replicas": 2}, availableReplicas=0, on="Available"),
        WAITS,
    ),
    ("namespace", of("Namespace", phase="Active"), READY),
    ("namespace: terminating", of("Namespace", phase="Terminating"), WAITS),
    ("claim", of("PersistentVolumeClaim", phase="Bound"), READY),
    ("claim: lost", of("PersistentVolumeClaim", phase="Lost"), FAILS),
    ("definition", of("CustomResourceDefinition", on="NamesAccepted|Established"), READY),
    ("definition: fresh", of("CustomResourceDefinition", on="NamesAccepted"), WAITS),
    ("definition: names taken", of("CustomResourceDefinition", off="NamesAccepted/ListKindConflict"), FAILS),
    ("binding: it has no status", of("RoleBinding"), READY),
    ("another kind", of("Kiali", on="Ready"), READY),
    ("another kind: stale", of("Kiali", generation=2, observedGeneration=1, on="Ready"), WAITS),
    ("another kind: no conditions", of("Kiali", phase="x"), WAITS),
]


@pytest.mark.parametrize(("obj", "verdict"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_rule(obj: dict[str, Any], verdict: type) -> None:
    state = assess(obj)
    assert type(state) is verdict, state
    assert type(state) is Ready or state.reason


@pytest.mark.parametrize(
    ("obj", "options", "related", "verdict"),
    [
        pytest.param(roll("seldon"), {"members": ["seldon"]}, [mesh()], READY, id="only our members count"),
        pytest.param(roll("seldon"), {"members": ["seldon", "b"]}, [mesh()], WAITS, id="a member not asked for yet"),
        pytest.param(
            roll("seldon"), {"members": ["seldon"]}, [mesh("8/9")], WAITS, id="a roll is no sooner than its mesh"
        ),
        pytest.param(
            roll("seldon", mesh_generation=0), {"members": ["seldon"]}, [mesh()], WAITS, id="policies of before"
        ),
        pytest.param(of("ClusterLogging"), {}, [COLLECTOR], READY, id="collector"),
        pytest.param(of("ClusterLogging"), {}, [], WAITS, id="no collector"),
        pytest.param(of("ClusterLogging", on="CollectorDeadEnd"), {}, [COLLECTOR], WAITS, id="logs without a way out"),
        pytest.param(
            forwarder(on="Ready|Degraded"),
            {"outputs": ["es"], "pipelines": ["pods"]},
            [],
            READY,
            id="others' are degraded",
        ),
        pytest.param(at(forwarder(), "20", "35"), {}, [at(COLLECTOR, "36")], READY, id="replaced after the change"),
        pytest.param(at(forwarder(), "20", "19"), {}, [at(COLLECTOR, "36")], READY, id="replaced, status to come"),
        pytest.param(
            at(forwarder(), "20", "35"),
            {},
            [at({**COLLECTOR, "status": {**COLLECTOR["status"], "updatedNumberScheduled": 1}}, "36")],
            WAITS,
            id="being replaced",
        ),
        pytest.param(
            at(forwarder(), "20", "35"),
            {},
            [at({**COLLECTOR, "metadata": {"name": "collector", "generation": 2}}, "36")],
            WAITS,
            id="not noticed by the DaemonSet's controller",
        ),
        pytest.param(forwarder(), {"outputs": ["ours"], "pipelines": ["pods"]}, [], WAITS, id="output not there"),
        pytest.param(
            of("Server", {"replicas": 1}, on="Ready|StatefulSetReady"), {}, [stateful("x", 1, 1)], READY, id="server"
        ),
        pytest.param(
            of("Server", {"replicas": 1}, on="Ready|StatefulSetReady"),
            {},
            [stateful("x", 1, 0)],
            WAITS,
            id="no pod yet",
        ),
        pytest.param(
            of("Server", {"replicas": 1}, on="Ready|StatefulSetReady"),
            {},
            [stateful("y", 1, 1)],
            WAITS,
            id="no workload",
        ),
    ],
)
def test_rule_with_options_and_neighbours(obj: Any, options: Any, related: Any, verdict: type) -> None:
    state = assess(obj, options, related)
    assert type(state) is verdict, state


@pytest.mark.parametrize(
    ("told", "collected", "seconds"),
    [("35", "19", 30), ("49", "19", 30), ("50", "19", 0), ("35", "20", 30), ("35", "21", 0)],
)
def test_collectors_that_were_not_replaced_may_still_be(told: str, collected: str, seconds: float) -> None:
    """The pass that writes the status may end before the one that replaces them; some changes need no new ones."""
    state = assess(at(forwarder(), "20", told), {}, [at(COLLECTOR, collected)])
    assert isinstance(state, Ready)
    assert state.after == seconds


@pytest.mark.parametrize(("told", "related"), [("19", []), ("20", []), ("19", [at(COLLECTOR, "20")])])
def test_a_forwarder_s_status_of_before_its_change_counts_only_when_it_stays(told: str, related: list[Any]) -> None:
    """Three passes of the operator; one that writes no status without need would never be seen."""
    state = assess(at(forwarder(), "20", told), {}, related)
    assert isinstance(state, Ready)
    assert (state.after, state.reason.partition(" since ")[0]) == (90, "the operator has not looked at it")


def test_what_is_being_deleted_is_not_ready() -> None:
    doomed = mesh()
    doomed["metadata"]["deletionTimestamp"] = "2022-12-01T00:00:00Z"
    assert isinstance(assess(doomed), Progressing)


@pytest.mark.parametrize(
    ("status", "reason", "verdict"),
    [("True", None, READY), ("True", "Created", READY), ("True", "Other", WAITS), ("False", None, WAITS)],
)
def test_condition_of_the_caller(status: str, reason: str | None, verdict: type) -> None:
    obj = of("TemplateInstance", on="Ready/Created")
    assert type(wanted_condition(obj, "Ready", status, reason)) is verdict


def test_messages_say_what_is_missing() -> None:
    assert "grafana" in assess(mesh("8/9", pending=("grafana",))).reason
    assert "seldon-logs (do not exist: seldon-logs)" in assess(roll("seldon")).reason
    uncompared = of("Application", sync={"status": "Unknown"}, on="ComparisonError: app path does not exist")
    assert "ComparisonError: app path does not exist" in assess(uncompared).reason
    assert "HostAlreadyClaimed" in assess(of("Route", ingress=[routed("False", "HostAlreadyClaimed")])).reason
