# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Fields of objects that hold what stands in a Secret, where the API has no reference: a Route's key (OpenShift 4.11).

So that the value passes through no variable, template or argument, and follows the Secret when that is renewed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.kinds import SECRET
from ..kube.objects import Object, Objects, Reference
from ..kube.secrets import decoded


def filled(
    client: Client, objects: Objects, given: Sequence[Mapping[str, Any]], deadline: float
) -> tuple[Objects, list[str]]:
    """Return `objects` with the fields of the module's option `secret_fields`, and what check mode could not read.

    A Secret is read in the namespace of its object; in check mode, `foreseen` of an entry is what it would hold after
    the tasks before. Raises EngineError, before anything is written, when it or a key
    is missing; `deadline` is in seconds of `time.monotonic()`.
    """
    told: list[str] = []
    done = list(objects)
    for entry in given:
        for place, obj in enumerate(done):
            if (obj["kind"], obj["metadata"]["name"]) != (entry["kind"], entry["name"]):
                continue
            secret = SECRET.named(entry["secret"], obj["metadata"].get("namespace"))
            values = decoded(client.get(secret, deadline)) | (entry["foreseen"] if client.check_mode else {})
            problem = lacking(obj, secret, values, entry["fields"])
            if problem and not client.check_mode:
                raise EngineError(problem)
            told += [problem] if problem else []
            done[place] = obj if problem else with_values(obj, values, {**entry["fields"], **entry["optional"]})
    return done, told


def lacking(obj: Object, secret: Reference, values: Mapping[str, str], fields: Mapping[str, str]) -> str:
    """Return which keys a Secret lacks that fields of `obj` need, empty when it has them all."""
    absent = [key for key in fields.values() if not values.get(key, "").strip()]
    if not absent:
        return ""
    return (
        f"{secret} has no {', '.join(absent)}, which {Reference.of(obj)} needs. "
        f"Type: oc create secret tls {secret.name} -n {secret.namespace} --cert=FILE --key=FILE"
    )


def with_values(obj: Object, values: Mapping[str, str], fields: Mapping[str, str]) -> Object:
    """Return `obj` with the values of a Secret, each at its dotted path; a key that the Secret lacks sets nothing."""
    found = copy.deepcopy(obj)
    for path, key in fields.items():
        if values.get(key, "").strip():
            *parents, last = path.split(".")
            here = found
            for name in parents:
                here = here.setdefault(name, {})
            here[last] = values[key]
    return found
