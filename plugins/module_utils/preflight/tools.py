# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What is in the way where the tasks run: the token, Helm, and the Python library."""

from __future__ import annotations

from collections.abc import Iterator

from ..kube.versions import numbers
from .model import Observation, Problem, Wanted


def token(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield a token that expires before a run ends."""
    left = seen.token_seconds
    if left is not None and left < wanted.token_seconds:
        yield Problem(
            "token",
            f"your token is accepted for {max(0, round(left / 60))} more minutes, and a run may take "
            f"{round(wanted.token_seconds / 60)}",
            "oc login again (or use a kubeconfig with a certificate, or the token of a service account)",
        )


def helm(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield a Helm that is missing, of a version that kubernetes.core cannot use, or that reaches another cluster."""
    if not wanted.helm_oldest:
        return
    install = "https://helm.sh/docs/intro/install"
    if not seen.helm:
        yield Problem("helm", "helm is not on PATH where the tasks run", f"install Helm 3: {install}")
    elif not numbers(wanted.helm_oldest) <= numbers(seen.helm) < numbers(wanted.helm_newest):
        yield Problem(
            "helm",
            f"helm is {seen.helm}; >={wanted.helm_oldest},<{wanted.helm_newest} is needed",
            f"install Helm 3: {install}",
        )
    else:
        yield from _elsewhere(seen)


def _elsewhere(seen: Observation) -> Iterator[Problem]:
    there = seen.helm_cluster
    system = [each["metadata"].get("uid") for each in seen.namespaces if each["metadata"]["name"] == "kube-system"]
    if there.error:
        yield Problem(
            "helm",
            f"Helm cannot read the cluster at {there.address}, as the modules can: {there.error}",
            "env | grep -i -e ^HELM_ -e proxy (Helm heeds these variables beside the kubeconfig)",
        )
    elif there.uid and system and there.uid != system[0]:
        yield Problem(
            "helm",
            f"Helm would install into another cluster than the modules: it reaches {there.address} (where kube-system "
            f"has the uid {there.uid}), they reach {seen.address} ({system[0]})",
            "unset HELM_KUBEAPISERVER HELM_KUBECONTEXT (and see what 'helm' on PATH is: type -a helm)",
        )


def client(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield a Python library that is too old."""
    if seen.client and numbers(seen.client) < numbers(wanted.client_oldest):
        yield Problem(
            "client",
            f"Python's kubernetes library is {seen.client}; {wanted.client_oldest} or newer is needed",
            f"pip install 'kubernetes>={wanted.client_oldest}'",
        )
