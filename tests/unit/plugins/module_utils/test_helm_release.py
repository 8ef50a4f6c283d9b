"""Helm's records: which one counts, what keeps Helm from going on, and how it goes on."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.helm import release as helm_release
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.modules import seldon_release

from tests.unit.apiserver import ApiServer
from tests.unit.clock import Clock

Object = dict[str, Any]


def record(version: int, status: str, config: Any = None, manifest: str = "---", **labels: str) -> Object:
    chart = {"metadata": {"name": "c", "version": "1.0.0"}}
    release = {"name": "r", "info": {"status": status}, "chart": chart, "config": config, "manifest": manifest}
    packed = base64.b64encode(gzip.compress(json.dumps(release).encode()))
    metadata = {"name": f"sh.helm.release.v1.r.v{version}", "namespace": "n"}
    metadata["labels"] = {"name": "r", "owner": "helm", "status": status, "version": str(version), **labels}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "data": {"release": base64.b64encode(packed).decode()},
    }


def content(obj: Object) -> Object:
    found: Object = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(obj["data"]["release"]))))
    return found


def test_the_newest_revision_counts_by_its_number() -> None:
    records = [record(9, "superseded"), record(10, "deployed"), record(2, "superseded")]
    newest = helm_release.newest(records)
    assert newest
    assert (helm_release.revision(newest), helm_release.status(newest)) == (10, "deployed")
    assert helm_release.newest([]) is None


@pytest.mark.parametrize(
    ("status", "config", "stands_in_the_way"),
    [
        ("deployed", {"a": 1}, False),
        ("superseded", {"a": 1}, False),
        ("pending-install", {"a": 1}, True),
        ("pending-upgrade", None, True),
        ("pending-rollback", {}, True),
        ("uninstalling", {}, True),
        # A module that compares values would take it for done.
        ("failed", {"a": 1}, True),
        ("failed", None, True),
    ],
)
def test_what_stands_in_the_way(status: str, config: Any, stands_in_the_way: bool) -> None:
    assert helm_release.to_recover(record(1, status, config)) is stands_in_the_way


def test_the_objects_of_a_revision_have_their_namespace() -> None:
    here = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "here"}}
    there = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "there", "namespace": "other"}}
    manifest = "---\n# Source: r/templates/a.yaml\n---\n" + "\n---\n".join(map(json.dumps, (here, there)))
    found = helm_release.objects(record(1, "deployed", manifest=manifest))
    assert [(obj["metadata"]["namespace"], obj["metadata"]["name"]) for obj in found] == [
        ("n", "here"),
        ("other", "there"),
    ]
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}}
    several = {"apiVersion": "v1", "kind": "List", "items": [here, role]}
    found = helm_release.objects(record(1, "deployed", manifest=json.dumps(several)))
    assert [obj["metadata"].get("namespace") for obj in found] == ["n", None]
    assert helm_release.objects(record(1, "deployed", manifest="")) == []
    with pytest.raises(EngineError, match=r"holds no objects"):
        helm_release.objects(record(1, "deployed", manifest="{"))


def test_a_recovered_release_is_a_failed_one_with_values_that_nobody_wants() -> None:
    before = record(3, "pending-upgrade", {"a": 1}, createdAt="1")
    after = helm_release.as_failed(before)
    assert after["metadata"]["labels"] == before["metadata"]["labels"] | {"status": "failed"}
    assert content(after)["info"]["status"] == "failed"
    assert content(after)["config"] not in ({}, None, {"a": 1})
    assert content(after)["manifest"] == "---"
    assert content(before)["info"]["status"] == "pending-upgrade"
    assert not helm_release.to_recover(after)


def test_the_last_time_that_helm_wrote_it() -> None:
    assert helm_release.written(record(1, "deployed")) == 0
    assert helm_release.written(record(1, "deployed", createdAt="5")) == 5
    assert helm_release.written(record(1, "deployed", createdAt="5", modifiedAt="7")) == 7


@pytest.mark.parametrize("data", [{}, {"release": ""}, {"release": "e30="}, {"release": "bm8gZ3ppcA=="}])
def test_what_is_no_record_is_named(data: Object) -> None:
    with pytest.raises(EngineError, match="is not a release record of Helm 3"):
        helm_release.as_failed({**record(1, "failed"), "data": data})


class Server:
    """Holds one record; the first PUT meets one that Helm, or its own repetition after a lost answer, has written."""

    check_mode = False

    def __init__(self, stored: Object, by_helm: Object | None) -> None:
        self.stored = stored
        self.by_helm = by_helm

    def list(self, *_where: Any, deadline: float) -> list[Object]:
        return [self.stored]

    def get(self, *_where: Any) -> Object:
        return self.stored

    def replace(self, obj: Object, deadline: float) -> None:
        self.stored = self.by_helm or obj
        raise ApiError(409, "Conflict")

    def patch(self, obj: Object, body: Object, deadline: float) -> None:
        self.stored["metadata"]["labels"] |= body["metadata"]["labels"]


@pytest.mark.parametrize(
    ("by_helm", "helm", "changed"),
    [(None, "upgrade", True), (record(1, "deployed", {"a": 1}), "none", False)],
    ids=["answer-lost", "helm-was-faster"],
)
def test_a_conflict_is_of_that_helm_or_of_our_own(
    clock: Clock, by_helm: Object | None, helm: str, changed: bool
) -> None:
    server: Any = Server(record(1, "pending-install", {"a": 1}), by_helm)
    result = seldon_release.run(server, GIVEN, False, [].append)
    assert (result["helm"], result["changed"]) == (helm, changed)
    assert clock.slept < 5


NOW = 1_700_000_000
WHERE: Object = {"name": "r", "namespace": "n", "several": False, "grace_period": 60, "timeout": 60}
WHAT: Object = {"state": "present", "chart_ref": "c", "chart_version": "1.0.0", "values": {"a": 1}}
GIVEN: Object = {**WHERE, **WHAT, "conflicts": "heal", "adopt": False}


def recover(server: ApiServer, check_mode: bool = False) -> Object:
    return seldon_release.run(server, GIVEN, check_mode, [].append)


@pytest.mark.parametrize("status", ["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"])
@pytest.mark.parametrize("label", ["createdAt", "modifiedAt"])
def test_a_helm_at_work_is_waited_for_and_left_alone(clock: Clock, status: str, label: str) -> None:
    server = ApiServer(record(1, status, {"a": 1}, **{label: str(NOW - 50)}))

    def end(_method: str, _path: str) -> None:
        if clock.slept > 5:
            server.put(record(1, "deployed", {"a": 1}))

    server.before_request = end
    result = recover(server)
    assert (result["helm"], result["changed"], result["revision"]) == ("none", False, 1)
    assert [method for method, _path in server.writes] == ["PATCH"]  # of the mark
    assert 5 < clock.slept < 10


def test_a_helm_that_writes_again_lives(clock: Clock) -> None:
    """Its next revision, too, is waited for from when it was written."""
    server = ApiServer(record(1, "pending-install", {"a": 1}, createdAt=str(NOW - 55)))

    def go_on(_method: str, _path: str) -> None:
        if 4 < clock.slept < 7:
            server.put(record(1, "pending-install", {"a": 1}, createdAt=str(NOW - 55), modifiedAt=str(NOW + 5)))

    server.before_request = go_on
    assert recover(server)["changed"] is True
    assert 63 < clock.slept < 70


@pytest.mark.parametrize(
    ("age", "waited"),
    [(59, (1, 4)), (60, (0, 0)), (3600, (0, 0)), (0, (60, 64))],
    ids=["nearly", "just", "long ago", "a moment ago"],
)
def test_a_helm_that_has_not_written_for_a_minute_is_dead(clock: Clock, age: int, waited: tuple[int, int]) -> None:
    server = ApiServer(record(1, "pending-install", {"a": 1}, createdAt=str(NOW - age)))
    result = recover(server)
    assert (result["changed"], result["status"]) == (True, "pending-install")
    assert waited[0] <= clock.slept <= waited[1]
    assert helm_release.status(server.held(record(1, "")) or {}) == "failed"


def test_check_mode_waits_for_no_helm_and_marks_nothing(clock: Clock) -> None:
    server = ApiServer(record(1, "pending-install", {"a": 1}, createdAt=str(NOW)), check_mode=True)
    assert recover(server, check_mode=True)["changed"] is True
    assert (clock.slept, helm_release.status(server.held(record(1, "")) or {})) == (0, "pending-install")
