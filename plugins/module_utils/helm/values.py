# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Helm values: which of them differ between a release and what is wanted, and which are secrets. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..apply.changes import ADDED, CHANGED, REMOVED, Change
from ..kube.redaction import HIDDEN, HIDDEN_CHANGED, mentions_secret, names_secret, variable_secrets

ROOT = ".values"
_ABSENT = object()


def value_changes(there: Any, wanted: Any) -> list[Change]:
    """Return each key whose value in `there` is another one in `wanted`: `.values.image.tag`.

    A null is a value: it drops the chart's default. Numbers are the same by their value, as JSON has them.
    """
    return list(_walk(there, wanted, ROOT))


def changes_between(there: Any, wanted: Any) -> list[Change]:
    """Return the fields of two objects that differ: `.spec.replicas`."""
    return list(_walk(there, wanted, ""))


def value_secrets(values: Any, name: str = "") -> set[str]:
    """Return the texts among `values` that are secrets by the name of their key, or of the variable that they are."""
    if isinstance(values, Mapping):
        variable = str(values.get("name", "")) if {"name", "value"} <= values.keys() else "value"
        names = {key: variable if key == "value" else str(key) for key in values}
        return {text for key, each in values.items() for text in value_secrets(each, names[key])}
    if isinstance(values, list):
        return {text for each in values for text in value_secrets(each, name)}
    text = str(values) if isinstance(values, str) else ""
    return {text} - {""} if names_secret(name) else variable_secrets("", text)


def is_secret(path: str, value: Any) -> bool:
    """Say whether what stands at a path is, or holds, a secret: by any word of the path, or by what it looks like."""
    if isinstance(value, (Mapping, list)):
        return mentions_secret(path) or bool(value_secrets(value))
    name = re.split(r'[.\]"]', path.rstrip('"]'))[-1]
    return mentions_secret(path) or bool(variable_secrets(name, str(value or "")))


def hidden(change: Change) -> Change:
    """Return a change of values, or of an environment, without what may be a secret."""
    if not (is_secret(change.field, change.live) or is_secret(change.field, change.wanted)):
        return change
    live = None if change.live is None else HIDDEN
    wanted = None if change.wanted is None else HIDDEN if live is None else HIDDEN_CHANGED
    return replace(change, live=live, wanted=wanted)


def _walk(there: Any, wanted: Any, path: str) -> Iterator[Change]:
    if isinstance(there, Mapping) and isinstance(wanted, Mapping):
        for key in dict.fromkeys([*there, *wanted]):
            yield from _walk(there.get(key, _ABSENT), wanted.get(key, _ABSENT), f"{path}.{key}")
    elif isinstance(there, list) and isinstance(wanted, list) and len(there) == len(wanted):
        for title, one, other in zip(_titles(wanted), there, wanted):
            yield from _walk(one, other, f"{path}[{title}]")
    elif there is _ABSENT and isinstance(wanted, Mapping) and wanted:
        yield from _walk({}, wanted, path)
    elif wanted is _ABSENT and isinstance(there, Mapping) and there:
        yield from _walk(there, {}, path)
    elif not _same(there, wanted):
        yield _change(path, there, wanted)


def _change(path: str, there: Any, wanted: Any) -> Change:
    fate = ADDED if there is _ABSENT else REMOVED if wanted is _ABSENT else CHANGED
    live, new = (None if each is _ABSENT else "null" if each is None else each for each in (there, wanted))
    return Change(path, live, new, fate=fate)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return float(one) == float(other)  # so does Helm, which keeps large numbers as float64
    return type(one) is type(other) and not isinstance(one, list) and bool(one == other)


def _titles(items: list[Any]) -> list[str]:
    named = [item.get("name") if isinstance(item, Mapping) else None for item in items]
    return [f'name="{name}"' if isinstance(name, str) else str(place) for place, name in enumerate(named)]
