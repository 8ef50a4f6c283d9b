# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a report tells of the platform beside its checks: versions, addresses and model namespaces.

Nothing here is judged, and nothing fails: what may not or cannot be read is left out, and named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, TypeVar

from ..helm import release as helm_release
from ..kube.errors import EngineError, Unreachable
from ..kube.kinds import (
    CLUSTER_VERSION,
    CONTROL_PLANE,
    ELASTICSEARCH,
    KAFKA,
    KNATIVE_EVENTING,
    KNATIVE_SERVING,
    NAMESPACE,
    ROUTE,
    SECRET,
    SUBSCRIPTION,
)
from ..kube.objects import Kind, Object, section
from ..kube.rights import Right
from .observed import Observed

Entry = Mapping[str, Any]
Found = TypeVar("Found")

# Where each kind says its version, the surest first.
_FIELDS: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    CONTROL_PLANE: (("spec", "version"),),
    ELASTICSEARCH: (("status", "version"), ("spec", "version")),
    KAFKA: (("spec", "kafka", "version"),),
    KNATIVE_EVENTING: (("status", "version"),),
    KNATIVE_SERVING: (("status", "version"),),
}
OPERANDS: Mapping[str, Kind] = {kind.name: kind for kind in _FIELDS}
_CSV = re.compile(r"\.v?(?=\d)")
_CHANNEL = re.compile(r"-(\d+(?:\.\d+)*)(?:\.x)?$")


@dataclass(frozen=True)
class Version:
    """A version that runs.

    kind: `operator`, `chart`, or the kind of a custom resource. name: of the package, the release or the object.
    wanted: the version, or the beginning of one, that the installation asks for; empty where it asks for none.
    """

    kind: str
    name: str
    namespace: str
    version: str
    wanted: str = ""


@dataclass
class Gathering:
    """Reads one fact after the other. unread: what could not be read, each said once. lacking: the rights for it."""

    cluster: Observed
    unread: dict[str, None] = field(default_factory=dict)
    lacking: dict[Right, None] = field(default_factory=dict)
    reachable: bool = True

    def fact(self, read: Callable[[], Found], absent: Found) -> Found:
        """Return what `read` finds, `absent` when it can't be read; once no API server answers, none is asked."""
        if not self.reachable:
            return absent
        self.cluster.begin()
        try:
            found = read()
        except EngineError as error:
            self.reachable = not isinstance(error, Unreachable)
            self.unread[str(error)] = None
            return absent
        self.unread.update(dict.fromkeys(self.cluster.refused))
        self.lacking.update(dict.fromkeys(self.cluster.lacking))
        return found


def identity(cluster: Observed) -> str:
    """Return what tells a cluster from every other: the uid of kube-system, which no one can remake."""
    found = cluster.get(NAMESPACE.named("kube-system"))
    return str(section(found, "metadata").get("uid") or "")


def openshift(cluster: Observed) -> str:
    """Return the version of OpenShift that the cluster has or is on its way to, empty when it is none."""
    found = cluster.get(CLUSTER_VERSION.named("version"))
    return str(section(found, "status", "desired").get("version") or "")


def versions(gathering: Gathering, params: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the versions of operators, operands and Helm releases that there are, in the order asked for."""
    cluster = gathering.cluster
    none: list[Object] = []
    subscriptions = gathering.fact(lambda: cluster.list(SUBSCRIPTION), none)
    reads = [partial(operand, cluster, asked) for asked in params["operands"]]
    reads += [partial(chart, cluster, asked, home) for asked in params["releases"] for home in asked["namespaces"]]
    found = [*operators(subscriptions, params["operators"]), *(gathering.fact(read, None) for read in reads)]
    return [asdict(each) for each in found if each]


def addresses(gathering: Gathering, routes: Iterable[Entry]) -> list[dict[str, str]]:
    """Return the product and URL of each Route that there is."""
    found = [gathering.fact(partial(address, gathering.cluster, asked), None) for asked in routes]
    return [each for each in found if each]


def operators(subscriptions: Iterable[Object], wanted: Iterable[Entry]) -> Iterator[Version]:
    """Yield the version of each wanted operator that OLM has installed, wherever its Subscription lives."""
    known = sorted(subscriptions, key=lambda s: str(s["metadata"]["namespace"]))
    for operator in wanted:
        packages = (operator["name"], *operator.get("alternatives", ()))
        there = [s for s in known if section(s, "spec").get("name") in packages]
        there.sort(key=lambda s: s["metadata"]["namespace"] != operator["namespace"])
        installed = section(there[0], "status").get("installedCSV") if there else None
        if installed:
            package, home = section(there[0], "spec")["name"], there[0]["metadata"]["namespace"]
            yield Version("operator", package, home, of_csv(installed), asked_version(operator))


def of_csv(name: str) -> str:
    """Return the version in the name of a CSV: `2.2.0-4` of `amqstreams.v2.2.0-4`."""
    return _CSV.split(name, maxsplit=1)[-1]


def asked_version(operator: Entry) -> str:
    """Return the version that an entry of seldon_operator asks for, by its first CSV, else by its channel."""
    if operator.get("starting_csv"):
        return of_csv(operator["starting_csv"])
    found = _CHANNEL.search(operator.get("channel") or "")
    return found[1] if found else ""


def operand(cluster: Observed, asked: Entry) -> Version | None:
    """Return the version of a custom resource, None when it does not exist or says none."""
    kind = OPERANDS[asked["kind"]]
    live = cluster.get(kind.named(asked["name"], asked["namespace"]))
    told = (section(live, *path[:-1]).get(path[-1]) for path in _FIELDS[kind])
    version = next((str(each) for each in told if each), "")
    return Version(kind.name, asked["name"], asked["namespace"], version, asked["wanted"]) if version else None


def chart(cluster: Observed, asked: Entry, namespace: str) -> Version | None:
    """Return the version of the chart of a Helm release, None when there is no such release."""
    last = helm_release.newest(cluster.list(SECRET, namespace, helm_release.selector(asked["name"])))
    if last is None:
        return None
    return Version("chart", asked["name"], namespace, helm_release.chart(last).version, asked["wanted"])


def address(cluster: Observed, asked: Entry) -> dict[str, str] | None:
    """Return the product and URL of an admitted Route, None when there is no such Route."""
    route = cluster.get(ROUTE.named(asked["name"], asked["namespace"]))
    admitted = [
        entry["host"]
        for entry in section(route, "status").get("ingress") or []
        if any(c.get("type") == "Admitted" and c.get("status") == "True" for c in entry.get("conditions") or [])
    ]
    if not admitted:
        return None
    scheme = "https" if section(route, "spec", "tls") else "http"
    return {"product": asked["product"], "url": f"{scheme}://{admitted[0]}{asked['path']}"}
