"""kill -9 in the middle: the next run finishes the work, the one after it finds nothing to do.

Moments are counted in requests that have been answered, so that they mean the same on every machine.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import time
from pathlib import Path

from ansible_collections.seldon.openshift.plugins.modules import (
    seldon_alertmanager_receiver,
    seldon_apply,
    seldon_gitops_project,
    seldon_mesh_member,
    seldon_monitoring_config,
)

from sandbox.definitions import Definitions
from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from tests.integration.cluster import GIT_REPOSITORY, Cluster, recap
from tests.integration.engine import Result, run
from tests.integration.faulty import behind_faults

MOMENTS = 20
STANDSTILL_SECONDS = 60
SITE_MOMENTS = (1, 30, 90, 180, 300)


class Requests:
    """Counts the engine's requests from now on."""

    def __init__(self, cluster: Cluster) -> None:
        self.log = cluster.sandbox.state / "audit.log"
        self.start = self.log.stat().st_size

    def count(self) -> int:
        with self.log.open("rb") as handle:
            handle.seek(self.start)
            return handle.read().count(b'"userAgent":"seldon.openshift"')


def objects(name: str, count: int) -> list[Object]:
    """Return a namespace with `count` objects of each of some kinds."""
    found: list[Object] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}]
    for number in range(count):
        for kind in ("ConfigMap", "Secret", "ServiceAccount"):
            metadata = {"name": f"o{number}", "namespace": name}
            found.append({"apiVersion": "v1", "kind": kind, "metadata": metadata})
    return found


def work(cluster: Cluster, name: str) -> list[Result]:
    """Do what a play does: a set of objects in a namespace of its own, and edits of what others share."""
    project = {"name": name, "namespace": name, "destinations": [{"namespace": name}], "source_repos": [GIT_REPOSITORY]}
    return [
        run(seldon_apply, cluster, resources=objects(name, 12), owner=name, prune=True),
        run(seldon_mesh_member, cluster, control_plane_namespace=name, members=[f"{name}-a", f"{name}-b"]),
        run(seldon_gitops_project, cluster, **project),
        run(seldon_monitoring_config, cluster, settings={name: {"a": 1}}),
        run(seldon_alertmanager_receiver, cluster, name=name, url="http://deploy.example.com"),
    ]


def failures(results: list[Result]) -> list[str]:
    return [result["msg"] for result in results if result.get("failed") or result.get("msg")]


def killed(cluster: Cluster, name: str, after: int) -> bool:
    """Work in a process of its own, and kill it after that many requests; tell whether that was before its end.

    A fork of a process with threads may stand still for ever, which is a moment as good as any.
    """
    process = multiprocessing.get_context("fork").Process(target=work, args=(cluster, name))
    requests = Requests(cluster)
    process.start()
    deadline = time.monotonic() + STANDSTILL_SECONDS
    while requests.count() < after and process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.001)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def test_the_engine_finishes_what_a_kill_left(empty_cluster: Cluster) -> None:
    definitions = Definitions.from_environment().load("service_mesh", "gitops")
    assert not failures([run(seldon_apply, empty_cluster, resources=definitions)])

    def begin(name: str) -> Requests:
        """An older run left more than the set holds now."""
        older = [*objects(name, 2)[:1], *objects(name, 16)[-12:]]
        assert not failures([run(seldon_apply, empty_cluster, resources=older, owner=name)])
        return Requests(empty_cluster)

    requests = begin("whole")
    assert not failures(work(empty_cluster, "whole"))
    total, kills = requests.count(), 0
    for moment in range(MOMENTS):
        name = f"killed-{moment}"
        begin(name)
        kills += killed(empty_cluster, name, after=total * moment // MOMENTS)
        assert not failures(work(empty_cluster, name)), name
        again = work(empty_cluster, name)
        assert [result["changed"] for result in again] == [False] * len(again), name
        assert again[0]["summary"] == {"unchanged": len(objects(name, 12))}
        left = [each["metadata"]["name"] for each in empty_cluster.kube.list("v1", "Secret", name)]
        assert sorted(left) == sorted(f"o{number}" for number in range(12)), name
    # On the last moments, the work may be quicker than the eye.
    assert kills >= MOMENTS - 2


def interrupted_site(cluster: Cluster, after: int) -> None:
    """Run site.yml and kill all its processes after that many requests."""
    command = ["ansible-playbook", "playbooks/site.yml", *cluster.values()]
    requests = Requests(cluster)
    play = subprocess.Popen(
        command, env=cluster.environment(), cwd=CHECKOUT, stdout=subprocess.DEVNULL, start_new_session=True
    )
    while requests.count() < after:
        assert play.poll() is None, "it ended before the moment came"
        time.sleep(0.002)
    os.killpg(play.pid, signal.SIGKILL)
    play.wait()


def test_site_yml_finishes_what_kills_left_while_a_quarter_of_all_requests_fails(
    empty_cluster: Cluster, tmp_path: Path
) -> None:
    # Helm gives up by itself, at the first answer that fails.
    with behind_faults(empty_cluster, tmp_path / "log", "--spare", "Helm/") as faulty:
        for moment in SITE_MOMENTS:
            interrupted_site(faulty, moment)
        before = len(faulty.faults())
        counts = recap(faulty.site())
        assert len(faulty.faults()) - before > 50
        assert len(faulty.faults()) > 100
    assert (counts["failed"], counts["rescued"]) == (0, 0)
    assert recap(empty_cluster.site())["changed"] == 0
