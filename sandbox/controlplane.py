"""The command lines of the real components, for one sandbox."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.paths import PACKAGE
from sandbox.process import Component

SERVICE_NETWORK = "172.30.0.0/16"  # OpenShift's default
# Every component runs in the sandbox's folder: however long that folder's path is, a socket's may be short.
EGRESS_SOCKET = "egress.sock"
CATALOG_NAMESPACE = "openshift-marketplace"
OLM_NAMESPACE = "openshift-operator-lifecycle-manager"
# A quarter of the API server's CPU during an installation is garbage collection: memory is the cheaper of the two.
COLLECT_LESS = {"GOGC": "300", "GOMEMLIMIT": "2GiB"}


@dataclass(frozen=True)
class Ports:
    """TCP ports on 127.0.0.1."""

    etcd: int
    etcd_peer: int
    api: int
    kwok: int
    charts: int
    answers: int
    catalogs: dict[str, int]


def egress_selection() -> dict[str, Any]:
    """Return the configuration that sends the API server's connections into the cluster to the socket."""
    transport = {"uds": {"udsName": EGRESS_SOCKET}}
    connection = {"proxyProtocol": "HTTPConnect", "transport": transport}
    return {
        "apiVersion": "apiserver.k8s.io/v1beta1",
        "kind": "EgressSelectorConfiguration",
        "egressSelections": [{"name": "cluster", "connection": connection}],
    }


@dataclass(frozen=True)
class Layout:
    """Where the components of one sandbox find their files, programs and ports."""

    state: Path
    binaries: dict[str, Path]
    ports: Ports

    @property
    def kubeconfig(self) -> Path:
        """The admin's kubeconfig."""
        return self.state / "kubeconfig"

    @property
    def component_kubeconfig(self) -> Path:
        """The kubeconfig of the sandbox's own components: their requests stay out of the audit log."""
        return self.state / "components.kubeconfig"

    @property
    def pki(self) -> Path:
        """The folder of certificates and keys."""
        return self.state / "pki"

    @property
    def chart_repository(self) -> Path:
        """The folder of the Helm charts' packages and index."""
        return self.state / "charts"

    @property
    def routes(self) -> Path:
        """The folder of what processes stand for which pods."""
        return self.state / "routes"

    @property
    def egress_selection(self) -> Path:
        """The API server's configuration of its way into the cluster."""
        return self.state / "egress.yaml"

    @property
    def api_url(self) -> str:
        """The URL of the API server."""
        return f"https://127.0.0.1:{self.ports.api}"

    def _program(self, name: str) -> str:
        return str(self.binaries[name])

    def etcd(self) -> Component:
        """The store; no fsync, because the data is worth nothing."""
        url, peer = f"https://127.0.0.1:{self.ports.etcd}", f"http://127.0.0.1:{self.ports.etcd_peer}"
        return Component(
            "etcd",
            [
                self._program("etcd"),
                f"--data-dir={self.state}/etcd",
                f"--listen-client-urls={url}",
                f"--advertise-client-urls={url}",
                f"--listen-peer-urls={peer}",
                f"--initial-advertise-peer-urls={peer}",
                f"--initial-cluster=default={peer}",
                f"--cert-file={self.pki}/server.crt",
                f"--key-file={self.pki}/server.key",
                f"--trusted-ca-file={self.pki}/ca.crt",
                "--client-cert-auth",
                "--unsafe-no-fsync",
                "--log-level=warn",
            ],
        )

    def egress(self) -> Component:
        """The API server's way to pods."""
        command = [sys.executable, "-m", "sandbox.egress", f"--kubeconfig={self.component_kubeconfig}"]
        command += [f"--socket={EGRESS_SOCKET}", f"--routes={self.routes}"]
        return Component("egress", command, {"PYTHONPATH": str(PACKAGE.parent)})

    def api_server(self) -> Component:
        """The API server, with RBAC and an audit log."""
        return Component(
            "kube-apiserver",
            [
                self._program("kube-apiserver"),
                f"--etcd-servers=https://127.0.0.1:{self.ports.etcd}",
                f"--etcd-cafile={self.pki}/ca.crt",
                f"--etcd-certfile={self.pki}/admin.crt",
                f"--etcd-keyfile={self.pki}/admin.key",
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                f"--secure-port={self.ports.api}",
                f"--client-ca-file={self.pki}/ca.crt",
                f"--tls-cert-file={self.pki}/server.crt",
                f"--tls-private-key-file={self.pki}/server.key",
                "--authorization-mode=RBAC",
                "--allow-privileged=true",
                f"--service-cluster-ip-range={SERVICE_NETWORK}",
                "--service-account-issuer=https://kubernetes.default.svc",
                f"--service-account-key-file={self.pki}/service-account.key",
                f"--service-account-signing-key-file={self.pki}/service-account.key",
                f"--audit-policy-file={PACKAGE}/audit-policy.yaml",
                f"--audit-log-path={self.state}/audit.log",
                "--audit-log-mode=blocking",
                "--kubelet-preferred-address-types=InternalIP",  # KWOK's: no node has a name that resolves
                f"--egress-selector-config-file={self.egress_selection}",
                "--endpoint-reconciler-type=none",  # loopback may not be an endpoint
                "--enable-aggregator-routing=true",  # as on OpenShift: to endpoints, not to cluster IPs
                "--profiling=false",
            ],
            COLLECT_LESS,
        )

    def controller_manager(self) -> Component:
        """Kubernetes' own controllers."""
        return Component(
            "kube-controller-manager",
            [
                self._program("kube-controller-manager"),
                f"--kubeconfig={self.component_kubeconfig}",
                f"--root-ca-file={self.pki}/ca.crt",
                f"--service-account-private-key-file={self.pki}/service-account.key",
                f"--cluster-signing-cert-file={self.pki}/ca.crt",
                f"--cluster-signing-key-file={self.pki}/ca.key",
                "--leader-elect=false",
                "--secure-port=0",
                "--kube-api-qps=200",
                "--kube-api-burst=400",
                "--node-monitor-grace-period=24h",  # no kubelet writes leases here
                "--profiling=false",
            ],
        )

    def scheduler(self) -> Component:
        """Kubernetes' scheduler."""
        return Component(
            "kube-scheduler",
            [
                self._program("kube-scheduler"),
                f"--kubeconfig={self.component_kubeconfig}",
                "--leader-elect=false",
                "--secure-port=0",
                "--kube-api-qps=200",
                "--kube-api-burst=400",
                "--profiling=false",
            ],
        )

    def kwok(self, *configuration: Path) -> Component:
        """The stand-in for kubelets: the files say how pods live and what is behind them."""
        return Component(
            "kwok",
            [
                self._program("kwok"),
                f"--kubeconfig={self.component_kubeconfig}",
                "--manage-all-nodes=true",
                "--cidr=10.128.0.1/14",  # OpenShift's default pod network
                f"--server-address=127.0.0.1:{self.ports.kwok}",
                "--node-ip=127.0.0.1",
                f"--node-port={self.ports.kwok}",
                f"--tls-cert-file={self.pki}/server.crt",
                f"--tls-private-key-file={self.pki}/server.key",
                "--node-lease-duration-seconds=0",
                *(f"--config={path}" for path in configuration),
            ],
        )

    def opm(self, source: str) -> Component:
        """The server of one catalogue; it has no option to listen on loopback only."""
        folder = self.state / "catalogs" / source
        command = [self._program("opm"), "serve", str(folder), f"--port={self.ports.catalogs[source]}"]
        # Without a cache folder this version refuses to start on a new Go.
        command += [
            f"--termination-log={self.state}/logs/opm-{source}.end",
            f"--cache-dir={self.state}/catalogs/.{source}",
        ]
        return Component(f"opm-{source}", command)

    def charts(self) -> Component:
        """The web server of the Helm charts."""
        command = [sys.executable, "-m", "http.server", str(self.ports.charts), "--bind=127.0.0.1"]
        return Component("charts", [*command, f"--directory={self.chart_repository}"])

    def answers(self, faults: Sequence[Path]) -> Component:
        """What answers behind the ports of pods, and in place of the router; `faults` are files."""
        command = [sys.executable, "-m", "sandbox.answers", f"--kubeconfig={self.component_kubeconfig}"]
        command += [f"--port={self.ports.answers}", f"--pki={self.pki}", *(f"--fault={path}" for path in faults)]
        return Component("answers", command, {"PYTHONPATH": str(PACKAGE.parent)})

    def olm(self) -> Component:
        """OLM's operator for CSVs. Its metrics port 8080 has no option; a second sandbox logs that it is taken."""
        return Component(
            "olm",
            [
                self._program("olm"),
                f"--namespace={OLM_NAMESPACE}",
                "--writeStatusName=",
                "--writePackageServerStatusName=",
            ],
            {"KUBECONFIG": str(self.component_kubeconfig)},
            restarts=True,
        )

    def catalog(self) -> Component:
        """OLM's operator for Subscriptions, InstallPlans and CatalogSources."""
        return Component(
            "catalog",
            [
                self._program("catalog"),
                f"--kubeconfig={self.component_kubeconfig}",
                f"--namespace={CATALOG_NAMESPACE}",
                "--writeStatusName=",
                "--bundle-unpack-timeout=20s",  # a pod of the sandbox does it in a moment, or never
            ],
            restarts=True,  # 0.22 panics when it loses the race for the status of an InstallPlan
        )
