# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role namespaces. Settings: `namespaces`, the Namespace objects as they should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..readiness.state import section
from .model import Check, Finding, failed, judged, passed
from .observed import Observed

MEND = "ansible-playbook playbooks/site.yml --tags namespaces"


def _present(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for wanted in settings["namespaces"]:
        name = wanted["metadata"]["name"]
        yield judged(f"namespace {name}", cluster.state("v1", "Namespace", name), MEND)


def _metadata(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for wanted in settings["namespaces"]:
        name = wanted["metadata"]["name"]
        live = cluster.get("v1", "Namespace", name)
        described = {kind: wanted["metadata"].get(kind) or {} for kind in ("labels", "annotations")}
        if live is None or not any(described.values()):
            continue
        wrong = [
            f"{key} is {found.get(key, 'not set')} instead of {value}"
            for kind, values in described.items()
            for found in [section(live, "metadata", kind)]
            for key, value in values.items()
            if found.get(key) != value
        ]
        if wrong:
            yield failed(f"namespace {name}", "; ".join(wrong), MEND)
        else:
            told = (f"{key}={value}" for values in described.values() for key, value in values.items())
            yield passed(f"namespace {name}", ", ".join(told))


CHECKS: tuple[Check, ...] = (
    Check(
        "namespaces.present",
        "Every namespace exists",
        "A member roll that lists a missing namespace never becomes ready, and nothing can be installed there.",
        _present,
    ),
    Check(
        "namespaces.labels",
        "Model namespaces have the labels and annotations that Seldon Deploy and Argo CD read",
        "Seldon Deploy does not see a namespace without seldon.restricted, and writes past Git without seldon.gitops.",
        _metadata,
    ),
)
