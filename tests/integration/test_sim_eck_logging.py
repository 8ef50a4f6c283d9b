"""The simulated ECK and Logging operators behave as the real ones do: states, their order, side objects, the end.

One cluster lives through the tests in this order; the forwarder is looked at again at the end.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import condition, make
from tests.integration.helpers import distinct, eventually, set_pods, until
from tests.integration.simulated import (
    REGISTRATION,
    fails,
    get,
    labels_of,
    names,
    recording,
    refusal,
    run_operators,
    tried,
    verdicts,
)

ECK_WEBHOOK = "elastic-es-validation-v1.k8s.elastic.co"


@pytest.fixture(scope="module")
def kube(simulators: Kube) -> Kube:
    run_operators(simulators, eck="openshift-operators", logging="openshift-logging")
    simulators.apply(make("v1", "Namespace", "seldon-logs"))
    unsupported = {**ELASTICSEARCH, "spec": ELASTICSEARCH["spec"] | {"version": "9.9.9"}}
    until(lambda: tried(simulators, unsupported))
    return simulators


LOGGING = make(
    "logging.openshift.io/v1",
    "ClusterLogging",
    "instance",
    "openshift-logging",
    spec={"managementState": "Managed", "collection": {"logs": {"type": "fluentd"}}},
)
FORWARDER = make(
    "logging.openshift.io/v1",
    "ClusterLogForwarder",
    "instance",
    "openshift-logging",
    spec={
        "inputs": [{"name": "pods", "application": {"selector": {"matchLabels": {"a": "b"}}}}],
        "outputs": [
            {"name": "es", "type": "elasticsearch", "url": "https://es.seldon-logs:9200", "secret": {"name": "login"}}
        ],
        "pipelines": [{"name": "logs", "inputRefs": ["pods"], "outputRefs": ["es"]}],
    },
)
COLLECTOR = make("apps/v1", "DaemonSet", "collector", "openshift-logging")
DEAD_END = "ClusterLogForwarder input validation error"
READY = {"conditions": [("Ready", "True")]}


def forwarding(obj: Object) -> dict[str, Any]:
    """Return the forwarder's status with conditions as tuples."""
    status = obj.get("status", {})
    maps = {
        part: {name: verdicts({"status": {"conditions": one}}) for name, one in status[part].items()}
        for part in ("inputs", "outputs", "pipelines")
        if part in status
    }
    return ({"conditions": verdicts(obj)} if status else {}) | maps


WORKING = READY | {"inputs": {"pods": [("Ready", "True")]}, "outputs": {"es": [("Ready", "True")]}}
WORKING |= {"pipelines": {"logs": [("Ready", "True")]}}


@pytest.fixture(scope="module")
def forwarder_versions(kube: Kube) -> Iterator[list[Object]]:
    with recording(kube, FORWARDER) as versions:
        yield versions


def test_a_forwarder_without_its_secret_says_ready_first_and_heals_by_itself(
    kube: Kube, forwarder_versions: list[Object]
) -> None:
    kube.create(LOGGING)
    kube.create(FORWARDER)
    eventually(lambda: verdicts(get(kube, FORWARDER)), [("Ready", "False", "Invalid", "all pipelines invalid: [logs]")])
    assert verdicts(get(kube, LOGGING)) == [("CollectorDeadEnd", "True", DEAD_END, DEAD_END)]
    assert get(kube, COLLECTOR) == {}
    credentials = {"username": "elastic", "password": "secret"}
    kube.create(make("v1", "Secret", "login", "openshift-logging", stringData=credentials))
    eventually(lambda: forwarding(get(kube, FORWARDER)), WORKING)
    states = distinct([forwarding(obj) for obj in forwarder_versions])
    assert states[:2] == [{}, READY]
    missing = ("Ready", "False", "MissingResource", 'secret "login" not found')
    unknown = ("Ready", "False", "Invalid", "invalid: unrecognized outputs: [es], no valid outputs")
    assert states[2] | {"conditions": []} == {
        "conditions": [],
        "outputs": {"es": [missing]},
        "pipelines": {"logs": [unknown]},
    }


def fluentd(kube: Kube) -> Object:
    found: Object = get(kube, LOGGING)["status"]["collection"]["logs"]["fluentdStatus"]
    return found


def test_the_collector_runs_on_every_node(kube: Kube) -> None:
    eventually(lambda: verdicts(get(kube, LOGGING)), [("CollectorDeadEnd", "False")])
    nodes = names(kube, "v1", "Node")

    eventually(lambda: set(fluentd(kube).get("nodes", {}).values()), nodes)
    eventually(lambda: len(fluentd(kube)["pods"]["ready"]), len(nodes))
    assert (fluentd(kube)["daemonSet"], fluentd(kube)["pods"]["notReady"]) == ("collector", [])
    collector = get(kube, COLLECTOR)
    assert collector["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"] == "100%"
    assert collector["metadata"]["ownerReferences"][0]["kind"] == "ClusterLogging"
    labels = labels_of(kube, "openshift-logging")
    assert labels["pod-security.kubernetes.io/enforce"] == "privileged"


NODE_SET = {"name": "default", "count": 1, "config": {"node.store.allow_mmap": False}}
ELASTICSEARCH = make(
    "elasticsearch.k8s.elastic.co/v1",
    "Elasticsearch",
    "elasticsearch-seldon",
    "seldon-logs",
    spec={"version": "7.12.1", "nodeSets": [NODE_SET]},
)
MESH_POLICY = make(
    "networking.k8s.io/v1",
    "NetworkPolicy",
    "istio-mesh-basic",
    "seldon-logs",
    spec={
        "podSelector": {},
        "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"maistra.io/member-of": "istio-system"}}}]}],
    },
)
STATEFUL_SET = make("apps/v1", "StatefulSet", "elasticsearch-seldon-es-default", "seldon-logs")
REACHED = "Service seldon-logs/elasticsearch-seldon-es-internal-http "
RUNNING = ("RunningDesiredVersion", "True", "All nodes are running version 7.12.1")


def seen(obj: Object) -> tuple[Any, ...]:
    status = obj.get("status", {})
    return tuple(status.get(key) for key in ("phase", "health", "availableNodes", "observedGeneration"))


def elasticsearch(kube: Kube) -> Object:
    return get(kube, ELASTICSEARCH)


def secret(kube: Kube, suffix: str) -> Object:
    return get(kube, make("v1", "Secret", f"elasticsearch-seldon-es-{suffix}", "seldon-logs"))


def test_an_elasticsearch_that_policies_cut_off_never_gets_ready(kube: Kube) -> None:
    kube.create(MESH_POLICY)
    with recording(kube, ELASTICSEARCH) as versions:
        kube.create(ELASTICSEARCH)
        eventually(lambda: seen(elasticsearch(kube)), ("ApplyingChanges", "unknown", 1, 2))
        # Another one, made later where no policy is, is ready before it.
        free = {**ELASTICSEARCH, "metadata": {"name": "free", "namespace": "default"}}
        kube.create(free)
        eventually(lambda: seen(get(kube, free))[:2], ("Ready", "yellow"))
        kube.delete(free)
        assert seen(elasticsearch(kube)) == ("ApplyingChanges", "unknown", 1, 2)
        kube.delete(MESH_POLICY)
        eventually(lambda: seen(elasticsearch(kube)), ("Ready", "yellow", 1, 2))
    no_uuid = ("ReconciliationComplete", "False", "Elasticsearch cluster UUID is not reconciled")
    assert distinct([verdicts(obj) for obj in versions]) == [
        [],
        [no_uuid, RUNNING, ("ElasticsearchIsReachable", "False", REACHED + "has no endpoint")],
        [
            no_uuid,
            RUNNING,
            ("ElasticsearchIsReachable", "False", REACHED + "has endpoints but Elasticsearch is unavailable"),
        ],
        [
            ("ReconciliationComplete", "True"),
            RUNNING,
            ("ElasticsearchIsReachable", "True", REACHED + "has endpoints"),
        ],
    ]
    without_time = {"downscale", "upgrade", "upscale"}
    assert versions[-1]["status"]["inProgressOperations"].keys() == without_time
    assert versions[-1]["spec"]["nodeSets"][0]["podTemplate"] == {
        "metadata": {"creationTimestamp": None},
        "spec": {"containers": None},
    }
    (written,) = [
        entry
        for entry in versions[-1]["metadata"]["managedFields"]
        if entry["manager"] == "elastic-operator" and not entry.get("subresource")
    ]
    service = {".": {}, "f:metadata": {}, "f:spec": {}}
    assert written["fieldsV1"]["f:spec"]["f:http"]["f:service"] == service
    assert {"f:auth", "f:monitoring", "f:transport", "f:updateStrategy"} <= written["fieldsV1"]["f:spec"].keys()


def test_secrets_come_before_pods_and_come_back(kube: Kube) -> None:
    user, public = secret(kube, "elastic-user"), secret(kube, "http-certs-public")
    assert len(base64.b64decode(user["data"]["elastic"])) == 24
    assert public["data"].keys() == {"ca.crt", "tls.crt"}
    assert [found["metadata"].get("ownerReferences") for found in (user, public)] == [None, None]
    assert names(kube, "v1", "Service", "seldon-logs") >= {
        f"elasticsearch-seldon-es-{suffix}" for suffix in ("http", "internal-http", "transport", "default")
    }
    version = elasticsearch(kube)["metadata"]["resourceVersion"]
    kube.delete(user)
    kube.delete(public)
    until(lambda: secret(kube, "elastic-user") and secret(kube, "http-certs-public"))
    assert secret(kube, "elastic-user")["data"] != user["data"]
    assert secret(kube, "http-certs-public")["data"] == public["data"]
    assert elasticsearch(kube)["metadata"]["resourceVersion"] == version


def test_nodes_come_one_by_one_and_ready_comes_too_early(kube: Kube) -> None:
    with recording(kube, STATEFUL_SET) as sets, recording(kube, ELASTICSEARCH) as versions:
        kube.patch(ELASTICSEARCH, {"spec": {"nodeSets": [NODE_SET | {"count": 3}]}})
        eventually(lambda: seen(elasticsearch(kube)), ("Ready", "green", 3, 3))
    assert distinct([obj["spec"]["replicas"] for obj in sets]) == [2, 3]
    states = [seen(obj) for obj in versions]
    assert states[0] == ("Ready", "yellow", 1, 2)
    assert ("Ready", "green", 2, 3) in states
    messages = distinct([condition(obj, "ReconciliationComplete").get("message", "") for obj in versions])
    assert messages == ["", "Upscale in progress", "Nodes upgrade: some nodes are not back in the cluster yet", ""]


def test_an_upgrade_replaces_the_highest_node_first(kube: Kube) -> None:
    with recording(kube, ELASTICSEARCH) as versions:
        kube.patch(ELASTICSEARCH, {"spec": {"version": "7.17.7"}})
        until(lambda: elasticsearch(kube)["status"]["version"] == "7.17.7")
    deleted = [
        node["name"][-1]
        for obj in versions
        for node in obj["status"]["inProgressOperations"]["upgrade"].get("nodes", [])
        if node["status"] == "DELETED"
    ]
    assert distinct(deleted) == ["2", "1", "0"]
    early = versions[-2]
    assert (seen(early), early["status"]["version"]) == (("Ready", "green", 2, 4), "7.12.1")
    assert verdicts(early, "RunningDesiredVersion")[0][1:] == ("False", "Upgrading from 7.12.1 to 7.17.7")


def test_health_keeps_its_last_value_without_any_node(kube: Kube) -> None:
    before = seen(elasticsearch(kube))
    nodes = ("seldon-logs", "elasticsearch.k8s.elastic.co/cluster-name=elasticsearch-seldon")
    set_pods(kube, *nodes, "NotReady")
    eventually(lambda: seen(elasticsearch(kube)), ("ApplyingChanges", "green", None, 4))
    reached = verdicts(elasticsearch(kube), "ReconciliationComplete", "ElasticsearchIsReachable")
    assert [message for *_, message in reached] == [
        "Elasticsearch cannot be reached yet, re-queuing",
        REACHED + "has no endpoint",
    ]
    set_pods(kube, *nodes, "Ready")
    eventually(lambda: seen(elasticsearch(kube)), before)


def test_an_elasticsearch_that_is_cut_off_later_loses_its_health(kube: Kube) -> None:
    with recording(kube, ELASTICSEARCH) as versions:
        kube.create(MESH_POLICY)
        eventually(lambda: seen(elasticsearch(kube)), ("ApplyingChanges", "unknown", 3, 4))
        kube.delete(MESH_POLICY)
        eventually(lambda: seen(elasticsearch(kube)), ("Ready", "green", 3, 4))
    complete = [(verdicts(obj, "ReconciliationComplete")[0][1:], obj["status"]["health"]) for obj in versions]
    assert distinct(complete) == [
        (("False", "Could not verify license, re-queuing"), "green"),
        (("False", "Elasticsearch cannot be reached yet, re-queuing"), "unknown"),
        (("True",), "green"),
    ]


def test_what_admission_did_not_stop_is_invalid_and_only_an_event_says_why(kube: Kube) -> None:
    unsupported = {"spec": {"version": "9.9.9"}}
    refused = refusal(lambda: kube.patch(ELASTICSEARCH, unsupported))
    message = (
        'Elasticsearch.elasticsearch.k8s.elastic.co "elasticsearch-seldon" is invalid: '
        'spec.version: Invalid value: "9.9.9": Unsupported version'
    )
    assert refused.message.startswith(
        f'admission webhook "{ECK_WEBHOOK}" denied the request: {message.partition(": ")[0]}'
    )
    before = elasticsearch(kube)
    kube.delete(make(REGISTRATION, "ValidatingWebhookConfiguration", ECK_WEBHOOK))
    until(lambda: not fails(lambda: kube.patch(ELASTICSEARCH, unsupported)))
    eventually(lambda: seen(elasticsearch(kube)), ("Invalid", "unknown", 3, 5))
    assert verdicts(elasticsearch(kube)) == verdicts(before)
    events = [event for event in kube.list("v1", "Event", "seldon-logs") if event["reason"] == "Validation"]
    assert [(event["type"], event["message"]) for event in events] == [("Warning", message)]
    kube.patch(ELASTICSEARCH, {"spec": {"version": "7.17.7"}})
    eventually(lambda: seen(elasticsearch(kube)), ("Ready", "green", 3, 6))


def test_an_elasticsearch_takes_its_data_along(kube: Kube) -> None:
    kube.delete(ELASTICSEARCH)

    def left() -> set[str]:
        kinds = (("apps/v1", "StatefulSet"), ("v1", "Service"), ("v1", "Secret"), ("v1", "PersistentVolumeClaim"))
        found = set().union(*(names(kube, *kind, "seldon-logs") for kind in kinds))
        return {name for name in found if "elasticsearch" in name}

    eventually(left, set())


def test_faults_of_elasticsearch(kube: Kube) -> None:
    for name in ("mute", "red"):
        kube.create({**ELASTICSEARCH, "metadata": {"name": name, "namespace": "seldon-logs"}})

    def states() -> list[tuple[Any, ...]]:
        found = kube.list("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "seldon-logs")
        return [seen(obj)[:3] for obj in sorted(found, key=lambda obj: str(obj["metadata"]["name"]))]

    eventually(states, [("ApplyingChanges", "unknown", 1), ("Ready", "red", 1)])
    events = {event["reason"]: event for event in kube.list("v1", "Event", "seldon-logs")}
    assert events["Unhealthy"]["message"] == "Elasticsearch cluster health degraded"


def test_the_forwarder_s_status_is_rewritten_for_ever(forwarder_versions: list[Object]) -> None:
    until(lambda: [forwarding(obj) for obj in forwarder_versions].count(WORKING) > 1)
    before, after = forwarder_versions[-2:]
    assert (before["metadata"]["generation"], after["metadata"]["generation"]) == (1, 1)
    assert condition(after, "Ready")["lastTransitionTime"] != condition(before, "Ready")["lastTransitionTime"]


def test_collectors_that_do_not_run_are_named_and_nothing_else_changes(kube: Kube) -> None:
    running = fluentd(kube)["pods"]["ready"]
    set_pods(kube, "openshift-logging", "component=collector", "ImagePullBackOff")
    eventually(lambda: fluentd(kube)["pods"], {"failed": [], "notReady": running, "ready": []})
    waiting = fluentd(kube)["clusterCondition"][running[0]]
    assert {(entry["type"], entry["status"], entry["reason"]) for entry in waiting} == {
        ("ContainerWaiting", "True", "ImagePullBackOff")
    }
    assert verdicts(get(kube, LOGGING)) == [("CollectorDeadEnd", "False")]
    set_pods(kube, "openshift-logging", "component=collector", "Ready")
    eventually(lambda: fluentd(kube)["pods"]["ready"], running)
    assert "clusterCondition" not in fluentd(kube)


def test_a_forwarder_that_is_of_no_use_leaves_the_collector_as_it_was(kube: Kube) -> None:
    before = get(kube, COLLECTOR)
    kube.patch(FORWARDER, {"spec": {"pipelines": [{"name": "logs", "inputRefs": ["pods"], "outputRefs": ["nope"]}]}})
    eventually(lambda: verdicts(get(kube, FORWARDER)), [("Ready", "False", "Invalid", "all pipelines invalid: [logs]")])
    eventually(lambda: verdicts(get(kube, LOGGING)), [("CollectorDeadEnd", "True", DEAD_END, DEAD_END)])
    kube.patch(FORWARDER, {"spec": {"pipelines": FORWARDER["spec"]["pipelines"]}})
    eventually(lambda: verdicts(get(kube, LOGGING)), [("CollectorDeadEnd", "False")])
    kube.delete(FORWARDER)
    eventually(lambda: verdicts(get(kube, LOGGING)), [("CollectorDeadEnd", "True", DEAD_END, DEAD_END)])
    assert get(kube, COLLECTOR)["metadata"]["generation"] == before["metadata"]["generation"]


def test_another_configuration_replaces_the_pods_and_a_restart_is_forgotten(kube: Kube) -> None:
    """The pods are replaced some time after the status is new: who believes that is too early."""
    restarted = {"kubectl.kubernetes.io/restartedAt": "now"}
    before = kube.patch(COLLECTOR, {"spec": {"template": {"metadata": {"annotations": restarted}}}})
    spec = FORWARDER["spec"] | {"outputs": [FORWARDER["spec"]["outputs"][0] | {"url": "https://other:9200"}]}
    kube.create({**FORWARDER, "spec": spec})
    eventually(lambda: forwarding(get(kube, FORWARDER)), WORKING)
    assert get(kube, COLLECTOR)["metadata"]["generation"] == before["metadata"]["generation"]
    eventually(lambda: get(kube, COLLECTOR)["spec"]["template"]["metadata"].get("annotations"), None)


def test_a_forwarder_without_clusterlogging_says_ready_and_nothing_else(kube: Kube) -> None:
    kube.delete(FORWARDER)
    kube.delete(LOGGING)
    eventually(lambda: get(kube, COLLECTOR), {})
    kube.create(FORWARDER)
    eventually(lambda: forwarding(get(kube, FORWARDER)), READY)
