"""Whether objects hold what was applied: what counts as a change, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.applied import applied_check, is_left
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import Finding
from ansible_collections.seldon.openshift.plugins.module_utils.checks.observed import Observed

from tests.unit.apiserver import ApiServer, held_by, managed

Object = dict[str, Any]
WANTED = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "x", "namespace": "n", "labels": {"a": "b"}},
    "spec": {"replicas": 2, "limits": {"cpu": "1"}, "empty": {}},
}


def found(live: Object | None, wanted: list[Object] | None = None) -> Finding:
    cluster = Observed(ApiServer(*([live] if live else [])))
    objects = [WANTED] if wanted is None else wanted
    (finding,) = applied_check("kafka", "why").judge(cluster, {"objects": objects})
    return finding


@pytest.mark.parametrize(
    "live",
    [
        managed(WANTED),
        {**WANTED, "spec": {"replicas": 2, "limits": {"cpu": "1000m", "memory": "1Gi"}, "more": 1}},
        {**WANTED, "metadata": {**WANTED["metadata"], "labels": {"a": "b", "c": "d"}}},
    ],
)
def test_what_means_the_same_passes(live: Object) -> None:
    assert found(live).status == "pass"


def test_a_field_that_somebody_changed_is_told_with_who_and_what_to_type() -> None:
    live = held_by(
        "kubectl-patch", {**managed(WANTED), "spec": {**WANTED["spec"], "replicas": 5}}, {"f:spec": {"f:replicas": {}}}
    )
    finding = found(live)
    assert finding.status == "warn"
    assert ".spec.replicas is 5 instead of 2 (kubectl-patch)" in finding.seen
    assert finding.do == "ansible-playbook seldon.openshift.site --tags kafka"


def test_a_selector_that_somebody_narrowed_is_told() -> None:
    wanted = {**WANTED, "spec": {"podSelector": {}}}
    narrowed = {**WANTED, "spec": {"podSelector": {"matchLabels": {"a": "b"}}}}
    assert ".spec.podSelector" in found(narrowed, [wanted]).seen
    assert found(wanted, [wanted]).status == "pass"


def test_what_a_controller_holds_needs_force() -> None:
    live = held_by(
        "hpa", {**managed(WANTED), "spec": {**WANTED["spec"], "replicas": 5}}, {"f:spec": {"f:replicas": {}}}
    )
    assert found(live).do.endswith("-e seldon_conflicts=force")


def test_a_label_that_went_and_an_object_that_went_are_told() -> None:
    bare = {**WANTED, "metadata": {"name": "x", "namespace": "n"}}
    assert ".metadata.labels.a is missing instead of b" in found(bare).seen
    assert (found(None).status, found(None).seen) == ("fail", "is missing")


def test_nothing_applied_is_skipped() -> None:
    assert found(None, []).status == "skipped"


def test_only_what_a_controller_holds_is_left_to_it() -> None:
    replicas = {"f:spec": {"f:replicas": {}}}
    changed = {**managed(WANTED), "spec": {**WANTED["spec"], "replicas": 5}}
    assert is_left(WANTED, held_by("hpa", changed, replicas))
    assert not is_left(WANTED, held_by("kubectl-edit", changed, replicas))
    assert not is_left(WANTED, managed(WANTED)), "what differs in another way is no controller's"
