# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a check is, what it finds, and the row that both become in a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..kube.errors import EngineError
from ..kube.rights import Right
from ..readiness.state import Ready, State
from ..shared.git_address import without_user_info
from .observed import Observed

STATUSES = ("fail", "warn", "skipped", "pass")  # the worst first


@dataclass(frozen=True)
class Finding:
    """What a check says of one subject. Build it with the functions below.

    status: one of STATUSES. subject: what was looked at (`Kafka seldon-kafka/seldon`). seen: what was found, in one
    line, never a secret's value. do: the next command to type; empty where nothing is to be done.
    """

    status: str
    subject: str
    seen: str
    do: str = ""


def passed(subject: str, seen: str) -> Finding:
    """Return that `subject` works."""
    return Finding("pass", subject, seen)


def warned(subject: str, seen: str, do: str) -> Finding:
    """Return that `subject` works, but needs attention or a decision."""
    return Finding("warn", subject, seen, do)


def failed(subject: str, seen: str, do: str) -> Finding:
    """Return that `subject` does not work."""
    return Finding("fail", subject, seen, do)


def skipped(subject: str, seen: str) -> Finding:
    """Return why `subject` could not be judged from here."""
    return Finding("skipped", subject, seen)


def judged(subject: str, state: State, do: str) -> Finding:
    """Return the finding that a readiness state stands for: passed when Ready, else failed with its reason."""
    if isinstance(state, Ready):
        return passed(subject, state.reason or "ready")
    return failed(subject, state.reason, do)


Judge = Callable[[Observed, Mapping[str, Any]], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """One question about the cluster.

    name: `<chapter>.<what>`, by which reports and tests call it. title: the question's answer when all is well. why:
    one sentence on what breaks otherwise. judge: `judge(cluster, settings)` yields findings and changes nothing.
    """

    name: str
    title: str
    why: str
    judge: Judge


@dataclass(frozen=True)
class Rows:
    """What the checks of a chapter have found. lacking: the rights without which some of them were skipped."""

    checks: list[dict[str, str]]
    lacking: list[Right]


def rows(checks: Iterable[Check], chapter: str, cluster: Observed, settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return a row for every finding of every check, in their order."""
    return looked(checks, chapter, cluster, settings).checks


def looked(checks: Iterable[Check], chapter: str, cluster: Observed, settings: Mapping[str, Any]) -> Rows:
    """Return a row for every finding of every check, in their order, and the rights that lacked."""
    found: list[dict[str, str]] = []
    lacking: dict[Right, None] = {}
    for check in checks:
        found += [_row(check, chapter, finding) for finding in _findings(check, cluster, settings)]
        lacking.update(dict.fromkeys(cluster.lacking))
    return Rows(found, list(lacking))


def _row(check: Check, chapter: str, finding: Finding) -> dict[str, str]:
    return {
        "check": check.name,
        "chapter": chapter,
        "title": check.title,
        "why": check.why,
        "status": finding.status,
        "subject": finding.subject,
        # Addresses of others, in annotations and projects, may hold their tokens.
        "seen": without_user_info(" ".join(finding.seen.split())),
        "do": without_user_info(finding.do),
    }


def _findings(check: Check, cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the findings of a check; one that cannot be read fails, and a check without findings is skipped.

    What may not be read is not judged: from the first refused look on, findings are left out.
    """
    cluster.begin()
    empty = True
    try:
        for finding in check.judge(cluster, settings):
            if not cluster.refused:
                empty = False
                yield finding
    except EngineError as error:
        if not cluster.refused:
            yield failed("cluster", f"cannot be read: {error}", "oc whoami && oc get --raw /readyz")
            return
    if cluster.refused:
        yield skipped("cluster", f"cannot be read: {'; '.join(cluster.refused)}")
    elif empty:
        yield skipped("cluster", "nothing to check")
