"""Each playbook by the token of an account that has the rights of its file, and no others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.rights.rows import playbooks, read

from sandbox import postgres
from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from sandbox.simulator.objects import make
from tests.integration.accounts import Account, allowed, refused
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import until
from tools.rights.files import completed
from tools.rights.uses import MAKING, uses

PAGES = CHECKOUT / "docs/rights"
LOOKS = ("get", "list", "watch")
# A run goes on without it: tools/rights/by_hand.yaml.
LEFT_OUT = ("list", "", "secrets", "")
NO_DATABASE = ("-e", "backup_database=false")
Ended = list[subprocess.CompletedProcess[str]]


@pytest.fixture
def account(finished_cluster: Cluster, tmp_path: Path) -> Callable[..., Account]:
    def made(playbook: str, *given: str) -> Account:
        file = tmp_path / f"{playbook}.yaml"
        command = ("playbooks/rights.yml", "-e", f"playbook={playbook}", "-e", f"rights_path={file}", *given)
        finished_cluster.playbook(*command)
        return allowed(finished_cluster, playbook, file)

    return made


def test_the_files_in_docs_are_what_the_playbook_writes(tmp_path: Path) -> None:
    assert sorted(path.stem for path in PAGES.glob("*.yaml")) == playbooks()
    play = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [
                {
                    "ansible.builtin.include_role": {"name": "seldon.openshift.rights"},
                    "loop": playbooks(),
                    "vars": {
                        "rights_playbook": "{{ item }}",
                        "rights_path": f"{tmp_path}/{{{{ item }}}}.yaml",
                        "rights_installed": f"{{{{ item not in {sorted(MAKING)} }}}}",
                    },
                }
            ],
        }
    ]
    (tmp_path / "play.json").write_text(json.dumps(play))
    done = subprocess.run(
        ["ansible-playbook", str(tmp_path / "play.json")], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    files = {name: (PAGES / f"{name}.yaml", tmp_path / f"{name}.yaml") for name in playbooks()}
    assert [name for name, (page, written) in files.items() if page.read_text() != written.read_text()] == []


@pytest.mark.parametrize("playbook", ["validate", "preflight", "doctor"])
def test_who_looks_needs_exactly_these(account: Callable[..., Account], tmp_path: Path, playbook: str) -> None:
    """A row that lacks is refused, one too many is not what the run shows."""
    # The preflight asks for the rights of site.yml, which this account does not have.
    values = {"preflight_ignore": ["rights"], "doctor_path": str(tmp_path / "doctor.tar.gz")}
    given = ("-e", json.dumps(values))
    reader = account(playbook)
    ended: Ended = []
    events = reader.requests(lambda: ended.append(reader.run(*given)))
    assert ended[0].returncode == 0, ended[0].stdout + ended[0].stderr
    assert refused(events) == set()
    assert completed(playbook, uses(events, lambda _moment: "")) == read(playbook)


def test_drift_compares_values_where_it_may_not_try(account: Callable[..., Account]) -> None:
    reader = account("drift")
    ended: Ended = []
    given = ("-e", f"drift_report_dir={reader.kubeconfig.parent}")
    events = reader.requests(lambda: ended.append(reader.run(*given)))
    assert ended[0].returncode == 0, ended[0].stdout + ended[0].stderr
    assert [each for each in refused(events) if each[0] in LOOKS and each != LEFT_OUT] == []


def test_a_later_run_of_site_needs_its_rights_in_the_namespaces_alone(account: Callable[..., Account]) -> None:
    operator = account("site", "-e", "installed=true")
    monitor = make("monitoring.coreos.com/v1", "PodMonitor", "seldon-deploy-monitor", "seldon-system")
    assert operator.cluster.kube.delete(monitor)
    ended: Ended = []
    events = operator.requests(lambda: ended.append(operator.run()))
    assert recap(ended[0])["failed"] == 0, ended[0].stdout + ended[0].stderr
    assert recap(ended[0])["changed"] == 1
    assert refused(events) <= {LEFT_OUT}


def test_the_owner_of_a_namespace_adds_it_and_no_other(
    finished_cluster: Cluster, account: Callable[..., Account]
) -> None:
    kube = finished_cluster.kube
    kube.create(make("v1", "Namespace", "team-a"))
    owner = account("add_namespace", "-e", json.dumps({"ns": "team-a", "chapters": "model_namespace"}))
    added = owner.run("-e", "ns=team-a")
    assert recap(added)["failed"] == 0, added.stdout + added.stderr
    assert (kube.get("v1", "Namespace", "team-a") or {})["metadata"]["labels"]["seldon.restricted"] == "false"

    for arguments, lacking in (
        (("-e", "ns=team-b"), "namespaces in team-b"),
        (("-e", "ns=team-a", "-e", "v2=true"), "roles.rbac.authorization.k8s.io in team-a"),
    ):
        result = owner.run(*arguments)
        said = " ".join((result.stdout + result.stderr).split())
        assert result.returncode != 0
        for words in ("Nothing was written", lacking, "-e playbook=add_namespace -e user=USER"):
            assert words in said
    assert kube.get("v1", "Namespace", "team-b") is None


def test_rotate_copies_and_restarts_by_its_own_rights(
    finished_cluster: Cluster, account: Callable[..., Account]
) -> None:
    rotator = account("rotate")
    assert finished_cluster.kube.delete(make("v1", "Secret", "elasticsearch-seldon-es-elastic-user", "seldon-logs"))
    rotated = rotator.run()
    assert recap(rotated)["failed"] == 0, rotated.stdout + rotated.stderr
    assert recap(rotated)["changed"] > 0


def test_a_backup_comes_back_by_their_own_rights(
    finished_cluster: Cluster, account: Callable[..., Account], tmp_path: Path
) -> None:
    kube = finished_cluster.kube
    lost = [
        kube.create(make("v1", "Secret", "storage", "seldon", stringData={"key": "value"})),
        kube.create(make("mlops.seldon.io/v1alpha1", "Model", "iris", "seldon", spec={"storageUri": "gs://x"})),
        make("v1", "Secret", "git-creds", "seldon-system"),
        make("v1", "Secret", "seldon-gitops-repository", "seldon-argocd"),
    ]
    password = tmp_path / "password"
    password.write_text("correct horse")
    given = ("--vault-password-file", str(password), *([] if postgres.programs() else NO_DATABASE))
    # Namespaces of other tests are for models as well.
    labelled = [each["metadata"] for each in kube.list("v1", "Namespace")]
    names = [each["name"] for each in labelled if "seldon.restricted" in each.get("labels", {})]
    saved = account("backup", "-e", json.dumps({"ns": names})).run(*given, "-e", f"backup_dir={tmp_path / 'backups'}")
    assert saved.returncode == 0, saved.stdout + saved.stderr
    for obj in lost:
        assert kube.delete(obj)
    until(lambda: [obj for obj in lost if is_there(finished_cluster, obj)] == [], 60)

    restorer = account("restore")
    (backup,) = (tmp_path / "backups").iterdir()
    ended: Ended = []
    events = restorer.requests(lambda: ended.append(restorer.run(*given, "-e", f"backup={backup}")))
    assert ended[0].returncode == 0, ended[0].stdout + ended[0].stderr
    assert refused(events) <= {LEFT_OUT}
    assert [obj for obj in lost if not is_there(finished_cluster, obj)] == []


def is_there(cluster: Cluster, obj: Object) -> bool:
    metadata = obj["metadata"]
    return cluster.kube.get(obj["apiVersion"], obj["kind"], metadata["name"], metadata["namespace"]) is not None
