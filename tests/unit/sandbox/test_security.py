"""Which SecurityContextConstraints let a pod in: their order, what they say, and who may use them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kube import Object
from sandbox.operators.security.admission import Account, accounts, admit
from sandbox.operators.security.constraints import Ids, in_order, problems
from sandbox.platform import Options, objects
from sandbox.simulator.admission import Denied

IDS = Ids(1_000_700_000, 10_000)
PLATFORM = objects(Options())
CONSTRAINTS = {obj["metadata"]["name"]: obj for obj in PLATFORM if obj["kind"] == "SecurityContextConstraints"}
AUTHENTICATED = ("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated")
RANGE = "sa.scc.uid-range"


class Cluster:
    """A cluster with the default constraints, and Roles as (account, constraints)."""

    def __init__(self, *roles: tuple[str, str], extra: list[Object] | None = None) -> None:
        self.kube, self.roles, self.extra = self, roles, extra or []

    def get(self, *_names: str) -> Object:
        return {"metadata": {"name": "shop", "uid": "1", "annotations": {f"openshift.io/{RANGE}": "1000700000/10000"}}}

    def list(self, *_kind: str) -> list[Object]:
        return [*CONSTRAINTS.values(), *self.extra]

    def request(self, _method: str, _path: str, review: Object) -> Object:
        spec = review["spec"]
        use = spec["resourceAttributes"]
        assert (use["verb"], use["group"], use["namespace"]) == ("use", "security.openshift.io", "shop")
        everybody = use["name"] == "restricted-v2" and "system:authenticated" in spec["groups"]
        return {"status": {"allowed": everybody or (spec["user"], use["name"]) in self.roles}}


def request(account: str = "default", user: Object | None = None, **spec: Any) -> Object:
    pod = {"metadata": {"name": "x"}, "spec": {"containers": [{"name": "c"}], "serviceAccountName": account, **spec}}
    sandbox = {"username": "system:sandbox", "groups": ["system:masters", "system:authenticated"]}
    return {"namespace": "shop", "userInfo": user or sandbox, "object": pod}


def admitted_by(cluster: Cluster, asked: Object) -> str:
    pod = admit(cluster, asked)
    assert pod
    return str(pod["metadata"]["annotations"]["openshift.io/scc"])


def test_constraints_are_asked_by_priority_and_then_the_most_restrictive_first():
    assert [scc["metadata"]["name"] for scc in in_order(list(CONSTRAINTS.values()))] == [
        "anyuid",
        "restricted-v2",
        "restricted",
        "nonroot-v2",
        "nonroot",
        "hostmount-anyuid",
        "hostnetwork-v2",
        "hostnetwork",
        "hostaccess",
        "node-exporter",
        "privileged",
    ]


ROOT = {"runAsUser": 0}


@pytest.mark.parametrize(
    ("name", "spec", "refused"),
    [
        ("restricted-v2", {"securityContext": {"runAsUser": 1_000_700_005, "fsGroup": 1_000_709_999}}, ""),
        ("restricted-v2", {"securityContext": {"runAsUser": 999}}, "must be in the ranges: [1000700000, 1000709999]"),
        ("restricted-v2", {"securityContext": {"fsGroup": 999}}, "999 is not an allowed group"),
        ("restricted-v2", {"securityContext": {"supplementalGroups": [999]}}, ""),
        ("hostnetwork", {"securityContext": {"supplementalGroups": [999]}}, "999 is not an allowed group"),
        ("nonroot-v2", {"securityContext": {"runAsUser": 999, "fsGroup": 999}}, ""),
        ("nonroot-v2", {"securityContext": ROOT}, "running with the root UID is forbidden"),
        ("anyuid", {"securityContext": ROOT}, ""),
        ("anyuid", {"hostNetwork": True}, "Host network is not allowed to be used"),
        ("hostnetwork-v2", {"hostNetwork": True}, ""),
        ("hostnetwork-v2", {"hostPID": True}, "Host PID is not allowed to be used"),
        ("restricted", {"volumes": [{"name": "v", "hostPath": {}}]}, "hostPath volumes are not allowed to be used"),
        ("restricted", {"volumes": [{"name": "v", "configMap": {}}, {"name": "w"}]}, ""),
        ("hostmount-anyuid", {"volumes": [{"name": "v", "hostPath": {}}]}, ""),
    ],
)
def test_what_constraints_say_to_a_pod(name: str, spec: Object, refused: str):
    found = problems(CONSTRAINTS[name], request(**spec)["object"], IDS)
    assert (refused in " ".join(found)) if refused else found == []


@pytest.mark.parametrize(
    ("name", "container", "refused"),
    [
        ("anyuid", {"securityContext": {"privileged": True}}, "Privileged containers are not allowed"),
        ("privileged", {"securityContext": {"privileged": True, "capabilities": {"add": ["SYS_ADMIN"]}}}, ""),
        ("nonroot-v2", {"securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}}, ""),
        ("nonroot", {"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}, "capability may not be added"),
        ("restricted", {"securityContext": {"allowPrivilegeEscalation": True}}, ""),
        ("restricted-v2", {"securityContext": {"allowPrivilegeEscalation": True}}, "escalation for containers is not"),
        ("restricted-v2", {"ports": [{"containerPort": 80, "hostPort": 80}]}, "Host ports are not allowed"),
        ("restricted-v2", {"ports": [{"containerPort": 80}]}, ""),
    ],
)
@pytest.mark.parametrize("kind", ["containers", "initContainers"])
def test_what_constraints_say_to_a_container(name: str, container: Object, refused: str, kind: str):
    found = problems(CONSTRAINTS[name], request(**{kind: [container]})["object"], IDS)
    assert (refused in " ".join(found)) if refused else found == []
    assert all(problem.startswith(f".{kind}[0].") for problem in found)


def test_a_container_has_the_last_word_about_its_user():
    asked = request(securityContext=ROOT, containers=[{"securityContext": {"runAsUser": 1_000_700_000}}])
    assert problems(CONSTRAINTS["restricted-v2"], asked["object"], IDS) == []


REDIS = {"securityContext": {"runAsUser": 999}}
REDIS_ACCOUNT = "system:serviceaccount:shop:redis"


def test_a_role_lets_a_service_account_use_more_than_restricted():
    cluster = Cluster((REDIS_ACCOUNT, "nonroot-v2"))
    assert admitted_by(cluster, request("redis", **REDIS)) == "nonroot-v2"
    # What needs no more gets no more; only a priority comes before that.
    assert admitted_by(cluster, request("redis")) == "restricted-v2"
    assert admitted_by(Cluster((REDIS_ACCOUNT, "anyuid")), request("redis")) == "anyuid"


def test_who_may_use_nothing_that_fits_is_told_of_all():
    with pytest.raises(Denied) as refused:
        admit(Cluster((REDIS_ACCOUNT, "nonroot-v2")), request(**REDIS))
    message = refused.value.status["message"]
    assert message.startswith(
        'pods "x" is forbidden: unable to validate against any security context constraint: '
        '[provider "anyuid": Forbidden: not usable by user or serviceaccount, provider restricted-v2: '
        ".containers[0].runAsUser: Invalid value: 999: must be in the ranges: [1000700000, 1000709999], "
        'provider "restricted": Forbidden: not usable by user or serviceaccount, '
    )
    assert refused.value.status["code"] == 403


def test_constraints_may_name_who_uses_them():
    own = {**CONSTRAINTS["anyuid"], "metadata": {"name": "own"}, "priority": None, "users": [REDIS_ACCOUNT]}
    assert admitted_by(Cluster(extra=[own]), request("redis", **REDIS)) == "own"
    own = {**own, "users": [], "groups": ["system:serviceaccounts:shop"]}
    assert admitted_by(Cluster(extra=[own]), request("other", **REDIS)) == "own"


def test_the_rights_of_who_creates_the_pod_count_unless_it_is_the_sandbox_itself():
    person = {"username": "dev", "groups": ["system:authenticated"]}
    assert list(accounts(request(user=person))) == [
        Account("dev", ("system:authenticated",)),
        Account("system:serviceaccount:shop:default", AUTHENTICATED),
    ]
    assert len(list(accounts(request()))) == 1
    assert admitted_by(Cluster(("dev", "nonroot-v2")), request(user=person, **REDIS)) == "nonroot-v2"


def test_namespaces_of_the_platform_are_left_out():
    asked = {**request(securityContext=ROOT), "namespace": "openshift-logging"}
    assert admit(Cluster(), asked) is None


def test_all_who_are_authenticated_may_use_the_default_by_a_role():
    roles = {obj["metadata"]["name"]: obj for obj in PLATFORM if obj["kind"] == "ClusterRole"}
    bindings = {obj["metadata"]["name"]: obj for obj in PLATFORM if obj["kind"] == "ClusterRoleBinding"}
    name = "system:openshift:scc:restricted-v2"
    assert roles[name]["rules"][0]["resourceNames"] == ["restricted-v2"]
    assert bindings[name]["roleRef"]["name"] == name
    assert bindings[name]["subjects"][0]["name"] == "system:authenticated"
    assert "system:openshift:scc:nonroot-v2" in roles
