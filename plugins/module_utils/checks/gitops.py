# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role gitops. Applications and rights in a namespace are those of model_namespace.

Settings: `operators` (none for an Argo CD of others), `argocd` (its name, or none), `namespace`, `project`,
`namespaces` (which it deploys to), `repository`, `key` (of the credential that opens it: token or id_rsa),
`credentials_namespace` and `credentials` (the Secret of Seldon Deploy), `repository_secret` (that of Argo CD),
`known_hosts` (the host keys that were given, or none), `host` (of a repository at https://, or none), `trusted_ca` (the
authorities that were given for it, or none), `placeholders` (the made-up author).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ..apply import previous
from ..apply.ownership import owned_fields
from ..kube.kinds import APP_PROJECT, ARGOCD, CONFIG_MAP, DEPLOYMENT, ROUTE, SECRET, STATEFUL_SET
from ..kube.objects import Object, section
from ..kube.secrets import decoded
from ..shared import known_hosts, tls_certificates
from ..shared.gitops_project import THIS_CLUSTER, destinations, source_repos
from .applied import applied_check
from .certificates import authorities_finding
from .model import Check, Finding, failed, judged, passed, skipped, warned
from .observed import Observed
from .operators import operators_check
from .workloads import rollouts

Settings = Mapping[str, Any]

MEND = "ansible-playbook seldon.openshift.site --tags gitops"
TYPE = "argocd.argoproj.io/secret-type"
# Where Argo CD's Secret has what Seldon Deploy's has under `key`.
THEIRS = {"token": "password", "id_rsa": "sshPrivateKey"}


def _argocd(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    namespace, name = settings["namespace"], settings["argocd"]
    if not name:
        yield skipped(f"Argo CD in {namespace}", "not installed by an operator: it has no status to check")
        return
    subject, look = f"ArgoCD {namespace}/{name}", f"oc describe argocd {name} -n {namespace}"
    exists = cluster.get(ARGOCD.named(name, namespace))
    yield judged(subject, cluster.state(ARGOCD.named(name, namespace)), look if exists else MEND)
    if exists and section(exists, "spec", "server", "route").get("enabled"):
        route = f"{name}-server"
        do = f"oc describe route {route} -n {namespace}"
        yield judged(f"Route {namespace}/{route}", cluster.state(ROUTE.named(route, namespace)), do)


def _components(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    namespace, name = settings["namespace"], settings["argocd"]
    for kind in (DEPLOYMENT, STATEFUL_SET):
        names = [
            workload["metadata"]["name"]
            for workload in cluster.list(kind, namespace)
            if ("ArgoCD", name)
            in [(owner["kind"], owner["name"]) for owner in workload["metadata"].get("ownerReferences") or []]
        ]
        yield from rollouts(cluster, kind, namespace, names)


def _project(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    namespace, name = settings["namespace"], settings["project"]
    subject = f"AppProject {namespace}/{name}"
    project = cluster.get(APP_PROJECT.named(name, namespace))
    if project is None:
        yield failed(subject, "does not exist", MEND)
        return
    shut = [ns for ns in settings["namespaces"] if not _admits(destinations(project), ns)]
    repository = settings["repository"]
    if shut:
        yield failed(subject, f"does not permit the namespace {', '.join(shut)}", MEND)
    elif repository and not any(fnmatchcase(repository, pattern) for pattern in source_repos(project)):
        yield failed(subject, f"does not permit {repository}", MEND)
    else:
        where = ", ".join(settings["namespaces"]) or "no namespace yet"
        yield passed(subject, f"deploys to {where}, from {repository or 'no repository yet'}")


def _admits(places: list[dict[str, Any]], namespace: str) -> bool:
    return any(
        fnmatchcase(namespace, place.get("namespace") or "")
        and (fnmatchcase(THIS_CLUSTER, place.get("server") or "") or place.get("name") == "in-cluster")
        for place in places
    )


def _credentials(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    namespace, name, key = settings["credentials_namespace"], settings["credentials"], settings["key"]
    subject = f"Secret {namespace}/{name}"
    secret = cluster.get(SECRET.named(name, namespace))
    values = decoded(secret)
    if secret is None:
        yield failed(subject, "does not exist", MEND)
    elif empty := [each for each in ("username", "email") if not values.get(each, "").strip()]:
        yield failed(subject, f"no value for {', '.join(empty)}", MEND)
    elif not values.get(key, "").strip():
        other = [each for each in THEIRS if each != key and values.get(each)]
        seen = f"has {other[0]}, which does not open {settings['repository']}" if other else "without credentials"
        yield warned(subject, f"{seen}: Seldon Deploy cannot write", f"{MEND} -e @git.yml --ask-vault-pass")
    elif made_up := [each for each, value in settings["placeholders"].items() if values[each] == value]:
        do = f"{MEND} -e gitops_username=... -e gitops_email=..."
        yield warned(subject, f"commits have a made-up {' and '.join(made_up)}", do)
    else:
        yield passed(subject, f"has username, email and {key}")


def _is_adopted(cluster: Observed, secret: Object, key: str) -> bool:
    """Say whether another client made the Secret and its value of `key`, which we have not written since."""
    fields = owned_fields(secret) or {}
    return f"f:{key}" not in (fields.get("f:data") or {}) and cluster.get(previous.reference(secret)) is not None


def _repository(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    namespace, name, key = settings["namespace"], settings["repository_secret"], settings["key"]
    subject, repository = f"Secret {namespace}/{name}", settings["repository"]
    if not repository:
        yield skipped(subject, "no repository is set (seldon_git_repository)")
        return
    secret = cluster.get(SECRET.named(name, namespace))
    values = decoded(secret)
    ours = decoded(cluster.get(SECRET.named(settings["credentials"], settings["credentials_namespace"])))
    if secret is None:
        yield failed(subject, "does not exist", MEND)
    elif section(secret, "metadata", "labels").get(TYPE) != "repository":
        yield failed(subject, f"has no label {TYPE}=repository: Argo CD ignores it", MEND)
    elif values.get("url") != repository:
        yield failed(subject, f"is for {values.get('url') or 'no address'} instead of {repository}", MEND)
    elif not values.get(THEIRS[key]):
        yield warned(subject, f"without credentials: Argo CD reads {repository} only if it is public", MEND)
    elif values[THEIRS[key]] != ours.get(key) and _is_adopted(cluster, secret, THEIRS[key]):
        yield passed(subject, "has a login of its own, which this collection did not write")
    elif values[THEIRS[key]] != ours.get(key) and not ours.get("passphrase"):
        yield failed(subject, "has other credentials than Seldon Deploy", MEND)
    elif values[THEIRS[key]] == ours.get(key) and ours.get("passphrase"):
        yield failed(
            subject, "its key has a passphrase, which Argo CD does not support", f"{MEND} -e @git.yml --ask-vault-pass"
        )
    else:
        yield passed(subject, f"opens {repository}")


def _host_keys(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge the list that Argo CD reads: by the keys that were given, else by those that Seldon Deploy has."""
    config_map = CONFIG_MAP.named(known_hosts.NAME, settings["namespace"])
    kept = decoded(cluster.get(SECRET.named(settings["credentials"], settings["credentials_namespace"])))
    keys = known_hosts.entries(settings["known_hosts"]) or known_hosts.entries(kept.get("known_hosts", ""))
    subject, repository = f"ConfigMap {settings['namespace']}/{known_hosts.NAME}", settings["repository"]
    if settings["key"] != "id_rsa" or not repository:
        yield skipped(subject, f"{repository or 'no repository'} is not opened by ssh")
    elif not keys:
        yield skipped(subject, "no host keys were given (gitops_ssh_known_hosts)")
    elif lacking := known_hosts.missing(cluster.get(config_map), "\n".join(keys)):
        named = ", ".join(" ".join(line.split()[:2]) for line in lacking)
        yield failed(subject, f"lacks host keys of {repository}, or has another one before them: {named}", MEND)
    else:
        yield passed(subject, f"has the host keys of {repository}")


def _trusted_ca(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge whether Argo CD trusts the authorities that were given, and how long they hold."""
    subject, host = f"ConfigMap {settings['namespace']}/{tls_certificates.NAME}", settings["host"]
    if not settings["trusted_ca"] or not host:
        yield skipped(subject, "no authority was given for a repository at https:// (gitops_trusted_ca)")
        return
    config_map = cluster.get(CONFIG_MAP.named(tls_certificates.NAME, settings["namespace"]))
    if lacking := tls_certificates.missing(config_map, host, settings["trusted_ca"]):
        yield failed(subject, f"lacks {len(lacking)} of the certificates that were given for {host}", MEND)
    else:
        yield authorities_finding(subject, settings["trusted_ca"], MEND)


CHECKS: tuple[Check, ...] = (
    operators_check("gitops"),
    applied_check(
        "gitops",
        "Argo CD's rights and login are settings of this object alone.",
    ),
    Check(
        "gitops.argocd",
        "Argo CD is ready and its Route is admitted",
        "Without it, nothing is deployed from Git. Its phase alone can be Available while no pod runs.",
        _argocd,
    ),
    Check(
        "gitops.components",
        "Pods of every Argo CD component are ready",
        "Without one of them, nothing is deployed from Git.",
        _components,
    ),
    Check(
        "gitops.project",
        "The AppProject permits the repository and every GitOps namespace",
        "Argo CD refuses an Application that its project does not permit.",
        _project,
    ),
    Check(
        "gitops.credentials",
        "Seldon Deploy has credentials and an author for its commits to Git",
        "Without user name and email it does not start; without credentials no deployment is saved.",
        _credentials,
    ),
    Check(
        "gitops.repository",
        "Argo CD has the same repository and credentials as Seldon Deploy",
        "Argo CD must be able to read what Seldon Deploy writes.",
        _repository,
    ),
    Check(
        "gitops.host_keys",
        "Argo CD has the SSH host keys of the repository",
        "Without them, or with another key of the host before them, it reads nothing from the repository.",
        _host_keys,
    ),
    Check(
        "gitops.trusted_ca",
        "Argo CD trusts the authorities that were given for the repository's host",
        "Without them, it reads nothing from a Git server whose certificate an authority of your own has issued.",
        _trusted_ca,
    ),
)
