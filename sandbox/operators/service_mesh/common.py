"""What the parts of the Service Mesh operator share."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Any

from sandbox.kube import Kube, Object, load_objects
from sandbox.simulator import Operator

VERSION = "2.3.0"
FINALIZER = "maistra.io/istio-operator"
MEMBER_OF = "maistra.io/member-of"
OWNER = "maistra.io/owner"
GENERATION = "maistra.io/mesh-generation"

CONTROL_PLANE = ("maistra.io/v2", "ServiceMeshControlPlane")
ROLL = ("maistra.io/v1", "ServiceMeshMemberRoll")
MEMBER = ("maistra.io/v1", "ServiceMeshMember")

operator = Operator("service_mesh", manager="istio-operator")


def render(file: str, **names: str) -> list[Object]:
    """Return the objects of a file beside this one, `$name` replaced."""
    return load_objects(Template((Path(__file__).parent / file).read_text(encoding="utf-8")).substitute(names))


def reconciled_version(generation: int) -> str:
    """Return how the operator names a generation of a mesh that it reconciled."""
    return f"{VERSION}-{generation}"


def key(obj: Object) -> tuple[str, str]:
    """Return namespace and name."""
    return obj["metadata"]["namespace"], obj["metadata"]["name"]


def option(spec: Object, *path: str, default: Any = None) -> Any:
    """Return the value at a path of the spec, or the default where a part of the path is missing."""
    value: Any = spec
    for part in path:
        value = (value or {}).get(part)
    return default if value is None else value


def control_plane_of(kube: Kube, namespace: str) -> Object | None:
    """Return the control plane in the namespace (admission allows one), None when there is none or it goes away."""
    found = [obj for obj in kube.list(*CONTROL_PLANE, namespace) if not obj["metadata"].get("deletionTimestamp")]
    return found[0] if found else None


def listed(names: list[str]) -> str:
    """Return names as the operator prints a list."""
    return f"[{' '.join(names)}]"
