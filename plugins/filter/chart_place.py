# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter chart_place."""

from __future__ import annotations

DOCUMENTATION = r"""
name: chart_place
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Where Helm finds a chart
description:
  - Says what to give Helm for a chart that is named, and looked up in a repository, a registry or a folder.
  - A chart that is a path or an address itself is no name. It stays as it is.
positional: _input, repository, version
options:
  _input:
    description: Name of the chart, its absolute path, or its address.
    type: str
    required: true
  repository:
    description:
      - >-
        The URL of a Helm repository; an address C(oci://) below which charts are; or the path of a folder with archives
        C(NAME-VERSION.tgz).
    type: str
    required: true
  version:
    description: Version of the chart.
    type: str
    required: true
"""

EXAMPLES = r"""
# => {'chart_ref': 'oci://registry.example.com:5000/charts/seldon-deploy', 'chart_version': '2.0.0'}
place: "{{ 'seldon-deploy' | seldon.openshift.chart_place('oci://registry.example.com:5000/charts', '2.0.0') }}"

# => {'chart_ref': '/srv/charts/seldon-deploy-2.0.0.tgz', 'chart_version': '2.0.0'}
folder: "{{ 'seldon-deploy' | seldon.openshift.chart_place('/srv/charts', '2.0.0') }}"
"""

RETURN = r"""
_value:
  description: The options C(chart_ref), C(chart_version) and, for a repository, C(chart_repo_url).
  type: dict
  sample: {chart_ref: seldon-deploy, chart_repo_url: "https://seldonio.github.io/helm-charts", chart_version: 2.0.0}
"""

from typing import Any


def chart_place(name: str, repository: str, version: Any) -> dict[str, str]:
    """Return what to give Helm (as in DOCUMENTATION)."""
    pinned = {"chart_version": str(version)}
    if "/" in name:
        return {"chart_ref": name, **pinned}
    home = repository.rstrip("/")
    if home.startswith("oci://"):
        return {"chart_ref": f"{home}/{name}", **pinned}
    if "://" in home:
        return {"chart_ref": name, "chart_repo_url": repository, **pinned}
    return {"chart_ref": f"{home}/{name}-{version}.tgz", **pinned}


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"chart_place": chart_place}
