# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What Helm's words mean when it fails, and what to type. Pure functions."""

from __future__ import annotations

import re

# Helm 3, pkg/action/validate.go
_OWNED = re.compile(
    r'(?P<kind>\w+) "(?P<name>[^"]+)" in namespace "(?P<namespace>[^"]*)" exists and cannot be imported into the'
    r" current release: invalid ownership metadata"
)
_OWNER = re.compile(
    r'key "meta\.helm\.sh/release-(?P<part>name|namespace)" must equal "[^"]*": current value is "(?P<is>[^"]*)"'
)


def explained(message: str, name: str, namespace: str) -> str:
    """Return a message of Helm's about the release `namespace`/`name`, and what to type where that is known."""
    found = _OWNED.search(message)
    if not found:
        return message
    what = f"{found['kind']} {found['name']}"
    place = f" -n {found['namespace']}" if found["namespace"] else ""
    owner = {each["part"]: each["is"] for each in _OWNER.finditer(message)}
    if owner:
        other, home = owner.get("name", name), owner.get("namespace", namespace)
        advice = (
            f"{what} belongs to the Helm release {home}/{other}, and only one can have it. Go on with that one, in its "
            f"namespace, or remove it first: helm uninstall {other} -n {home}"
        )
    else:
        target = f"oc {{}} {found['kind'].lower()} {found['name']}{place} --overwrite {{}}"
        label = target.format("label", "app.kubernetes.io/managed-by=Helm")
        owned = f"meta.helm.sh/release-name={name} meta.helm.sh/release-namespace={namespace}"
        advice = (
            f"{what} exists without Helm. To let Helm take it over, with the chart's fields: {label} && "
            f"{target.format('annotate', owned)}"
        )
    return f"{message}\n{advice}"
