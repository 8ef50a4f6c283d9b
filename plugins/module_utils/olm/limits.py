# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Up to which version of OpenShift an operator's version runs, as its ClusterServiceVersion says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_NEWEST = "olm.maxOpenShiftVersion"
# OLM writes the first into an installed version; the second is the author's, and stands in PackageManifests, too.
_ANNOTATIONS = ("operatorframework.io/properties", "olm.properties")


def newest_openshift(annotations: Mapping[str, Any]) -> str:
    """Return the newest minor version of OpenShift (`4.11`) that annotations of a version allow, empty for any."""
    values = (_value(each) for name in _ANNOTATIONS for each in _properties(annotations.get(name)))
    return next((value for value in values if value), "")


def _properties(text: Any) -> Iterator[Mapping[str, Any]]:
    try:
        found = json.loads(text or "[]")
    except (TypeError, ValueError):
        return
    listed = found.get("properties") if isinstance(found, dict) else found
    yield from (each for each in listed or [] if isinstance(each, dict))


def _value(entry: Mapping[str, Any]) -> str:
    # Some authors write a number: 4.11.
    return str(entry.get("value") or "").strip('"') if entry.get("type") == _NEWEST else ""
