# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which database Seldon Deploy gets, by what is wanted and what the cluster holds: pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

AUTO, TEMPLATE, MANIFEST, EXTERNAL = "auto", "template", "manifest", "external"

# Values of sslmode with which a client also takes a server without TLS.
_WITHOUT_TLS = ("disable", "allow", "prefer")


@dataclass(frozen=True)
class Wanted:
    """What the variables say. `mode` is AUTO or a kind; an empty `host` or `password` was not given."""

    mode: str = AUTO
    host: str = ""
    password: str = ""
    sslmode: str = "prefer"


@dataclass(frozen=True)
class There:
    """What the cluster holds.

    instance: the TemplateInstance of the database; config: its DeploymentConfig.
    deployment: the Deployment of this collection; template: OpenShift's Template.
    secret: the Secret that Seldon Deploy reads; internal_secret: the Secret speaks of a database of the cluster.
    """

    instance: bool = False
    config: bool = False
    deployment: bool = False
    template: bool = False
    secret: bool = False
    internal_secret: bool = False

    @property
    def external_secret(self) -> bool:
        """Tell whether the Secret speaks of a database elsewhere."""
        return self.secret and not self.internal_secret


def kind_of(wanted: Wanted, there: There) -> str:
    """Return TEMPLATE, MANIFEST or EXTERNAL. What is there counts, so that no later run looks for another database."""
    if wanted.mode != AUTO:
        return wanted.mode
    if wanted.host:
        return EXTERNAL
    if there.instance or there.config:
        return TEMPLATE
    if there.deployment:
        return MANIFEST
    if there.external_secret:
        return EXTERNAL
    return TEMPLATE if there.template else MANIFEST


def is_instantiated(kind: str, there: There) -> bool:
    """Tell whether a TemplateInstance makes the database: a DeploymentConfig of 'oc new-app' has none, and stays."""
    return kind == TEMPLATE and (there.instance or not there.config)


def problems(wanted: Wanted, there: There) -> Iterator[str]:
    """Yield what is wrong with the input, beside what is there, a sentence each."""
    kind = kind_of(wanted, there)
    if is_instantiated(kind, there) and not there.template and not there.instance:
        yield (
            "postgresql_mode is template, and the cluster has no Template postgresql-persistent in openshift (the"
            " Samples operator brings it, unless it is set to Removed): -e postgresql_mode=manifest."
        )
    if kind == EXTERNAL and not there.external_secret and not (wanted.host and wanted.password):
        missing = "postgresql_password" if wanted.host else "postgresql_host"
        yield (
            f"To reach a database elsewhere, {missing} is missing: put postgresql_host, postgresql_user and"
            " postgresql_password into a file (ansible-vault create database.yml) and type -e @database.yml"
            " --ask-vault-pass."
        )
    if kind != EXTERNAL and wanted.sslmode not in _WITHOUT_TLS:
        yield (
            f"postgresql_sslmode is {wanted.sslmode}, and a database of the cluster offers no TLS: -e"
            " postgresql_sslmode=prefer, or take a database that offers it (-e postgresql_host=db.example.com)."
        )
