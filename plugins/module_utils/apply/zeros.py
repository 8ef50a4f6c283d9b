# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Zeros that somebody gave, and that an operator omits when it writes its object back: pure functions.

Go's programs omit false, 0 and what is empty (encoding/json, omitempty). The field leaves our managedFields then, as if
it had never been sent; yet of a pointer, the zero means something else than nothing. So an annotation names the fields
that were sent as a zero to an object that did not hold it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..kube.objects import Object, section

SENT = "seldon.openshift/sent-zeros"


def zeros_of(wanted: Any, live: Any = None, path: str = "") -> Iterator[str]:
    """Yield the paths of the zeros in `wanted`, and of the lists with zeros, that are not so in `live`."""
    if isinstance(wanted, Mapping) and wanted:
        there = live if isinstance(live, Mapping) else {}
        for key, value in wanted.items():
            yield from zeros_of(value, there.get(key), f"{path}.{key}")
    elif wanted != live and (is_zero(wanted) or (isinstance(wanted, list) and _holds_zeros(wanted))):
        yield path


def is_zero(value: Any) -> bool:
    """Say whether Go would omit the value: false, 0 and what is empty; null is no value."""
    return value is not None and not value


def sent(obj: Object | None) -> frozenset[str]:
    """Return the paths of the zeros that an object was sent, as its annotation names them."""
    try:
        return frozenset(json.loads(section(obj, "metadata", "annotations").get(SENT, "[]")))
    except (TypeError, ValueError):  # somebody has written over it
        return frozenset()


def marked(desired: Object, live: Object | None, given: Collection[str]) -> Object:
    """Return `desired` with an annotation for its zeros: of the paths `given`, those that `live` does not hold."""
    if not given:
        return desired
    names = set(given) & (set(zeros_of(desired, live)) | sent(live) & set(zeros_of(desired)))
    if not names:
        return desired
    metadata = desired["metadata"]
    annotations = {**section(metadata, "annotations"), SENT: json.dumps(sorted(names))}
    return {**desired, "metadata": {**metadata, "annotations": annotations}}


def written_back(desired: Object, live: Object, names: Collection[str], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Return `desired` without its zeros at the paths `names` that `live`, which was sent them, lacks.

    ours: the tree of `managedFields` that we own. A list that the operator owns since it wrote it without its zeros is
    left out as well.
    """
    return _written_back(desired, live, names, ours) if names else desired


def _written_back(
    wanted: Mapping[str, Any], live: Any, names: Collection[str], ours: Mapping[str, Any], path: str = ""
) -> dict[str, Any]:
    there: Mapping[str, Any] = live if isinstance(live, Mapping) else {}
    kept: dict[str, Any] = {}
    for key, value in wanted.items():
        here, owned = f"{path}.{key}", ours.get(f"f:{key}")
        if isinstance(value, Mapping) and value:
            value = _written_back(value, there.get(key), names, owned or {}, here) or _bare(owned, there.get(key))
            omitted = value is None
        elif here in names and isinstance(value, list) and value:
            value = _without_zeros(value, there.get(key))
            omitted = owned is None and value == there.get(key)
        else:
            omitted = here in names and key not in there and is_zero(value)
        if not omitted:
            kept[key] = value
    return kept


def _bare(owned: Mapping[str, Any] | None, live: Any) -> Any:
    """Return what is wanted of a block that held zeros alone: the key of a map stays ours, whatever it holds."""
    return live if owned is not None else None


def _without_zeros(wanted: Any, live: Any) -> Any:
    """Return `wanted` without the zeros that `live` lacks at any depth."""
    if isinstance(wanted, list) and isinstance(live, list) and len(wanted) == len(live):
        return [_without_zeros(one, other) for one, other in zip(wanted, live)]
    if not isinstance(wanted, Mapping):
        return wanted
    there: Mapping[str, Any] = live if isinstance(live, Mapping) else {}
    left = {key: _without_zeros(value, there.get(key)) for key, value in wanted.items()}
    return {key: value for key, value in left.items() if key in there or not is_zero(value)}


def _holds_zeros(items: list[Any]) -> bool:
    return any(next(zeros_of(item), None) is not None for item in items)
