"""`make rights`: run every playbook on a sandbox, and write which rights it needs."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from ansible_collections.seldon.openshift.plugins.plugin_utils.rights.rows import FILES

from sandbox.cluster import Sandbox, Settings
from sandbox.paths import CHECKOUT
from tests.integration.cluster import JSON_OUTPUT, Cluster
from tools.rights import files
from tools.rights.scenarios import SCENARIOS, Scenario
from tools.rights.timeline import chapter_at, chapters
from tools.rights.uses import Use, uses

PAGES = CHECKOUT / "docs/rights"
CACHE = CHECKOUT / ".cache/rights"
BACKUPS = CACHE / "backups"
VAULT_PASSWORD = CACHE / "vault-password"


def main() -> int:
    """Return 0 when every run has ended as it should, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tools.rights", description=__doc__)
    parser.add_argument("--name", default="rights", help="which sandbox, made anew (default: rights)")
    parser.add_argument("--recorded", action="store_true", help="record nothing, write from the last recording")
    options = parser.parse_args()
    if not options.recorded and not _record(Sandbox(options.name)):
        return 1
    _write()
    return 0


def _record(sandbox: Sandbox) -> bool:
    """Run all scenarios, each one's output and audit events into the cache; say whether they ended as they should."""
    CACHE.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(BACKUPS, ignore_errors=True)
    VAULT_PASSWORD.write_text("correct horse")
    sandbox.down()
    try:
        sandbox.up(Settings())
        cluster = Cluster(sandbox)
        return all(_run(cluster, number, each) for number, each in enumerate(SCENARIOS))
    finally:
        sandbox.down()


def _run(cluster: Cluster, number: int, scenario: Scenario) -> bool:
    for change in scenario.before:
        kubectl = ["kubectl", *shlex.split(change)]
        subprocess.run(kubectl, env=cluster.environment(), check=True)  # noqa: S603 (running programs is its work)
    command = [
        "ansible-playbook",
        f"playbooks/{scenario.playbook}.yml",
        *cluster.values(),
        *_places(cluster),
        *scenario.arguments,
    ]
    ended: list[subprocess.CompletedProcess[str]] = []

    def run() -> None:
        environment = cluster.environment() | JSON_OUTPUT | {"ANSIBLE_VAULT_PASSWORD_FILE": str(VAULT_PASSWORD)}
        ended.append(
            subprocess.run(  # noqa: S603
                command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False
            )
        )

    events = cluster.requests(run)
    _file(number, "json").write_text(ended[0].stdout)
    _file(number, "audit").write_text("".join(f"{json.dumps(event)}\n" for event in events))
    print(f"{scenario.playbook} {' '.join(scenario.arguments)}: {ended[0].returncode}", flush=True)
    if ended[0].returncode != scenario.code:
        print(ended[0].stderr, ended[0].stdout[-4000:], file=sys.stderr)
    return ended[0].returncode == scenario.code


def _places(cluster: Cluster) -> list[str]:
    """Return where runs find and leave what is no object: the router, reports, archives, the newest backup."""
    given = {
        "try_model_router": cluster.sandbox.router,
        "drift_report_dir": str(CACHE),
        "doctor_path": str(CACHE / "doctor.tar.gz"),
        "backup_dir": str(BACKUPS),
        "backup": max(map(str, BACKUPS.glob("*")), default=""),
    }
    return ["-e", json.dumps(given)]


def _file(number: int, ending: str) -> Path:
    return CACHE / f"{number:02}.{ending}"


def _write() -> None:
    """Write the files of rights, and what they make of the default names."""
    found: dict[str, set[Use]] = defaultdict(set)
    for number, scenario in enumerate(SCENARIOS):
        found[scenario.playbook] |= _uses(number, scenario)
    FILES.mkdir(exist_ok=True)
    PAGES.mkdir(exist_ok=True)
    for playbook, recorded in found.items():
        (FILES / f"{playbook}.yaml").write_text(files.text(files.completed(playbook, recorded)))
        for use in files.superfluous(playbook, recorded):
            print(f"{playbook}: by hand, and recorded: {use.verb} {use.resource} {use.group} in {use.where}")
        page(playbook, PAGES / f"{playbook}.yaml")


def _uses(number: int, scenario: Scenario) -> set[Use]:
    output = _file(number, "json").read_text()
    at = chapter_at(json.JSONDecoder().raw_decode(output[output.index("{") :])[0], chapters())
    events = (json.loads(line) for line in _file(number, "audit").read_text().splitlines())
    return uses(events, at, scenario.models)


def page(playbook: str, path: Path) -> None:
    """Write the roles and bindings of a playbook, for the default names. Raises CalledProcessError."""
    given = {"playbook": playbook, "rights_path": str(path)}
    command = ["ansible-playbook", "playbooks/rights.yml", "-e", json.dumps(given)]
    subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
