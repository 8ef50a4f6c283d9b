"""site.yml on an empty cluster: in check mode, with what can not work, and one tag alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.paths import CHECKOUT
from tests.integration.cluster import GIT_REPOSITORY, Cluster, recap
from tests.integration.contents import contents
from tests.integration.test_site import MEMBERS, MESH


def test_check_mode_on_an_empty_cluster_says_what_would_be_and_writes_nothing(empty_cluster: Cluster) -> None:
    before = contents(empty_cluster.kube)

    def check() -> None:
        result = empty_cluster.site("--check", "--diff")
        assert recap(result)["changed"] > 0
        for wanted in ("seldon.gitops: enabled", "ServiceMeshControlPlane", "seldon-gateway", "host: seldon.apps."):
            assert wanted in result.stdout

    kept = [
        event["requestURI"]
        for event in empty_cluster.requests(check)
        if event["verb"] in ("create", "update", "patch", "delete")
        and "dryRun" not in event["requestURI"]
        and "selfsubject" not in event["requestURI"]
    ]
    assert kept == []
    assert contents(empty_cluster.kube) == before


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            '{"seldon_model_namespaces": [{"name": "Bad_Name"}, {"name": "seldon-logs"}]}',
            ["'Bad_Name'", "'seldon-logs'"],
        ),
        ('{"seldon_git_repository": ""}', ["seldon-gitops needs it", "-e seldon_git_repository=https://"]),
    ],
)
def test_bad_input_is_refused_before_the_first_write(empty_cluster: Cluster, values: str, told: list[str]) -> None:
    before = contents(empty_cluster.kube)
    result = empty_cluster.site("-e", values, check=False)
    assert result.returncode != 0
    for words in told:
        assert words in result.stdout + result.stderr
    assert contents(empty_cluster.kube) == before


def test_one_tag_alone_works_on_an_empty_cluster(empty_cluster: Cluster) -> None:
    assert recap(empty_cluster.site("--tags", "service_mesh"))["failed"] == 0
    roll = empty_cluster.kube.get("maistra.io/v1", "ServiceMeshMemberRoll", "default", MESH)
    assert roll
    # Model namespaces join after their policies.
    assert set(roll["status"]["configuredMembers"]) == MEMBERS - {"seldon", "seldon-gitops"}
    assert recap(empty_cluster.site("--tags", "service_mesh"))["changed"] == 0


def errors_of_a_run(environment: dict[str, str]) -> list[str]:
    """Return the lines in which a failing run of site.yml tells why."""
    result = subprocess.run(
        ["ansible-playbook", "playbooks/site.yml", "-e", f"seldon_git_repository={GIT_REPOSITORY}"],
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    text = result.stdout + result.stderr
    assert "Traceback" not in text
    return [line for line in text.splitlines() if line.startswith("[ERROR]")]


def test_no_cluster_is_one_clear_line(empty_cluster: Cluster) -> None:
    elsewhere = {"KUBECONFIG": os.devnull, "K8S_AUTH_HOST": "https://127.0.0.1:1", "K8S_AUTH_API_KEY": "x"}
    (line,) = errors_of_a_run(empty_cluster.environment() | elsewhere)
    assert "https://127.0.0.1:1 can't be reached" in line
    assert "Connection refused" in line


def test_a_wrong_token_is_one_clear_line(empty_cluster: Cluster) -> None:
    host = json.loads(empty_cluster.kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    wrong = {
        "KUBECONFIG": os.devnull,
        "K8S_AUTH_HOST": host,
        "K8S_AUTH_API_KEY": "not-a-token",
        "K8S_AUTH_VERIFY_SSL": "false",
    }
    (line,) = errors_of_a_run(empty_cluster.environment() | wrong)
    assert f"{host} does not accept these credentials (401" in line
    assert "not-a-token" not in line


def test_a_missing_helm_is_one_clear_line(empty_cluster: Cluster, tmp_path: Path) -> None:
    environment = empty_cluster.environment()
    # Only what the run itself needs: a helm elsewhere on PATH would hide that ours is missing.
    (tmp_path / "ansible-playbook").symlink_to(Path(sys.executable).with_name("ansible-playbook"))
    (line,) = errors_of_a_run(environment | {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert "in the way (helm)" in line
