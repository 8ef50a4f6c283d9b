# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What the API server refuses to controllers, and whether it heals by waiting: pure functions over its words.

Words of Kubernetes' admission plugins (ResourceQuota, LimitRanger, PodSecurity, DefaultStorageClass) and of OpenShift's
SecurityContextConstraint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .state import Failed, Progressing

# A minute forgives what arrives in any order, as rights and labels do.
GRACE_SECONDS = 60.0
_GRACE = ("security context constraint", "exceeded quota", "violates PodSecurity")


@dataclass(frozen=True)
class Final:
    """Words of a refusal that only a change of the cluster ends, and what to do, `{n}` being `-n NAMESPACE`."""

    words: re.Pattern[str]
    advice: str


FINAL = (
    Final(
        re.compile(r"failed quota: .*must specify"),
        "a quota wants of every container what this one does not say: give the namespace a LimitRange with defaults "
        "for it (oc create -f limit-range.yaml{n}), or lift the quota; see: oc describe quota,limits{n}",
    ),
    Final(
        re.compile(r"(minimum|maximum) \S+ usage per \S+ is|\S+ max limit to request ratio per \S+ is"),
        "a LimitRange of the namespace does not allow it: change one of them; see: oc describe limits{n}",
    ),
    Final(
        re.compile(r"insufficient quota to (match|consume)"),
        "a quota has to name what this takes; see: oc describe quota{n}",
    ),
    Final(
        re.compile(r"\d+ default StorageClasses were found"),
        "leave one default StorageClass (oc get storageclass), of the others: "
        "oc annotate storageclass NAME storageclass.kubernetes.io/is-default-class=false --overwrite",
    ),
)
_TOO_MUCH = "the quota is smaller than this alone: raise it, or ask for less; see: oc describe quota{n}"
_AMOUNT = re.compile(r"([\w./-]+)=([\w.]+)")
_EXCEEDED = re.compile(r"exceeded quota: [^,]+, requested: (.*?), used: .*?, limited: (.*)")
_QUANTITY = re.compile(r"(\d+\.?\d*|\.\d+)(?:[eE]([-+]?\d+)|([numkKMGTPE]?)(i?))")
_POWERS = {"n": -3, "u": -2, "m": -1, "": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}


def judge(said: str, namespace: str | None, grace: float = GRACE_SECONDS) -> Failed | Progressing:
    """Return what a refusal means: Failed at once, with advice, Failed after `grace` seconds, or Progressing."""
    if final := without_end(said, namespace):
        return final
    return Failed(said, after=grace) if any(words in said for words in _GRACE) else Progressing(said)


def without_end(said: str, namespace: str | None, after: float = 0) -> Failed | None:
    """Return Failed, with advice, for words that hold a refusal which no waiting ends; `after` is in seconds."""
    advice = _final(said)
    place = f" -n {namespace}" if namespace else ""
    return Failed(f"{said.rstrip('.')}; {advice.format(n=place)}", after=after) if advice else None


def quantity(text: str) -> float | None:
    """Return the number that a quantity of Kubernetes stands for, None for anything else."""
    found = _QUANTITY.fullmatch(text.strip())
    if not found:
        return None
    number, exponent, unit, binary = found.groups()
    if exponent is not None:
        return float(number) * 10.0 ** int(exponent)
    return float(number) * (1024.0 if binary else 1000.0) ** _POWERS[unit]


def _final(said: str) -> str | None:
    """Return what to do about a refusal that does not heal, None for others."""
    for each in FINAL:
        if each.words.search(said):
            return each.advice
    return _TOO_MUCH if _exceeds_alone(said) else None


def _exceeds_alone(said: str) -> bool:
    """Tell whether what was requested is more than the quota itself, so that nobody's end makes room for it."""
    found = _EXCEEDED.search(said)
    if not found:
        return False
    requested, limited = (_amounts(text) for text in found.groups())
    return any(amount > limited[name] for name, amount in requested.items() if name in limited)


def _amounts(text: str) -> dict[str, float]:
    found = ((name, quantity(value.rstrip("."))) for name, value in _AMOUNT.findall(text))
    return {name: amount for name, amount in found if amount is not None}
