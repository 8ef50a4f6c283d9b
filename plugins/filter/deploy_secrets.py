# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter deploy_secrets."""

from __future__ import annotations

DOCUMENTATION = r"""
name: deploy_secrets
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: The Secrets that Seldon Deploy reads
description:
  - Returns the Secrets from which the containers of Seldon Deploy and of its request logger take their environment, as
    the values of the chart name them, each with the keys that it must have and the tag that makes it.
positional: _input, namespace, logs_namespace
options:
  _input:
    description: The values of the chart.
    type: dict
    required: true
  namespace:
    description: The namespace of Seldon Deploy.
    type: str
    required: true
  logs_namespace:
    description: The namespace of the request logger.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Restart workloads that use old credentials
  seldon.openshift.seldon_restart:
    secrets: "{{ values | seldon.openshift.deploy_secrets('seldon-system', 'seldon-logs') | map(attribute='secret') }}"
"""

RETURN = r"""
_value:
  description: The Secrets.
  type: list
  elements: dict
  sample:
    - secret: {name: jwt-seldon, namespace: seldon-system}
      keys: [jwt-seldon.json]
      tag: monitoring
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.seldon.openshift.plugins.filter.boolean import boolean

Values = Mapping[str, Any]


def deploy_secrets(values: Values, namespace: str, logs_namespace: str) -> list[dict[str, Any]]:
    """Return the Secrets (as in DOCUMENTATION). Raises AnsibleFilterError for a switch that is no boolean."""
    return [
        {"secret": {"name": name, "namespace": where}, "keys": keys, "tag": tag}
        for name, where, keys, tag in _read(values, namespace, logs_namespace)
    ]


def _read(values: Values, namespace: str, logs_namespace: str) -> Iterator[tuple[str, str, list[str], str]]:
    database, git, elasticsearch = values["metadata"]["pg"], values["gitops"], values["elasticsearch"]
    if boolean(database["enabled"]):
        yield database["secret"], namespace, ["host", "port", "user", "password", "dbname", "sslmode"], "postgresql"
    if boolean(git["argocd"]["enabled"]):
        yield git["git"]["secret"], namespace, ["username", "email"], "gitops"
    if boolean(elasticsearch["basicAuth"]):
        login = elasticsearch["secret"]
        homes = [namespace, *([logs_namespace] if boolean(values["requestLogger"]["create"]) else [])]
        for home in homes:
            yield login["name"], home, [login["userKey"], login["passwordKey"]], "elasticsearch"
    token = values["prometheus"]["seldon"]
    if token.get("jwtSecretName"):
        yield token["jwtSecretName"], namespace, [token["jwtSecretKey"]], "monitoring"


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"deploy_secrets": deploy_secrets}
