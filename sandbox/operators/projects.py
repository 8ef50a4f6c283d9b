"""What OpenShift adds to namespaces: a Project each, the ids that pods may use, and the refusal of all others.

Pods are held against the default rules of 4.11, restricted-v2, as far as user and group ids go.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.admission import Denied
from sandbox.simulator.objects import make

FIRST_ID, IDS, BLOCKS = 1_000_000_000, 10_000, 100_000
CATEGORIES = 1024
ANNOTATION = "openshift.io/sa.scc."
# OpenShift's own pods, and those of Kubernetes, run under other rules.
PRIVILEGED = ("openshift-", "kube-")
PRIVILEGED_NAMES = ("default", "openshift")
PATH = "/pods"

operator = Operator("projects", platform=True)


@operator.starts
def serve(cluster: Cluster) -> None:
    """Check pods before they are stored; a sandbox without this operator goes on without the check."""
    service = {"name": "projects", "namespace": "openshift", "path": PATH}
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    webhook = {
        "name": "securitycontextconstraint.security.openshift.io",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"service": service},
        "failurePolicy": "Ignore",
        "rules": [rule],
        "sideEffects": "None",
        "timeoutSeconds": 5,
    }
    api_version = "admissionregistration.k8s.io/v1"
    configuration = make(api_version, "ValidatingWebhookConfiguration", "security.openshift.io", webhooks=[webhook])
    cluster.admission.serve("projects", [configuration], {PATH: lambda request: check(cluster, request)})


def _vanished(cluster: Cluster, namespace: Object) -> None:
    cluster.kube.delete(make("project.openshift.io/v1", "Project", namespace["metadata"]["name"]))


@operator.reconciles("v1", "Namespace", gone=_vanished)
def reconcile(cluster: Cluster, namespace: Object) -> None:
    """Give the namespace its ids, and show it as a Project."""
    meta = namespace["metadata"]
    missing = {key: value for key, value in ids(meta["uid"]).items() if key not in meta.get("annotations", {})}
    if missing and not meta.get("deletionTimestamp"):
        meta = cluster.kube.patch(namespace, {"metadata": {"annotations": missing}})["metadata"]
    described = {"labels": meta.get("labels"), "annotations": meta.get("annotations")}
    project = make(
        "project.openshift.io/v1",
        "Project",
        meta["name"],
        **described,
        spec={"finalizers": namespace["spec"]["finalizers"]},
        status={"phase": namespace["status"]["phase"]},
    )
    cluster.apply(project)


def ids(uid: str) -> dict[str, str]:
    """Return the annotations with the ids of the namespace `uid`: a block of its own, as OpenShift hands them out."""
    block = zlib.crc32(uid.encode()) % BLOCKS
    first, second = divmod(block, CATEGORIES)
    numbers = f"{FIRST_ID + block * IDS}/{IDS}"
    return {
        f"{ANNOTATION}mcs": f"s0:c{second},c{first}",
        f"{ANNOTATION}supplemental-groups": numbers,
        f"{ANNOTATION}uid-range": numbers,
    }


def check(cluster: Cluster, request: Object) -> None:
    """Refuse a pod that asks for ids outside its namespace's range. Raises Denied."""
    name = request["namespace"]
    wanted = list(_wanted(request["object"]["spec"]))
    if not wanted or name.startswith(PRIVILEGED) or name in PRIVILEGED_NAMES:
        return
    namespace = cluster.kube.get("v1", "Namespace", name)
    if namespace is None:
        return
    meta = namespace["metadata"]
    annotations = ids(meta["uid"]) | meta.get("annotations", {})
    start, _, size = annotations[f"{ANNOTATION}uid-range"].partition("/")
    allowed = range(int(start), int(start) + int(size))
    problems = [_problem(field, number, allowed) for field, number in wanted if number not in allowed]
    if problems:
        pod = request["object"]["metadata"]
        title = f'pods "{pod.get("name") or pod.get("generateName", "")}" is forbidden'
        reasons = ", ".join(f"provider restricted-v2: {problem}" for problem in problems)
        message = f"{title}: unable to validate against any security context constraint: [{reasons}]"
        raise Denied(message, code=403, reason="Forbidden")


def _wanted(spec: Object) -> Iterator[tuple[str, int]]:
    """Yield the field and number of each user and group that the pod asks for."""
    context: dict[str, Any] = spec.get("securityContext") or {}
    if context.get("fsGroup") is not None:
        yield ".spec.securityContext.fsGroup", context["fsGroup"]
    for kind in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(kind) or []):
            user = (container.get("securityContext") or {}).get("runAsUser", context.get("runAsUser"))
            if user is not None:
                yield f".{kind}[{index}].runAsUser", user


def _problem(field: str, number: int, allowed: range) -> str:
    if field.endswith("fsGroup"):
        return f"{field}: Invalid value: []int64{{{number}}}: {number} is not an allowed group"
    return f"{field}: Invalid value: {number}: must be in the ranges: [{allowed.start}, {allowed.stop - 1}]"
