# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What an object of others was before we changed it first: kept beside it, in another Secret or in a ConfigMap."""

from __future__ import annotations

from ..kube.client import Client
from ..kube.errors import ApiError, EngineError
from ..kube.kinds import CONFIG_MAP, NAMESPACE, ROUTE, SECRET
from ..kube.objects import MANAGED_BY, Kind, Object, Reference, is_ours, section
from ..kube.retry import is_transient
from ..kube.secrets import encoded
from ..kube.yamltext import dump
from .diff import content
from .outcome import explain

# Their content is kept as it is, under their own name; of other kinds the whole object, as YAML under this key.
_WITH_DATA = (CONFIG_MAP, SECRET)
MANIFEST = "object.yaml"


def reference(obj: Object) -> Reference:
    """Return the reference to what keeps the content of `obj`, which lives in a namespace, or is one."""
    metadata, kind = obj["metadata"], Kind.of(obj)
    if kind in _WITH_DATA:
        return kind.named(f"{metadata['name']}-before-seldon", metadata["namespace"])
    home = metadata["name"] if kind == NAMESPACE else metadata["namespace"]
    # A Route may hold a private key, which who may read ConfigMaps need not see.
    return (SECRET if kind == ROUTE else CONFIG_MAP).named(
        f"{kind.name.lower()}-{metadata['name']}-before-seldon", home
    )


def copied(obj: Object) -> Object:
    """Return the object that keeps the content of `obj`; its content can't be changed."""
    copy = reference(obj).bare()
    copy["metadata"]["labels"] = dict(MANAGED_BY)
    kept = dump(content(obj))
    whole = {MANIFEST: encoded(kept) if Kind.of(obj) == ROUTE else kept}
    data = section(obj, "data") if Kind.of(obj) in _WITH_DATA else whole
    return {**copy, "data": data, "immutable": True}


def keep(client: Client, obj: Object, deadline: float) -> None:
    """Keep the content of `obj`, unless it is kept, check mode only tries, or we made `obj`.

    Of kinds of the whole cluster only a namespace's is kept: what changes of the others is in the result.

    `deadline` is in seconds of `time.monotonic()`. Raises EngineError.
    """
    home = obj["metadata"].get("namespace") or Kind.of(obj) == NAMESPACE
    if client.check_mode or is_ours(obj) or not home:
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
