# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a Secret or ConfigMap of others held before we changed it first: kept beside it, in another one of its kind."""

from __future__ import annotations

from ..apply.outcome import explain
from ..kube.client import Client
from ..kube.errors import ApiError, EngineError
from ..kube.objects import MANAGED_BY, Kind, Object, Reference, is_ours, section
from ..kube.retry import is_transient


def reference(obj: Object) -> Reference:
    """Return the reference to what keeps the content of `obj`."""
    metadata = obj["metadata"]
    return Kind.of(obj).named(f"{metadata['name']}-before-seldon", metadata["namespace"])


def copied(obj: Object) -> Object:
    """Return the object that keeps the content of `obj`; its content can't be changed."""
    copy = reference(obj).bare()
    copy["metadata"]["labels"] = dict(MANAGED_BY)
    return {**copy, "data": section(obj, "data"), "immutable": True}


def keep(client: Client, obj: Object, deadline: float) -> None:
    """Keep the content of `obj`, unless it is kept, check mode only tries, or we made `obj`.

    `deadline` is in seconds of `time.monotonic()`. Raises EngineError.
    """
    if client.check_mode or is_ours(obj):
        return
    copy = copied(obj)
    try:
        client.create(copy, deadline=deadline)
    except ApiError as error:
        if error.status == 409:
            return
        if is_transient(error, idempotent=True):
            raise
        raise EngineError(
            f"{Reference.of(copy)} can't be made, which keeps what {Reference.of(obj)} holds before its first change: "
            f"{explain(error, copy)} {Reference.of(obj)} is unchanged."
        ) from error


def kept(client: Client, obj: Object, deadline: float) -> Object | None:
    """Return what keeps the content of `obj`, None when nothing does; `deadline` in seconds of `time.monotonic()`."""
    return client.get(reference(obj), deadline)


def forget_restored(client: Client, obj: Object, deadline: float) -> None:
    """Remove what keeps the content of `obj`, when `obj` holds just that again.

    `deadline` is in seconds of `time.monotonic()`.
    """
    copy = kept(client, obj, deadline)
    if copy and is_ours(copy) and section(copy, "data") == section(obj, "data"):
        client.delete(reference(obj), uid=copy["metadata"]["uid"], deadline=deadline)
