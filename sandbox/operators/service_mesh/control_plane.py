"""ServiceMeshControlPlane: from its creation to ComponentsReady, changes of its spec, what breaks later, its end."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.kube import ApiError, Object
from sandbox.operators.service_mesh import components, webhooks
from sandbox.operators.service_mesh.common import (
    CONTROL_PLANE,
    FINALIZER,
    MEMBER_OF,
    VERSION,
    listed,
    operator,
    reconciled_version,
    render,
)
from sandbox.operators.service_mesh.components import ALWAYS_READY, CHARTS, Readiness
from sandbox.simulator import Cluster
from sandbox.simulator.objects import condition, conditions

IGNORE = "maistra.io/ignore-namespace"
PROFILES = {"default", "small", "maistra"}
TEMPLATES = "/usr/local/share/istio-operator/templates"


@dataclass
class Progress:
    """How far one generation of a control plane is installed."""

    generation: int
    installed: list[str] = field(default_factory=list)
    attempts: int = 0


class Failure(Exception):
    """The control plane cannot be installed now; tried again when it changes, with `retry` also by itself."""

    def __init__(self, reason: str, message: str, retry: bool = True) -> None:
        """Take what the conditions say."""
        super().__init__(message)
        self.reason = reason
        self.retry = retry


@operator.reconciles(*CONTROL_PLANE, watches=[("apps/v1", "Deployment")])
def reconcile(cluster: Cluster, smcp: Object) -> float | None:
    """Install what the spec asks for, or watch over what is installed."""
    if smcp["metadata"].get("deletionTimestamp"):
        return remove(cluster, smcp)
    smcp = cluster.set_finalizer(smcp, FINALIZER, present=True)
    webhooks.attend_istiod(cluster, smcp)
    status = smcp.get("status", {})
    settled = status.get("observedGeneration") == smcp["metadata"]["generation"]
    if settled and condition(smcp, "Reconciled").get("status") == "True":
        watch_over(cluster, smcp)
        return None
    notes = cluster.memory(smcp)
    progress: Progress | None = notes.get("progress")
    if progress is None or progress.generation != smcp["metadata"]["generation"]:
        if wait := cluster.pause(smcp, "service_mesh.notice"):
            return wait
        smcp = begin(cluster, smcp)
        progress = notes["progress"] = Progress(smcp["metadata"]["generation"])
    try:
        return install(cluster, smcp, progress)
    except Failure as failure:
        report(cluster, smcp, progress, failure.reason, str(failure))
        progress.attempts += 1
        return retry_after(cluster, progress.attempts) if failure.retry else None


def begin(cluster: Cluster, smcp: Object) -> Object:
    """Say that a new generation is being installed."""
    generation, status = smcp["metadata"]["generation"], smcp.get("status", {})
    if "observedGeneration" in status:
        message = f"Updating mesh from generation {status['observedGeneration']} to generation {generation}"
        cluster.event(smcp, "Normal", "Updating", message)
        return set_conditions(cluster, smcp, "SpecUpdated", message)
    message = f"Installing mesh generation {generation}"
    cluster.event(smcp, "Normal", "Installing", message)
    types = ("Installed", "Reconciled", "Ready")
    wanted = conditions(smcp, *((type_, "False", "ResourceCreated", message) for type_ in types))
    return cluster.set_status(smcp, {"appliedSpec": smcp["spec"], "conditions": wanted, "readiness": {}})


def set_conditions(cluster: Cluster, smcp: Object, reason: str, message: str) -> Object:
    """Make Reconciled and Ready false, and leave Installed as it is."""
    before = condition(smcp, "Installed")
    installed = ("Installed", before["status"], before["reason"], before["message"])
    wanted = conditions(smcp, installed, *((type_, "False", reason, message) for type_ in ("Reconciled", "Ready")))
    return cluster.set_status(smcp, smcp["status"] | {"conditions": wanted})


def install(cluster: Cluster, smcp: Object, progress: Progress) -> float | None:
    """Create the components, wave by wave. Raises Failure."""
    check(cluster, smcp)
    waves = components.waves(smcp["spec"])
    for wave in waves:
        missing = [component for component in wave if component not in progress.installed]
        if missing:
            if wait := cluster.pause(smcp, "service_mesh.wave", missing[0]):
                return wait
            for component in missing:
                create(cluster, smcp, component)
                progress.installed.append(component)
        unready = [name for name in wave if name not in readiness(cluster, smcp, progress.installed).ready]
        if missing and (unready or wave != waves[-1]):
            smcp = report(cluster, smcp, progress)
        if unready:
            if wait := cluster.pause(smcp, "service_mesh.patience", wave[0]):
                return wait
            pause(cluster, smcp, progress, unready)
            return None
    finish(cluster, smcp, progress)
    return None


def check(cluster: Cluster, smcp: Object) -> None:
    """Refuse what admission lets through but cannot be installed. Raises Failure."""
    spec = smcp["spec"]
    wanted = components.wanted(spec)
    if "kiali" in wanted and "prometheus" not in wanted:
        message = ".spec.addons.prometheus.enabled must be true when .spec.addons.kiali.enabled is true"
        raise Failure("ValidationError", f"Spec is invalid: error: {message}", retry=False)
    for profile in set(spec["profiles"]) - PROFILES:
        message = (
            f"template cannot be loaded from user or default directory. Error from user: open {TEMPLATES}/{profile}"
        )
        raise Failure("ReconcileError", f"Error rendering helm charts: error: {message}")
    for api_version, kind in components.required_kinds(spec):
        if not cluster.installed(api_version, kind):
            message = f'no matches for kind "{kind}" in version "{api_version}"'
            raise Failure("DependencyMissingError", f'Dependency "{kind} CRD" is missing: error: {message}')


def retry_after(cluster: Cluster, attempts: int) -> float:
    """Return the seconds until the next attempt: twice as long each time, from milliseconds to minutes."""
    first, longest = cluster.latency("service_mesh.first_retry"), cluster.latency("service_mesh.longest_retry")
    return min(first * 2.0 ** (attempts - 1), longest)


def create(cluster: Cluster, smcp: Object, component: str) -> None:
    """Create what one component consists of. Raises Failure when the API server refuses a part of it."""
    namespace = smcp["metadata"]["namespace"]
    if component == "istio-discovery":
        cluster.install_definitions("istio")
        cluster.apply(*render("objects/cni.yaml", namespace=cluster.namespace))
        label_namespace(cluster, namespace, namespace, "ignore")
    for obj in components.objects(component, smcp):
        try:
            cluster.apply(components.with_live_replicas(cluster.kube, obj))
        except ApiError as error:
            message = f"[{component}/templates/{obj['metadata']['name']}.yaml: {error.message}]"
            raise Failure("ReconcileError", f"Error processing component {component}: error: {message}") from error
    if component == "istio-discovery":
        webhooks.attend_istiod(cluster, smcp)


def label_namespace(cluster: Cluster, namespace: str, member_of: str | None, ignore: str | None) -> None:
    """Set or remove the labels that make a namespace part of a mesh."""
    obj: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    cluster.kube.patch(obj, {"metadata": {"labels": {MEMBER_OF: member_of, IGNORE: ignore}}})


def pause(cluster: Cluster, smcp: Object, progress: Progress, unready: list[str]) -> None:
    """Wait for components; the conditions say so until the very end, whatever becomes ready meanwhile."""
    update = "observedGeneration" in smcp["status"]
    reason = "PausingUpdate" if update else "PausingInstall"
    if condition(smcp, "Ready").get("reason") == reason:
        return
    message = f"Paused until the following components become ready: {listed(unready)}"
    report(cluster, smcp, progress, reason, message)
    cluster.event(smcp, "Normal", reason, message)


def readiness(cluster: Cluster, smcp: Object, installed: list[str]) -> Readiness:
    """Return how far the components are; the fault `operand-not-ready` (`component`) keeps one from being ready."""
    fault = cluster.fault("operand-not-ready", smcp)
    broken = str(fault.get("component", "istio-discovery")) if fault else None
    return components.readiness(cluster.kube, smcp, installed, broken)


def report(cluster: Cluster, smcp: Object, progress: Progress, reason: str | None = None, message: str = "") -> Object:
    """Write how far the components are and, with a reason, why it does not go on."""
    found = readiness(cluster, smcp, progress.installed)
    if not progress.installed and "observedGeneration" not in smcp["status"]:
        found = Readiness([], [], [])
    status = smcp["status"] | counted(found)
    if progress.installed:
        status["components"] = component_statuses(smcp, progress.installed)
    if status != smcp["status"]:
        smcp = cluster.set_status(smcp, status)
    return set_conditions(cluster, smcp, reason, message) if reason else smcp


def counted(found: Readiness) -> Object:
    """Return the parts of the status that count components."""
    always = [component for component in ALWAYS_READY if component in found.ready]
    return {
        "annotations": {"alwaysReadyComponents": ",".join(always), "readyComponentCount": found.count()},
        "readiness": {"components": {"ready": found.ready, "unready": found.unready, "pending": found.pending}},
    }


def component_statuses(smcp: Object, installed: list[str]) -> list[Object]:
    """Return the conditions of each component."""
    before = {entry["resource"]: entry for entry in smcp["status"].get("components", [])}
    update = "observedGeneration" in smcp["status"]
    done = ("InstallSuccessful", "Component installed successfully")
    result = []
    for name in components.wanted(smcp["spec"]):
        reconciled = ("ReconcileSuccessful", "Successfully reconciled") if update else done
        wanted = [("Reconciled", "True", *reconciled) if name in installed else ("Reconciled", "False", "", "")]
        if name in installed or condition({"status": before.get(name, {})}, "Installed"):
            wanted.append(("Installed", "True", *done))
        result.append({"resource": name, "conditions": conditions({"status": before.get(name, {})}, *wanted)})
    return result


def finish(cluster: Cluster, smcp: Object, progress: Progress) -> None:
    """Write that this generation is installed, all at once."""
    generation, status = smcp["metadata"]["generation"], smcp["status"]
    version, before = reconciled_version(generation), status.get("observedGeneration")
    cluster.event(smcp, "Normal", "Pruning", "Pruning obsolete resources")
    components.prune(cluster.kube, smcp["metadata"]["namespace"], keep=version)
    reconciled = ("InstallSuccessful", f"Successfully installed version {version}")
    if before is not None:
        message = f"Successfully updated from version {reconciled_version(before)} to version {version}"
        reconciled = ("UpdateSuccessful", message)
    ready = ("ComponentsReady", "All component deployments are Available")
    wanted = conditions(
        smcp,
        ("Installed", "True", "InstallSuccessful", "Successfully installed all mesh components"),
        ("Reconciled", "True", *reconciled),
        ("Ready", "True", *ready),
    )
    status = status | counted(readiness(cluster, smcp, progress.installed))
    status |= {
        "appliedSpec": smcp["spec"],
        "chartVersion": CHARTS[smcp["spec"]["version"]],
        "components": component_statuses(smcp, progress.installed),
        "conditions": wanted,
        "observedGeneration": generation,
        "operatorVersion": VERSION,
    }
    cluster.set_status(smcp, status)
    cluster.event(smcp, "Normal", "Updated" if before is not None else "Installed", reconciled[1])
    cluster.event(smcp, "Normal", "Ready", ready[1])


def watch_over(cluster: Cluster, smcp: Object) -> None:
    """Tell when a component stops or starts to be ready; nothing is repaired."""
    found = readiness(cluster, smcp, components.wanted(smcp["spec"]))
    ready = ("True", "ComponentsReady", "All component deployments are Available")
    if found.unready:
        message = f"The following components are not fully available: {listed(found.unready)}"
        ready = ("False", "ComponentsNotReady", message)
    kept = [condition(smcp, type_) for type_ in ("Installed", "Reconciled")]
    wanted = [*kept, *conditions(smcp, ("Ready", *ready))]
    if condition(smcp, "Ready")["status"] != ready[0]:
        type_, reason = ("Warning", "NotReady") if found.unready else ("Normal", "Ready")
        cluster.event(smcp, type_, reason, ready[2])
    cluster.set_status(smcp, smcp["status"] | counted(found) | {"conditions": wanted})


def remove(cluster: Cluster, smcp: Object) -> float | None:
    """Delete everything that was created, then let go; members keep theirs, definitions and the CNI stay."""
    if FINALIZER not in smcp["metadata"].get("finalizers", []):
        return None
    namespace = smcp["metadata"]["namespace"]
    if "conditions" in smcp.get("status", {}) and condition(smcp, "Ready")["reason"] != "Deleting":
        smcp = set_conditions(cluster, smcp, "Deleting", "Deleting service mesh")
        cluster.event(smcp, "Normal", "Deleting", "Deleting service mesh")
    if wait := cluster.pause(smcp, "service_mesh.delete"):
        return wait
    webhooks.remove_istiod(cluster, smcp)
    components.prune(cluster.kube, namespace, keep=None)
    label_namespace(cluster, namespace, None, None)
    cluster.set_finalizer(smcp, FINALIZER, present=False)
    cluster.event(smcp, "Normal", "Deleted", "Successfully deleted service mesh")
    return None
