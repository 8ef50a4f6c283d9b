"""Which tests stay together on one worker, and which of these units begin first; told by pytest's node ids."""

from __future__ import annotations

GATES = "tests/gates/"
# Files whose tests share one cluster for the whole run, by the unit's name.
SHARING = {
    "tests/integration/test_apply.py": "modules",
    "tests/integration/test_console.py": "modules",
    "tests/integration/test_credentials.py": "modules",
    "tests/integration/test_edits.py": "modules",
    "tests/integration/test_helm_values.py": "modules",
    "tests/integration/test_mesh_member.py": "modules",
    "tests/integration/test_release.py": "modules",
    "tests/integration/test_withdrawn.py": "modules",
    "tests/integration/test_sim_eck_logging.py": "simulators",
    "tests/integration/test_attach.py": "platform",
    "tests/integration/test_sim_monitoring.py": "platform",
    "tests/integration/test_sim_openshift.py": "platform",
    "tests/integration/test_sim_seldon.py": "platform",
    "tests/integration/test_sim_serverless.py": "simulators",
}
# About how many seconds a unit takes on a busy machine; one that is not listed takes less than any of these.
# The first is what makes the snapshot of a finished cluster, which many others need.
SECONDS = {
    "tests/integration/test_site.py": 700,
    # Makes the snapshot of a cluster installed by hand.
    "tests/integration/test_adoption.py": 600,
    "tests/integration/test_upgrade.py": 480,
    "tests/integration/test_drift.py": 450,
    "tests/gates/test_gates.py::test_gate[molecule]": 400,
    "tests/integration/test_uninstall.py": 400,
    "tests/integration/test_interrupted.py": 350,
    "tests/integration/test_stranger.py": 300,
    "tests/integration/test_validate.py": 290,
    "tests/integration/test_artifact.py": 280,
    "tests/integration/test_role_model_namespace.py": 270,
    "tests/integration/test_disconnected.py": 150,
    "tests/integration/test_site_faults.py": 260,
    "tests/integration/test_site_empty.py": 250,
    "tests/integration/test_drift_report.py": 240,
    "tests/integration/test_render.py": 120,
    "tests/integration/test_tls.py": 200,
    "tests/integration/test_rights.py": 270,
    "simulators": 180,
    "platform": 200,
    "modules": 160,
    "tests/integration/test_pull_secret.py": 120,
    "tests/integration/test_sim_gitops_kafka.py": 155,
    "tests/integration/test_backup.py": 150,
    "tests/integration/test_automation_platform.py": 152,
    "tests/gates/test_gates.py::test_gate[sanity]": 150,
    "tests/gates/test_gates.py::test_gate[galaxy]": 110,
    "tests/gates/test_gates.py::test_gate[docs]": 100,
    "tests/gates/test_gates.py::test_gate[ansible-lint]": 80,
    "tests/gates/test_gates.py::test_gate[mypy]": 70,
}
INTEGRATION = 60


def unit(nodeid: str) -> str:
    """Return the name of the unit that a test belongs to: its file, a gate by itself, or files that share a cluster."""
    file = nodeid.partition("::")[0]
    return nodeid if file.startswith(GATES) else SHARING.get(file, file)


def seconds(nodeid: str) -> float:
    """Return about how many seconds the test's unit takes."""
    name = unit(nodeid)
    return SECONDS.get(name, INTEGRATION if name.startswith("tests/integration/") else 0)
