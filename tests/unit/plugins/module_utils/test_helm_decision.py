"""What a task does with a release: requests, consent, refusals, and what is left to Helm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks import seldon_deploy
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import rows
from ansible_collections.seldon.openshift.plugins.module_utils.helm.release import MARK
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.modules import seldon_release

from tests.unit.apiserver import ApiServer
from tests.unit.observed import observed
from tests.unit.plugins.module_utils.test_helm_release import GIVEN, record

Object = dict[str, Any]


def obj(kind: str, name: str, **content: Any) -> Object:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "n"}, **content}


SERVICE, MAP = obj("Service", "s", spec={"type": "ClusterIP"}), obj("ConfigMap", "m", data={"a": "1"})
MORE = obj("ConfigMap", "more", data={"a": "1"})
HELMS = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "r", "meta.helm.sh/release-namespace": "n"},
}


def made(given: Object, manager: str = "", **content: Any) -> Object:
    """Return an object as Helm made it, changed by a client to `content`."""
    fields = {f"f:{key}": {f"f:{each}": {} for each in value} for key, value in content.items()}
    entries = [{"manager": manager, "operation": "Update", "fieldsV1": fields}] if manager else []
    return {**given, "metadata": {**given["metadata"], **HELMS, "managedFields": entries}, **content}


def deployed(*objects: Object, mark: bool = True, **more: Any) -> Object:
    manifest = "\n---\n".join(map(json.dumps, objects))
    found = record(1, "deployed", {"a": 1}, manifest)
    found["metadata"]["labels"] |= MARK if mark else {}
    found["metadata"]["labels"] |= more
    return found


def decide(server: ApiServer, **given: Any) -> Object:
    lines: list[str] = []
    return seldon_release.run(server, {**GIVEN, **given}, server.check_mode, lines.append)


def fates(result: Object) -> dict[str, str]:
    return {
        f"{entry['name']} {each['field']}": each["fate"]
        for entry in result["results"]
        for each in entry.get("fields", [])
    }


def test_an_unchanged_release_is_a_request_for_its_records_and_one_for_each_kind() -> None:
    server = ApiServer(deployed(SERVICE, MAP, MORE), made(SERVICE), made(MAP), made(MORE))
    result = decide(server)
    assert (result["changed"], result["helm"], result["diff"]) == (False, "none", [])
    paths = [path.rpartition("/n/")[2] for _method, path in server.requests]
    assert sorted(paths) == ["configmaps", "secrets", "services/s"]
    assert server.writes == []


def test_what_the_label_does_not_find_is_asked_for_by_name() -> None:
    lost = made(MAP)
    lost["metadata"] = {**lost["metadata"], "labels": {}}
    server = ApiServer(deployed(MAP, MORE), lost, made(MORE))
    assert fates(decide(server)) == {"m .metadata.labels.app.kubernetes.io/managed-by": "added"}
    assert (server.held(MAP) or {})["metadata"]["labels"] == HELMS["labels"]


@pytest.mark.parametrize(
    ("status", "there", "refused", "action"),
    [
        ("deployed", True, None, "unchanged"),
        ("deployed", False, None, "created"),
        ("deployed", False, 403, "unchanged"),
    ],
    ids=["all is there", "an object is lost", "may not be read"],
)
def test_objects_that_are_lost_are_made_again(status: str, there: bool, refused: int | None, action: str) -> None:
    def refuse(_method: str, path: str) -> None:
        if refused and path.endswith("/services/s"):
            raise ApiError(refused)

    server = ApiServer(deployed(SERVICE), *([made(SERVICE)] if there else []))
    server.before_request = refuse
    result = decide(server)
    assert (result["status"], result["results"][1]["action"]) == (status, action)
    assert result["changed"] is (action == "created")
    if action == "created":
        assert (server.held(SERVICE) or {})["metadata"]["labels"] == HELMS["labels"]


def test_an_object_that_is_being_deleted_is_made_again_once_it_is_gone() -> None:
    going = made(SERVICE)
    going["metadata"]["deletionTimestamp"] = "2022-12-01T10:00:00Z"
    server = ApiServer(deployed(SERVICE), going)
    assert decide(server)["results"][1]["action"] == "created"
    assert "deletionTimestamp" not in (server.held(SERVICE) or {})["metadata"]


DRIFTED = made(MAP, "kubectl-edit", data={"a": "2"})


def test_drift_is_put_back_with_the_values_that_helm_wrote_and_nothing_else() -> None:
    server = ApiServer(deployed(MAP), {**DRIFTED, "data": {"a": "2", "mine": "x"}})
    result = decide(server)
    assert (result["changed"], result["helm"]) == (True, "none")
    entry = result["results"][1]
    assert (entry["action"], entry["message"]) == ("updated", "taken back from kubectl-edit")
    assert entry["fields"] == [
        {"field": ".data.a", "live": "2", "wanted": "1", "manager": "kubectl-edit", "fate": "taken_back"}
    ]
    assert (server.held(MAP) or {})["data"] == {"a": "1", "mine": "x"}
    assert result["diff"][0]["before"] == ".data.a: 2\n"


def test_what_the_server_does_not_keep_is_no_drift() -> None:
    wanted = obj("ConfigMap", "m", data={"a": "1"}, unknown="x")
    server = ApiServer(deployed(wanted), made(MAP))
    put = server.put

    def pruning(given: Object) -> Object:
        given.pop("unknown", None)
        return put(given)

    server.put = pruning  # type: ignore[method-assign]
    result = decide(server)
    assert (result["changed"], result["results"][1]["action"]) == (False, "unchanged")


def test_somebody_who_writes_meanwhile_is_not_overwritten() -> None:
    """What was read then is read again."""
    server = ApiServer(deployed(MAP), DRIFTED)
    others = [{"a": "4", "mine": "2"}, {"a": "3", "mine": "1"}]

    def meanwhile(method: str, path: str) -> None:
        if method == "PATCH" and path.endswith("/m") and others:
            server.put({**DRIFTED, "data": others.pop()})

    server.before_request = meanwhile
    assert decide(server)["changed"] is True
    assert (server.held(MAP) or {})["data"] == {"a": "1", "mine": "2"}


def test_check_mode_writes_nothing() -> None:
    server = ApiServer(deployed(MAP, SERVICE, mark=False), DRIFTED, check_mode=True)
    result = decide(server, adopt=True)
    assert [entry["action"] for entry in result["results"]] == ["unchanged", "updated", "created"]
    assert (server.held(MAP) or {})["data"] == {"a": "2"}
    assert server.held(SERVICE) is None


def test_refuse_fails_with_every_conflict_and_changes_nothing() -> None:
    held = made(MORE, "some-controller", data={"a": "9"})
    server = ApiServer(deployed(MAP, MORE), DRIFTED, held)
    result = decide(server, conflicts="refuse")
    assert result["failed"]
    assert ".data.a (kubectl-edit)" in result["msg"]
    assert ".data.a (some-controller)" in result["msg"]
    assert set(fates(result).values()) == {"refused"}
    assert (server.held(MAP) or {})["data"] == {"a": "2"}


@pytest.mark.parametrize(("conflicts", "value"), [("heal", "9"), ("force", "1")])
def test_a_controller_keeps_what_it_holds_unless_all_is_taken(conflicts: str, value: str) -> None:
    server = ApiServer(deployed(MAP), made(MAP, "some-controller", data={"a": "9"}))
    result = decide(server, conflicts=conflicts)
    assert ((server.held(MAP) or {})["data"]["a"], result["changed"]) == (value, conflicts == "force")
    assert ("some-controller" in str(result.get("warnings"))) is (conflicts == "heal")


@pytest.mark.parametrize("given", [{"values": {"a": 2}}, {"chart_version": "2.0.0"}, {"chart_ref": "other"}])
def test_other_values_or_another_chart_is_for_helm(given: Object) -> None:
    server = ApiServer(deployed(MAP), DRIFTED)
    result = decide(server, **given)
    assert (result["helm"], result["changed"], server.held(MAP)["data"]) == ("upgrade", True, {"a": "2"})  # type: ignore[index]


def test_only_the_repository_knows_the_newest_version() -> None:
    assert decide(ApiServer(deployed(MAP), made(MAP)), chart_version=None)["helm"] == "ask"
    with pytest.raises(EngineError, match="needs chart_ref"):
        decide(ApiServer(), chart_ref=None)


@pytest.mark.parametrize(
    ("there", "given"), [(made(MAP), {"values": {"a": 2}}), (DRIFTED, {})], ids=["values", "an object"]
)
def test_a_release_of_others_changes_with_consent_alone(there: Object, given: Object) -> None:
    server = ApiServer(deployed(MAP, mark=False), there)
    result = decide(server, **given)
    assert result["failed"]
    assert not result["changed"]
    assert "-e seldon_adopt=true" in result["msg"]
    assert [method for method, path in server.writes if not path.endswith("/m")] == []
    assert decide(server, adopt=True, **given)["changed"] is True
    assert decide(server, conflicts="force", **given).get("failed") is None


def test_a_release_of_others_that_is_as_wanted_is_ours_from_then_on() -> None:
    server = ApiServer(deployed(MAP, mark=False), made(MAP))
    assert decide(server)["changed"] is False
    labels = (server.held(record(1, "")) or {})["metadata"]["labels"]
    assert labels.items() >= MARK.items()
    assert decide(server, values={"a": 2})["helm"] == "upgrade"


def test_a_broken_upgrade_of_others_needs_consent_and_a_broken_installation_does_not() -> None:
    """The revision before works."""
    broken = record(2, "failed", {"a": 1})
    with pytest.raises(EngineError, match="its last revision is failed"):
        decide(ApiServer(deployed(MAP, mark=False), broken))
    assert decide(ApiServer(deployed(MAP), broken))["helm"] == "upgrade"
    assert decide(ApiServer(record(1, "failed", {"a": 1})))["helm"] == "upgrade"


def test_a_release_elsewhere_is_told_before_a_second_one_is_installed() -> None:
    other = deployed(MAP)
    other["metadata"]["namespace"] = "elsewhere"
    result = decide(ApiServer(other))
    assert (result["helm"], len(result["warnings"])) == ("install", 1)
    assert "helm status r -n elsewhere" in result["warnings"][0]
    assert "warnings" not in decide(ApiServer(other), several=True)


@pytest.mark.parametrize(
    ("records", "helm"),
    [([], "none"), ([record(1, "uninstalled")], "none"), ([record(1, "deployed")], "uninstall")]
    + [([record(1, status, createdAt="1")], "uninstall") for status in ("failed", "pending-upgrade", "uninstalling")],
)
def test_what_is_not_there_needs_no_helm_to_go(records: list[Object], helm: str) -> None:
    server = ApiServer(*records)
    result = decide(server, state="absent", chart_ref=None)
    assert (result["helm"], result["changed"]) == (helm, helm != "none")


def test_secrets_show_nowhere() -> None:
    secret = {**obj("Secret", "x"), "stringData": {"key": "s3cr3t"}}
    there = made(obj("Secret", "x"), "kubectl", data={"key": "b3RoZXI="})
    server = ApiServer(deployed(secret), there, check_mode=True)
    result = decide(server, values={"a": 1, "dbPassword": "s3cr3t"})
    told = json.dumps(result)
    assert "(hidden" in told
    assert not any(word in told for word in ("s3cr3t", "czNjcjN0", "b3RoZXI="))


CHECKED = {"namespace": "n"}
RIGHT = ("pass", "1 are as Helm installed them")
HELD = "a controller holds another value than Helm set: .data.a (some-controller)"


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (made(MAP), [RIGHT]),
        (DRIFTED, [("fail", "was changed: .data.a (kubectl-edit)")]),
        (MORE, [("fail", "is missing")]),
        (made(MAP, "some-controller", data={"a": "9"}), [RIGHT, ("warn", HELD)]),
    ],
)
def test_the_check_says_what_somebody_changed(monkeypatch: Any, there: Object, told: list[tuple[str, str]]) -> None:
    monkeypatch.setattr(seldon_deploy, "DEPLOY", "r")
    checks = [check for check in seldon_deploy.CHECKS if check.name == "seldon_deploy.release"]
    found = rows(checks, "seldon_deploy", observed(deployed(MAP), there), CHECKED)
    assert [(row["status"], row["seen"]) for row in found] == [("pass", "revision 1 is deployed"), *told]
    assert all(row["do"].endswith("--tags seldon_deploy") for row in found if row["status"] == "fail")
    assert {row["subject"] for row in found if row["status"] != "pass"} <= {"ConfigMap n/m"}
