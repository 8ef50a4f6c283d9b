# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What we own of an object, as the API server's `managedFields` tell it (server-side apply): pure functions.

A `fieldsV1` tree has a key `f:NAME` for each field, `k:{JSON}` for each item of a list with keys, `v:JSON` for each
item of a set, `.` for the item itself, and an empty tree where a value is owned as a whole (Kubernetes documentation,
Server-Side Apply).
"""

from __future__ import annotations

import json
from typing import Any

from ..kube.client import FIELD_MANAGER
from ..kube.objects import Object, section
from .zeros import sent, written_back

Fields = dict[str, Any]

# The server leaves these out of managedFields: they say which object is meant.
_IDENTITY = {"apiVersion", "kind"}
_METADATA_IDENTITY = {"name", "namespace"}
# Defaults that the server fills into values that are compared as a whole (Kubernetes API reference, NetworkPolicyPort).
_DEFAULTS: dict[str, Object] = {"NetworkPolicy": {"protocol": "TCP"}}


def owned_fields(live: Object | None, api_version: str | None = None) -> Fields | None:
    """Return the tree of what our server-side apply owns of `live` (in `api_version`, if given); None: nothing."""
    for entry in section(live, "metadata").get("managedFields") or []:
        applied = entry.get("operation") == "Apply" and not entry.get("subresource")
        if applied and entry.get("manager") == FIELD_MANAGER and api_version in (None, entry.get("apiVersion")):
            return entry.get("fieldsV1") or {}
    return None


def carries_us(live: Object) -> bool:
    """Say whether we have applied or created `live`, or a part of it."""
    entries = section(live, "metadata").get("managedFields") or []
    return any(entry.get("manager") == FIELD_MANAGER and not entry.get("subresource") for entry in entries)


def is_current(desired: Object, live: Object) -> bool:
    """Say whether applying `desired` would change nothing of `live`.

    True only when we own exactly the fields that `desired` holds (a field that went away must be removed) and all have
    the wanted values, but for zeros that it was sent and has lost since. False is always safe: it costs one request,
    whose answer shows whether anything changed.
    """
    # A manager of no field has no entry in managedFields.
    fields = owned_fields(live, desired["apiVersion"]) or {}
    wanted = beside_identity(written_back(desired, live, sent(desired) & sent(live), fields))
    if not fields or not wanted:
        return not fields and not wanted
    return _matches(fields, wanted, live, _DEFAULTS.get(desired["kind"], {}))


def beside_identity(obj: Object) -> Object:
    """Return what an object holds beside the names that say which object it is: {} for a bare Namespace."""
    held = {key: value for key, value in obj.items() if key not in _IDENTITY}
    held["metadata"] = {key: value for key, value in obj["metadata"].items() if key not in _METADATA_IDENTITY}
    if not held["metadata"]:
        del held["metadata"]
    return held


def ours(value: Any, fields: Fields) -> Any:
    """Return the part of `value` (an object or any part of one) that the tree `fields` names."""
    names = [key for key in fields if key != "."]
    if not names:
        return value
    if isinstance(value, dict):
        return {key: ours(value[key], fields[f"f:{key}"]) for key in value if f"f:{key}" in fields}
    if isinstance(value, list):
        return [ours(item, fields[name]) for item in value for name in names if is_item(item, name)]
    return value


def union(first: Fields, second: Fields) -> Fields:
    """Return the tree of what either tree names."""
    return {key: union(first.get(key) or {}, second.get(key) or {}) for key in {**first, **second}}


def _matches(fields: Fields, desired: Any, live: Any, defaults: Object) -> bool:
    names = [key for key in fields if key != "."]
    if not names:
        return _equal(desired, live, defaults)
    if isinstance(desired, dict) and isinstance(live, dict):
        if {f"f:{key}" for key in desired} != set(names):
            return False
        return all(_matches(fields[f"f:{key}"], value, live.get(key), defaults) for key, value in desired.items())
    if isinstance(desired, list) and isinstance(live, list) and len(desired) == len(names):
        return all(_item_matches(fields[name], name, desired, live, defaults) for name in names)
    return False


def _item_matches(fields: Fields, name: str, desired: list[Any], live: list[Any], defaults: Object) -> bool:
    exact = [item for item in desired if is_item(item, name)]
    wanted = exact or [item for item in desired if is_item(item, name, lenient=True)]
    found = [item for item in live if is_item(item, name)]
    return len(wanted) == len(found) == 1 and _matches(fields, wanted[0], found[0], defaults)


def is_item(item: Any, name: str, lenient: bool = False) -> bool:
    """Say whether a list's item is the one that `k:{...}` or `v:...` names; `lenient`: it may omit (defaulted) keys."""
    kind, _sep, text = name.partition(":")
    if kind not in ("k", "v"):
        return False
    key = json.loads(text)
    if kind == "v":
        return bool(item == key)
    if not isinstance(item, dict):
        return False
    return all(item[part] == value if part in item else lenient for part, value in key.items())


def _equal(desired: Any, live: Any, defaults: Object) -> bool:
    if isinstance(desired, dict) and isinstance(live, dict):
        extra = set(live) - set(desired)
        return all(key in live and _equal(value, live[key], defaults) for key, value in desired.items()) and all(
            key in defaults and live[key] == defaults[key] for key in extra
        )
    if isinstance(desired, list) and isinstance(live, list):
        return len(desired) == len(live) and all(_equal(d, v, defaults) for d, v in zip(desired, live))
    return isinstance(desired, bool) == isinstance(live, bool) and bool(desired == live)
