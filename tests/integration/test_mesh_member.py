"""seldon_mesh_member against a real API server; the mesh's operator is not there to interfere."""

from __future__ import annotations

import multiprocessing
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.shared.members import member, roll
from ansible_collections.seldon.openshift.plugins.modules import seldon_apply, seldon_mesh_member

from sandbox.definitions import Definitions
from tests.integration.cluster import Cluster
from tests.integration.engine import Result, run

Object = dict[str, Any]
WRITERS = 50


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


@pytest.fixture(scope="module")
def meshes(shared_cluster: Cluster) -> Cluster:
    """A cluster that knows meshes, with namespaces for three of them and for some members."""
    names = ["mesh-a", "mesh-b", "mesh-c", "m1", "m2", "m3"]
    objects = [*Definitions.from_environment().load("service_mesh"), *map(namespace, names)]
    assert not run(seldon_apply, shared_cluster, resources=objects).get("msg")
    return shared_cluster


def members(cluster: Cluster, home: str, *names: str, **given: Any) -> Result:
    return run(seldon_mesh_member, cluster, members=list(names), control_plane_namespace=home, **given)


def members_of(cluster: Cluster, home: str) -> list[str]:
    path = f"/apis/maistra.io/v1/namespaces/{home}/servicemeshmemberrolls/default"
    return cluster.kube.request("GET", path)["spec"]["members"]


def test_namespaces_come_and_go_and_others_stay(meshes: Cluster) -> None:
    first = members(meshes, "mesh-a", "a", "b")
    assert first["changed"]
    assert members_of(meshes, "mesh-a") == ["a", "b"]
    assert "- a" in first["diff"][0]["after"]
    assert first["diff"][0]["before"] == ""

    again = members(meshes, "mesh-a", "b", "a", "mesh-a")
    assert not again["changed"]
    assert again["diff"] == []
    assert "mesh-a" in again["warnings"][0]
    assert again["members"] == ["a", "b"]

    tried = members(meshes, "mesh-a", "c", check=True)
    assert (tried["changed"], tried["members"]) == (True, ["a", "b", "c"])
    assert members_of(meshes, "mesh-a") == ["a", "b"]

    assert members(meshes, "mesh-a", "c", "b")["members"] == ["a", "b", "c"]
    gone = members(meshes, "mesh-a", "a", "c", "never", state="absent")
    assert (gone["changed"], members_of(meshes, "mesh-a")) == (True, ["b"])
    assert not members(meshes, "mesh-a", "a", state="absent")["changed"]


def test_an_unchanged_roll_costs_one_request(meshes: Cluster) -> None:
    members(meshes, "mesh-a", "economy")
    events = meshes.requests(lambda: members(meshes, "mesh-a", "economy"))
    assert [event["verb"] for event in events if event["userAgent"] == "seldon.openshift"] == ["get"]


def test_a_member_of_another_mesh_is_refused(meshes: Cluster) -> None:
    members(meshes, "mesh-a", "taken")
    meshes.kube.request("POST", "/apis/maistra.io/v1/namespaces/m1/servicemeshmembers", member("m1", "mesh-c", "basic"))
    refused = members(meshes, "mesh-b", "free", "taken", "m1")
    assert refused["failed"]
    assert all(part in refused["msg"] for part in ("taken by ServiceMeshMemberRoll mesh-a/default", "m1 by", "mesh-c"))
    with pytest.raises(Exception, match="404"):
        members_of(meshes, "mesh-b")
    assert members(meshes, "mesh-b", "m2", "m1", mode="member")["failed"]


def test_members_by_objects_of_their_own(meshes: Cluster) -> None:
    first = members(meshes, "mesh-c", "m2", "m3", mode="member")
    assert first["changed"], first
    path = "/apis/maistra.io/v1/namespaces/m2/servicemeshmembers/default"
    assert meshes.kube.request("GET", path)["spec"]["controlPlaneRef"] == {"name": "basic", "namespace": "mesh-c"}
    assert not members(meshes, "mesh-c", "m2", "m3", mode="member")["changed"]
    assert members(meshes, "mesh-c", "no-such-namespace", mode="member")["failed"]
    assert not members(meshes, "mesh-b", "m2", mode="member", state="absent")["changed"]

    by_roll = {"metadata": {"annotations": {"maistra.io/created-by": "servicemeshmemberroll-controller"}}}
    meshes.kube.request("PATCH", path.replace("m2", "m3"), by_roll, "application/merge-patch+json")
    assert "mode: roll" in members(meshes, "mesh-c", "m2", "m3", mode="member", state="absent")["msg"]
    assert members(meshes, "mesh-c", "m2", mode="member", state="absent")["changed"]
    with pytest.raises(Exception, match="404"):
        meshes.kube.request("GET", path)


def test_check_mode_works_before_there_is_a_mesh(meshes: Cluster) -> None:
    result = members(meshes, "no-such-namespace", "x", check=True)
    assert (result["changed"], result["members"]) == (True, ["x"])
    assert "no-such-namespace does not exist" in members(meshes, "no-such-namespace", "x")["msg"]


def _write(cluster: Cluster, number: int) -> None:
    if number % 5:
        result = members(cluster, "mesh-b", f"writer-{number}", timeout=120)
    else:
        result = members(cluster, "mesh-b", f"foreign-{number}", state="absent", timeout=120)
    assert result["changed"], result


def test_no_writer_of_fifty_loses_its_change(meshes: Cluster) -> None:
    start = roll("mesh-b") | {"spec": {"members": [f"foreign-{number}" for number in range(WRITERS)]}}
    meshes.kube.request("POST", "/apis/maistra.io/v1/namespaces/mesh-b/servicemeshmemberrolls", start)
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=_write, args=(meshes, number)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    joined = {f"writer-{number}" for number in range(WRITERS) if number % 5}
    stayed = {f"foreign-{number}" for number in range(WRITERS) if number % 5}
    found = members_of(meshes, "mesh-b")
    assert set(found) == joined | stayed
    assert len(found) == len(set(found))
