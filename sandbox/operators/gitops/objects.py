"""The objects of one Argo CD, as argocd-operator 0.5 makes them: pure functions of the ArgoCD resource."""

from __future__ import annotations

from pathlib import Path

import yaml

from sandbox.kube import Object
from sandbox.operators._templates import complete, load
from sandbox.simulator.objects import make, owner

FOLDER = Path(__file__).parent / "objects"
ROLES: dict[str, list[Object]] = yaml.safe_load((FOLDER / "roles.yaml").read_text(encoding="utf-8"))
# The hosts and types of the operator's own list, with stand-ins for the keys.
PUBLIC_HOSTS = FOLDER / "known_hosts"
IN_MANAGED_NAMESPACES = ("application-controller", "grafana", "redis", "server")
OF_NAME, OF_NAMESPACE = "argocds.argoproj.io/name", "argocds.argoproj.io/namespace"
RBAC = "rbac.authorization.k8s.io"


def instance(argocd: Object) -> list[Object]:
    """Return everything but Secrets, known hosts, certificates of Git servers and Dex; workloads last."""
    spec = argocd["spec"]
    found = _load(argocd, "instance")
    rbac = next(obj for obj in found if obj["metadata"]["name"] == "argocd-rbac-cm")
    rbac["data"] = {
        "policy.csv": spec.get("rbac", {}).get("policy", ""),
        "policy.default": spec.get("rbac", {}).get("defaultPolicy", "role:readonly"),
        "scopes": spec.get("rbac", {}).get("scopes", "[groups]"),
    }
    own = [*_rights(argocd, set(ROLES) - {"dex-server"}), *found]
    route = spec["server"]["route"]
    return [_route(argocd, route), *own] if route.get("enabled") else own


def dex(argocd: Object) -> list[Object]:
    """Return what single sign-on through Dex adds."""
    return [*_rights(argocd, {"dex-server"}), *_load(argocd, "dex")]


def managed(argocd: Object, namespace: str) -> list[Object]:
    """Return the rights of the Argo CD in a namespace that is labelled for it; nothing owns them."""
    found = [obj for component in IN_MANAGED_NAMESPACES for obj in _role_and_binding(argocd, component, namespace)]
    for obj in found:
        obj["metadata"]["labels"] = _labels(argocd) | obj["metadata"]["labels"]
        if obj["kind"] == "RoleBinding":
            meta = argocd["metadata"]
            obj["metadata"]["annotations"] = {OF_NAME: meta["name"], OF_NAMESPACE: meta["namespace"]}
    return found


def secrets(argocd: Object) -> dict[str, tuple[str, list[str]]]:
    """Return the Secrets (name: type, keys) that are made once and then left alone."""
    name = argocd["metadata"]["name"]
    tls = "kubernetes.io/tls"
    session = ["admin.password", "admin.passwordMtime", "server.secretkey", "tls.crt", "tls.key"]
    return {
        f"{name}-cluster": ("Opaque", ["admin.password"]),
        f"{name}-ca": (tls, ["ca.crt", "tls.crt", "tls.key"]),
        f"{name}-tls": (tls, ["tls.crt", "tls.key"]),
        "argocd-secret": ("Opaque", session),
    }


def known_hosts(argocd: Object) -> Object:
    """Return the list of SSH host keys: made once, of public hosts and the specification, and then left alone."""
    initial = argocd["spec"].get("initialSSHKnownHosts", {})
    public = "" if initial.get("excludedefaulthosts") else PUBLIC_HOSTS.read_text(encoding="utf-8")
    keys = public + initial.get("keys", "")
    return _of(argocd, make("v1", "ConfigMap", "argocd-ssh-known-hosts-cm", data={"ssh_known_hosts": keys}))


def certificates(argocd: Object) -> Object:
    """Return the certificates of Git servers: made once, of the specification, and then left alone."""
    initial = argocd["spec"].get("tls", {}).get("initialCerts", {})
    return _of(argocd, make("v1", "ConfigMap", "argocd-tls-certs-cm", **({"data": initial} if initial else {})))


def secret(argocd: Object, name: str, type_: str, data: dict[str, str]) -> Object:
    """Return a Secret of the Argo CD; `data` is encoded already."""
    return _of(argocd, make("v1", "Secret", name, type=type_, data=data))


def cluster_secret(argocd: Object, data: dict[str, str]) -> Object:
    """Return the Secret that lists the namespaces which this Argo CD may deploy into; `data` is encoded already."""
    name = f"{argocd['metadata']['name']}-default-cluster-config"
    obj = secret(argocd, name, "Opaque", data)
    obj["metadata"]["labels"]["argocd.argoproj.io/secret-type"] = "cluster"
    return obj


def _rights(argocd: Object, components: set[str]) -> list[Object]:
    name, namespace = argocd["metadata"]["name"], argocd["metadata"]["namespace"]
    accounts = [make("v1", "ServiceAccount", f"{name}-argocd-{component}") for component in sorted(components)]
    rights = [obj for component in sorted(components) for obj in _role_and_binding(argocd, component, namespace)]
    return [_of(argocd, obj) for obj in accounts + rights]


def _role_and_binding(argocd: Object, component: str, namespace: str) -> list[Object]:
    meta = argocd["metadata"]
    name = f"{meta['name']}-argocd-{component}"
    role = make(
        f"{RBAC}/v1", "Role", name, namespace, labels={"app.kubernetes.io/name": meta["name"]}, rules=ROLES[component]
    )
    binding = make(
        f"{RBAC}/v1",
        "RoleBinding",
        name,
        namespace,
        labels={"app.kubernetes.io/name": f"argocd-{component}"},
        roleRef={"apiGroup": RBAC, "kind": "Role", "name": name},
        subjects=[{"kind": "ServiceAccount", "name": name, "namespace": meta["namespace"]}],
    )
    return [role, binding]


def _route(argocd: Object, asked: Object) -> Object:
    """Return the Route; its host is left to the API server."""
    name = f"{argocd['metadata']['name']}-server"
    tls = asked.get("tls") or {"insecureEdgeTerminationPolicy": "Redirect", "termination": "passthrough"}
    spec = {
        "port": {"targetPort": "https"},
        "tls": tls,
        "to": {"kind": "Service", "name": name},
        "wildcardPolicy": asked.get("wildcardPolicy", "None"),
    }
    return _of(argocd, make("route.openshift.io/v1", "Route", name, spec=spec))


def _load(argocd: Object, file: str) -> list[Object]:
    return [_of(argocd, obj) for obj in load(FOLDER / f"{file}.yaml", name=argocd["metadata"]["name"])]


def _of(argocd: Object, obj: Object) -> Object:
    labels = _labels(argocd) | {"app.kubernetes.io/name": obj["metadata"]["name"]}
    return complete(obj, argocd["metadata"]["namespace"], labels, owner(argocd))


def _labels(argocd: Object) -> dict[str, str]:
    return {"app.kubernetes.io/managed-by": argocd["metadata"]["name"], "app.kubernetes.io/part-of": "argocd"}
