# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which fields differ between two states of an object, and who held them: pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..kube.client import FIELD_MANAGER
from ..kube.objects import Object, section
from ..kube.redaction import HIDDEN, HIDDEN_CHANGED, without_private_keys
from .diff import content
from .ownership import Fields, is_item

# What became of a field.
ADDED, CHANGED, REMOVED, TAKEN_BACK = "added", "changed", "removed", "taken_back"
TAKEN = "taken"  # from a controller, because somebody has given it explicitly
LEFT, REFUSED, REJECTED = "left", "refused", "rejected"  # to a controller; without consent; by the API server
# Longer ones, such as scripts and rules, say nothing in a table.
_LONGEST = 1000
_VALUES = ("data", "stringData")
Holders = list[tuple[str, Fields]]  # managers, each with its tree of what is looked at


@dataclass(frozen=True)
class Change:
    """One field that is, or would be, another. live and wanted: its values, None where it is missing.

    manager: who held it, empty when nobody says so.
    """

    field: str
    live: Any
    wanted: Any
    manager: str = ""
    fate: str = CHANGED

    @property
    def harmless(self) -> bool:
        """Whether it only adds a label or an annotation, which nobody had, or what is empty."""
        marks = self.field.startswith((".metadata.labels", ".metadata.annotations"))
        return self.fate == ADDED and (marks or self.wanted in ("", {}, []))

    def report(self, secret: bool) -> dict[str, Any]:
        """Return what a module returns of it; with `secret`, values of data are hidden, and private keys always."""
        hidden = secret and self.field.lstrip(".").partition(".")[0] in _VALUES
        bare = without_private_keys(self.live), without_private_keys(self.wanted, self.live)
        live, wanted = (HIDDEN if hidden and value is not None else _short(value) for value in bare)
        if hidden and None not in (self.live, self.wanted):
            wanted = HIDDEN_CHANGED
        return {"field": self.field, "live": live, "wanted": wanted, "manager": self.manager, "fate": self.fate}


def changes(before: Object, after: Object, fate: str = CHANGED) -> list[Change]:
    """Return the fields in which `after` differs from `before`; what somebody else held has the given `fate`."""
    entries = section(before, "metadata").get("managedFields") or []
    holders = [(str(entry.get("manager", "")), entry["fieldsV1"]) for entry in entries if entry.get("fieldsV1")]
    return list(_walk(content(before) or {}, content(after) or {}, "", holders, fate))


def _walk(before: Any, after: Any, path: str, holders: Holders, fate: str) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(after, Mapping) and (isinstance(before, Mapping) or (after and before is None)):
        there: Mapping[str, Any] = before or {}
        for key in dict.fromkeys([*there, *after]):
            yield from _walk(there.get(key), after.get(key), f"{path}.{key}", _below(holders, f"f:{key}"), fate)
    elif _named(before) and _named(after):
        old, new = ({str(item["name"]): item for item in items} for items in (before, after))
        for name in dict.fromkeys([*old, *new]):
            item = {"name": name}
            yield from _walk(old.get(name), new.get(name), f'{path}[name="{name}"]', _of_item(holders, item), fate)
    else:
        yield _change(path, before, after, [manager for manager, _tree in holders], fate)


def _change(path: str, live: Any, wanted: Any, managers: list[str], fate: str) -> Change:
    others = [manager for manager in managers if manager != FIELD_MANAGER]
    if live is None:
        return Change(path, live, wanted, fate=ADDED)
    manager = (others or managers or [""])[0]
    return Change(path, live, wanted, manager, REMOVED if wanted is None else fate if others else CHANGED)


def _below(holders: Holders, key: str) -> Holders:
    """Return who holds a part of what `holders` hold: with `key` in their trees, else as a part of the whole.

    Who made a mapping keeps its bare name when others have taken all keys.
    """
    named = [(manager, tree[key]) for manager, tree in holders if key in tree]
    return named or [(manager, tree) for manager, tree in holders if not tree]


def _of_item(holders: Holders, item: Object) -> Holders:
    found = [(manager, tree, next((key for key in tree if is_item(item, key)), None)) for manager, tree in holders]
    return [(manager, tree[key] if key else {}) for manager, tree, key in found if key or not tree]


def _named(items: Any) -> bool:
    """Say whether `items` are a list of mappings, each with a name of its own."""
    if not isinstance(items, list) or not all(isinstance(item, Mapping) and "name" in item for item in items):
        return False
    return len({str(item["name"]) for item in items}) == len(items)


def _short(value: Any) -> Any:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
