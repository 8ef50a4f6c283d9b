# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role namespaces.

Settings: `names`, of the namespaces that are Seldon's own and not for models; `pull_secret`, the logins for registries
as they were given, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..kube.kinds import NAMESPACE
from ..kube.objects import Reference, section
from ..shared.pull_secret import Refused, other_than, pull_secret
from ..shared.registry_logins import NoLogins, logins
from .model import Check, Finding, failed, judged, passed, skipped, warned
from .observed import Observed

MEND = "ansible-playbook seldon.openshift.site --tags namespaces"
FOR_MODELS = "seldon.restricted"


def _present(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for name in settings["names"]:
        state = cluster.state(NAMESPACE.named(name))
        yield judged(f"namespace {name}", state, MEND)


def _reserved(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for name in settings["names"]:
        labels = section(cluster.get(NAMESPACE.named(name)) or {}, "metadata", "labels")
        if FOR_MODELS in labels:
            seen = f"has the label {FOR_MODELS}, so Seldon Deploy offers it for models"
            yield warned(f"namespace {name}", seen, f"oc label namespace {name} {FOR_MODELS}-")
        else:
            yield passed(f"namespace {name}", "not offered for models")


def _logins(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    reference, given = Reference.of(pull_secret()), settings.get("pull_secret")
    if not given:
        yield skipped(str(reference), "is left alone (seldon_image_pull_secret is empty)")
        return
    try:
        wanted, secret = logins(given), cluster.get(reference)
        wrong = other_than(secret, wanted) if secret else dict.fromkeys(wanted, "has no login: there is no such Secret")
    except NoLogins as error:
        yield failed("seldon_image_pull_secret", str(error), "ansible-playbook seldon.openshift.preflight")
    except Refused as error:
        yield failed(str(reference), error.seen, error.do)
    else:
        for host in wanted:
            subject = f"{reference}, {host}"
            yield (
                failed(subject, wrong[host], MEND) if host in wrong else passed(subject, "has the login that was given")
            )


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
    Check(
        "namespaces.pull_secret",
        "The cluster's pull secret has the logins that were given",
        "Without them, no image comes from a registry that asks for a login.",
        _logins,
    ),
)
