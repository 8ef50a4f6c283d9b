"""The CustomResourceDefinitions of the sandbox: which kinds there are, who brings them, and how each is defined.

`definitions/<set>.yaml` are tables with one line for each kind. `olm`, `openshift` and `monitoring` are there from the
start; the other sets arrive when their operator, control plane or chart brings them. A definition is the real one when
the folder named by `SELDON_CRD_DIR` holds it, else a small one made from the table that keeps unknown fields.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sandbox.kube import ApiError, Kube, Object

PLATFORM = ("olm", "openshift", "monitoring")
ISTIO = "istio"

TABLES = Path(__file__).with_suffix("")
KIND = "CustomResourceDefinition"
API_VERSION = "apiextensions.k8s.io/v1"


class _Loader(yaml.CSafeLoader):
    """Reads a plain `=`, which YAML 1.1 reserves and which Prometheus' definitions use, as the text it is."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)


class Definitions:
    """The definitions by name (`kafkas.kafka.strimzi.io`) and by set (`kafka`: the stem of a table's file name)."""

    def __init__(self, folder: Path | None = None) -> None:
        """Prefer the real definitions in YAML files below `folder` (any depth, several in a file, or a List)."""
        self._tables: dict[str, dict[str, Object]] = {
            path.stem: yaml.load(path.read_text(), _Loader)  # noqa: S506 - a subclass of the safe loader
            for path in sorted(TABLES.glob("*.yaml"))
        }
        self._texts: dict[Path, str] = {}
        if folder:
            files = sorted(path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"})
            self._texts = {path: path.read_text() for path in files}

    @classmethod
    def from_environment(cls) -> Definitions:
        """Read `SELDON_CRD_DIR`. Raises FileNotFoundError when it names no folder."""
        value = os.environ.get("SELDON_CRD_DIR")
        if not value:
            return cls()
        folder = Path(value).expanduser()
        if not folder.is_dir():
            raise FileNotFoundError(
                f"SELDON_CRD_DIR={value} is no folder. Name one with CustomResourceDefinitions, or unset it."
            )
        return cls(folder)

    def names(self, *sets: str) -> list[str]:
        """Return the names of the definitions of these sets. Raises KeyError for an unknown set."""
        return [name for set_name in sets for name in self._tables[set_name]]

    def load(self, *sets: str) -> list[Object]:
        """Return the definitions of these sets. Raises KeyError for an unknown set."""
        return [self.definition(name) for name in self.names(*sets)]

    def definition(self, name: str) -> Object:
        """Return the definition called `name`. Raises KeyError when no table has it."""
        row = next((table[name] for table in self._tables.values() if name in table), None)
        if row is None:
            raise KeyError(f"no table in {TABLES} has {name}")
        real = self._find(name)
        return accepted(real) if real else generated(name, row)

    def _find(self, name: str) -> Object | None:
        # Parsing is slow and most files are never needed: look at the text first.
        for path, text in self._texts.items():
            if f"name: {name}\n" in text:
                found = _parsed(path).get(name)
                if found:
                    return found
        return None


@cache
def _parsed(path: Path) -> dict[str, Object]:
    documents = yaml.load_all(path.read_text(), _Loader)
    items = (item for document in documents if document for item in document.get("items", [document]))
    return {item["metadata"]["name"]: item for item in items if item.get("kind") == KIND}


def accepted(real: Object) -> Object:
    """Return a real definition as a plain API server takes it: nothing of the cluster it comes from, and no webhooks.

    Descriptions go too: OLM carries a bundle's definitions inside one InstallPlan, which etcd limits to 1.5 MiB.
    """
    spec = {key: value for key, value in real["spec"].items() if key != "conversion"}
    spec["versions"] = [{**version, "schema": _without_descriptions(version["schema"])} for version in spec["versions"]]
    if real["metadata"]["name"] == "routes.route.openshift.io":
        # OpenShift serves routes itself, accepts an empty host and fills it in; this pattern refuses it.
        for version in spec["versions"]:
            version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["host"].pop("pattern", None)
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": real["metadata"]["name"]}, "spec": spec}


def _without_descriptions(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_descriptions(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    cleaned = {}
    for key, value in schema.items():
        if key == "properties":
            cleaned[key] = {name: _without_descriptions(field) for name, field in value.items()}
        elif key in {"default", "enum", "example"}:
            cleaned[key] = value
        elif key != "description":
            cleaned[key] = _without_descriptions(value)
    return cleaned


def generated(name: str, row: Object) -> Object:
    """Return a small definition from a table's row.

    `row` has `kind` and `versions` (all served, the first is stored), and may have `short` names, `scope: Cluster`,
    `status: false` (no status subresource) and `columns` (heading: JSON path, for `kubectl get`).
    """
    plural, group = name.split(".", 1)
    open_object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {**open_object, "properties": {"spec": open_object, "status": open_object}}
    columns = [{"name": key, "type": "string", "jsonPath": path} for key, path in row.get("columns", {}).items()]
    age = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
    versions = [
        {
            "name": version,
            "served": True,
            "storage": index == 0,
            "schema": {"openAPIV3Schema": schema},
            **({} if row.get("status") is False else {"subresources": {"status": {}}}),
            **({"additionalPrinterColumns": [*columns, age]} if columns else {}),
        }
        for index, version in enumerate(row["versions"])
    ]
    names = {
        "kind": row["kind"],
        "listKind": f"{row['kind']}List",
        "plural": plural,
        "singular": row["kind"].lower(),
        "shortNames": row.get("short", []),
    }
    spec = {"group": group, "names": names, "scope": row.get("scope", "Namespaced"), "versions": versions}
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": name}, "spec": spec}


def establish(kube: Kube, definitions: list[Object], seconds: float = 300) -> None:
    """Create the definitions that are missing and wait until the API server serves each of them.

    Raises ApiError when one is refused, TimeoutError naming those that are not served after `seconds`.
    """
    deadline = time.monotonic() + seconds
    with ThreadPoolExecutor(8) as pool:
        late = [
            name for name in pool.map(lambda definition: _establish(kube, definition, deadline), definitions) if name
        ]
    if late:
        raise TimeoutError(f"not served after {seconds:.0f} s: {', '.join(late)}")


def _establish(kube: Kube, definition: Object, deadline: float) -> str | None:
    """Return the definition's name when it is not served at `deadline` (monotonic seconds)."""
    name: str = definition["metadata"]["name"]
    try:
        live: Object | None = kube.create(definition)
    except ApiError as error:
        if error.reason != "AlreadyExists":
            raise
        live = kube.get(API_VERSION, KIND, name)
    while not live or not _established(live):
        if time.monotonic() > deadline:
            return name
        time.sleep(0.1)
        live = kube.get(API_VERSION, KIND, name)
    return None


def _established(crd: Object) -> bool:
    conditions = crd.get("status", {}).get("conditions") or []
    return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)
