"""A disconnected cluster: what mirror.yml writes covers what runs, and what is installed comes from the mirror."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.kube import Object
from tests.integration.cluster import Cluster, recap
from tests.plays import opened

MIRROR = "registry.example.com:5000/mirror"
# Where pods run whose images nobody's digest names: the chapters' own.
NAMESPACES = ("seldon", "seldon-system")
REQUEST_LOGGER = ("apps/v1", "Deployment", "seldon-request-logger", "seldon-logs")
ELASTICSEARCH = ("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "elasticsearch-seldon", "seldon-logs")
WORKLOADS = (("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("mlops.seldon.io/v1alpha1", "ServerConfig"))
# OpenShift's own image streams bring it (its template), and with it the samples' mirror.
OF_OPENSHIFT = "sandbox.invalid/"
# What oc-mirror reads (pkg/api/v1alpha2 of openshift/oc-mirror, and `defaultChannel` since 4.12.51).
FIELDS: dict[str, Any] = {
    "apiVersion": str,
    "kind": str,
    "storageConfig": {"local": {"path": str}},
    "mirror": {
        "operators": [
            {
                "catalog": str,
                "packages": [
                    {
                        "name": str,
                        "defaultChannel": str,
                        "channels": [{"name": str, "minVersion": str, "maxVersion": str}],
                    }
                ],
            }
        ],
        "additionalImages": [{"name": str}],
    },
}


def fits(value: Any, fields: Any) -> bool:
    """Tell whether oc-mirror, which refuses unknown fields, takes a value."""
    if isinstance(fields, dict):
        return value.keys() <= fields.keys() and all(fits(each, fields[key]) for key, each in value.items())
    if isinstance(fields, list):
        return all(fits(each, fields[0]) for each in value)
    return type(value) is fields


def full(image: str) -> str:
    first = image.partition("/")[0]
    return image if "." in first or ":" in first else f"docker.io/{image}"


def named(node: Any) -> Iterator[str]:
    """Yield the images of containers, wherever they are in an object."""
    if isinstance(node, dict):
        if isinstance(node.get("image"), str) and "name" in node:
            yield node["image"]
        for each in node.values():
            yield from named(each)
    elif isinstance(node, list):
        for each in node:
            yield from named(each)


def images(cluster: Cluster, kinds: tuple[tuple[str, str], ...]) -> set[str]:
    found = [obj for kind in kinds for namespace in NAMESPACES for obj in cluster.kube.list(*kind, namespace)]
    found.append(cluster.kube.get(*REQUEST_LOGGER) or {})
    return {image for obj in found for image in named(obj.get("spec")) if not image.startswith(OF_OPENSHIFT)}


def mirror(cluster: Cluster, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run mirror.yml as on a machine that reaches no cluster."""
    command = ["ansible-playbook", "playbooks/mirror.yml", *cluster.values(), "-e", f"mirror_dir={folder}", *options]
    environment = cluster.environment() | {"KUBECONFIG": os.devnull}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def install(cluster: Cluster, folder: Path, **given: Any) -> int:
    """Do with three roles alone what site.yml does, and return what changed."""
    roles = ("elasticsearch", "seldon_core_v2", "seldon_deploy")
    tasks = [task for role in roles for task in opened(role, "main", "wait")]
    play = folder / "play.json"
    play.write_text(json.dumps([{"hosts": "seldon_clusters", "gather_facts": False, "tasks": tasks}]))
    given["seldon_image_registry"] = MIRROR
    return recap(cluster.playbook(str(play), *cluster.values(), "-e", json.dumps(given)))["changed"]


def test_the_files_cover_what_runs(finished_cluster: Cluster, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    checked = mirror(finished_cluster, folder, "--check", "--diff")
    assert checked.returncode == 0, checked.stdout
    assert not folder.exists()
    done = mirror(finished_cluster, folder)
    assert done.returncode == 0, done.stdout
    listed = (folder / "images.txt").read_text().split()
    running = {full(image) for image in images(finished_cluster, (("v1", "Pod"), *WORKLOADS))}
    assert len(running) > 10
    assert running <= set(listed)
    config: Object = yaml.safe_load((folder / "imageset-config.yaml").read_text())
    assert fits(config, FIELDS)
    assert [each["name"] for each in config["mirror"]["additionalImages"]] == listed
    packages = {package["name"] for each in config["mirror"]["operators"] for package in each["packages"]}
    subscriptions = finished_cluster.kube.list("operators.coreos.com/v1alpha1", "Subscription")
    assert packages == {each["spec"]["name"] for each in subscriptions}
    assert {path.name for path in (folder / "charts").iterdir()} == {
        "seldon-deploy-2.0.0.tgz",
        "seldon-core-v2-crds-2.1.0.tgz",
        "seldon-core-v2-servers-2.1.0.tgz",
        "seldon-core-v2-setup-2.1.0.tgz",
    }
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.*")} == {0o644}
    again = mirror(finished_cluster, folder)
    assert recap(again)["changed"] == 0


def test_what_is_not_installed_is_not_mirrored(finished_cluster: Cluster, tmp_path: Path) -> None:
    given = {
        "kafka_mode": "external",
        "seldon_kafka_bootstrap": "kafka.example.com:9092",
        "elasticsearch_mode": "external",
        "elasticsearch_external": {"password": "x"},
        "seldon_elasticsearch_url": "https://elasticsearch.example.com:9200",
        "seldon_model_namespaces": [{"name": "seldon"}],
        "postgresql_host": "db.example.com",
        "mirror_images": ["quay.io/acme/model:1"],
        "seldon_operators_approval": "Automatic",
    }
    done = mirror(finished_cluster, tmp_path, "-e", json.dumps(given))
    assert done.returncode == 0, done.stdout
    assert not [
        each for each in ("amq-streams", "elastic", "postgresql", "seldon-envoy") if each in everything(tmp_path)
    ]
    assert "quay.io/acme/model:1" in everything(tmp_path)
    assert "maxVersion" not in everything(tmp_path)


def everything(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.glob("*.*"))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"seldon_catalog_redhat": "one", "seldon_catalog_certified": "one"},
            "-e seldon_catalog_redhat=redhat-operators",
        ),
        (
            {"kafka_operators": [{"name": "amq-streams", "namespace": "k", "source": "mine"}]},
            '{"mirror_indexes": {"mine": "IMAGE"}}',
        ),
        ({"seldon_charts_repository": "/nowhere"}, "-e seldon_charts_repository=URL"),
        ({"seldon_image_registry": "https://registry.example.com"}, "without a protocol"),
    ],
)
def test_what_cannot_be_mirrored_is_refused(
    finished_cluster: Cluster, tmp_path: Path, given: Object, told: str
) -> None:
    done = mirror(finished_cluster, tmp_path, "-e", json.dumps(given))
    assert done.returncode == 2
    assert told in " ".join((done.stdout + done.stderr).split()), done.stdout


def test_everything_comes_from_the_mirror(finished_cluster: Cluster, tmp_path: Path) -> None:
    charts = tmp_path / "mirror" / "charts"
    assert mirror(finished_cluster, tmp_path / "mirror").returncode == 0
    before = (tmp_path / "mirror" / "images.txt").read_text()
    given = {
        "seldon_charts_repository": str(charts),
        "seldon_deploy_values": {"requestLogger": {"image": "quay.io/mine/logger:1"}},
    }
    assert install(finished_cluster, tmp_path, **given) > 0
    found = images(finished_cluster, WORKLOADS)
    assert len(found) > 10
    assert {image for image in found if not image.startswith(f"{MIRROR}/")} == {"quay.io/mine/logger:1"}
    assert f"{MIRROR}/nvidia/tritonserver:22.11-py3" in found
    elasticsearch = finished_cluster.kube.get(*ELASTICSEARCH) or {}
    assert elasticsearch["spec"]["image"] == f"{MIRROR}/elasticsearch/elasticsearch-ubi8:7.12.1"
    assert install(finished_cluster, tmp_path, **given) == 0
    # The names to copy from are those that are published, also for who installs from the mirror already.
    assert mirror(finished_cluster, tmp_path / "mirror", "-e", f"seldon_image_registry={MIRROR}").returncode == 0
    assert (tmp_path / "mirror" / "images.txt").read_text() == before
