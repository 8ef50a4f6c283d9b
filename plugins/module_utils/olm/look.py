# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""One look at operators, without waiting: Subscriptions, plans, versions, catalogues and what these offer."""

from __future__ import annotations

from collections.abc import Sequence

from ..kube.client import Client
from ..kube.errors import ApiError, KindNotServed
from ..kube.kinds import CATALOG_SOURCE, CLUSTER_SERVICE_VERSION, INSTALL_PLAN, PACKAGE_MANIFEST, SUBSCRIPTION
from ..kube.objects import Kind, Objects
from ..kube.rights import is_forbidden
from .model import COPIED, Operator, Snapshot


def look(client: Client, operators: Sequence[Operator], deadline: float) -> dict[str, Snapshot]:
    """Return what is in the namespace of each of `operators`, with what the catalogues offer, by namespace.

    deadline: seconds of time.monotonic(). Without OLM, nothing is there. Raises EngineError, ApiError.
    """
    subscriptions = _list(client, SUBSCRIPTION, None, deadline)
    catalogs = _list(client, CATALOG_SOURCE, None, deadline)
    found: dict[str, Snapshot] = {}
    for operator in operators:
        home = operator.namespace
        if home not in found:
            found[home] = Snapshot(
                subscriptions=[each for each in subscriptions if each["metadata"]["namespace"] == home],
                plans=_list(client, INSTALL_PLAN, home, deadline),
                versions=_list(client, CLUSTER_SERVICE_VERSION, home, deadline, f"!{COPIED}"),
                catalogs=catalogs,
            )
        found[home].manifests[operator.name] = offers(client, operator, deadline)
    return found


def offers(client: Client, operator: Operator, deadline: float) -> Objects:
    """Return the operator's PackageManifests; none while the package server does not answer.

    deadline: seconds of time.monotonic(). Raises ApiError (403).
    """
    label = f"catalog={operator.source}" if operator.source else None
    field = f"metadata.name={operator.name}"
    try:
        return client.list(PACKAGE_MANIFEST, operator.source_namespace, label, field, deadline)
    except ApiError as error:
        if is_forbidden(error):
            raise
        return []


def _list(client: Client, kind: Kind, namespace: str | None, deadline: float, labels: str | None = None) -> Objects:
    try:
        return client.list(kind, namespace, labels, deadline=deadline)
    except KindNotServed:
        return []
