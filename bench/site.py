"""The whole installation, first and unchanged, beside the guide's own commands in the same run."""

from __future__ import annotations

from collections.abc import Iterator

from bench.clusters import Cluster, empty, say, tasks_of
from bench.commands import Cost, cheapest
from bench.guide import changed, cluster_by_hand, follow
from bench.parts import Options, Part, Row, ratio, seconds

GUIDE = "the guide's commands, repeated"
ADD = ("playbooks/add_namespace.yml", "-e", "ns=foo")
# What is measured unchanged, once everything is installed.
UNCHANGED = {
    "`site.yml` again, nothing changes": ("playbooks/site.yml",),
    "`site.yml --tags monitoring`, nothing changes": ("playbooks/site.yml", "--tags", "monitoring"),
    "`validate.yml`": ("playbooks/validate.yml",),
}


def measure(options: Options) -> Iterator[Row]:
    """Yield the guide's row first, then ours; ratios are to the guide's."""
    guide = measured_guide(options.runs)
    yield row(GUIDE, guide, guide)
    with empty() as cluster:
        yield ours("`site.yml`, an empty cluster", cluster.site(), guide)
        for run, arguments in UNCHANGED.items():
            yield ours(run, repeated(cluster, options.runs, *arguments), guide)
        yield ours("`add_namespace.yml -e ns=foo`", cluster.playbook(*ADD), guide)
        yield ours("`add_namespace.yml -e ns=foo` again, nothing changes", repeated(cluster, options.runs, *ADD), guide)


def measured_guide(runs: int) -> Cost:
    """Return what the guide's commands cost where they change nothing: the first run settles."""
    with cluster_by_hand() as cluster:
        follow(cluster)
        cost = cheapest(follow(cluster) for _ in range(runs))
    lines = changed(cost.output)
    say(f"the guide's commands changed {len(lines)} objects once more: {'; '.join(lines)}")
    return cost


def repeated(cluster: Cluster, runs: int, *arguments: str) -> Cost:
    """Return what a playbook costs, the fastest of some runs."""
    return cheapest(cluster.playbook(*arguments) for _ in range(runs))


def ours(run: str, cost: Cost, guide: Cost) -> Row:
    """Return the row of one of our playbooks."""
    return {**row(run, cost, guide), "tasks": str(tasks_of(cost.output))}


def row(run: str, cost: Cost, guide: Cost) -> Row:
    """Return the row of a run."""
    return {
        "run": run,
        "seconds": seconds(cost.wall),
        "CPU seconds": seconds(cost.cpu),
        "requests": str(cost.requests),
        "seconds : the guide's": ratio(cost.wall, guide.wall),
        "CPU : the guide's": ratio(cost.cpu, guide.cpu),
    }


COLUMNS = ("run", "seconds", "CPU seconds", "requests", "tasks", "seconds : the guide's", "CPU : the guide's")
PART = Part("site", "the whole installation, beside the guide's own commands", COLUMNS, measure)
