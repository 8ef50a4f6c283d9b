"""The simulated GitOps and AMQ Streams, held against what argocd-operator 0.5 and Strimzi 0.29 were seen to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import make
from tests.integration.helpers import decoded, distinct, eventually, recorded, set_pods, subscribe, until
from tests.integration.simulated import simulators

KAFKA = ("kafka.strimzi.io/v1beta2", "Kafka")
ARGOCD = ("argoproj.io/v1alpha1", "ArgoCD")
APPLICATION = ("argoproj.io/v1alpha1", "Application")
STATEFUL_SET = ("apps/v1", "StatefulSet")
PACKAGES = {"amq-streams": "amq-streams-2.2.x", "openshift-gitops-operator": "gitops-1.7"}


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """A cluster on which AMQ Streams and GitOps are installed, and nothing else that keeps the simulators busy."""
    with simulators(tmp_path_factory.mktemp("settings"), "sim-gitops-kafka") as found, ThreadPoolExecutor() as pool:
        offers = PACKAGES.items()
        list(pool.map(lambda offer: subscribe(found, offer[0], "redhat-operators", channel=offer[1]), offers))
        for name in ("seldon", "seldon-argocd", "seldon-kafka"):
            found.create(make("v1", "Namespace", name))
        yield found


# --- AMQ Streams ----------------------------------------------------------------------------------------------------


def kafka(name: str) -> Object:
    listeners = [
        {"name": "plain", "port": 9092, "type": "internal", "tls": False},
        {"name": "tls", "port": 9093, "type": "internal", "tls": True},
    ]
    spec = {
        "kafka": {"version": "3.2.3", "replicas": 3, "listeners": listeners, "storage": {"type": "ephemeral"}},
        "zookeeper": {"replicas": 3, "storage": {"type": "ephemeral"}},
        "entityOperator": {"topicOperator": {}, "userOperator": {}},
    }
    return make(*KAFKA, name, "seldon-kafka", spec=spec)


def state(obj: Object) -> tuple[int, list[tuple[str, str | None]]]:
    """Return observedGeneration and (type, reason) of the conditions, all of which are True."""
    status = obj.get("status", {})
    assert all(entry["status"] == "True" for entry in status.get("conditions", []))
    found = [(entry["type"], entry.get("reason")) for entry in status.get("conditions", [])]
    return status.get("observedGeneration", -1), found


def kafka_state(kube: Kube, name: str) -> tuple[int, list[tuple[str, str | None]]]:
    return state(kube.get(*KAFKA, name, "seldon-kafka") or {})


def in_time(versions: list[Object]) -> list[tuple[int, list[tuple[str, str | None]]]]:
    """Return the states in order, without the time-outs that a busy machine's slow pods bring: they heal."""
    states = [state(obj) for obj in versions]
    return distinct([found for found in states if found[1] != [("NotReady", "TimeoutException")]])


CREATING = (0, [("NotReady", "Creating")])
READY = [("Ready", None)]


@pytest.fixture(scope="module")
def seldon(kube: Kube) -> Object:
    """The guide's cluster, and every state that it had until it was ready."""
    with recorded(kube, *KAFKA, "seldon", "seldon-kafka") as versions:
        kube.create(kafka("seldon"))
        eventually(lambda: kafka_state(kube, "seldon"), (1, READY))
        eventually(lambda: in_time(versions), [(-1, []), CREATING, (1, READY)])
    return kube.get(*KAFKA, "seldon", "seldon-kafka") or {}


def test_a_ready_kafka_has_its_listeners_and_no_finalizer(seldon: Object):
    listeners = seldon["status"]["listeners"]
    host = "seldon-kafka-bootstrap.seldon-kafka.svc"
    assert listeners[0] == {
        "name": "plain",
        "type": "plain",
        "addresses": [{"host": host, "port": 9092}],
        "bootstrapServers": f"{host}:9092",
    }
    assert len(listeners[1].pop("certificates")) == 1
    assert seldon["status"]["clusterId"]
    assert "finalizers" not in seldon["metadata"]


def test_the_objects_of_a_kafka(kube: Kube, seldon: Object):
    names = {
        "StatefulSet": {"seldon-kafka", "seldon-zookeeper"},
        "Deployment": {"seldon-entity-operator"},
        "Service": {
            "seldon-kafka-bootstrap",
            "seldon-kafka-brokers",
            "seldon-zookeeper-client",
            "seldon-zookeeper-nodes",
        },
        "NetworkPolicy": {"seldon-network-policy-kafka", "seldon-network-policy-zookeeper"},
        "PodDisruptionBudget": {"seldon-kafka", "seldon-zookeeper"},
        "Secret": {
            "seldon-clients-ca",
            "seldon-clients-ca-cert",
            "seldon-cluster-ca",
            "seldon-cluster-ca-cert",
            "seldon-cluster-operator-certs",
            "seldon-entity-topic-operator-certs",
            "seldon-entity-user-operator-certs",
            "seldon-kafka-brokers",
            "seldon-zookeeper-nodes",
        },
    }
    groups = {
        "NetworkPolicy": "networking.k8s.io/v1",
        "PodDisruptionBudget": "policy/v1",
        "Service": "v1",
        "Secret": "v1",
    }
    for kind, expected in names.items():
        found = kube.list(groups.get(kind, "apps/v1"), kind, "seldon-kafka", "strimzi.io/cluster=seldon")
        assert {obj["metadata"]["name"] for obj in found} == expected, kind
        for obj in found:
            (reference,) = obj["metadata"]["ownerReferences"]
            assert (reference["uid"], reference["controller"]) == (seldon["metadata"]["uid"], False)
    policy = kube.get("networking.k8s.io/v1", "NetworkPolicy", "seldon-network-policy-kafka", "seldon-kafka") or {}
    open_to_all = [rule["ports"][0]["port"] for rule in policy["spec"]["ingress"] if "from" not in rule]
    assert open_to_all == [9092, 9093]
    pod = (kube.get("apps/v1", "Deployment", "seldon-entity-operator", "seldon-kafka") or {})["spec"]["template"][
        "spec"
    ]
    assert [container["name"] for container in pod["containers"]] == ["topic-operator", "user-operator", "tls-sidecar"]


@pytest.mark.usefixtures("seldon")
def test_topics_and_users_are_accepted_while_their_entity_operator_runs(kube: Kube):
    for kind, spec in (("KafkaTopic", {"partitions": 1, "replicas": 1}), ("KafkaUser", {})):
        for name, cluster in (("mine", "seldon"), ("stray", "nobody")):
            labels = {"strimzi.io/cluster": cluster}
            kube.create(make(KAFKA[0], kind, name, "seldon-kafka", labels=labels, spec=spec))
        eventually(lambda kind=kind: state(kube.get(KAFKA[0], kind, "mine", "seldon-kafka") or {}), (1, READY))
        assert "status" not in (kube.get(KAFKA[0], kind, "stray", "seldon-kafka") or {})


def test_a_refused_change_keeps_the_old_status_until_it_was_looked_at(kube: Kube, seldon: Object):
    before = {pod["metadata"]["uid"] for pod in kube.list("v1", "Pod", "seldon-kafka", "strimzi.io/cluster=seldon")}
    refused = [("NotReady", "UnsupportedKafkaVersionException")]
    with recorded(kube, *KAFKA, "seldon", "seldon-kafka") as versions:
        for version, outcome in (("3.9.9", (2, refused)), ("3.2.3", (3, READY))):
            kube.patch(seldon, {"spec": {"kafka": {"version": version}}})
            eventually(lambda: kafka_state(kube, "seldon"), outcome)
    seen = [(obj["metadata"]["generation"], *state(obj)) for obj in versions]
    assert distinct(seen) == [(2, 1, READY), (2, 2, refused), (3, 2, refused), (3, 3, READY)]
    assert all("listeners" not in obj["status"] for obj in versions if state(obj)[1] == refused)
    after = {pod["metadata"]["uid"] for pod in kube.list("v1", "Pod", "seldon-kafka", "strimzi.io/cluster=seldon")}
    assert after == before


def test_changed_storage_is_ignored_with_a_warning(kube: Kube, seldon: Object):
    for size, expected in ({"sizeLimit": "1Gi"}, [("Warning", "KafkaStorage"), *READY]), ({"sizeLimit": None}, READY):
        changed = kube.patch(seldon, {"spec": {"kafka": {"storage": size}}})
        eventually(lambda: kafka_state(kube, "seldon"), (changed["metadata"]["generation"], expected))


def test_another_number_of_brokers_restarts_the_old_ones(kube: Kube, seldon: Object):
    labels = "strimzi.io/name=seldon-kafka"
    before = {pod["metadata"]["uid"] for pod in kube.list("v1", "Pod", "seldon-kafka", labels)}
    changed = kube.patch(seldon, {"spec": {"kafka": {"replicas": 4}}})
    eventually(lambda: kafka_state(kube, "seldon"), (changed["metadata"]["generation"], READY))
    after = {pod["metadata"]["uid"] for pod in kube.list("v1", "Pod", "seldon-kafka", labels)}
    assert len(after) == 4
    assert not before & after


@pytest.mark.usefixtures("seldon")
def test_a_failed_broker_is_noticed_late_and_heals(kube: Kube):
    generation, broker = (kube.get(*KAFKA, "seldon", "seldon-kafka") or {})["metadata"]["generation"], "seldon-kafka-1"
    with recorded(kube, *KAFKA, "seldon", "seldon-kafka") as versions:
        set_pods(kube, "seldon-kafka", f"statefulset.kubernetes.io/pod-name={broker}", "NotReady")
        until(lambda: kube.get(*STATEFUL_SET, "seldon-kafka", "seldon-kafka")["status"]["readyReplicas"] == 3)
        assert kafka_state(kube, "seldon") == (generation, READY)
        eventually(lambda: kafka_state(kube, "seldon"), (generation, [("NotReady", "FatalProblem")]))
        set_pods(kube, "seldon-kafka", f"statefulset.kubernetes.io/pod-name={broker}", "Ready")
        eventually(lambda: kafka_state(kube, "seldon"), (generation, READY))
    message = f"Error while waiting for restarted pod {broker} to become ready"
    assert versions[0]["status"]["conditions"][0]["message"] == message
    assert "listeners" not in versions[0]["status"]


@pytest.mark.usefixtures("seldon")
def test_a_failed_entity_operator_leaves_the_listeners(kube: Kube):
    labels = "strimzi.io/name=seldon-entity-operator"
    set_pods(kube, "seldon-kafka", labels, "NotReady")
    until(lambda: kafka_state(kube, "seldon")[1] == [("NotReady", "TimeoutException")])
    assert (kube.get(*KAFKA, "seldon", "seldon-kafka") or {})["status"]["listeners"]
    set_pods(kube, "seldon-kafka", labels, "Ready")
    until(lambda: kafka_state(kube, "seldon")[1] == READY)


def test_paused_is_neither_ready_nor_not(kube: Kube, seldon: Object):
    for value, expected in (("true", [("ReconciliationPaused", None)]), (None, READY)):
        kube.patch(seldon, {"metadata": {"annotations": {"strimzi.io/pause-reconciliation": value}}})
        eventually(lambda: kafka_state(kube, "seldon")[1], expected)


def test_an_unreachable_zookeeper_is_waited_for_and_heals(kube: Kube):
    with recorded(kube, *KAFKA, "cut-off", "seldon-kafka") as versions:
        kube.create(kafka("cut-off"))
        eventually(lambda: kafka_state(kube, "cut-off"), (1, READY))
    seen = distinct([state(obj) for obj in versions])
    assert seen == [(-1, []), CREATING, (1, [("NotReady", "ZookeeperScalingException")]), (1, READY)]


def test_deleting_a_kafka_leaves_nothing(kube: Kube, seldon: Object):
    kube.delete(seldon)
    for kind in ("StatefulSet", "Deployment"):
        eventually(lambda kind=kind: kube.list("apps/v1", kind, "seldon-kafka", "strimzi.io/cluster=seldon"), [])


# --- GitOps ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def versions_of_argocd(kube: Kube) -> list[Object]:
    """Every state of the guide's Argo CD until it was steady."""
    kube.patch(make("v1", "Namespace", "seldon"), managed_by("seldon-argocd"))
    spec = {
        "server": {"route": {"enabled": True, "tls": {"termination": "reencrypt"}}},
        "dex": {"openShiftOAuth": True},
        "rbac": {"policy": "g, cluster-admins, role:admin", "scopes": "[groups]"},
    }
    with recorded(kube, *ARGOCD, "seldon-argocd", "seldon-argocd") as versions:
        kube.create(make(*ARGOCD, "seldon-argocd", "seldon-argocd", spec=spec))
        until(lambda: argocd_status(kube).get("host") and argocd_status(kube)["phase"] == "Available")
        steady(kube)
    return list(versions)


def managed_by(namespace: str | None) -> Object:
    return {"metadata": {"labels": {"argocd.argoproj.io/managed-by": namespace}}}


def argocd_status(kube: Kube) -> Object:
    return (kube.get(*ARGOCD, "seldon-argocd", "seldon-argocd") or {}).get("status", {})


def steady(kube: Kube, seconds: float = 0.6) -> None:
    """Wait until the Argo CD was not written for some passes."""

    def unchanged() -> bool:
        before = kube.get(*ARGOCD, "seldon-argocd", "seldon-argocd") or {}
        time.sleep(seconds)
        after = kube.get(*ARGOCD, "seldon-argocd", "seldon-argocd") or {}
        return bool(before["metadata"]["resourceVersion"] == after["metadata"]["resourceVersion"])

    until(unchanged)


RUNNING = dict.fromkeys(("applicationController", "dex", "redis", "repo", "server"), "Running")
HOST = "seldon-argocd-server-seldon-argocd.apps.sandbox.example.com"


def test_the_phase_is_available_before_anything_runs_and_the_end_is_steady(versions_of_argocd: list[Object]):
    statuses = [obj["status"] for obj in versions_of_argocd if "status" in obj]
    first = ["dex", "ssoConfig", "applicationController", "phase", "redis", "repo", "server"]
    grown = [sorted(statuses[index].keys() - (statuses[index - 1].keys() if index else set())) for index in range(7)]
    assert grown == [[field] for field in first]
    empty = {"applicationController": "Unknown", "dex": "Pending", "redis": "Unknown", "repo": "Unknown"}
    assert statuses[7] == empty | {"server": "Unknown", "ssoConfig": "Success", "phase": "Available"}
    assert statuses[-1] == RUNNING | {"ssoConfig": "Success", "phase": "Available", "host": HOST}


def test_the_operator_rewrites_the_specification(versions_of_argocd: list[Object]):
    adopted = versions_of_argocd[1]
    assert (adopted["metadata"]["generation"], adopted["metadata"]["finalizers"]) == (2, ["argoproj.io/finalizer"])
    assert adopted["spec"]["server"]["route"] == {"enabled": True, "tls": {"termination": "reencrypt"}}
    assert adopted["spec"]["server"]["service"] == {"type": ""}
    assert adopted["spec"]["grafana"]["enabled"] is False
    (written,) = [entry for entry in adopted["metadata"]["managedFields"] if entry["manager"] == "gitops-operator"]
    assert written["operation"] == "Update"
    owned = written["fieldsV1"]["f:spec"]
    assert owned["f:ha"] == {".": {}, "f:enabled": {}}
    assert owned.keys() >= {"f:grafana", "f:notifications", "f:prometheus", "f:server"}
    assert not owned.keys() & {"f:sso", "f:rbac"}


def test_an_empty_text_is_dropped_by_the_operators_first_write_only(kube: Kube):
    kube.create(make("v1", "Namespace", "empty-text"))
    argocd = make(*ARGOCD, "empty", "empty-text", spec={"initialSSHKnownHosts": {"keys": ""}})
    kube.apply(argocd, manager="somebody")

    def live() -> Object:
        return kube.get(*ARGOCD, "empty", "empty-text") or {}

    until(lambda: live()["metadata"].get("finalizers"))
    assert live()["spec"]["initialSSHKnownHosts"] == {}
    assert "somebody" not in [entry["manager"] for entry in live()["metadata"]["managedFields"]]
    kube.apply(argocd, manager="somebody")
    steady(kube)
    assert live()["spec"]["initialSSHKnownHosts"] == {"keys": ""}
    kube.delete(argocd)


def test_the_operator_has_an_argocd_of_its_own(kube: Kube):
    own = ("openshift-gitops", "openshift-gitops")
    eventually(lambda: (kube.get(*ARGOCD, *own) or {}).get("status", {}).get("server"), "Running")


@pytest.mark.usefixtures("versions_of_argocd")
def test_the_phase_flips_while_a_component_and_the_route_disagree(kube: Kube):
    labels = "app.kubernetes.io/name=seldon-argocd-repo-server"
    with recorded(kube, *ARGOCD, "seldon-argocd", "seldon-argocd") as versions:
        set_pods(kube, "seldon-argocd", labels, "NotReady")
        until(lambda: len(versions) > 5)
        set_pods(kube, "seldon-argocd", labels, "Ready")
        steady(kube)
    flipping = [obj["status"]["phase"] for obj in versions if obj["status"]["repo"] == "Pending"]
    assert flipping[:5] == ["Available", "Pending", "Available", "Pending", "Available"]
    assert {obj["status"]["host"] for obj in versions} == {HOST}
    assert argocd_status(kube)["phase"] == "Available"


@pytest.mark.usefixtures("versions_of_argocd")
def test_single_sign_on_that_contradicts_itself_shows_in_one_field_only(kube: Kube):
    argocd = make(*ARGOCD, "seldon-argocd", "seldon-argocd")
    for sso, verdict in (
        ({"provider": "dex"}, "Failed"),
        ({"provider": "dex", "dex": {"openShiftOAuth": True}}, "Success"),
    ):
        kube.patch(argocd, {"spec": {"sso": sso}})
        expected = RUNNING | {"ssoConfig": verdict, "phase": "Available", "host": HOST}
        eventually(lambda: argocd_status(kube), expected)


def rights(kube: Kube, namespace: str) -> list[str]:
    return sorted(
        obj["metadata"]["name"] for obj in kube.list("rbac.authorization.k8s.io/v1", "RoleBinding", namespace)
    )


def managed_namespaces(kube: Kube) -> str:
    return decoded(kube.get("v1", "Secret", "seldon-argocd-default-cluster-config", "seldon-argocd"), "namespaces")


GRANTED = [f"seldon-argocd-argocd-{name}" for name in ("application-controller", "grafana", "redis", "server")]


@pytest.mark.usefixtures("versions_of_argocd")
def test_a_label_gives_rights_and_a_wrong_one_is_silent(kube: Kube):
    assert rights(kube, "seldon") == GRANTED, "labelled before the Argo CD existed"
    kube.create(make("v1", "Namespace", "other"))
    with_other = "other,seldon,seldon-argocd"
    for label, expected, listed in (
        ("seldon-argocd", GRANTED, with_other),
        ("no-such-argocd", [], "seldon,seldon-argocd"),
        ("seldon-argocd", GRANTED, with_other),
        (None, [], "seldon,seldon-argocd"),
    ):
        kube.patch(make("v1", "Namespace", "other"), managed_by(label))
        eventually(lambda: (rights(kube, "other"), managed_namespaces(kube)), (expected, listed))


@pytest.mark.usefixtures("versions_of_argocd")
def test_applications_are_compared_as_their_project_allows(kube: Kube):
    repository, server = "https://git.example.com/acme/models", "https://kubernetes.default.svc"

    def application(name: str, project: str = "seldon", **policy: Object) -> Object:
        source = {"repoURL": repository, "path": "seldon"}
        spec = {"project": project, "source": source, "destination": {"server": server, "namespace": "seldon"}}
        return make(*APPLICATION, name, "seldon-argocd", spec=spec | {"syncPolicy": policy})

    project = {"sourceRepos": [repository], "destinations": [{"server": server, "namespace": "seldon"}]}
    kube.create(make(APPLICATION[0], "AppProject", "seldon", "seldon-argocd", spec=project))
    expected = {
        "automatic": ("Synced", "Healthy", []),
        "by-hand": ("OutOfSync", "Missing", []),
        "too-early": ("Unknown", "Healthy", ["ComparisonError"]),
        "refused": ("Unknown", "Healthy", ["ComparisonError"]),
        "stray": ("Unknown", "Unknown", ["InvalidSpecError"]),
    }
    for obj in (
        application("automatic", automated={}),
        application("by-hand"),
        application("too-early", automated={}),
        application("refused", automated={}),
        application("stray", project="nobody", automated={}),
    ):
        kube.create(obj)

    def compared(name: str) -> tuple[str, str, list[str]] | None:
        status = (kube.get(*APPLICATION, name, "seldon-argocd") or {}).get("status")
        types = [entry["type"] for entry in (status or {}).get("conditions", [])]
        return (status["sync"]["status"], status["health"]["status"], types) if status else None

    for name, verdict in expected.items():
        eventually(lambda name=name: compared(name), verdict)


@pytest.mark.usefixtures("versions_of_argocd")
def test_deleting_an_argocd_leaves_label_and_rights_in_the_managed_namespaces(kube: Kube):
    kube.delete(make(*ARGOCD, "seldon-argocd", "seldon-argocd"))
    eventually(lambda: kube.get(*ARGOCD, "seldon-argocd", "seldon-argocd"), None)
    eventually(lambda: kube.list("apps/v1", "Deployment", "seldon-argocd"), [])
    assert rights(kube, "seldon") == GRANTED
