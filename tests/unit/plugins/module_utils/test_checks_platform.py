"""What a report tells of the platform: versions, addresses and model namespaces, and what may not be read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks import platform
from ansible_collections.seldon.openshift.plugins.module_utils.checks.platform import Gathering
from ansible_collections.seldon.openshift.plugins.module_utils.checks.platform_namespaces import model_namespaces
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, Unreachable

from tests.unit.observed import Object, observed

OLM = "operators.coreos.com/v1alpha1"


def gathering(*objects: Object, forbidden: tuple[str, ...] = ()) -> Gathering:
    return Gathering(observed(*objects, forbidden=forbidden))


def thing(api_version: str, kind: str, name: str, namespace: str | None = None, **content: Any) -> Object:
    metadata: Object = {"name": name, "labels": content.pop("labels", {}), "uid": f"uid of {name}"}
    return {"apiVersion": api_version, "kind": kind, "metadata": {**metadata, "namespace": namespace}, **content}


def subscription(package: str, namespace: str, csv: str | None = None) -> Object:
    return thing(OLM, "Subscription", package, namespace, spec={"name": package}, status={"installedCSV": csv})


@pytest.mark.parametrize(
    ("csv", "version"),
    [
        ("amqstreams.v2.2.0-4", "2.2.0-4"),
        ("jaeger-operator.v1.39.0-3", "1.39.0-3"),
        ("cluster-logging.5.5.5", "5.5.5"),
        ("openshift-gitops-operator.v1.7.0", "1.7.0"),
        ("of-no-version", "of-no-version"),
    ],
)
def test_the_version_in_the_name_of_a_csv(csv: str, version: str) -> None:
    assert platform.of_csv(csv) == version


@pytest.mark.parametrize(
    ("operator", "version"),
    [
        ({"starting_csv": "amqstreams.v2.2.0-4", "channel": "amq-streams-2.2.x"}, "2.2.0-4"),
        ({"channel": "stable-5.5"}, "5.5"),
        ({"channel": "amq-streams-2.2.x"}, "2.2"),
        ({"channel": "stable"}, ""),
        ({}, ""),
    ],
)
def test_the_version_that_an_operator_is_asked_for(operator: Object, version: str) -> None:
    assert platform.asked_version(operator) == version


WANTED = {
    "name": "amq-streams",
    "namespace": "ours",
    "alternatives": ["strimzi"],
    "starting_csv": "amqstreams.v2.2.0-4",
}


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ([], []),
        ([subscription("amq-streams", "ours")], []),  # nothing is installed yet
        ([subscription("another", "ours", "x.v1")], []),
        ([subscription("amq-streams", "a", "amqstreams.v2.3.0")], [("amq-streams", "a", "2.3.0")]),
        ([subscription("strimzi", "b", "strimzi.v0.33.0")], [("strimzi", "b", "0.33.0")]),
        (
            [
                subscription("amq-streams", "a", "amqstreams.v1.0.0"),
                subscription("amq-streams", "ours", "amqstreams.v2.2.0-4"),
            ],
            [("amq-streams", "ours", "2.2.0-4")],
        ),
    ],
)
def test_the_versions_of_operators(there: list[Object], found: list[tuple[str, str, str]]) -> None:
    versions = list(platform.operators(there, [WANTED]))
    assert [(each.name, each.namespace, each.version) for each in versions] == found
    assert {each.wanted for each in versions} <= {"2.2.0-4"}


def asked(kind: str, wanted: str = "") -> Object:
    return {"kind": kind, "name": "x", "namespace": "n", "wanted": wanted}


@pytest.mark.parametrize(
    ("kind", "api_version", "content", "version"),
    [
        ("ServiceMeshControlPlane", "maistra.io/v2", {"spec": {"version": "v2.0"}}, "v2.0"),
        ("Elasticsearch", "elasticsearch.k8s.elastic.co/v1", {"spec": {"version": "7.12.1"}}, "7.12.1"),
        (
            "Elasticsearch",
            "elasticsearch.k8s.elastic.co/v1",
            {"spec": {"version": "8.0.0"}, "status": {"version": "7.12.1"}},
            "7.12.1",
        ),
        ("Kafka", "kafka.strimzi.io/v1beta2", {"spec": {"kafka": {"version": "3.2.3"}}}, "3.2.3"),
        ("KnativeServing", "operator.knative.dev/v1beta1", {"status": {"version": "1.5.0"}}, "1.5.0"),
        ("KnativeEventing", "operator.knative.dev/v1beta1", {}, None),
    ],
)
def test_the_versions_of_operands(kind: str, api_version: str, content: Object, version: str | None) -> None:
    found = platform.operand(observed(thing(api_version, kind, "x", "n", **content)), asked(kind, "1"))
    assert (found.version if found else None) == version


ROUTES = "route.openshift.io/v1"
ADMITTED = {"host": "a.example.com", "conditions": [{"type": "Admitted", "status": "True"}]}
REFUSED = {"host": "a.example.com", "conditions": [{"type": "Admitted", "status": "False"}]}


@pytest.mark.parametrize(
    ("content", "url"),
    [
        ({"spec": {"tls": {"termination": "edge"}}, "status": {"ingress": [ADMITTED]}}, "https://a.example.com/x/"),
        ({"spec": {}, "status": {"ingress": [ADMITTED]}}, "http://a.example.com/x/"),
        ({"spec": {}, "status": {"ingress": [REFUSED]}}, None),
        ({"spec": {"host": "a.example.com"}}, None),
    ],
)
def test_an_address_is_that_of_an_admitted_route(content: Object, url: str | None) -> None:
    given = {"product": "P", "name": "r", "namespace": "n", "path": "/x/"}
    found = platform.addresses(gathering(thing(ROUTES, "Route", "r", "n", **content)), [given])
    assert found == ([{"product": "P", "url": url}] if url else [])


PARAMS = {
    "operators": [WANTED],
    "operands": [asked("Kafka")],
    "releases": [{"name": "r", "namespaces": ["n"], "wanted": ""}],
}


def test_what_may_not_be_read_is_left_out_and_named_once() -> None:
    kafka = thing("kafka.strimzi.io/v1beta2", "Kafka", "x", "n", spec={"kafka": {"version": "3.2.3"}})
    seen = gathering(kafka, forbidden=("Subscription", "Secret"))
    assert [each["version"] for each in platform.versions(seen, PARAMS)] == ["3.2.3"]
    assert len(seen.unread) == 2
    assert all("is forbidden" in each for each in seen.unread)


def failing(error: Exception) -> Any:
    def read() -> Any:
        calls.append(1)
        raise error

    calls: list[int] = []
    return read, calls


def test_an_error_of_the_api_server_ends_one_fact_and_no_answer_ends_them_all() -> None:
    seen = gathering()
    read, _calls = failing(ApiError(500, "InternalError", "etcd"))
    assert seen.fact(read, "absent") == "absent"
    assert seen.fact(lambda: "found", "absent") == "found"
    silent, calls = failing(Unreachable("no answer"))
    assert [seen.fact(silent, "absent") for _ in range(3)] == ["absent"] * 3
    assert len(calls) == 1
    assert [*seen.unread][-1] == "no answer"


def namespaced(kind: str, api_version: str, name: str, **content: Any) -> Object:
    return thing(api_version, kind, name, "team", **content)


CLUSTER = (
    thing("v1", "Namespace", "team", labels={"seldon.gitops": "enabled"}),
    thing("v1", "Namespace", "other"),
    thing("maistra.io/v1", "ServiceMeshMemberRoll", "default", "mesh", status={"configuredMembers": ["team"]}),
    namespaced("NetworkPolicy", "networking.k8s.io/v1", "a"),
    namespaced("NetworkPolicy", "networking.k8s.io/v1", "b"),
    namespaced("PodMonitor", "monitoring.coreos.com/v1", "a"),
    namespaced("SeldonDeployment", "machinelearning.seldon.io/v1", "runs", status={"state": "Available"}),
    namespaced("Model", "mlops.seldon.io/v1alpha1", "waits", status={}),
)


def test_a_model_namespace_tells_whose_it_is_what_it_holds_and_what_runs() -> None:
    team, other = model_namespaces(gathering(*CLUSTER), ["team", "other"], "mesh")
    held = {"policies": 2, "monitors": 1, "rules": 0, "models": 2, "running": 1}
    assert team == {"name": "team", "gitops": True, "member": True, **held}
    assert (other["gitops"], other["member"], other["models"]) == (False, False, 0)


def test_what_of_a_model_namespace_may_not_be_read_is_no_zero() -> None:
    seen = gathering(*CLUSTER, forbidden=("NetworkPolicy", "Model", "ServiceMeshMemberRoll", "Namespace"))
    (team,) = model_namespaces(seen, ["team"], "mesh")
    assert (team["policies"], team["monitors"], team["member"], team["gitops"]) == (None, 1, None, None)
    assert (team["models"], team["running"]) == (None, None)
    assert len(seen.unread) == 4


def test_where_there_is_no_member_roll_nothing_is_a_member() -> None:
    (team,) = model_namespaces(gathering(), ["team"], "mesh")
    assert (team["member"], team["gitops"], team["policies"]) == (False, False, 0)


def test_a_cluster_is_known_by_the_uid_of_kube_system() -> None:
    assert platform.identity(observed(thing("v1", "Namespace", "kube-system"))) == "uid of kube-system"
    assert platform.identity(observed()) == ""
