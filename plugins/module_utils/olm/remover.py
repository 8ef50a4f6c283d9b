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
from ..kube.kinds import CLUSTER_SERVICE_VERSION, NAMESPACE, OPERATOR_GROUP, ROLE_BINDING, SUBSCRIPTION
from ..kube.objects import Reference, is_ours
from ..kube.polling import Progress
from ..waiting.progress import ProgressLog
from .installer import OperatorStatus
from .model import Operator, Snapshot
from .removal import remove


def uninstall(
    client: Client, operators: Sequence[Operator], force: bool, deadline: float, progress: Progress
) -> list[OperatorStatus]:
    """Remove `operators` and return what was (in check mode: would be) done; CRDs and custom resources stay.

    What others requested stays as well, unless `force`. Raises EngineError when something is still there at
    `deadline` (seconds of time.monotonic()).
    """
    log, results = ProgressLog(progress, time.monotonic()), []
    for namespace, group in groupby(sorted(operators, key=lambda o: o.namespace), key=lambda o: o.namespace):
        doomed = list(group)
        writes = remove(doomed, observe(client, namespace, deadline), force)
        for write in writes:
            if not client.check_mode:
                client.delete(write.reference, deadline=deadline)
                log.tell(f"operators in {namespace}", write.says, time.monotonic())
                _wait_until_gone(client, write.reference, deadline, progress)
        results += [
            OperatorStatus(operator, [w.says for w in writes] if operator is doomed[0] else []) for operator in doomed
        ]
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


def _wait_until_gone(client: Client, reference: Reference, deadline: float, progress: Progress) -> None:
    try:
        wait_until_gone(client, reference, deadline, progress)
    except EngineError as error:
        raise EngineError(f"{reference}: {error}") from error
