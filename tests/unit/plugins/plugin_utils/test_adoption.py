"""From findings to the plan of an adoption: rows, their order and width, and variables that keep what is there."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.adoption import plan
from ansible_collections.seldon.openshift.plugins.plugin_utils.adoption_variables import keeping
from ansible_collections.seldon.openshift.plugins.plugin_utils.findings import entries

Entry = dict[str, Any]


def change(field: str, live: str | None, wanted: str | None, fate: str = "refused", manager: str = "kubectl") -> Entry:
    return {"field": field, "live": live, "wanted": wanted, "manager": manager, "fate": fate}


def entry(kind: str, *fields: Entry, action: str = "failed", **more: Any) -> Entry:
    place = {"api_version": "x/v1", "kind": kind, "namespace": "n", "name": "x"}
    return {"chapter": "c", "task": "t", **place, "action": action, "fields": list(fields), **more}


def fates(*entries: Entry) -> list[tuple[str, str, str]]:
    return [(row["object"], row["field"], row["fate"]) for row in plan(entries)["rows"]]


def test_what_needs_consent_comes_before_what_is_kept() -> None:
    found = [
        entry("Kept", action="unchanged", foreign=True),
        entry("Ours", action="unchanged"),
        entry("New", action="created"),
        entry("Theirs", change(".spec.a", "1", "2"), foreign=True),
        entry("Labelled", change(".metadata.labels.a", None, "b", "added"), action="updated", foreign=True),
        entry("Held", change(".spec.r", "5", "2", "left", "hpa"), action="unchanged"),
        entry("Broken", action="failed", message="it is refused\nmore"),
        {"chapter": "kafka", "task": "t", "action": "unread", "message": "no right"},
    ]
    assert fates(*found) == [
        ("Broken n/x", "", "blocked"),
        ("Theirs n/x", ".spec.a", "needs consent"),
        ("chapter kafka", "", "not read"),
        ("Labelled n/x", ".metadata.labels.a", "changed"),
        ("Kept n/x", "", "kept"),
        ("Held n/x", ".spec.r", "kept"),
    ]
    told = plan(found)
    assert (told["consent"], told["blocked"], told["created"]) == (1, 2, 1)
    text = "\n".join(told["lines"])
    assert all(words in text for words in ("it is refused", "no right", "hpa holds it"))
    assert "more" not in text


def test_what_two_roles_apply_is_told_once() -> None:
    twice = entry("Namespace", change(".metadata.labels.a", "b", "c"))
    assert len(plan([twice, {**twice, "task": "another"}])["rows"]) == 1


def test_a_field_of_ours_that_differs_is_no_matter_of_adoption() -> None:
    assert fates(entry("Ours", change(".spec.a", "1", "2", "taken_back"), action="updated")) == []


def test_nothing_of_others_makes_no_table() -> None:
    assert plan([entry("Ours", action="unchanged")])["lines"] == []


@pytest.mark.parametrize("width", [80, 160])
def test_the_table_keeps_to_its_width(width: int) -> None:
    rows = entry("Elasticsearch", change(f".spec.{'x' * 90}.last", "a" * 200, "b" * 200))
    lines = plan([rows], width)["lines"]
    assert max(map(len, lines)) <= width
    assert ".last" in lines[1], "the end of a path says most"


@pytest.mark.parametrize(
    ("kind", "field", "live", "variables"),
    [
        ("Kafka", ".spec.kafka.replicas", "1", {"kafka_replicas": 1}),
        ("Kafka", ".spec.kafka.version", "3.1.0", {"kafka_version": "3.1.0"}),
        ("Kafka", ".spec.kafka.storage.type", "persistent-claim", {"kafka_storage": {"type": "persistent-claim"}}),
        ("Kafka", ".spec.kafka.config.min.insync.replicas", "2", {"kafka_config": {"min.insync.replicas": 2}}),
        ("Kafka", ".spec.entityOperator.x", '{"a": 1}', {"kafka_overrides": {"entityOperator": {"x": {"a": 1}}}}),
        ("Elasticsearch", '.spec.nodeSets[name="default"].count', "2", {"elasticsearch_node_count": 2}),
        (
            "Elasticsearch",
            '.spec.nodeSets[name="default"].podTemplate.spec.containers[name="elasticsearch"].resources.requests.cpu',
            "2",
            {"elasticsearch_cpu": "2"},
        ),
        (
            "Elasticsearch",
            '.spec.nodeSets[name="default"].volumeClaimTemplates',
            '[{"spec": {"resources": {"requests": {"storage": "9Gi"}}, "storageClassName": "s"}}]',
            {"elasticsearch_storage_size": "9Gi", "elasticsearch_storage_class": "s"},
        ),
        ("Elasticsearch", '.spec.nodeSets[name="default"].config.x', "1", {}),
        ("ArgoCD", ".spec.ha.enabled", "true", {"gitops_argocd_overrides": {"ha": {"enabled": True}}}),
        ("Release", ".values.external.protocol", "http", {}),
        ("Secret", ".data.password", "(hidden)", {}),
    ],
)
def test_a_variable_keeps_what_is_there(kind: str, field: str, live: str, variables: Entry) -> None:
    assert keeping([entry(kind, change(field, live, "other"))]) == variables


def test_several_fields_of_one_variable_are_one_value() -> None:
    found = entry(
        "Kafka",
        change(".spec.kafka.storage.type", "persistent-claim", "ephemeral"),
        change(".spec.kafka.storage.size", "5Gi", None),
        change(".spec.kafka.new", None, "1"),
        change(".spec.kafka.replicas", "1", "3", "left"),
    )
    assert keeping([found]) == {"kafka_storage": {"type": "persistent-claim", "size": "5Gi"}}


def test_values_of_seldon_deploys_release_stay_but_for_secrets() -> None:
    values = change(".values.external.protocol", "http", "https"), change(".values.a.secret", "(hidden)", "(hidden)")
    release = {**entry("Release", *values), "name": "seldon-deploy"}
    assert keeping([release]) == {"seldon_deploy_values": {"external": {"protocol": "http"}}}


def test_what_the_api_server_rejects_is_in_the_way_and_told_with_the_variable_that_keeps_it() -> None:
    claims = change(".spec.version", "7.1.0", "7.2.0", "rejected")
    found = plan([entry("Elasticsearch", claims, message="403 claims stay\nmore", foreign=True)])
    assert (found["consent"], found["blocked"], found["variables"]) == (0, 1, {"elasticsearch_version": "7.1.0"})
    assert found["lines"][0] == "Elasticsearch n/x: blocked (403 claims stay)"


def test_operators_of_others_are_in_the_plan() -> None:
    result = {
        "operators": [{"name": "o", "namespace": "n", "adopted": True, "csv": "o.v1", "channel": "c", "actions": []}]
    }
    found = [{"chapter": "kafka", "task": "t", **each} for each in entries(result)]
    assert plan(found)["lines"] == ["Kept as they are, 1: Subscription n/o (used as it is: o.v1, channel c)"]
