"""The sandbox's command line: python -m sandbox up|down|status|logs|snapshot|restore|attach|build."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from dataclasses import replace

from sandbox.attach import Attachment, Wanted
from sandbox.build import BuildError, binaries
from sandbox.cluster import Sandbox, SandboxError, Settings, settled
from sandbox.process import ComponentDied


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 1 failed with a message on stderr."""
    options = _parser().parse_args(arguments)
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {line}", file=sys.stderr, flush=True)

    try:
        if options.command == "build":
            for name, path in sorted(binaries(lambda line: print(line, file=sys.stderr, flush=True)).items()):
                print(f"{name:24} {path}")
            return 0
        return COMMANDS[options.command](Sandbox(options.name, say), options)
    except (BuildError, ComponentDied, FileNotFoundError, SandboxError, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1


def _up(sandbox: Sandbox, options: argparse.Namespace) -> int:
    sandbox.up(_settings(sandbox, options))
    print(f"export KUBECONFIG={sandbox.kubeconfig}")
    return 0


def _settings(sandbox: Sandbox, options: argparse.Namespace) -> Settings:
    """Return what the sandbox was, changed by what was asked for."""
    asked = {
        "profile": settled(options.profile, "profiles") if options.profile else None,
        "catalog": options.catalog,
        "faults": [settled(name, "faults") for name in options.fault] if options.fault else None,
        "without": options.without.split(",") if options.without else None,
        "load_balancers": False if options.no_load_balancers else None,
        "templates": False if options.no_templates else None,
        "version": options.version,
    }
    before = sandbox.settings() if sandbox.exists() else Settings()
    return replace(before, **{key: value for key, value in asked.items() if value is not None})


def _down(sandbox: Sandbox, options: argparse.Namespace) -> int:
    sandbox.down(keep=options.keep)
    return 0


def _status(sandbox: Sandbox, _options: argparse.Namespace) -> int:
    rows = sandbox.status()
    for name, pid in rows:
        print(f"{name:26} {f'running, pid {pid}' if pid else 'DEAD'}   {sandbox.processes.log(name)}")
    dead = [name for name, pid in rows if not pid]
    for name in dead:
        print(f"\n{name} ended by itself; the end of its log:\n{sandbox.processes.tail(name)}")
    if rows:
        print(f"{'Helm charts':26} {sandbox.charts_url}")
        print(f"{'router':26} {sandbox.router}   (-e try_model_router={sandbox.router})")
    else:
        print(f"the sandbox '{sandbox.name}' is {'stopped' if sandbox.exists() else 'not there'}")
    return 1 if dead or not rows else 0


def _logs(sandbox: Sandbox, options: argparse.Namespace) -> int:
    known = sorted(path.stem for path in (sandbox.state / "logs").glob("*.log"))
    unknown = [name for name in options.component if name not in known]
    if unknown:
        raise SandboxError(f"no log of {', '.join(unknown)}; there are: {', '.join(known) or 'none'}")
    for name in options.component or known:
        print(f"== {name} ({sandbox.processes.log(name)})\n{sandbox.processes.tail(name, options.lines)}")
    return 0


def _snapshot(sandbox: Sandbox, options: argparse.Namespace) -> int:
    print(sandbox.snapshot(options.label))
    return 0


def _restore(sandbox: Sandbox, options: argparse.Namespace) -> int:
    sandbox.restore(options.label)
    print(f"export KUBECONFIG={sandbox.kubeconfig}")
    return 0


def _attach(sandbox: Sandbox, options: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    wanted = Wanted(
        csv=options.csv,
        command=options.program,
        namespace=options.namespace,
        deployment=options.deployment,
        container=options.container,
        ports=dict(options.port),
    )
    Attachment(sandbox, wanted, lambda line: print(f"attach: {line}", file=sys.stderr, flush=True)).run(stop)
    return 0


def _ports(text: str) -> tuple[str, int]:
    """Return the ports of POD=PROCESS. Raises ArgumentTypeError."""
    pod, _, process = text.partition("=")
    if not (pod.isdecimal() and process.isdecimal()):
        raise argparse.ArgumentTypeError(f"'{text}' is no POD=PROCESS, two port numbers such as 9443=19443")
    return pod, int(process)


COMMANDS = {
    "up": _up,
    "down": _down,
    "status": _status,
    "logs": _logs,
    "snapshot": _snapshot,
    "restore": _restore,
    "attach": _attach,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("--name", default="default", help="which sandbox (default: default)")
        return added

    up = command("up", "Start a cluster, or complete and go on with one.")
    up.add_argument("--profile", help="latencies: fast, realistic, or a file")
    up.add_argument("--catalog", help="what the catalogues offer: guide or today")
    up.add_argument(
        "--fault", action="append", metavar="FILE", help="what goes wrong: a file, or a name in sandbox/faults"
    )
    up.add_argument("--without", metavar="OPERATOR,…", help="simulated operators to leave out")
    up.add_argument("--version", help="the cluster's version (default: 4.11.20)")
    up.add_argument("--no-load-balancers", action="store_true", help="Services of type LoadBalancer stay pending")
    up.add_argument("--no-templates", action="store_true", help="the namespace openshift holds no templates")
    command("down", "Stop a cluster and remove its data.").add_argument(
        "--keep", action="store_true", help="keep the data, so that 'up' goes on with it"
    )
    command("status", "Tell which components run.")
    logs = command("logs", "Show the end of the components' logs.")
    logs.add_argument("component", nargs="*", help="component (default: all)")
    logs.add_argument("-n", "--lines", type=int, default=20, help="lines of each log (default: 20)")
    for name, text in (("snapshot", "Keep a cluster's data under a label."), ("restore", "Go back to a label's data.")):
        command(name, text).add_argument("label")
    attach = command("attach", "Run a real operator's process in place of the pod of a CSV's Deployment, until Ctrl-C.")
    attach.add_argument("--csv", required=True, help="the ClusterServiceVersion; it may come later")
    attach.add_argument("--namespace", default="", help="the CSV's namespace, where several have one of this name")
    attach.add_argument("--deployment", default="", help="which one, where the CSV has several")
    attach.add_argument(
        "--container",
        default="",
        help="whose environment and volumes the process gets (default: the first one that is no kube-rbac-proxy)",
    )
    attach.add_argument(
        "--port",
        type=_ports,
        action="append",
        default=[],
        metavar="POD=PROCESS",
        help="a port of the pod that is another one of the process; may be repeated",
    )
    attach.add_argument("program", nargs="+", metavar="COMMAND", help="after --: the program and its arguments")
    commands.add_parser("build", help="Build the programs that a sandbox runs.", description="Build the programs.")
    return parser


if __name__ == "__main__":
    sys.exit(main())
