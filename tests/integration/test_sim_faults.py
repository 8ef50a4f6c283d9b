"""Faults of operators and pods, each seen as the real cluster shows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.cluster import Sandbox, Settings
from sandbox.definitions import Definitions, establish
from sandbox.kube import ApiError, Kube, Object
from sandbox.simulator.objects import condition, deployment, make
from tests.integration.cluster import RUN

CONTROL_PLANE = ("maistra.io/v2", "ServiceMeshControlPlane")
SPEC = {"version": "v2.0", "tracing": {"type": "None"}, "addons": {"kiali": {"enabled": False}}}
SMCP = make(*CONTROL_PLANE, "basic", "istio-system", spec=SPEC)
ENTRIES = [
    {"fault": "webhook-no-endpoints", "webhook": "service_mesh", "seconds": 10},
    {"fault": "operand-not-ready", "kind": "ServiceMeshControlPlane", "component": "istio-discovery", "seconds": 20},
    {"fault": "pod-image-pull", "namespace": "stuck", "name": "pull-*", "message": "manifest unknown"},
    {"fault": "pod-crash-loop", "namespace": "stuck", "name": "crash-*"},
    {"fault": "volume-pending", "namespace": "stuck", "message": "VolumeLimitExceeded"},
    {"fault": "route-unnoticed", "namespace": "stuck", "seconds": 5},
]


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """A cluster of its own with these faults, where the mesh operator is about to start."""
    file: Path = tmp_path_factory.mktemp("faults") / "faults.yaml"
    file.write_text(yaml.safe_dump(ENTRIES))
    sandbox = Sandbox(f"{RUN}-faults")
    try:
        sandbox.up(Settings(faults=[str(file)]))
        yield Kube(str(sandbox.state / "components.kubeconfig"))
    finally:
        sandbox.down()


def eventually(look: Callable[[], Any], seconds: float = 60) -> Any:
    """Return the first true value that `look` gives."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {look()}")


def answer(kube: Kube) -> str:
    """Return what the API server says to the creation of the control plane, which is only tried."""
    try:
        kube.request("POST", f"{kube.path(*CONTROL_PLANE, namespace='istio-system')}?dryRun=All", SMCP)
    except ApiError as error:
        return str(error)
    return "accepted"


def ready(kube: Kube) -> Object:
    return condition(kube.get(*CONTROL_PLANE, "basic", "istio-system") or {}, "Ready")


def test_a_webhook_without_endpoints_refuses_for_some_seconds(kube: Kube) -> None:
    kube.apply(make("v1", "Namespace", "istio-system"))
    establish(kube, Definitions.from_environment().load("service_mesh"))
    labels = {"sandbox.seldon/operator": "service_mesh"}
    kube.apply(deployment("istio-operator", "openshift-operators", selector=labels, containers={"manager": [8080]}))
    name = "openshift-operators.servicemesh-resources.maistra.io"
    eventually(lambda: kube.get("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", name))
    message = eventually(lambda: (said := answer(kube)) != "accepted" and said)
    assert message.startswith('500 InternalError: Internal error occurred: failed calling webhook "smcp.mutation.')
    assert message.endswith('no endpoints available for service "maistra-admission-controller"')
    eventually(lambda: answer(kube) == "accepted")


def test_an_operand_that_is_not_ready_pauses_the_installation_until_the_fault_ends(kube: Kube) -> None:
    kube.create(SMCP)
    eventually(lambda: ready(kube).get("reason") == "PausingInstall")
    assert ready(kube)["message"] == "Paused until the following components become ready: [istio-discovery]"
    assert kube.get("apps/v1", "Deployment", "prometheus", "istio-system") is None, "nothing is created after it"
    eventually(lambda: ready(kube).get("reason") == "ComponentsReady")


@pytest.mark.parametrize(
    ("name", "phase", "reason", "said"),
    [
        ("pull", "Pending", "ImagePullBackOff", 'Failed to pull image "sandbox/web": manifest unknown'),
        ("crash", "Running", "CrashLoopBackOff", "Back-off restarting failed container"),
    ],
)
def test_pods_get_stuck_and_the_annotation_heals_them(
    kube: Kube, name: str, phase: str, reason: str, said: str
) -> None:
    kube.apply(make("v1", "Namespace", "stuck"))
    kube.apply(deployment(name, "stuck", selector={"app": name}, containers={"web": [80]}))

    def pod() -> Object:
        return next(iter(kube.list("v1", "Pod", "stuck", f"app={name}")), {"status": {}})

    def waiting() -> str:
        [container] = pod()["status"].get("containerStatuses") or [{"state": {}}]
        return str(container["state"].get("waiting", {}).get("reason"))

    eventually(lambda: waiting() == reason)
    assert pod()["status"]["phase"] == phase
    first = pod()["status"]["containerStatuses"][0]["restartCount"]
    eventually(lambda: said in {event["message"] for event in kube.list("v1", "Event", "stuck")})
    if name == "crash":
        eventually(lambda: pod()["status"]["containerStatuses"][0]["restartCount"] > first)
    assert not (kube.get("apps/v1", "Deployment", name, "stuck") or {})["status"].get("availableReplicas")
    kube.patch(
        {**pod(), "apiVersion": "v1", "kind": "Pod"}, {"metadata": {"annotations": {"sandbox.seldon/pod": "Ready"}}}
    )
    eventually(lambda: (kube.get("apps/v1", "Deployment", name, "stuck") or {})["status"].get("availableReplicas") == 1)


def test_a_claim_without_a_volume_stays_pending_and_an_event_says_why(kube: Kube) -> None:
    kube.apply(make("v1", "Namespace", "stuck"))
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    kube.create(make("v1", "PersistentVolumeClaim", "data", "stuck", spec=claim))
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    containers = [{"name": "main", "image": "main"}]
    kube.create(make("v1", "Pod", "waiting", "stuck", spec={"containers": containers, "volumes": volumes}))

    def said() -> list[str]:
        events = [event for event in kube.list("v1", "Event", "stuck") if event["reason"] == "ProvisioningFailed"]
        return [event["message"] for event in events]

    message = 'failed to provision volume with StorageClass "gp3-csi": VolumeLimitExceeded'
    eventually(lambda: said() == [message])
    assert kube.get("v1", "PersistentVolumeClaim", "data", "stuck")["status"] == {"phase": "Pending"}


def test_a_route_has_no_status_until_the_router_is_back(kube: Kube) -> None:
    kube.apply(make("v1", "Namespace", "stuck"))
    route = ("route.openshift.io/v1", "Route", "unseen", "stuck")
    kube.create(make(*route, spec={"host": "unseen.example.com", "to": {"kind": "Service", "name": "any"}}))
    time.sleep(1)
    assert "status" not in kube.get(*route)
    eventually(lambda: (kube.get(*route) or {}).get("status", {}).get("ingress"))
