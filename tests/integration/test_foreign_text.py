"""Text that anybody may write into a cluster is data: no template, no command to the terminal."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from sandbox.kube import Object
from sandbox.simulator.objects import make
from tests.integration.cluster import Cluster

HOME, NAME = "foreign-text", "planted"
ESCAPE = "\x1b[2J\x1b]0;owned\x07"
PLANTED = ("condition", "event", "annotation")


def text(where: str) -> str:
    """Return what is planted: a template that would run a command, and escapes that would clear the screen."""
    return f"{where} {{{{ 6 * 7 }}}} {{{{ lookup('pipe', 'echo ow''ned-{where}') }}}} {{% raw %}} {ESCAPE}"


@pytest.fixture(scope="module")
def cluster(empty_cluster: Cluster) -> Cluster:
    kube = empty_cluster.kube
    kube.apply(make("v1", "Namespace", HOME))
    service = make("v1", "Service", NAME, HOME, spec={"ports": [{"port": 80}]})
    service["metadata"]["annotations"] = {"note": text("annotation"), "meta.helm.sh/release-name": text("annotation")}
    made = kube.create(service)
    condition = {
        "type": "Ready",
        "status": "False",
        "reason": "Planted",
        "message": text("condition"),
        "lastTransitionTime": "2023-01-01T00:00:00Z",
    }
    path = f"/api/v1/namespaces/{HOME}/services/{NAME}/status"
    kube.request("PUT", path, {**made, "status": {"conditions": [condition], "loadBalancer": {}}})
    about = {"apiVersion": "v1", "kind": "Service", "name": NAME, "namespace": HOME, "uid": made["metadata"]["uid"]}
    event = make("v1", "Event", f"{NAME}.1", HOME, involvedObject=about, type="Warning", reason="Failed")
    kube.create({**event, "message": text("event"), "lastTimestamp": "2099-01-01T00:00:00Z", "count": 1})
    return empty_cluster


def play(cluster: Cluster, folder: Path, *tasks: Object) -> subprocess.CompletedProcess[str]:
    file = folder / "play.json"
    file.write_text(json.dumps([{"hosts": "seldon_clusters", "gather_facts": False, "tasks": list(tasks)}]))
    return cluster.playbook(str(file), check=False)


def assert_is_data(result: subprocess.CompletedProcess[str], *places: str) -> None:
    printed = result.stdout + result.stderr
    assert [place for place in places if f"{place} {{{{ 6 * 7 }}}}" not in printed] == [], printed
    assert "42" not in printed.replace("(42 s)", "")
    assert not any(f"owned-{place}" in printed for place in PLANTED)
    assert "\x1b" not in printed
    assert "\x07" not in printed
    assert "x1b[2J" in printed or "u001b[2J" in printed


def test_a_failure_shows_conditions_and_events_as_they_are(cluster: Cluster, tmp_path: Path) -> None:
    target = {"api_version": "v1", "kind": "Service", "name": NAME, "namespace": HOME}
    waiting = {"seldon.openshift.seldon_wait": {"resources": [target], "timeout": 5}}
    result = play(cluster, tmp_path, {"name": "Wait", **waiting})
    assert result.returncode != 0
    assert_is_data(result, "condition", "event")


def test_what_a_task_has_read_is_no_template_in_the_next(cluster: Cluster, tmp_path: Path) -> None:
    objects = {"services": {"api_version": "v1", "kind": "Service", "namespace": HOME, "details": True}}
    read = {"seldon.openshift.seldon_cluster_info": {"objects": objects}, "register": "found"}
    target = {"api_version": "v1", "kind": "Service", "name": NAME, "namespace": HOME}
    waited = {"seldon.openshift.seldon_wait": {"resources": [target]}, "check_mode": True, "register": "waited"}
    shown = {
        "ansible.builtin.debug": {"msg": "{{ told | select }}"},
        "vars": {
            "told": [
                "{{ found.objects.services | map(attribute='release') | join(', ') }}",
                "{{ 'of ' ~ reasons | first }}",
            ],
            "reasons": "{{ waited.resources | map(attribute='reason') }}",
        },
    }
    refused = {"seldon.openshift.seldon_refuse": {"problems": "{{ waited.resources | map(attribute='reason') }}"}}
    tasks = {"Read": read, "Look": waited, "Show": shown, "Refuse": refused}
    result = play(cluster, tmp_path, *({"name": name, **task} for name, task in tasks.items()))
    assert "The input cannot work" in result.stdout + result.stderr
    assert_is_data(result, "condition", "annotation")
