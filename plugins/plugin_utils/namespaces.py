# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Names of namespaces, and what is wanted of those for models, however they were given: pure functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.go_scalars import go_value
from ansible_collections.seldon.openshift.plugins.module_utils.kube.texts import no_texts
from ansible_collections.seldon.openshift.plugins.module_utils.kube.yamltext import load
from ansible_collections.seldon.openshift.plugins.plugin_utils.booleans import truth

Entry = dict[str, Any]  # name, gitops, v2, argocd_app, labels

# What of an entry is a boolean.
FLAGS = ("gitops", "v2")
GITOPS_LABEL = "seldon.gitops"
APPLICATION_LABEL = "argocdapp"
# A label of DNS (RFC 1123), as the API server wants it.
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_RULE = "a name has 1 to 63 lower-case letters, digits and '-', which neither begins nor ends it"


def items(value: Any) -> Sequence[Any]:
    """Return what was given as a list: of 'a,b', of the text of a YAML or JSON list, or a list. Raises ValueError."""
    if isinstance(value, str):
        text = value.strip()
        if not text.startswith(("[", "- ")):
            return [name for name in re.split(r"[,\s]+", text) if name]
        try:
            documents = load(text)
        except ValueError as error:
            raise ValueError(f"the list of namespaces is not valid YAML: {error}") from error
        value = documents[0]
    if not isinstance(value, Sequence):
        raise ValueError(f"namespaces are given as 'a,b' or as a list, not as {type(value).__name__}")
    return value


def names(given: Iterable[Any], reserved: Iterable[str] = ()) -> list[str]:
    """Return the names of `given`, strings or mappings with `name`.

    `reserved` are names, or patterns as the shell knows them, to refuse. Raises ValueError for all that can't be used.
    """
    found, patterns = [_name(item) for item in given], list(reserved)
    bad = [repr(name) for name in found if isinstance(name, str) and not _NAME.fullmatch(name)]
    untyped = no_texts({repr(name): name for name in found if not isinstance(name, str)})
    twice = [repr(name) for name, count in Counter(map(str, found)).items() if count > 1]
    taken = [repr(name) for name in found if any(fnmatchcase(str(name), pattern) for pattern in patterns)]
    problems = [f"{', '.join(bad)}: {_RULE}"] if bad else []
    problems += [f"{', '.join(untyped)}: a name that YAML reads as something else needs quotes"] if untyped else []
    problems += [f"{', '.join(twice)}: given twice"] if twice else []
    problems += [f"{', '.join(taken)}: reserved, give another name"] if taken else []
    if problems:
        raise ValueError(f"these namespaces can't be used: {'; '.join(problems)}")
    return found


def unquotable(given: Iterable[Any]) -> list[str]:
    """Return those names of `given` that YAML without quotes, as a Helm chart may write it, reads as something else."""
    return [name for name in map(_name, given) if isinstance(name, str) and name and go_value(name) != name]


def entries(
    given: Iterable[Any], configured: Iterable[Entry] = (), there: Iterable[Entry] = (), **flags: Any
) -> list[Entry]:
    """Return an entry for each of `given`, with `name` and what is known of it.

    What an item itself says wins, then `flags`, then its entry in `configured`, then what the namespace is already:
    `there` are namespaces of the cluster with `name` and `labels`. A flag that is None says nothing; all others become
    booleans. Names are taken as they are, `names` judges them. Raises ValueError.
    """
    known = {str(_name(entry)): _said(entry) for entry in configured}
    live = {entry["name"]: _as_it_is(entry.get("labels") or {}) for entry in there}
    asked = _said(flags)
    return [
        {**live.get(str(name), {}), **known.get(str(name), {}), **asked, **_given(item), "name": name}
        for name, item in ((_name(item), item) for item in given)
    ]


def _said(entry: Mapping[str, Any]) -> Entry:
    """Return an entry with its flags as booleans, and without those that are None. Raises ValueError."""
    flags = {flag: _flag(flag, entry[flag]) for flag in FLAGS if entry.get(flag) is not None}
    return {**{key: value for key, value in entry.items() if key not in FLAGS}, **flags}


def _flag(name: str, value: Any) -> bool:
    try:
        return truth(value)
    except ValueError as error:
        raise ValueError(f"{name} of a namespace: {error}") from error


def _as_it_is(labels: Mapping[str, str]) -> Entry:
    """Return what a namespace's labels say of it: GitOps, once on, does not end by not being asked for."""
    entry: Entry = {"gitops": True} if labels.get(GITOPS_LABEL) == "enabled" else {}
    if APPLICATION_LABEL in labels:
        entry["argocd_app"] = labels[APPLICATION_LABEL]
    return entry


def _given(item: Any) -> Entry:
    return _said(item) if isinstance(item, Mapping) else {}


def _name(item: Any) -> Any:
    found = item.get("name") if isinstance(item, Mapping) else item
    # YAML reads a name of digits as a number.
    return str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else found
