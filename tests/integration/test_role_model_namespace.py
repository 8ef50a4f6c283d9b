"""The role model_namespace, by add_namespace.yml and remove_namespace.yml: what comes, what stays, what is refused."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from sandbox.kube import Kube, Object
from sandbox.paths import CHECKOUT
from tests.integration.cluster import GIT_REPOSITORY, Cluster, recap
from tests.integration.helpers import eventually, until

MESH, ARGOCD = "istio-system", "seldon-argocd"
MONITORING, NETWORK, ARGOPROJ = "monitoring.coreos.com/v1", "networking.k8s.io/v1", "argoproj.io/v1alpha1"
RBAC, MAISTRA, MLOPS = "rbac.authorization.k8s.io/v1", "maistra.io/v1", "mlops.seldon.io/v1alpha1"
POLICIES = {
    "seldon-detectors": "knative-eventing",
    "seldon-detectors-serving": "knative-serving",
    "user-workload-monitoring": "openshift-user-workload-monitoring",
    # The guide forgets Knative's gateway.
    "seldon-detectors-gateway": "knative-serving-ingress",
}
MONITORS = {
    "seldon-podmonitor": ({"app.kubernetes.io/managed-by": "seldon-core"}, {"port": "metrics", "path": "/prometheus"}),
    "seldon-podmonitor-metrics-server": ({"seldon.io/metrics": "true"}, {"port": "user-port", "path": "/v1/metrics"}),
}
RULES = {"seldon-model-usage-rules", "deploy-user-alerts"}
GIT_TOKEN = "ghp_0123456789abcdef"
OURS = ((NETWORK, "NetworkPolicy"), (MONITORING, "PodMonitor"), (MONITORING, "PrometheusRule"))


@pytest.fixture(scope="module")
def cluster(finished_cluster: Cluster) -> Cluster:
    return finished_cluster


def add(cluster: Cluster, ns: Any, *more: str, check: bool = True, **values: Any) -> subprocess.CompletedProcess[str]:
    extra = json.dumps({"ns": ns, **values})
    return cluster.playbook("add_namespace.yml", *cluster.values(), "-e", extra, *more, check=check)


def remove(
    cluster: Cluster, ns: str, *more: str, check: bool = True, **values: Any
) -> subprocess.CompletedProcess[str]:
    extra = json.dumps({"ns": ns, **values})
    return cluster.playbook("playbooks/remove_namespace.yml", *cluster.values(), "-e", extra, *more, check=check)


def told(result: subprocess.CompletedProcess[str]) -> str:
    """Return a run's output as one line, for what Ansible has broken into several."""
    return " ".join((result.stdout + result.stderr).split())


def metadata(kube: Kube, name: str) -> Object:
    found = kube.get("v1", "Namespace", name)
    assert found, f"there is no namespace {name}"
    return found["metadata"]


def specs(kube: Kube, api_version: str, kind: str, namespace: str) -> dict[str, Object]:
    return {obj["metadata"]["name"]: obj["spec"] for obj in kube.list(api_version, kind, namespace)}


def roll(kube: Kube) -> Object:
    found = kube.get(MAISTRA, "ServiceMeshMemberRoll", "default", MESH)
    assert found
    return found


def members(kube: Kube) -> set[str]:
    return set(roll(kube)["spec"]["members"])


def destinations(kube: Kube) -> set[str]:
    project = kube.get(ARGOPROJ, "AppProject", "seldon", ARGOCD)
    assert project
    return {each["namespace"] for each in project["spec"]["destinations"]}


def application(kube: Kube, name: str) -> Object | None:
    return kube.get(ARGOPROJ, "Application", name, ARGOCD)


def ours_in(kube: Kube, namespace: str) -> dict[str, set[str]]:
    return {kind: set(specs(kube, api_version, kind, namespace)) for api_version, kind in OURS}


def is_whole(kube: Kube, name: str) -> None:
    """Assert that a namespace has all that the guide's appendix names, and what it lacks (in one place)."""
    assert metadata(kube, name)["labels"]["seldon.restricted"] == "false"
    policies = specs(kube, NETWORK, "NetworkPolicy", name)
    for policy, source in POLICIES.items():
        peers = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": source}}}]
        assert policies[policy] == {"podSelector": {}, "ingress": [{"from": peers}], "policyTypes": ["Ingress"]}
    # As the guide prints them.
    monitors = specs(kube, MONITORING, "PodMonitor", name)
    assert monitors.keys() == MONITORS.keys()
    for monitor, (labels, endpoint) in MONITORS.items():
        assert monitors[monitor]["selector"] == {"matchLabels": labels}
        assert monitors[monitor]["podMetricsEndpoints"] == [endpoint]
        assert "podTargetLabels" not in monitors[monitor]  # only when asked for
    rules = specs(kube, MONITORING, "PrometheusRule", name)
    assert rules.keys() == RULES
    # The alert on models is where models are, byte for byte the guide's.
    alerts = [rule["alert"] for group in rules["deploy-user-alerts"]["groups"] for rule in group["rules"]]
    assert "ModelHighErrorRate" in alerts
    assert "{{ $labels.seldon_deployment_id }}" in json.dumps(rules["deploy-user-alerts"])
    assert name in roll(kube)["status"]["configuredMembers"]


def test_site_yml_makes_the_configured_namespaces_whole(cluster: Cluster) -> None:
    kube = cluster.kube
    for name in ("seldon", "seldon-gitops"):
        is_whole(kube, name)
    labels = metadata(kube, "seldon-gitops")["labels"]
    assert labels["seldon.gitops"] == "enabled"
    assert labels["argocd.argoproj.io/managed-by"] == ARGOCD
    assert "argocdapp" not in labels
    assert metadata(kube, "seldon-gitops")["annotations"]["git-repo"] == GIT_REPOSITORY
    found = application(kube, "seldon-gitops-seldon-gitops")
    assert found
    assert found["spec"] == {
        "project": "seldon",
        "destination": {"namespace": "seldon-gitops", "server": "https://kubernetes.default.svc"},
        "source": {"directory": {"recurse": True}, "path": "seldon-gitops", "repoURL": GIT_REPOSITORY},
        "syncPolicy": {"automated": {}},
    }
    assert recap(cluster.site("--tags", "model_namespace"))["changed"] == 0


def test_what_others_have_is_joined_and_what_came_goes_again(cluster: Cluster) -> None:
    kube = cluster.kube
    theirs = {"labels": {"team": "theirs"}, "annotations": {"note": "theirs"}}
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "theirs", **theirs}})
    policy = {"apiVersion": NETWORK, "kind": "NetworkPolicy", "metadata": {"name": "own", "namespace": "theirs"}}
    kube.create({**policy, "spec": {"podSelector": {"matchLabels": {"app": "web"}}}})
    until(lambda: "openshift.io/sa.scc.mcs" in metadata(kube, "theirs")["annotations"])
    before = metadata(kube, "theirs")
    others = members(kube), destinations(kube)

    given = [{"name": "theirs", "argocd_app": "their-models"}, "fresh"]
    settings = {"model_namespace_sync": {"prune": True, "selfHeal": True}}
    looked = add(cluster, given, "--check", "--diff", gitops=True, **settings)
    assert recap(looked)["changed"] > 0
    for words in ("seldon.gitops: enabled", "seldon-podmonitor", "seldon-gitops-fresh"):
        assert words in looked.stdout
    assert kube.get("v1", "Namespace", "fresh") is None
    assert (members(kube), destinations(kube)) == others

    result = add(cluster, given, gitops=True, **settings)
    for name in ("theirs", "fresh"):
        is_whole(kube, name)
        labels = metadata(kube, name)["labels"]
        assert labels["seldon.gitops"] == "enabled"
        assert metadata(kube, name)["annotations"]["git-repo"] == GIT_REPOSITORY
        # The label alone is silent, so the run waited for the rights.
        assert kube.get(RBAC, "RoleBinding", "seldon-argocd-argocd-application-controller", name)
    assert metadata(kube, "theirs")["labels"].items() >= {"team": "theirs", "argocdapp": "their-models"}.items()
    assert metadata(kube, "theirs")["annotations"]["note"] == "theirs"
    assert "own" in specs(kube, NETWORK, "NetworkPolicy", "theirs")
    # Both lists are unions.
    assert members(kube) == others[0] | {"theirs", "fresh"}
    assert destinations(kube) == others[1] | {"theirs", "fresh"}
    # Prune and selfHeal are the user's choice.
    sync = (application(kube, "their-models") or {})["spec"]["syncPolicy"]
    assert sync == {"automated": {"prune": True, "selfHeal": True}}
    assert application(kube, "seldon-gitops-fresh")
    for words in ("https://seldon.apps.", "/seldon/fresh/<model>", "folder theirs", "their-models"):
        assert words in result.stdout

    # Nothing said of GitOps: it stays, with its application.
    again: list[subprocess.CompletedProcess[str]] = []
    events = cluster.requests(lambda: again.append(add(cluster, "theirs,fresh", **settings)))
    assert recap(again[0])["changed"] == 0
    # Who may do everything is asked for no single right.
    asked = [event["requestURI"] for event in events if event.get("userAgent") == "seldon.openshift"]
    assert len([uri for uri in asked if "selfsubject" in uri]) == 1

    looked = remove(cluster, "theirs fresh", "--check", "--diff", delete=True)
    assert recap(looked)["changed"] > 0
    assert application(kube, "their-models")
    remove(cluster, "theirs,fresh")
    after = metadata(kube, "theirs")
    eventually(lambda: metadata(kube, "theirs")["labels"], before["labels"])
    assert after["annotations"] == before["annotations"]
    eventually(lambda: set(specs(kube, NETWORK, "NetworkPolicy", "theirs")), {"own"})
    assert ours_in(kube, "fresh") | {"NetworkPolicy": set()} == {kind: set() for _, kind in OURS}
    assert (members(kube), destinations(kube)) == others
    assert application(kube, "their-models") is None
    # The rights go with the label, and the mesh's label with the membership.
    eventually(lambda: kube.get(RBAC, "RoleBinding", "seldon-argocd-argocd-application-controller", "theirs"), None)
    assert recap(remove(cluster, "theirs"))["changed"] == 0
    remove(cluster, "fresh", delete=True)
    assert kube.get("v1", "Namespace", "fresh") is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"ns": "Bad_Name,seldon-logs,kube-x,openshift-y,ok,ok"},
            ["'Bad_Name': a name has", "'ok': given twice", "'seldon-logs', 'kube-x', 'openshift-y': reserved"],
        ),
        (
            {"ns": "good", "gitops": True, "seldon_git_repository": ""},
            ["good needs it", "-e seldon_git_repository=http"],
        ),
        (
            {"ns": "good", "gitops": True, "seldon_git_repository": f"https://{GIT_TOKEN}@git.example.com/acme/models"},
            ["seldon_git_repository holds a password, a token or a user name"],
        ),
    ],
)
def test_bad_input_is_refused_before_the_first_write(cluster: Cluster, values: Object, words: list[str]) -> None:
    results = []

    def refuse() -> None:
        results.append(cluster.playbook("add_namespace.yml", *cluster.values(), "-e", json.dumps(values), check=False))

    events = cluster.requests(refuse)
    assert results[0].returncode != 0
    assert [word for word in words if word not in told(results[0])] == []
    assert GIT_TOKEN not in told(results[0])
    mine = [event for event in events if event["userAgent"] == "seldon.openshift"]
    # To ask for one's rights is to create a review.
    writes = [each for each in mine if each["verb"] not in ("get", "list")]
    assert {each["objectRef"]["apiGroup"] for each in writes} <= {"authorization.k8s.io"}


def test_a_namespace_that_somebody_restricted_is_taken_by_force_and_follows_its_settings(cluster: Cluster) -> None:
    labels = {"seldon.restricted": "true"}
    cluster.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "closed", "labels": labels}})
    result = add(cluster, "closed", check=False)
    assert result.returncode != 0
    assert "seldon.restricted" in told(result)
    assert metadata(cluster.kube, "closed")["labels"]["seldon.restricted"] == "true"
    add(cluster, "closed", model_namespace_conflicts="force", gitops=True)
    is_whole(cluster.kube, "closed")
    assert application(cluster.kube, "seldon-gitops-closed")
    # GitOps ends when that is said.
    add(cluster, "closed", gitops=False)
    assert "seldon.gitops" not in metadata(cluster.kube, "closed")["labels"]
    assert application(cluster.kube, "seldon-gitops-closed") is None
    assert "closed" not in destinations(cluster.kube)
    is_whole(cluster.kube, "closed")
    # One thing changed: only that changes.
    changes = {
        "model_namespace_alerts": False,
        "model_namespace_gateway_policy": False,
        "model_namespace_pod_target_labels": ["seldon-deployment-id"],
    }
    add(cluster, "closed", **changes)
    found = ours_in(cluster.kube, "closed")
    assert found["PrometheusRule"] == RULES - {"deploy-user-alerts"}
    assert "seldon-detectors-gateway" not in found["NetworkPolicy"]
    monitors = specs(cluster.kube, MONITORING, "PodMonitor", "closed")
    assert [each["podTargetLabels"] for each in monitors.values()] == [["seldon-deployment-id"]] * 2
    assert recap(add(cluster, "closed", **changes))["changed"] == 0


def test_a_removal_is_refused_while_models_or_things_of_others_are_there(cluster: Cluster) -> None:
    kube = cluster.kube
    add(cluster, "busy")
    place = {"name": "iris", "namespace": "busy"}
    graph = {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": "gs://x/y"}
    model = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment", "metadata": place}
    kube.create({**model, "spec": {"predictors": [{"name": "default", "graph": graph, "replicas": 1}]}})
    result = remove(cluster, "busy", check=False)
    assert result.returncode != 0
    for words in ("Nothing was removed", "SeldonDeployment busy/iris", "-e force=true"):
        assert words in told(result)
    is_whole(kube, "busy")
    # Forced, the model stays, and goes on.
    remove(cluster, "busy", force=True)
    assert ours_in(kube, "busy")["PodMonitor"] == set()
    assert kube.get(model["apiVersion"], model["kind"], "iris", "busy")

    kube.delete(model)
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "busy"}}
    storage = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    kube.create({**claim, "spec": storage})
    result = until(lambda: refusal(cluster), seconds=120)
    assert "SeldonDeployment" not in result
    assert kube.get("v1", "Namespace", "busy")
    remove(cluster, "busy", delete=True, force=True)
    assert kube.get("v1", "Namespace", "busy") is None


def refusal(cluster: Cluster) -> str:
    """Return why the namespace is not deleted, once its claim is the only reason."""
    words = told(remove(cluster, "busy", check=False, delete=True))
    return words if "PersistentVolumeClaim busy/data" in words and "Pod busy/" not in words else ""


def test_a_namespace_with_a_runtime_of_its_own_comes_and_goes(cluster: Cluster) -> None:
    """Components, servers and the way from the gateway for each namespace that wants them, one called no, too."""
    kube = cluster.kube
    result = add(cluster, "no", v2=True)
    assert 'headers "namespace: no"' in result.stdout.replace("\\", "")
    assert {server["metadata"]["name"] for server in kube.list(MLOPS, "Server", "no")} == {"mlserver", "triton"}
    assert kube.get("networking.istio.io/v1beta1", "VirtualService", "seldon-mesh", "no")
    model = {"apiVersion": MLOPS, "kind": "Model", "metadata": {"name": "iris", "namespace": "no"}}
    kube.create({**model, "spec": {"storageUri": "gs://x/y", "requirements": ["sklearn"]}})
    refused = remove(cluster, "no", check=False, delete=True)
    assert "Model no/iris" in told(refused)
    remove(cluster, "no", force=True, delete=True)
    assert kube.get("v1", "Namespace", "no") is None
    # The definitions, and the other runtime, are still there.
    assert {server["metadata"]["name"] for server in kube.list(MLOPS, "Server", "seldon")} == {"mlserver", "triton"}


def test_many_at_once_lose_nothing(cluster: Cluster) -> None:
    kube, names = cluster.kube, ["007", "null", "1e3", "y", "at-once"]  # words and numbers of YAML are names, too
    before = members(kube), destinations(kube)
    command = ["ansible-playbook", "add_namespace.yml", *cluster.values(), "-e", "gitops=true", "-e"]
    runs = [
        subprocess.Popen(
            [*command, f"ns={name}"],
            env=cluster.environment(),
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in names
    ]
    outputs = [each.communicate()[0] for each in runs]
    assert [each.returncode for each in runs] == [0] * len(names), "\n".join(outputs)
    assert members(kube) == before[0] | set(names)
    assert destinations(kube) == before[1] | set(names)
    for name in names:
        is_whole(kube, name)
