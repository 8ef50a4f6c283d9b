"""The simulated Serverless operator and Knative Eventing behave as the real ones do: states, order, admission, the end.

One cluster lives through the tests in this order.
"""

from __future__ import annotations

import pytest

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import make
from tests.integration.helpers import distinct, eventually, set_pods, until
from tests.integration.simulated import (
    REGISTRATION,
    creates,
    fails,
    get,
    is_ready,
    labels_of,
    names,
    operator_deployment,
    recording,
    refusal,
    run_operators,
    scale,
    tried,
    verdicts,
)

SERVING = make("operator.knative.dev/v1beta1", "KnativeServing", "knative-serving", "knative-serving", spec={})
EVENTING = make("operator.knative.dev/v1beta1", "KnativeEventing", "knative-eventing", "knative-eventing", spec={})
BROKER = make("eventing.knative.dev/v1", "Broker", "default", "seldon-logs")
EARLY = make("eventing.knative.dev/v1", "Broker", "early", "seldon-logs")


@pytest.fixture(scope="module")
def kube(simulators: Kube) -> Kube:
    run_operators(simulators, serverless="openshift-serverless")
    simulators.apply(make("v1", "Namespace", "seldon-logs"))
    until(lambda: tried(simulators, {**SERVING, "metadata": SERVING["metadata"] | {"namespace": "default"}}))
    return simulators


INSTALLED = [
    ("DependenciesInstalled", "True"),
    ("DeploymentsAvailable", "True"),
    ("InstallSucceeded", "True"),
    ("Ready", "True"),
    ("VersionMigrationEligible", "True"),
]
PART_OF = {"knative.openshift.io/part-of": "openshift-serverless"}
MONITORED = {"openshift.io/cluster-monitoring": "true"}
EVENTING_LABELS = {
    "app.kubernetes.io/name": "knative-eventing",
    "app.kubernetes.io/version": "v1.5",
    "eventing.knative.dev/release": "v1.5",
}


def test_the_operator_s_start_makes_the_namespaces(kube: Kube) -> None:
    eventually(lambda: labels_of(kube, "knative-serving"), PART_OF)
    eventually(lambda: labels_of(kube, "knative-eventing"), PART_OF)
    eventually(lambda: labels_of(kube, "openshift-serverless"), MONITORED)


@pytest.mark.parametrize(
    ("wanted", "code", "message"),
    [
        (
            make("operator.knative.dev/v1beta1", "KnativeServing", "knative-serving", "default", spec={}),
            403,
            'admission webhook "validating.knativeservings.operator.serverless.openshift.io" denied the request: '
            "KnativeServing may only be created in knative-serving namespace",
        ),
        (
            {**SERVING, "spec": {"high-availability": {"replicas": "two"}}},
            400,
            'admission webhook "mutating.knativeservings.operator.serverless.openshift.io" denied the request: json: '
            "cannot unmarshal string into Go struct field HighAvailability.spec.high-availability.replicas of type "
            "int32",
        ),
    ],
)
def test_knative_admission(kube: Kube, wanted: Object, code: int, message: str) -> None:
    error = refusal(lambda: kube.create(wanted))
    assert (error.status, error.message) == (code, message)


def test_serving_has_no_status_and_then_all_of_it(kube: Kube) -> None:
    with recording(kube, SERVING) as versions:
        kube.create(SERVING)
        until(lambda: is_ready(kube, SERVING))
    assert versions[0]["spec"] == {"controller-custom-certs": {"name": "", "type": ""}, "registry": {}}
    first = next(obj for obj in versions if "status" in obj)
    assert [entry["type"] for entry in first["status"]["conditions"]] == [type_ for type_, _ in INSTALLED]
    final = versions[-1]
    assert verdicts(final) == INSTALLED
    assert final["metadata"]["finalizers"] == ["knativeservings.operator.knative.dev", "knative-serving-openshift"]
    assert {key: final["status"][key] for key in ("version", "observedGeneration", "manifests")} == {
        "version": "1.5.0",
        "observedGeneration": 1,
        "manifests": ["/var/run/ko/knative-serving/1.5.0"],
    }
    assert labels_of(kube, "knative-serving") == PART_OF | MONITORED
    ingress = labels_of(kube, "knative-serving-ingress")
    assert ingress["networking.knative.dev/ingress-provider"] == "kourier"
    assert PART_OF.items() <= ingress.items()
    assert not MONITORED.keys() & ingress.keys()
    assert names(kube, "apps/v1", "Deployment", "knative-serving-ingress") == {
        "3scale-kourier-gateway",
        "net-kourier-controller",
    }
    assert len(names(kube, "apps/v1", "Deployment", "knative-serving")) == 7
    assert names(kube, "v1", "Service", "knative-serving-ingress") == {"kourier", "kourier-internal"}


def test_a_second_serving_is_refused(kube: Kube) -> None:
    second = {**SERVING, "metadata": {"name": "other", "namespace": "knative-serving"}}
    error = refusal(lambda: kube.create(second))
    assert (error.status, error.reason) == (403, "Only one KnativeServing allowed per namespace")


def test_a_change_shows_late_and_ready_stays(kube: Kube) -> None:
    with recording(kube, SERVING) as versions:
        kube.patch(SERVING, {"spec": {"high-availability": {"replicas": 1}}})
        until(lambda: get(kube, SERVING)["status"]["observedGeneration"] == 2)
        kube.patch(SERVING, {"spec": {"version": "1.3"}})
        until(lambda: get(kube, SERVING)["status"]["observedGeneration"] == 3)
        kube.patch(SERVING, {"spec": {"version": None}})
        until(lambda: get(kube, SERVING)["status"]["observedGeneration"] == 4)
    first = versions[0]
    assert (first["metadata"]["generation"], first["status"]["observedGeneration"]) == (2, 1)
    assert verdicts(first) == INSTALLED
    refused = next(obj for obj in versions if obj["status"]["observedGeneration"] == 3)
    message = (
        "Version migration is not eligible with message: not supported to upgrade or downgrade across multiple MINOR "
        "versions. The installed KnativeServing version is v1.5.0."
    )
    assert verdicts(refused)[3:] == [
        ("Ready", "False", "Error", message),
        ("VersionMigrationEligible", "False", "Error", message),
    ]
    assert verdicts(refused)[:3] == INSTALLED[:3]


def test_an_unavailable_deployment_is_named(kube: Kube) -> None:
    gateway = ("knative-serving-ingress", "app=3scale-kourier-gateway")
    set_pods(kube, *gateway, "NotReady")
    message = "Waiting on deployments: 3scale-kourier-gateway"
    unready = [(type_, "False", "NotReady", message) for type_ in ("DeploymentsAvailable", "Ready")]
    eventually(lambda: verdicts(get(kube, SERVING), "DeploymentsAvailable", "Ready"), unready)
    set_pods(kube, *gateway, "Ready")
    until(lambda: is_ready(kube, SERVING))


def rules(kube: Kube) -> list[Object]:
    configuration = get(kube, make(REGISTRATION, "MutatingWebhookConfiguration", "webhook.eventing.knative.dev"))
    found: list[Object] = configuration["webhooks"][0].get("rules") or [] if configuration else []
    return found


def test_a_broker_that_comes_before_the_webhook_s_rules_is_stuck(kube: Kube) -> None:
    kube.create(EVENTING)
    until(lambda: kube.path("eventing.knative.dev/v1", "Broker"))
    until(lambda: creates(kube, EARLY))
    assert not rules(kube)
    until(lambda: is_ready(kube, EVENTING))
    until(lambda: rules(kube))
    early = get(kube, EARLY)
    assert ("spec" in early, "status" in early, "annotations" in early["metadata"]) == (False, False, False)
    # The API server takes a moment to ask a webhook by new rules; until then, an update would complete the broker.
    trial = f"{kube.path_of(EARLY)}?dryRun=All"
    labelled = {"metadata": {"labels": {"a": "b"}}}
    until(lambda: fails(lambda: kube.request("PATCH", trial, labelled, "application/merge-patch+json")))
    error = refusal(lambda: kube.patch(EARLY, {"metadata": {"annotations": {"a": "b"}}}))
    assert (error.status, "Immutable fields changed" in error.message) == (400, True)
    assert kube.delete(EARLY)
    assert labels_of(kube, "knative-eventing") == PART_OF | MONITORED | EVENTING_LABELS


CHANNEL = ("messaging.knative.dev/v1", "InMemoryChannel", "seldon-logs")
BROKER_URL = "http://broker-ingress.knative-eventing.svc.cluster.local/seldon-logs/default"


def test_a_broker_gets_a_channel_and_an_address(kube: Kube) -> None:
    with recording(kube, BROKER) as versions:
        kube.create(BROKER)
        until(lambda: is_ready(kube, BROKER))
    no_address = ("False", "NoAddress", "Channel does not have an address.")
    assert [verdicts(obj) for obj in distinct(versions)] == [
        [],
        [
            ("Addressable", "Unknown"),
            ("FilterReady", "Unknown"),
            ("IngressReady", "Unknown"),
            ("Ready", *no_address),
            ("TriggerChannelReady", *no_address),
        ],
        [
            ("Addressable", "True"),
            ("DeadLetterSinkResolved", "True", "DeadLetterSinkNotConfigured", "No dead letter sink is configured."),
            ("FilterReady", "True"),
            ("IngressReady", "True"),
            ("Ready", "True"),
            ("TriggerChannelReady", "True"),
        ],
    ]
    assert versions[-1]["status"]["address"] == {"url": BROKER_URL}
    assert names(kube, *CHANNEL) == {"default-kne-trigger"}
    service = get(kube, make("v1", "Service", "default-kne-trigger-kn-channel", "seldon-logs"))
    assert service["spec"]["externalName"] == "imc-dispatcher.knative-eventing.svc.cluster.local"


def test_a_broker_without_ingress_pods_is_not_ready(kube: Kube) -> None:
    ingress = make("apps/v1", "Deployment", "mt-broker-ingress", "knative-eventing")
    scale(kube, ingress, 0)
    gone = ("False", "EndpointsUnavailable", 'Endpoints "broker-ingress" are unavailable.')
    eventually(
        lambda: verdicts(get(kube, BROKER), "IngressReady", "Ready"), [("IngressReady", *gone), ("Ready", *gone)]
    )
    scale(kube, ingress, 2)
    until(lambda: is_ready(kube, BROKER))


def test_a_trigger_waits_for_its_subscriber(kube: Kube) -> None:
    ref = {"apiVersion": "v1", "kind": "Service", "name": "logger"}
    spec = {"broker": "default", "subscriber": {"ref": ref}}
    trigger = make("eventing.knative.dev/v1", "Trigger", "t", "seldon-logs", spec=spec)
    message = 'failed to get object seldon-logs/logger: services "logger" not found'
    kube.create(trigger)
    eventually(
        lambda: verdicts(get(kube, trigger), "Ready"),
        [("Ready", "False", "Unable to get the Subscriber's URI", message)],
    )
    kube.create(make("v1", "Service", "logger", "seldon-logs", spec={"ports": [{"port": 80}]}))
    until(lambda: is_ready(kube, trigger))
    assert get(kube, trigger)["status"]["subscriberUri"] == "http://logger.seldon-logs.svc.cluster.local"


def test_without_the_webhook_s_pods_a_broker_cannot_even_be_deleted(kube: Kube) -> None:
    webhook = make("apps/v1", "Deployment", "eventing-webhook", "knative-eventing")
    scale(kube, webhook, 0)
    failed = 'Internal error occurred: failed calling webhook "validation.webhook.eventing.knative.dev"'
    error = until(lambda: fails(lambda: kube.request("DELETE", f"{kube.path_of(BROKER)}?dryRun=All")))
    assert error
    assert (error.status, error.message[: len(failed)]) == (500, failed)
    scale(kube, webhook, 2)


def test_while_the_operator_is_down_everything_passes(kube: Kube) -> None:
    wrong = make("operator.knative.dev/v1beta1", "KnativeEventing", "knative-eventing", "default", spec={})
    scale(kube, operator_deployment("serverless", "openshift-serverless"), 0)
    until(lambda: creates(kube, wrong))
    assert get(kube, wrong)["spec"] == {}
    scale(kube, operator_deployment("serverless", "openshift-serverless"), 1)
    message = 'Install failed with message: Knative Eventing must be installed into the namespace "knative-eventing"'
    failed = [(type_, "False", "Error", message) for type_ in ("InstallSucceeded", "Ready")]
    eventually(lambda: verdicts(get(kube, wrong), "InstallSucceeded", "Ready"), failed)
    kube.delete(wrong)
    eventually(lambda: get(kube, wrong), {})


def test_serverless_goes_but_leaves_namespaces_definitions_and_brokers(kube: Kube) -> None:
    with recording(kube, SERVING) as versions:
        kube.delete(EVENTING)
        kube.delete(SERVING)
        for obj in (SERVING, EVENTING):
            eventually(lambda obj=obj: get(kube, obj), {})  # type: ignore[misc]
    assert [obj["metadata"]["finalizers"] for obj in versions][-1] == ["knativeservings.operator.knative.dev"]
    eventually(
        lambda: names(kube, "v1", "Namespace") & {"knative-serving", "knative-serving-ingress"}, {"knative-serving"}
    )
    for namespace in ("knative-serving", "knative-eventing"):
        assert names(kube, "apps/v1", "Deployment", namespace) == set()
    kinds = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    left = set().union(*(names(kube, REGISTRATION, kind) for kind in kinds))
    assert not [name for name in left if name.endswith("eventing.knative.dev")]
    rights = names(kube, "rbac.authorization.k8s.io/v1", "ClusterRoleBinding")
    assert {"rbac-proxy-metrics-prom-rb", "rbac-proxy-reviews-prom-rb-imc-dispatcher"} <= rights
    assert "grafana-dashboard-definition-knative-health" in names(kube, "v1", "ConfigMap", "openshift-config-managed")
    assert is_ready(kube, BROKER)
    assert kube.delete(BROKER)
    eventually(lambda: names(kube, *CHANNEL), set())


def test_the_name_of_a_serving_is_free_and_a_fault_keeps_it_from_being_ready(kube: Kube) -> None:
    broken = {**SERVING, "metadata": {"name": "broken", "namespace": "knative-serving"}}
    kube.create(broken)
    message = "Waiting on deployments: webhook"
    eventually(lambda: verdicts(get(kube, broken), "Ready"), [("Ready", "False", "NotReady", message)])
