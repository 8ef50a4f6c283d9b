"""The admission of pods: the first SecurityContextConstraints that let a pod in and that somebody may use for it.

That is the pod's ServiceAccount, or who creates the pod. The sandbox's own processes and its administrator act with all
rights, also in the place of OpenShift's controllers, which have none for this; so they do not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.kube import Object
from sandbox.operators.projects import uid_range
from sandbox.operators.security.constraints import Ids, in_order, problems
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.admission import Denied
from sandbox.simulator.objects import make

CONSTRAINTS = ("security.openshift.io/v1", "SecurityContextConstraints")
ADMITTED_BY = "openshift.io/scc"
MASTERS = "system:masters"
# OpenShift's own pods, and those of Kubernetes, are not simulated as far as their rights go.
EXEMPT_PREFIXES, EXEMPT = ("openshift-", "kube-"), ("default", "openshift")
PATH = "/pods"

operator = Operator("security", manager="openshift-apiserver", platform=True)


@dataclass(frozen=True)
class Account:
    """Who might use constraints: a user or ServiceAccount with its groups."""

    name: str
    groups: tuple[str, ...]


@operator.starts
def serve(cluster: Cluster) -> None:
    """Check pods before they are stored; a sandbox without this operator goes on without the check."""
    service = {"name": "security", "namespace": "openshift", "path": PATH}
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
    configuration = make(api_version, "MutatingWebhookConfiguration", "security.openshift.io", webhooks=[webhook])
    cluster.admission.serve_by_url("security", [configuration], {PATH: lambda request: admit(cluster, request)})


def admit(cluster: Cluster, request: Object) -> Object | None:
    """Return the pod with the name of the constraints that let it in. Raises Denied."""
    name, pod = request["namespace"], request["object"]
    if name.startswith(EXEMPT_PREFIXES) or name in EXEMPT:
        return None
    namespace = cluster.kube.get("v1", "Namespace", name)
    if namespace is None:
        return None
    ids, who, refusals = Ids(*uid_range(namespace)), list(accounts(request)), []
    for scc in in_order(cluster.kube.list(*CONSTRAINTS)):
        title, wrong = scc["metadata"]["name"], problems(scc, pod, ids)
        if not any(may_use(cluster, account, scc, name) for account in who):
            refusals.append(f'provider "{title}": Forbidden: not usable by user or serviceaccount')
        elif wrong:
            refusals += [f"provider {title}: {problem}" for problem in wrong]
        else:
            return _admitted(pod, title)
    meta = pod["metadata"]
    subject = f'pods "{meta.get("name") or meta.get("generateName", "")}" is forbidden'
    message = f"{subject}: unable to validate against any security context constraint: [{', '.join(refusals)}]"
    raise Denied(message, code=403, reason="Forbidden")


def accounts(request: Object) -> Iterator[Account]:
    """Yield whose rights count for the pod of the request."""
    user, name = request.get("userInfo") or {}, request["namespace"]
    if MASTERS not in (user.get("groups") or [MASTERS]):
        yield Account(user["username"], tuple(user["groups"]))
    account = request["object"]["spec"].get("serviceAccountName") or "default"
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{name}", "system:authenticated")
    yield Account(f"system:serviceaccount:{name}:{account}", groups)


def may_use(cluster: Cluster, account: Account, scc: Object, namespace: str) -> bool:
    """Tell whether the constraints name the account, or a Role lets it `use` them in the namespace."""
    if account.name in (scc.get("users") or []) or set(account.groups) & set(scc.get("groups") or []):
        return True
    use = {
        "verb": "use",
        "group": CONSTRAINTS[0].partition("/")[0],
        "resource": "securitycontextconstraints",
        "name": scc["metadata"]["name"],
        "namespace": namespace,
    }
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": account.name, "groups": list(account.groups), "resourceAttributes": use},
    }
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    return bool(cluster.kube.request("POST", path, review)["status"]["allowed"])


def _admitted(pod: Object, by: str) -> Object:
    meta = pod["metadata"]
    return {**pod, "metadata": {**meta, "annotations": {**(meta.get("annotations") or {}), ADMITTED_BY: by}}}
