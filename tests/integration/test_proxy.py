"""A cluster that only K8S_AUTH_PROXY leads to: modules and Helm reach it, and Helm its charts without the proxy."""

from __future__ import annotations

import json
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox.paths import CHECKOUT
from sandbox.simulator.objects import make
from tests.integration.cluster import Cluster
from tests.plays import SHARED
from tests.web import HOST, leading_to

PLAY = [
    {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [
            SHARED,
            {
                "name": "Install the definitions",
                "ansible.builtin.import_role": {"name": "seldon.openshift.seldon_core_v2", "tasks_from": "release"},
                "vars": {"seldon_core_v2_release": "{{ seldon_core_v2_crds_release }}"},
            },
        ],
    }
]


@pytest.fixture
def behind(empty_cluster: Cluster, tmp_path: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    """The environment of a user to whom the cluster has a name that only the proxy knows, and what it was asked for."""
    config = json.loads(empty_cluster.kubeconfig.read_text())
    port = urlsplit(config["clusters"][0]["cluster"]["server"]).port
    assert port
    config["clusters"][0]["cluster"]["server"] = f"https://{HOST}:{port}"
    (tmp_path / "kubeconfig").write_text(json.dumps(config))
    asked: list[str] = []
    proxy = socketserver.ThreadingTCPServer(("127.0.0.1", 0), leading_to(port, asked))
    proxy.daemon_threads = True
    threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
    unset = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}
    inherited = {name: value for name, value in empty_cluster.environment().items() if name.upper() not in unset}
    address = f"http://127.0.0.1:{proxy.server_address[1]}"
    yield inherited | {"KUBECONFIG": str(tmp_path / "kubeconfig"), "K8S_AUTH_PROXY": address}, asked
    proxy.shutdown()
    proxy.server_close()


def test_helm_reaches_the_cluster_by_the_proxy_of_the_modules(
    empty_cluster: Cluster, behind: tuple[dict[str, str], list[str]], tmp_path: Path
) -> None:
    environment, asked = behind
    empty_cluster.kube.apply(make("v1", "Namespace", "seldon-system"))
    (tmp_path / "play.json").write_text(json.dumps(PLAY))
    done = subprocess.run(
        ["ansible-playbook", str(tmp_path / "play.json"), *empty_cluster.values()],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    records = empty_cluster.kube.list("v1", "Secret", "seldon-system", "owner=helm,name=seldon-core-v2-crds")
    assert [record["metadata"]["labels"]["status"] for record in records] == ["deployed"]
    # The charts are not asked of it.
    assert {target.partition(":")[0] for target in asked} == {HOST}
