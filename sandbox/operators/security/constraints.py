"""What SecurityContextConstraints say to a pod, and in which order they are asked: pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.kube import Object

ANY = "*"
RAN_AS = {"RunAsAny": 40_000, "MustRunAsNonRoot": 30_000, "MustRunAsRange": 20_000, "MustRunAs": 10_000}
VOLUMES_OF_ALL = {"configMap", "downwardAPI", "emptyDir", "projected", "secret"}
HOST_FIELDS = (
    ("hostNetwork", "allowHostNetwork", "Host network"),
    ("hostPID", "allowHostPID", "Host PID"),
    ("hostIPC", "allowHostIPC", "Host IPC"),
)


@dataclass(frozen=True)
class Ids:
    """The ids of a namespace: what MustRunAsRange and MustRunAs mean there."""

    first: int
    size: int

    def __contains__(self, number: object) -> bool:
        """Tell whether a user or group is one of them."""
        return number in range(self.first, self.first + self.size)

    def __str__(self) -> str:
        """Return them as the refusals name them."""
        return f"[{self.first}, {self.first + self.size - 1}]"


def in_order(found: list[Object]) -> list[Object]:
    """Return the constraints as they are asked: by priority, then the most restrictive one, then by name."""
    return sorted(found, key=lambda scc: (-(scc.get("priority") or 0), points(scc), scc["metadata"]["name"]))


def points(scc: Object) -> int:
    """Return how much the constraints allow, as openshift/apiserver-library-go counts it."""
    allowed = set(scc.get("volumes") or [])
    total = 1_000_000 if scc.get("allowPrivilegedContainer") else 0
    total += 200_000 if scc.get("allowHostNetwork") else 0
    total += 400_000 if scc.get("allowHostPorts") else 0
    if scc.get("allowHostDirVolumePlugin") or allowed & {ANY, "hostPath"}:
        total += 100_000
    elif allowed - VOLUMES_OF_ALL:
        total += 5
    total += RAN_AS[scc["seLinuxContext"]["type"]] + RAN_AS[scc["runAsUser"]["type"]]
    return total + _capability_points(scc)


def _capability_points(scc: Object) -> int:
    added, dropped = scc.get("allowedCapabilities") or [], scc.get("requiredDropCapabilities") or []
    total = 5000 + 300 * len(scc.get("defaultAddCapabilities") or [])
    total += 4000 if ANY in added else 10 * len(added)
    total -= 3000 if "ALL" in dropped else 50 * len(dropped)
    return min(max(total, 0), 9999)


def problems(scc: Object, pod: Object, ids: Ids) -> list[str]:
    """Return why the constraints refuse the pod, none when they let it in; `ids` are those of its namespace."""
    spec = pod["spec"]
    context: dict[str, Any] = spec.get("securityContext") or {}
    found = [*_of_the_pod(scc, spec, context, ids)]
    for kind in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(kind) or []):
            own = container.get("securityContext") or {}
            found += [f".{kind}[{index}]{problem}" for problem in _of_a_container(scc, container, own, context, ids)]
    return found


def _of_the_pod(scc: Object, spec: Object, context: Object, ids: Ids) -> Iterator[str]:
    groups = [("fsGroup", [context["fsGroup"]] if context.get("fsGroup") is not None else [])]
    groups.append(("supplementalGroups", context.get("supplementalGroups") or []))
    for field, numbers in groups:
        ruled = (scc.get(field) or {}).get("type", "RunAsAny") == "MustRunAs"
        for number in numbers if ruled else []:
            if number not in ids:
                wrong = f"Invalid value: []int64{{{number}}}: {number} is not an allowed group"
                yield f".spec.securityContext.{field}: {wrong}"
    for field, permission, title in HOST_FIELDS:
        if spec.get(field) and not scc.get(permission):
            yield f".spec.securityContext.{field}: Invalid value: true: {title} is not allowed to be used"
    allowed = scc.get("volumes") or []
    for index, volume in enumerate(spec.get("volumes") or []):
        kind = next((key for key in volume if key != "name"), "emptyDir")
        if ANY not in allowed and kind not in allowed:
            yield f'spec.volumes[{index}]: Invalid value: "{kind}": {kind} volumes are not allowed to be used'


def _of_a_container(scc: Object, container: Object, own: Object, context: Object, ids: Ids) -> Iterator[str]:
    user = own.get("runAsUser", context.get("runAsUser"))
    ruled = scc["runAsUser"]["type"]
    if user is not None and ruled == "MustRunAsRange" and user not in ids:
        yield f".runAsUser: Invalid value: {user}: must be in the ranges: {ids}"
    if user == 0 and ruled == "MustRunAsNonRoot":
        yield ".runAsUser: Invalid value: 0: running with the root UID is forbidden"
    if own.get("privileged") and not scc.get("allowPrivilegedContainer"):
        yield ".privileged: Invalid value: true: Privileged containers are not allowed"
    if own.get("allowPrivilegeEscalation") and scc.get("allowPrivilegeEscalation") is False:
        wrong = "Allowing privilege escalation for containers is not allowed"
        yield f".allowPrivilegeEscalation: Invalid value: true: {wrong}"
    allowed = [*(scc.get("allowedCapabilities") or []), *(scc.get("defaultAddCapabilities") or [])]
    for capability in (own.get("capabilities") or {}).get("add") or []:
        if ANY not in allowed and capability not in allowed:
            yield f'.capabilities.add: Invalid value: "{capability}": capability may not be added'
    for port in container.get("ports") or []:
        if port.get("hostPort") and not scc.get("allowHostPorts"):
            yield f".hostPort: Invalid value: {port['hostPort']}: Host ports are not allowed to be used"
