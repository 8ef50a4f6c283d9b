# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Credentials that live in a Secret of the cluster: which value of each key counts. Pure, but for `strong`."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..kube.objects import Object, section
from ..kube.secrets import decoded, encoded
from ..kube.texts import no_texts
from .copies import copy_of

LENGTH = 32
_ALPHABET = string.ascii_letters + string.digits  # safe in every URL, shell and configuration file


@dataclass(frozen=True)
class Choice:
    """What a Secret shall hold (as text), and which of its keys have a default, will be made up, or have no value."""

    values: dict[str, str] = field(default_factory=dict)
    defaulted: list[str] = field(default_factory=list)
    generated: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def strong() -> str:
    """Return a new password: 190 bits."""
    return "".join(secrets.choice(_ALPHABET) for dummy in range(LENGTH))


def choose(
    given: Mapping[str, Any],
    held: Sequence[Mapping[str, str]],
    defaults: Mapping[str, Any],
    generate: Sequence[str],
) -> Choice:
    """Return each key's value: the given one, else the first that is held, else the default, else one to be made up.

    An empty value counts as none. Only keys of `given`, `defaults` and `generate` are looked at.
    """
    choice = Choice()
    for key in dict.fromkeys([*given, *defaults, *generate]):
        sources = (given, *held, defaults)
        value = next((source[key] for source in sources if source.get(key)), "")
        if value:
            choice.values[key] = value
            if value == defaults.get(key):
                choice.defaulted.append(key)
        elif key in generate:
            choice.generated.append(key)
        else:
            choice.missing.append(key)
    return choice


def refused(given: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with values of the module's options that are no texts; null counts as not given."""
    parts = [(f"{part}.", given.get(part) or {}) for part in ("labels", "values", "secrets", "defaults")]
    own = [problem for path, values in parts for problem in no_texts(_given(values), path)]
    return own + [
        f"copies[{index}].{problem}"
        for index, copy in enumerate(given.get("copies") or [])
        for problem in refused(copy)
    ]


def lacking(source: Mapping[str, Any], held: Mapping[str, str]) -> str:
    """Return which keys one of the module's `sources`, which holds `held`, has no value for yet, empty for none."""
    absent = [key for key in source["keys"].values() if not held.get(key)]
    return f"Secret {source['namespace']}/{source['name']} has no {', '.join(absent)}" if absent else ""


def only(keys: Iterable[str], values: Mapping[str, str]) -> dict[str, str]:
    """Return `values` without what `keys` does not hold."""
    return {key: values[key] for key in keys if key in values}


def completed(secret: Object, values: Mapping[str, str]) -> Object:
    """Return `secret` with those of `values` (as text) that it has none for."""
    data = section(secret, "data")
    lacking = {key: encoded(value) for key, value in values.items() if not data.get(key)}
    return {**secret, "data": {**data, **lacking}} if lacking else secret


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def secret_of(name: str, namespace: str, values: Mapping[str, str], labels: Mapping[str, str]) -> Object:
    """Return the Secret that holds `values` (as text)."""
    secret = copy_of(name, namespace, {key: encoded(value) for key, value in values.items()})
    if labels:
        secret["metadata"]["labels"] = dict(labels)
    return secret


def copied(copy: Mapping[str, Any], values: Mapping[str, str]) -> Object:
    """Return the Secret of one of the module's `copies`: what is its own, and all of its `keys` or none of them."""
    own = {key: text for key, text in {**copy["values"], **copy["secrets"]}.items() if text}
    wanted = {theirs: ours for theirs, ours in copy["keys"].items() if theirs not in own}
    taken = {theirs: values[ours] for theirs, ours in wanted.items() if ours in values}
    complete = len(taken) == len(wanted)
    return secret_of(copy["name"], copy["namespace"], {**(taken if complete else {}), **own}, copy["labels"])


def back(keys: Mapping[str, str], live: Object | None) -> dict[str, str]:
    """Return what a live copy holds, under the keys that it was copied from."""
    there = decoded(live)
    return {ours: there[theirs] for theirs, ours in keys.items() if theirs in there}
