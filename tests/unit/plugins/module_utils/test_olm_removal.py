"""Operators go from a cluster in memory: what else needs their namespace, what stays, what does not go."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.olm.adoption import find_installed
from ansible_collections.seldon.openshift.plugins.module_utils.olm.model import Operator
from ansible_collections.seldon.openshift.plugins.module_utils.olm.removal import READER
from ansible_collections.seldon.openshift.plugins.module_utils.olm.remover import uninstall

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]
OURS = {"app.kubernetes.io/managed-by": "seldon.openshift"}
HOME = "seldon-operator-amq"
AMQ = Operator("amq", HOME)
ALL = ["ClusterServiceVersion", "Namespace", "OperatorGroup", "Subscription"]

pytestmark = pytest.mark.usefixtures("clock")


def of_olm(kind: str, name: str, version: str = "v1alpha1", ours: bool = True, **parts: Any) -> Object:
    metadata = {"name": name, "namespace": parts.pop("namespace", HOME), "labels": OURS if ours else {}}
    return {"apiVersion": f"operators.coreos.com/{version}", "kind": kind, "metadata": metadata, **parts}


def subscription(package: str = "amq", **parts: Any) -> Object:
    return of_olm("Subscription", package, spec={"name": package}, status={"installedCSV": f"{package}.v1"}, **parts)


def installed(ours: bool = True, **parts: Any) -> list[Object]:
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME, "labels": OURS if ours else {}}},
        of_olm("OperatorGroup", "group", "v1", ours),
        subscription(ours=ours, **parts),
        of_olm("ClusterServiceVersion", "amq.v1", ours=False, spec={}, status={"phase": "Succeeded"}),
    ]


def removed(server: ApiServer, force: bool = False) -> list[str]:
    """Return the kinds of which nothing is left."""
    uninstall(server, [AMQ], force, time.monotonic() + 60, [].append)
    return [kind for kind in ALL if not server.names(kind)]


def test_all_that_is_ours_goes_and_is_waited_for() -> None:
    server = ApiServer(*installed())
    assert removed(server) == ALL
    deleted = [path.split("/")[-2] for method, path in server.writes if method == "DELETE"]
    assert deleted == ["subscriptions", "clusterserviceversions", "operatorgroups", "namespaces"]


@pytest.mark.parametrize(("force", "gone"), [(False, []), (True, ["ClusterServiceVersion", "Subscription"])])
def test_what_somebody_else_installed_stays_and_its_home_always(force: bool, gone: list[str]) -> None:
    assert removed(ApiServer(*installed(ours=False)), force) == gone


@pytest.mark.parametrize(
    "other",
    [
        subscription("other"),
        subscription("other", ours=False),
        of_olm("ClusterServiceVersion", "other.v1", ours=False, spec={}, status={"phase": "Succeeded"}),
    ],
    ids=["of ours", "of somebody else", "without a Subscription"],
)
def test_the_home_stays_while_another_operator_needs_it(other: Object) -> None:
    server = ApiServer(*installed(), other)
    removed(server)
    assert server.held(other)
    assert server.names("OperatorGroup") == ["group"]
    assert server.names("Namespace") == [HOME]
    assert server.held(subscription()) is None


def test_the_version_that_an_upgrade_is_coming_to_goes_as_well() -> None:
    server = ApiServer(*installed(), of_olm("ClusterServiceVersion", "amq.v2", ours=False, spec={}))
    server.put({**subscription(), "status": {"installedCSV": "amq.v1", "currentCSV": "amq.v2"}})
    assert removed(server) == ALL


ACCOUNT = {"deployments": [{"name": "d", "spec": {"template": {"spec": {"serviceAccountName": "amq"}}}}]}


def reader(account: str, namespace: str = HOME, role: str = READER) -> Object:
    """Return what OLM makes for a webhook: the right of its account to read how API servers log in."""
    rights = "rbac.authorization.k8s.io"
    subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    return {
        "apiVersion": f"{rights}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": f"{account}-{namespace}-{role}", "namespace": "kube-system"},
        "roleRef": {"apiGroup": rights, "kind": "Role", "name": role},
        "subjects": [subject],
    }


# Of an account that no version of ours has, of another namespace, and for something else.
OF_OTHERS = [reader("other"), reader("amq", "elsewhere"), reader("amq", role="other")]


def with_account(version: Object) -> Object:
    return {**version, "spec": {"install": {"spec": ACCOUNT}}}


def test_what_olm_granted_the_webhooks_goes_after_their_version() -> None:
    *rest, version = installed()
    server = ApiServer(*rest, with_account(version), reader("amq"), *OF_OTHERS)
    removed(server)
    assert server.held(reader("amq")) is None
    assert all(server.held(each) for each in OF_OTHERS)
    deleted = [path.split("/")[-2] for method, path in server.writes if method == "DELETE"]
    assert deleted == ["subscriptions", "clusterserviceversions", "rolebindings", "operatorgroups", "namespaces"]


def test_what_olm_granted_in_a_namespace_that_is_gone_goes_as_well() -> None:
    server = ApiServer(reader("amq"), *OF_OTHERS)
    removed(server)
    assert [each for each in OF_OTHERS if server.held(each)] == OF_OTHERS[1:]


def test_an_account_that_another_version_has_as_well_keeps_its_rights() -> None:
    *rest, version = installed()
    other = of_olm("ClusterServiceVersion", "other.v1", ours=False, status={"phase": "Succeeded"})
    server = ApiServer(*rest, with_account(version), with_account(other), reader("amq"))
    removed(server)
    assert server.held(reader("amq"))


def test_check_mode_says_all_and_removes_nothing() -> None:
    server = ApiServer(*installed(), check_mode=True)
    (status,) = uninstall(server, [AMQ], False, time.monotonic() + 60, [].append)
    assert len(status.actions) == 4
    assert server.writes == []


def test_what_does_not_go_is_named() -> None:
    namespace, *rest = installed()
    namespace["spec"] = {"finalizers": ["kubernetes"]}
    namespace["metadata"]["finalizers"] = ["example.com/hold"]
    with pytest.raises(EngineError, match=rf"Namespace {HOME}: .*example\.com/hold"):
        removed(ApiServer(namespace, *rest))


def found(server: ApiServer, operator: Operator = AMQ) -> Operator:
    return find_installed(server, [operator], time.monotonic() + 60)[0]


def test_who_may_not_look_elsewhere_adopts_nothing() -> None:
    def refuse(status: int) -> ApiServer:
        server = ApiServer(
            subscription(namespace="elsewhere"), of_olm("OperatorGroup", "g", "v1", namespace="elsewhere")
        )

        def answer(_method: str, _path: str) -> None:
            raise ApiError(status)

        server.before_request = answer
        return server

    for status in (403, 404):
        assert found(refuse(status)) == AMQ
    with pytest.raises(ApiError):
        found(refuse(500))


def test_an_operator_of_all_namespaces_is_adopted_where_it_is() -> None:
    home = of_olm("OperatorGroup", "g", "v1", namespace="elsewhere", spec={})
    adopted = found(ApiServer(subscription(namespace="elsewhere", ours=False), home))
    assert (adopted.namespace, adopted.adopted) == ("elsewhere", True)
    home["spec"] = {"targetNamespaces": ["theirs"]}
    assert found(ApiServer(subscription(namespace="elsewhere", ours=False), home)) == AMQ


def test_looking_costs_one_list_where_there_is_nothing_to_adopt() -> None:
    server = ApiServer(*installed())
    assert found(server) == AMQ
    assert len(server.requests) == 1
    assert find_installed(server, [], 0) == []
    assert len(server.requests) == 1


def role_of(group: str, suffix: str, namespace: str = HOME) -> Object:
    """Return what OLM makes for an OperatorGroup."""
    owner = {"olm.owner.kind": "OperatorGroup", "olm.owner.namespace": namespace, "olm.owner": group}
    metadata = {"name": f"{group}-{suffix}", "labels": owner}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": metadata}


ELSEWHERE = role_of("group", "edit", "elsewhere")


def test_the_roles_that_olm_made_anew_for_a_group_that_is_gone_go_too() -> None:
    server = ApiServer(*installed(), role_of("group", "admin"), role_of("group", "view"), ELSEWHERE)
    assert removed(server) == ALL
    assert server.names("ClusterRole") == [ELSEWHERE["metadata"]["name"]]


def test_the_roles_of_a_group_that_stays_stay() -> None:
    server = ApiServer(*installed(), subscription("other"), role_of("group", "admin"))
    removed(server)
    assert server.names("ClusterRole") == ["group-admin"]


def test_a_later_run_tells_what_it_finds_of_them() -> None:
    server = ApiServer(role_of("group", "admin"))
    (result,) = uninstall(server, [AMQ], False, time.monotonic() + 60, [].append)
    assert result.actions == ["delete ClusterRole group-admin"]
    (result,) = uninstall(server, [AMQ], False, time.monotonic() + 60, [].append)
    assert result.actions == []
