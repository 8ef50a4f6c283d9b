"""The sandbox's repository of Helm charts: its index, its packages, and real charts in place of the stand-ins."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest
import yaml

from sandbox.charts import folder_from_environment, packed, write_repository
from sandbox.definitions import Definitions

OWN = {
    "seldon-core-v2-crds": "2.1.0",
    "seldon-core-v2-setup": "2.1.0",
    "seldon-core-v2-servers": "2.1.0",
    "seldon-deploy": "2.0.0",
}


def index(folder: Path) -> dict[str, dict]:
    entries = yaml.safe_load((folder / "index.yaml").read_text())["entries"]
    return {name: versions[0] for name, versions in entries.items()}


def content(package: Path, path: str) -> str:
    with tarfile.open(package) as archive:
        found = archive.extractfile(path)
        assert found
        return found.read().decode()


def chart(name: str, version: str) -> dict[str, bytes]:
    return {"Chart.yaml": yaml.safe_dump({"apiVersion": "v2", "name": name, "version": version}).encode()}


def test_every_chart_is_in_the_index_with_its_package(tmp_path: Path) -> None:
    write_repository(tmp_path, Definitions())
    entries = index(tmp_path)
    assert {name: entry["version"] for name, entry in entries.items()} == OWN
    for name, entry in entries.items():
        package = tmp_path / entry["urls"][0]
        assert entry["digest"] == hashlib.sha256(package.read_bytes()).hexdigest()
        assert yaml.safe_load(content(package, f"{name}/Chart.yaml"))["version"] == entry["version"]


def test_the_same_charts_give_the_same_repository(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_repository(tmp_path / name, Definitions())
    assert index(tmp_path / "one") == index(tmp_path / "two")


def test_the_definitions_are_a_template_so_that_uninstalling_removes_them(tmp_path: Path) -> None:
    definitions = Definitions.from_environment()
    write_repository(tmp_path, definitions)
    text = content(tmp_path / "seldon-core-v2-crds-2.1.0.tgz", "seldon-core-v2-crds/templates/definitions.yaml")
    assert list(yaml.safe_load_all(text)) == definitions.load("seldon_v2")


def test_given_charts_replace_the_stand_ins_of_their_name(tmp_path: Path) -> None:
    given = tmp_path / "given"
    (given / "seldon-core-v2-servers").mkdir(parents=True)
    (given / "seldon-core-v2-servers" / "Chart.yaml").write_bytes(
        chart("seldon-core-v2-servers", "9.9.9")["Chart.yaml"]
    )
    package = packed("seldon-deploy", chart("seldon-deploy", "2.0.1") | {"charts/x/Chart.yaml": b"name: x"})
    (given / "seldon-deploy.tgz").write_bytes(package)
    write_repository(tmp_path / "written", Definitions(), given)
    versions = {name: entry["version"] for name, entry in index(tmp_path / "written").items()}
    assert versions == OWN | {"seldon-core-v2-servers": "9.9.9", "seldon-deploy": "2.0.1"}
    assert (tmp_path / "written" / "seldon-deploy-2.0.1.tgz").read_bytes() == package


def test_what_is_no_chart_or_no_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.tgz").write_bytes(packed("empty", {"README.md": b""}))
    with pytest.raises(ValueError, match=r"empty.tgz holds no Helm chart"):
        write_repository(tmp_path / "written", Definitions(), tmp_path)
    monkeypatch.setenv("SELDON_CHART_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match=r"SELDON_CHART_DIR=.*nowhere is no folder"):
        folder_from_environment()
    monkeypatch.delenv("SELDON_CHART_DIR")
    assert folder_from_environment() is None
