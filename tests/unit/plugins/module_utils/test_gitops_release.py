"""What of somebody's Argo CD goes with our project, and what stays."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.modules import seldon_gitops_release

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]
ARGO = "argoproj.io/v1alpha1"
MANAGED_BY = "argocd.argoproj.io/managed-by"
PARAMS = {"namespace": "gitops", "project": "seldon", "labels": "", "timeout": 30}

pytestmark = pytest.mark.usefixtures("clock")


def argo(kind: str, name: str, namespace: str = "gitops", project: str = "") -> Object:
    metadata = {"name": name, "namespace": namespace}
    spec = {"project": project} if project else {}
    return {"apiVersion": ARGO, "kind": kind, "metadata": metadata, "spec": spec}


def namespace(name: str, managed_by: str = "gitops", **labels: str) -> Object:
    metadata = {"name": name, "labels": {MANAGED_BY: managed_by, **labels}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def binding(name: str, where: str, argocd: str) -> Object:
    metadata = {"name": name, "namespace": where, "annotations": {"argocds.argoproj.io/namespace": argocd}}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata}


def release(server: ApiServer, check_mode: bool = False, **params: Any) -> Object:
    return seldon_gitops_release.run(server, {**PARAMS, **params}, check_mode, [].append)


def labels(server: ApiServer, name: str) -> Object:
    found: Object = (server.held(namespace(name)) or {})["metadata"]["labels"]
    return found


def test_applications_and_projects_of_others_stay() -> None:
    server = ApiServer(
        argo("Application", "ours", project="seldon"),
        argo("Application", "theirs", project="default"),
        argo("Application", "similar", project="seldon-2"),
        argo("Application", "of-another-argo-cd", "elsewhere", project="seldon"),
        argo("AppProject", "seldon"),
        argo("AppProject", "default"),
    )
    result = release(server)
    assert (result["changed"], result["applications"]) == (True, ["ours"])
    assert server.names("Application") == ["of-another-argo-cd", "similar", "theirs"]
    assert server.names("AppProject") == ["default"]
    deletes = [path.rpartition("/")[2] for method, path in server.writes if method == "DELETE"]
    assert deletes == ["ours", "seldon"]


def test_an_application_that_does_not_go_is_named_with_what_holds_it() -> None:
    stuck = argo("Application", "stuck", project="seldon")
    stuck["metadata"]["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    server = ApiServer(stuck, argo("AppProject", "seldon"))
    with pytest.raises(EngineError, match=r"stuck.*resources-finalizer"):
        release(server)
    # Argo CD lets go of no Application whose project is gone.
    assert server.names("AppProject") == ["seldon"]


def test_only_the_namespaces_of_this_argo_cd_with_the_labels_are_released() -> None:
    server = ApiServer(
        namespace("ours", **{"seldon.gitops": "enabled"}),
        namespace("theirs"),
        namespace("of-another", "elsewhere", **{"seldon.gitops": "enabled"}),
    )
    assert release(server, labels="seldon.gitops=enabled")["namespaces"] == ["ours"]
    assert labels(server, "ours") == {"seldon.gitops": "enabled"}
    assert labels(server, "theirs") == {MANAGED_BY: "gitops"}
    assert labels(server, "of-another")[MANAGED_BY] == "elsewhere"


def test_a_namespace_that_was_given_to_another_meanwhile_keeps_its_label() -> None:
    server = ApiServer(namespace("ours"))

    def give(method: str, path: str) -> None:
        if method == "GET" and path.endswith("/ours"):
            server.put(namespace("ours", "another"))

    server.before_request = give
    assert release(server)["changed"] is False
    assert labels(server, "ours") == {MANAGED_BY: "another"}


def test_the_operator_has_taken_its_rights_away_before_the_project_goes() -> None:
    left, others = binding("left", "ours", "gitops"), binding("others", "ours", "another")
    server = ApiServer(argo("ArgoCD", "a"), argo("AppProject", "seldon"), namespace("ours"), left, others)
    with pytest.raises(EngineError, match=r"has not removed left from ours"):
        release(server)
    assert server.names("AppProject") == ["seldon"]
    server.drop(left)
    server.put(namespace("ours"))
    assert release(server)["namespaces"] == ["ours"]
    assert server.names("AppProject") == []


def test_without_an_operator_nobody_is_waited_for() -> None:
    server = ApiServer(namespace("ours"), binding("left", "ours", "gitops"))
    assert release(server)["namespaces"] == ["ours"]


def test_check_mode_says_it_and_changes_nothing() -> None:
    objects = (argo("ArgoCD", "a"), argo("Application", "ours", project="seldon"), argo("AppProject", "seldon"))
    server = ApiServer(*objects, namespace("ours"), binding("left", "ours", "gitops"), check_mode=True)
    result = release(server, check_mode=True)
    assert (result["changed"], result["applications"], result["namespaces"]) == (True, ["ours"], ["ours"])
    assert all(server.held(obj) for obj in objects)
    assert labels(server, "ours") == {MANAGED_BY: "gitops"}
    assert release(ApiServer())["changed"] is False


def test_a_namespace_that_is_being_deleted_takes_its_label_with_it() -> None:
    going = namespace("going")
    going["metadata"].update(deletionTimestamp="2022-12-01T10:00:00Z", finalizers=["kubernetes"])
    server = ApiServer(going, namespace("staying"))
    assert release(server)["namespaces"] == ["staying"]
    assert MANAGED_BY in labels(server, "going")
