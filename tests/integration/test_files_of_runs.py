# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Places and names of files that cannot work are told before anything else; none of it needs a cluster."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.paths import CHECKOUT


def run(folder: Path, playbook: str, *arguments: str, path: str = "", ends: int = 2) -> str:
    """Run a playbook in a folder of a user, without a cluster, and return what it prints; it has to end so."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "ANSIBLE_"))}
    result = subprocess.run(
        ["ansible-playbook", str(CHECKOUT / "playbooks" / playbook), *arguments],
        cwd=folder,
        env={**ours, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "KUBECONFIG": "", "PATH": path or ours["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == ends, result.stdout + result.stderr
    return result.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("upgraded.yml", "upgraded.yml exists already: name another file, or remove it: rm "),
        ("lacking/upgraded.yml", "lacking does not exist. Make it: mkdir -p "),
        (".", "is a folder: name a file"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_an_upgrade(tmp_path: Path, given: str, said: str) -> None:
    (tmp_path / "upgraded.yml").write_text("theirs: true\n")
    told = run(tmp_path, "upgrade.yml", "-e", "upgrade=all", "-e", f"upgrade_write={given}")
    assert "Nothing was read or written." in told
    assert said in told
    assert (tmp_path / "upgraded.yml").read_text() == "theirs: true\n"


def test_rights_of_a_misspelt_chapter_are_no_file(tmp_path: Path) -> None:
    told = run(tmp_path, "rights.yml", "-e", "playbook=site", "-e", "chapters=kafak")
    assert "kafak is no chapter: did you mean kafka?" in told
    assert list(tmp_path.iterdir()) == []


def test_each_of_two_clusters_has_its_rights_in_a_file_of_its_own(tmp_path: Path) -> None:
    hosts = {name: {"seldon_system_namespace": f"{name}-system"} for name in ("lab", "prod")}
    (tmp_path / "clusters.yml").write_text(json.dumps({"seldon_clusters": {"hosts": hosts}}))
    given = ("-i", "clusters.yml", "-e", "playbook=validate", "-e", "rights_path=rights.yaml")
    run(tmp_path, "rights.yml", *given, ends=0)
    for name in hosts:
        assert f"namespace: {name}-system" in (tmp_path / f"{name}-rights.yaml").read_text()


def test_a_mirror_without_helm_says_what_to_install(tmp_path: Path) -> None:
    bare = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    if shutil.which("helm", path=bare):
        pytest.skip("Helm is where everything is")
    told = run(tmp_path, "mirror.yml", "-e", "mirror_dir=mirror", path=bare)
    assert "helm is not on PATH where the tasks run" in told
    assert "install Helm 3: https://helm.sh" in told
