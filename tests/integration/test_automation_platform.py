"""The examples for many clusters: on a controller, by ansible-runner as AWX does, by ansible-navigator, in a pod."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.kube import Object
from tests.integration import pod
from tests.integration.cluster import GIT_REPOSITORY, Cluster
from tests.integration.controller import TOKEN, Controller
from tests.integration.helpers import until
from tests.printed import CHECKOUT, commands

EXAMPLES = CHECKOUT / "examples"
CONTROLLER = EXAMPLES / "automation-platform/controller"
PROJECT = EXAMPLES / "automation-platform/project"
PAGE = (CHECKOUT / "docs/automation-platform.md").read_text()
SECRETS = {"platform_kubeconfig": "apiVersion: v1 # of-all-clusters", "platform_vault_password": "opens-the-vault"}
# Those whose contexts the shipped inventory names, and whether Kafka is installed there.
CLUSTERS = {"staging": True, "emea": True, "apac": False}


def run(folder: Path, environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the virtual environment in a folder."""
    program = shutil.which(command[0], path=str(Path(sys.executable).parent))
    assert program, command[0]
    return subprocess.run(
        [program, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


class Configured:
    """A controller on which configure.yml ran twice, and what each run printed and wrote."""

    def __init__(self, controller: Controller, folder: Path) -> None:
        self.controller, self.outputs, self.writes = controller, [], []
        (folder / "secrets.yml").write_text(json.dumps(SECRETS))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "TOWER_"))}
        environment = inherited | {
            "CONTROLLER_HOST": controller.url,
            "CONTROLLER_OAUTH_TOKEN": TOKEN,
            "ANSIBLE_NOCOLOR": "1",
        }
        for _time in range(2):
            controller.writes.clear()
            result = run(
                CONTROLLER, environment, "ansible-playbook", "configure.yml", "-v", "-e", f"@{folder}/secrets.yml"
            )
            assert result.returncode == 0, result.stdout + result.stderr
            self.outputs.append(result.stdout + result.stderr)
            self.writes.append(list(controller.writes))


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Configured]:
    with Controller() as controller:
        yield Configured(controller, tmp_path_factory.mktemp("configured"))


def test_the_modules_of_awx_make_every_object_of_the_files(configured: Configured) -> None:
    made = {name: {each["name"] for each in configured.controller.all(name)} for name in ("inventories", "schedules")}
    assert made["inventories"] == {"Seldon clusters", "Seldon canary", "Seldon others"}
    assert made["schedules"] == {"Seldon drift every night", "Seldon validation every Monday"}
    playbooks = {each["playbook"] for each in configured.controller.all("job_templates")}
    assert playbooks == {path.name for path in PROJECT.glob("*.yml")}


def test_a_second_run_changes_nothing(configured: Configured) -> None:
    assert configured.writes[0]
    assert configured.writes[1] == []
    assert re.search(r"^localhost +: ok=\d+ +changed=0 ", configured.outputs[1], re.MULTILINE)


def test_no_secret_and_no_warning_is_printed(configured: Configured) -> None:
    assert configured.controller.secrets == {
        "Seldon clusters": {"kubeconfig": SECRETS["platform_kubeconfig"]},
        "Seldon vault": {"vault_password": SECRETS["platform_vault_password"]},
    }
    for output in configured.outputs:
        assert [secret for secret in SECRETS.values() if secret in output] == []
        assert "WARNING" not in output


def test_what_the_platform_itself_renders_arrives_as_it_stands(configured: Configured) -> None:
    (kubeconfig,) = [each for each in configured.controller.all("credential_types") if each["name"] == "Kubeconfig"]
    assert kubeconfig["injectors"] == {
        "file": {"template": "{{ kubeconfig }}"},
        "env": {"K8S_AUTH_KUBECONFIG": "{{ tower.filename }}"},
    }
    told = configured.controller.named("notification_templates", "Seldon failures")["messages"]["error"]["body"]
    assert "{{ job.name }}" in told


def test_a_workflow_leads_from_the_preflight_over_an_approval_to_the_validation(configured: Configured) -> None:
    controller = configured.controller
    way, jobs = ["preflight"], []
    workflow = controller.named("workflow_job_templates", "Seldon installation")["id"]
    nodes = {
        each["identifier"]: each
        for each in controller.all("workflow_job_template_nodes")
        if each["workflow_job_template"] == workflow
    }
    by_id = {each["id"]: name for name, each in nodes.items()}
    unified = {each["id"]: each["name"] for each in controller.all("unified_job_templates")}
    while True:
        node = nodes[way[-1]]
        jobs.append(unified[node["unified_job_template"]])
        following = controller.associations.get(("workflow_job_template_nodes", node["id"], "success_nodes"), [])
        if not following:
            break
        way.append(by_id[following[0]])
    assert jobs == ["Seldon preflight", "Install Seldon Deploy", "Seldon install", "Seldon validate"]
    failed = controller.associations[("workflow_job_template_nodes", nodes["install"]["id"], "failure_nodes")]
    assert [by_id[each] for each in failed] == ["doctor"]


class Fleet:
    """The shipped project as AWX runs it: its own inventory, and one kubeconfig that K8S_AUTH_KUBECONFIG names."""

    def __init__(self, finished: Cluster, empty: Cluster, folder: Path) -> None:
        self.finished, self.empty, self.folder = finished, empty, folder
        shutil.copytree(PROJECT, folder / "project")
        shutil.copytree(PROJECT / "inventory", folder / "inventory")
        (folder / "kubeconfig").write_text(json.dumps(merged({True: finished, False: empty})))
        (folder / "env").mkdir()
        (folder / "env/extravars").write_text(json.dumps({"seldon_charts_repository": finished.sandbox.charts_url}))
        home = folder / "home/.ansible/collections"
        home.mkdir(parents=True)
        (home / "ansible_collections").symlink_to(CHECKOUT / ".collections/ansible_collections")
        inherited = finished.environment()
        del inherited["KUBECONFIG"]
        self.environment = inherited | {
            "HOME": str(folder / "home"),
            "K8S_AUTH_KUBECONFIG": str(folder / "kubeconfig"),
        }


def merged(clusters: dict[bool, Cluster]) -> Object:
    """Return one kubeconfig with a context for each host of the shipped inventory."""
    read = {installed: json.loads(each.kubeconfig.read_text()) for installed, each in clusters.items()}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        **{
            part: [{**config[part][0], "name": str(installed)} for installed, config in read.items()]
            for part in ("clusters", "users")
        },
        "contexts": [
            {"name": name, "context": {"cluster": str(installed), "user": str(installed)}}
            for name, installed in CLUSTERS.items()
        ],
    }


@pytest.fixture(scope="module")
def fleet(finished_cluster: Cluster, second_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet(finished_cluster, second_cluster, tmp_path_factory.mktemp("fleet"))


class Ran:
    """What ansible-runner left of a run of validate.yml on all hosts of the shipped inventory."""

    def __init__(self, fleet: Fleet) -> None:
        (typed,) = [each for each in commands(PAGE) if each.startswith("ansible-runner ")]
        self.result = run(fleet.folder, fleet.environment, *shlex.split(typed.replace("FOLDER", str(fleet.folder))))
        self.artifacts = fleet.folder / "artifacts/validate"
        files = sorted(self.artifacts.glob("job_events/*.json"), key=lambda file: int(file.name.partition("-")[0]))
        self.events: list[dict[str, Any]] = [json.loads(file.read_text()) for file in files]

    def reported(self, host: str) -> Object:
        """Return what the report of a host counts."""
        (report,) = [
            event["event_data"]["res"]
            for event in self.events
            if event["event"] in ("runner_on_ok", "runner_on_failed")
            and event["event_data"]["host"] == host
            and event["event_data"]["task"] == "Write the report"
        ]
        return report


@pytest.fixture(scope="module")
def ran(fleet: Fleet) -> Ran:
    return Ran(fleet)


def test_each_cluster_of_a_job_is_told_by_itself_and_one_that_fails_fails_the_job(ran: Ran) -> None:
    assert [(ran.artifacts / name).read_text() for name in ("rc", "status")] == ["2", "failed"], ran.result.stdout
    (stats,) = [event["event_data"] for event in ran.events if event["event"] == "playbook_on_stats"]
    assert stats["failures"] == {"apac": 1}
    assert set(stats["ok"]) == set(CLUSTERS)
    assert stats["changed"] == {}
    for host, installed in CLUSTERS.items():
        counts = ran.reported(host)["counts"]
        assert bool(counts.get("fail")) is not installed, (host, counts)
        assert (counts.get("pass", 0) > 3) is installed, (host, counts)


def test_the_job_s_output_says_which_cluster_fails(ran: Ran) -> None:
    printed = re.sub(r"\x1b\[[\d;]*[mK]", "", (ran.artifacts / "stdout").read_text())
    assert re.search(r"apac.*fail", printed), printed


def test_ansible_navigator_runs_without_an_image(fleet: Fleet) -> None:
    shutil.copy(CHECKOUT / "ansible-navigator.yml", fleet.folder / "project")
    (typed,) = [each for each in commands(PAGE) if each.startswith("ansible-navigator ")]
    result = run(fleet.folder / "project", fleet.environment, *shlex.split(typed))
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"^staging +: ok=\d+ +changed=0 +unreachable=0 +failed=0 ", result.stdout, re.MULTILINE), (
        result.stdout
    )
    assert "emea" not in result.stdout


class Pod:
    """The shipped Job on a cluster, and its command with what kubelet would give the container."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.kube, self.folder = cluster, cluster.kube, folder
        (wanted,) = yaml.safe_load_all((EXAMPLES / "in-cluster/job.yaml").read_text())
        self.home: str = wanted["metadata"]["namespace"]
        self.account: str = wanted["spec"]["template"]["spec"]["serviceAccountName"]
        (self.container,) = wanted["spec"]["template"]["spec"]["containers"]
        self._prepare()
        self.made = self.kube.request("POST", f"/apis/batch/v1/namespaces/{self.home}/jobs", wanted)

    def _prepare(self) -> None:
        """Make the account with its rights, and the Secret with the values, as the page says."""
        rights, values = self.folder / "rights.yaml", self.folder / "values.yml"
        self.cluster.playbook("playbooks/rights.yml", "-e", "playbook=site", "-e", f"rights_path={rights}")
        values.write_text(
            json.dumps(
                {
                    "seldon_git_repository": GIT_REPOSITORY,
                    "seldon_charts_repository": self.cluster.sandbox.charts_url,
                }
            )
        )
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "seldon-values", "namespace": self.home},
            "stringData": {"values.yml": values.read_text()},
        }
        for obj in (*yaml.safe_load(rights.read_text())["items"], secret):
            self.kube.apply(obj)

    def token(self) -> str:
        """Return a token as kubelet asks for one."""
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
        path = f"/api/v1/namespaces/{self.home}/serviceaccounts/{self.account}/token"
        return str(self.kube.request("POST", path, asked)["status"]["token"])

    def pods(self) -> list[Object]:
        """Return the Job's pods."""
        return self.kube.list("v1", "Pod", self.home, f"job-name={self.made['metadata']['name']}")

    def run(self, *more: str) -> subprocess.CompletedProcess[str]:
        """Run the container's command, with what it mounts, and without anything that names a cluster."""
        (entry,) = json.loads(self.cluster.kubeconfig.read_text())["clusters"]
        authority = base64.b64decode(entry["cluster"]["certificate-authority-data"])
        collections = pod.mounted(self.folder, self.token(), authority)
        environment = self.cluster.environment() | {each["name"]: each["value"] for each in self.container["env"]}
        del environment["KUBECONFIG"]
        environment |= {"HOME": str(self.folder), "ANSIBLE_COLLECTIONS_PATH": str(collections)}
        environment |= pod.addressed(int(entry["cluster"]["server"].rpartition(":")[2]))
        args = [re.sub(r"(?<=[@=])/(values|tmp)(?=/)", str(self.folder), each) for each in self.container["args"]]
        return run(self.folder, environment, *args, *more)


@pytest.fixture(scope="module")
def in_cluster(finished_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Pod:
    return Pod(finished_cluster, tmp_path_factory.mktemp("pod"))


def test_the_cluster_admits_the_pod_of_the_job(in_cluster: Pod) -> None:
    """Under OpenShift's constraints, which admit an account without rights of its own to no more than restricted-v2."""
    until(in_cluster.pods)


def test_the_job_s_command_reaches_the_cluster_by_the_account_of_its_pod(in_cluster: Pod) -> None:
    results = []
    events = in_cluster.cluster.requests(lambda: results.append(in_cluster.run("--tags", "kafka,seldon_core_v2")))
    assert results[0].returncode == 0, results[0].stdout + results[0].stderr
    assert "Nothing changed" in results[0].stdout
    ours = {each["user"]["username"] for each in events if each.get("userAgent") == "seldon.openshift"}
    assert ours == {f"system:serviceaccount:{in_cluster.home}:{in_cluster.account}"}
    assert (in_cluster.folder / "seldon-report/report.json").is_file()
