# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Images: those that manifests name, their names in a mirror, and the values with which a chart takes them from there.

A mirror keeps the path of an image below its prefix, without the host (oc-mirror, mirroring to a registry).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..kube.objects import Object, section

HUB = "docker.io"
_REFERENCE = re.compile(r"[A-Za-z0-9][\w.-]*(:\d+)?(/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?")
# An operator may start pods from images that its arguments name.
_ARGUMENT = re.compile(r"--[\w-]*image=(.+)")


def full_name(image: str) -> str:
    """Return the name of an image with its registry: what has none is Docker Hub's."""
    host, slash, _rest = image.partition("/")
    if slash and ("." in host or ":" in host or host == "localhost"):
        return image
    return f"{HUB}/{image}" if slash else f"{HUB}/library/{image}"


def mirrored(image: str, registry: str) -> str:
    """Return what an image is called below the prefix `registry`; with an empty one, and below it, as it is."""
    home = registry.rstrip("/")
    if not home or not image or image.startswith(f"{home}/"):
        return image
    return f"{home}/{full_name(image).partition('/')[2]}"


def image_values(values: Object, registry: str) -> Object:
    """Return the values that override those of a chart for all images that they name to come from below `registry`."""
    found: Object = {}
    for key, value in values.items():
        if isinstance(value, dict):
            if inner := _image_in_parts(value, registry) or image_values(value, registry):
                found[key] = inner
        elif _names_image(key, value):
            found[key] = mirrored(value, registry)
    return found


def images(objects: Iterable[Object]) -> list[str]:
    """Return the full names of all images that objects name, sorted; also in environments and arguments.

    Tests of a chart (`helm test`) run only when somebody asks for them, and are left out.
    """
    return sorted({full_name(image) for obj in objects if not _is_test(obj) for image in _named(obj)})


def _image_in_parts(value: Object, registry: str) -> Object:
    """Return the override of an image that is given as registry, repository and tag; empty for anything else."""
    repository = value.get("repository")
    if not isinstance(repository, str):
        return {}
    if isinstance(value.get("registry"), str):
        return {"registry": registry.rstrip("/")}
    return {"repository": mirrored(repository, registry)} if "tag" in value else {}


def _names_image(key: Any, value: Any) -> bool:
    named = isinstance(key, str) and key.lower().endswith("image")
    return named and isinstance(value, str) and bool(_REFERENCE.fullmatch(value))


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        pairs = [*node.items(), (node.get("name"), node.get("value"))]
        yield from (value for key, value in pairs if _names_image(key, value))
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _named(each)
    elif isinstance(node, str) and (found := _ARGUMENT.fullmatch(node)) and _REFERENCE.fullmatch(found[1]):
        yield found[1]


def _is_test(obj: Object) -> bool:
    hooks = str(section(obj, "metadata", "annotations").get("helm.sh/hook") or "")
    return any(hook.strip().startswith("test") for hook in hooks.split(","))
