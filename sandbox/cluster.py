"""A sandbox cluster: up, down, status, logs, snapshot, restore."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from sandbox import catalog, certificates, charts, ingress, platform, pods, postgres
from sandbox.build import Say, binaries, silent
from sandbox.controlplane import CATALOG_NAMESPACE, Layout, Ports, egress_selection
from sandbox.definitions import Definitions
from sandbox.kube import Kube
from sandbox.paths import PACKAGE, checked, snapshots_dir, state_dir
from sandbox.ports import Reserve, reservation
from sandbox.process import Component, Processes
from sandbox.routes import SIMULATED, Routes
from sandbox.service_ca import PKI
from sandbox.simulator.settings import Profile

# The folders of a sandbox that are its data: a snapshot has them.
KEPT = ("etcd", "pki", "catalogs", "routes")


class SandboxError(Exception):
    """The sandbox cannot do what was asked; the message says why and what to do."""


@dataclass(frozen=True)
class Settings:
    """What a sandbox is; kept in settings.json so that a later command means the same cluster."""

    profile: str = "fast"
    catalog: str = "guide"
    faults: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    load_balancers: bool = True
    templates: bool = True
    version: str = "4.11.20"

    def fault_entries(self) -> list[dict[str, Any]]:
        """Return the entries of all fault files. Raises SandboxError for a file that is missing or no list."""
        entries: list[dict[str, Any]] = []
        for name in self.faults:
            path = fault_file(name)
            loaded = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
            if not isinstance(loaded, list):
                known = ", ".join(sorted(file.stem for file in (PACKAGE / "faults").glob("*.yaml")))
                raise SandboxError(f"{path} is no list of faults. Give a file, or one of: {known}")
            entries += loaded
        return entries


def fault_file(name: str) -> Path:
    """Return the path of a fault: one that the sandbox brings, by its name, else a file of the user's."""
    own = PACKAGE / "faults" / f"{name}.yaml"
    return own if own.is_file() else Path(name)


def settled(name: str, folder: str) -> str:
    """Return a name of a file in `folder` of the sandbox as it is, and the path of another file as an absolute one."""
    return name if (PACKAGE / folder / f"{name}.yaml").is_file() else str(Path(name).resolve())


class Sandbox:
    """One named cluster on this machine."""

    def __init__(self, name: str = "default", say: Say = silent) -> None:
        """Refer to the sandbox `name`, which need not exist yet; `say` receives progress lines."""
        self.name = checked(name)
        self.state = state_dir(name)
        self.processes = Processes(self.state)
        self._say = say

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig of the cluster's admin."""
        return self.state / "kubeconfig"

    @property
    def charts_url(self) -> str:
        """The URL of the Helm charts' repository. Raises SandboxError when the sandbox was never up."""
        return f"http://127.0.0.1:{self._read()['ports']['charts']}"

    @property
    def router(self) -> str:
        """ADDRESS:PORT of what answers for the router. Raises SandboxError when the sandbox was never up."""
        return f"127.0.0.1:{self._read()['ports']['answers']}"

    @property
    def kube(self) -> Kube:
        """A client that acts as the cluster's admin."""
        return Kube(str(self.kubeconfig))

    def settings(self) -> Settings:
        """Return the settings of the sandbox. Raises SandboxError when it was never up."""
        return Settings(**self._read()["settings"])

    def exists(self) -> bool:
        """Tell whether there is a sandbox of this name, running or stopped."""
        return (self.state / "settings.json").exists()

    def up(self, settings: Settings | None = None) -> None:
        """Start the cluster and wait until it serves; a running one is completed, a stopped one goes on.

        `settings` None means: as it was, else the defaults. Raises SandboxError, BuildError, ComponentDied.
        """
        with self._alone():
            self._up(settings or (self.settings() if self.exists() else Settings()))

    def _up(self, settings: Settings, restored: bool = False) -> None:
        """Start everything; what a snapshot has brought, data and catalogues, is `restored` and not made again."""
        with reservation() as reserve:
            self._start(settings, restored, reserve)

    def _start(self, settings: Settings, restored: bool, reserve: Reserve) -> None:
        if self._running() and settings != self.settings():
            raise SandboxError(
                f"the sandbox '{self.name}' runs with other settings: stop it with "
                f"'python -m sandbox down --keep --name {self.name}', then start it with the new ones"
            )
        faults = settings.fault_entries()
        programs = binaries(self._say)
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        certificates.write_pki(self.state / "pki")
        layout = Layout(self.state, programs, self._ports(reserve))
        self._write(settings, layout.ports)
        for path, user in ((layout.kubeconfig, "admin"), (layout.component_kubeconfig, "components")):
            certificates.write_kubeconfig(path, layout.pki, layout.api_url, f"sandbox-{self.name}", user)
        self._serve_charts(layout)
        with ThreadPoolExecutor(1) as background:
            serving = background.submit(self._serve_catalogs, layout, settings.catalog, faults, restored)
            self.processes.start(layout.etcd())
            layout.egress_selection.write_text(json.dumps(egress_selection()), encoding="utf-8")
            self.processes.start(layout.egress())
            self.processes.start(layout.api_server())
            kube = Kube(str(layout.component_kubeconfig))
            self._wait("the API server answers", kube.ready, seconds=60)
            self.processes.start(layout.controller_manager())
            self.processes.start(layout.scheduler())
            if not restored:
                platform.install(kube, Definitions.from_environment(), _options(settings, faults))
                ingress.publish(kube, layout.pki)
                self._say("what a fresh OpenShift 4.11 holds is installed")
            addresses = serving.result()
        answered = self._start_simulators(settings, layout)
        self.processes.start(layout.answers([fault_file(name) for name in settings.faults]))
        _lead_nodes_to(layout.ports.kwok, kube)
        self.processes.start(layout.kwok(self._pod_stages(settings, faults), self._containers(layout)))
        self.processes.start(layout.olm())
        self.processes.start(layout.catalog())
        _publish(kube, settings.catalog, faults, addresses)
        served = {name: addresses[name] for name in addresses.keys() - catalog.unhealthy_sources(faults)}
        self._wait("OLM is connected to the catalogues", lambda: _catalogs_ready(kube, served), seconds=90)
        self._wait("the Helm charts are served", lambda: _listening(layout.ports.charts), seconds=30)
        if not settings.without:
            routes = Routes(layout.routes)
            self._wait(
                "the admission webhooks answer",
                lambda: answered <= routes.names() and _webhooks_answer(kube),
                seconds=60,
            )
        self._say(f"the sandbox '{self.name}' is up")

    def down(self, keep: bool = False) -> None:
        """Stop all processes of the sandbox and, unless `keep`, remove its state."""
        with self._alone():
            self.processes.stop()
            if not keep and self.state.exists():
                shutil.rmtree(self.state)

    def status(self) -> list[tuple[str, int | None]]:
        """Return (component, process id or None when dead), for every component that was started."""
        return [(name, self.processes.running(name)) for name in self.processes.names()]

    def snapshot(self, label: str) -> Path:
        """Keep the cluster's data as `label`, for this and other sandboxes; a running cluster runs on."""
        target = snapshots_dir() / checked(label)
        fresh = target.with_name(f".{target.name}.new")
        with self._alone():
            self._require()
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True, mode=0o700)
            # A stopped process writes nothing: the copy is what a crash would leave, and etcd recovers from that.
            self.processes.signal("etcd", signal.SIGSTOP)
            try:
                _copy(self.state, fresh)
            finally:
                self.processes.signal("etcd", signal.SIGCONT)
            shutil.copy2(self.state / "settings.json", fresh)
            self.remove_snapshot(label)
            fresh.rename(target)
        return target

    def restore(self, label: str) -> None:
        """Replace the cluster's data with the snapshot `label` and start it. Raises SandboxError when there is none."""
        source = snapshots_dir() / checked(label)
        if not source.is_dir():
            known = ", ".join(sorted(path.name for path in snapshots_dir().glob("[!.]*"))) or "none"
            raise SandboxError(f"there is no snapshot '{label}' (there are: {known})")
        with self._alone():
            self.processes.stop()
            self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in KEPT:
                shutil.rmtree(self.state / name, ignore_errors=True)
            _copy(source, self.state)
            shutil.copy2(source / "settings.json", self.state)
            self._up(self.settings(), restored=True)

    def remove_snapshot(self, label: str) -> None:
        """Remove the snapshot `label`, if it is there."""
        shutil.rmtree(snapshots_dir() / checked(label), ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one command at a time change this sandbox; a second one waits. A killed command leaves no lock behind."""
        self.state.parent.mkdir(parents=True, exist_ok=True)
        with (self.state.parent / f".{self.name}.lock").open("w", encoding="utf-8") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _running(self) -> bool:
        return any(pid for _, pid in self.status())

    def _require(self) -> None:
        if not self.exists():
            raise SandboxError(
                f"there is no sandbox '{self.name}': start it with 'python -m sandbox up --name {self.name}'"
            )

    def _read(self) -> dict[str, Any]:
        self._require()
        content: dict[str, Any] = json.loads((self.state / "settings.json").read_text(encoding="utf-8"))
        return content

    def _write(self, settings: Settings, ports: Ports) -> None:
        content = {"settings": asdict(settings), "ports": asdict(ports)}
        certificates.write_private(self.state / "settings.json", json.dumps(content, indent=2).encode())

    def _ports(self, reserve: Reserve) -> Ports:
        """Return the ports of the running cluster, else free ones."""
        if self._running():
            return Ports(**self._read()["ports"])
        sources = catalog.sources()
        etcd, peer, api, kwok, charts_, answers, *rest = reserve(6 + len(sources))
        return Ports(etcd, peer, api, kwok, charts_, answers, dict(zip(sources, rest, strict=True)))

    def _serve_catalogs(
        self, layout: Layout, offered: str, faults: list[dict[str, Any]], rendered: bool
    ) -> dict[str, str]:
        """Render the catalogues, if need be, and serve the healthy ones; return the address of every source."""
        wanted = [
            layout.opm(source) for source in layout.ports.catalogs if source not in catalog.unhealthy_sources(faults)
        ]
        if not rendered and not all(self.processes.running(component.name) for component in wanted):
            catalog.render(offered, self.state / "catalogs", Definitions.from_environment(), faults)
        for component in wanted:
            self.processes.start(component)
        return {source: f"127.0.0.1:{port}" for source, port in layout.ports.catalogs.items()}

    def _serve_charts(self, layout: Layout) -> None:
        if not self.processes.running("charts"):
            given = charts.folder_from_environment()
            charts.write_repository(layout.chart_repository, Definitions.from_environment(), given)
        self.processes.start(layout.charts())

    def _start_simulators(self, settings: Settings, layout: Layout) -> set[str]:
        """Start the simulated operators; return the names of the routes that were theirs, and shall be again.

        Each start has other ports. What was attached comes again when it is attached again.
        """
        layout.routes.mkdir(exist_ok=True)
        before = set() if self.processes.running("operators") else Routes(layout.routes).clear()
        self.processes.start(self._simulators(settings, layout))
        return {name for name in before if name.startswith(SIMULATED)}

    def _simulators(self, settings: Settings, layout: Layout) -> Component:
        command = [sys.executable, "-m", "sandbox.operators", f"--kubeconfig={layout.component_kubeconfig}"]
        command += [f"--routes={layout.routes}", f"--profile={settings.profile}"]
        command += [f"--fault={fault_file(name)}" for name in settings.faults]
        without = settings.without + ([] if settings.load_balancers else ["load_balancer"])
        command += [f"--without={','.join(without)}"] if without else []
        return Component("operators", command, {"PYTHONPATH": str(PACKAGE.parent), PKI: str(layout.pki)})

    def _pod_stages(self, settings: Settings, faults: list[dict[str, Any]]) -> Path:
        """Write how pods live in this sandbox, and return the file."""
        path = self.state / "pods.yaml"
        path.write_text(pods.stages(Profile.load(settings.profile), faults), encoding="utf-8")
        return path

    def _containers(self, layout: Layout) -> Path:
        """Write what is behind pods in this sandbox, and return the file. Every container has one and the same log."""
        log = self.state / "logs" / "pods.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("a", encoding="utf-8") as handle:
            handle.write("2023-01-01T00:00:00.000000000Z stdout F a container of the sandbox runs nothing\n")
        path = self.state / "containers.yaml"
        text = (PACKAGE / "kwok" / "containers.yaml").read_text(encoding="utf-8")
        commands = self.state / "commands"
        postgres.commands(commands, self.state / "database")
        values = {"@log@": str(log), "'@port@'": str(layout.ports.answers), "@commands@": str(commands)}
        for name, value in values.items():
            text = text.replace(name, value)
        path.write_text(text, encoding="utf-8")
        return path

    def _wait(self, what: str, test: Callable[[], bool], seconds: float) -> None:
        """Wait until `test` holds. Raises ComponentDied when a component ends, SandboxError after `seconds`."""
        deadline = time.monotonic() + seconds
        while not test():
            self.processes.check()
            if time.monotonic() > deadline:
                raise SandboxError(f"not within {seconds:.0f} s: {what}. Look at the logs in {self.state / 'logs'}")
            time.sleep(0.1)
        self._say(what)


def _options(settings: Settings, faults: list[dict[str, Any]]) -> platform.Options:
    return platform.Options(
        version=settings.version,
        load_balancers=settings.load_balancers,
        templates=settings.templates,
        extra=tuple(catalog.strangers(settings.catalog, faults)),
    )


def _publish(kube: Kube, offered: str, faults: list[dict[str, Any]], addresses: dict[str, str]) -> None:
    """Tell the cluster where its catalogues are, and what they offer."""
    objects = catalog.catalog_sources(addresses) + catalog.package_manifests(offered, faults)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(kube.apply, objects))


def _lead_nodes_to(port: int, kube: Kube) -> None:
    """Tell where the kubelets of all nodes are: KWOK does so for new nodes only, and ports change."""
    status = {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
    }
    for node in kube.list("v1", "Node"):
        kube.patch(node, {"status": status}, subresource="status")


def _catalogs_ready(kube: Kube, addresses: dict[str, str]) -> bool:
    """Tell whether OLM is connected to all these catalogues at these addresses."""
    connections = {
        source["metadata"]["name"]: source.get("status", {}).get("connectionState", {})
        for source in kube.list("operators.coreos.com/v1alpha1", "CatalogSource", CATALOG_NAMESPACE)
    }
    wanted = {(name, address, "READY") for name, address in addresses.items()}
    return wanted <= {(name, it.get("address"), it.get("lastObservedState")) for name, it in connections.items()}


def _webhooks_answer(kube: Kube) -> bool:
    """Tell whether the simulators answer the webhooks that were theirs before a restart; each start has other ports."""
    urls = [
        urlsplit(webhook["clientConfig"]["url"])
        for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
        for configuration in kube.list("admissionregistration.k8s.io/v1", kind)
        for webhook in configuration.get("webhooks", [])
        if "url" in webhook["clientConfig"]
    ]
    return all(_listening(url.port) for url in urls if url.port)


def _copy(source: Path, target: Path) -> None:
    """Copy the data of a sandbox; one without operators has no routes."""
    for name in KEPT:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)


def _listening(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
