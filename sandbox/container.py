"""What a kubelet makes of a container before it starts it: its environment, and the files of its volumes."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from sandbox.kube import Object

# A reference to a variable, or a dollar that is written twice.
_REFERENCE = re.compile(r"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")
_KEYED_FIELD = re.compile(r"metadata\.(labels|annotations)\['(.+)'\]")

Find = Callable[[str, str], "Object | None"]  # kind (Secret, ConfigMap) and name, in the pod's namespace
Files = dict[PurePosixPath, bytes]


class NotThere(LookupError):
    """The container can't start: the message names what is missing."""


@dataclass(frozen=True)
class Container:
    """One container of a pod that has an address; `token` is that of the pod's ServiceAccount."""

    pod: Object
    spec: Object
    find: Find
    token: str

    def environment(self) -> dict[str, str]:
        """Return its variables. Raises NotThere for a Secret, ConfigMap or key that is missing and not optional."""
        variables: dict[str, str] = {}
        for source in self.spec.get("envFrom", []):
            variables |= self._all_of(source)
        for entry in self.spec.get("env", []):
            value = self._value(entry["valueFrom"]) if "valueFrom" in entry else entry.get("value", "")
            if value is not None:
                variables[entry["name"]] = value if "valueFrom" in entry else _expanded(value, variables)
        return variables

    def files(self) -> Files:
        """Return the files in its volumes by their paths in the container. Raises NotThere like `environment`."""
        volumes = {volume["name"]: volume for volume in self.pod["spec"].get("volumes", [])}
        found: Files = {}
        for mount in self.spec.get("volumeMounts", []):
            content = self._volume(volumes.get(mount["name"], {}))
            found |= _mounted(content, PurePosixPath(mount["mountPath"]), mount.get("subPath", ""))
        return found

    def folders(self) -> list[PurePosixPath]:
        """Return where its volumes are mounted; the folder of a mount by subPath is that of the file."""
        mounts = [(PurePosixPath(m["mountPath"]), bool(m.get("subPath"))) for m in self.spec.get("volumeMounts", [])]
        return [path.parent if is_part else path for path, is_part in mounts]

    def _all_of(self, source: Object) -> dict[str, str]:
        kind, key = ("Secret", "secretRef") if "secretRef" in source else ("ConfigMap", "configMapRef")
        reference = source[key]
        data = self._data(kind, reference["name"], bool(reference.get("optional"))) or {}
        return {source.get("prefix", "") + key: value.decode() for key, value in data.items()}

    def _value(self, source: Object) -> str | None:
        if "fieldRef" in source:
            return field(self.pod, source["fieldRef"]["fieldPath"])
        if "resourceFieldRef" in source:
            return self._limit(source["resourceFieldRef"]["resource"])
        kind, key = ("Secret", "secretKeyRef") if "secretKeyRef" in source else ("ConfigMap", "configMapKeyRef")
        reference, optional = source[key], bool(source[key].get("optional"))
        data = self._data(kind, reference["name"], optional)
        value = (data or {}).get(reference["key"])
        if value is None and not optional:
            raise NotThere(f"{self._name(kind, reference['name'])} has no key '{reference['key']}'")
        return value.decode() if value is not None else None

    def _limit(self, resource: str) -> str:
        words = resource.split(".")
        return str(self.spec.get("resources", {}).get(words[0], {}).get(words[-1], "0"))

    def _volume(self, volume: Object) -> Files:
        found: Files = {}
        for source in volume.get("projected", {"sources": [volume]})["sources"]:
            found |= self._source(source)
        return found

    def _source(self, source: Object) -> Files:
        """Return the files of one source of a projected volume; most other volumes look like one."""
        if source.get("serviceAccountToken"):
            return {PurePosixPath(source["serviceAccountToken"]["path"]): self.token.encode()}
        if source.get("downwardAPI"):
            items = source["downwardAPI"].get("items", [])
            named = [item for item in items if "fieldRef" in item]
            return {
                PurePosixPath(item["path"]): field(self.pod, item["fieldRef"]["fieldPath"]).encode() for item in named
            }
        for kind, key in (("Secret", "secret"), ("ConfigMap", "configMap")):
            if wanted := source.get(key):
                return self._keys(kind, wanted)
        return {}

    def _keys(self, kind: str, wanted: Object) -> Files:
        name, optional = wanted.get("secretName") or wanted["name"], bool(wanted.get("optional"))
        data = self._data(kind, name, optional)
        if data is None:
            return {}
        items = wanted.get("items") or [{"key": key, "path": key} for key in data]
        for item in items:
            if item["key"] not in data and not optional:
                raise NotThere(f"{self._name(kind, name)} has no key '{item['key']}'")
        return {PurePosixPath(item["path"]): data[item["key"]] for item in items if item["key"] in data}

    def _data(self, kind: str, name: str, optional: bool) -> dict[str, bytes] | None:
        """Return what a Secret or ConfigMap holds, None for one that is missing and optional."""
        found = self.find(kind, name)
        if found is None and not optional:
            raise NotThere(f"there is no {self._name(kind, name)}")
        return None if found is None else _content(found)

    def _name(self, kind: str, name: str) -> str:
        return f"{kind} {self.pod['metadata']['namespace']}/{name}"


def field(pod: Object, path: str) -> str:
    """Return the field of the pod that `fieldPath` means, as text ('' when it is not set)."""
    if keyed := _KEYED_FIELD.fullmatch(path):
        return str((pod["metadata"].get(keyed[1]) or {}).get(keyed[2], ""))
    value: object = pod
    for key in path.split("."):
        value = value.get(key, "") if isinstance(value, dict) else ""
    if isinstance(value, dict):
        return "\n".join(f'{key}="{entry}"' for key, entry in sorted(value.items()))
    return str(value)


def _expanded(text: str, variables: dict[str, str]) -> str:
    """Replace $(NAME) by variables that are known, as Kubernetes does; an unknown one stays as it is written."""
    return _REFERENCE.sub(lambda found: variables.get(found[1], found[0]) if found[1] else "$", text)


def _mounted(content: Files, at: PurePosixPath, part: str) -> Files:
    """Return the files of a volume, or of the `part` of it that is mounted, below the mount's path."""
    if not part:
        return {at / path: data for path, data in content.items()}
    return {
        at if path == PurePosixPath(part) else at / path.relative_to(part): data
        for path, data in content.items()
        if path.is_relative_to(part)
    }


def _content(obj: Object) -> dict[str, bytes]:
    """Return what a Secret or ConfigMap holds, decoded."""
    texts, encoded = ("stringData", "data") if obj["kind"] == "Secret" else ("data", "binaryData")
    found = {key: value.encode() for key, value in (obj.get(texts) or {}).items()}
    return found | {key: base64.b64decode(value) for key, value in (obj.get(encoded) or {}).items()}
