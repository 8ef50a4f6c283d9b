"""The role postgresql on a cluster: three kinds of database, one password, and the way out."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.modules import seldon_credentials

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import available, deployment, make
from tests.integration.cluster import Cluster, recap
from tests.integration.engine import Result, run
from tests.integration.helpers import decoded, eventually, until
from tests.plays import play_of

SECRET = ("v1", "Secret")
CONFIG = ("apps.openshift.io/v1", "DeploymentConfig")
INSTANCE = ("template.openshift.io/v1", "TemplateInstance")
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


class Database:
    """The role's entry points for one namespace, which stands for a cluster of its own."""

    def __init__(self, cluster: Cluster, folder: Path, namespace: str) -> None:
        self.cluster, self.kube, self.folder, self.namespace = cluster, cluster.kube, folder, namespace
        self.kube.apply(make("v1", "Namespace", namespace))

    def play(self, *entries: str) -> str:
        """Return the path of a play that imports the entry points."""
        return play_of(self.folder / f"{'-'.join(entries)}.json", "postgresql", *entries)

    def site(self, *options: str, check: bool = True, **given: Any) -> subprocess.CompletedProcess[str]:
        """Do what site.yml does; values never show on the command line."""
        return self._run(self.play("main", "wait"), *options, check=check, **given)

    def remove(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Take the role's work out."""
        return self._run(self.play("remove"), *options)

    def _run(self, play: str, *options: str, check: bool = True, **given: Any) -> subprocess.CompletedProcess[str]:
        file = self.folder / "given.json"
        values = {f"postgresql_{name}": value for name, value in given.items()}
        file.write_text(json.dumps({"seldon_system_namespace": self.namespace, **values}))
        return self.cluster.playbook(play, "-e", f"@{file}", *options, check=check)

    def secret(self, name: str = "metadata-postgres") -> dict[str, str]:
        """Return a Secret's values."""
        found = self.kube.get(*SECRET, name, self.namespace)
        return {key: decoded(found, key) for key in (found or {}).get("data", {})}

    def reader(self) -> Object:
        """Let a seldon-deploy run that reads the Secret."""
        reader = deployment("seldon-deploy", self.namespace, selector={"a": "b"}, containers={"c": [80]})
        key = {"secretKeyRef": {"name": "metadata-postgres", "key": "password"}}
        reader["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "PASSWORD", "valueFrom": key}]
        self.kube.apply(reader)
        until(lambda: available(self.kube.get("apps/v1", "Deployment", "seldon-deploy", self.namespace)))
        return reader

    def restarted(self, api_version: str = "apps/v1", kind: str = "Deployment", name: str = "seldon-deploy") -> str:
        """Return when a workload was asked to start again."""
        found = self.kube.get(api_version, kind, name, self.namespace) or {}
        return found["spec"]["template"]["metadata"].get("annotations", {}).get(RESTARTED_AT, "")


@pytest.fixture(scope="module")
def databases(empty_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Make the database of a namespace by its name; each is used by one test or a row of them."""
    made: dict[str, Database] = {}

    def database(namespace: str) -> Database:
        if namespace not in made:
            made[namespace] = Database(empty_cluster, tmp_path_factory.mktemp(namespace), namespace)
        return made[namespace]

    return database


def changed(result: subprocess.CompletedProcess[str]) -> int:
    return recap(result)["changed"]


def test_the_guides_database_with_a_password_that_is_made_up_once(databases: Any) -> None:
    there = databases("template")
    tried = there.site("--check", "--diff")
    assert (changed(tried), there.secret()) == (2, {})
    first = there.site("-vvv", "--diff")
    kept = there.secret()
    password = kept.pop("password")
    assert kept == {
        "user": "postgresql",
        "host": "metadata.template.svc.cluster.local",
        "port": "5432",
        "dbname": "metadata",
        "sslmode": "prefer",
    }
    assert len(password) == 32
    assert there.secret("metadata") == {
        "database-user": "postgresql",
        "database-password": password,
        "database-name": "metadata",
    }
    config = there.kube.get(*CONFIG, "metadata", "template")
    assert config["status"]["availableReplicas"] == 1
    assert {"Service", "PersistentVolumeClaim"} <= {
        kind for kind in ("Service", "PersistentVolumeClaim") if there.kube.get("v1", kind, "metadata", "template")
    }
    assert changed(there.site("--diff")) == 0
    assert there.secret()["password"] == password
    shown = [first.stdout, first.stderr]
    shown += [json.dumps(each["metadata"]) for each in there.kube.list(*SECRET, "template")]
    shown += [json.dumps(each) for kind in (INSTANCE, CONFIG) for each in there.kube.list(*kind, "template")]
    assert not [text for text in shown if password in text]


def test_a_given_password_wins_and_reaches_the_database_and_its_readers(databases: Any) -> None:
    there = databases("template")
    if not there.secret():
        there.site()
    there.reader()
    before = there.kube.get(*CONFIG, "metadata", "template")["status"]["latestVersion"]
    result = there.site(password="from a vault")
    assert "from a vault" not in result.stdout + result.stderr
    assert there.secret()["password"] == there.secret("metadata")["database-password"] == "from a vault"
    assert there.secret("metadata-postgres-parameters")["POSTGRESQL_PASSWORD"] == "from a vault"
    assert there.restarted()
    assert there.restarted(*CONFIG, "metadata")
    eventually(lambda: there.kube.get(*CONFIG, "metadata", "template")["status"]["latestVersion"] > before, True)
    # Not given, it is kept; and where it is lost, the database has it.
    there.kube.delete(there.kube.get(*SECRET, "metadata-postgres", "template"))
    there.site()
    assert there.secret()["password"] == "from a vault"


def test_a_failed_template_says_why_and_what_to_type(databases: Any) -> None:
    there = databases("taken")
    spec = {"ports": [{"port": 5432}], "selector": {"a": "b"}}
    there.kube.apply(make("v1", "Service", "metadata", "taken", spec=spec))
    result = there.site(check=False)
    assert result.returncode != 0
    assert "already exists" in result.stdout + result.stderr
    assert "delete it and create it again" in result.stdout + result.stderr

    # Nothing is deleted that is not the template's; without it, the failed instance is made again.
    blocked = there.site(check=False)
    assert "oc delete service metadata -n taken; oc delete templateinstance" in " ".join(blocked.stderr.split())
    there.kube.delete(make("v1", "Service", "metadata", "taken"))
    left_alone = there.site("-e", "seldon_repair=false", check=False)
    assert (left_alone.returncode != 0, changed(left_alone)) == (True, 0)
    repaired = there.site()
    assert "Repaired: recreated TemplateInstance taken/metadata" in " ".join(repaired.stderr.split())
    assert there.kube.get(*CONFIG, "metadata", "taken")["status"]["availableReplicas"] == 1
    there.site()
    assert changed(there.site()) == 0


def test_without_the_template_the_role_brings_its_own_manifest(databases: Any) -> None:
    """What was made in a mode stays in it, and nothing of it needs a fixed user."""
    there = databases("manifest")
    there.site(mode="manifest", storage_size="2Gi")
    database = there.kube.get("apps/v1", "Deployment", "metadata", "manifest")
    container = database["spec"]["template"]["spec"]["containers"][0]
    assert container["image"].startswith("registry.redhat.io/")
    assert {each["name"]: each["valueFrom"]["secretKeyRef"] for each in container["env"]} == {
        "POSTGRESQL_USER": {"name": "metadata-postgres", "key": "user"},
        "POSTGRESQL_PASSWORD": {"name": "metadata-postgres", "key": "password"},
        "POSTGRESQL_DATABASE": {"name": "metadata-postgres", "key": "dbname"},
    }
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert "runAsUser" not in json.dumps(database)
    assert available(database)
    claim = there.kube.get("v1", "PersistentVolumeClaim", "metadata", "manifest")
    assert (claim["spec"]["resources"]["requests"]["storage"], claim["status"]["phase"]) == ("2Gi", "Bound")
    password = there.secret()["password"]

    assert changed(there.site(storage_size="2Gi", memory_limit="1Gi")) == 1
    assert there.kube.get(*INSTANCE, "metadata", "manifest") is None
    assert there.secret()["password"] == password

    # Typed like this it is a text, which is not true for not being empty.
    kept = there.remove("-e", "postgresql_remove_data=false")
    assert (changed(kept), there.secret()["password"]) == (0, password)
    assert available(there.kube.get("apps/v1", "Deployment", "metadata", "manifest"))
    assert "postgresql_remove_data=true" in kept.stdout
    there.remove("-e", "postgresql_remove_data=true")
    assert there.kube.get("apps/v1", "Deployment", "metadata", "manifest") is None
    for kind in ("PersistentVolumeClaim", "Service", "Secret"):
        assert not [each for each in there.kube.list("v1", kind, "manifest") if "metadata" in each["metadata"]["name"]]


def test_a_database_elsewhere_with_its_certificate_checked(databases: Any) -> None:
    there = databases("external")
    given = {"host": "db.example.com", "user": "seldon", "password": "first", "sslmode": "verify-full"}
    there.site(**given)
    assert there.secret() == {
        "user": "seldon",
        "password": "first",
        "host": "db.example.com",
        "port": "5432",
        "dbname": "metadata",
        "sslmode": "verify-full",
    }
    assert [each["metadata"]["name"] for each in there.kube.list("apps/v1", "Deployment", "external")] == []
    there.reader()
    assert there.restarted() == ""
    there.site(**{**given, "password": "second"})
    assert there.secret()["password"] == "second"
    assert there.restarted()
    # Without any value, what was wired stays wired.
    assert changed(there.site()) == 0
    assert there.secret()["host"] == "db.example.com"


def test_a_secret_of_somebody_else_stays(databases: Any) -> None:
    there = databases("foreign")
    theirs = {"user": "u", "password": "p", "host": "db.example.com", "port": "1", "dbname": "d", "sslmode": "require"}
    there.kube.apply(make("v1", "Secret", "metadata-postgres", "foreign", stringData=theirs))
    assert changed(there.site()) == 0
    refused = there.site(mode="manifest", check=False)
    assert refused.returncode != 0
    assert "not managed by this collection" in " ".join(refused.stdout.split())
    assert there.secret() == theirs
    assert there.kube.get("apps/v1", "Deployment", "metadata", "foreign") is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"host": "db.example.com"}, "postgresql_password is missing"),
        ({"mode": "external"}, "postgresql_host is missing"),
        ({"sslmode": "verify-full"}, "-e postgresql_sslmode=prefer"),
    ],
)
def test_what_can_not_work_is_refused_before_the_first_write(databases: Any, given: dict[str, Any], told: str) -> None:
    there = databases("refused")
    result = there.site(check=False, **given)
    assert result.returncode != 0
    assert told in " ".join((result.stdout + result.stderr).split())
    assert (there.secret(), there.kube.list("apps/v1", "Deployment", "refused")) == ({}, [])


def test_of_many_runs_at_once_one_makes_the_password_up(empty_cluster: Cluster) -> None:
    """None of them goes on with a password that is not the database's."""
    kube: Kube = empty_cluster.kube
    kube.apply(make("v1", "Namespace", "crowd"))
    results: list[Result] = []
    start = threading.Barrier(8)

    def write() -> None:
        start.wait()
        copy = {"name": "copy", "namespace": "crowd", "keys": {"PASSWORD": "password"}}
        given = {"name": "kept", "namespace": "crowd", "values": {"user": "u"}, "generate": ["password"]}
        results.append(run(seldon_credentials, empty_cluster, copies=[copy], **given))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result["msg"] for result in results if result.get("failed")] == []
    assert [result["generated"] for result in results].count(["password"]) == 1
    password = decoded(kube.get(*SECRET, "kept", "crowd"), "password")
    assert (decoded(kube.get(*SECRET, "copy", "crowd"), "PASSWORD"), len(password)) == (password, 32)
    assert password not in json.dumps(results)
