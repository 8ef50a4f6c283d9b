"""The checks of the database and of Argo CD, over Secrets and objects that no cluster has to be broken for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks import gitops, postgresql
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.kept import secret_of
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import APP_PROJECT, CONFIG_MAP
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference

from tests.pems import pair

SYSTEM, ARGOCD = "seldon-system", "seldon-argocd"
DATABASE = {"namespace": SYSTEM, "secret": "metadata-postgres", "service": "metadata"}
ELSEWHERE = {
    "user": "u",
    "password": "p",
    "host": "db.example.com",
    "port": "5432",
    "dbname": "d",
    "sslmode": "verify-full",
}
HTTPS, SSH = "https://git.example.com/acme/models", "git@git.example.com:acme/models"
AUTHOR = {"username": "seldon", "email": "seldon@example.com"}


class Seen:
    """A cluster that holds these objects."""

    def __init__(self, *objects: Object) -> None:
        self.objects = objects

    def get(self, wanted: Reference) -> Object | None:
        return next((obj for obj in self.objects if Reference.of(obj) == wanted), None)


def statuses(chapter: Any, name: str, settings: dict[str, Any], *objects: Object) -> dict[str, str]:
    """Return what a check says: status by subject."""
    (check,) = (each for each in chapter.CHECKS if each.name == name)
    findings = list(check.judge(Seen(*objects), settings))
    assert all(finding.do for finding in findings if finding.status in ("fail", "warn"))
    return {finding.subject: f"{finding.status}: {finding.seen}" for finding in findings}


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("metadata.seldon-system.svc.cluster.local", (SYSTEM, "metadata")),
        ("pg.databases.svc", ("databases", "pg")),
        ("metadata", (SYSTEM, "metadata")),
        ("db.example.com", None),
        ("db.example", None),
        ("", None),
    ],
)
def test_which_service_a_host_is(host: str, place: tuple[str, str] | None) -> None:
    assert postgresql._service(host, SYSTEM) == place


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "pass: has user"),
        ({"password": " "}, "fail: no value for password"),
        ({"sslmode": "yes"}, "fail: sslmode is not one of"),
        ({"port": "http"}, "fail: port is not a number"),
        ({"user": "me", "password": "me"}, "warn: the password is easily guessed"),
    ],
)
def test_the_databases_secret(changes: dict[str, str], said: str) -> None:
    secret = secret_of("metadata-postgres", SYSTEM, {**ELSEWHERE, **changes}, {})
    (seen,) = statuses(postgresql, "postgresql.secret", DATABASE, secret).values()
    assert seen.startswith(said)


def test_a_database_elsewhere_is_not_judged() -> None:
    secret = secret_of("metadata-postgres", SYSTEM, ELSEWHERE, {})
    for check in ("postgresql.password", "postgresql.database", "postgresql.address"):
        assert all(said.startswith("skipped") for said in statuses(postgresql, check, DATABASE, secret).values())


def settings(repository: str) -> dict[str, Any]:
    return {
        "namespace": ARGOCD,
        "project": "seldon",
        "namespaces": ["team-a"],
        "repository": repository,
        "key": "token" if repository.startswith("https") else "id_rsa",
        "credentials_namespace": SYSTEM,
        "credentials": "git-creds",
        "repository_secret": "repo",
        "known_hosts": "",
        "host": "h",
        "trusted_ca": "",
        "placeholders": {"username": "made-up", "email": "made-up@localhost"},
    }


@pytest.mark.parametrize(
    ("repository", "ours", "theirs", "credentials", "read"),
    [
        (HTTPS, {"token": "t"}, {"password": "t"}, "pass: has username, email and token", f"pass: opens {HTTPS}"),
        (HTTPS, {"token": "t"}, {"password": "x"}, "pass", "fail: has other credentials"),
        (HTTPS, {"id_rsa": "k"}, {"password": "t"}, "warn: has id_rsa, which does not open", "fail: has other"),
        (HTTPS, {}, {}, "warn: without credentials", "warn: without credentials"),
        (HTTPS, {"token": "t", "username": "made-up"}, {"password": "t"}, "warn: commits have a made-up", "pass"),
        (HTTPS, {"token": "t", "email": ""}, {"password": "t"}, "fail: no value for email", "pass"),
        (SSH, {"id_rsa": "k"}, {"sshPrivateKey": "k"}, "pass", "pass"),
        (SSH, {"id_rsa": "k", "passphrase": "p"}, {"sshPrivateKey": "k"}, "pass", "fail: its key has a passphrase"),
        (SSH, {"id_rsa": "k", "passphrase": "p"}, {"sshPrivateKey": "own"}, "pass", "pass"),
    ],
)
def test_credentials_of_one_kind_for_seldon_deploy_and_argo_cd(
    repository: str, ours: dict[str, str], theirs: dict[str, str], credentials: str, read: str
) -> None:
    here = secret_of("git-creds", SYSTEM, {**AUTHOR, **ours}, {})
    there = secret_of("repo", ARGOCD, {"type": "git", "url": repository, **theirs}, {gitops.TYPE: "repository"})
    for check, said in (("gitops.credentials", credentials), ("gitops.repository", read)):
        (seen,) = statuses(gitops, check, settings(repository), here, there).values()
        assert seen.startswith(said)


@pytest.mark.parametrize(
    ("known", "given", "said"),
    [
        ("h ssh-rsa A\nb ssh-rsa B\n", "", "pass"),
        ("b ssh-rsa B\n", "", "fail: lacks host keys"),
        # Of several keys Argo CD heeds the first.
        ("h ssh-rsa B\nh ssh-rsa A\n", "", "fail: lacks host keys"),
        # A new key that site.yml has not written yet.
        ("h ssh-rsa A\n", "h ssh-rsa NEW", "fail: lacks host keys"),
        ("h ssh-rsa NEW\n", "h ssh-rsa NEW", "pass"),
        (None, "", "fail: lacks host keys"),
    ],
)
def test_argo_cd_knows_the_host_of_a_repository_by_ssh(known: str | None, given: str, said: str) -> None:
    ours = secret_of("git-creds", SYSTEM, {**AUTHOR, "id_rsa": "k", "known_hosts": "# h\nh ssh-rsa A\n"}, {})
    config_map = CONFIG_MAP.named("argocd-ssh-known-hosts-cm", ARGOCD).bare()
    hosts = [{**config_map, "data": {"ssh_known_hosts": known}}] if known else []
    asked = {**settings(SSH), "known_hosts": given}
    (seen,) = statuses(gitops, "gitops.host_keys", asked, ours, *hosts).values()
    assert seen.startswith(said)


GIVEN, SOON = pair().certificate, pair(days=9).certificate


@pytest.mark.parametrize(
    ("given", "data", "said"),
    [
        ("", {}, "skipped: no authority was given"),
        (GIVEN, {}, "fail: lacks 1 of the certificates that were given for h"),
        (GIVEN, {"other": GIVEN}, "fail: lacks 1"),
        (GIVEN, {"h": SOON + GIVEN}, "pass: holds until"),
        (GIVEN + SOON, {"h": SOON + GIVEN}, "warn: expires in 8 days"),
    ],
    ids=["none", "no key", "another host", "there", "soon"],
)
def test_argo_cd_trusts_the_authorities_that_were_given(given: str, data: dict[str, str], said: str) -> None:
    config_map = {**CONFIG_MAP.named("argocd-tls-certs-cm", ARGOCD).bare(), "data": data}
    (seen,) = statuses(gitops, "gitops.trusted_ca", {**settings(HTTPS), "trusted_ca": given}, config_map).values()
    assert seen.startswith(said)


@pytest.mark.parametrize(("repository", "said"), [(HTTPS, "is not opened by ssh"), (SSH, "no host keys were given")])
def test_where_no_host_keys_are_wanted_none_are_missed(repository: str, said: str) -> None:
    (seen,) = statuses(gitops, "gitops.host_keys", settings(repository)).values()
    assert seen.startswith("skipped")
    assert said in seen


@pytest.mark.parametrize(("kept", "said"), [(True, "pass: has a login of its own"), (False, "fail: has other cred")])
def test_a_login_that_was_there_before_us_stays(kept: bool, said: str) -> None:
    ours = secret_of("git-creds", SYSTEM, {**AUTHOR, "token": "t"}, {})
    theirs = {"type": "git", "url": HTTPS, "password": "x"}
    there = secret_of("repo", ARGOCD, theirs, {gitops.TYPE: "repository"})
    before = [secret_of("repo-before-seldon", ARGOCD, theirs, {})] if kept else []
    (seen,) = statuses(gitops, "gitops.repository", settings(HTTPS), ours, there, *before).values()
    assert seen.startswith(said)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"destinations": [{"namespace": "team-*", "server": "*"}], "sourceRepos": ["*"]}, "pass"),
        ({"destinations": [{"namespace": "team-a", "name": "in-cluster"}], "sourceRepos": [HTTPS]}, "pass"),
        (
            {"destinations": [{"namespace": "b", "server": "*"}], "sourceRepos": ["*"]},
            "fail: does not permit the namespace team-a",
        ),
        ({"destinations": [{"namespace": "*", "server": "*"}], "sourceRepos": [SSH]}, "fail: does not permit https"),
    ],
)
def test_a_project_admits_by_patterns(spec: Object, said: str) -> None:
    project = {**APP_PROJECT.named("seldon", ARGOCD).bare(), "spec": spec}
    (seen,) = statuses(gitops, "gitops.project", settings(HTTPS), project).values()
    assert seen.startswith(said)
