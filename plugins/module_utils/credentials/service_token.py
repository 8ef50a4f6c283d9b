# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Tokens of ServiceAccounts that do not expire, and what an account needs to read OpenShift's monitoring.

The token controller fills a Secret of this type a moment after it was made, and deletes it with its account (Kubernetes
documentation, Managing Service Accounts). Thanos and Prometheus let in who may get namespaces, Alertmanager who may
patch alertmanagers (cluster monitoring operator 4.11).
"""

from __future__ import annotations

from ..kube.kinds import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING, SECRET, SERVICE_ACCOUNT
from ..kube.objects import Object, Objects, Reference, is_terminating, section
from ..kube.polling import NotYet

TYPE = "kubernetes.io/service-account-token"
ACCOUNT_NAME = "kubernetes.io/service-account.name"
ACCOUNT_UID = "kubernetes.io/service-account.uid"
MONITORING = "openshift-monitoring"


class OfAnotherAccount(Exception):
    """The token is of an earlier account of the same name, and worth nothing."""


def service_account(name: str, namespace: str) -> Object:
    """Return an account that no pod gets the token of by itself."""
    return {**SERVICE_ACCOUNT.named(name, namespace).bare(), "automountServiceAccountToken": False}


def token_secret(account: str, namespace: str) -> Object:
    """Return the Secret that the token controller fills."""
    secret = {**SECRET.named(f"{account}-token", namespace).bare(), "type": TYPE}
    secret["metadata"]["annotations"] = {ACCOUNT_NAME: account}
    return secret


def bindings(account: str, namespace: str) -> Objects:
    """Return what lets the account read metrics of all projects, and Alertmanager's alerts."""
    subjects = [{"kind": "ServiceAccount", "name": account, "namespace": namespace}]
    name = f"{namespace}-{account}"  # unique where all accounts' bindings meet

    def binding(reference: Reference, role: Reference) -> Object:
        granted = {"apiGroup": role.kind.group, "kind": role.kind.name, "name": role.name}
        return {**reference.bare(), "roleRef": granted, "subjects": subjects}

    return [
        binding(CLUSTER_ROLE_BINDING.named(name), CLUSTER_ROLE.named("cluster-monitoring-view")),
        binding(ROLE_BINDING.named(name, MONITORING), ROLE.named("monitoring-alertmanager-edit", MONITORING)),
    ]


def token_in(secret: Object, account: Object) -> str:
    """Return the token in `secret`, in base64.

    Raises NotYet while the controller has not filled it in, and OfAnotherAccount when `account` was made after it.
    """
    metadata = secret["metadata"]
    uid = section(metadata, "annotations").get(ACCOUNT_UID)
    if uid not in (None, account["metadata"].get("uid")):
        raise OfAnotherAccount
    token = section(secret, "data").get("token")
    if not token or uid is None:
        raise NotYet(
            f"Secret {metadata['namespace']}/{metadata['name']} holds no token: kube-controller-manager fills it in; "
            f"see: oc -n {metadata['namespace']} describe secret {metadata['name']}"
        )
    return str(token)


def token_among(secrets: Objects, account: Object) -> str | None:
    """Return the token, in base64, of the oldest of `secrets` that holds one of `account`; None when none does."""
    held = []
    for secret in sorted(secrets, key=lambda each: (each["metadata"]["creationTimestamp"], each["metadata"]["name"])):
        name = section(secret["metadata"], "annotations").get(ACCOUNT_NAME)
        if name != account["metadata"]["name"] or is_terminating(secret):
            continue
        try:
            held.append(token_in(secret, account))
        except (NotYet, OfAnotherAccount):
            continue
    return held[0] if held else None
