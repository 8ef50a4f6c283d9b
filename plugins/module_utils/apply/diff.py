# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What `--diff` shows of an object: what we changed and nothing secret. Pure functions."""

from __future__ import annotations

import copy
from typing import Any

from ..kube.objects import Object, Reference, section
from ..kube.redaction import HIDDEN, HIDDEN_CHANGED, without_private_keys
from ..kube.yamltext import dump

# They change with every write, or repeat the whole object, secrets included.
_NOISE = ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def content(obj: Object | None) -> Object | None:
    """Return a copy of an object without its status and what the server keeps in its metadata."""
    if obj is None:
        return None
    kept = {key: value for key, value in copy.deepcopy(obj).items() if key != "status"}
    kept["metadata"] = {key: value for key, value in kept["metadata"].items() if key not in _NOISE}
    annotations = kept["metadata"].get("annotations")
    if annotations and annotations.pop(_LAST_APPLIED, None) is not None and not annotations:
        del kept["metadata"]["annotations"]
    return kept


def masked(before: Object | None, after: Object | None) -> tuple[Object | None, Object | None]:
    """Return both with the values of a Secret hidden, of other kinds private keys: a changed value says so."""
    if "Secret" not in [obj.get("kind") for obj in (before, after) if obj]:
        return without_private_keys(before), without_private_keys(after, before)
    old, new = _values(before), _values(after)
    changed = {key for key in new if key in old and new[key] != old[key]}
    return _hide(before, set()), _hide(after, changed)


def entry(what: Reference | str, before: Object | None, after: Object | None) -> dict[str, str]:
    """Return one entry of a result's `diff`, as YAML, from two objects that may be None (absent)."""
    shown = masked(before, after)
    texts = [dump(obj) if obj else "" for obj in shown]
    return {"before_header": str(what), "after_header": str(what), "before": texts[0], "after": texts[1]}


def _values(obj: Object | None) -> dict[str, Any]:
    secret = obj or {}
    return {**section(secret, "data"), **section(secret, "stringData")}


def _hide(obj: Object | None, changed: set[str]) -> Object | None:
    if obj is None:
        return None
    hidden = dict(obj)
    for part in ("data", "stringData"):
        if isinstance(obj.get(part), dict):
            hidden[part] = {key: HIDDEN_CHANGED if key in changed else HIDDEN for key in obj[part]}
    return hidden
