"""How Seldon Deploy breaks."""

from __future__ import annotations

import copy
import time
from typing import Any

from sandbox.kube import Kube, Object
from tests.integration.breakages import Breakage, patched, removed, unready_pods

SYSTEM, LOGS = "seldon-system", "seldon-logs"
ROUTES = "networking.istio.io/v1beta1"
RELEASE = "owner=helm,name=seldon-deploy"


def newest_record(kube: Kube) -> Object:
    """Return Helm's record of the last revision."""
    return max(kube.list("v1", "Secret", SYSTEM, RELEASE), key=lambda each: int(each["metadata"]["labels"]["version"]))


def set_status(status: str) -> Any:
    """Return what gives the last revision a status."""
    return lambda kube, *_: kube.patch(newest_record(kube), {"metadata": {"labels": {"status": status}}})


def start_anew(kube: Kube) -> None:
    """Replace the pods of Seldon Deploy, so that they are younger than what they read."""
    time.sleep(1.1)  # the API server's times are whole seconds
    for pod in kube.list("v1", "Pod", SYSTEM, "app.kubernetes.io/name=seldon-deploy"):
        kube.delete(pod)


def change_token(kube: Kube) -> Object:
    """Change a value behind the back of who reads it."""
    secret = kube.get("v1", "Secret", "jwt-seldon", SYSTEM)
    assert secret
    time.sleep(1.1)
    kube.patch(secret, {"data": {"jwt-seldon.txt": "b3RoZXI="}})
    return secret


def change_back(kube: Kube, secret: Object) -> None:
    kube.patch(secret, {"data": secret["data"]})
    start_anew(kube)


def lose_git(kube: Kube) -> Object:
    """Delete a Secret that Seldon Deploy takes its environment from."""
    secret = kube.get("v1", "Secret", "git-creds", SYSTEM)
    assert secret
    kube.delete(secret)
    return secret


def find_git(kube: Kube, secret: Object) -> None:
    metadata = {key: secret["metadata"].get(key) for key in ("name", "namespace", "labels")}
    kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": secret["data"]})
    start_anew(kube)


def ask_for_a_login(kube: Kube) -> Object:
    """Switch the login on, without anybody who knows the users; return the Deployment as it was."""
    deployment = kube.get("apps/v1", "Deployment", "seldon-deploy", SYSTEM)
    assert deployment
    changed = copy.deepcopy(deployment["spec"]["template"]["spec"]["containers"])
    others = [entry for entry in changed[0]["env"] if entry["name"] != "ENABLE_APP_AUTH"]
    changed[0]["env"] = [*others, {"name": "ENABLE_APP_AUTH", "value": "true"}]
    set_containers(kube, deployment, changed)
    return deployment


def set_containers(kube: Kube, deployment: Object, containers: list[Object]) -> None:
    kube.patch(deployment, {"spec": {"template": {"spec": {"containers": containers}}}})


def scale(replicas: int) -> Any:
    """Return what gives Seldon Deploy a number of pods, as kubectl does."""

    def scaled(kube: Kube, *_: Any) -> None:
        deployment = kube.get("apps/v1", "Deployment", "seldon-deploy", SYSTEM)
        assert deployment
        kube.patch(deployment, {"spec": {"replicas": replicas}}, manager="kubectl")

    return scaled


BREAKAGES = [
    Breakage("seldon_deploy.prerequisites", "Secret git-creds deleted", lose_git, find_git),
    Breakage("seldon_deploy.release", "Helm killed", set_status("pending-upgrade"), set_status("deployed")),
    Breakage("seldon_deploy.release", "Seldon Deploy scaled", scale(2), scale(1), subject="Deployment"),
    unready_pods("seldon_deploy.workloads", SYSTEM, "app.kubernetes.io/name=seldon-deploy", subject="seldon-deploy"),
    unready_pods("seldon_deploy.workloads", LOGS, "app=seldon-request-logger", "CrashLoopBackOff", subject="logger"),
    Breakage("seldon_deploy.credentials", "a token changed, nobody restarted", change_token, change_back),
    removed("seldon_deploy.requests", "eventing.knative.dev/v1", "Trigger", "seldon-request-logger-trigger", LOGS),
    removed("seldon_deploy.address", ROUTES, "VirtualService", "seldon-deploy", SYSTEM),
    patched(
        "seldon_deploy.address",
        ROUTES,
        "VirtualService",
        "seldon-deploy",
        SYSTEM,
        {"spec": {"gateways": ["istio-system/other"]}},
    ),
    patched(
        "seldon_deploy.network",
        "v1",
        "Namespace",
        "istio-system",
        None,
        {"metadata": {"labels": {"maistra.io/member-of": None}}},
    ),
    Breakage(
        "seldon_deploy.login",
        "a login without a provider",
        ask_for_a_login,
        lambda kube, was: set_containers(kube, was, was["spec"]["template"]["spec"]["containers"]),
    ),
]
