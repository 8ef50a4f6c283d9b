"""What a run says, and where: to a person, to a program, of several clusters, in a terminal, without verification."""

from __future__ import annotations

import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.certificates import write_pki
from sandbox.paths import CHECKOUT
from tests.terminal import Terminal

WAIT = {
    "name": "Wait for the namespace",
    "seldon.openshift.seldon_wait": {"resources": [{"api_version": "v1", "kind": "Namespace", "name": "default"}]},
}
LONG = "a-name-that-is-long-and-has-no-place-to-break-it-" * 4
REPORT = {
    "name": "Show the report",
    "seldon.openshift.seldon_report": {
        "checks": [
            {
                "check": "kafka.ready",
                "chapter": "kafka",
                "title": LONG,
                "why": "It matters.",
                "status": status,
                "subject": "Kafka seldon-kafka/seldon",
                "seen": LONG,
                "do": "",
            }
            for status in ("warn", "skipped", "pass")
        ],
        "fail_on": "never",
    },
}
DONE = "Namespace default: ready, Active (0 s)"


class Answer(http.server.BaseHTTPRequestHandler):
    """Enough of an API server to see one namespace become ready."""

    def do_GET(self) -> None:
        body = json.dumps(
            {"type": "MODIFIED", "object": namespace("Active")}
            if "watch=" in self.path
            else {"kind": "NamespaceList", "metadata": {"resourceVersion": "1"}, "items": [namespace("New")]}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) + 1))
        self.end_headers()
        self.wfile.write(body + b"\n")

    def log_message(self, *arguments: object) -> None:
        pass


def namespace(phase: str) -> dict[str, Any]:
    metadata = {"name": "default", "resourceVersion": "1"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "status": {"phase": phase}}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an API server whose certificate nobody knows."""
    pki = tmp_path_factory.mktemp("pki")
    write_pki(pki)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "server.crt", pki / "server.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def environment(api: str, callback: str = "default") -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("K8S_AUTH_", "ANSIBLE_"))}
    return inherited | {
        "K8S_AUTH_HOST": api,
        "K8S_AUTH_API_KEY": "t0ken",
        "K8S_AUTH_VERIFY_SSL": "false",
        "ANSIBLE_STDOUT_CALLBACK": callback,
        "ANSIBLE_CALLBACKS_ENABLED": "seldon.openshift.stages",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEVEL_WARNING": "0",
    }


def command(folder: Path, hosts: str, *tasks: dict[str, Any], strategy: str = "linear") -> list[str]:
    """Return what runs the tasks; a report goes to the folder."""
    for task in tasks:
        task.get("seldon.openshift.seldon_report", {})["directory"] = str(folder / "report")
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    play = {"hosts": "all", "gather_facts": False, "strategy": strategy, "vars": local, "tasks": tasks}
    (folder / "play.json").write_text(json.dumps([play]))
    return [str(Path(sys.executable).with_name("ansible-playbook")), "-i", hosts, str(folder / "play.json")]


def said(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_a_person_reads_the_progress_the_report_and_the_stages(tmp_path: Path, api: str) -> None:
    stdout = said(command(tmp_path, "lab,", WAIT, REPORT), environment(api)).stdout
    assert f"\n  {DONE}\n" in stdout
    assert f"\nskipped kafka.ready  Kafka seldon-kafka/seldon: {LONG}\n" in stdout
    assert "\nThe report: " in stdout
    assert "waited for\n" in stdout


@pytest.mark.parametrize("callback", ["ansible.posix.json", "ansible.posix.jsonl"])
def test_a_program_reads_nothing_but_its_own(tmp_path: Path, api: str, callback: str) -> None:
    stdout = said(command(tmp_path, "lab,", WAIT, REPORT), environment(api, callback)).stdout
    documents = stdout.splitlines() if callback.endswith("jsonl") else [stdout]
    assert [type(json.loads(document)) for document in documents] == [dict] * len(documents)
    assert '"counts"' in stdout


def test_nothing_is_printed_where_the_results_go_to_a_file(tmp_path: Path, api: str) -> None:
    junit = environment(api, "ansible.builtin.junit") | {"JUNIT_OUTPUT_DIR": str(tmp_path / "junit")}
    assert said(command(tmp_path, "lab,", WAIT, REPORT), junit).stdout == ""
    assert list((tmp_path / "junit").iterdir())


def test_with_two_clusters_each_line_names_its_own(tmp_path: Path, api: str) -> None:
    lines = said(command(tmp_path, "staging,production,", WAIT), environment(api)).stdout.splitlines()
    assert sorted(line for line in lines if "Active" in line) == [
        f"  [production] {DONE}",
        f"  [staging] {DONE}",
    ]


def test_one_warning_says_that_the_certificate_is_not_verified(tmp_path: Path, api: str) -> None:
    done = said(command(tmp_path, "lab,", WAIT, {**WAIT, "name": "Wait again"}), environment(api))
    told = " ".join(done.stderr.split())
    assert told.count(f"The certificate of the API server at {api} is not verified") == 1
    assert "InsecureRequestWarning" not in told
    assert "errantly" not in told
    checked = environment(api) | {"K8S_AUTH_HOST": api.replace("https", "http")}
    assert (
        "is not verified"
        not in subprocess.run(
            command(tmp_path, "lab,", WAIT), cwd=CHECKOUT, env=checked, capture_output=True, text=True
        ).stdout
    )


def test_a_line_of_the_report_fits_the_terminal(tmp_path: Path, api: str) -> None:
    for columns in (80, 60):
        lines = in_a_terminal(command(tmp_path, "lab,", REPORT), environment(api), columns)
        rows = [line for line in lines if "kafka.ready" in line]
        assert [row.partition(" ")[0] for row in rows] == ["warn", "skipped"], lines
        assert [len(row) for row in rows] == [columns] * 2
        assert {row[-1] for row in rows} == {"…"}


def in_a_terminal(command: list[str], environment: dict[str, str], columns: int) -> list[str]:
    """Return the lines that a command writes to a terminal of so many columns."""
    return Terminal(command, environment, columns, CHECKOUT).finish()


def test_free_hosts_leave_each_stage_its_own(tmp_path: Path, api: str) -> None:
    """One host is through with both stages while the other waits in the first."""
    for role, task in {
        "waits": {"ansible.builtin.wait_for": {"timeout": "{{ 2 if inventory_hostname == 'slow' else 0 }}"}},
        "changes": {"ansible.builtin.debug": {"msg": "done"}, "changed_when": True},
    }.items():
        (tmp_path / "roles" / role / "tasks").mkdir(parents=True)
        (tmp_path / "roles" / role / "tasks/main.yml").write_text(yaml.safe_dump([{"name": role, **task}]))
    roles = [{"name": role, "ansible.builtin.import_role": {"name": role}} for role in ("waits", "changes")]
    stdout = said(command(tmp_path, "slow,quick,", *roles, strategy="free"), environment(api)).stdout
    rows = [line.rsplit(maxsplit=3) for line in stdout[stdout.rindex("waited for") :].splitlines()[1:] if line]
    counts = {title.strip(): (float(seconds), tasks, changed) for title, seconds, tasks, changed in rows}
    assert {title: row[1:] for title, row in counts.items()} == {
        "waits": ("2", "0"),
        "changes": ("2", "2"),
        "all": ("4", "2"),
    }
    assert counts["changes"][0] < 1 < counts["waits"][0] <= counts["all"][0]
