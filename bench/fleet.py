"""A fleet: an inventory of many clusters, here one finished cluster by as many kubeconfigs, against forks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

from bench.clusters import Cluster, finished
from bench.commands import cheapest
from bench.parts import Options, Part, Row, ratio, seconds


def measure(options: Options) -> Iterator[Row]:
    """Yield a row for one cluster, then one for each number of forks; the ratios are to one cluster."""
    with finished() as cluster:
        alone = cheapest(cluster.site() for _ in range(options.runs))
        for hosts, forks in [(1, 1), *((options.hosts, forks) for forks in options.forks)]:
            cost = alone if hosts == 1 else cluster.site("-i", inventory(cluster, hosts), "--forks", str(forks))
            yield {
                "clusters": str(hosts),
                "forks": str(forks),
                "seconds": seconds(cost.wall),
                "seconds a cluster": seconds(cost.wall / hosts),
                "ratio": ratio(cost.wall / hosts, alone.wall),
                "CPU seconds a cluster": seconds(cost.cpu / hosts),
                "CPU ratio": ratio(cost.cpu / hosts, alone.cpu),
            }


def inventory(cluster: Cluster, hosts: int) -> str:
    """Write an inventory of `hosts` clusters, each with a kubeconfig of its own, and return its path."""
    members: dict[str, Any] = {}
    for number in range(1, hosts + 1):
        kubeconfig = cluster.folder / f"kubeconfig-{number}"
        shutil.copy2(cluster.sandbox.kubeconfig, kubeconfig)
        members[f"cluster{number}"] = {"seldon_kubeconfig": str(kubeconfig)}
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return cluster.write("hosts.json", json.dumps({"seldon_clusters": {"hosts": members, "vars": local}}))


COLUMNS = ("clusters", "forks", "seconds", "seconds a cluster", "ratio", "CPU seconds a cluster", "CPU ratio")
PART = Part("fleet", "a fleet of clusters, nothing changes", COLUMNS, measure)
