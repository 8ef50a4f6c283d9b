# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Removing operators: delete one thing after the other, each when OLM has let go of the one before."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby

from ..apply.gone import wait_until_gone
from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.kinds import (
    CLUSTER_ROLE,
    CLUSTER_SERVICE_VERSION,
    NAMESPACE,
    OPERATOR_GROUP,
    ROLE_BINDING,
    SUBSCRIPTION,
)
from ..kube.objects import Objects, Reference, is_ours
from ..kube.polling import Progress
from ..waiting.progress import ProgressLog
from .installer import OperatorStatus
from .model import Operator, Snapshot, Write
from .removal import left_roles, remove, roles_of_groups


def uninstall(
    client: Client, operators: Sequence[Operator], force: bool, deadline: float, progress: Progress
) -> list[OperatorStatus]:
    """Remove `operators` and return what was (in check mode: would be) done; CRDs and custom resources stay.

    What others requested stays as well, unless `force`. Raises EngineError when something is still there at
    `deadline` (seconds of time.monotonic()).
    """
    results: list[OperatorStatus] = []
    deletions = _Deletions(client, deadline, progress)
    for namespace, group in groupby(sorted(operators, key=lambda o: o.namespace), key=lambda o: o.namespace):
        doomed = list(group)
        writes = remove(doomed, observe(client, namespace, deadline), force)
        deletions.make(namespace, writes)
        left = left_roles(*_roles_and_groups(client, namespace, deadline))
        deletions.make(namespace, left)
        said = [write.says for write in writes or left]  # a group's roles go with it, whoever deletes them
        results += [OperatorStatus(operator, said if operator is doomed[0] else []) for operator in doomed]
    return results


def observe(client: Client, namespace: str, deadline: float) -> Snapshot:
    """Return OLM's objects of a namespace. `deadline` is in seconds of `time.monotonic()`."""
    home = client.get(NAMESPACE.named(namespace), deadline=deadline)
    return Snapshot(
        namespace=home is not None,
        ours=home is not None and is_ours(home),
        groups=client.list(OPERATOR_GROUP, namespace, deadline=deadline),
        subscriptions=client.list(SUBSCRIPTION, namespace, deadline=deadline),
        versions=client.list(CLUSTER_SERVICE_VERSION, namespace, deadline=deadline),
        readers=client.list(ROLE_BINDING, "kube-system", deadline=deadline),
    )


def _roles_and_groups(client: Client, namespace: str, deadline: float) -> tuple[Objects, Objects]:
    """Return the ClusterRoles of a namespace's OperatorGroups, and these groups (read only where there are roles)."""
    roles = client.list(CLUSTER_ROLE, None, roles_of_groups(namespace), deadline=deadline)
    return roles, client.list(OPERATOR_GROUP, namespace, deadline=deadline) if roles else []


class _Deletions:
    """Deletes one object after the other, each when the one before is gone; nothing in check mode."""

    def __init__(self, client: Client, deadline: float, progress: Progress) -> None:
        self._client, self._deadline, self._progress = client, deadline, progress
        self._log = ProgressLog(progress, time.monotonic())

    def make(self, namespace: str, writes: Sequence[Write]) -> None:
        for write in [] if self._client.check_mode else writes:
            self._client.delete(write.reference, deadline=self._deadline)
            self._log.tell(f"operators in {namespace}", write.says, time.monotonic())
            _wait_until_gone(self._client, write.reference, self._deadline, self._progress)


def _wait_until_gone(client: Client, reference: Reference, deadline: float, progress: Progress) -> None:
    try:
        wait_until_gone(client, reference, deadline, progress)
    except EngineError as error:
        raise EngineError(f"{reference}: {error}") from error
