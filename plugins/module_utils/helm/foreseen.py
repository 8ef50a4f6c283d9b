# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What an upgrade would change of a release's objects: the chart as Helm renders it, against the record."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.objects import Object, Objects, Reference
from ..kube.redaction import Redaction
from ..kube.yamltext import load
from . import release as helm_release
from . import told
from .mend import Mended
from .values import changes_between, value_secrets

RENDER_SECONDS = 60
Result = dict[str, Any]


def with_manifest(client: Client, params: Mapping[str, Any], last: Object, result: Result) -> Result:
    """Return a result of check mode with the objects in its diff that an upgrade by Helm would change.

    What Helm cannot render here is left out, with a warning; without Helm silently, as installing tells that. Raises
    EngineError for a broken record.
    """
    if not client.check_mode or result["helm"] != "upgrade" or result.get("failed"):
        return result
    try:
        after = rendered(params)
    except FileNotFoundError:
        return result
    except EngineError as error:
        said = f"which objects of release {params['namespace']}/{params['name']} would change is not shown: {error}"
        return {**result, "warnings": [*result.get("warnings", []), said]}
    lines = told.diff(differences(helm_release.objects(last), after))
    hide = Redaction(value_secrets(helm_release.values(last)))
    return {**result, "diff": [*result["diff"], *hide.everywhere(lines)]}


def rendered(params: Mapping[str, Any]) -> Objects:
    """Return the objects of a chart by seldon_release's options. Raises EngineError, FileNotFoundError without Helm."""
    places = {"--repo": params.get("chart_repo_url"), "--version": params.get("chart_version")}
    command = ["helm", "template", params["name"], params["chart_ref"], "--namespace", params["namespace"]]
    command += [word for name, value in places.items() if value for word in (name, value)]
    values = json.dumps(params["values"] or {})
    # Inside Ansible's own process there is no AnsibleModule to run a command.
    # pylint: disable=ansible-bad-function
    try:
        done = subprocess.run(  # noqa: S603  # a list of words: no shell reads them
            [*command, "--no-hooks", "--values", "-"],
            input=values,
            capture_output=True,
            text=True,
            check=False,
            timeout=RENDER_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"helm template has not ended within {RENDER_SECONDS} s") from error
    if done.returncode != 0:
        raise EngineError(f"helm template: {' '.join(done.stderr.split()) or 'no reason given'}")
    return helm_release.placed(load(done.stdout), params["namespace"])


def differences(before: Objects, after: Objects) -> list[Mended]:
    """Return what becomes of each object that differs: created, deleted, or updated with its fields."""
    old, new = ({Reference.of(obj): obj for obj in objects} for objects in (before, after))
    return list(_differences(old, new))


def _differences(old: Mapping[Reference, Object], new: Mapping[Reference, Object]) -> Iterator[Mended]:
    for reference, obj in new.items():
        if reference not in old:
            yield Mended(obj, "created", changes_between({}, obj))
        elif changes := changes_between(old[reference], obj):
            yield Mended(obj, "updated", changes)
    for reference, obj in old.items():
        if reference not in new:
            yield Mended(obj, "deleted", changes_between(obj, {}))
