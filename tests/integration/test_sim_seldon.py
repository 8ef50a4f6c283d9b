"""Seldon's two operators, as the sandbox plays them, held against what was seen of the real ones (1.15.0 and 2.1.0)."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.modules import seldon_wait

from sandbox.definitions import Definitions, establish
from sandbox.kube import ApiError, Kube, Object
from sandbox.simulator.objects import condition, deployment, make, stateful_set
from tests.integration.cluster import Cluster
from tests.integration.engine import run
from tests.integration.helpers import OLM, distinct, eventually, recorded, subscribe, until

MODEL = ("machinelearning.seldon.io/v1", "SeldonDeployment")
SERVER = ("mlops.seldon.io/v1alpha1", "Server")
VIRTUAL_SERVICE = ("networking.istio.io/v1alpha3", "VirtualService")
DESTINATION_RULE = ("networking.istio.io/v1alpha3", "DestinationRule")
DEFINITION = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
WEBHOOKS = ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration")
CONFIGURATION = "seldon-validating-webhook-configuration"
PACKAGE, SOURCE, OPERATORS = "seldon-operator-certified", "certified-operators", "openshift-operators"
NAMESPACE = "seldon"
NOT_CREATED = "Not all services created"


@pytest.fixture(scope="module")
def kube(platform_cluster: Cluster) -> Kube:
    kube = platform_cluster.kube
    kube.apply(make("v1", "Namespace", NAMESPACE))
    subscribe(kube, PACKAGE, SOURCE)
    until(lambda: kube.get(*WEBHOOKS, CONFIGURATION))
    return kube


def model(name: str, *predictors: Object) -> Object:
    """Return a SeldonDeployment; without predictors, of one that needs no image."""
    graph = {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": "gs://seldon-models/iris"}
    default = {"name": "default", "replicas": 1, "graph": graph}
    return make(*MODEL, name, NAMESPACE, spec={"predictors": list(predictors) or [default]})


def own_image(title: str, **graph: Any) -> Object:
    containers = [{"name": "classifier", "image": "seldonio/mock_classifier:1.15.0"}]
    component = {"spec": {"containers": containers}}
    return {"name": title, "componentSpecs": [component], "graph": {"name": "classifier", "type": "MODEL"} | graph}


def stage(obj: Object) -> tuple[str, dict[str, str]] | None:
    """Return the state, and the reasons of those conditions that tell how far the model is; False has a !."""
    status = obj.get("status")
    if status is None:
        return None
    told = {
        entry["type"]: entry for entry in status["conditions"] if not entry["type"].startswith(("Hpas", "K", "Pdbs"))
    }
    marks = {"True": "", "False": "!"}
    return status["state"], {name: marks[entry["status"]] + entry.get("reason", "") for name, entry in told.items()}


def ready(kube: Kube, name: str) -> bool:
    found = kube.get(*MODEL, name, NAMESPACE) or {}
    return found.get("status", {}).get("state") == "Available" and condition(found, "Ready").get("status") == "True"


# --- Seldon Core 1 --------------------------------------------------------------------------------------------------


def test_the_operator_brings_its_webhook_as_a_part_of_the_definition(kube: Kube):
    found = kube.get(*WEBHOOKS, CONFIGURATION)
    owners = [(entry["kind"], entry["name"]) for entry in found["metadata"]["ownerReferences"]]
    assert owners == [("CustomResourceDefinition", "seldondeployments.machinelearning.seldon.io")]
    assert found["webhooks"][0]["failurePolicy"] == "Fail"
    # A real operator that updates it beside this one finds what it would write.
    client = found["webhooks"][0]["clientConfig"]
    assert sorted(client) == ["caBundle", "service"]
    assert client["service"]["name"] == "seldon-webhook-service"
    for kind, name in (("Service", "seldon-webhook-service"), ("ConfigMap", "seldon-config")):
        owner = until(lambda of=(kind, name): kube.get("v1", *of, OPERATORS))["metadata"]["ownerReferences"][0]
        assert (owner["kind"], owner["name"]) == ("Deployment", "seldon-controller-manager")


@pytest.mark.parametrize(
    ("predictors", "cause"),
    [
        ([], 'spec: Invalid value: "": Graph contains no predictors'),
        (
            [own_image("a") | {"traffic": 50}, own_image("b") | {"traffic": 20}],
            'spec: Invalid value: "a": Traffic must sum to 100 for multiple predictors',
        ),
        (
            [own_image("a", name="other")],
            'spec.predictors[0].graph: Invalid value: "other": Can\'t find container for Predictive Unit',
        ),
        (
            [own_image("a", implementation="NOPE_SERVER")],
            'spec.predictors[0].graph: Invalid value: "classifier": No entry in predictors map for NOPE_SERVER',
        ),
    ],
)
def test_the_webhook_refuses_what_cannot_run(kube: Kube, predictors: list[Object], cause: str):
    refused = make(*MODEL, "refused", NAMESPACE, spec={"predictors": predictors})
    with pytest.raises(ApiError) as caught:
        kube.create(refused)
    assert (caught.value.status, caught.value.reason) == (422, "Invalid")
    assert caught.value.message.endswith(f'SeldonDeployment.machinelearning.seldon.io "" is invalid: {cause}')


def test_a_model_becomes_available_step_by_step(kube: Kube):
    with recorded(kube, *MODEL, "iris", NAMESPACE) as versions:
        kube.create(model("iris"))
        until(lambda: ready(kube, "iris"))
        until(lambda: versions and stage(versions[-1]) and stage(versions[-1])[0] == "Available")
    stages = distinct([stage(version) for version in versions])
    assert stages[:2] == [None, ("Creating", {"ServicesReady": f"!{NOT_CREATED}", "Ready": f"!{NOT_CREATED}"})]
    assert stages[-1] == (
        "Available",
        {
            "AmbassadorMappingsReady": "No Ambassador Mappaings defined",
            "DeploymentsReady": "MinimumReplicasAvailable",
            "Ready": "",
            "ServicesReady": "All services created",
            "istioVirtualServicesReady": "No VirtualServices defined",
        },
    )
    status = versions[-1]["status"]
    assert status["address"]["url"] == "http://iris-default.seldon.svc.cluster.local:8000/api/v1.0/predictions"
    assert status["deploymentStatus"] == {"iris-default-0-classifier": {"availableReplicas": 1, "replicas": 1}}
    assert "observedGeneration" not in status
    assert "finalizers" not in versions[-1]["metadata"]


def test_the_guides_selectors_find_the_models_pods(kube: Kube):
    kube.create(model("seen"))
    until(lambda: ready(kube, "seen"))
    pods = kube.list("v1", "Pod", NAMESPACE, "app.kubernetes.io/managed-by=seldon-core,seldon-deployment-id=seen")
    spec, metadata = pods[0]["spec"], pods[0]["metadata"]
    ports = {
        (container["name"], port["containerPort"])
        for container in spec["containers"]
        for port in container["ports"]
        if port["name"] == "metrics"
    }
    assert ports == {("classifier", 6000), ("seldon-container-engine", 8000)}
    assert [container["name"] for container in spec["initContainers"]] == ["classifier-model-initializer"]
    assert metadata["annotations"]["prometheus.io/path"] == "/prometheus"
    assert metadata["labels"]["seldon.io/model"] == "true"
    assert "seldon.io/metrics" not in metadata["labels"]


def rolled_out(workload: Object) -> bool:
    """Tell whether the pod is the only one, a new one and available: not what the controller said before the change."""
    status = workload["status"]
    counts = {status.get(name) for name in ("replicas", "updatedReplicas", "availableReplicas")}
    return status["observedGeneration"] == workload["metadata"]["generation"] and counts == {1}


def slow_down(kube: Kube, workload: str, name: str) -> None:
    """Let new pods of a model take seconds, so that what it says meanwhile is seen on a busy machine, too."""
    found = kube.get("apps/v1", "Deployment", workload, NAMESPACE)
    slow = {"annotations": {"sandbox.seldon/ready-after": "3s"}}
    kube.patch(found, {"spec": {"template": {"metadata": slow}}})
    until(lambda: rolled_out(kube.get("apps/v1", "Deployment", workload, NAMESPACE)))
    settled = {"availableReplicas": 1, "replicas": 1}
    eventually(lambda: kube.get(*MODEL, name, NAMESPACE)["status"]["deploymentStatus"][workload], settled)
    until(lambda: ready(kube, name))


def test_scaling_and_pods_that_are_not_ready_show_without_a_generation(kube: Kube):
    kube.create(model("scaled"))
    until(lambda: ready(kube, "scaled"))
    slow_down(kube, "scaled-default-0-classifier", "scaled")
    predictor = kube.get(*MODEL, "scaled", NAMESPACE)["spec"]["predictors"][0] | {"replicas": 2}
    with recorded(kube, *MODEL, "scaled", NAMESPACE) as versions:
        kube.patch(model("scaled"), {"spec": {"predictors": [predictor]}})
        until(lambda: kube.get(*MODEL, "scaled", NAMESPACE)["status"]["replicas"] == 2 and ready(kube, "scaled"))
        until(lambda: "Creating" in [version["status"]["state"] for version in versions])
    assert versions[0]["metadata"]["generation"] == 2
    assert stage(versions[0])[0] == "Available"

    pod = kube.list("v1", "Pod", NAMESPACE, "seldon-deployment-id=scaled")[0]
    kube.patch(pod, {"metadata": {"annotations": {"sandbox.seldon/pod": "NotReady"}}})
    eventually(lambda: kube.get(*MODEL, "scaled", NAMESPACE)["status"]["state"], "Creating")
    unready = kube.get(*MODEL, "scaled", NAMESPACE)
    reasons = {type_: condition(unready, type_)["reason"] for type_ in ("DeploymentsReady", "Ready", "ServicesReady")}
    unavailable = "MinimumReplicasUnavailable"
    assert reasons == {"DeploymentsReady": unavailable, "Ready": unavailable, "ServicesReady": NOT_CREATED}
    counts = unready["status"]["deploymentStatus"]["scaled-default-0-classifier"]
    assert counts == {"availableReplicas": 1, "replicas": 2}
    kube.patch(pod, {"metadata": {"annotations": {"sandbox.seldon/pod": None}}})
    until(lambda: ready(kube, "scaled"))


def test_a_wait_names_why_the_pods_of_a_model_are_refused(platform_cluster: Cluster, kube: Kube):
    """The model itself says only that its Deployment has too few pods."""
    kube.create(make("v1", "Namespace", "refused"))
    kube.create(make("v1", "ResourceQuota", "none", "refused", spec={"hard": {"pods": "0"}}))
    kube.create(make(*MODEL, "m", "refused", spec=model("m")["spec"]))
    awaited = {"api_version": MODEL[0], "kind": MODEL[1], "name": "m", "namespace": "refused"}
    told = run(seldon_wait, platform_cluster, resources=[awaited], timeout=90)["msg"]
    assert "Deployment m-default-0-classifier: FailedCreate: pods" in told
    assert told.count("exceeded quota: none") == 1, told
    assert "the object has been modified" not in told
    kube.delete(make("v1", "Namespace", "refused"))


def test_a_harmless_warning_comes_with_nearly_every_model(kube: Kube):
    kube.create(model("warned"))
    until(lambda: ready(kube, "warned"))
    events = [event for event in kube.list("v1", "Event", NAMESPACE) if event["involvedObject"]["name"] == "warned"]
    reasons = {(event["type"], event["reason"]) for event in events}
    created = {("Normal", "CreateService"), ("Normal", "CreateDeployment"), ("Normal", "Updated")}
    assert reasons == created | {("Warning", "InternalError")}


def manager(kube: Kube) -> list[Object]:
    """Return the status of the container of the operator's newest pod."""
    pods = sorted(
        kube.list("v1", "Pod", OPERATORS, "name=seldon-controller-manager"),
        key=lambda pod: pod["metadata"]["creationTimestamp"],
    )
    return pods[-1]["status"].get("containerStatuses", []) if pods else []


def waiting(kube: Kube) -> list[str]:
    return [status["state"].get("waiting", {}).get("reason", "") for status in manager(kube)]


def test_istio_switched_on_too_early_is_a_crash_loop_and_then_rolls_every_model(kube: Kube):
    kube.create(model("rolled"))
    until(lambda: ready(kube, "rolled"))
    endpoint = "http://broker-ingress.knative-eventing.svc.cluster.local/seldon-logs/default"
    values = {"ISTIO_ENABLED": "true", "EXECUTOR_REQUEST_LOGGER_DEFAULT_ENDPOINT": endpoint}
    env = [{"name": name, "value": value} for name, value in values.items()]
    subscription = make(OLM, "Subscription", PACKAGE, OPERATORS)
    kube.patch(subscription, {"spec": {"config": {"env": env}}})
    eventually(lambda: waiting(kube), ["CrashLoopBackOff"])

    def refusal() -> str:
        try:
            kube.create(model("nobody-answers"))
        except ApiError as error:
            return error.message
        kube.delete(model("nobody-answers"))
        return ""

    until(lambda: 'failed calling webhook "v1.vseldondeployment.kb.io"' in refusal())

    definitions = Definitions.from_environment()
    establish(kube, [definitions.definition("virtualservices.networking.istio.io")])
    until(lambda: kube.get(*MODEL, "rolled", NAMESPACE)["status"]["state"] == "Failed")
    failed = kube.get(*MODEL, "rolled", NAMESPACE)
    missing = 'no matches for kind "DestinationRule" in version "networking.istio.io/v1alpha3"'
    assert failed["status"]["description"] == missing
    assert condition(failed, "Ready")["status"] == "True"
    rolled = kube.get("apps/v1", "Deployment", "rolled-default-0-classifier", NAMESPACE)
    assert rolled["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    engine = rolled["spec"]["template"]["spec"]["containers"][-1]
    assert engine["env"] == [{"name": "REQUEST_LOGGER_DEFAULT_ENDPOINT", "value": endpoint}]

    with recorded(kube, *MODEL, "rolled", NAMESPACE) as versions:
        establish(kube, [definitions.definition("destinationrules.networking.istio.io")])
        routed = "All VirtualServices created"
        until(lambda: condition(kube.get(*MODEL, "rolled", NAMESPACE), "istioVirtualServicesReady")["reason"] == routed)
    states = [(version["status"]["state"], condition(version, "Ready").get("reason")) for version in versions]
    assert ("Available", "Not all VirtualServices created") in states
    assert "description" not in kube.get(*MODEL, "rolled", NAMESPACE)["status"]


def test_a_models_routes_lead_from_the_gateway_to_its_pods(kube: Kube):
    """Runs after the test that switched Istio on."""
    kube.create(model("routed"))
    until(lambda: ready(kube, "routed"))
    spec = kube.get(*VIRTUAL_SERVICE, "routed", NAMESPACE)["spec"]
    assert (spec["gateways"], spec["hosts"]) == (["istio-system/seldon-gateway"], ["*"])
    rest, grpc = spec["http"]
    assert rest["match"] == [{"uri": {"prefix": "/seldon/seldon/routed/"}}]
    ports = [entry["route"][0]["destination"]["port"]["number"] for entry in (rest, grpc)]
    assert ports == [8000, 5001]
    subsets = kube.get(*DESTINATION_RULE, "routed-default", NAMESPACE)["spec"]["subsets"]
    assert subsets == [{"name": "default", "labels": {"version": "default"}}]


def test_the_webhook_outlives_the_operator_until_its_definition_goes(kube: Kube):
    """Removes the operator: the last test of Seldon Core 1."""
    csv = kube.get(OLM, "Subscription", PACKAGE, OPERATORS)["status"]["installedCSV"]
    kube.delete(make(OLM, "Subscription", PACKAGE, OPERATORS))
    kube.delete(make(OLM, "ClusterServiceVersion", csv, OPERATORS))
    until(lambda: kube.get("apps/v1", "Deployment", "seldon-controller-manager", OPERATORS) is None)

    def refused() -> bool:
        try:
            kube.patch(model("iris"), {"metadata": {"annotations": {"touched": "yes"}}})
        except ApiError as error:
            return "failed calling webhook" in error.message
        return False

    until(refused)
    kube.delete(model("iris"))
    until(lambda: kube.get("apps/v1", "Deployment", "iris-default-0-classifier", NAMESPACE) is None)
    kube.delete(make(*DEFINITION, "seldondeployments.machinelearning.seldon.io"))
    until(lambda: kube.get(*WEBHOOKS, CONFIGURATION) is None)


# --- Seldon Core 2 --------------------------------------------------------------------------------------------------

MODELS = "seldon-two"


def server(name: str, config: str) -> Object:
    return make(*SERVER, name, MODELS, spec={"replicas": 1, "serverConfig": config})


@pytest.fixture(scope="module")
def release(platform_cluster: Cluster) -> Kube:
    """What the components chart brings, without the scheduler; and two Servers."""
    kube = platform_cluster.kube
    kube.create(make("v1", "Namespace", MODELS))
    establish(kube, Definitions.from_environment().load("seldon_v2"))
    names = {"control-plane": "v2-controller-manager"}
    kube.create(deployment("seldon-controller-manager", MODELS, selector=names, containers={"manager": [8443]}))
    containers = [{"name": name, "image": name} for name in ("rclone", "agent", "mlserver")]
    storage = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claims = [{"name": "mlserver-models", "spec": storage}]
    config = {"podSpec": {"containers": containers}, "volumeClaimTemplates": claims}
    kube.create(make("mlops.seldon.io/v1alpha1", "ServerConfig", "mlserver", MODELS, spec=config))
    return kube


def scheduler() -> Object:
    return stateful_set(
        "seldon-scheduler", MODELS, selector={"app": "seldon-scheduler"}, containers={"scheduler": [9004]}
    )


def crashing(kube: Kube) -> list[str]:
    pods = kube.list("v1", "Pod", MODELS, "control-plane=v2-controller-manager")
    statuses = [status for pod in pods for status in pod["status"].get("containerStatuses", [])]
    return [status["state"].get("waiting", {}).get("reason", "running") for status in statuses]


def test_without_a_scheduler_the_operator_ends_and_servers_get_nothing(release: Kube):
    eventually(lambda: crashing(release), ["CrashLoopBackOff"])
    for name, config in (("mlserver", "mlserver"), ("bad", "nope")):
        release.create(server(name, config))
    assert release.list("apps/v1", "StatefulSet", MODELS) == []
    with recorded(release, *SERVER, "mlserver", MODELS) as versions:
        release.create(scheduler())
        until(lambda: release.get("apps/v1", "StatefulSet", "mlserver", MODELS))
        eventually(lambda: release.get("apps/v1", "StatefulSet", "mlserver", MODELS)["status"].get("readyReplicas"), 1)
        until(lambda: condition(release.get(*SERVER, "mlserver", MODELS), "Ready").get("status") == "True")
    # True before there is a pod, then what it is.
    first, *_ = [version["status"] for version in versions if "status" in version]
    assert (first["replicas"], first["loadedModels"], first["selector"]) == (1, 0, "seldon-server-name=mlserver")
    matches, differs = (f"StatefulSet replicas {word} desired replicas" for word in ("matches", "does not match"))
    states = [
        [(entry["type"], entry["status"], entry.get("reason")) for entry in version["status"]["conditions"]]
        for version in versions
        if "status" in version
    ]
    ready_ = [("Ready", "True", None), ("StatefulSetReady", "True", matches)]
    assert distinct(states)[:2] == [ready_, [("Ready", "False", differs), ("StatefulSetReady", "False", differs)]]
    service = release.get("v1", "Service", "mlserver-0", MODELS)
    assert service["spec"]["clusterIP"] == "None"
    assert [port["port"] for port in service["spec"]["ports"]] == [9000, 9500, 9005]


def test_a_server_without_its_configuration_says_nothing(release: Kube):
    until(lambda: release.get(*SERVER, "bad", MODELS)["metadata"].get("finalizers") == ["seldon.server.finalizer"])
    assert "status" not in release.get(*SERVER, "bad", MODELS)


def test_a_servers_deletion_waits_for_the_scheduler_and_leaves_the_claims(release: Kube):
    release.delete(scheduler())
    eventually(lambda: crashing(release), ["CrashLoopBackOff"])
    release.delete(server("mlserver", "mlserver"))
    until(lambda: release.get(*SERVER, "mlserver", MODELS)["metadata"].get("deletionTimestamp"))
    assert release.get("apps/v1", "StatefulSet", "mlserver", MODELS)
    release.create(scheduler())
    until(lambda: release.get(*SERVER, "mlserver", MODELS) is None)
    until(lambda: release.get("apps/v1", "StatefulSet", "mlserver", MODELS) is None)
    claims = [claim["metadata"]["name"] for claim in release.list("v1", "PersistentVolumeClaim", MODELS)]
    assert claims == ["mlserver-models-mlserver-0"]
