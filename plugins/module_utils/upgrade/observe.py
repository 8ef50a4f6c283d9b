# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What an upgrade has to know of a cluster: each operator, custom resource and Helm release, as it stands."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..checks.platform import OPERANDS
from ..helm import release as helm_release
from ..kube.client import Client
from ..kube.errors import KindNotServed
from ..kube.kinds import CLUSTER_VERSION, SECRET
from ..kube.objects import Object, Reference, section
from ..olm.adoption import find_installed
from ..olm.look import look
from ..olm.model import Operator
from .operands import Product, products
from .operands import release as release_of
from .operators import Aim, Standing, standing

Entry = Mapping[str, Any]


def openshift(client: Client) -> str:
    """Return the version of OpenShift, empty when it is none. Raises EngineError."""
    found = _get(client, CLUSTER_VERSION.named("version"))
    return str(section(found, "status", "desired").get("version") or "")


def standings(client: Client, chapters: Mapping[str, Sequence[Operator]], aim: Aim, seconds: float) -> list[Standing]:
    """Return how each chapter's operators stand; `seconds` is how long that may take. Raises EngineError."""
    deadline = time.monotonic() + seconds
    asked = [(chapter, operator) for chapter, operators in chapters.items() for operator in operators]
    used = find_installed(client, [operator for _chapter, operator in asked], deadline)
    # What others installed keeps its own channel, whose head is told.
    snapshots = look(client, used, deadline)
    return [
        standing(chapter, operator, serves, snapshots[serves.namespace], aim)
        for (chapter, operator), serves in zip(asked, used)
    ]


def versions(client: Client, operands: Iterable[Entry], releases: Iterable[Entry]) -> list[Product]:
    """Return how custom resources and charts stand, as far as there are any. Raises EngineError."""
    found = []
    for asked in operands:
        live = _get(client, OPERANDS[asked["kind"]].named(asked["name"], asked["namespace"]))
        found += products(asked, live)
    for asked in releases:
        for home in asked["namespaces"]:
            last = helm_release.newest(client.list(SECRET, home, helm_release.selector(asked["name"])))
            found += [release_of(asked, home, helm_release.chart(last).version)] if last else []
    return found


def operator_of(entry: Entry) -> Operator:
    """Return an entry of seldon_operator as the options that count here."""
    operator = Operator(
        name=entry["name"],
        namespace=entry["namespace"],
        channel=entry.get("channel"),
        source=entry.get("source"),
        starting_csv=entry.get("starting_csv"),
        approval=entry.get("approval"),
        target_namespaces=tuple(entry["target_namespaces"]) if entry.get("target_namespaces") is not None else None,
        alternatives=tuple(entry.get("alternatives") or ()),
    )
    home = entry.get("source_namespace")
    return replace(operator, source_namespace=home) if home else operator


def _get(client: Client, reference: Reference) -> Object | None:
    try:
        return client.get(reference)
    except KindNotServed:
        return None
