"""What check mode found, as rows of a report and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.drift import (
    DriftReport,
    distinct,
    drift_json,
    rows,
    verdict,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.junit import junit

Values = dict[str, Any]
KAFKA = {"api_version": "kafka.strimzi.io/v1beta2", "kind": "Kafka", "namespace": "seldon-kafka", "name": "seldon"}
SITE = "ansible-playbook seldon.openshift.site --tags kafka"


def finding(action: str, **more: Any) -> Values:
    return {"chapter": "kafka", "task": "Apply the cluster", **KAFKA, "action": action, **more}


def field(**more: Any) -> Values:
    given = {"field": ".spec.replicas", "live": "1", "wanted": "2", "manager": "kubectl-patch", "fate": "taken_back"}
    return {**given, **more}


@dataclass(frozen=True)
class Case:
    """A finding, and what it means, in one word, in a line, and what to do."""

    finding: Values
    verdict: str
    seen: str
    do: str = ""


LEFT = field(manager="hpa", fate="left")
REPLICAS = ".spec.replicas is 1 (kubectl-patch), wanted 2"
CASES = {
    "as wanted": Case(finding("unchanged"), "same", "is as wanted"),
    "absent, as wanted": Case(finding("absent"), "same", "is absent, as wanted"),
    "missing": Case(finding("created"), "drifted", "is missing", SITE),
    "missing with its namespace": Case(finding("created", message="would create"), "drifted", "would create", SITE),
    "too much": Case(finding("deleted"), "drifted", "is there, and should not be", SITE),
    "a field": Case(finding("updated", fields=[field()], message="taken back"), "drifted", REPLICAS, SITE),
    "a field that is missing": Case(
        finding("updated", fields=[field(live=None, manager="")]),
        "drifted",
        ".spec.replicas is missing, wanted 2",
        SITE,
    ),
    "a field too much": Case(
        finding("updated", fields=[field(wanted=None)]),
        "drifted",
        ".spec.replicas is 1 (kubectl-patch), wanted none",
        SITE,
    ),
    "an operator": Case(
        finding("updated", message="update Subscription a/b"), "drifted", "update Subscription a/b", SITE
    ),
    "a restart": Case(finding("restarted", message="runs with old"), "drifted", "runs with old", SITE),
    "another word": Case(finding("recreated"), "drifted", "would be recreated", SITE),
    "left to a controller": Case(finding("unchanged", fields=[LEFT]), "left", ".spec.replicas is 1 (hpa), wanted 2"),
    "one left, one not": Case(
        finding("updated", fields=[field(), LEFT]), "drifted", f"{REPLICAS}; .spec.replicas is 1 (hpa), wanted 2", SITE
    ),
    "may not be tried": Case(
        finding("failed", fields=[field()], message="you may not patch"),
        "drifted",
        f"{REPLICAS}; you may not patch",
        SITE,
    ),
    "of others": Case(
        finding("failed", fields=[field(fate="refused")], message="not ours", foreign=True),
        "drifted",
        f"{REPLICAS}; not ours",
        "ansible-playbook seldon.openshift.adopt",
    ),
    "fails": Case(finding("failed", message="no\n such"), "failed", "no such", f"{SITE} --check --diff"),
    "fails for what a controller holds": Case(
        finding("failed", fields=[LEFT], message="held"),
        "failed",
        ".spec.replicas is 1 (hpa), wanted 2; held",
        f"{SITE} --check --diff",
    ),
    "changed, and not ours before": Case(finding("updated", fields=[field()], foreign=True), "drifted", REPLICAS, SITE),
    "unread": Case(
        {"chapter": "kafka", "task": "t", "action": "unread", "message": "no cluster"},
        "failed",
        "no cluster",
        f"{SITE} --check --diff",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_finding_means(case: Case) -> None:
    (row,) = rows([case.finding])
    assert (verdict(case.finding), row["seen"], row["do"]) == (case.verdict, case.seen, case.do)
    assert row["subject"] in ("Kafka seldon-kafka/seldon", "kafka, task 't'")
    assert row["status"] == {"same": "pass", "left": "warn"}.get(case.verdict, "fail")


def test_an_object_of_the_whole_cluster_has_no_namespace() -> None:
    (row,) = rows([finding("created", namespace=None, name="a")])
    assert row["subject"] == "Kafka a"


def test_an_object_is_told_once_and_what_differs_wins() -> None:
    same, drifted = finding("unchanged"), finding("updated", fields=[field()])
    assert distinct([same, {**same, "task": "Again", "action": "absent"}]) == [same]
    assert distinct([same, drifted, {**drifted, "chapter": "gitops"}]) == [drifted]
    other = finding("updated", fields=[field(field=".spec.x")])
    assert distinct([drifted, other]) == [drifted, other]


def test_two_chapters_that_cannot_be_read_are_two_findings() -> None:
    unread = {"chapter": "kafka", "task": "Install the operator", "action": "unread", "message": "m"}
    assert len(distinct([unread, {**unread, "chapter": "gitops"}, unread])) == 2


def test_the_failure_names_the_objects() -> None:
    unread = {"chapter": "gitops", "task": "t", "action": "unread", "message": "m"}
    found = [
        finding("created"),
        finding("updated"),
        finding("created", name="b"),
        finding("unchanged", name="c"),
        unread,
    ]
    told = DriftReport.of("lab", "now", rows(found)).complaint(("fail",))
    assert told == "lab: 2 differ: Kafka seldon-kafka/seldon, Kafka seldon-kafka/b; 1 cannot be told: gitops, task 't'"


@pytest.mark.parametrize(
    ("actions", "told"),
    [
        (["unchanged", "absent"], "Nothing has drifted; 2 as wanted"),
        (["unchanged", "created", "failed"], "1 differ, 1 cannot be told, 1 as wanted"),
    ],
)
def test_the_verdict_of_all(actions: list[str], told: str) -> None:
    found = [finding(action, name=str(number)) for number, action in enumerate(actions)]
    assert DriftReport.of("t", "now", rows(found)).verdict == told


def test_what_is_left_is_counted() -> None:
    report = DriftReport.of("t", "now", rows([finding("unchanged", fields=[LEFT])]))
    assert report.verdict == "Nothing has drifted; 1 left as they are"


def test_the_json_has_the_same_keys_for_every_finding() -> None:
    unread = {"chapter": "kafka", "task": "t", "action": "unread", "message": "m", "foreign": True}
    told = json.loads(drift_json("t", "2026-11-27T12:00:00+00:00", [unread, finding("updated", fields=[field()])]))
    findings = told.pop("findings")
    counts = {"drifted": 1, "failed": 1, "left": 0, "same": 0}
    assert told == {"schema": 1, "title": "t", "moment": "2026-11-27T12:00:00+00:00", "counts": counts}
    keys = ["verdict", "chapter", "task", "api_version", "kind", "namespace", "name", "action", "message", "fields"]
    assert [list(each) for each in findings] == [keys, keys]
    assert [each["fields"] for each in findings] == [[], [field()]]


def test_each_object_is_a_case_of_its_chapter_s_suite() -> None:
    text = junit(DriftReport.of("t", "now", rows([finding("created"), finding("unchanged", name="b")])), ("fail",))
    assert '<testsuite name="kafka" tests="2" failures="1"' in text
    assert '<testcase classname="seldon.kafka" name="kafka.drift: Kafka seldon-kafka/b">' in text
