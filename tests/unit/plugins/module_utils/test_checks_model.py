"""The frame of the checks: findings become rows, whatever a judge does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import (
    Check,
    Finding,
    failed,
    judged,
    looked,
    passed,
    rows,
    skipped,
    warned,
)
from ansible_collections.seldon.openshift.plugins.module_utils.checks.observed import Observed
from ansible_collections.seldon.openshift.plugins.module_utils.checks.registry import CHAPTERS
from ansible_collections.seldon.openshift.plugins.module_utils.kube import kinds
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.rights import Right
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing, Ready

from sandbox.paths import CHECKOUT
from tests.unit.observed import Objects, observed

DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "d", "namespace": "n", "generation": 1, "labels": {"app": "d"}},
    "spec": {"replicas": 1},
    "status": {
        "observedGeneration": 1,
        "replicas": 1,
        "updatedReplicas": 1,
        "readyReplicas": 1,
        "availableReplicas": 1,
    },
}


def check(*findings: Finding) -> Check:
    return Check("kafka.ready", "Kafka is ready", "Nothing is sent without it.", lambda _cluster, _settings: findings)


def test_a_finding_becomes_a_row_in_one_line() -> None:
    found = rows([check(failed("Kafka k", "two\nlines", "oc get kafka"))], "kafka", observed(), {})
    assert found == [
        {
            "check": "kafka.ready",
            "chapter": "kafka",
            "title": "Kafka is ready",
            "why": "Nothing is sent without it.",
            "status": "fail",
            "subject": "Kafka k",
            "seen": "two lines",
            "do": "oc get kafka",
        }
    ]


def test_every_verdict_has_its_status() -> None:
    findings = passed("s", "x"), warned("s", "x", "y"), failed("s", "x", "y"), skipped("s", "x")
    assert [row["status"] for row in rows([check(*findings)], "kafka", observed(), {})] == [
        "pass",
        "warn",
        "fail",
        "skipped",
    ]


def test_a_check_that_finds_nothing_is_not_silent() -> None:
    [row] = rows([check()], "kafka", observed(), {})
    assert (row["status"], row["seen"]) == ("skipped", "nothing to check")


def test_what_cannot_be_read_is_a_finding_and_the_other_checks_go_on() -> None:
    def judge(cluster: Observed, _settings: Mapping[str, Any]) -> Iterator[Finding]:
        yield passed("first", "fine")
        cluster.list(kinds.SECRET, "n")
        yield passed("never", "reached")

    unreadable = Check("kafka.secret", "t", "w", judge)
    found = rows([unreadable, check(passed("s", "x"))], "kafka", observed(forbidden=("Secret",)), {})
    # Forbidden is neither absent nor broken.
    assert [row["status"] for row in found] == ["pass", "skipped", "pass"]
    assert "Secret is forbidden" in found[1]["seen"]


def test_a_check_that_may_not_read_looks_on_and_names_every_right() -> None:
    def judge(cluster: Observed, _settings: Mapping[str, Any]) -> Iterator[Finding]:
        absent = cluster.get(kinds.SECRET.named("s", "n")) is None and cluster.list(kinds.POD) == []
        yield failed("what is absent", str(absent), "mend it")

    def again(cluster: Observed, _settings: Mapping[str, Any]) -> Iterator[Finding]:
        yield failed("s", str(cluster.get(kinds.SECRET.named("s", "n"))), "mend it")

    class Refusing(Objects):
        def list(self, kind: kinds.Kind, namespace: str | None = None, label_selector: str | None = None) -> Any:
            where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
            what = f'cannot list resource "{kind.name.lower()}s" in API group "{kind.group}" {where}'
            raise ApiError(403, "Forbidden", f'{kind.name} is forbidden: User "someone" {what}')

    checks = [Check(f"kafka.{each.__name__}", "t", "w", each) for each in (judge, again)]
    found = looked(checks, "kafka", Observed(cast(Client, Refusing(()))), {})
    assert [(row["check"], row["status"], row["seen"]) for row in found.checks] == [
        (
            "kafka.judge",
            "skipped",
            "cannot be read: you may not list secrets in n; you may not list pods",
        ),
        ("kafka.again", "skipped", "cannot be read: you may not list secrets in n"),
    ]
    assert found.lacking == [Right("list", "secrets", namespace="n"), Right("list", "pods")]


def test_a_cluster_that_does_not_answer_is_a_failure() -> None:
    def judge(_cluster: Observed, _settings: Mapping[str, Any]) -> Iterator[Finding]:
        raise EngineError("no answer")

    [row] = rows([Check("kafka.broken", "t", "w", judge)], "kafka", observed(), {})
    assert (row["status"], row["seen"]) == ("fail", "cannot be read: no answer")


@pytest.mark.parametrize(
    ("state", "status", "seen"),
    [
        (Ready("3/3"), "pass", "3/3"),
        (Ready(), "pass", "ready"),
        (Progressing("1/3"), "fail", "1/3"),
        (Failed("no"), "fail", "no"),
    ],
)
def test_a_readiness_state_is_a_finding(state: Any, status: str, seen: str) -> None:
    found = judged("s", state, "look")
    assert (found.status, found.seen, found.do) == (status, seen, "" if status == "pass" else "look")


def test_the_cluster_as_checks_see_it() -> None:
    cluster = observed(DEPLOYMENT)
    assert cluster.get(kinds.DEPLOYMENT.named("d", "n")) == DEPLOYMENT
    assert cluster.get(kinds.DEPLOYMENT.named("e", "n")) is None
    assert cluster.list(kinds.DEPLOYMENT, "n", "app=d") == [DEPLOYMENT]
    assert cluster.list(kinds.DEPLOYMENT, "n", "app=e") == []
    assert cluster.state(kinds.DEPLOYMENT.named("d", "n")) == Ready("1/1 available")
    assert cluster.state(kinds.DEPLOYMENT.named("e", "n")) == Progressing("does not exist")


def test_every_validate_entry_point_has_checks_that_are_named_after_it() -> None:
    roles = {path.parts[-3] for path in CHECKOUT.glob("roles/*/tasks/validate.yml")}
    for chapter, checks in CHAPTERS.items():
        assert all(c.name.startswith(f"{chapter}.") and c.title and c.why.endswith(".") for c in checks)
        assert bool(checks) == (chapter in roles), chapter
    names = [c.name for checks in CHAPTERS.values() for c in checks]
    assert len(names) == len(set(names))
