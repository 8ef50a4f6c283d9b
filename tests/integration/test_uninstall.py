"""uninstall.yml: what was there before the installation is there after it, and what holds data stays until told."""

from __future__ import annotations

import re

from sandbox.cluster import Sandbox
from sandbox.kube import ApiError, Kube, Object
from tests.integration.cluster import RUN, Cluster, recap

# What comes and goes by itself, or belongs to a moment.
FLEETING = {
    "Event",
    "Lease",
    "Endpoints",
    "EndpointSlice",
    "Pod",
    "ReplicaSet",
    "ControllerRevision",
    "PackageManifest",
}
# Definitions and their custom resources are the cluster's to keep: OLM leaves them, and a note of each operator.
KEPT = {"CustomResourceDefinition", "Operator", "APIService"}
Place = tuple[str, str, str]


def places(kube: Kube) -> set[Place]:
    """Return kind, namespace and name of every object of the cluster."""
    found: set[Place] = set()
    for api_version, kind in kinds(kube):
        if kind in FLEETING | KEPT:
            continue
        try:
            listed = kube.list(api_version, kind)
        except ApiError:  # not to be listed, such as reviews
            continue
        found |= {(kind, obj["metadata"].get("namespace", ""), obj["metadata"]["name"]) for obj in listed}
    return found


def kinds(kube: Kube) -> set[tuple[str, str]]:
    groups = kube.request("GET", "/apis")["groups"]
    versions = ["v1", *(group["preferredVersion"]["groupVersion"] for group in groups)]
    served: set[tuple[str, str]] = set()
    for version in versions:
        path = f"/api/{version}" if version == "v1" else f"/apis/{version}"
        resources: list[Object] = kube.request("GET", path)["resources"]
        served |= {(version, each["kind"]) for each in resources if "list" in each["verbs"]}
    return served


def of_definitions(place: Place) -> bool:
    """Tell whether it is a role that OLM makes for a definition, and keeps as long as that."""
    return place[0] == "ClusterRole" and bool(re.search(r"-v\d\w*-(admin|crdview|edit|view)$", place[2]))


def test_what_was_there_before_is_there_after(finished_cluster: Cluster, snapshot_of_empty: str) -> None:
    fresh = Sandbox(f"{RUN}-uninstall-before")
    try:
        fresh.restore(snapshot_of_empty)
        before = places(Cluster(fresh).kube)
    finally:
        fresh.down()
    kube = finished_cluster.kube
    data = {("Elasticsearch", "seldon-logs", "elasticsearch-seldon"), ("Secret", "seldon-system", "metadata-postgres")}
    uninstall = ("playbooks/uninstall.yml", *finished_cluster.values())

    refused = finished_cluster.playbook(*uninstall, "-e", "confirm=yes", check=False)
    assert "Nothing was removed. Type 'uninstall'" in refused.stdout + refused.stderr

    finished_cluster.playbook(*uninstall, "-e", "confirm=uninstall")
    assert data <= places(kube)

    finished_cluster.playbook(*uninstall, "-e", "confirm=uninstall", "-e", "remove_data=true")
    after = places(kube)
    assert before - after == set()
    # Others may have user-defined projects monitored by now, and keep things in what were namespaces for models.
    monitoring = ("openshift-user-workload-monitoring", "openshift-monitoring")
    models = ("seldon", "seldon-gitops")
    left = {place for place in after - before if not of_definitions(place) and place[1] not in monitoring + models}
    assert left == {
        *((kind, "", name) for kind in ("Namespace", "Project") for name in models),
        # The mesh's operator makes them for all meshes, and leaves them.
        *(("ClusterRole", "", f"istio-{name}") for name in ("admin", "cni", "edit", "view")),
        ("ClusterRoleBinding", "", "istio-cni"),
        *((kind, "", "prometheus-user-workload") for kind in ("ClusterRole", "ClusterRoleBinding")),
    }
    again = finished_cluster.playbook(*uninstall, "-e", "confirm=uninstall", "-e", "remove_data=true")
    assert recap(again)["changed"] == 0
