# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""How far products and charts are behind what is wanted, by which steps they get there, what they refuse: pure.

The control plane of Service Mesh goes from one minor version to the next. Kafka's protocol follows when all brokers run
the new version (AMQ Streams 2.2, Deploying and Upgrading, 9.5.4). Elastic's operator refuses an older Elasticsearch,
and 8 before 7.17, but only as long as its webhook answers (seen with ECK 2.5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..kube.kinds import CONTROL_PLANE, ELASTICSEARCH, KAFKA
from ..kube.objects import Object, section
from ..kube.versions import minor, numbers

CHART = "chart"
KAFKAS_PROTOCOL = "Kafka's protocol"
PROTOCOL = "inter.broker.protocol.version"
_LAST_OF_7 = (7, 17)


@dataclass(frozen=True)
class Product:
    """One version that a chapter keeps beside its operators.

    what: in words. variable: the one that says the wanted version. steps: those on the way, the wanted one last; none
    when nothing changes. blocked: why it can't be had.
    """

    chapter: str
    what: str
    name: str
    namespace: str
    live: str
    wanted: str
    variable: str
    steps: tuple[str, ...] = ()
    blocked: str = ""


def products(asked: Mapping[str, Any], live: Object | None) -> list[Product]:
    """Return what one custom resource tells; `asked`: chapter, kind, name, namespace, wanted, variable."""
    if live is None:
        return []
    if asked["kind"] == CONTROL_PLANE.name:
        return [_product(asked, "control plane", section(live, "spec").get("version"), by_minor=True)]
    if asked["kind"] == ELASTICSEARCH.name:
        return [_product(asked, "Elasticsearch", section(live, "spec").get("version"))]
    if asked["kind"] == KAFKA.name:
        kafka = section(live, "spec", "kafka")
        protocol = {**asked, "wanted": asked.get("protocol") or minor(asked["wanted"])}
        return [
            _product(asked, "Kafka", kafka.get("version")),
            _product(protocol, KAFKAS_PROTOCOL, section(kafka, "config").get(PROTOCOL)),
        ]
    return []


def release(asked: Mapping[str, Any], namespace: str, version: str) -> Product:
    """Return how the chart of a Helm release stands."""
    return _product({**asked, "namespace": namespace}, CHART, version)


def held_protocol(found: list[Product]) -> str:
    """Return the protocol that Kafka keeps until every broker runs the wanted version, empty when it has it."""
    protocol = next((each for each in found if each.what == KAFKAS_PROTOCOL), None)
    return protocol.live if protocol and protocol.steps and not protocol.blocked else ""


def _product(asked: Mapping[str, Any], what: str, live: Any, by_minor: bool = False) -> Product:
    there, wanted = str(live or ""), str(asked["wanted"] or "")
    found = Product(asked["chapter"], what, asked["name"], asked["namespace"], there, wanted, asked["variable"])
    if not there or not wanted or there == wanted:
        return found
    if numbers(wanted) < numbers(there):
        blocked = f"{there} runs, and {wanted} is older: {_no_way_back(what)}. Say {asked['variable']}: {there}"
        return Product(**{**vars(found), "blocked": blocked})
    if what == "Elasticsearch" and numbers(there)[:2] < _LAST_OF_7 and numbers(wanted)[:1] > (7,):
        blocked = (
            f"from {there} there is no way to {wanted} but by 7.17: first -e {asked['variable']}=7.17.x, the newest"
        )
        return Product(**{**vars(found), "blocked": blocked})
    return Product(**{**vars(found), "steps": tuple(_between(there, wanted)) if by_minor else (wanted,)})


def _no_way_back(what: str) -> str:
    reasons = {
        "Elasticsearch": "it cannot read the data that a newer one has written",
        "Kafka": "the brokers speak and write what it does not know",
        KAFKAS_PROTOCOL: "brokers may have written what the older one does not know",
        CHART: "helm rollback goes back to an earlier revision of the release",
    }
    return reasons.get(what, "its operator has no way back")


def _between(live: str, wanted: str) -> list[str]:
    """Return the minor versions after `live`, up to `wanted`: v2.1, v2.2 and v2.3 from v2.0; else only `wanted`."""
    there, goal = numbers(live), numbers(wanted)
    if len(there) != 2 or len(goal) != 2 or there[0] != goal[0]:
        return [wanted]
    prefix = wanted[: re.match(r"\D*", wanted).end()]  # type: ignore[union-attr]  # it matches nothing, too
    return [f"{prefix}{goal[0]}.{number}" for number in range(there[1] + 1, goal[1] + 1)]
