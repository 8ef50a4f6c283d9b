"""A model that is tried on a finished cluster: it leaves nothing, and each step that fails is told apart."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.trial import mark
from ansible_collections.seldon.openshift.plugins.modules import seldon_try_model, seldon_wait

from sandbox.kube import Kube, Object
from sandbox.paths import CHECKOUT
from sandbox.simulator.objects import condition, make
from tests.integration import engine
from tests.integration.breakages import Breakage, patched, removed, unready_pods
from tests.integration.cluster import Cluster
from tests.integration.helpers import eventually, until

SPACE, LOGS, SYSTEM = "seldon", "seldon-logs", "seldon-system"
SDEP, MODEL = ("machinelearning.seldon.io/v1", "SeldonDeployment"), ("mlops.seldon.io/v1alpha1", "Model")
ISTIO, NOTHING = "networking.istio.io/v1beta1", "bm90aGluZw=="
MONITOR = ("monitoring.coreos.com/v1", "PodMonitor", "seldon-podmonitor", SPACE)


def run(cluster: Cluster, *more: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return cluster.playbook(*command(cluster), *more, check=check)


def command(cluster: Cluster) -> list[str]:
    router = f"try_model_router={cluster.sandbox.router}"
    return ["playbooks/try_model.yml", *cluster.values(), "-e", f"ns={SPACE}", "-e", router]


def step(cluster: Cluster, what: str, core: str = "v1", **more: Any) -> Object:
    """Do one step in this process."""
    return engine.run(seldon_try_model, cluster, core=core, namespace=SPACE, step=what, timeout=0, **more)


def names(kube: Kube, kind: tuple[str, str]) -> set[str]:
    return {each["metadata"]["name"] for each in kube.list(*kind, SPACE)}


def sdep(name: str, trial: str = "") -> Object:
    graph = {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": "gs://x/y"}
    obj = make(*SDEP, name, SPACE, spec={"predictors": [{"name": "default", "graph": graph}]})
    return {**obj, "metadata": {**obj["metadata"], "annotations": {mark.ANNOTATION: trial} if trial else {}}}


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def kept(finished_cluster: Cluster) -> dict[str, str]:
    """A model of each Seldon Core that a run has kept, by core."""
    said = words(run(finished_cluster, "-e", "try_model_keep=true").stdout)
    kube = finished_cluster.kube
    found = {"v1": names(kube, SDEP).pop(), "v2": names(kube, MODEL).pop()}
    for core, kind in (("v1", "seldondeployment"), ("v2", "model")):
        assert f"Seldon Core {core} works in {SPACE}" in said
        assert f"oc -n {SPACE} delete {kind} {found[core]}" in said
    return found


def test_a_run_says_what_works_and_leaves_nothing(finished_cluster: Cluster, kept: dict[str, str]) -> None:
    said = words(run(finished_cluster).stdout)
    for told in ("request: /seldon/seldon/seldon-try-", "log: found in inference-log-seldon-seldon-seldon-try-"):
        assert told in said
    assert "metric: seldon_api_executor_server_requests_seconds_count is 1" in said
    assert "request: /v2/models/seldon-try-" in said
    kube = finished_cluster.kube
    assert (names(kube, SDEP), names(kube, MODEL)) == ({kept["v1"]}, {kept["v2"]})
    own = said.partition("log: found in inference-log-seldon-seldon-")[2].split()[0].removesuffix("-default")
    assert "no index of Elasticsearch holds a request" in step(finished_cluster, "log", name=own)["msg"]


def test_check_mode_deploys_nothing(finished_cluster: Cluster, kept: dict[str, str]) -> None:
    said = words(run(finished_cluster, "--check").stdout)
    assert "Seldon Core v1: would deploy SeldonDeployment seldon/seldon-try-" in said
    assert "would look for the metric of the model in Thanos" in said
    assert names(finished_cluster.kube, SDEP) == {kept["v1"]}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("ns=", "Name the namespace: ansible-playbook playbooks/try_model.yml"),
        ("ns=nowhere", "nowhere is no namespace for models (model namespaces here: seldon, seldon-gitops)"),
    ],
)
def test_a_namespace_that_is_none_is_refused(finished_cluster: Cluster, given: str, told: str) -> None:
    result = run(finished_cluster, "-e", given, check=False)
    assert result.returncode == 2
    assert told in words(result.stdout + result.stderr)


# What breaks, the step that fails, and what it tells.
ROUTE = removed("request", "route.openshift.io/v1", "Route", "seldon-route", "istio-system")
AUTHORITY = removed("request", "v1", "ConfigMap", "default-ingress-cert", "openshift-config-managed")
FAULTS = [
    (ROUTE, "v1", "Route istio-system/seldon-route does not exist", "seldon.openshift.site --tags service_mesh"),
    (AUTHORITY, "v1", "is not trusted here: ", "-e try_model_validate_certs=false"),
    (
        unready_pods("request", "istio-system", "istio=ingressgateway"),
        "v1",
        "the router has no ready pod of the gateway",
        "get pods -l istio=ingressgateway",
    ),
    (
        removed("request", ISTIO, "VirtualService", "seldon-mesh", SPACE),
        "v2",
        "the gateway knows no way to /v2/models/",
        "get virtualservices",
    ),
    (
        unready_pods("request", SPACE, "app=seldon-envoy"),
        "v2",
        "the gateway does not reach the model: HTTP 503 no healthy upstream",
        "get pods",
    ),
    (
        patched("log", "v1", "Secret", "elastic-credentials", LOGS, {"data": {"password": NOTHING}}),
        "v1",
        "Elasticsearch does not accept the login of Secret seldon-logs/elastic-credentials",
        "seldon.openshift.rotate",
    ),
    (
        patched("metric", "v1", "Secret", "jwt-seldon", SYSTEM, {"data": {"jwt-seldon.txt": NOTHING}}),
        "v1",
        "Thanos does not accept the login of Secret seldon-system/jwt-seldon",
        "site --tags monitoring",
    ),
    (removed("metric", *MONITOR), "v1", "PodMonitor seldon/seldon-podmonitor does not exist", "add_namespace"),
]


@pytest.mark.parametrize(("fault", "core", "said", "do"), FAULTS, ids=[fault.what for fault, *_ in FAULTS])
def test_each_step_that_fails_is_told_apart(
    finished_cluster: Cluster, kept: dict[str, str], fault: Breakage, core: str, said: str, do: str
) -> None:
    def works() -> bool:
        return "failed" not in again()

    def again() -> Object:
        more = {"router": finished_cluster.sandbox.router} if fault.check == "request" else {}
        return step(finished_cluster, fault.check, core, name=kept[core], **more)

    kube = finished_cluster.kube
    eventually(works, True)
    undo = fault.break_(kube)
    try:
        told = until(lambda: found if said in (found := str(again().get("msg"))) else "")
    finally:
        assert fault.heal
        fault.heal(kube, undo)
    assert do in told
    assert NOTHING not in told
    eventually(works, True)


def test_a_log_that_is_missing_names_what_breaks_the_way(finished_cluster: Cluster) -> None:
    kube, which = finished_cluster.kube, ("eventing.knative.dev/v1", "Trigger", "seldon-request-logger-trigger", LOGS)
    trigger = removed("log", *which)
    undo = trigger.break_(kube)
    told = step(finished_cluster, "log", name="seldon-try-nobody")["msg"]
    assert trigger.heal
    trigger.heal(kube, undo)
    # Requests of other tests are logged again.
    eventually(lambda: condition(kube.get(*which) or {}, "Ready").get("status"), "True")
    assert "no index of Elasticsearch holds a request to seldon-try-nobody; Trigger seldon-logs/" in told
    assert "oc -n seldon-logs describe trigger seldon-request-logger-trigger" in told


def test_a_router_that_does_not_answer_is_told(finished_cluster: Cluster, kept: dict[str, str]) -> None:
    told = step(finished_cluster, "request", name=kept["v1"], router="127.0.0.1:1")["msg"]
    assert "seldon.apps.sandbox.example.com at 127.0.0.1:1 does not answer" in told
    assert "HTTPS_PROXY" in told


def test_a_model_without_a_server_is_told(finished_cluster: Cluster, kept: dict[str, str]) -> None:
    kube, servers = finished_cluster.kube, "seldon-server-name in (mlserver, triton)"
    unready = unready_pods("wait", SPACE, servers)

    def ready() -> str:
        live = kube.get(*MODEL, kept["v2"], SPACE)
        return str(condition(live or {}, "Ready").get("status"))

    undo = unready.break_(kube)
    eventually(ready, "False")
    wanted = {"api_version": MODEL[0], "kind": MODEL[1], "name": kept["v2"], "namespace": SPACE}
    told = engine.run(seldon_wait, finished_cluster, resources=[wanted], timeout=0)["msg"]
    assert unready.heal
    unready.heal(kube, undo)
    assert "no matching server had enough suitable replicas" in told
    eventually(ready, "True")


def test_a_run_whose_step_fails_removes_its_model(finished_cluster: Cluster, kept: dict[str, str]) -> None:
    kube, monitor = finished_cluster.kube, removed("metric", *MONITOR)
    undo = monitor.break_(kube)
    result = run(finished_cluster, "-e", "try_model_metric_timeout=0", check=False)
    assert monitor.heal
    monitor.heal(kube, undo)
    assert result.returncode == 2
    assert "PodMonitor seldon/seldon-podmonitor does not exist" in words(result.stdout + result.stderr)
    assert names(kube, SDEP) == {kept["v1"]}


def test_only_models_of_runs_that_have_ended_are_removed(finished_cluster: Cluster, kept: dict[str, str]) -> None:
    kube, now = finished_cluster.kube, int(time.time())
    dead = subprocess.Popen(["true"])
    dead.wait()
    marks = {
        "over": mark.Mark("elsewhere", 0, now - 1),
        "dead": mark.Mark(mark.here(), dead.pid, now + 600),
        "elsewhere": mark.Mark("elsewhere", dead.pid, now + 600),
        "alive": mark.Mark(mark.here(), os.getpid(), now + 600),
    }
    for name, held in marks.items():
        kube.create(sdep(f"seldon-try-{name}", str(held)))
    kube.create(sdep("seldon-try-person"))
    kube.create(sdep("over", str(marks["over"])))
    assert step(finished_cluster, "begin", check=True)["changed"]
    assert len(names(kube, SDEP)) == 7
    # A deletion is told at once, without anybody who holds it.
    result = engine.run(seldon_try_model, finished_cluster, core="v1", namespace=SPACE, step="begin", timeout=60)
    assert "seldon-try-dead, seldon-try-over" in result["told"]
    stays = {"seldon-try-elsewhere", "seldon-try-alive", "seldon-try-person", "over"}
    assert names(kube, SDEP) == stays | {kept["v1"]}
    for name in stays:
        kube.delete(sdep(name))


@pytest.fixture
def interrupted(finished_cluster: Cluster) -> Iterator[subprocess.Popen[bytes]]:
    """A run that waits for a metric that does not come, in a group of processes of its own."""
    monitor = removed("metric", *MONITOR)
    undo = monitor.break_(finished_cluster.kube)
    process = subprocess.Popen(
        ["ansible-playbook", *command(finished_cluster)],
        env=finished_cluster.environment(),
        cwd=CHECKOUT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    yield process
    assert monitor.heal
    monitor.heal(finished_cluster.kube, undo)


def test_what_an_interrupted_run_has_left_is_removed_by_the_next(
    finished_cluster: Cluster, kept: dict[str, str], interrupted: subprocess.Popen[bytes]
) -> None:
    kube = finished_cluster.kube

    def left() -> set[str]:
        return names(kube, SDEP) - {kept["v1"]}

    until(left)
    assert not step(finished_cluster, "begin")["changed"]  # it still runs
    os.killpg(interrupted.pid, signal.SIGKILL)
    interrupted.wait()
    (name,) = left()
    result = engine.run(seldon_try_model, finished_cluster, core="v1", namespace=SPACE, step="begin", timeout=60)
    assert result["told"].endswith(f"has left: {name}")
    assert left() == set()
