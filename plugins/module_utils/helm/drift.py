# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What has become of the objects of a release since Helm wrote them: pure functions over one object.

Only what the manifest says counts. A field that Helm still holds in `managedFields` is as Helm wrote it, in whatever
words the API server keeps it (quantities, defaults, webhooks); whoever changes it takes it out of Helm's entry.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ..apply.changes import ADDED, LEFT, TAKEN_BACK, Change
from ..apply.meaning import aligned
from ..apply.ownership import Fields, is_item
from ..apply.policy import may_take
from ..kube.client import FIELD_MANAGER
from ..kube.objects import Kind, Object, section
from ..kube.secrets import encoded

# Helm names itself by its file: `helm`, `helm3`, `helm-v3.14`. Flux's `helm-controller` is a controller.
_HELM = re.compile(r"(?i)helm(?!.*(controller|operator))[-_.\w]*")
# What tells one item of a list from another, as the API has it; the first that all items have and differ in.
_KEYS = (("name",), ("mountPath",), ("containerPort", "protocol"), ("port", "protocol"), ("containerPort",), ("port",))
Pairs = list[tuple[str, Optional[Any], Optional[Any]]]  # title, wanted item, item on the cluster
# The server puts away no part of these, whatever it does not know of the rest of an object.
_KEPT = (".metadata.labels", ".metadata.annotations", ".data", ".binaryData")


@dataclass(frozen=True)
class Holder:
    """A field manager, and the tree of what it holds of what is looked at (empty: all of it)."""

    manager: str
    fields: Fields

    @property
    def settled(self) -> bool:
        """Whether it is Helm, or this collection in Helm's place."""
        return self.manager == FIELD_MANAGER or _HELM.fullmatch(self.manager) is not None


@dataclass(frozen=True)
class Place:
    """What is looked at of an object of a kind: its path, the names of the field and of the one above, who holds it."""

    kind: Kind
    path: str
    holders: tuple[Holder, ...]
    name: str = ""
    above: str = ""

    def field(self, key: str) -> Place:
        """Return the place of a field of this mapping."""
        return self._below(f".{key}", lambda fields: f"f:{key}" if f"f:{key}" in fields else None, key, self.name)

    def item(self, item: Any, title: str) -> Place:
        """Return the place of an item of this list, which is `item` on the cluster (None: it is not there)."""
        return self._below(
            f"[{title}]",
            lambda fields: next((key for key in fields if is_item(item, key)), None),
            self.name,
            self.above,
        )

    def _below(self, path: str, find: Callable[[Fields], str | None], name: str, above: str) -> Place:
        # An empty tree means all of it, or an empty mapping without its keys: whoever holds one of these tells which.
        whole = not any(each.fields for each in self.holders)
        keys = ((each, find(each.fields)) for each in self.holders)
        found = (Holder(each.manager, each.fields[key] if key else {}) for each, key in keys if key or whole)
        return Place(self.kind, f"{self.path}{path}", tuple(found), name, above)

    def is_persons(self, holder: Holder) -> bool:
        """Say whether a holder is a client that people use, other than Helm."""
        return may_take(holder.manager, self.kind) and not holder.settled


def as_helm_writes(obj: Object, release: str, namespace: str) -> Object:
    """Return an object of a manifest as Helm sends it: marked as its own, without nulls and what only servers write."""
    known = _without_nulls({key: value for key, value in obj.items() if key != "status"})
    metadata = {key: value for key, value in known["metadata"].items() if key != "creationTimestamp"}
    metadata["labels"] = {**section(metadata, "labels"), "app.kubernetes.io/managed-by": "Helm"}
    owner = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}
    metadata["annotations"] = {**section(metadata, "annotations"), **owner}
    if obj["kind"] == "Secret" and "stringData" in known:
        plain = {key: encoded(str(text)) for key, text in known.pop("stringData").items()}
        known["data"] = {**section(known, "data"), **plain}
    return {**known, "metadata": metadata}


def drift(wanted: Object, live: Object) -> list[Change]:
    """Return the fields of `wanted` that somebody has changed (taken_back), or removed (added) in `live`.

    What a person has added to a list is among them as `left`: Helm leaves it. What a controller holds is `left`, too.
    """
    entries = section(live, "metadata").get("managedFields") or []
    held = [each for each in entries if each.get("fieldsV1") and each.get("subresource") != "status"]
    place = Place(Kind.of(wanted), "", tuple(Holder(str(each.get("manager", "")), each["fieldsV1"]) for each in held))
    identity = (".metadata.name", ".metadata.namespace")
    return [change for change in _walk(wanted, live, place) if change.field not in identity]


def is_sure(change: Change, live: Object) -> bool:
    """Say whether `live` alone shows that somebody did it: what is missing may never have been kept by the server."""
    if change.fate != ADDED or change.field.startswith(_KEPT) or change.field.endswith("]"):
        return True
    if change.wanted in (False, 0):  # what most kinds leave out
        return False
    managers = [str(each.get("manager", "")) for each in section(live, "metadata").get("managedFields") or []]
    place = Place(Kind.of(live), "", ())
    return any(place.is_persons(Holder(manager, {})) for manager in managers)


def mended(wanted: Object, live: Object, taken: Collection[str]) -> Object:
    """Return the merge patch that puts the fields at the paths `taken` back; nothing else changes."""
    patch: Object = _difference(live, _overlaid(wanted, live, "", taken))
    return patch


def _walk(wanted: Any, live: Any, place: Place) -> Iterator[Change]:
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        for key, value in wanted.items():
            yield from _walk(value, live.get(key), place.field(key))
    elif isinstance(wanted, list) and isinstance(live, list) and (pairs := _pairs(wanted, live)) is not None:
        for title, one, other in pairs:
            below = place.item(other, title)
            yield from _extra(other, below) if one is None else _walk(one, other, below)
    elif live is None:
        if not _is_empty(wanted, place.kind):
            yield Change(place.path, None, wanted, fate=ADDED)
    elif aligned(wanted, live, place.name, place.above) != live or isinstance(live, bool) != isinstance(wanted, bool):
        yield from _changed(wanted, live, place)


def _changed(wanted: Any, live: Any, place: Place) -> Iterator[Change]:
    if any(holder.settled for holder in place.holders):
        return
    managers = [holder.manager for holder in place.holders]
    controller = next((name for name in managers if not may_take(name, place.kind)), None)
    manager = controller or next(iter(managers), "")
    yield Change(place.path, live, wanted, manager, LEFT if controller else TAKEN_BACK)


def _extra(live: Any, place: Place) -> Iterator[Change]:
    """Yield an item of a list that the manifest does not have, when a person's client put it there."""
    people = [each.manager for each in place.holders if each.fields and place.is_persons(each)]
    if people:
        yield Change(place.path, live, None, people[0], LEFT)


def _pairs(wanted: list[Any], live: list[Any]) -> Pairs | None:
    """Return (title, wanted item, live item) of two lists, None where one is missing; None for what goes as a whole."""
    keys = _key(wanted, live)
    if keys:
        ours, theirs = ({_title(item, keys): item for item in items} for items in (wanted, live))
        return [(title, ours.get(title), theirs.get(title)) for title in dict.fromkeys([*ours, *theirs])]
    if len(wanted) == len(live) and all(isinstance(item, Mapping) for item in (*wanted, *live)):
        return [(str(place), one, other) for place, (one, other) in enumerate(zip(wanted, live))]
    return None


def _key(*lists: list[Any]) -> tuple[str, ...] | None:
    def tells(key: tuple[str, ...], items: list[Any]) -> bool:
        if not all(isinstance(item, Mapping) and item.get(key[0]) is not None for item in items):
            return False
        return len({_title(item, key) for item in items}) == len(items)

    return next((key for key in _KEYS if all(tells(key, items) for items in lists)), None)


def _title(item: Mapping[str, Any], key: tuple[str, ...]) -> str:
    defaults = {"protocol": "TCP"}
    return ",".join(f"{part}={json.dumps(item.get(part, defaults.get(part)))}" for part in key)


def _overlaid(wanted: Any, live: Any, path: str, taken: Collection[str]) -> Any:
    if path in taken:
        return copy.deepcopy(wanted)
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        there = {key: _overlaid(value, live.get(key), f"{path}.{key}", taken) for key, value in wanted.items()}
        return {**live, **{key: value for key, value in there.items() if value is not None}}
    if isinstance(wanted, list) and isinstance(live, list) and (pairs := _pairs(wanted, live)) is not None:
        items = {title: _overlaid(one, other, f"{path}[{title}]", taken) for title, one, other in pairs}
        return [items[title] for title in _order(pairs, live) if items[title] is not None]
    return live


def _order(pairs: Pairs, live: list[Any]) -> list[str]:
    """Return the titles as they stand in `live`, each missing one behind the one that it follows in the manifest."""
    places = {id(item): place for place, item in enumerate(live)}
    there = [title for title, _one, other in sorted(_there(pairs), key=lambda pair: places[id(pair[2])])]
    before = -1
    for title, one, other in pairs:
        if one is not None and other is None:
            there.insert(before + 1, title)
        if one is not None:
            before = there.index(title)
    return there


def _there(pairs: Pairs) -> Pairs:
    return [pair for pair in pairs if pair[2] is not None]


def _difference(live: Mapping[str, Any], target: Mapping[str, Any]) -> Object:
    patch: Object = {}
    for key, value in target.items():
        there = live.get(key)
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            nested = _difference(there, value)
            patch.update({key: nested} if nested else {})
        elif json.dumps(there) != json.dumps(value):  # to Python, 0 is False
            patch[key] = value
    return patch


def _is_empty(value: Any, kind: Kind) -> bool:
    """Say whether a value says nothing, so that the server may leave it out; built-in kinds leave out false and 0."""
    if isinstance(value, Mapping):
        return all(_is_empty(each, kind) for each in value.values())
    if isinstance(value, list):
        return all(_is_empty(each, kind) for each in value)
    return value in (None, "") or (value in (False, 0) and ("." not in kind.group or kind.group.endswith(".k8s.io")))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
