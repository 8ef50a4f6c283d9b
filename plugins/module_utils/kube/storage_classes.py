# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which StorageClass a claim gets that names none, as the API server judges (plugin DefaultStorageClass).

With several defaults, Kubernetes before 1.26 refuses every such claim; since then the newest wins (CHANGELOG-1.26).
"""

from __future__ import annotations

from .client import Client
from .errors import ApiError
from .objects import Object, Objects, section
from .versions import numbers

DEFAULT = "storageclass.kubernetes.io/is-default-class"
# The older one counts just as well.
ANNOTATIONS = (DEFAULT, "storageclass.beta.kubernetes.io/is-default-class")

Version = tuple[int, ...]  # major and minor
NEWEST_WINS: Version = (1, 26)


def defaults(classes: Objects) -> Objects:
    """Return the classes that are marked as the default one, in the order in which the API server prefers them."""
    marked = sorted((each for each in classes if marks(each)), key=lambda each: str(each["metadata"]["name"]))
    return sorted(marked, key=lambda each: each["metadata"].get("creationTimestamp") or "", reverse=True)


def marks(storage_class: Object) -> list[str]:
    """Return the annotations that make a class the default one."""
    annotations = section(storage_class, "metadata", "annotations")
    return [name for name in ANNOTATIONS if annotations.get(name) == "true"]


def default_class(classes: Objects, kubernetes: Version = NEWEST_WINS) -> str | None:
    """Return the name of the class that a claim without one gets; None when there is none or it is refused."""
    found = defaults(classes)
    if not found or (len(found) > 1 and kubernetes < NEWEST_WINS):
        return None
    return str(found[0]["metadata"]["name"])


def version_that_judges(client: Client, classes: Objects) -> Version:
    """Return the API server's version, asked for only when it makes a difference; nothing when it does not tell.

    Raises Unreachable.
    """
    if len(defaults(classes)) < 2:
        return NEWEST_WINS
    try:
        told = client.request("GET", "/version").get("gitVersion") or ""
    except ApiError:
        return ()
    return numbers(told)[:2]
