# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What an apply would make of an object, where the API server may not be asked: a pure function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def completed(desired: Any, live: Any, field: str = "") -> Any:
    """Return `desired` with what `live` has beside it: fields of others, and defaults of the server.

    Items of two lists of the same length are taken for the same ones; else a list is replaced as a whole, and so is a
    selector (Kubernetes API reference, LabelSelector: atomic). field: the name of the field that holds both.
    """
    if field.endswith("elector"):
        return desired
    if isinstance(desired, Mapping) and isinstance(live, Mapping):
        kept = {key: value for key, value in live.items() if key not in desired}
        return {**kept, **{key: completed(value, live.get(key), str(key)) for key, value in desired.items()}}
    if isinstance(desired, list) and isinstance(live, list) and len(desired) == len(live):
        return [completed(one, other) for one, other in zip(desired, live)]
    return desired
