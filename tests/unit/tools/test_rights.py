"""From audit events to rows, and from rows to roles and bindings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.plugin_utils.rights.manifests import (
    Subject,
    manifests,
    rules,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.rights.rows import (
    FILES,
    INSTALLATION,
    Places,
    Row,
    needed,
    parsed,
    playbooks,
    read,
)

from tools.rights import files
from tools.rights.derive import rows
from tools.rights.timeline import chapter_at
from tools.rights.uses import CLUSTER, MODELS, Use, uses

CHECKOUT = Path(__file__).parents[3]
# Roles that site.yml does not run; a kind that is only ever removed, and the beginning of KnativeServing and -Eventing.
BESIDE = ("try_model", "rights")
REMOVED = {"Knative"}
STAMP = "2026-01-01T00:00:10.000000Z"


def event(verb: str, resource: str, namespace: str = "", **given: Any) -> dict[str, Any]:
    reference = {"resource": resource, "namespace": namespace, **given.pop("reference", {})}
    return {"verb": verb, "objectRef": reference, "requestReceivedTimestamp": STAMP, **given}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (event("list", "secrets"), {Use(CLUSTER, "", "secrets", "list")}),
        (event("get", "secrets", "seldon-logs"), {Use("seldon-logs", "", "secrets", "get")}),
        (event("get", "secrets", "foo"), {Use(MODELS, "", "secrets", "get")}),
        (event("get", "secrets", "openshift-monitoring"), {Use("openshift-monitoring", "", "secrets", "get")}),
        (
            event("get", "pods", "a", reference={"subresource": "portforward"}),
            {Use("a", "", "pods/portforward", "get")},
        ),
        # An apply that creates, and Helm, which goes back by other verbs.
        (
            event("patch", "routes", "a", responseStatus={"code": 201}),
            {Use("a", "", "routes", verb) for verb in ("patch", "create")},
        ),
        (event("patch", "routes", "a", responseStatus={"code": 200}), {Use("a", "", "routes", "patch")}),
        (
            event("create", "routes", "a", userAgent="Helm/3.14"),
            {Use("a", "", "routes", verb) for verb in ("create", "get", "patch", "delete")},
        ),
        # Everybody may discover, and ask what he may.
        ({"verb": "get", "requestURI": "/apis", "requestReceivedTimestamp": STAMP}, set()),
        (event("create", "selfsubjectaccessreviews", reference={"apiGroup": "authorization.k8s.io"}), set()),
    ],
)
def test_what_an_event_shows(seen: dict[str, Any], expected: set[Use]) -> None:
    assert uses([seen], lambda _moment: "", ["foo"]) == expected


def task(start: str, path: str) -> dict[str, Any]:
    return {"task": {"duration": {"start": start}, "path": path}}


def test_a_moment_belongs_to_the_role_whose_task_ran() -> None:
    tasks = [
        task("2026-01-01T00:00:01Z", "/x/roles/preflight/tasks/main.yml:3"),
        task("2026-01-01T00:00:02Z", "/x/roles/kafka/tasks/apply.yml:3"),
        task("2026-01-01T00:00:04Z", "/x/playbooks/site.yml:9"),
    ]
    at = chapter_at({"plays": [{"tasks": tasks}]}, ["kafka"])
    first = 1767225600.0  # 2026-01-01T00:00:00Z
    assert [at(first + seconds) for seconds in (0.0, 1.5, 3.9, 9.0)] == ["", "", "kafka", None]


def test_what_a_playbook_does_for_several_chapters_belongs_to_those_that_use_the_resource() -> None:
    kafkas = ("installation", "kafka.strimzi.io", "kafkas")
    found = [
        Use(*kafkas, "get", chapter="kafka"),
        Use(*kafkas, "watch", chapter=None),
        Use("x", "", "y", "get", "", None),
    ]
    assert rows(found) == [Row(*kafkas, ("get", "watch"), (), ("kafka",)), Row("x", "", "y", ("get",), ("",)[:0])]


def test_names_narrow_what_is_of_the_platform_and_nothing_whose_name_is_a_variable() -> None:
    found = [
        Use("openshift-monitoring", "", "secrets", "update", "alertmanager-main"),
        Use("openshift-monitoring", "", "secrets", "create"),
        Use("openshift-monitoring", "", "pods/portforward", "get", "thanos-querier-1"),
        Use("installation", "", "secrets", "get", "mine"),
        Use("cluster", "rbac.authorization.k8s.io", "clusterroles", "bind", "view"),
    ]
    assert {(row.resource, row.verbs, row.names) for row in rows(found)} == {
        ("secrets", ("update",), ("alertmanager-main",)),
        ("secrets", ("create",), ()),
        ("secrets", ("get",), ()),
        ("pods/portforward", ("get",), ()),
        ("clusterroles", ("bind",), ("view",)),
    }


@pytest.mark.parametrize("playbook", playbooks())
def test_a_file_is_as_it_is_written_and_holds_what_was_added_by_hand(playbook: str) -> None:
    text = (FILES / f"{playbook}.yaml").read_text()
    found = parsed(text)
    assert files.text(found) == text
    held = {
        (row.where, row.group, row.resource, verb, name)
        for row in found
        for verb in row.verbs
        for name in row.names or [""]
    }
    added = files.by_hand(playbook, "added")
    assert [use for use in added if (use.where, use.group, use.resource, use.verb, use.name) not in held] == []
    told = [Use(row.where, row.group, row.resource, verb) for row in found for verb in row.verbs]
    assert [use for use in told if files.is_left_out(playbook, use)] == []


def test_what_is_noted_by_hand_is_of_playbooks_that_have_a_file() -> None:
    noted = yaml.safe_load(files.BY_HAND.read_text())
    named = {name for part in noted.values() for entry in part for name in entry["playbooks"]}
    assert named <= {*playbooks()}


@pytest.mark.parametrize("playbook", ["drift", "adopt", "validate", "preflight", "upgrade"])
def test_who_only_looks_may_not_write(playbook: str) -> None:
    verbs = {verb for row in read(playbook) for verb in row.verbs}
    assert verbs <= {"get", "list", "watch"}


def test_nobody_may_read_the_secrets_of_the_whole_cluster_but_by_a_binding_to_namespaces_that_are_not_there_yet() -> (
    None
):
    everywhere = [(name, row) for name in playbooks() for row in read(name) if row.where == CLUSTER]
    assert [name for name, row in everywhere if row.resource == "secrets"] == []


def test_a_run_with_tags_needs_less() -> None:
    site = read("site")
    kafka = needed(site, ["kafka"])
    assert {row.resource for row in kafka} >= {"kafkas", "subscriptions"}
    assert {row.resource for row in needed(site, ["monitoring"])} & {"subscriptions", "servers"} == {"subscriptions"}
    assert "create" not in {
        verb for row in needed(site, ["monitoring"]) if row.resource == "subscriptions" for verb in row.verbs
    }
    external = needed(site, None, [{"group": "kafka.strimzi.io"}])
    assert {verb for row in external if row.resource == "kafkas" for verb in row.verbs} == {"get"}


def test_rules_are_as_few_as_can_be() -> None:
    found = [
        Row("cluster", "", "pods", ("list",)),
        Row("cluster", "", "events", ("list",)),
        Row("cluster", "", "secrets", ("get", "update"), ("a",)),
        Row("cluster", "", "secrets", ("get",)),
    ]
    assert rules(found) == [
        {"apiGroups": [""], "resources": ["events", "pods"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"], "verbs": ["update"]},
    ]


@pytest.mark.parametrize(
    ("places", "bindings"),
    [
        (Places(), ["ClusterRoleBinding "]),
        (Places(installation=["a", "b"]), ["RoleBinding a", "RoleBinding b"]),
    ],
)
def test_bindings_are_where_the_namespaces_are(places: Places, bindings: list[str]) -> None:
    made = manifests("site", [Row(INSTALLATION, "", "pods", ("list",))], Subject("alice"), places)
    bound = [each for each in made if each["kind"].endswith("Binding")]
    assert [f"{each['kind']} {each['metadata'].get('namespace', '')}" for each in bound] == bindings
    assert {each["roleRef"]["name"] for each in bound} == {"seldon-openshift-site-installation"}
    assert {each["subjects"][0]["name"] for each in bound} == {"alice"}


def test_an_account_is_made_with_its_namespace() -> None:
    made = manifests("rotate", [Row("openshift", "", "pods", ("list",))], Subject("robot", "ci"), Places())
    assert [each["kind"] for each in made] == ["Namespace", "ServiceAccount", "Role", "RoleBinding"]
    assert made[-1]["subjects"] == [{"kind": "ServiceAccount", "name": "robot", "namespace": "ci"}]


def test_what_a_template_of_a_role_holds_site_may_write() -> None:
    """Else type: make rights, or add it to tools/rights/by_hand.yaml."""
    templates = [
        path.read_text() for path in (CHECKOUT / "roles").glob("*/templates/*.yaml.j2") if path.parts[-3] not in BESIDE
    ]
    kinds = {kind for text in templates for kind in re.findall(r"^kind: (\w+)$", text, re.MULTILINE)} - REMOVED
    allowed: dict[str, set[str]] = {}
    for row in read("site"):
        allowed.setdefault(row.resource, set()).update(row.verbs)
    assert {kind for kind in kinds if not allowed.get(plural(kind), set()) >= {"get", "create"}} == set()


def plural(kind: str) -> str:
    name = kind.lower()
    return f"{name[:-1]}ies" if name.endswith("cy") else f"{name}es" if name.endswith("ch") else f"{name}s"
