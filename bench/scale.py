"""Many model namespaces: how long they take to write, against the raw limit, and what looking at them costs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from bench import raw
from bench.clusters import Cluster, finished, say
from bench.commands import Cost
from bench.parts import Options, Part, Row, ratio, seconds
from sandbox.kube import Object

WRITE = "Apply namespaces, policies, monitors, rules and Applications"
# Results of all tasks with their times, and nothing else, on standard output.
JSON = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_DEVEL_WARNING": "0"}


def measure(options: Options) -> Iterator[Row]:
    """Yield a row for each number of namespaces, which come on top of those before."""
    with finished() as cluster:
        before, there = validated(cluster).requests, 0
        for size in options.namespaces:
            names = [f"scale-{size}-{number}" for number in range(size)]
            say(f"adding {size} namespaces")
            first, objects = added(cluster, names)
            write = task_seconds(first.output, WRITE)
            others = [name.replace("scale", "raw") for name in names]
            limit = raw.seconds_of(cluster.sandbox.kube, objects, names[0], others)
            unchanged = add(cluster, names)
            there += size
            look = validated(cluster)
            yield {
                "namespaces": str(size),
                "write": seconds(write),
                "raw limit": seconds(limit),
                "ratio": ratio(write, limit),
                "whole play": seconds(first.wall),
                "unchanged": seconds(unchanged.wall),
                "peak MiB": str(first.peak // 2**20),
                "`validate.yml`": seconds(look.wall),
                "its requests": str(look.requests),
                "more for each namespace": f"{(look.requests - before) / there:.2f}",
            }


def added(cluster: Cluster, names: Sequence[str]) -> tuple[Cost, list[Object]]:
    """Add namespaces; return the cost, and the objects of the first one as they were sent."""
    start = cluster.commands.audit.stat().st_size
    cost = add(cluster, names)
    paths = [one.path for one in raw.patched(cluster.commands.events(start), names[0])]
    return cost, [raw.owned(cluster.sandbox.kube.request("GET", path)) for path in paths]


def add(cluster: Cluster, names: Sequence[str]) -> Cost:
    """Run add_namespace.yml for these namespaces. Raises CommandFailed."""
    file = cluster.write("names.json", json.dumps({"ns": list(names)}))
    return cluster.playbook("playbooks/add_namespace.yml", "-e", f"@{file}", environment=JSON)


def validated(cluster: Cluster) -> Cost:
    """Run validate.yml. Raises CommandFailed."""
    return cluster.playbook("playbooks/validate.yml")


def task_seconds(output: str, name: str) -> float:
    """Return how long the task of this name took, from the results of a run as JSON. Raises LookupError."""
    for play in json.loads(output)["plays"]:
        for task in (entry["task"] for entry in play["tasks"]):
            if task["name"].endswith(name) and "end" in task["duration"]:
                start, end = (datetime.fromisoformat(task["duration"][moment]) for moment in ("start", "end"))
                return (end - start).total_seconds()
    raise LookupError(f"no task '{name}' ran")


COLUMNS = (
    *("namespaces", "write", "raw limit", "ratio", "whole play", "unchanged"),
    *("peak MiB", "`validate.yml`", "its requests", "more for each namespace"),
)
PART = Part("scale", "many model namespaces", COLUMNS, measure)
