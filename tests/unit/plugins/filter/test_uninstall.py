"""What an uninstallation must not take, and what it says it leaves."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.filter.leftovers import leftovers
from ansible_collections.seldon.openshift.plugins.filter.needed_chapters import needed_chapters

from tests.unit.collection.typed_reads import CHECKOUT

VARS: dict[str, Any] = yaml.safe_load((CHECKOUT / "roles/uninstall/vars/main.yml").read_text())
OPERATORS = VARS["uninstall_operators"]
ALL = VARS["uninstall_all"]
NEEDS = {"seldon_core_v2": ["kafka", "model_namespace"], "seldon_deploy": ["kafka", "postgresql"]}


@pytest.mark.parametrize(
    ("going", "installed", "missed"),
    [
        (["kafka"], ["kafka", "seldon_core_v2", "seldon_deploy"], {"kafka": ["seldon_core_v2", "seldon_deploy"]}),
        (["kafka"], ["kafka"], {}),
        (["kafka", "seldon_deploy"], ["kafka", "seldon_deploy"], {}),
        (["kafka", "seldon_deploy"], ["seldon_core_v2", "seldon_deploy"], {"kafka": ["seldon_core_v2"]}),
        (["logging"], ALL, {}),
        (["namespaces"], ["logging"], {"namespaces": ["logging"]}),
        (ALL, ALL, {}),
    ],
)
def test_a_chapter_that_others_need_cannot_go(going: list[str], installed: list[str], missed: dict[str, Any]) -> None:
    assert needed_chapters(going, installed, NEEDS) == missed


def objects(**given: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return collections of objects, each as namespace/name or name."""
    names = [*VARS["uninstall_leftovers"]]
    assert given.keys() <= {*names}
    return {name: [identity(each) for each in given.get(name, [])] for name in names}


def identity(text: str) -> dict[str, Any]:
    namespace, _, name = text.rpartition("/")
    return {"namespace": namespace or None, "name": name}


def lines(chapters: list[str] = ALL, **given: list[str]) -> list[str]:
    return leftovers(objects(**given), chapters, OPERATORS, ["seldon", "seldon-logs"], "ansible-playbook u.yml")


KAFKAS = "kafkas.kafka.strimzi.io"


def test_definitions_are_listed_by_operator_unless_that_is_there_still() -> None:
    said = "CRDs of amqstreams (2), with all custom resources and OLM's ClusterRoles: oc delete crd "
    pods = "strimzipodsets.core.strimzi.io"
    assert lines(definitions=[pods, KAFKAS, "others.example.com"]) == [f"{said}{KAFKAS} {pods}"]
    assert lines(definitions=[KAFKAS], versions=["openshift-operators/amqstreams.v2.2.0-4"]) == []
    assert lines(["logging"], definitions=[KAFKAS]) == []


@pytest.mark.parametrize(
    "name",
    [
        "gateways.networking.istio.io",
        "servicemeshcontrolplanes.maistra.io",
        "kialis.kiali.io",
        "jaegers.jaegertracing.io",
        "brokers.eventing.knative.dev",
        "images.caching.internal.knative.dev",
        "knativekafkas.operator.serverless.openshift.io",
        "kibanas.kibana.k8s.elastic.co",
        "clusterlogforwarders.logging.openshift.io",
        "argocds.argoproj.io",
        "gitopsservices.pipelines.openshift.io",
        "seldondeployments.machinelearning.seldon.io",
    ],
)
def test_each_product_s_definitions_belong_to_one_operator(name: str) -> None:
    assert len(lines(definitions=[name])) == 1


@pytest.mark.parametrize("name", ["elasticsearches.logging.openshift.io", "rollouts.argoproj.io", "tasks.tekton.dev"])
def test_definitions_of_other_products_are_not_ours(name: str) -> None:
    assert lines(definitions=[name]) == []


def test_what_olm_and_the_console_keep_is_listed() -> None:
    dashboard = "grafana-dashboard-definition-knative-health"
    assert lines(
        operators=["serverless-operator.openshift-serverless", "kiali-ossm.n"],
        versions=["n/kiali-operator.v1"],
        dashboards=[f"openshift-config-managed/{dashboard}", "openshift-config-managed/grafana-dashboard-etcd"],
    ) == [
        "OLM's Operators, once their CRDs are gone: oc delete operators.operators.coreos.com "
        "serverless-operator.openshift-serverless",
        f"Dashboards of the console: oc delete configmap -n openshift-config-managed {dashboard}",
    ]


def test_the_crds_of_a_chart_go_with_its_release() -> None:
    assert lines(definitions=["servers.mlops.seldon.io"]) == [
        "CRDs of seldon-core-v2-crds (1), with all custom resources: "
        "ansible-playbook u.yml --tags seldon_core_v2 -e confirm=uninstall -e remove_data=true"
    ]


def test_what_others_may_use_is_listed_with_what_to_type() -> None:
    user_workload = ["openshift-user-workload-monitoring/prometheus-user-workload"]
    assert lines(user_workload=user_workload) == [
        "Monitoring of user-defined projects (enableUserWorkload), for projects of others: ansible-playbook u.yml "
        "--tags monitoring -e confirm=uninstall -e monitoring_remove_user_workload=true"
    ]
    assert lines(["kafka"], user_workload=user_workload) == []


def test_copies_volumes_and_namespaces_are_listed_when_everything_goes() -> None:
    left: dict[str, list[str]] = {
        "secrets": ["openshift-monitoring/alertmanager-main-before-seldon", "seldon/other"],
        "config_maps": ["a/c-before-seldon"],
        "claims": ["seldon/b", "seldon/a", "theirs/x", "seldon-logs/z"],
        "namespaces": ["default", "seldon"],
    }
    assert lines(**left) == [
        "What alertmanager-main in openshift-monitoring was before: "
        "oc delete secret alertmanager-main-before-seldon -n openshift-monitoring",
        "What c in a was before: oc delete configmap c-before-seldon -n a",
        "Volumes in seldon, with their data: oc delete pvc -n seldon a b",
        "Volumes in seldon-logs, with their data: oc delete pvc -n seldon-logs z",
        "Namespaces, with all that they hold: oc delete namespace seldon",
    ]
    assert lines(["kafka"], **left) == []
    assert lines() == []


def test_volumes_of_what_runs_on_are_not_to_be_deleted() -> None:
    left: dict[str, list[str]] = {
        "elasticsearch": ["seldon-logs/elasticsearch-seldon"],
        "claims": ["seldon/a", "seldon-logs/z"],
        "namespaces": ["seldon", "seldon-logs"],
    }
    told = (
        "Elasticsearch, with all requests and logs, and its operator in seldon-logs runs on: ansible-playbook u.yml "
        "--tags elasticsearch -e confirm=uninstall -e remove_data=true"
    )
    assert lines(**left) == [
        told,
        "Volumes in seldon, with their data: oc delete pvc -n seldon a",
        "Namespaces, with all that they hold: oc delete namespace seldon",
    ]
    assert lines(["elasticsearch"], **left) == [told]
    assert lines(["kafka"], **left) == []
    (database,) = lines(["postgresql"], postgresql=["seldon/metadata-postgres"])
    assert database.startswith("The database, with the model catalogue, in seldon runs on: ")


def test_what_this_run_was_given_is_not_given_twice() -> None:
    left = {kind: [] for kind in ("definitions", "versions", "operators", "dashboards")}
    database = {"postgresql": [{"name": "x", "namespace": "seldon"}]}
    rest = {kind: [] for kind in ("elasticsearch", "user_workload", "secrets", "config_maps", "claims", "namespaces")}
    (line,) = leftovers({**left, **rest, **database}, ["postgresql"], [], [], "c -e remove_data=true -e force=true")
    assert line.endswith(": c -e remove_data=true -e force=true --tags postgresql -e confirm=uninstall")


def test_every_operator_of_a_chapter_has_its_row() -> None:
    for chapter in ALL:
        defaults = CHECKOUT / f"roles/{chapter}/defaults/main.yml"
        known = yaml.safe_load(defaults.read_text()) if defaults.exists() else {}
        packages = [operator["name"] for operator in (known or {}).get(f"{chapter}_operators", [])]
        rows = [row["package"] for row in OPERATORS if row["chapter"] == chapter and row.get("package")]
        assert len(rows) == len(packages), chapter


def test_all_chapters_are_known() -> None:
    chapters = {path.parents[1].name for path in CHECKOUT.glob("roles/*/tasks/remove.yml")}
    assert {*ALL} == chapters
    assert {*VARS["uninstall_traces"]} == chapters - {"namespaces", "model_namespace"}
