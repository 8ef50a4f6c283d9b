# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What keeps an object from being applied, as far as it tells so itself: pure functions.

The API server would refuse most of it, too, one object at a time and after the first writes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..kube.kinds import CONFIG_MAP, SECRET
from ..kube.objects import Kind, Object, section
from ..kube.texts import no_texts

# The fields with values by kind, and whether these are in base64 (Kubernetes API reference).
_FIELDS: dict[Kind, dict[str, bool]] = {
    SECRET: {"stringData": False, "data": True},
    CONFIG_MAP: {"data": False, "binaryData": True},
}
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def identity_problems(obj: Object) -> list[str]:
    """Return what is wrong with what names an object: what it lacks, and what YAML read as no text."""
    metadata = section(obj, "metadata")
    names = {"apiVersion": obj.get("apiVersion"), "kind": obj.get("kind"), "metadata.name": metadata.get("name")}
    lacking = [field for field, value in names.items() if value in (None, "")]
    # A namespace of null is one that is left out.
    texts = {**names, "metadata.namespace": metadata.get("namespace"), **_of(metadata, "labels", "annotations")}
    wrong = no_texts({field: value for field, value in texts.items() if value is not None})
    return [*([f"lacks {', '.join(lacking)}"] if lacking else []), *wrong]


def value_problems(obj: Object) -> list[str]:
    """Return what is wrong with the values of a Secret or ConfigMap, each with its key; nothing for other kinds."""
    found: list[str] = []
    for field, in_base64 in _FIELDS.get(Kind.of(obj), {}).items():
        values = obj.get(field)
        if isinstance(values, Mapping):
            found += no_texts(values, f"{field}.")
            found += [f"{field}.{key} is not base64" for key, text in values.items() if in_base64 and _no_base64(text)]
        elif values is not None:
            found.append(f"{field} is no mapping of keys to texts")
    return found


def _of(metadata: Object, *parts: str) -> dict[str, Any]:
    """Return what `parts` of the metadata hold, by path."""
    held = {part: metadata.get(part) for part in parts}
    return {
        f"metadata.{part}.{key}": value
        for part, values in held.items()
        if isinstance(values, Mapping)
        for key, value in values.items()
    }


def _no_base64(text: Any) -> bool:
    # Go's decoder skips line breaks.
    return isinstance(text, str) and not _BASE64.fullmatch(text.replace("\n", "").replace("\r", ""))
