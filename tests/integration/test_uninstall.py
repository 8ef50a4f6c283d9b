"""uninstall.yml: what was there before the installation is there after it, and what holds data stays until told."""

from __future__ import annotations

import re
import subprocess

import pytest

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
MONITORING = ("openshift-user-workload-monitoring", "openshift-monitoring")
MODELS = ("seldon", "seldon-gitops")
RIGHTS = {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "SecurityContextConstraints"}
Place = tuple[str, str, str]
Result = subprocess.CompletedProcess[str]


def places(kube: Kube) -> set[Place]:
    """Return kind, namespace and name of every object of the cluster."""
    found: set[Place] = set()
    for api_version, kind in kinds(kube):
        if kind in FLEETING:
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


def unnamed(left: set[Place], said: str) -> set[Place]:
    """Return what of `left` an uninstallation does not name in what it says at its end."""
    words = set(re.findall(r"[\w.-]+", said.partition("List what is left")[2]))
    groups = {word.partition(".")[2] for word in words}
    return {
        place
        for place in left
        if place[2] not in words
        and not of_definitions(place)
        # Of a group of named definitions, and what is in a named namespace.
        and not (place[0] == "APIService" and place[2].partition(".")[2] in groups)
        and not (place[1] in MODELS and place[1] in words)
        # Others may have user-defined projects monitored by now.
        and not ("enableUserWorkload" in words and (place[1] in MONITORING or place[2] == "prometheus-user-workload"))
    }


@pytest.fixture(scope="module")
def before(snapshot_of_empty: str) -> set[Place]:
    fresh = Sandbox(f"{RUN}-uninstall-before")
    try:
        fresh.restore(snapshot_of_empty)
        return places(Cluster(fresh).kube)
    finally:
        fresh.down()


def uninstall(cluster: Cluster, *options: str, confirm: str = "uninstall", check: bool = True) -> Result:
    return cluster.playbook(
        "playbooks/uninstall.yml", *cluster.values(), "-e", f"confirm={confirm}", *options, check=check
    )


def said(result: Result) -> str:
    """Return what a run printed, in one line."""
    return " ".join((result.stdout + result.stderr).split())


@pytest.mark.parametrize(
    ("options", "confirm", "told"),
    [
        ((), "yes", ("Nothing was removed. Type 'uninstall'",)),
        (
            ("--tags", "kafak"),
            "uninstall",
            ("kafak is no tag of this playbook. Its tags: ", "Is it kafka?"),
        ),
        (
            ("--tags", "kafka"),
            "uninstall",
            ("kafka is needed by seldon_core_v2, seldon_deploy", "--tags kafka,seldon_core_v2,seldon_deploy"),
        ),
        (("--skip-tags", "seldon_deploy"), "uninstall", ("postgresql is needed by seldon_deploy",)),
        (("--tags", "namespaces"), "uninstall", ("namespaces is needed by service_mesh, serverless",)),
    ],
)
def test_what_is_not_confirmed_or_would_break_others_is_refused(
    finished_cluster: Cluster, options: tuple[str, ...], confirm: str, told: tuple[str, ...]
) -> None:
    there = places(finished_cluster.kube)
    refused = uninstall(finished_cluster, *options, confirm=confirm, check=False)
    assert refused.returncode != 0
    assert [part for part in told if part not in said(refused)] == []
    assert there - places(finished_cluster.kube) == set()


def test_a_chapter_goes_alone(finished_cluster: Cluster) -> None:
    kube = finished_cluster.kube
    there = places(kube)
    assert ("SecurityContextConstraints", "", "log-collector-scc") in there
    result = uninstall(finished_cluster, "--tags", "logging")
    gone = there - places(kube)
    assert {("ClusterLogging", "openshift-logging", "instance"), ("Namespace", "", "openshift-logging")} <= gone
    elsewhere = {place for place in gone if place[1] not in ("", "openshift-logging")}
    assert elsewhere == {("NetworkPolicy", "seldon-logs", "seldon-container-logs")}
    assert {place[0] for place in gone if not place[1]} == {
        "ClusterRole",
        "ClusterRoleBinding",
        "Namespace",
        "Project",
        "SecurityContextConstraints",
    }
    assert "oc delete crd clusterlogforwarders.logging.openshift.io" in said(result)
    assert "kafkas.kafka.strimzi.io" not in said(result)


def test_what_was_there_before_is_there_after_and_the_rest_is_named(
    finished_cluster: Cluster, before: set[Place]
) -> None:
    kube = finished_cluster.kube
    data = {("Elasticsearch", "seldon-logs", "elasticsearch-seldon"), ("Secret", "seldon-system", "metadata-postgres")}
    kept = uninstall(finished_cluster)
    assert data <= places(kube)
    # Nobody is told to delete the volumes of what runs on.
    assert "elasticsearch-data-elasticsearch-seldon-es-default-0" not in said(kept)

    removed = uninstall(finished_cluster, "-e", "remove_data=true")
    after = places(kube)
    assert before - after == set()
    assert unnamed(after - before, said(removed)) == set()
    # Nothing that grants rights is among it.
    rights = {place for place in after - before if place[0] in RIGHTS and not of_definitions(place)}
    assert {place for place in rights if place[2] != "prometheus-user-workload" and place[1] not in MONITORING} == set()
    assert recap(uninstall(finished_cluster, "-e", "remove_data=true"))["changed"] == 0


def test_it_installs_again(finished_cluster: Cluster) -> None:
    assert recap(finished_cluster.playbook("playbooks/site.yml", *finished_cluster.values()))["failed"] == 0
