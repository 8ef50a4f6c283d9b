"""Objects that an operator brings, written as YAML with $names where a value differs from instance to instance."""

from __future__ import annotations

from pathlib import Path
from string import Template

from sandbox.kube import Object, load_objects


def load(path: Path, **values: object) -> list[Object]:
    """Return the objects of a YAML file with `values` put in. Raises KeyError for a name without a value."""
    return load_objects(Template(path.read_text(encoding="utf-8")).substitute(values))


def complete(obj: Object, namespace: str, labels: dict[str, str], owner: Object) -> Object:
    """Return the object in `namespace` with an ownerReference, and `labels` where it has none of its own."""
    meta = {**obj["metadata"], "namespace": namespace, "ownerReferences": [owner]}
    meta["labels"] = labels | meta.get("labels", {})
    return {**obj, "metadata": meta}
