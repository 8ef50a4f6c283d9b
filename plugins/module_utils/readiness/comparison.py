# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Why an Argo CD cannot compare an Application with its repository: what its words mean (Argo CD 2.x)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..kube.objects import Object, section
from ..shared.git_address import keyscan, without_user_info

# Argo CD compares every three minutes, so after a repair its earlier words stay for as long (seconds).
COMPARES_SECONDS = 200
# FOLDER: the first model makes it. PASSING: it heals. REFUSED: it does not. UNKNOWN: nobody knows.
FOLDER, PASSING, REFUSED, UNKNOWN = "folder", "passing", "refused", "unknown"
CREDENTIALS = "ansible-playbook seldon.openshift.site --tags gitops -e @git.yml --ask-vault-pass"


@dataclass(frozen=True)
class Cause:
    """What some words of Argo CD mean.

    words: a part of a regular expression that finds them, in any case. meaning: what is wrong, as a sentence's first
    half. do: the command to type, with {keyscan}, {host}, {namespace}, {repository} and {application}.
    """

    verdict: str
    words: str
    meaning: str = ""
    do: str = ""


_LOOK = "oc -n {namespace} describe application {application}"
# The first that is found counts: what is said of the repo-server, or of time, before what is said of Git.
CAUSES = (
    Cause(FOLDER, r"app path does not exist"),
    Cause(
        PASSING,
        r"repo-server|deadline ?exceeded|time(d )?[ -]?out|connection (refused|reset)|context canceled|\bEOF\b"
        r"|code = (unavailable|canceled|aborted)|transport is closing|temporary failure|server misbehaving"
        r"|no route to host|network is unreachable|too many requests|status code: (429|5\d\d)|\b50[234]\b"
        r"|server is currently unable|service unavailable|is not managed|failed to sync cluster|etcdserver",
    ),
    Cause(
        REFUSED,
        r"knownhosts: key mismatch|host identification has changed",
        "the host key of {host} differs from the one that Argo CD knows: compare what ssh-keyscan prints with what the"
        " host publishes, and give it as gitops_ssh_known_hosts",
        "{keyscan}",
    ),
    Cause(
        REFUSED,
        r"knownhosts: key is unknown|host key verification failed|knownhosts",
        "Argo CD does not know the host key of {host}: compare what ssh-keyscan prints with what the host publishes,"
        " and give it as gitops_ssh_known_hosts",
        "{keyscan}",
    ),
    Cause(UNKNOWN, r"is forbidden: user|cannot (get|list|watch) resource", "Argo CD may not read the namespace", _LOOK),
    Cause(
        REFUSED,
        r"permission denied|publickey|ssh: (handshake failed|unable to authenticate)|no supported methods remain"
        r"|ssh: no key found|private key|passphrase",
        "the repository does not accept the private key: give gitops_ssh_private_key (or"
        " gitops_argocd_ssh_private_key)",
        CREDENTIALS,
    ),
    Cause(
        REFUSED,
        r"authentication (required|failed)|authorization failed|invalid username or password|access denied"
        r"|could not read (username|password)|password authentication|status code: 40[13]|\b40[13]\b|unauthorized"
        r"|forbidden",
        "the repository does not accept the credentials: give gitops_username and gitops_token",
        CREDENTIALS,
    ),
    Cause(
        REFUSED,
        r"x509|certificate|tls:",
        "Argo CD does not trust the certificate of {host}: give the certificate of the authority that issued it as"
        " gitops_trusted_ca",
        "ansible-playbook seldon.openshift.site --tags gitops -e @values.yml",
    ),
    Cause(
        REFUSED,
        r"no such host",
        "the name {host} does not exist for the cluster's DNS: correct seldon_git_repository, or the DNS",
        "oc -n {namespace} get applications -o custom-columns=NAME:.metadata.name,REPOSITORY:.spec.source.repoURL",
    ),
    Cause(
        REFUSED,
        r"repository is empty",
        "the repository has no commit yet: push a first one",
        "git clone {repository} models && cd models && git commit --allow-empty -m Begin && git push origin HEAD",
    ),
    Cause(
        REFUSED,
        r"to a commit sha|revision .*not found|reference not found|(find|found) remote ref|unknown revision",
        "the repository has no such branch, tag or commit",
        "git ls-remote {repository}",
    ),
    Cause(
        REFUSED,
        r"(repository|project) .{0,200}?(not found|does not exist|could not be found)|repository not found"
        r"|does not appear to be a git|could not read from remote",
        "the repository does not exist, or its credentials may not see it: correct seldon_git_repository, or give"
        " gitops_username and gitops_token (by ssh, gitops_ssh_private_key)",
        CREDENTIALS,
    ),
    Cause(UNKNOWN, "", "", _LOOK),
)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'`]*[^\s\"'`:,.)]", re.IGNORECASE)
_TYPES = ("ComparisonError", "UnknownError")


@dataclass(frozen=True)
class Trouble:
    """Why an Application is not compared. words: Argo CD's own; seen: these with what they mean; do: what to type."""

    verdict: str
    words: str
    seen: str
    do: str


def trouble(application: Object) -> Trouble | None:
    """Return why an Application could not be compared, None when it was or nobody says."""
    told = [c for c in section(application, "status").get("conditions") or [] if c.get("type") in _TYPES]
    found = [_judged(application, str(condition.get("message") or "")) for condition in told]
    # A folder that is missing is no excuse for the rest.
    return min(found, key=lambda each: (REFUSED, UNKNOWN, PASSING, FOLDER).index(each.verdict), default=None)


def _judged(application: Object, message: str) -> Trouble:
    # Names in addresses are no words of Argo CD's.
    address = str(section(application, "spec", "source").get("repoURL") or "")
    judged = _URL.sub(" ", message.replace(address, " ") if address else message)
    cause = next(each for each in CAUSES if re.search(each.words, judged, re.IGNORECASE))
    words = without_user_info(" ".join(message.split()))
    values = _values(application)
    seen = f"{cause.meaning.format(**values)} ({words})" if cause.meaning else words
    return Trouble(cause.verdict, words, seen, cause.do.format(**values))


def _values(application: Object) -> Mapping[str, str]:
    metadata, spec = section(application, "metadata"), section(application, "spec")
    address = str(section(spec, "source").get("repoURL") or "")
    scan = keyscan(address)
    return {
        "application": metadata.get("name", ""),
        "namespace": metadata.get("namespace", ""),
        "repository": without_user_info(address),
        "host": scan.rpartition(" ")[2],
        "keyscan": scan,
    }
