"""The first `site.yml` against the longest chain that any installation has to wait for, on fast and slow clusters."""

from __future__ import annotations

from collections.abc import Iterator

from bench import chains
from bench.arrivals import arrivals
from bench.clusters import empty
from bench.parts import Options, Part, Row, ratio, seconds
from sandbox.simulator.settings import Profile


def measure(options: Options) -> Iterator[Row]:
    """Yield a row for each profile. OLM is asked on a sandbox of its own, site.yml runs on another fresh one."""
    known = chains.load()
    for profile in options.profiles:
        latency = Profile.load(profile).seconds
        with empty(profile) as cluster:
            there = arrivals(cluster.sandbox.kube, list(known.operators.values()))
        bound = known.longest(there, latency)
        queue = known.one_after_another(there, latency)
        with empty(profile) as cluster:
            taken = cluster.site().wall
        yield {
            "profile": profile,
            "last operator": seconds(max(there.values())),
            "longest chain": seconds(bound.seconds),
            "through": str(bound),
            "`site.yml`": seconds(taken),
            "ratio": ratio(taken, bound.seconds),
            "one after another": seconds(queue),
            "its ratio": ratio(queue, bound.seconds),
        }


COLUMNS = (
    *("profile", "last operator", "longest chain", "through"),
    *("`site.yml`", "ratio", "one after another", "its ratio"),
)
PART = Part("makespan", "the first `site.yml` against the longest chain", COLUMNS, measure)
