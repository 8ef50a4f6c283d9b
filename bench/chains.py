"""The longest chain of an installation, from its dependencies (`chains.yaml`) and the latencies of a profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("chains.yaml")
# Returns a latency's seconds by its name; raises KeyError for one that it does not know.
Latency = Callable[[str], float]


class Unknown(ValueError):
    """A link names a link or an operator that is not there, or waits for itself."""


@dataclass(frozen=True)
class Operator:
    """An operator as OLM is asked for it; without `targets` it serves all namespaces.

    `environment` is what OLM is to bring into its Deployments, by name.
    """

    package: str
    channel: str
    source: str
    namespace: str
    targets: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """A part of a chapter: what it needs, and the latencies that it then takes one after the other."""

    name: str
    needs: Sequence[str] = ()
    operators: Sequence[str] = ()
    latencies: Sequence[str] = ()

    def seconds(self, latency: Latency) -> float:
        """Return how long it takes by itself. Raises KeyError for an unknown latency."""
        return sum(map(latency, self.latencies))


@dataclass(frozen=True)
class Chain:
    """A way through the links: their names, an operator's first, and the seconds until its end."""

    seconds: float
    names: Sequence[str] = ()

    def __str__(self) -> str:
        """Return the names in their order."""
        return ", ".join(self.names)


@dataclass(frozen=True)
class Chains:
    """All operators and links of an installation, by name."""

    operators: Mapping[str, Operator]
    links: Mapping[str, Link]

    def longest(self, arrivals: Mapping[str, float], latency: Latency) -> Chain:
        """Return the chain that ends last; `arrivals` are the seconds after which each operator can be there.

        Raises Unknown, and KeyError for a latency that the profile lacks.
        """
        known: dict[str, Chain] = {}
        return _last([self._chain(name, arrivals, latency, known, ()) for name in self.links])

    def one_after_another(self, arrivals: Mapping[str, float], latency: Latency) -> float:
        """Return the seconds of a queue: all operators, then each link by itself."""
        return max(arrivals.values(), default=0.0) + sum(link.seconds(latency) for link in self.links.values())

    def _chain(
        self, name: str, arrivals: Mapping[str, float], latency: Latency, known: dict[str, Chain], on: tuple[str, ...]
    ) -> Chain:
        """Return the longest chain that ends with the link `name`; `on` are the links that wait for it."""
        if name in on:
            raise Unknown(f"waits for itself: {', '.join([*on[on.index(name) :], name])}")
        if name not in self.links:
            raise Unknown(f"{on[-1] if on else 'the chains'} needs '{name}', which is no link")
        if name not in known:
            link = self.links[name]
            before = [self._chain(need, arrivals, latency, known, (*on, name)) for need in link.needs]
            before += [_arrival(link, package, arrivals) for package in link.operators]
            start = _last(before)
            known[name] = Chain(start.seconds + link.seconds(latency), (*start.names, name))
        return known[name]


def load(path: Path = FILE) -> Chains:
    """Read the chains. Raises OSError, yaml.YAMLError, TypeError for a field that there is not."""
    content: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Chains(
        {package: Operator(package, **fields) for package, fields in content["operators"].items()},
        {name: Link(name, **fields) for name, fields in content["links"].items()},
    )


def _last(chains: Sequence[Chain]) -> Chain:
    return max(chains, key=lambda chain: chain.seconds, default=Chain(0.0))


def _arrival(link: Link, package: str, arrivals: Mapping[str, float]) -> Chain:
    if package not in arrivals:
        raise Unknown(f"{link.name} needs the operator '{package}', of which nobody knows when it is there")
    return Chain(arrivals[package], (package,))
