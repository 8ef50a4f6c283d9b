#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Read a Helm chart: its default values, the images that it names, and the chart itself."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_chart
short_description: Read a Helm chart, and the images that it names
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Reads the default values of a chart, renders it to find the images that it names, and pulls its archive.
  - Asks no cluster. Helm is needed where the task runs.
  - Values reach Helm by its standard input, and are never returned.
options:
  chart_ref:
    description: Name of the chart in O(chart_repo_url), path of its folder or archive, or its address (C(oci://)).
    type: str
    required: true
  chart_repo_url:
    description: URL of the Helm repository.
    type: str
  chart_version:
    description: Version of the chart.
    type: str
  name:
    description: Name of the release that is rendered.
    type: str
    default: release
  namespace:
    description: Its namespace.
    type: str
    default: default
  values:
    description: Values to render it with.
    type: dict
    default: {}
  render:
    description: Whether to render it, and return the images.
    type: bool
    default: false
  destination:
    description: Folder to put the archive of the chart into, unless it is there. It has to exist.
    type: path
attributes:
  check_mode:
    support: full
    description: Pulls no archive; says whether it would.
  diff_mode:
    support: none
    description: What is changed is an archive.
seealso:
  - module: kubernetes.core.helm_pull
  - module: kubernetes.core.helm_template
"""

EXAMPLES = r"""
- name: Read the images of Seldon Deploy
  seldon.openshift.seldon_chart:
    chart_ref: seldon-deploy
    chart_repo_url: https://seldonio.github.io/helm-charts
    chart_version: 2.0.0
    values: "{{ values }}"
    render: true
  register: chart
"""

RETURN = r"""
defaults:
  description: The default values of the chart.
  returned: always
  type: dict
images:
  description: >-
    The full names of all images that the rendered chart names, also in environments and arguments, sorted. Tests
    (C(helm test)) are left out.
  returned: when O(render=true)
  type: list
  elements: str
  sample: [docker.io/seldonio/seldon-deploy-server:2.0.0]
archive:
  description: Path of the archive.
  returned: when O(destination) is given
  type: str
  sample: /srv/mirror/charts/seldon-deploy-2.0.0.tgz
"""

import json
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.seldon.openshift.plugins.module_utils.helm.images import images
from ansible_collections.seldon.openshift.plugins.module_utils.kube.yamltext import load

ARGUMENT_SPEC: dict[str, Any] = {
    "chart_ref": {"type": "str", "required": True},
    "chart_repo_url": {"type": "str"},
    "chart_version": {"type": "str"},
    "name": {"type": "str", "default": "release"},
    "namespace": {"type": "str", "default": "default"},
    "values": {"type": "dict", "default": {}},
    "render": {"type": "bool", "default": False},
    "destination": {"type": "path"},
}


class Helm:
    """Helm, asked about one chart; ends the task with Helm's own words when it fails."""

    def __init__(self, module: AnsibleModule) -> None:
        """Find the program. Ends the task when there is none."""
        self._module = module
        self._program = module.get_bin_path("helm") or module.fail_json(
            msg="helm is not on PATH where the tasks run\n  next: install Helm 3: https://helm.sh/docs/intro/install",
            invocation=invocation(module.params),
        )
        params = module.params
        options = {"--repo": params["chart_repo_url"], "--version": params["chart_version"]}
        self._chart = [params["chart_ref"], *(part for name, each in options.items() if each for part in (name, each))]

    def ask(self, verb: list[str], *rest: str, given: str | None = None) -> str:
        """Return what Helm prints; `given` is its standard input."""
        code, output, error = self._module.run_command([self._program, *verb, *self._chart, *rest], data=given)
        if code != 0:
            self._module.fail_json(
                msg=f"Helm cannot read chart {' '.join(self._chart)}: {error.strip() or output.strip()}\n  "
                "next: give its place, -e seldon_charts_repository=URL, oci://REGISTRY/PATH or the path of a folder",
                invocation=invocation(self._module.params),
            )
        return str(output)


def invocation(params: dict[str, Any]) -> dict[str, Any]:
    """Return the options as a result shows them: values may be secret."""
    return {"module_args": {**params, "values": "(not shown)"}}


def pulled(module: AnsibleModule, helm: Helm) -> dict[str, Any]:
    """Pull the archive, unless it is there, and return what is to be told of it."""
    version = module.params["chart_version"] or load(helm.ask(["show", "chart"]))[0]["version"]
    folder = Path(module.params["destination"])
    archive = folder / f"{module.params['chart_ref'].rstrip('/').rpartition('/')[2]}-{version}.tgz"
    missing = not archive.exists()
    if missing and not module.check_mode:
        helm.ask(["pull"], "--destination", str(folder))
    return {"changed": missing, "archive": str(archive)}


def main() -> None:
    """Run as an ordinary module: it speaks to no cluster."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params, helm = module.params, Helm(module)
    result: dict[str, Any] = {"changed": False, "defaults": (load(helm.ask(["show", "values"])) or [None])[0] or {}}
    if params["render"]:
        told = helm.ask(
            ["template", params["name"]],
            *("--namespace", params["namespace"], "--values", "-"),
            given=json.dumps(params["values"]),
        )
        result["images"] = images(each for each in load(told) if isinstance(each, dict))
    if params["destination"]:
        result.update(pulled(module, helm))
    module.exit_json(**result, invocation=invocation(params))


if __name__ == "__main__":
    main()
