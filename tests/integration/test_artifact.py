"""The built artifact: what it holds, and that it installs the platform from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.integration.cluster import Cluster

CHECKOUT = Path(__file__).parents[2]
HELD = {
    "CHANGELOG.rst",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "ansible-navigator.yml",
    "bindep.txt",
    "changelogs",
    "docs",
    "execution-environment.yml",
    "inventories",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "requirements.yml",
    "roles",
}


def run(cwd: Path, environment: dict[str, str], *command: str) -> str:
    """Run one of the virtual environment's commands and return its output; its failure fails the test."""
    result = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}"
    return result.stdout


def users(environment: dict[str, str], collections: Path) -> dict[str, str]:
    """Return the environment of a user who installed the artifact into `collections` and has no checkout."""
    kept = {name: value for name, value in environment.items() if not name.startswith("ANSIBLE_")}
    return kept | {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_NOCOLOR": "1"}


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    run(CHECKOUT, dict(os.environ), "ansible-galaxy", "collection", "build", "--output-path", str(folder))
    (tarball,) = folder.glob("*.tar.gz")
    return tarball


@pytest.fixture(scope="module")
def collections(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path that holds the artifact and nothing else; kubernetes.core is the virtual environment's."""
    path = tmp_path_factory.mktemp("collections")
    run(
        path,
        users(dict(os.environ), path),
        *("ansible-galaxy", "collection", "install", str(artifact), "--collections-path", str(path), "--no-deps"),
    )
    return path


def test_holds_what_users_need_and_nothing_else(artifact: Path) -> None:
    with tarfile.open(artifact) as tarball:
        files = [Path(member.name) for member in tarball if member.isfile()]
    assert artifact.name == "seldon-openshift-1.0.0.tar.gz"
    assert {path.parts[0] for path in files} == HELD
    assert [path for path in files if any(part.startswith((".", "__pycache__")) for part in path.parts)] == []


def test_every_module_is_documented(collections: Path, tmp_path: Path) -> None:
    documented = run(tmp_path, users(dict(os.environ), collections), "ansible-doc", "--list", "seldon.openshift")
    modules = collections.glob("ansible_collections/seldon/openshift/plugins/modules/seldon_*.py")
    assert {line.split()[0] for line in documented.splitlines()} == {
        f"seldon.openshift.{path.stem}" for path in modules
    }


@pytest.mark.parametrize(
    ("kind", "folder"), [("role", "roles"), ("filter", "plugins/filter"), ("lookup", "plugins/lookup")]
)
def test_every_role_filter_and_lookup_is_documented(collections: Path, tmp_path: Path, kind: str, folder: str) -> None:
    documented = run(
        tmp_path, users(dict(os.environ), collections), "ansible-doc", "--type", kind, "--list", "seldon.openshift"
    )
    there = (collections / "ansible_collections/seldon/openshift" / folder).iterdir()
    names = {path.stem for path in there if path.is_dir() or path.suffix == ".py"}
    assert {f"seldon.openshift.{name}" for name in names} <= {word.rstrip(":") for word in documented.split()}


def test_site_yml_runs_from_an_empty_folder(collections: Path, tmp_path: Path, finished_cluster: Cluster) -> None:
    inventory = collections / "ansible_collections/seldon/openshift/inventories/default"
    output = run(
        tmp_path,
        users(finished_cluster.environment(), collections),
        *("ansible-playbook", "seldon.openshift.site", "--inventory", str(inventory), *finished_cluster.values()),
    )
    # What the checkout has installed is as the artifact wants it: all of its files are there.
    assert "changed=0 " in output
    assert "failed=0 " in output
