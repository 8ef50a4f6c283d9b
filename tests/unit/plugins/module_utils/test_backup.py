"""What a backup keeps of the cluster, how it lies in a folder, and what becomes of each object on the way back."""

from __future__ import annotations

import gzip
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.backup import database, kept
from ansible_collections.seldon.openshift.plugins.module_utils.backup.folder import (
    BackupUnusable,
    Draft,
    Manifest,
    opened,
    write,
)
from ansible_collections.seldon.openshift.plugins.module_utils.backup.gather import Places, is_renewed
from ansible_collections.seldon.openshift.plugins.module_utils.backup.restoring import judged
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.execution import CommandFailed, Container

Object = dict[str, Any]


def obj(kind: str = "Secret", name: str = "s", **parts: Any) -> Object:
    metadata = {"name": name, "namespace": "n", **parts.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **parts}


LEFT_OUT = [
    (obj(type="Opaque"), ""),
    (obj(type="kubernetes.io/dockerconfigjson"), ""),
    (obj(type="kubernetes.io/tls", metadata={"annotations": {"note": "mine"}}), ""),
    (obj("ConfigMap", "settings"), ""),
    (obj(type="kubernetes.io/service-account-token"), "tokens of ServiceAccounts"),
    (obj(type="kubernetes.io/dockercfg"), "pull secrets that OpenShift makes for ServiceAccounts"),
    (obj(type="helm.sh/release.v1"), "records of Helm"),
    (obj(metadata={"ownerReferences": [{"name": "x"}]}), "what belongs to other objects"),
    (obj(metadata={"deletionTimestamp": "2022-11-28T10:00:00Z"}), "what is being deleted"),
    (obj(metadata={"labels": {"app.kubernetes.io/managed-by": "Helm"}}), "what Helm makes again"),
    (obj(metadata={"labels": {"app.kubernetes.io/managed-by": "seldon.openshift"}}), kept.AGAIN),
    (obj(metadata={"labels": {"strimzi.io/cluster": "seldon"}}), "what operators make again"),
    (obj(metadata={"labels": {"common.k8s.elastic.co/type": "elasticsearch"}}), "what operators make again"),
    (
        obj(metadata={"annotations": {"service.beta.openshift.io/originating-service-name": "s"}}),
        "what operators make again",
    ),
    (obj("ConfigMap", "kube-root-ca.crt"), "what every namespace gets"),
]


@pytest.mark.parametrize(("found", "reason"), LEFT_OUT)
def test_what_comes_again_by_itself_is_left_out_and_why(found: Object, reason: str) -> None:
    assert kept.reason_against(found) == reason


@pytest.mark.parametrize(
    ("name", "namespace", "external_logs", "renewed"),
    [
        ("jwt-seldon", "system", False, True),
        ("elastic-credentials", "logs", False, True),
        ("elastic-credentials", "logs", True, False),
        # Those of another Kafka would end the restored clients.
        ("seldon-kafka-user", "team-a", False, True),
        ("seldon-kafka-ca", "logs", True, True),
        ("git-creds", "system", False, False),
        ("jwt-seldon", "team-a", False, False),
    ],
)
def test_copies_that_the_roles_make_are_in_no_backup(
    name: str, namespace: str, external_logs: bool, renewed: bool
) -> None:
    secret = {"kind": "Secret", "metadata": {"name": name, "namespace": namespace}}
    assert is_renewed(secret, Places("system", "logs", "argocd", external_logs)) is renewed


def test_an_object_is_kept_as_it_is_created_again() -> None:
    metadata = {
        "uid": "1",
        "resourceVersion": "2",
        "generation": 3,
        "creationTimestamp": "2022-11-28T10:00:00Z",
        "managedFields": [{}],
        "finalizers": ["x"],
        "labels": {"team": "a"},
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "b"},
    }
    found = obj("Model", metadata=metadata, spec={"x": 1}, status={"y": 2})
    own = {"name": "s", "namespace": "n", "labels": {"team": "a"}, "annotations": {"note": "b"}}
    assert kept.clean(found) == {"apiVersion": "v1", "kind": "Model", "metadata": own, "spec": {"x": 1}}


GITOPS = {"metadata": {"labels": {"seldon.gitops": "enabled"}}}
TRACKED = {"labels": {"app.kubernetes.io/instance": "seldon-gitops-n"}}


@pytest.mark.parametrize(
    ("metadata", "namespace", "of_git"),
    [
        (TRACKED, GITOPS, True),
        ({"annotations": {"argocd.argoproj.io/tracking-id": "x"}}, GITOPS, True),
        (TRACKED, {"metadata": {}}, False),
        ({}, GITOPS, False),
        (TRACKED, None, False),
    ],
)
def test_what_argo_cd_takes_from_git_stays_there(metadata: Object, namespace: Object | None, of_git: bool) -> None:
    assert kept.is_of_git(obj("SeldonDeployment", metadata=metadata), namespace) is of_git


@pytest.mark.parametrize(
    ("labels", "with_v2", "entry"),
    [
        ({"seldon.restricted": "false", "kubernetes.io/metadata.name": "n"}, False, {"name": "n"}),
        (
            {"seldon.gitops": "enabled", "argocdapp": "mine", "argocd.argoproj.io/managed-by": "a", "team": "b"},
            True,
            {"name": "n", "gitops": True, "v2": True, "argocd_app": "mine", "labels": {"team": "b"}},
        ),
        (
            {"pod-security.kubernetes.io/enforce": "privileged", "maistra.io/member-of": "istio-system"},
            False,
            {"name": "n"},
        ),
        ({"example.com/team": "b"}, False, {"name": "n", "labels": {"example.com/team": "b"}}),
    ],
)
def test_a_namespace_is_an_entry_of_the_variable(labels: Object, with_v2: bool, entry: Object) -> None:
    assert kept.entry_of({"metadata": {"name": "n", "labels": labels}}, with_v2) == entry


UNITED = [
    ({"spec": {"a": [1]}}, {"spec": {"a": [1]}}, {"spec": {"a": [1]}}),
    ({"spec": {"a": [1, 2]}}, {"spec": {"a": [2, 3]}}, {"spec": {"a": [1, 2, 3]}}),
    ({"spec": {"a": "x"}}, {"spec": {"a": "y", "b": "z"}}, {"spec": {"a": "x", "b": "z"}}),
    # A role of the project, which has a name of its own, is theirs where it is there.
    (
        {"spec": {"roles": [{"name": "r", "policies": ["new"]}]}},
        {"spec": {"roles": [{"name": "r", "policies": ["old"]}, {"name": "q"}]}},
        {"spec": {"roles": [{"name": "r", "policies": ["new"]}, {"name": "q"}]}},
    ),
    (
        {"spec": {"destinations": [{"name": "c", "namespace": "a"}]}},
        {"spec": {"destinations": [{"name": "c", "namespace": "b"}]}},
        {"spec": {"destinations": [{"name": "c", "namespace": "a"}, {"name": "c", "namespace": "b"}]}},
    ),
    ({"data": {"hosts": "a 1\nb 2\n"}}, {"data": {"hosts": "b 2\nc 3\n"}}, {"data": {"hosts": "a 1\nb 2\nc 3\n"}}),
    ({"data": {"hosts": "a 1\nb 2"}}, {"data": {"hosts": "c 3\n"}}, {"data": {"hosts": "a 1\nb 2\nc 3\n"}}),
    ({}, {"spec": {"a": 1}}, {"spec": {"a": 1}}),
]


@pytest.mark.parametrize(("live", "saved", "whole"), UNITED)
def test_what_others_write_too_gets_what_it_lacks(live: Object, saved: Object, whole: Object) -> None:
    assert kept.united(live, saved) == whole
    assert kept.united(whole, saved) == whole


SERVERS = {"uid": "1", "resourceVersion": "7"}


@pytest.mark.parametrize(
    ("live", "replaces", "action"),
    [
        (None, False, "created"),
        (obj(metadata=SERVERS, data={"a": "1"}), False, "unchanged"),
        (obj(metadata=SERVERS, data={"a": "2"}), False, "differs"),
        (obj(metadata=SERVERS, data={"a": "2"}), True, "updated"),
    ],
)
def test_what_differs_is_replaced_with_consent_only(live: Object | None, replaces: bool, action: str) -> None:
    step = judged(obj(data={"a": "1"}), live, replaces)
    assert step.action == action
    assert step.changes is (action in ("created", "updated"))
    assert step.wanted["data"] == {"a": "1"}
    if action == "updated":
        assert step.wanted["metadata"]["resourceVersion"] == "7"
        assert "MQ" not in json.dumps(step.diff())


def seal(plain: bytes) -> bytes:
    return bytes(255 - byte for byte in plain)


def filled(*pieces: bytes) -> Callable[[Draft], Manifest]:
    def fill(draft: Draft) -> Manifest:
        draft.add_objects("namespaces.yml", {"seldon_model_namespaces": [{"name": "n"}]})
        draft.add_objects("secrets.json", [obj()])
        names = draft.add_pieces(iter(pieces))
        cluster = {"server": "s", "id": "i"}
        return Manifest("id", "m", "1.0.0", cluster, ["n"], {"secrets": 1}, {}, names, dict(draft.files))

    return fill


def test_a_folder_holds_what_was_put_in_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "backup"
    write(path, seal, filled(b"ab" * 3_000_000, b"cd" * 3_000_000))
    backup = opened(path, seal)
    assert backup.objects("secrets") == [obj()]
    assert backup.namespaces() == [{"name": "n"}]
    assert b"".join(backup.dump()) == b"ab" * 3_000_000 + b"cd" * 3_000_000
    assert backup.manifest.database == ["database-0001.sql.gz", "database-0002.sql.gz"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()} == {0o600}
    assert b'"Secret"' not in (path / "secrets.json").read_bytes()


def test_half_a_backup_is_none(tmp_path: Path) -> None:
    def fill(draft: Draft) -> Manifest:
        draft.add("database-0001.sql.gz", b"half")
        raise EngineError("cut")

    with pytest.raises(EngineError, match="cut"):
        write(tmp_path / "backup", seal, fill)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_has_left_goes_with_the_next_backup_of_a_later_day(tmp_path: Path) -> None:
    name, own = ".cluster-20260101-000000Z.4711", ".others"
    for each in (name, own, name.replace("4711", "4712")):
        (tmp_path / each).mkdir()
    for each in (name, own):
        os.utime(tmp_path / each, (0, 0))
    write(tmp_path / "cluster-20260103-000000Z", seal, filled(b"ab"))
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {own, name.replace("4711", "4712"), "cluster-20260103-000000Z"}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def newer(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))


@pytest.mark.parametrize(
    ("name", "damage", "told"),
    [
        ("secrets.json", cut, "secrets.json is not what was written"),
        ("secrets.json", Path.unlink, "secrets.json cannot be read"),
        ("database-0001.sql.gz", cut, "database-0001.sql.gz is not what was written"),
        ("manifest.json", cut, "manifest.json is damaged"),
        ("manifest.json", Path.unlink, "is no backup"),
        ("manifest.json", newer, "has format 2"),
    ],
)
def test_a_damaged_backup_is_not_opened(tmp_path: Path, name: str, damage: Callable[[Path], None], told: str) -> None:
    write(tmp_path / "backup", seal, filled(b"dump"))
    if name == "manifest.json" and damage is cut:
        (tmp_path / "backup" / name).write_text("{")
    else:
        damage(tmp_path / "backup" / name)
    with pytest.raises(BackupUnusable, match=told):
        opened(tmp_path / "backup", seal)


HEAD = b"SET a = 1;\nCREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA x;\nCOMMENT ON EXTENSION plpgsql IS 'x';\n"


@pytest.mark.parametrize("size", [1, 1000, 10_000_000])
def test_a_dump_loses_only_what_a_superuser_may(size: int) -> None:
    rest = b"COPY t (a) FROM stdin;\nrow\n" * 10_000 + b"COMMENT ON EXTENSION plpgsql\n"
    data = gzip.compress(HEAD + rest)
    blocks = [data[start : start + size] for start in range(0, len(data), size)]
    assert b"".join(database.plain(blocks)) == b"SET a = 1;\n\n\n" + rest


def test_a_dump_that_was_cut_is_not_committed() -> None:
    data = gzip.compress(HEAD)[:-4]
    sent = []
    with pytest.raises(EngineError, match="not whole"):
        sent.extend(database.script(database.plain([data]), "id"))
    assert not [block for block in sent if b"COMMIT" in block]


@pytest.mark.parametrize(
    ("answer", "held"),
    [
        ("0\n\n", database.Held(0)),
        ("12\nmine\n", database.Held(12)),
        (f"12\n{database.MARK}ab at 2022-11-28T10:00:00Z\n", database.Held(12, "ab", "2022-11-28T10:00:00Z")),
    ],
)
def test_a_database_says_what_it_holds(answer: str, held: database.Held) -> None:
    assert database.parsed(answer) == held


def test_of_a_failed_program_no_row_is_told() -> None:
    errors = 'ERROR:  duplicate key value violates unique constraint "t_pkey"\nDETAIL:  Key (a)=(zQ1) already exists.\n'
    error = CommandFailed(Container("n", "p", "c"), "the command ended with exit code 3", ended=True, errors=errors)
    assert database.told(error).endswith('exit code 3: ERROR:  duplicate key value violates unique constraint "t_pkey"')
