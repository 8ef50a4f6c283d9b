# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Placeholders in place of secrets, in values of charts and in manifests: pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.seldon.openshift.plugins.filter.deploy_secrets import deploy_secrets
from ansible_collections.seldon.openshift.plugins.module_utils.helm.values import value_secrets

Entry = dict[str, Any]
# A secret that is shorter is a part of many words, and hidden only where it is all of a value.
LONG = 8
# What a plugin of Argo CD or a shell fills in later is no secret.
_REFERENCE = re.compile(r"<[^<>]+>|\$\{[^{}]+\}")


def entries_without_secrets(entries: Iterable[Entry], secrets: Collection[str]) -> list[Entry]:
    """Return packed records with placeholders; `hidden` of an entry lists the paths, where there are some.

    In values of a chart, the name of a key, or of a variable, tells of a secret as well.
    """
    return [_hidden(entry, secrets) for entry in entries]


def _hidden(entry: Entry, secrets: Collection[str]) -> Entry:
    named: set[str] = set()
    if entry["form"] == "Release":
        named = value_secrets(entry["values"]) - _names_of_secrets(entry)
    cleaned, paths = without_secrets(entry, {*secrets, *named})
    return {**cleaned, "hidden": paths} if paths else entry


def _names_of_secrets(release: Entry) -> set[str]:
    """Return what looks like a secret among the values of Seldon Deploy's chart, and is the name of a Secret."""
    with suppress(KeyError, TypeError, AnsibleFilterError):
        home = release["namespace"]
        return {each["secret"]["name"] for each in deploy_secrets(release["values"], home, home)}
    return set()


def without_secrets(values: Any, secrets: Collection[str]) -> tuple[Any, list[str]]:
    """Return `values` with a placeholder for each text that is, or holds, one of `secrets`; and their paths."""
    found: list[str] = []
    return _walk(values, "", set(secrets) - {""}, found), found


def _walk(value: Any, path: str, secrets: Collection[str], found: list[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _walk(each, f"{path}.{key}", secrets, found) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_walk(each, f"{path}[{place}]", secrets, found) for place, each in enumerate(value)]
    if not isinstance(value, str) or _REFERENCE.fullmatch(value) or not _holds(value, secrets):
        return value
    found.append(path)
    return f"<{path.rpartition('.')[2]}>"


def _holds(text: str, secrets: Collection[str]) -> bool:
    return text in secrets or any(len(secret) >= LONG and secret in text for secret in secrets)
