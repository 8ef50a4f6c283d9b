# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role namespaces. Settings: `names`, of the namespaces that are Seldon's own and not for models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..kube.kinds import NAMESPACE
from ..kube.objects import section
from .model import Check, Finding, judged, passed, warned
from .observed import Observed

FOR_MODELS = "seldon.restricted"


def _present(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for name in settings["names"]:
        state = cluster.state(NAMESPACE.named(name))
        yield judged(f"namespace {name}", state, "ansible-playbook seldon.openshift.site --tags namespaces")


def _reserved(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for name in settings["names"]:
        labels = section(cluster.get(NAMESPACE.named(name)) or {}, "metadata", "labels")
        if FOR_MODELS in labels:
            seen = f"has the label {FOR_MODELS}, so Seldon Deploy offers it for models"
            yield warned(f"namespace {name}", seen, f"oc label namespace {name} {FOR_MODELS}-")
        else:
            yield passed(f"namespace {name}", "not offered for models")


CHECKS: tuple[Check, ...] = (
    Check(
        "namespaces.present",
        "Every namespace exists",
        "Nothing can be installed in a missing namespace, and a member roll that lists one never becomes ready.",
        _present,
    ),
    Check(
        "namespaces.reserved",
        "Seldon's own namespaces are not offered for models",
        "A model there competes with the request logger and other services that all models need.",
        _reserved,
    ),
)
