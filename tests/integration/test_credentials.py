"""Tokens and passwords on a real API server with its token controller; pods live, Elastic's operator is played here."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.modules import seldon_es_credentials, seldon_token_secret

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import available, daemon_set, deployment, make
from tests.integration.cluster import SHIPPED, Cluster, recap
from tests.integration.engine import Result, run
from tests.integration.helpers import decoded, until

SYSTEM, LOGS, LOGGING, USERS = "seldon-system", "seldon-logs", "openshift-logging", "openshift-user-workload-monitoring"
FORWARDERS: Object = {"namespace": LOGGING, "name": "seldon-elasticsearch", "ca": True}
TARGETS: list[Object] = [{"namespace": LOGS}, {"namespace": SYSTEM}, FORWARDERS]
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


@pytest.fixture(scope="module")
def cluster(shared_cluster: Cluster) -> Cluster:
    """A cluster with the namespaces that get credentials."""
    for name in (SYSTEM, LOGS, LOGGING):
        shared_cluster.kube.apply(make("v1", "Namespace", name))
    return shared_cluster


def token(cluster: Cluster, **given: Any) -> Result:
    return run(seldon_token_secret, cluster, **given)


def elastic(cluster: Cluster, *targets: Object, **given: Any) -> Result:
    return run(seldon_es_credentials, cluster, targets=list(targets or TARGETS), **given)


def held(kube: Kube, name: str, namespace: str) -> dict[str, str]:
    data = (kube.get("v1", "Secret", name, namespace) or {})["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def secret(name: str, namespace: str, content: dict[str, str], **more: Any) -> Object:
    return make("v1", "Secret", name, namespace, stringData=content, **more)


def elasticsearch_made(kube: Kube, password: str) -> None:
    """Do what Elastic's operator does for an Elasticsearch."""
    kube.apply(secret("elasticsearch-seldon-es-elastic-user", LOGS, {"elastic": password}))
    certificates = {"ca.crt": "authority", "tls.crt": "leaf and authority"}
    kube.apply(secret("elasticsearch-seldon-es-http-certs-public", LOGS, certificates))


def meanwhile(action: Callable[[], object]) -> None:
    threading.Timer(0.7, action).start()


def reading(workload: Object, name: str, key: str = "password") -> Object:
    """Return the workload with a container that reads the Secret as environment."""
    workload["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "SECRET", "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
    ]
    return workload


def running(kube: Kube, *workloads: Object) -> None:
    # The API server's times are whole seconds, and a change in the second after a creation counts as part of it.
    time.sleep(2.1)
    for each in workloads:
        kube.apply(each)
        where = (each["apiVersion"], each["kind"], each["metadata"]["name"], each["metadata"]["namespace"])
        until(lambda where=where: available(kube.get(*where)))


def names(workloads: list[Object]) -> set[tuple[str, str]]:
    return {(each["kind"], each["name"]) for each in workloads}


def accepted(kube: Kube, value: str) -> bool:
    review = make("authentication.k8s.io/v1", "TokenReview", "", spec={"token": value})
    return bool(
        kube.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)["status"].get("authenticated")
    )


def may(kube: Kube, account: str, **attributes: str) -> bool:
    spec = {"user": f"system:serviceaccount:{account}", "resourceAttributes": attributes}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    answer = kube.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    return bool(answer["status"]["allowed"])


def test_a_token_of_its_own_with_the_rights_it_needs(cluster: Cluster) -> None:
    kube = cluster.kube
    tried = token(cluster, check=True)
    assert (tried["changed"], {each["action"] for each in tried["results"]}) == (True, {"created"})
    assert kube.get("v1", "ServiceAccount", "seldon-monitoring", SYSTEM) is None

    first = token(cluster)
    assert first["changed"], first
    copy = kube.get("v1", "Secret", "jwt-seldon", SYSTEM)
    assert copy
    assert copy["type"] == "Opaque"
    assert accepted(kube, decoded(copy, "jwt-seldon.txt"))
    account = f"{SYSTEM}:seldon-monitoring"
    assert may(kube, account, verb="get", resource="namespaces")
    alertmanagers = {"group": "monitoring.coreos.com", "resource": "alertmanagers", "name": "non-existant"}
    assert may(kube, account, verb="patch", namespace="openshift-monitoring", **alertmanagers)
    assert not may(kube, account, verb="get", resource="secrets", namespace=SYSTEM)

    again: list[Result] = []
    events = cluster.requests(lambda: again.append(token(cluster)))
    assert (again[0]["changed"], again[0]["restart"], again[0]["diff"]) == (False, [], [])
    ours = [event["verb"] for event in events if event["userAgent"] == "seldon.openshift"]
    assert (ours.count("get"), ours.count("list"), len(ours)) == (5, 2, 7)


def test_a_token_of_an_account_made_again_is_renewed_and_its_readers_are_told(cluster: Cluster) -> None:
    kube = cluster.kube
    token(cluster)
    reader = deployment("seldon-deploy", SYSTEM, selector={"a": "b"}, containers={"c": [80]})
    reading(reader, "jwt-seldon", "jwt-seldon.txt")
    running(kube, reader, deployment("other", SYSTEM, selector={"c": "d"}, containers={"c": [80]}))
    assert token(cluster)["restart"] == []
    before = held(kube, "jwt-seldon", SYSTEM)["jwt-seldon.txt"]
    account = kube.get("v1", "ServiceAccount", "seldon-monitoring", SYSTEM)
    assert account
    kube.delete(account)
    kube.create(make("v1", "ServiceAccount", "seldon-monitoring", SYSTEM))

    renewed = token(cluster)
    after = held(kube, "jwt-seldon", SYSTEM)["jwt-seldon.txt"]
    assert (renewed["changed"], after != before, accepted(kube, after)) == (True, True, True)
    assert names(renewed["restart"]) == {("Deployment", "seldon-deploy")}
    # A run that ends here leaves the pods with the old token: the next one sees it all the same.
    assert names(token(cluster)["restart"]) == {("Deployment", "seldon-deploy")}
    tried = token(cluster, restart=True, check=True)
    assert (tried["changed"], names(tried["restarted"])) == (True, {("Deployment", "seldon-deploy")})
    assert RESTARTED_AT not in str(kube.get("apps/v1", "Deployment", "seldon-deploy", SYSTEM))
    rolled = token(cluster, restart=True)
    assert (rolled["changed"], rolled["restart"], names(rolled["restarted"])) == (
        True,
        [],
        {("Deployment", "seldon-deploy")},
    )
    assert RESTARTED_AT in str(kube.get("apps/v1", "Deployment", "seldon-deploy", SYSTEM))
    assert not token(cluster, restart=True)["changed"]


def test_a_token_left_by_an_earlier_account_is_not_taken(cluster: Cluster) -> None:
    """The token controller deletes it sooner or later; here, later."""
    kube, account = cluster.kube, "late"
    token(cluster, service_account=account, name="late-copy")
    old = held(kube, "late-copy", SYSTEM)["jwt-seldon.txt"]
    stale = kube.get("v1", "Secret", "late-token", SYSTEM)
    assert stale
    stale["metadata"]["finalizers"] = ["test/held"]
    kube.replace(stale)
    kube.delete(make("v1", "ServiceAccount", account, SYSTEM))
    meanwhile(lambda: kube.patch(stale, {"metadata": {"finalizers": None}}))
    assert token(cluster, service_account=account, name="late-copy")["changed"]
    new = held(kube, "late-copy", SYSTEM)["jwt-seldon.txt"]
    assert (new != old, accepted(kube, new)) == (True, True)


def test_an_existing_token_is_found_by_its_account_and_waited_for(cluster: Cluster) -> None:
    kube, account = cluster.kube, "prometheus-user-workload"
    by_name = secret(f"{account}-token-aaaaa", USERS, {"token": "of the name alone"})
    kube.apply(by_name)
    missing = token(cluster, mode="existing", name="theirs", timeout=1)
    assert missing["failed"]
    assert all(part in missing["msg"] for part in (f"{USERS}/{account}", "enableUserWorkload", "oc -n"))
    assert token(cluster, mode="existing", name="theirs", check=True)["changed"]

    def appear() -> None:
        for name in ("other", account):
            kube.create(make("v1", "ServiceAccount", name, USERS))
            of = {"kubernetes.io/service-account.name": name}
            kind = "kubernetes.io/service-account-token"
            kube.create(make("v1", "Secret", f"token-{name}", USERS, annotations=of, type=kind))

    meanwhile(appear)
    assert token(cluster, mode="existing", name="theirs")["changed"]
    taken = held(kube, "theirs", SYSTEM)["jwt-seldon.txt"]
    assert taken == held(kube, f"token-{account}", USERS)["token"]
    assert not token(cluster, mode="existing", name="theirs")["changed"]

    gone = token(cluster, mode="existing", name="theirs", state="absent")
    assert gone["changed"]
    assert kube.get("v1", "Secret", "theirs", SYSTEM) is None
    assert kube.get("v1", "Secret", f"token-{account}", USERS) is not None


def test_the_password_is_waited_for_and_copied_where_it_is_read(cluster: Cluster) -> None:
    kube = cluster.kube
    elasticsearch_made(kube, "")
    empty = elastic(cluster, timeout=1)
    assert empty["failed"]
    assert "elasticsearch-seldon-es-elastic-user holds no password" in empty["msg"]
    assert kube.get("v1", "Secret", "elastic-credentials", LOGS) is None
    foreseen = elastic(cluster, check=True)
    assert (foreseen["changed"], foreseen["results"][0]["action"]) == (True, "created")

    meanwhile(lambda: elasticsearch_made(kube, "first password"))
    assert elastic(cluster)["changed"]
    login = {"username": "elastic", "password": "first password"}
    assert held(kube, "elastic-credentials", LOGS) == held(kube, "elastic-credentials", SYSTEM) == login
    assert held(kube, "seldon-elasticsearch", LOGGING) == login | {"ca-bundle.crt": "authority"}
    again = elastic(cluster)
    assert (again["changed"], again["restart"]) == (False, [])


def test_a_renewed_password_reaches_all_who_read_it(cluster: Cluster) -> None:
    kube = cluster.kube
    elasticsearch_made(kube, "second password")
    elastic(cluster)
    logger = reading(
        deployment("seldon-request-logger", LOGS, selector={"a": "b"}, containers={"c": [80]}), "elastic-credentials"
    )
    collector = daemon_set("collector", LOGGING, selector={"a": "b"}, containers={"c": [80]})
    volume = {"name": "output", "secret": {"secretName": "seldon-elasticsearch"}}
    collector["spec"]["template"]["spec"]["volumes"] = [volume]
    running(kube, logger, collector)

    elasticsearch_made(kube, "third password")
    told = elastic(cluster)
    assert [held(kube, each.get("name", "elastic-credentials"), each["namespace"])["password"] for each in TARGETS] == [
        "third password"
    ] * 3
    readers = {("Deployment", "seldon-request-logger"), ("DaemonSet", "collector")}
    assert names(told["restart"]) == readers
    assert names(elastic(cluster, restart=True)["restarted"]) == readers
    for kind, name, namespace in (("Deployment", "seldon-request-logger", LOGS), ("DaemonSet", "collector", LOGGING)):
        assert RESTARTED_AT in str((kube.get("apps/v1", kind, name, namespace) or {})["spec"]["template"])
    after = elastic(cluster, restart=True)
    assert (after["changed"], after["restarted"]) == (False, [])


def test_a_secret_of_somebody_else_is_not_replaced_in_silence(cluster: Cluster) -> None:
    kube = cluster.kube
    elasticsearch_made(kube, "ours")
    theirs = secret("theirs", SYSTEM, {"username": "them", "password": "precious"})
    kube.apply(theirs)
    targets = ({"namespace": SYSTEM, "name": "theirs"}, {"namespace": LOGS, "name": "mine"})
    refused = elastic(cluster, *targets)
    assert refused["failed"]
    assert all(
        part in refused["msg"]
        for part in (f"{SYSTEM}/theirs", "other values under password, username", "seldon_adopt=true")
    )
    assert held(kube, "theirs", SYSTEM)["password"] == "precious"
    assert held(kube, "mine", LOGS)["password"] == "ours"

    left = elastic(cluster, *targets, state="absent")
    assert "theirs is kept" in left["warnings"][0]
    assert kube.get("v1", "Secret", "theirs", SYSTEM) is not None
    assert kube.get("v1", "Secret", "mine", LOGS) is None

    forced = elastic(cluster, *targets, conflicts="force")
    assert "theirs was not managed by this collection; replaced: password, username" in forced["warnings"][0]
    assert held(kube, "theirs", SYSTEM)["password"] == "ours"
    assert not elastic(cluster, *targets).get("warnings")


@pytest.mark.parametrize(
    ("external", "target", "problem"),
    [
        ({"password": " "}, {}, "external.password is empty"),
        ({"password": "p4ssword"}, {"ca": True}, "external.ca is needed"),
    ],
)
def test_incomplete_external_credentials_are_refused(
    cluster: Cluster, external: Object, target: Object, problem: str
) -> None:
    assert problem in elastic(cluster, {"namespace": LOGS, "name": "never", **target}, external=external)["msg"]
    assert cluster.kube.get("v1", "Secret", "never", LOGS) is None


def test_absent_removes_exactly_what_was_made(cluster: Cluster) -> None:
    kube = cluster.kube
    token(cluster)
    gone = token(cluster, state="absent")
    assert {each["action"] for each in gone["results"]} == {"deleted"}
    assert [each["metadata"]["name"] for each in kube.list("v1", "ServiceAccount", SYSTEM)].count(
        "seldon-monitoring"
    ) == 0
    left = kube.list("rbac.authorization.k8s.io/v1", "ClusterRoleBinding")
    assert not [each for each in left if "seldon-monitoring" in str(each.get("subjects"))]
    assert kube.get("rbac.authorization.k8s.io/v1", "ClusterRole", "cluster-monitoring-view") is not None
    assert not token(cluster, state="absent")["changed"]


def test_no_secret_shows_in_any_output(cluster: Cluster, tmp_path: Path) -> None:
    """In-process and shipped, from nothing and after a rotation: no value of any Secret on the cluster."""
    external = {"password": "p4ss from a vault", "ca": "PEM from a vault"}
    tasks = [
        {"seldon.openshift.seldon_token_secret": {"restart": True}},
        {"seldon.openshift.seldon_es_credentials": {"targets": TARGETS, "restart": True}},
        {
            "seldon.openshift.seldon_es_credentials": {
                "external": external,
                "targets": [{"namespace": LOGS, "name": "external", "ca": True}],
            }
        },
        {"seldon.openshift.seldon_es_credentials": {"targets": [{"namespace": SYSTEM, "name": "theirs-too"}]}},
    ]
    play = tmp_path / "play.json"
    play.write_text(
        json.dumps([{"hosts": "seldon_clusters", "gather_facts": False, "ignore_errors": True, "tasks": tasks}])
    )
    kube = cluster.kube
    kube.apply(secret("theirs-too", SYSTEM, {"password": "hunter2 of others"}))
    output = ""
    for round_, way in enumerate(([], SHIPPED)):
        token(cluster, state="absent")
        elasticsearch_made(kube, f"rotated password {round_}")
        result = cluster.playbook(str(play), "-vvv", "--diff", *way)
        assert recap(result)["changed"] == 3 - round_, result.stdout  # the external one does not change again
        assert recap(result)["ignored"] == 1
        output += result.stdout + result.stderr
    assert "(hidden" in output
    for each in kube.list("v1", "Secret"):
        for key, value in (each.get("data") or {}).items():
            plain = base64.b64decode(value).decode(errors="replace")
            if key not in ("namespace", "username") and len(plain) > 8:
                assert plain not in output, f"{each['metadata']['name']} {key}"
                assert value not in output, f"{each['metadata']['name']} {key}"
                assert plain not in str(each["metadata"].get("annotations"))
                assert value not in str(each["metadata"].get("annotations"))
