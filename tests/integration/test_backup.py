"""A backup of a finished cluster, what is lost after it, and what a restoration brings back."""

from __future__ import annotations

import base64
import json
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from sandbox import postgres
from sandbox.kube import Object
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import until

PASSWORD = "correct horse"
PLANTED = {"git": "zQ1-token-of-git", "storage": "zQ2-key-of-storage", "model": "zQ3-environment-of-a-model"}
ROW = "zQ4-a-row-of-the-catalogue"
TABLES = f"""
DROP TABLE IF EXISTS models, schema_migrations; CREATE TABLE models (id serial PRIMARY KEY, note text);
CREATE TABLE schema_migrations (version bigint);
INSERT INTO models (note) VALUES ('{ROW}'), (E'two\\nlines');
INSERT INTO schema_migrations VALUES (7);
"""
needs_postgres = pytest.mark.skipif(postgres.programs() is None, reason="no PostgreSQL (Debian: postgresql)")


def secret(name: str, namespace: str, **data: str) -> Object:
    metadata = {"name": name, "namespace": namespace}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": encoded}


def deployment(name: str) -> Object:
    container = {"name": "classifier", "env": [{"name": "MODE", "value": PLANTED["model"]}]}
    graph = {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": "gs://x"}
    graph["envSecretRefName"] = "storage"
    predictor = {"name": "default", "graph": graph, "componentSpecs": [{"spec": {"containers": [container]}}]}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment"}
    return {**kind, "metadata": {"name": name, "namespace": "seldon"}, "spec": {"predictors": [predictor]}}


def model(name: str) -> Object:
    metadata = {"name": name, "namespace": "seldon", "labels": {"team": "a"}}
    spec = {"storageUri": "gs://x", "secretName": "storage", "requirements": ["sklearn"]}
    return {"apiVersion": "mlops.seldon.io/v1alpha1", "kind": "Model", "metadata": metadata, "spec": spec}


OBJECTS = [
    secret("storage", "seldon", key=PLANTED["storage"]),
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "seldon"},
        "data": {"a": "b"},
    },
    deployment("iris"),
    model("iris-v2"),
]


def database(cluster: Cluster, sql: str, user: str = "postgresql") -> str:
    """Run SQL where the pod's own commands run it."""
    done = subprocess.run(
        [cluster.sandbox.state / "commands/psql", "-qtA", "-v", "ON_ERROR_STOP=1", "metadata"],
        env=cluster.environment()
        | {"POSTGRESQL_USER": "postgresql", "POSTGRESQL_DATABASE": "metadata", "PGUSER": user},
        input=sql,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


class Plays:
    """The two playbooks with a vault password of their own."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.password = self.file("password", PASSWORD)

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def run(self, name: str, *arguments: str, password: Path | None = None, check: bool = True) -> str:
        vault = ["--vault-password-file", str(password or self.password)]
        given = [*self.cluster.values(), *vault, *arguments]
        result = self.cluster.playbook(f"playbooks/{name}.yml", *given, check=check)
        assert check or result.returncode == 2, result.stdout
        return result.stdout

    def restore(self, backup: Path, *arguments: str, password: Path | None = None, check: bool = True) -> str:
        return self.run("restore", "-e", f"backup={backup}", *arguments, password=password, check=check)

    def refused(self, backup: Path, *arguments: str, password: Path | None = None) -> str:
        """Return what a restoration says that must not write anything."""
        said: list[str] = []
        audit = self.cluster.requests(
            lambda: said.append(self.restore(backup, *arguments, password=password, check=False))
        )
        writes = [e["requestURI"] for e in audit if e["verb"] in ("create", "patch", "update", "delete") and is_ours(e)]
        assert [uri for uri in writes if "dryRun" not in uri] == []
        return said[0]


def is_ours(event: Object) -> bool:
    """Tell whether the collection wrote an object; an exec counts as a creation, and asks only."""
    return event.get("userAgent") == "seldon.openshift" and event["objectRef"].get("subresource") != "exec"


@pytest.fixture(scope="module")
def plays(finished_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Plays:
    return Plays(finished_cluster, tmp_path_factory.mktemp("backup"))


@pytest.fixture(scope="module")
def saved(plays: Plays) -> Path:
    """The folder of a backup of what was planted."""
    kube = plays.cluster.kube
    token = base64.b64encode(PLANTED["git"].encode()).decode()
    for name, namespace, key in (
        ("git-creds", "seldon-system", "token"),
        ("seldon-gitops-repository", "seldon-argocd", "password"),
    ):
        kube.patch(secret(name, namespace), {"data": {key: token}})
    for obj in OBJECTS:
        kube.apply(obj)
    until(lambda: ready(plays.cluster), 60)
    if postgres.programs():
        database(plays.cluster, TABLES)
    folder = plays.folder / "backups"
    out = plays.run("backup", "-e", f"backup_dir={folder}", *without_postgres())
    assert "changed=0" in out
    (path,) = folder.iterdir()
    assert str(path) in out
    return path


def without_postgres() -> list[str]:
    return [] if postgres.programs() else ["-e", "backup_database=false"]


def ready(cluster: Cluster) -> bool:
    found = cluster.kube.get("machinelearning.seldon.io/v1", "SeldonDeployment", "iris", "seldon")
    return bool(found and found.get("status", {}).get("state") == "Available")


def content(cluster: Cluster, obj: Object) -> Object:
    """Return what of an object has to be the same after a restoration."""
    metadata = obj["metadata"]
    found = cluster.kube.get(obj["apiVersion"], obj["kind"], metadata["name"], metadata["namespace"])
    assert found, metadata
    parts = {key: found.get(key) for key in ("spec", "data", "type")}
    return {**parts, "labels": found["metadata"].get("labels")}


def test_nothing_is_read_without_a_vault_password(plays: Plays) -> None:
    cluster, said = plays.cluster, list[str]()
    command = ("playbooks/backup.yml", "-e", "backup_dir=/nowhere/b")
    events = cluster.requests(lambda: said.append(cluster.playbook(*command, check=False).stdout))
    ours = [event["objectRef"].get("resource") for event in events if event.get("userAgent") == "seldon.openshift"]
    assert "secrets" not in ours
    assert "this run has no vault password" in said[0]
    assert "--vault-password-file" in said[0]


def test_check_mode_writes_no_backup(plays: Plays) -> None:
    folder = plays.folder / "none"
    plays.run("backup", "-e", f"backup_dir={folder}", "--check", *without_postgres())
    assert not folder.exists()


def test_only_its_owner_and_the_password_open_it(saved: Path, plays: Plays) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o700
    files = {path.name: path for path in saved.iterdir()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    values = [*PLANTED.values(), ROW]
    hidden = [*values, *(base64.b64encode(value.encode()).decode() for value in values)]
    for name, path in files.items():
        text = path.read_text()
        assert not [value for value in hidden if value in text], name
        assert name == "manifest.json" or text.startswith("$ANSIBLE_VAULT;1."), name
    vault = ["--vault-password-file", str(plays.password)]
    shown = subprocess.run(
        ["ansible-vault", "view", *vault, files["secrets.json"]],
        env=plays.cluster.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    names = {(obj["metadata"]["namespace"], obj["metadata"]["name"]) for obj in json.loads(shown.stdout)}
    assert names == {("seldon-system", "git-creds"), ("seldon", "storage"), ("seldon", "settings")}


@needs_postgres
def test_a_dump_that_fails_leaves_no_half_backup(plays: Plays) -> None:
    program = plays.cluster.sandbox.state / "commands/pg_dump"
    before, folder = program.read_text(), plays.folder / "half"
    program.write_text("#!/bin/sh\nhead -c 100000 /dev/zero\necho 'pg_dump: error: out of memory' >&2\nexit 1\n")
    try:
        out = plays.run("backup", "-e", f"backup_dir={folder}", check=False)
    finally:
        program.write_text(before)
    assert "the database could not be dumped" in out
    assert "pg_dump: error: out of memory" in out
    assert list(folder.iterdir()) == []


def test_what_cannot_be_restored_is_refused_before_the_first_write(saved: Path, plays: Plays) -> None:
    damaged = plays.folder / "damaged"
    shutil.copytree(saved, damaged)
    (damaged / "models.json").write_bytes((saved / "models.json").read_bytes()[:-50])
    assert "models.json is not what was written" in plays.refused(damaged)
    wrong = plays.file("wrong", "battery staple")
    assert "cannot be decrypted by the vault passwords" in plays.refused(saved, password=wrong)
    manifest = json.loads((saved / "manifest.json").read_text())
    newer, elsewhere = plays.folder / "newer", plays.folder / "elsewhere"
    for folder, part in ((newer, {"format": 2}), (elsewhere, {"cluster": {"server": "https://x", "id": "other"}})):
        shutil.copytree(saved, folder)
        (folder / "manifest.json").write_text(json.dumps({**manifest, **part}))
    assert "has format 2" in plays.refused(newer)
    assert "-e restore_other_cluster=true" in plays.refused(elsewhere)
    assert "is no backup" in plays.refused(plays.folder)


def test_what_was_lost_comes_back(saved: Path, plays: Plays) -> None:
    cluster, kube = plays.cluster, plays.cluster.kube
    kept = [*OBJECTS, secret("git-creds", "seldon-system"), secret("seldon-gitops-repository", "seldon-argocd")]
    before = [content(cluster, obj) for obj in kept]
    for obj in reversed(kept):
        kube.delete(obj)
    until(lambda: kube.get("mlops.seldon.io/v1alpha1", "Model", "iris-v2", "seldon") is None, 60)
    if postgres.programs():
        database(cluster, "DROP TABLE models;")
    foreseen = plays.restore(saved, "--check", "--diff")
    assert not [value for value in PLANTED.values() if value in foreseen and value != PLANTED["model"]]
    assert kube.get("v1", "Secret", "storage", "seldon") is None
    out = plays.restore(saved)
    assert "restored from the backup of" in out
    assert [content(cluster, obj) for obj in kept] == before
    assert ready(cluster)
    if postgres.programs():
        assert database(cluster, "SELECT note FROM models ORDER BY id;") == f"{ROW}\ntwo\nlines\n"
        assert database(cluster, "INSERT INTO models (note) VALUES ('x') RETURNING id;").strip() == "3"
    again = plays.cluster.playbook(
        "playbooks/restore.yml",
        *cluster.values(),
        *("--vault-password-file", str(plays.password), "-e", f"backup={saved}"),
    )
    assert recap(again)["changed"] == 0
    assert "the database as it is since an earlier run" in again.stdout or not postgres.programs()


@needs_postgres
def test_what_differs_is_replaced_with_consent_only(saved: Path, plays: Plays) -> None:
    cluster, kube = plays.cluster, plays.cluster.kube
    kube.patch(OBJECTS[1], {"data": {"a": "changed"}})
    database(cluster, "COMMENT ON DATABASE metadata IS NULL; UPDATE models SET note = 'changed';")
    said = plays.refused(saved)
    assert "ConfigMap seldon/settings" in said
    assert re.search(r"The database holds data \([23] rows\)", said)
    plays.restore(saved, "-e", "restore_objects=replace", "-e", "restore_database=replace")
    assert content(cluster, OBJECTS[1])["data"] == {"a": "b"}
    assert database(cluster, "SELECT count(*) FROM models WHERE note = 'changed';").strip() == "0"


@needs_postgres
def test_a_dump_that_is_refused_changes_nothing(saved: Path, plays: Plays) -> None:
    """A table of somebody else has the name of one of the dump: what was dropped and made before it is taken back."""
    cluster = plays.cluster
    database(cluster, "ALTER TABLE models RENAME TO kept;")
    database(cluster, "CREATE TABLE models (x int);", user="postgres")
    out = plays.restore(saved, "-e", "restore_database=replace", check=False)
    assert "the database is as it was" in out
    assert 'ERROR:  relation "models" already exists' in out
    assert database(cluster, "SELECT count(*) FROM kept;").strip() == "2"
