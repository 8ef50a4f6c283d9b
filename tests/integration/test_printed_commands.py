"""Every command that README and the pages in docs print is run as printed, here or where the table says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from sandbox.build import binaries
from tests.integration.cluster import GIT_REPOSITORY, Cluster
from tests.integration.test_stranger import MINE
from tests.making import make
from tests.printed import CHECKOUT, PAGES, blocks, commands

TESTED = "tests/integration/test_artifact.py"
PLATFORM = "tests/integration/test_automation_platform.py"
DONE = r"changed=0 +unreachable=0 +failed=0 "
# On a finished cluster, from a checkout: the command, its exit code, and what its output shows.
HERE = {
    "ansible-playbook playbooks/site.yml -e seldon_git_repository=https://github.com/acme/models": (0, DONE),
    "ansible-playbook playbooks/site.yml -e @values.yml --tags monitoring": (0, DONE),
    "ansible-playbook playbooks/site.yml -e @values.yml --check --diff": (0, DONE),
    "ansible-playbook add_namespace.yml -e ns=foo": (0, r"failed=0 "),
    "ansible-playbook playbooks/validate.yml -e @values.yml": (0, DONE),
    "ansible-playbook seldon.openshift.preflight": (0, r"failed=0 "),
    "ansible-playbook seldon.openshift.validate": (0, DONE),
    "ansible-playbook seldon.openshift.validate --tags kafka,gitops": (0, r"kafka(.|\n)*gitops"),
    "ansible-playbook seldon.openshift.validate -e validate_fail_on=warn": (2, r"\d+ warn: "),
    "ansible-playbook seldon.openshift.validate; code=$?": (0, DONE),
    "ansible-playbook seldon.openshift.doctor": (0, r"seldon-doctor-cluster\.tar\.gz"),
    "ansible-doc seldon.openshift.seldon_check": (0, r"RETURN VALUES"),
    "ansible-doc -t callback seldon.openshift.console": (0, r"stdout_callback"),
    "ansible-doc -t role seldon.openshift.kafka": (0, r"kafka_replicas"),
}
# Where else they are run; make's are looked at below as well.
ELSEWHERE = {
    r"make (lint|sanity|molecule|galaxy|docs|texts)": "tests/gates/test_gates.py",
    r"make (test|unit|integration|lock|ansible-lint|bench|matrix|rights|screenshots|build|setup)\b.*": "Makefile",
    r"make demo": "tests/integration/conftest.py",
    r'make demo ARGS="--(fault csv-failed|profile realistic --catalog today)"': "tests/integration/test_site_faults.py",
    r"make sandbox(-down NAME=demo)?": "tests/integration/test_sandbox.py",
    r"python -m sandbox (up|attach) .*": "tests/integration/test_attach.py",
    r"tar -xf seldon-openshift-1.0.0.tar.gz (execution-environment.yml .*|ansible-navigator.yml)": TESTED,
    r"pip install 'ansible-(builder|runner)>=.*'|ansible-builder create|ansible-runner run FOLDER .*": TESTED,
    r"tar -xf seldon-openshift-1.0.0.tar.gz examples|export CONTROLLER_HOST=.*": "docs/automation-platform.md",
    r"ansible-galaxy collection install -r requirements.yml|ansible-playbook configure.yml .*": PLATFORM,
    r"ansible-navigator run validate.yml .*": PLATFORM,
    r"oc (create|logs|apply) .*(seldon-automation|in-cluster/|seldon-openshift-site).*": PLATFORM,
    r"ansible-playbook seldon\.openshift\.rights -e playbook=site": "playbooks/rights.yml",
    r"ansible-galaxy collection install community.general": "tests/integration/test_cluster_info.py",
    r"ansible-playbook seldon\.openshift\.drift( --tags kafka,gitops)?": "tests/integration/test_drift_report.py",
    r"ansible-playbook seldon\.openshift\.site --tags [\w,]+( -e @git\.yml --ask-vault-pass)?": (
        "tests/integration/test_site.py"
    ),
    r"ansible-playbook seldon\.openshift\.rotate": "tests/integration/test_rotate.py",
    r"ansible-playbook seldon\.openshift\.site -e @values\.yml -e seldon_kafka_.*": "tests/integration/test_tls.py",
    r"ansible-playbook seldon\.openshift\.rotate -e @values\.yml --tags .*": "tests/integration/test_tls.py",
    r"oc extract secret/seldon-argocd-cluster .*": "docs/oidc.md",
    r"ansible-playbook seldon\.openshift\.site -e @values\.yml --tags seldon_deploy --ask-vault-pass": (
        "tests/integration/test_role_seldon_deploy.py"
    ),
    r"ansible-playbook seldon\.openshift\.site -e @values\.yml --tags gitops,seldon_deploy": (
        "tests/integration/test_tls.py"
    ),
    r"ansible-playbook seldon\.openshift\.site --tags gitops -e @values\.yml": "tests/integration/test_tls.py",
    r"oc get machineconfigpool|podman login --authfile": "docs/disconnected.md",
    r"oc delete secret (elasticsearch-seldon-es-elastic-user|seldon-monitoring-token) -n seldon-.*": (
        "tests/integration/test_rotate.py"
    ),
    r"ansible-playbook seldon\.openshift\.(adopt|site)( -e @values\.yml)?( -e [@a-z_]*adopt(ed\.yml|[a-z_]*=.*))*": (
        "tests/integration/test_adoption.py"
    ),
    r"ansible-playbook seldon\.openshift\.render -e @values\.yml -e out=DIR.*": "tests/integration/test_render.py",
    r"ansible-playbook seldon\.openshift\.(backup|restore) .*--ask-vault-pass": "tests/integration/test_backup.py",
    r"ansible-playbook seldon\.openshift\.(upgrade|site) -e @values\.yml( -e @?upgrade\S*)*( --check --diff)?": (
        "tests/integration/test_upgrade.py"
    ),
    r"ansible-playbook seldon\.openshift\.try_model -e ns=seldon": "tests/integration/test_try_model.py",
    r"ansible-playbook seldon\.openshift\.validate -e validate_baseline=.*": "tests/integration/test_validate.py",
    r"ansible-playbook seldon\.openshift\.rights -e playbook=.*": "tests/integration/test_rights.py",
    r"oc (apply -f seldon-openshift-validate.yaml|create token seldon-openshift-validate .*)": (
        "tests/integration/accounts.py"
    ),
    r"oc create (configmap|rolebinding) seldon-drift-.*": "tests/integration/test_drift_report.py",
    r"ansible-playbook seldon\.openshift\.mirror -e @values\.yml -e mirror_dir=.*": (
        "tests/integration/test_disconnected.py"
    ),
    # Somebody's own commands, beside which ours are set.
    r"kubectl (apply( --server-side)?|get smcp,smmr -n istio-system)|oc (login|port-forward)": "README.md",
    # Words of a sentence; and what only oc itself can do.
    r"oc (get|new-app|apply -f|create secret tls|-n openshift process --parameters .*)": "docs/variables.md",
    r"helm upgrade": "tests/integration/test_role_seldon_deploy.py",
    r"oc -n seldon-logs extract configmap/.*-before-seldon --to=-": "docs/adoption.md",
    r"oc -n openshift-monitoring (extract|set data) (secret|configmap)/.*": "docs/shared-objects.md",
    r"export KUBECONFIG=.*|ansible-playbook seldon\.openshift\.NAME": "README.md",
}
# Only look, or change nothing of a finished cluster: kubectl, which is there, does what oc does.
LOOK = r"oc (-n \S+ )?(config get-contexts|(get|describe|edit|annotate) (?!.*\b(NAME|NAMESPACE|FOLDER|FILE)\b[^:]).+)"
FIRST_COMMIT = (
    "git clone URL models && cd models && git commit --allow-empty -m Begin && git push origin HEAD",
    "git ls-remote URL",
)
PRINTED = list(dict.fromkeys(command for page in PAGES for command in commands(page.read_text())))
LOOKS = [c for c in PRINTED if re.fullmatch(LOOK, c) and not any(re.fullmatch(pattern, c) for pattern in ELSEWHERE)]


def test_every_printed_command_is_run_somewhere() -> None:
    strangers = [command for block in blocks(MINE, "bash") for command in commands(f"```bash\n{block}```\n")]
    known = [*HERE, *strangers, *LOOKS, *FIRST_COMMIT]
    missing = [c for c in PRINTED if c not in known and not any(re.fullmatch(pattern, c) for pattern in ELSEWHERE)]
    assert missing == []
    assert [command for command in (*HERE, *FIRST_COMMIT) if command not in PRINTED] == []
    assert [place for place in ELSEWHERE.values() if not (CHECKOUT / place).exists()] == []


@pytest.mark.parametrize("command", [command for command in PRINTED if command.startswith("make ")])
def test_make_knows_what_it_is_said_to_make(command: str) -> None:
    result = make("--dry-run", *shlex.split(command)[1:])
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("command", HERE)
def test_a_printed_command_does_what_is_said(finished_cluster: Cluster, tmp_path: Path, command: str) -> None:
    code, shown = HERE[command]
    # What a page leaves to its reader: the repository, their values, and an inventory with what is the cluster's own.
    own = {
        "seldon_git_repository": GIT_REPOSITORY,
        "seldon_charts_repository": finished_cluster.sandbox.charts_url,
        "validate_report_dir": str(tmp_path / "report"),
        "doctor_path": str(tmp_path / "seldon-doctor-cluster.tar.gz"),
    }
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    (tmp_path / "hosts.json").write_text(
        json.dumps({"seldon_clusters": {"hosts": {"cluster": {}}, "vars": {**host, **own}}})
    )
    (tmp_path / "values.yml").write_text(f"seldon_git_repository: {GIT_REPOSITORY}\n")
    typed = command.replace("@values.yml", f"@{tmp_path}/values.yml")
    typed = typed.replace("https://github.com/acme/models", GIT_REPOSITORY)
    environment = finished_cluster.environment() | {"ANSIBLE_INVENTORY": str(tmp_path / "hosts.json")}
    result = subprocess.run(
        ["bash", "-c", typed], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    output = result.stdout + result.stderr
    assert result.returncode == code, output
    assert re.search(shown, output), output


@pytest.mark.parametrize("command", LOOKS)
def test_a_printed_look_at_the_cluster_works(finished_cluster: Cluster, tmp_path: Path, command: str) -> None:
    (tmp_path / "oc").symlink_to(binaries()["kubectl"])
    environment = finished_cluster.environment()
    environment |= {"EDITOR": "true", "PATH": f"{tmp_path}:{environment['PATH']}"}
    result = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_a_repository_gets_its_first_commit_as_printed(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", "theirs"], cwd=tmp_path, check=True)
    names = {f"GIT_{who}_{what}": "me@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    shown = [
        subprocess.run(
            ["bash", "-c", command.replace("URL", f"file://{tmp_path}/theirs")],
            cwd=tmp_path,
            env=os.environ | names,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for command in FIRST_COMMIT
    ]
    assert re.search(r"^[0-9a-f]{40}\trefs/heads/", shown[-1], re.MULTILINE)
