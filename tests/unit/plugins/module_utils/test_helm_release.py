"""Helm's records: which one counts, what keeps Helm from going on, and how it goes on."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.helm import release as helm_release
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.modules import seldon_helm_recover

Object = dict[str, Any]


def record(version: int, status: str, config: Any = None, manifest: str = "---", **labels: str) -> Object:
    release = {"name": "r", "info": {"status": status}, "config": config, "manifest": manifest}
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
    with pytest.raises(EngineError, match="is no record of Helm 3"):
        helm_release.as_failed({**record(1, "failed"), "data": data})


class Server:
    """Holds one record; the first PUT meets one that Helm, or its own repetition after a lost answer, has written."""

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


@pytest.mark.parametrize(
    ("by_helm", "status", "changed"),
    [(None, "pending-install", True), (record(1, "deployed", {"a": 1}), "deployed", False)],
    ids=["answer-lost", "helm-was-faster"],
)
def test_a_conflict_is_of_that_helm_or_of_our_own(
    by_helm: Object | None, status: str, changed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seldon_helm_recover, "POLL_SECONDS", 0)
    server: Any = Server(record(1, "pending-install", {"a": 1}), by_helm)
    given = {"name": "r", "namespace": "n", "patience": 60, "timeout": 60}
    result = seldon_helm_recover.run(server, given, False, lambda _line: None)
    assert (result["status"], result["changed"]) == (status, changed)
