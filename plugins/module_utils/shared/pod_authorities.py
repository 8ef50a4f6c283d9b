# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Authorities that the pods of a Deployment trust beside the system's: pure functions over the Deployment.

Programs in Go read every file in the folders of SSL_CERT_DIR, and the system's bundle first (crypto/x509,
root_unix.go). Helm's three-way merge leaves items that no manifest of its own had.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kube.errors import EngineError
from ..kube.kinds import CONFIG_MAP, DEPLOYMENT
from ..kube.objects import Object, Objects, Reference, section

NAME, FILE = "seldon-trusted-ca", "ca-bundle.crt"
FOLDER = "/etc/seldon-trusted-ca"
VARIABLE = "SSL_CERT_DIR"
# Go's own list (root_linux.go), which the variable replaces.
SYSTEM = "/etc/ssl/certs:/etc/pki/tls/certs"
# On the pod's template, so that other certificates start other pods: programs read them once.
MARK = "seldon.openshift/trusted-ca"

_ENVIRONMENT = {"name": VARIABLE, "value": f"{SYSTEM}:{FOLDER}"}
_MOUNT = {"name": NAME, "mountPath": FOLDER, "readOnly": True}
# With what the API server adds, or every look would differ.
_VOLUME = {"name": NAME, "configMap": {"name": NAME, "defaultMode": 0o644}}


def deployment(name: str, namespace: str) -> Object:
    """Return the Deployment without content."""
    return DEPLOYMENT.named(name, namespace).bare()


def config_map(namespace: str) -> Reference:
    """Return the reference to the ConfigMap that its pods mount."""
    return CONFIG_MAP.named(NAME, namespace)


def trusting(digest: str) -> Callable[[Object], Object]:
    """Return the function that lets all containers trust what the ConfigMap holds; `digest` tells its content.

    It raises EngineError where somebody else gives a container the variable.
    """

    def mutate(obj: Object) -> Object:
        spec = section(obj, "spec", "template", "spec")
        pod = {
            **spec,
            "containers": [_trusting_container(each) for each in spec.get("containers") or []],
            "volumes": _with(spec.get("volumes"), _VOLUME),
        }
        return _with_pod(obj, pod, {**_marks(obj), MARK: digest})

    return mutate


def doubting(obj: Object) -> Object:
    """Return the Deployment without what `trusting` has added."""
    if MARK not in _marks(obj):
        return obj
    spec = section(obj, "spec", "template", "spec")
    containers = [_doubting_container(each) for each in spec.get("containers") or []]
    pod = _filled({**spec, "containers": containers}, "volumes", _without(spec.get("volumes"), NAME))
    return _with_pod(obj, pod, {key: value for key, value in _marks(obj).items() if key != MARK})


def flaws(obj: Object, digest: str) -> list[str]:
    """Return what keeps the containers of a Deployment from trusting what the ConfigMap holds, in words."""
    spec = section(obj, "spec", "template", "spec")
    containers = spec.get("containers") or []
    held = {
        f"volume {NAME}": _VOLUME in (spec.get("volumes") or []),
        f"mount {FOLDER}": all(_MOUNT in (each.get("volumeMounts") or []) for each in containers),
        VARIABLE: all(_ENVIRONMENT in (each.get("env") or []) for each in containers),
    }
    lacking = [f"lacks {what}" for what, there in held.items() if not there]
    return lacking or ([] if _marks(obj).get(MARK) == digest else ["its pods started with other certificates"])


def ours(obj: Object | None) -> Object | None:
    """Return a Deployment with what `trusting` adds alone: its environment may hold the secrets of others."""
    if obj is None:
        return None
    spec = section(obj, "spec", "template", "spec")
    containers = [
        {
            "name": each["name"],
            "env": [item for item in each.get("env") or [] if item == _ENVIRONMENT],
            "volumeMounts": [item for item in each.get("volumeMounts") or [] if item == _MOUNT],
        }
        for each in spec.get("containers") or []
    ]
    pod = {"containers": containers, "volumes": [item for item in spec.get("volumes") or [] if item == _VOLUME]}
    named = Reference.of(obj).bare()
    return _with_pod(named, pod, {key: value for key, value in _marks(obj).items() if key == MARK})


def _trusting_container(container: Object) -> Object:
    given = next((each for each in container.get("env") or [] if each["name"] == VARIABLE), _ENVIRONMENT)
    if FOLDER not in str(given.get("value")):
        raise EngineError(
            f"container {container['name']} has a {VARIABLE} that this collection did not give it: take it away "
            "(seldon_deploy_values.env), or trust no authority by seldon_deploy_trusted_ca"
        )
    mounts = _with(container.get("volumeMounts"), _MOUNT)
    return {**container, "env": _with(container.get("env"), _ENVIRONMENT), "volumeMounts": mounts}


def _doubting_container(container: Object) -> Object:
    rest = _filled(container, "volumeMounts", _without(container.get("volumeMounts"), NAME))
    return _filled(rest, "env", [each for each in container.get("env") or [] if each != _ENVIRONMENT])


def _with(items: Objects | None, item: Object) -> Objects:
    """Return a list with an item where the one of its name stands, else at its end."""
    found = [item if each.get("name") == item["name"] else each for each in items or []]
    return found if item in found else [*found, item]


def _without(items: Objects | None, name: str) -> Objects:
    return [each for each in items or [] if each.get("name") != name]


def _filled(obj: Object, key: str, items: Objects) -> Object:
    """Return an object with a list, without it when it is empty."""
    return {**{name: value for name, value in obj.items() if name != key}, **({key: items} if items else {})}


def _marks(obj: Object) -> dict[str, Any]:
    found: dict[str, Any] = section(obj, "spec", "template", "metadata", "annotations")
    return found


def _with_pod(obj: Object, pod: Object, annotations: dict[str, Any]) -> Object:
    template = section(obj, "spec", "template")
    metadata = {**section(template, "metadata"), "annotations": annotations}
    return {**obj, "spec": {**section(obj, "spec"), "template": {**template, "metadata": metadata, "spec": pod}}}
