"""What the catalogues offer, and what a fault makes of them."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from sandbox import catalog
from sandbox.definitions import Definitions

# The versions that the vendor's guide installs, by package and channel.
GUIDE = {
    ("jaeger-product", "stable"): "jaeger-operator.v1.39.0-3",
    ("kiali-ossm", "stable"): "kiali-operator.v1.57.3",
    ("servicemeshoperator", "stable"): "servicemeshoperator.v2.3.0",
    ("serverless-operator", "stable"): "serverless-operator.v1.26.0",
    ("elasticsearch-eck-operator-certified", "stable"): "elasticsearch-eck-operator-certified.v2.5.0",
    ("cluster-logging", "stable-5.5"): "cluster-logging.5.5.5",
    ("openshift-gitops-operator", "gitops-1.7"): "openshift-gitops-operator.v1.7.0",
    ("amq-streams", "amq-streams-2.2.x"): "amqstreams.v2.2.0-4",
    ("seldon-operator-certified", "stable"): "seldon-operator.v1.15.0-0",
    ("seldon-operator", "stable"): "seldon-operator.v1.15.0",
}
STRANGER = {
    "fault": "strangers-upgrade",
    "package": "stranger-operator",
    "csv": "stranger-operator.v1.0.0",
    "namespace": "openshift-operators",
}


def heads(name: str) -> dict[tuple[str, str], str]:
    return {
        (manifest["metadata"]["name"], channel["name"]): channel["currentCSV"]
        for manifest in catalog.package_manifests(name)
        for channel in manifest["status"]["channels"]
    }


def rendered(folder: Path, faults: tuple[dict, ...] = (), name: str = "guide") -> list[dict]:
    sources = catalog.render(name, folder, Definitions(), faults)
    return [
        json.loads(line) for source in sources for line in (folder / source / "catalog.json").read_text().splitlines()
    ]


def contents(blobs: list[dict]) -> dict[str, list[dict]]:
    """The objects of each bundle by the name of its CSV."""
    return {
        blob["name"]: [
            json.loads(base64.b64decode(prop["value"]["data"]))
            for prop in blob["properties"]
            if prop["type"] == "olm.bundle.object"
        ]
        for blob in blobs
        if blob["schema"] == "olm.bundle"
    }


def test_the_heads_of_the_guides_time_are_the_guides_versions():
    offered = heads("guide")
    assert {key: offered.get(key) for key in GUIDE} == GUIDE


def test_today_the_certified_seldon_of_the_guide_is_out_of_reach_and_the_communitys_is_not(tmp_path: Path):
    bundles = contents(rendered(tmp_path, name="today"))
    assert "seldon-operator.v1.15.0-0" not in bundles
    assert {"seldon-operator.v1.16.0-0", "seldon-operator.v1.15.0"} <= bundles.keys()


@pytest.mark.parametrize("name", ["guide", "today"])
def test_each_channel_is_one_chain_that_ends_in_its_head(tmp_path: Path, name: str):
    blobs = rendered(tmp_path, name=name)
    versions = contents(blobs)
    for channel in (blob for blob in blobs if blob["schema"] == "olm.channel"):
        names = [entry["name"] for entry in channel["entries"]]
        assert versions.keys() >= set(names)
        assert [entry.get("replaces") for entry in channel["entries"]][1:] == names[:-1], channel["name"]
        assert heads(name)[channel["package"], channel["name"]] == names[-1]


def test_a_manifest_tells_what_a_careful_client_checks_before_it_subscribes():
    manifest = next(m for m in catalog.package_manifests("guide") if m["metadata"]["name"] == "cluster-logging")
    assert manifest["metadata"]["namespace"] == "openshift-marketplace"
    assert manifest["metadata"]["labels"]["catalog"] == "redhat-operators"
    status = manifest["status"]
    assert (status["catalogSource"], status["defaultChannel"]) == ("redhat-operators", "stable")
    description = status["channels"][0]["currentCSVDesc"]
    assert description["version"] == "5.5.5"
    modes = {mode["type"]: mode["supported"] for mode in description["installModes"]}
    assert modes == {"OwnNamespace": True, "SingleNamespace": True, "MultiNamespace": False, "AllNamespaces": False}


def test_a_bundle_brings_the_definitions_that_its_csv_owns(tmp_path: Path):
    csv, *owned = contents(rendered(tmp_path))["servicemeshoperator.v2.3.0"]
    described = {(row["name"], row["version"]) for row in csv["spec"]["customresourcedefinitions"]["owned"]}
    assert described == {
        ("servicemeshcontrolplanes.maistra.io", "v2"),
        ("servicemeshcontrolplanes.maistra.io", "v1"),
        ("servicemeshmemberrolls.maistra.io", "v1"),
        ("servicemeshmembers.maistra.io", "v1"),
    }
    assert {crd["metadata"]["name"] for crd in owned} == {name for name, _ in described}


def test_the_name_of_amq_streams_deployment_holds_its_version(tmp_path: Path):
    csv, *_ = contents(rendered(tmp_path))["amqstreams.v2.2.0-4"]
    (deployment,) = csv["spec"]["install"]["spec"]["deployments"]
    assert deployment["name"] == "amq-streams-cluster-operator-v2.2.0-4"
    assert deployment["label"] == {"sandbox.seldon/operator": "kafka"}


@pytest.mark.parametrize("reason", ["InstallComponentFailed", "UnsupportedOperatorGroup"])
def test_a_failing_csv_differs_and_no_other_does(tmp_path: Path, reason: str):
    fault = {"fault": "csv-failed", "operator": "kiali", "reason": reason}
    healthy, broken = contents(rendered(tmp_path)), contents(rendered(tmp_path, (fault,)))
    changed = {name for name in healthy if healthy[name] != broken[name]}
    assert changed == {"kiali-operator.v1.48.3", "kiali-operator.v1.57.3"}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"fault": "csv-failed", "operator": "kyali", "reason": "InstallComponentFailed"}, "kyali"),
        ({"fault": "csv-failed", "operator": "kiali", "reason": "Whim"}, "Whim"),
    ],
)
def test_a_mistake_in_a_fault_is_an_error(tmp_path: Path, fault: dict, message: str):
    with pytest.raises(ValueError, match=message):
        rendered(tmp_path, (fault,))


def test_an_unhealthy_sources_packages_are_not_listed():
    fault = {"fault": "catalog-unhealthy", "source": "certified-operators"}
    assert catalog.unhealthy_sources([fault, STRANGER]) == {"certified-operators"}
    sources = {m["status"]["catalogSource"] for m in catalog.package_manifests("guide", [fault])}
    assert sources == {"redhat-operators", "redhat-marketplace", "community-operators"}


def test_an_unknown_source_is_an_error():
    with pytest.raises(ValueError, match="redhat-operator'"):
        catalog.unhealthy_sources([{"fault": "catalog-unhealthy", "source": "redhat-operator"}])


def test_a_stranger_has_installed_an_older_version_by_hand():
    objects = {obj["kind"]: obj for obj in catalog.strangers("guide", [STRANGER])}
    subscription, csv = objects["Subscription"], objects["ClusterServiceVersion"]
    assert subscription["spec"]["installPlanApproval"] == "Manual"
    assert subscription["status"]["installedCSV"] == csv["metadata"]["name"] == "stranger-operator.v1.0.0"
    assert heads("guide")["stranger-operator", "stable"] != "stranger-operator.v1.0.0"


def test_a_stranger_can_only_have_what_the_catalogue_offers():
    with pytest.raises(ValueError, match=r"stranger-operator\.v9"):
        catalog.strangers("guide", [{**STRANGER, "csv": "stranger-operator.v9"}])


def test_an_unknown_catalogue_is_an_error():
    with pytest.raises(ValueError, match="tomorrow"):
        catalog.package_manifests("tomorrow")


def test_the_sources_are_those_of_a_fresh_cluster_at_their_addresses():
    addresses = {name: f"127.0.0.1:{5000 + index}" for index, name in enumerate(catalog.sources())}
    found = {
        source["metadata"]["name"]: (source["spec"]["priority"], source["spec"]["address"])
        for source in catalog.catalog_sources(addresses)
    }
    assert found == {
        "redhat-operators": (-100, "127.0.0.1:5000"),
        "certified-operators": (-200, "127.0.0.1:5001"),
        "redhat-marketplace": (-300, "127.0.0.1:5002"),
        "community-operators": (-400, "127.0.0.1:5003"),
    }


@pytest.fixture(scope="module")
def csvs(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """The CSVs of all bundles."""
    return [objects[0] for objects in contents(rendered(tmp_path_factory.mktemp("catalogs"))).values()]


def deployments(csv: dict) -> dict[str, dict]:
    """The pods' specs of a CSV by the names of its Deployments."""
    found = csv["spec"]["install"]["spec"]["deployments"]
    return {entry["name"]: entry["spec"]["template"]["spec"] for entry in found}


def test_webhooks_lead_to_a_deployment_of_their_csv(csvs: list[dict]) -> None:
    """At a port of OLM's Service; OLM registers none whose name has less than three words."""
    with_webhooks = [csv for csv in csvs if "webhookdefinitions" in csv["spec"]]
    assert {csv["metadata"]["name"].split(".")[0] for csv in with_webhooks} == {
        "serverless-operator",
        "elasticsearch-eck-operator-certified",
    }
    for csv in with_webhooks:
        for webhook in csv["spec"]["webhookdefinitions"]:
            assert webhook["deploymentName"] in deployments(csv)
            assert webhook["generateName"].count(".") >= 2


def test_a_real_operator_finds_what_it_needs_and_its_sidecar_nothing(csvs: list[dict]) -> None:
    seldon = next(csv for csv in csvs if csv["metadata"]["name"] == "seldon-operator.v1.15.0")
    (manager,) = deployments(seldon)["seldon-controller-manager"]["containers"]
    variables = {entry["name"]: entry for entry in manager["env"]}
    image = "docker.io/seldonio/seldon-core-executor:1.15.0"
    assert variables["EXECUTOR_CONTAINER_IMAGE_AND_VERSION"]["value"] == image
    assert variables["POD_NAMESPACE"]["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.namespace"}}
    assert manager["ports"] == [{"name": "webhook-server", "containerPort": 8443}]

    mesh = next(csv for csv in csvs if csv["metadata"]["name"] == "servicemeshoperator.v2.3.0")
    pod = deployments(mesh)["istio-operator"]
    mounted = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]} == {"operator-olm-config", "webhook-tls-volume"}

    gitops = next(csv for csv in csvs if csv["metadata"]["name"].startswith("openshift-gitops-operator"))
    proxy, manager = deployments(gitops)["gitops-operator-controller-manager"]["containers"]
    assert (proxy.keys(), "env" in manager) == ({"name", "image"}, True)
