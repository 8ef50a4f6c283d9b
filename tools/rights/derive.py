"""From what was done to what has to be allowed: rows of a playbook's file of rights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ansible_collections.seldon.openshift.plugins.plugin_utils.rights.rows import Row

from tools.rights.uses import CLUSTER, PLATFORM, Use

# Verbs that a name can narrow: the others are on a whole collection.
_NAMED = frozenset({"get", "update", "patch", "delete"})
# Verbs of RBAC itself: one with a name is meant so.
_OF_ROLES = frozenset({"bind", "escalate", "use"})
# Singletons of the whole cluster, of everybody.
_SINGLETONS = frozenset({"config.openshift.io"})
# Names of bindings follow from names of namespaces, which are variables; `bind` narrows these instead.
_VARIABLE = frozenset({"rbac.authorization.k8s.io"})
_OLM = "operators.coreos.com"
# Their names are made up by what creates them.
_MADE_UP = ("pods",)
_Key = tuple[str, str, str]


def rows(found: Iterable[Use]) -> list[Row]:
    """Return the fewest rows that allow all of it and nothing else, in the order of the file."""
    told = _attributed(set(found))
    names = _names(told)
    verbs: dict[tuple[str, str, str, str, tuple[str, ...]], set[str]] = defaultdict(set)
    for use in told:
        only = names.get(_key(use), {}).get(use.verb, ())
        verbs[use.where, use.group, use.resource, use.verb, only].add(use.chapter or "")
    merged: dict[tuple[str, str, str, tuple[str, ...], tuple[str, ...]], set[str]] = defaultdict(set)
    for (where, group, resource, verb, only), chapters in verbs.items():
        kept = () if "" in chapters else tuple(sorted(chapters))
        merged[where, group, resource, only, kept].add(verb)
    return sorted(
        Row(where, group, resource, tuple(sorted(allowed)), only, chapters)
        for (where, group, resource, only, chapters), allowed in merged.items()
    )


def without_chapters(found: Iterable[Use]) -> set[Use]:
    """Return the uses of a playbook whose tags nobody is asked for."""
    return {replace(use, chapter="") for use in found}


def _attributed(found: set[Use]) -> set[Use]:
    """Give what was done for several chapters to those that use the resource; to every run when none does.

    OLM's objects belong to every chapter with operators: which one sees a plan first is a matter of time.
    """
    users: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for use in found:
        if use.chapter:
            users[_shared(use)].add(use.chapter)
    return {
        replace(use, chapter=chapter)
        for use in found
        for chapter in (_of_all(use, users) if use.chapter is None or _is_olms(use) else [use.chapter])
    }


def _of_all(use: Use, users: Mapping[tuple[str, ...], set[str]]) -> Iterable[str]:
    return [""] if use.chapter == "" else sorted(users[_shared(use)]) or [""]


def _shared(use: Use) -> tuple[str, ...]:
    return (_OLM,) if _is_olms(use) else _key(use)


def _is_olms(use: Use) -> bool:
    return use.group.endswith(_OLM)


def _names(found: set[Use]) -> dict[_Key, dict[str, tuple[str, ...]]]:
    """Return the names that narrow a verb, where only these were ever used and they do not depend on variables."""
    seen: dict[_Key, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for use in found:
        seen[_key(use)][use.verb].add(use.name)
    return {
        key: {verb: tuple(sorted(only)) for verb, only in verbs.items() if "" not in only and _is_narrowed(key, verb)}
        for key, verbs in seen.items()
    }


def _is_narrowed(key: _Key, verb: str) -> bool:
    where, group, resource = key
    if resource.startswith(_MADE_UP):
        return False
    if verb in _OF_ROLES:
        return True
    if where == CLUSTER:
        return verb in _NAMED and group in _SINGLETONS
    return verb in _NAMED and where in PLATFORM and group not in _VARIABLE


def _key(use: Use) -> _Key:
    return (use.where, use.group, use.resource)
