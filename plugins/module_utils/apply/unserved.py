# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Objects whose kind the cluster does not serve (yet): what is known of what brings it, and words for giving up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..kube.objects import Kind


@dataclass(frozen=True)
class Bringing:
    """What brings a kind, in words (empty: nobody knows); failed: it never will, as it is."""

    said: str = ""
    failed: bool = False


# From a kind that is awaited to what is known of what brings it now.
Bringer = Callable[[Kind], Bringing]


def nobody_knows(_kind: Kind) -> Bringing:
    """Return that nothing is known of what brings a kind."""
    return Bringing()


def awaited(kind: Kind, bringing: Bringing) -> str:
    """Return what is waited for in one line."""
    return f"{kind} ({bringing.said})" if bringing.said else str(kind)


def never_served(kind: Kind, bringing: Bringing, seconds: float) -> str:
    """Return why objects of a kind were given up after `seconds`."""
    if bringing.failed:
        return f"the cluster does not serve {kind}: {bringing.said}"
    why = bringing.said or "the operator or CRD that brings it is missing or still starting"
    return (
        f"the cluster does not serve {kind} after {round(seconds)} s: {why}. "
        f"See `oc api-resources --api-group={kind.group}` and `oc get csv -A`."
    )
