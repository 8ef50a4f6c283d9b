# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The lookup helm_environment."""

from __future__ import annotations

DOCUMENTATION = r"""
name: helm_environment
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: The environment in which Helm reaches the cluster through the cluster's proxy
description:
  - >-
    Helm does not know E(K8S_AUTH_PROXY), by which modules reach a cluster through a proxy. Returns the environment for
    a task of M(kubernetes.core.helm) that makes Helm use the same proxy.
  - >-
    E(HTTPS_PROXY) becomes that proxy, and E(NO_PROXY) gets the hosts of the charts, so that they are fetched as before,
    without it, and those of E(K8S_AUTH_NO_PROXY).
  - Empty without E(K8S_AUTH_PROXY), and when E(HTTPS_PROXY) is set already, which is then Helm's own proxy for all.
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
from typing import Any
from urllib.parse import urlsplit

from ansible.plugins.lookup import LookupBase


def helm_environment(given: Mapping[str, str], addresses: Iterable[str]) -> dict[str, str]:
    """Return the variables that Helm needs beside those that are `given` (as in DOCUMENTATION)."""
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
        return [helm_environment(os.environ, (str(term) for term in terms))]
