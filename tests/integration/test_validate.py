"""Every check on a finished cluster: all well first, then each fault is found by its check's name, and goes again."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.platform import OPERANDS
from ansible_collections.seldon.openshift.plugins.module_utils.checks.registry import CHAPTERS
from ansible_collections.seldon.openshift.plugins.modules import seldon_check

from sandbox.kube import Kube, Object
from sandbox.paths import CHECKOUT
from sandbox.simulator.objects import make
from tests.integration import breakages, engine
from tests.integration.breakages import Breakage, namespaces
from tests.integration.cluster import Cluster
from tests.integration.helpers import eventually

Look = Callable[[str], list[Object]]

# The checks that compare objects with those that were applied, where these are, and what they are.
APPLIED = (
    *("monitoring.monitors", "monitoring.rules"),
    *("model_namespace.policies", "model_namespace.monitors", "model_namespace.rules"),
)
HOMES = {"monitoring": "seldon-system", "model_namespace": "seldon"}
MONITORING = "monitoring.coreos.com/v1"
APPLIED_KINDS = (("networking.k8s.io/v1", "NetworkPolicy"), (MONITORING, "PodMonitor"), (MONITORING, "PrometheusRule"))
# What the checks `<chapter>.applied` compare.
SINGLE = {
    "elasticsearch": [("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "elasticsearch-seldon", "seldon-logs")],
    "gitops": [("argoproj.io/v1alpha1", "ArgoCD", "seldon-argocd", "seldon-argocd")],
    "kafka": [("kafka.strimzi.io/v1beta2", "Kafka", "seldon", "seldon-kafka")],
    "logging": [("v1", "Namespace", "openshift-logging", None)],
    "serverless": [("networking.k8s.io/v1", "NetworkPolicy", "seldon-request-logs", "seldon-logs")],
    "service_mesh": [("maistra.io/v2", "ServiceMeshControlPlane", "basic", "istio-system")],
}
# What is compared and never shown, by the chapter whose checks read it.
SECRETS = {"namespaces": {"secrets": namespaces.SECRETS}}
SMCP = "maistra.io"  # what the mesh itself makes in its members


def known() -> list[Breakage]:
    """Return the breakages of all chapters, those that nothing heals last.

    Seldon Deploy's come first: others change Secrets that it has read, after which it would have to start again.
    """
    modules = [
        importlib.import_module(f"{breakages.__name__}.{m.name}") for m in pkgutil.iter_modules(breakages.__path__)
    ]
    found = [breakage for module in modules for breakage in module.BREAKAGES]
    return sorted(found, key=lambda b: (b.heal is None, not b.check.startswith("seldon_deploy.")))


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the report of the cluster that nothing has broken yet, which `looks` writes."""
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def looks(finished_cluster: Cluster, reported: Path) -> list[Object]:
    """What validate.yml asks of seldon_check."""
    report = ["-e", f"validate_report_dir={reported}"]
    report += ["-e", json.dumps({"seldon_image_pull_secret": namespaces.SECRETS["pull_secret"]})]
    result = subprocess.run(
        ["ansible-playbook", "playbooks/validate.yml", *finished_cluster.values(), *report],
        env=finished_cluster.environment()
        | {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_DEVEL_WARNING": "0"},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert '{\n    "custom_stats"' in result.stdout, result.stdout + result.stderr
    start = result.stdout.index('{\n    "custom_stats"')
    plays = json.JSONDecoder().raw_decode(result.stdout, start)[0]["plays"]
    answers = [host for play in plays for task in play["tasks"] for host in task["hosts"].values()]
    # A looping task has its answers one level deeper.
    flat = [answer for host in answers for answer in host.get("results", [host])]
    asked = [
        a["invocation"]["module_args"] for a in flat if isinstance(a, dict) and "checks" in a and "invocation" in a
    ]
    rows = [row for answer in flat if isinstance(answer, dict) for row in answer.get("checks", [])]
    # As the roles' files and templates say it; below, the same objects are taken from the cluster.
    compared = [*APPLIED, *(f"{chapter}.applied" for chapter in SINGLE)]
    assert [row for row in rows if row["check"] in compared and row["status"] != "pass"] == []
    assert {row["check"] for row in rows} >= {*compared}
    applied = {name: objects(finished_cluster.kube, namespace) for name, namespace in HOMES.items()}
    applied |= {chapter: [manifest(finished_cluster.kube, *each) for each in SINGLE[chapter]] for chapter in SINGLE}
    return [{**_asked(given), "resources": applied.get(given["chapter"])} for given in asked]


def _asked(given: Object) -> Object:
    return {**{name: given[name] for name in ("chapter", "settings")}, **SECRETS.get(given["chapter"], {})}


def objects(kube: Kube, namespace: str) -> list[Object]:
    """Return what the roles have applied to a namespace, as manifests."""
    return [
        {"apiVersion": api_version, "kind": kind, "metadata": {"name": obj["metadata"]["name"]}, "spec": obj["spec"]}
        for api_version, kind in APPLIED_KINDS
        for obj in kube.list(api_version, kind, namespace)
        if SMCP not in str(obj["metadata"])
    ]


def manifest(kube: Kube, api_version: str, kind: str, name: str, namespace: str | None) -> Object:
    """Return an object as it is now, as a manifest."""
    live = kube.get(api_version, kind, name, namespace)
    assert live
    metadata = {key: live["metadata"][key] for key in ("name", "namespace", "labels") if key in live["metadata"]}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": live.get("spec", {})}


@pytest.fixture(scope="module")
def look(finished_cluster: Cluster, looks: list[Object]) -> Look:
    """Return a function that looks at one chapter again, in this process, and returns its rows."""

    def again(chapter: str) -> list[Object]:
        wanted = [asked for asked in looks if asked["chapter"] == chapter]
        results = [engine.run(seldon_check, finished_cluster, **asked) for asked in wanted]
        assert [result["msg"] for result in results if "checks" not in result] == []
        return [row for result in results for row in result["checks"]]

    return again


def bad(rows: list[Object]) -> list[Object]:
    """Return the rows that fail."""
    return [row for row in rows if row["status"] == "fail"]


def test_every_chapter_is_looked_at(looks: list[Object]) -> None:
    assert {asked["chapter"] for asked in looks} == CHAPTERS.keys()


def test_nothing_is_wrong_with_a_finished_cluster(look: Look) -> None:
    for chapter in CHAPTERS:
        eventually(lambda chapter=chapter: bad(look(chapter)), [])


@pytest.mark.usefixtures("looks")
def test_the_report_tells_of_the_platform_in_the_guide_s_versions(reported: Path) -> None:
    platform = json.loads((reported / "report.json").read_text())["platform"]
    assert platform["unread"] == []
    assert all(platform[key] for key in ("cluster", "openshift", "api", "collection"))
    assert {row["name"] for row in platform["model_namespaces"]} == {"seldon", "seldon-gitops"}
    assert {address["product"] for address in platform["addresses"]} >= {"Seldon Deploy", "Argo CD"}
    versions = platform["versions"]
    assert [each for each in versions if not each["version"].startswith(each["wanted"])] == []
    kinds = {kind: len([each for each in versions if each["kind"] == kind]) for kind in ("operator", "chart")}
    assert kinds == {"operator": 9, "chart": 4}
    assert {each["kind"] for each in versions} == {"operator", "chart", *OPERANDS}


# Argo CD opens the repository of the finished cluster without SSH, and trusts no authority that was given:
# tests/integration/test_role_gitops.py and test_tls.py break these.
BROKEN_ELSEWHERE = {"gitops.host_keys", "gitops.trusted_ca", "seldon_deploy.trusted_ca"}


def test_every_check_has_a_breakage() -> None:
    assert {b.check for b in known()} | BROKEN_ELSEWHERE == {c.name for checks in CHAPTERS.values() for c in checks}


@pytest.mark.parametrize("breakage", known(), ids=lambda b: f"{b.check}: {b.what}".replace("/", "-"))
def test_a_fault_is_found_by_name_and_goes_again(breakage: Breakage, look: Look, finished_cluster: Cluster) -> None:
    chapter = breakage.check.partition(".")[0]

    def seen() -> tuple[bool, list[Object]]:
        """Return whether the fault is found, and all that fails, by one look."""
        rows = look(chapter)
        found = any(
            (row["check"], row["status"]) == (breakage.check, breakage.status)
            and breakage.subject in row["subject"]
            and row["subject"] != "cluster"  # what can not be read at all is no proof
            and row["seen"]
            and row["do"]
            for row in rows
        )
        return found, bad(rows)

    kube = finished_cluster.kube
    if breakage.heal:
        eventually(seen, (False, []))
    undo = breakage.break_(kube)
    try:
        eventually(lambda: seen()[0], True)
    finally:
        if breakage.heal:
            breakage.heal(kube, undo)
    if breakage.heal:
        eventually(seen, (False, []), seconds=120)


def test_a_namespace_that_the_inventory_does_not_name_is_looked_at_and_new(
    finished_cluster: Cluster, tmp_path: Path
) -> None:
    def report(name: str, *options: str) -> Object:
        where = ["-e", f"validate_report_dir={tmp_path / name}", *options]
        command = [
            "ansible-playbook",
            "playbooks/validate.yml",
            "--tags",
            "model_namespace",
            *finished_cluster.values(),
        ]
        environment = finished_cluster.environment()
        subprocess.run([*command, *where], env=environment, cwd=CHECKOUT, capture_output=True, check=False)
        found: Object = json.loads((tmp_path / name / "report.json").read_text())
        return found

    report("before")
    labels = {"seldon.restricted": "false", "seldon.gitops": "enabled"}
    namespace = make("v1", "Namespace", "added", labels=labels)
    finished_cluster.kube.apply(namespace)
    found = report("after", "-e", f"validate_baseline={tmp_path / 'before/report.json'}")
    finished_cluster.kube.delete(namespace)
    assert {row["name"] for row in found["platform"]["model_namespaces"]} == {"seldon", "seldon-gitops", "added"}
    for rows in (found["checks"], [{**row, "status": "fail"} for row in found["comparison"]["new_failures"]]):
        failed = {row["check"] for row in rows if row["status"] == "fail" and "added" in row["subject"]}
        assert {"model_namespace.member", "model_namespace.policies", "model_namespace.application"} <= failed, rows
    assert found["comparison"]["versions"] == []
