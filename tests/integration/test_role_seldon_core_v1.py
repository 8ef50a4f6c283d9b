"""The role seldon_core_v1 on a cluster: the operator, when it gets its environment, models, and the way back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.definitions import Definitions, establish
from sandbox.kube import ApiError, Object
from sandbox.simulator.objects import available, make
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import OLM, eventually, subscribe, until
from tests.plays import play_of

OURS = "seldon-operator-core"
MODEL = ("machinelearning.seldon.io/v1", "SeldonDeployment", "iris", "seldon")
WEBHOOK = (
    "admissionregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration",
    "seldon-validating-webhook-configuration",
)
WANTED = {
    "ISTIO_ENABLED": "true",
    "EXECUTOR_REQUEST_LOGGER_DEFAULT_ENDPOINT": (
        "http://broker-ingress.knative-eventing.svc.cluster.local/seldon-logs/default"
    ),
}


class Core:
    """The role's entry points on a cluster."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.kube, self.folder = cluster, cluster.kube, folder

    def run(self, *entries: str, check: bool = True, **given: Any) -> subprocess.CompletedProcess[str]:
        """Run entry points of the role in one play; `given` are the role's variables without its prefix."""
        play = play_of(self.folder / f"{'-'.join(entries)}.json", "seldon_core_v1", *entries)
        values = {f"seldon_core_v1_{name}": value for name, value in given.items()}
        return self.cluster.playbook(play, "-e", json.dumps(values), check=check)

    def install(self, check: bool = True, **given: Any) -> subprocess.CompletedProcess[str]:
        """Do what site.yml does."""
        return self.run("main", "wait", check=check, **given)

    def manager(self, namespace: str = OURS) -> Object:
        found = self.kube.get("apps/v1", "Deployment", "seldon-controller-manager", namespace)
        assert found
        return found

    def environment(self, namespace: str = OURS) -> dict[str, str]:
        """Return what the operator's container runs with."""
        container = self.manager(namespace)["spec"]["template"]["spec"]["containers"][0]
        return {entry["name"]: entry.get("value", "") for entry in container["env"]}

    def config(self, name: str, namespace: str) -> Object:
        found = self.kube.get(OLM, "Subscription", name, namespace)
        assert found
        config: Object = found["spec"].get("config", {})
        return config

    def model_is_ready(self) -> bool:
        status = (self.kube.get(*MODEL) or {}).get("status", {})
        return status.get("state") == "Available"


@pytest.fixture(scope="module")
def core(empty_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Core:
    empty_cluster.kube.apply(make("v1", "Namespace", "seldon"))
    return Core(empty_cluster, tmp_path_factory.mktemp("seldon_core_v1"))


def told(result: subprocess.CompletedProcess[str]) -> str:
    return " ".join((result.stdout + result.stderr).split())


def test_an_environment_that_is_no_text_is_refused_before_the_first_write(core: Core) -> None:
    result = core.install(check=False, env={"DEFAULT_USER_ID": 8888})
    assert result.returncode != 0
    assert "put quotes around the values of DEFAULT_USER_ID" in told(result)
    assert core.kube.get(OLM, "Subscription", "seldon-operator", OURS) is None


def test_no_istio_without_its_kinds(core: Core) -> None:
    """The operator would exit over and over: Istio's kinds are waited for before it is asked for."""
    refused = core.install(check=False)
    assert refused.returncode != 0
    assert "mesh that provides them. Type 'ansible-playbook seldon.openshift.site --tags service_mesh" in told(refused)
    establish(core.kube, Definitions.from_environment().load("service_mesh"))
    core.kube.create(make("v1", "Namespace", "istio-system"))
    plane = ("maistra.io/v2", "ServiceMeshControlPlane", "basic", "istio-system")
    core.kube.create(make(*plane, spec={"version": "v2.0"}))
    result = core.install(check=False, timeout=3)
    assert result.returncode != 0
    assert "virtualservices.networking.istio.io" in told(result)
    assert core.kube.get(OLM, "Subscription", "seldon-operator", OURS) is None


def test_the_operator_has_its_environment_by_the_subscription(core: Core) -> None:
    """Not by an edit of the CSV, and of the catalogue that still has 1.15.0."""
    establish(core.kube, Definitions.from_environment().load("istio"))
    result = core.install()
    assert f"seldon-operator.v1.15.0 in {OURS}" in result.stdout
    assert core.environment().items() >= WANTED.items()
    # What the CSV brings stays: without this one, the operator exits.
    assert core.environment()["AMBASSADOR_VERSION"] == "v1"
    assert available(core.manager())
    csv = core.kube.get(OLM, "ClusterServiceVersion", "seldon-operator.v1.15.0", OURS)
    assert csv
    assert "seldon-logs/default" not in json.dumps(csv["spec"])
    assert recap(core.install())["changed"] == 0


def test_who_changes_the_environment_is_warned_of_the_models_that_roll(core: Core) -> None:
    graph = {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": "gs://seldon-models/iris"}
    core.kube.create(make(*MODEL, spec={"predictors": [{"name": "default", "graph": graph}]}))
    until(core.model_is_ready, 120)
    # As -e seldon_core_v1_istio=false hands it over.
    result = core.install(request_logger_endpoint="http://elsewhere", istio="false")
    assert "it restarts and rolls the models that run: SeldonDeployment seldon/iris" in told(result)
    assert "models have no routes in the mesh" in told(result)
    assert {"name": "ISTIO_ENABLED", "value": "false"} in core.config("seldon-operator", OURS)["env"]
    assert core.environment()["ISTIO_ENABLED"] == "false"
    assert core.environment()["EXECUTOR_REQUEST_LOGGER_DEFAULT_ENDPOINT"] == "http://elsewhere"
    until(core.model_is_ready, 120)


def test_the_way_back_leaves_no_webhook_that_refuses_models(core: Core) -> None:
    """It belongs to the definition. Models go on running."""
    assert core.kube.get(*WEBHOOK)
    assert recap(core.run("remove"))["changed"] == 2
    assert core.kube.get(OLM, "Subscription", "seldon-operator", OURS) is None
    eventually(lambda: core.kube.get("apps/v1", "Deployment", "seldon-controller-manager", OURS), None)
    assert core.kube.get(*WEBHOOK) is None
    model = core.kube.get(*MODEL)
    assert model
    core.kube.patch(model, {"metadata": {"labels": {"nobody": "refuses-this"}}})
    assert recap(core.run("remove"))["changed"] == 0


def test_an_operator_of_somebody_else_is_used_as_it_is(core: Core) -> None:
    """The certified one, elsewhere. Its environment is added to, and it stays at the end."""
    theirs, where = "seldon-operator-certified", "openshift-operators"
    foreign = {"name": "THEIRS", "value": "stays"}
    subscribe(core.kube, theirs, "certified-operators", where, config={"env": [foreign]})
    assert recap(core.install())["changed"] == 1
    assert core.kube.get(OLM, "Subscription", "seldon-operator", OURS) is None
    assert foreign in core.config(theirs, where)["env"]
    assert core.environment(where).items() >= WANTED.items()
    assert recap(core.run("remove"))["changed"] == 0
    assert core.kube.get(*WEBHOOK)
    with pytest.raises(ApiError, match="no predictors"):
        core.kube.create(make(MODEL[0], MODEL[1], "bad", "seldon", spec={"predictors": []}))
