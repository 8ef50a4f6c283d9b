# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Authorities of Git servers in the list that a running Argo CD reads, beside those of others: pure functions.

A key is a host, its value the certificates that count for it, instead of the system's (argo-cd, util/cert/cert.go). The
operator writes `spec.tls.initialCerts` when it makes the ConfigMap, and never again (argocd-operator 0.5).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from ..kube import pem
from ..kube.kinds import CONFIG_MAP
from ..kube.objects import Object, section

NAME = "argocd-tls-certs-cm"
# Holds the fingerprints of ours by host: a key may hold certificates of others, too.
OURS = "seldon.openshift/tls-certs"


def config_map(namespace: str) -> Object:
    """Return the ConfigMap of the Argo CD in a namespace, without content."""
    return CONFIG_MAP.named(NAME, namespace).bare()


def ours(obj: Object | None) -> dict[str, list[str]]:
    """Return the fingerprints of the certificates that we have put there, by host."""
    try:
        found = json.loads(section(obj, "metadata", "annotations").get(OURS) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def missing(obj: Object | None, host: str, certificates: str) -> list[str]:
    """Return those of the certificates that do not count for the host."""
    there = {pem.fingerprint(each) for each in pem.certificates(str(section(obj, "data").get(host) or ""))}
    return [each for each in pem.certificates(certificates) if pem.fingerprint(each) not in there]


def trusting(host: str, certificates: str) -> Callable[[Object], Object]:
    """Return the function that makes `certificates` our part of the ConfigMap, for `host` alone; empty: none."""

    def mutate(obj: Object) -> Object:
        data = _without_ours(obj)
        added = missing({"data": data}, host, certificates)
        if added:
            data[host] = "".join([*added, data.get(host, "")])
        return _with(obj, data, {host: [pem.fingerprint(each) for each in added]} if added else {})

    return mutate


def _without_ours(obj: Object) -> dict[str, str]:
    data = dict(section(obj, "data"))
    for host, fingerprints in ours(obj).items():
        rest = pem.without(data.get(host, ""), fingerprints)
        if rest.strip():
            data[host] = rest
        else:
            data.pop(host, None)
    return data


def _with(obj: Object, data: Mapping[str, str], marks: Mapping[str, list[str]]) -> Object:
    annotations = {key: value for key, value in section(obj, "metadata", "annotations").items() if key != OURS}
    if marks:
        annotations[OURS] = json.dumps(marks, sort_keys=True)
    changed = {**obj, "metadata": {**obj["metadata"], "annotations": annotations}, "data": dict(data)}
    if not annotations and not obj["metadata"].get("annotations"):
        changed["metadata"] = obj["metadata"]
    if not data and not obj.get("data"):
        changed.pop("data")
        changed.update({"data": obj["data"]} if "data" in obj else {})
    return changed
