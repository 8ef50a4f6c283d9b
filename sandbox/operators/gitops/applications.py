"""What Argo CD's application controller says of an Application. There is no git here: every repository has every path.

Messages are those of Argo CD 2.5. The fault `application-path-missing` stands for a repository without the path, the
fault `repository-refused` for one that Argo CD can't read.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from sandbox.kube import Object
from sandbox.simulator import Cluster
from sandbox.simulator.objects import available, now

FINALIZER = "resources-finalizer.argocd.argoproj.io"
COMPONENT = "app.kubernetes.io/component=application-controller"
REVISION = "0" * 40
REFUSED = "authentication required"


def reconcile(cluster: Cluster, application: Object) -> float | None:
    """Compare and synchronise while a controller runs in the Application's namespace."""
    meta = application["metadata"]
    controllers = cluster.kube.list("apps/v1", "StatefulSet", meta["namespace"], COMPONENT)
    if not any(map(available, controllers)):
        return None
    if meta.get("deletionTimestamp"):
        cluster.set_finalizer(application, FINALIZER, present=False)
        return None
    if wait := cluster.pause(application, "gitops.compare"):
        return wait
    spec = application["spec"]
    project = cluster.kube.get("argoproj.io/v1alpha1", "AppProject", spec["project"], meta["namespace"])
    errors = invalid(spec, project)
    if errors:
        wanted = _status("Unknown", "Unknown", [("InvalidSpecError", message) for message in errors])
    elif refused := cluster.fault("repository-refused", application):
        message = f"rpc error: code = Unknown desc = {refused.get('message', REFUSED)}"
        wanted = _status("Unknown", "Healthy", [("ComparisonError", message)])
    elif cluster.fault("application-path-missing", application):
        message = f"rpc error: code = Unknown desc = {spec['source']['path']}: app path does not exist"
        wanted = _status("Unknown", "Healthy", [("ComparisonError", message)])
    elif "automated" in spec.get("syncPolicy", {}):
        wanted = _status("Synced", "Healthy", []) | {"operationState": _operation()}
    else:
        wanted = _status("OutOfSync", "Missing", [])
    if _without_times(application.get("status", {})) != _without_times(wanted):
        # Application has no status subresource; null removes what a merge would leave.
        removed = dict.fromkeys(application.get("status", {}).keys() - wanted.keys())
        cluster.kube.patch(application, {"status": removed | wanted})
    return None


def invalid(spec: Object, project: Object | None) -> list[str]:
    """Return why the project does not allow the Application."""
    if project is None:
        return [f"Application referencing project {spec['project']} which does not exist"]
    errors = []
    name, repository, target = spec["project"], spec["source"]["repoURL"], spec["destination"]
    if not any(fnmatchcase(repository, pattern) for pattern in project["spec"].get("sourceRepos", [])):
        errors.append(f"application repo {repository} is not permitted in project '{name}'")
    server, namespace = target.get("server", ""), target.get("namespace", "")
    if not any(
        fnmatchcase(server, entry.get("server", "")) and fnmatchcase(namespace, entry.get("namespace", ""))
        for entry in project["spec"].get("destinations", [])
    ):
        errors.append(f"application destination {{{server} {namespace}}} is not permitted in project '{name}'")
    return errors


def _status(sync: str, health: str, conditions: list[tuple[str, str]]) -> Object:
    found: Object = {"sync": {"status": sync}, "health": {"status": health}}
    if sync != "Unknown":
        found["sync"]["revision"] = REVISION
    if conditions:
        found["conditions"] = [
            {"type": type_, "message": message, "lastTransitionTime": now()} for type_, message in conditions
        ]
    return found


def _operation() -> Object:
    return {
        "phase": "Succeeded",
        "message": "successfully synced (all tasks run)",
        "operation": {"initiatedBy": {"automated": True}, "sync": {"revision": REVISION}},
        "startedAt": now(),
        "finishedAt": now(),
    }


def _without_times(status: Object) -> Object:
    return {
        "sync": status.get("sync"),
        "health": status.get("health"),
        "conditions": [(entry["type"], entry["message"]) for entry in status.get("conditions", [])],
        "phase": status.get("operationState", {}).get("phase"),
    }
