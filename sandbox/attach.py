"""A real operator's process in place of the pod of a CSV's Deployment: started, restarted and stopped with it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import urllib3

from sandbox import certificates, operators
from sandbox.build import Say, silent
from sandbox.bundle import OPERATOR_LABEL, SIDECAR
from sandbox.cluster import Sandbox, SandboxError
from sandbox.container import Container, NotThere
from sandbox.hosted import Hosted
from sandbox.kube import ApiError, Kube, Object
from sandbox.process import MARK
from sandbox.routes import ATTACHED, Route, Routes
from sandbox.service_ca import ServiceCa

CSV = ("operators.coreos.com/v1alpha1", "ClusterServiceVersion")
COPIED = "olm.copiedFrom"
LOOK_EVERY_SECONDS = 1.0  # as a kubelet does
TOKEN_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class Wanted:
    """Which process stands for which Deployment."""

    csv: str
    command: Sequence[str]
    namespace: str = ""
    """Of the CSV; needed where several namespaces have one of this name."""
    deployment: str = ""
    """Needed where the CSV has several."""
    container: str = ""
    """Whose environment and volumes it gets (default: the first one that is no kube-rbac-proxy)."""
    ports: dict[str, int] = field(default_factory=dict)
    """Ports of the pod that are others of the process."""


class Attachment:
    """Keeps one process beside a running sandbox."""

    def __init__(self, sandbox: Sandbox, wanted: Wanted, say: Say = silent) -> None:
        """Raise SandboxError when the sandbox does not run or there is no such command."""
        self._sandbox = sandbox
        self._wanted = wanted
        self._say = say
        self._said = ""
        self._require_sandbox()
        if shutil.which(wanted.command[0]) is None:
            raise SandboxError(f"there is no program '{wanted.command[0]}': give its path, or build it first")
        self._kube = Kube(str(sandbox.state / "components.kubeconfig"))
        self._service_ca = ServiceCa(self._kube, sandbox.state / "pki")
        self._routes = Routes(sandbox.state / "routes")
        self._hosted: Hosted | None = None

    def run(self, stop: threading.Event) -> None:
        """Look after the process until `stop` is set. Raises SandboxError when the sandbox ends before."""
        try:
            while not stop.is_set():
                self._require_sandbox()
                try:
                    self._step()
                except (ApiError, urllib3.exceptions.HTTPError) as error:
                    self._tell(f"tries again: {error}")
                stop.wait(LOOK_EVERY_SECONDS)
        finally:
            self._end()

    def _step(self) -> None:
        deployment = self._deployment()
        if deployment:
            self._require_no_simulator(deployment)
            self._service_ca.tend(deployment["metadata"]["namespace"])
        pod = ready_pod(self._kube, deployment) if deployment else None
        if self._hosted and (pod is None or pod["metadata"]["uid"] != self._hosted.uid):
            self._say(f"pod {self._hosted.name} is gone or not ready any more: its process ends")
            self._end()
        if deployment and pod:
            self._host(deployment, pod)

    def _host(self, deployment: Object, pod: Object) -> None:
        if self._hosted is None:
            self._hosted = self._new(deployment, pod)
        try:
            self._hosted.refresh()
            self._hosted.keep_running()
        except NotThere as missing:
            self._tell(f"pod {self._hosted.name} can't start: {missing}")

    def _new(self, deployment: Object, pod: Object) -> Hosted:
        """Return the process for the pod, which is not started yet; from now on the pod's connections lead to it."""
        meta = deployment["metadata"]
        account = pod["spec"].get("serviceAccountName", "default")
        folder = self._sandbox.state / "attached" / f"{meta['namespace']}.{meta['name']}"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        token = self._token(meta["namespace"], account)
        pki, server = self._sandbox.state / "pki", self._kube.url
        name = f"sandbox-{self._sandbox.name}"
        certificates.write_kubeconfig_of(folder / "kubeconfig", pki, server, name, account, token)
        route = Route(meta["namespace"], deployment["spec"]["selector"]["matchLabels"], self._wanted.ports, whole=True)
        self._routes.add(self._route, route)

        def find(kind: str, name: str) -> Object | None:
            return self._kube.get("v1", kind, name, meta["namespace"])

        container = Container(pod, chosen(pod, self._wanted.container), find, token)
        return Hosted(container, folder, self._wanted.command, {MARK: str(self._sandbox.state)}, self._say)

    def _end(self) -> None:
        self._routes.remove(self._route)
        if self._hosted:
            self._hosted.end()
        self._hosted = None
        self._said = ""

    @property
    def _route(self) -> str:
        """Its name: before those of the simulated operators, so that it wins."""
        return f"{ATTACHED}{self._wanted.csv}-{self._wanted.deployment}"

    def _deployment(self) -> Object | None:
        """Return the Deployment that OLM has made of the CSV. Raises SandboxError when it is not clear which."""
        csv = self._csv()
        if csv is None:
            self._tell(f"waiting for CSV {self._wanted.csv}")
            return None
        names = [entry["name"] for entry in csv["spec"]["install"]["spec"]["deployments"]]
        if not self._wanted.deployment and len(names) > 1:
            raise SandboxError(
                f"CSV {self._wanted.csv} has several Deployments: say which, --deployment {'|'.join(names)}"
            )
        name = self._wanted.deployment or names[0]
        if name not in names:
            raise SandboxError(f"CSV {self._wanted.csv} has no Deployment '{name}' (it has: {', '.join(names)})")
        found = self._kube.get("apps/v1", "Deployment", name, csv["metadata"]["namespace"])
        if found is None or not found.get("status", {}).get("availableReplicas"):
            self._tell(f"waiting for Deployment {csv['metadata']['namespace']}/{name} to become available")
        return found

    def _csv(self) -> Object | None:
        found = [
            csv
            for csv in self._kube.list(*CSV, self._wanted.namespace or None, labels=f"!{COPIED}")
            if csv["metadata"]["name"] == self._wanted.csv
        ]
        if len(found) > 1:
            choice = "|".join(csv["metadata"]["namespace"] for csv in found)
            raise SandboxError(f"several namespaces have CSV {self._wanted.csv}: say which, --namespace {choice}")
        return found[0] if found else None

    def _token(self, namespace: str, account: str) -> str:
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
        answer = self._kube.request("POST", path, {**request, "spec": {"expirationSeconds": TOKEN_SECONDS}})
        return str(answer["status"]["token"])

    def _require_sandbox(self) -> None:
        if not self._sandbox.processes.running("kube-apiserver"):
            name = self._sandbox.name
            raise SandboxError(f"the sandbox '{name}' does not run: start it with 'python -m sandbox up --name {name}'")

    def _require_no_simulator(self, deployment: Object) -> None:
        """Two operators would undo each other's work."""
        simulated = deployment["metadata"].get("labels", {}).get(OPERATOR_LABEL, "")
        if simulated in operators.names() and simulated not in self._sandbox.settings().without:
            raise SandboxError(
                f"the sandbox '{self._sandbox.name}' simulates this operator: start one without it, "
                f"python -m sandbox up --name NAME --without {simulated}"
            )

    def _tell(self, line: str) -> None:
        """Say a line unless it was the last one that was told."""
        if line != self._said:
            self._say(line)
        self._said = line


def ready_pod(kube: Kube, deployment: Object) -> Object | None:
    """Return the newest pod of the Deployment that is ready and not on its way out. Raises ApiError."""
    labels = ",".join(f"{key}={value}" for key, value in deployment["spec"]["selector"]["matchLabels"].items())
    pods = [pod for pod in kube.list("v1", "Pod", deployment["metadata"]["namespace"], labels) if _ready(pod)]
    return max(pods, key=lambda pod: pod["metadata"]["creationTimestamp"], default=None)


def _ready(pod: Object) -> bool:
    conditions = pod.get("status", {}).get("conditions") or []
    ready = any((entry["type"], entry["status"]) == ("Ready", "True") for entry in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")


def chosen(pod: Object, name: str) -> Object:
    """Return the container called `name`, without a name the first one that is no sidecar. Raises SandboxError."""
    containers: list[Object] = pod["spec"]["containers"]
    own = [container for container in containers if container["name"] == (name or container["name"])]
    if not own:
        known = ", ".join(container["name"] for container in containers)
        raise SandboxError(f"pod {pod['metadata']['name']} has no container '{name}' (it has: {known})")
    return next((container for container in own if name or container["name"] != SIDECAR), own[0])
