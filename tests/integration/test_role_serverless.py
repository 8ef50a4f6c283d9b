"""Role serverless: Knative, the broker of the request logs, and who is let into their namespace."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import make
from tests.integration.cluster import Cluster, recap
from tests.plays import play_of

LOGS = "seldon-logs"
BROKER = ("eventing.knative.dev/v1", "Broker", "default", LOGS)
SERVING = ("operator.knative.dev/v1beta1", "KnativeServing", "knative-serving", "knative-serving")
EVENTING = ("operator.knative.dev/v1beta1", "KnativeEventing", "knative-eventing", "knative-eventing")
SUBSCRIPTION = ("operators.coreos.com/v1alpha1", "Subscription", "serverless-operator", "openshift-serverless")
DETECTORS = ("networking.k8s.io/v1", "NetworkPolicy", "seldon-detectors-serving", LOGS)
REGISTRATION = "admissionregistration.k8s.io/v1"
WEBHOOKS = (
    (REGISTRATION, "MutatingWebhookConfiguration", "webhook.eventing.knative.dev"),
    (REGISTRATION, "ValidatingWebhookConfiguration", "validation.webhook.eventing.knative.dev"),
)


def role(cluster: Cluster, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return cluster.site("--tags", "serverless", *arguments, check=check)


def changed(cluster: Cluster, *arguments: str) -> int:
    return recap(role(cluster, *arguments))["changed"]


def got(kube: Kube, *where: str) -> Object:
    found = kube.get(*where)
    assert found, f"there is no {where[1]} {where[2]}"
    return found


def ready(obj: Object) -> bool:
    """Tell whether the conditions speak of the present spec, and say Ready."""
    state = obj.get("status", {})
    verdicts = {entry["type"]: entry["status"] for entry in state.get("conditions", [])}
    return state.get("observedGeneration") == obj["metadata"]["generation"] and verdicts.get("Ready") == "True"


def admitted(kube: Kube, policy: str) -> tuple[Object, list[str]]:
    """Return which pods a policy of the logs' namespace selects, and from which namespaces it lets traffic in."""
    spec = got(kube, DETECTORS[0], DETECTORS[1], policy, LOGS)["spec"]
    (rule,) = spec["ingress"]
    assert rule.keys() == {"from"}
    labels = [peer["namespaceSelector"]["matchLabels"] for peer in rule["from"]]
    return spec["podSelector"], [each["kubernetes.io/metadata.name"] for each in labels]


def test_the_broker_takes_events_and_knative_is_let_in(finished_cluster: Cluster) -> None:
    """Knative Serving and its ingress, too. The broker was completed by its webhook."""
    kube = finished_cluster.kube
    broker = got(kube, *BROKER)
    assert ready(broker)
    assert broker["spec"]["config"]["name"] == "config-br-default-channel"
    url = "http://broker-ingress.knative-eventing.svc.cluster.local/seldon-logs/default"
    assert broker["status"]["address"]["url"] == url
    assert admitted(kube, "seldon-request-logs") == ({}, ["knative-eventing"])
    assert admitted(kube, "seldon-detectors-serving") == ({}, ["knative-serving", "knative-serving-ingress"])
    assert ready(got(kube, *SERVING))
    assert ready(got(kube, *EVENTING))
    subscription = got(kube, *SUBSCRIPTION)
    assert subscription["status"]["installedCSV"] == "serverless-operator.v1.26.0"
    assert subscription["spec"]["installPlanApproval"] == "Manual"


def test_variables_change_what_they_name_and_nothing_else(finished_cluster: Cluster) -> None:
    """Ready stays True after a change, so that the generation tells when it is done."""
    kube = finished_cluster.kube
    before = [got(kube, *EVENTING), got(kube, *BROKER)]
    values = {"serverless_serving_spec": {"high-availability": {"replicas": 3}}, "serverless_serving_namespaces": []}
    assert changed(finished_cluster, "-e", json.dumps(values)) == 2
    assert ready(got(kube, *SERVING))
    assert got(kube, "apps/v1", "Deployment", "activator", "knative-serving")["spec"]["replicas"] == 3
    assert kube.get(*DETECTORS) is None
    assert [got(kube, *EVENTING), got(kube, *BROKER)] == before
    assert changed(finished_cluster) == 2
    assert changed(finished_cluster, "--check") == 0


@contextmanager
def without_rules(kube: Kube) -> Iterator[None]:
    """Let the eventing webhook's configurations be as Knative installs them, before its process has run."""
    kept = [got(kube, *where) for where in WEBHOOKS]
    for obj in kept:
        bare = [{**entry, "rules": None} for entry in obj["webhooks"]]
        kube.patch(obj, {"webhooks": bare})
    try:
        yield
    finally:
        for obj in kept:
            kube.patch(obj, {"webhooks": obj["webhooks"]})


def test_no_broker_comes_before_its_webhook_and_a_stuck_one_is_made_again(finished_cluster: Cluster) -> None:
    """The API server takes a broker that nobody will ever complete, serve or mend."""
    kube = finished_cluster.kube
    kube.delete(got(kube, *BROKER))
    with without_rules(kube):
        early = role(finished_cluster, "-e", "serverless_timeout=4", check=False)
        assert "without rules or authority yet: webhook.eventing.knative.dev" in early.stdout + early.stderr
        assert kube.get(*BROKER) is None
        kube.create(make(*BROKER))
    stuck = got(kube, *BROKER)
    assert "spec" not in stuck
    assert changed(finished_cluster, "--check") == 1
    assert got(kube, *BROKER) == stuck
    run = role(finished_cluster)
    assert recap(run)["changed"] == 1
    assert (
        "deleting Broker seldon-logs/default and creating it again: accepted before the eventing webhook" in run.stdout
    )
    assert ready(got(kube, *BROKER))


def test_a_knative_of_somebody_else_is_used_as_it_is(finished_cluster: Cluster) -> None:
    kube = finished_cluster.kube
    assert changed(finished_cluster, "-e", "serverless_mode=existing") == 0
    label = got(kube, *SERVING)["metadata"]["labels"]
    kube.patch(got(kube, *SERVING), {"metadata": {"labels": {"seldon.openshift/owner": None}}})
    theirs = got(kube, *SERVING)["spec"]
    assert changed(finished_cluster, "-e", json.dumps({"serverless_serving_spec": {"version": "1.5"}})) == 0
    assert got(kube, *SERVING)["spec"] == theirs
    kube.patch(got(kube, *SERVING), {"metadata": {"labels": label}})


def removal(cluster: Cluster, folder: Path) -> subprocess.CompletedProcess[str]:
    return cluster.playbook(play_of(folder / "remove.json", "serverless", "remove"))


def test_removal_takes_brokers_first_and_leaves_knative_to_who_uses_it(
    finished_cluster: Cluster, tmp_path: Path
) -> None:
    """A broker outlives Knative Eventing, and its namespace hangs when the webhook is down."""
    kube = finished_cluster.kube
    theirs = make("eventing.knative.dev/v1", "Broker", "theirs", "default")
    kube.create(theirs)
    assert "Knative stays: it is used by default/theirs" in removal(finished_cluster, tmp_path).stdout
    assert kube.get(*BROKER) is None
    assert kube.get(*DETECTORS) is None
    assert ready(got(kube, *EVENTING))

    kube.delete(theirs)
    kube.create(make(*BROKER))
    deleted = [
        event["objectRef"]["resource"]
        for event in finished_cluster.requests(lambda: removal(finished_cluster, tmp_path))
        if event["verb"] == "delete"
    ]
    order = ["brokers", "knativeeventings", "subscriptions", "clusterserviceversions"]
    assert [resource for resource in deleted if resource in order] == order
    assert kube.get(*EVENTING) is kube.get(*SERVING) is kube.get(*SUBSCRIPTION) is None
    for name in ("knative-serving", "knative-eventing", "knative-serving-ingress", "openshift-serverless"):
        assert kube.get("v1", "Namespace", name) is None
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        left = [each["metadata"]["name"] for each in kube.list(REGISTRATION, kind)]
        assert [name for name in left if "knative" in name] == []


def test_an_existing_knative_that_is_not_there_is_refused(empty_cluster: Cluster) -> None:
    run = role(empty_cluster, "-e", "serverless_mode=existing", check=False)
    assert run.returncode != 0
    for words in ("serving.knative.dev/v1/Service", "eventing.knative.dev/v1/Broker", "-e serverless_mode=install"):
        assert words in run.stdout + run.stderr
