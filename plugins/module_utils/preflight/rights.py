# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which of the rights that a run needs its user lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..apply.waves import parallel
from ..kube.client import Client
from ..kube.objects import Object
from ..kube.rights import Right, gives

_SHOWN = 3


def denied(client: Client, rights: Iterable[dict[str, Any]]) -> tuple[Right, ...]:
    """Return the rights that we lack, one for each verb, name and namespace. Raises ApiError.

    rights: as the module's option. In namespaces, one review each tells all rules; what counts in the whole cluster is
    asked for one by one, since a review of a namespace mixes both.
    """
    asked = list(dict.fromkeys(right for each in rights for right in _single(each)))
    if not asked or client.may({"verb": "*", "group": "*", "resource": "*"}):
        return ()
    namespaces = sorted({right.namespace for right in asked if right.namespace})
    reviews = dict(zip(namespaces, parallel(client.rules, namespaces)))
    answers = parallel(lambda right: _is_allowed(client, right, reviews), asked)
    return tuple(right for right, allowed in zip(asked, answers) if not allowed)


def _single(entry: dict[str, Any]) -> Iterator[Right]:
    for namespace in [entry["namespace"]] if entry["namespace"] else entry["namespaces"] or [""]:
        for name in entry["names"] or [""]:
            for verb in entry["verbs"]:
                yield Right(verb, entry["resource"], entry["group"], namespace, name)


def _is_allowed(client: Client, right: Right, reviews: dict[str, tuple[list[Object], bool]]) -> bool:
    rules, incomplete = reviews.get(right.namespace, ([], True))
    return any(gives(rule, right) for rule in rules) or (incomplete and client.may(_as_asked(right)))


def _as_asked(right: Right) -> dict[str, str]:
    """Return the right as an access review takes it, which has the subresource beside the resource."""
    resource, _slash, subresource = right.resource.partition("/")
    return {**right.as_options(), "resource": resource, "subresource": subresource, "name": right.name}


def told(lacking: Iterable[Right]) -> str:
    """Return rights as the end of `you may not`: verbs and namespaces of the same thing together."""
    verbs: dict[Right, list[str]] = {}
    for right in lacking:
        verbs.setdefault(replace(right, verb=""), []).append(right.verb)
    namespaces: dict[tuple[Right, tuple[str, ...]], list[str]] = {}
    for right, of_one in verbs.items():
        namespaces.setdefault((replace(right, namespace=""), tuple(of_one)), []).append(right.namespace)
    return "; ".join(
        f"{', '.join(of_one)}{right}{_named(right)}{_within(where)}" for (right, of_one), where in namespaces.items()
    )


def _named(right: Right) -> str:
    return f" {right.name}" if right.name else ""


def _within(namespaces: Sequence[str]) -> str:
    shown = ", ".join(namespaces[:_SHOWN])
    more = len(namespaces) - _SHOWN
    return f" in {shown}{f' and {more} more' if more > 0 else ''}" if shown else ""
