# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What of a tree the user decides."""

from __future__ import annotations

from dataclasses import dataclass

PLACEHOLDERS, EXTERNAL_SECRETS = "placeholders", "external_secrets"


@dataclass(frozen=True)
class Settings:
    """The options of seldon_render, as its documentation has them. title: which cluster it is for."""

    secrets: str = PLACEHOLDERS
    store: str = "seldon"
    store_kind: str = "ClusterSecretStore"
    store_path: str = "seldon"
    shared: bool = False
    repository: str = ""
    revision: str = "HEAD"
    path: str = "."
    argocd_namespace: str = "openshift-gitops"
    project: str = "default"
    title: str = "Seldon Deploy"
