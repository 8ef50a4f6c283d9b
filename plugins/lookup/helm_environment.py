# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The lookup helm_environment."""

from __future__ import annotations

DOCUMENTATION = r"""
name: helm_environment
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: The environment in which Helm reaches the same cluster as the modules
description:
  - >-
    Returns the environment for a task of M(kubernetes.core.helm) that makes Helm reach the cluster as modules do which
    take their settings from the environment.
  - >-
    Paths in E(KUBECONFIG) and in E(K8S_AUTH_KUBECONFIG), E(K8S_AUTH_SSL_CA_CERT), E(K8S_AUTH_CERT_FILE) and
    E(K8S_AUTH_KEY_FILE) become absolute, since Helm would look for them beside a temporary file.
  - Helm does not know E(K8S_AUTH_PROXY), by which modules reach a cluster through a proxy.
  - >-
    E(HTTPS_PROXY) becomes that proxy, and E(NO_PROXY) gets the hosts of the charts, so that they are fetched as before,
    without it, and those of E(K8S_AUTH_NO_PROXY).
  - When E(HTTPS_PROXY) is set already, it stays Helm's own proxy for all.
options:
  _terms:
    description:
      - Addresses of chart repositories and charts. What has no host, such as a path, is ignored.
      - >-
        A repository whose index names archives elsewhere needs their host in E(NO_PROXY) as well, when the cluster's
        proxy does not lead there.
    type: list
    elements: str
    required: true
notes:
  - Reads the environment in which C(ansible-playbook) runs.
"""

EXAMPLES = r"""
- name: Install a chart
  kubernetes.core.helm:
    name: seldon-deploy
    namespace: seldon-system
    chart_ref: seldon-deploy
    chart_repo_url: https://charts.example.com
  environment: "{{ lookup('seldon.openshift.helm_environment', 'https://charts.example.com') }}"
  # => HTTPS_PROXY=http://proxy.example.com:3128 NO_PROXY=charts.example.com
"""

RETURN = r"""
_raw:
  description: The variables.
  type: list
  elements: dict
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible.plugins.lookup import LookupBase

# Each holds one path; KUBECONFIG a list of them.
PATHS = ("K8S_AUTH_KUBECONFIG", "K8S_AUTH_SSL_CA_CERT", "K8S_AUTH_CERT_FILE", "K8S_AUTH_KEY_FILE")


def helm_environment(given: Mapping[str, str], addresses: Iterable[str], here: Path) -> dict[str, str]:
    """Return the variables that Helm needs instead of those that are `given`, in the folder `here`."""
    return {**_paths(given, here), **_proxy(given, addresses)}


def _paths(given: Mapping[str, str], here: Path) -> dict[str, str]:
    listed = os.pathsep.join(_absolute(path, here) for path in given.get("KUBECONFIG", "").split(os.pathsep))
    found = {name: _absolute(given[name], here) for name in PATHS if given.get(name)} | {"KUBECONFIG": listed}
    return {name: value for name, value in found.items() if value != given.get(name, "")}


def _absolute(path: str, here: Path) -> str:
    # The module itself knows a home.
    return path if not path or path.startswith("~") else str(here / path)


def _proxy(given: Mapping[str, str], addresses: Iterable[str]) -> dict[str, str]:
    proxy = given.get("K8S_AUTH_PROXY")
    if not proxy or given.get("HTTPS_PROXY") or given.get("https_proxy"):
        return {}
    # Helm prefers the upper case, so it has to hold what the lower case says.
    direct = [given.get("NO_PROXY") or given.get("no_proxy"), given.get("K8S_AUTH_NO_PROXY")]
    hosts = [urlsplit(address).hostname for address in addresses]
    return {"HTTPS_PROXY": proxy, "NO_PROXY": ",".join(dict.fromkeys(host for host in [*direct, *hosts] if host))}


class LookupModule(LookupBase):  # type: ignore[misc]  # Ansible ships no types
    """What Ansible loads."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **options: Any) -> list[dict[str, str]]:
        """Return the variables (as in DOCUMENTATION)."""
        return [helm_environment(os.environ, (str(term) for term in terms), Path.cwd())]
