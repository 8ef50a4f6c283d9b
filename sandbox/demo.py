"""`make demo`: a fresh sandbox, site.yml on it, which ends with its report, and a summary."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from sandbox.build import BuildError, binaries
from sandbox.cluster import Sandbox, SandboxError, Settings, settled
from sandbox.paths import CHECKOUT
from sandbox.process import ComponentDied

REPORT = "seldon-report"
GIT_REPOSITORY = "https://git.example.com/acme/models"


def main() -> int:
    """Return 0 when everything was installed and found to work, else 1."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo", description=__doc__)
    parser.add_argument("--name", default="demo", help="which sandbox, made anew (default: demo)")
    parser.add_argument("--profile", default=Settings.profile, help="latencies: fast, realistic, or a file")
    parser.add_argument("--catalog", default=Settings.catalog, help="what the catalogues offer: guide or today")
    parser.add_argument("--fault", action="append", default=[], metavar="FILE", help="what goes wrong")
    options = parser.parse_args()
    sandbox = Sandbox(options.name, lambda line: print(f"    {line}", flush=True))
    settings = Settings(
        profile=settled(options.profile, "profiles"),
        catalog=options.catalog,
        faults=[settled(name, "faults") for name in options.fault],
    )
    steps: list[tuple[str, float, bool]] = []

    def step(title: str, *command: str) -> bool:
        print(f"\n== {title}", flush=True)
        started = time.monotonic()
        if command:
            done = subprocess.run(command, cwd=CHECKOUT, env=_environment(sandbox), check=False).returncode == 0
        else:
            sandbox.down()
            sandbox.up(settings)
            done = True
        steps.append((title, time.monotonic() - started, done))
        return done

    try:
        step("A fresh OpenShift 4.11 control plane on this machine")
    except (BuildError, ComponentDied, SandboxError, ValueError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    command = _command(sandbox)
    done = step(" ".join(command), *command)
    print("\n== Summary")
    for title, seconds, succeeded in steps:
        print(f"{'done  ' if succeeded else 'FAILED'} {seconds:6.1f} s  {title}")
    print(f"\nThe report: {CHECKOUT / REPORT / 'report.html'}")
    print(f"The sandbox runs on. To look at it:  export KUBECONFIG={sandbox.kubeconfig}")
    print("To try a model on it:")
    print(f"  ansible-playbook playbooks/try_model.yml -e ns=seldon -e try_model_router={sandbox.router}")
    print(f"To stop it:  make sandbox-down NAME={sandbox.name}")
    return 0 if done else 1


def _command(sandbox: Sandbox) -> tuple[str, ...]:
    values = {
        "seldon_git_repository": GIT_REPOSITORY,
        "seldon_charts_repository": sandbox.charts_url,
        "validate_report_dir": REPORT,
    }
    options = (word for name, value in values.items() for word in ("-e", f"{name}={value}"))
    return ("ansible-playbook", "playbooks/site.yml", *options)


def _environment(sandbox: Sandbox) -> dict[str, str]:
    """Return the environment in which the playbooks reach the sandbox, and no other cluster."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("K8S_AUTH_")}
    tools = f"{Path(sys.executable).parent}:{binaries()['helm'].parent}:{environment['PATH']}"
    return environment | {"KUBECONFIG": str(sandbox.kubeconfig), "PATH": tools}


if __name__ == "__main__":
    sys.exit(main())
