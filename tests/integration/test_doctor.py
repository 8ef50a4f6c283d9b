"""The doctor's archive from a finished cluster: what support needs is in it, and no secret, wherever it stood."""

from __future__ import annotations

import base64
import json
import stat
import tarfile
from pathlib import Path

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.doctor import gather
from ansible_collections.seldon.openshift.plugins.modules import seldon_doctor

from sandbox.kube import Object
from tests.integration import engine
from tests.integration.cluster import Cluster
from tests.integration.helpers import secrets

PLANTED = {
    "in-a-config-map": "zQ1-planted-config-value",
    "in-an-environment": "zQ2-planted-literal-value",
    "in-a-log": "zQ3-planted-logged-value",
    "in-an-annotation": "zQ4-planted-annotation-value",
}
MARK = "zQ5-this-is-no-secret"


def plant(cluster: Cluster) -> None:
    """Put values of a Secret where they should never be, and a mark that is none."""
    kube, metadata = cluster.kube, {"namespace": "seldon-system"}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in PLANTED.items()}
    kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": {**metadata, "name": "planted"}, "data": data})
    kube.create(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                **metadata,
                "name": "planted",
                "annotations": {"note": PLANTED["in-an-annotation"], "mark": MARK},
            },
            "data": {"settings.ini": f"mode = {PLANTED['in-a-config-map']}\nmark = {MARK}\n"},
        }
    )
    environment = [
        {"name": "MODE", "value": PLANTED["in-an-environment"]},
        {"name": "DB_PASSWORD", "value": "zQ6-literal"},
    ]
    container = {"name": "c", "image": "i", "env": environment}
    kube.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**metadata, "name": "planted"},
            "spec": {"containers": [container]},
        }
    )
    with (cluster.sandbox.state / "logs" / "pods.log").open("a", encoding="utf-8") as log:
        log.write(f"2023-01-01T00:00:01.000000000Z stdout F {MARK} logs in with {PLANTED['in-a-log']}\n")


def unpacked(path: Path, folder: Path) -> dict[str, str]:
    """Return the files of an archive by their names without its first folder."""
    with tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(Path(*file.relative_to(folder).parts[1:])): file.read_text() for file in files}


def leaks(files: dict[str, str], values: set[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, text in files.items() for value in values if value in text]


@pytest.fixture(scope="module")
def planted(finished_cluster: Cluster) -> Cluster:
    plant(finished_cluster)
    return finished_cluster


@pytest.fixture(scope="module")
def archive(planted: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("doctor") / "doctor.tar.gz"
    result = planted.playbook("playbooks/doctor.yml", *planted.values(), "-e", f"doctor_path={path}")
    assert "changed=0" in result.stdout
    return path


def test_only_its_owner_reads_it(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with tarfile.open(archive) as opened:
        assert {member.mode for member in opened} == {0o600}


def test_what_support_needs_is_in_it(archive: Path, tmp_path: Path) -> None:
    files = unpacked(archive, tmp_path)
    assert json.loads(files["about.json"])["ansible"]
    for name in (
        "cluster/clusterversion.config.openshift.io.yaml",
        "cluster/apiservice.apiregistration.k8s.io.yaml",
        "objects/istio-system/servicemeshcontrolplane.maistra.io.yaml",
        "objects/seldon-operator-mesh/subscription.operators.coreos.com.yaml",
        "objects/seldon-operator-mesh/clusterserviceversion.operators.coreos.com.yaml",
        "objects/seldon-system/networkpolicy.networking.k8s.io.yaml",
        "objects/seldon-system/secret.yaml",
        "events/istio-system.txt",
        "logs/seldon-system/planted/c.log",
    ):
        assert files[name].strip(), name
    assert "ComponentsReady" in files["objects/istio-system/servicemeshcontrolplane.maistra.io.yaml"]
    assert "managedFields:" not in "".join(files.values())
    assert f"{MARK} logs in with <removed>" in files["logs/seldon-system/planted/c.log"]
    assert files["objects/seldon-system/configmap.yaml"].count(MARK) == 2


def test_no_value_of_any_secret_is_in_it(planted: Cluster, archive: Path, tmp_path: Path) -> None:
    files, values = unpacked(archive, tmp_path), secrets(planted.kube)
    assert set(PLANTED.values()) <= values
    assert len(values) > 20
    assert leaks(files, values | {"zQ6-literal"}) == []


def test_the_search_would_have_found_one(planted: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same cluster, the same search, with nothing taken out."""

    def as_it_is(obj: Object, _scrub: object) -> Object:
        return obj

    monkeypatch.setattr(gather, "redacted", as_it_is)
    monkeypatch.setattr(gather, "scrubber", lambda _secrets: str)
    path = tmp_path / "bare.tar.gz"
    engine.run(seldon_doctor, planted, path=str(path), namespaces=["seldon-system"])
    found = {value for _, value in leaks(unpacked(path, tmp_path / "x"), secrets(planted.kube) | {"zQ6-literal"})}
    assert {*PLANTED.values(), "zQ6-literal"} <= found


def test_what_is_not_there_is_named(planted: Cluster, tmp_path: Path) -> None:
    path = tmp_path / "d.tar.gz"
    result = engine.run(seldon_doctor, planted, path=str(path), namespaces=["seldon-system", "nowhere"])
    assert result["missing"] == ["namespace nowhere does not exist"]


def test_check_mode_writes_nothing(planted: Cluster, tmp_path: Path) -> None:
    result = engine.run(seldon_doctor, planted, check=True, path=str(tmp_path / "d.tar.gz"), namespaces=["default"])
    assert result["namespaces"] == ["default"]
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_can_not_be_written_is_named(planted: Cluster, tmp_path: Path) -> None:
    archive = tmp_path / "nowhere" / "d.tar.gz"
    result = engine.run(seldon_doctor, planted, path=str(archive), namespaces=["default"])
    assert result["failed"]
    assert f"the archive {archive} cannot be written" in result["msg"]
