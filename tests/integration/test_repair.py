"""What operators do not get out of by themselves: one run of site.yml heals it and tells, the next changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kube import Object
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import eventually, until

WRITES = {"create", "update", "patch", "delete", "deletecollection"}
MESH, SYSTEM, LOGGING = "istio-system", "seldon-system", "openshift-logging"
CONTROL_PLANE = ("maistra.io/v2", "ServiceMeshControlPlane", "basic", MESH)
INSTANCE = ("template.openshift.io/v1", "TemplateInstance", "metadata", SYSTEM)
CONFIG = ("apps.openshift.io/v1", "DeploymentConfig", "metadata", SYSTEM)
SERVICE = ("v1", "Service", "metadata", SYSTEM)
CLAIM = ("v1", "PersistentVolumeClaim", "metadata", SYSTEM)
SECRET = ("v1", "Secret", "seldon-elasticsearch", LOGGING)
FORWARDER = ("logging.openshift.io/v1", "ClusterLogForwarder", "instance", LOGGING)


@pytest.fixture(scope="module")
def installed(empty_cluster: Cluster) -> Cluster:
    """Return a cluster with mesh, database and log forwarding."""
    result = empty_cluster.site("--tags", "service_mesh,elasticsearch,logging,postgresql")
    assert recap(result)["failed"] == 0
    return empty_cluster


def got(cluster: Cluster, *where: str) -> Object:
    found = cluster.kube.get(*where)
    assert found, f"there is no {where[1]} {where[2]}"
    return found


def deployment(name: str) -> tuple[str, str, str, str]:
    return "apps/v1", "Deployment", name, MESH


def is_left_alone(cluster: Cluster, tag: str, words: list[str]) -> None:
    """Assert that a run without repair writes nothing, and that it tells the commands, if it ends well or not."""
    said: list[str] = []

    def look() -> None:
        options = ["-e", "seldon_repair=false", "-e", f"{tag}_timeout=70"]
        result = cluster.site("--tags", tag, *options, check=False)
        said.append(" ".join((result.stdout + result.stderr).split()))

    requests = [
        each for each in cluster.requests(look) if each["verb"] in WRITES and "dryRun" not in each["requestURI"]
    ]
    assert [each["requestURI"] for each in requests if "accessreviews" not in each["requestURI"]] == []
    assert [word for word in words if word not in said[0]] == [], said[0]


def heals(cluster: Cluster, tag: str, words: list[str]) -> None:
    """Assert that one run repairs and tells, and that the next one changes nothing and tells nothing."""
    repaired = cluster.site("--tags", tag)
    said = " ".join((repaired.stdout + repaired.stderr).split())
    assert recap(repaired)["failed"] == 0
    assert [word for word in words if word not in said] == [], said
    again = cluster.site("--tags", tag)
    assert (recap(again)["changed"], "Repaired" in again.stdout + again.stderr) == (0, False)


def test_a_mesh_gets_back_what_was_scaled_to_nothing_and_what_was_deleted(installed: Cluster) -> None:
    """Its operator says Ready to both, and mends neither."""
    spec = got(installed, *CONTROL_PLANE)["spec"]
    installed.kube.patch(got(installed, *deployment("grafana")), {"spec": {"replicas": 0}})
    installed.kube.delete(got(installed, *deployment("istio-egressgateway")))
    count = lambda: got(installed, *CONTROL_PLANE)["status"]["annotations"]["readyComponentCount"]  # noqa: E731
    eventually(count, "8/9")
    words = [
        "oc scale deployment grafana -n istio-system --replicas=1",
        "oc patch servicemeshcontrolplane.maistra.io basic",
    ]
    is_left_alone(installed, "service_mesh", words)
    told = [
        "grafana of the service mesh was scaled to 0",
        "has lost the Deployments of istio-egress",
        "Repaired: spec moved",
    ]
    heals(installed, "service_mesh", told)
    assert count() == "9/9"
    assert got(installed, *deployment("grafana"))["spec"]["replicas"] == 1
    assert got(installed, *CONTROL_PLANE)["spec"] == spec


def test_a_move_of_the_spec_that_was_stopped_is_finished(installed: Cluster) -> None:
    smcp = got(installed, *CONTROL_PLANE)
    installed.kube.patch(smcp, {"spec": {"techPreview": {"seldonRepair": "1"}}})
    assert recap(installed.site("--tags", "service_mesh"))["failed"] == 0
    assert got(installed, *CONTROL_PLANE)["spec"] == smcp["spec"]


def test_a_database_gets_back_what_was_deleted_and_keeps_its_volume(installed: Cluster) -> None:
    """OpenShift looks at a TemplateInstance once; to make it again would delete the volume."""
    installed.site("--tags", "postgresql")  # copies the password into the Secret that the template has brought
    claim, instance = got(installed, *CLAIM), got(installed, *INSTANCE)
    for where in (SERVICE, CONFIG):
        installed.kube.delete(got(installed, *where))
    is_left_alone(installed, "postgresql", ["oc process -n seldon-system"])
    heals(installed, "postgresql", ["there is no Service seldon-system/metadata", "Repaired: created Service"])
    until(lambda: got(installed, *CONFIG).get("status", {}).get("availableReplicas") == 1)
    assert got(installed, *CLAIM)["metadata"]["uid"] == claim["metadata"]["uid"]
    assert got(installed, *INSTANCE)["metadata"]["uid"] == instance["metadata"]["uid"]


def test_collectors_that_missed_a_secret_read_it_again(installed: Cluster) -> None:
    """The forwarder is invalid without it; their operator restarts them for no password."""
    installed.kube.delete(got(installed, *SECRET))
    eventually(lambda: state(installed), "False")
    repaired = installed.site("--tags", "logging")
    assert recap(repaired)["changed"] >= 1
    assert state(installed) == "True"
    assert recap(installed.site("--tags", "logging"))["changed"] == 0


def state(cluster: Cluster) -> Any:
    outputs = got(cluster, *FORWARDER)["status"].get("outputs", {}).get("seldon-elasticsearch", [{}])
    return outputs[0].get("status")
