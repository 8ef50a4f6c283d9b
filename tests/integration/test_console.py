"""What the callback `console` shows: in a terminal, in a pipe, as a plan, of two clusters, and when a run fails."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.paths import CHECKOUT
from tests.integration.cluster import Cluster
from tests.terminal import Terminal

OURS = "seldon.openshift."
PASSWORD = "pa55w0rd-of-nobody"
ADVICE = (
    "  look further: oc describe deployment.apps the-name-of-which-is-long -n a-namespace-of-which-the-name-is-long-too"
)


def namespaced(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "console"}, **more}


NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "console"}}
SETTINGS = namespaced("ConfigMap", "settings", data={"colour": "green", "size": "small"})
LOGIN = namespaced("Secret", "login", stringData={"password": PASSWORD})
APPLY = {"name": "Apply the settings", f"{OURS}seldon_apply": {"resources": [NAMESPACE, SETTINGS, LOGIN]}}
SKIPPED = {"name": "Never done", "ansible.builtin.debug": {"msg": "unseen"}, "when": False}
SAID = {"name": "Show summary", "ansible.builtin.debug": {"msg": {"kafka": ["at x:9092", f"a {'word ' * 30}more"]}}}
WARNS = {"name": "Warn twice", "warns": {}, "loop": [1, 2]}
WARNING = """
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({})
module.warn("beware of it")
module.exit_json()
"""
FAILS = {"name": "Refuse it", "ansible.builtin.fail": {"msg": f"It cannot work\n{ADVICE}"}}


def wait(name: str) -> dict[str, Any]:
    """Return a task that waits for a namespace."""
    late = {"api_version": "v1", "kind": "Namespace", "name": name}
    return {"name": "Wait for what comes late", f"{OURS}seldon_wait": {"resources": [late]}}


@pytest.fixture(scope="module", autouse=True)
def _clean(shared_cluster: Cluster) -> None:
    shared_cluster.kube.apply(NAMESPACE)


def command(folder: Path, *tasks: dict[str, Any], options: tuple[str, ...] = (), hosts: str = "") -> list[str]:
    """Return what runs the tasks, with a log in the folder."""
    play = {"name": "A play", "hosts": hosts or "seldon_clusters", "gather_facts": False, "tasks": list(tasks)}
    (folder / "play.yml").write_text(json.dumps([play | {"vars": {"validate_report_dir": str(folder / "report")}}]))
    inventory = ("-i", f"{hosts.replace(':', ',')},", "-c", "local") if hosts else ()
    return ["ansible-playbook", *inventory, str(folder / "play.yml"), *options]


def environment(cluster: Cluster, **more: str) -> dict[str, str]:
    inherited = {key: value for key, value in cluster.environment().items() if key not in ("CI", "ANSIBLE_NOCOLOR")}
    return inherited | {"TERM": "xterm-256color", "ANSIBLE_STDOUT_CALLBACK": "seldon.openshift.console"} | more


def piped(cluster: Cluster, arguments: list[str], code: int = 0) -> str:
    done = subprocess.run(
        arguments, cwd=CHECKOUT, env=environment(cluster), capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def gone(cluster: Cluster, *names: str) -> None:
    for kind, name in [("ConfigMap", "settings"), ("Secret", "login")]:
        if name in names:
            cluster.kube.delete(namespaced(kind, name))


@pytest.mark.parametrize("columns", [80, 160])
def test_in_a_terminal_the_bottom_tells_whom_the_run_waits_for(
    shared_cluster: Cluster, tmp_path: Path, columns: int
) -> None:
    gone(shared_cluster, "settings", "login")
    late = f"console-late-{columns}"
    arguments = command(tmp_path, APPLY, wait(late), SKIPPED, SAID)
    terminal = Terminal(arguments, environment(shared_cluster, NO_COLOR="1"), columns, CHECKOUT)
    lines = terminal.until(f"Namespace {late}")
    (head,) = [line for line in lines if "Wait for what comes late  " in line]
    (row,) = [line for line in lines if f"Namespace {late}" in line]
    assert re.fullmatch(r". Wait for what comes late  [\d.]+ s", head)
    assert re.fullmatch(rf"  Namespace {late} +[\d.]+ s  does not exist yet", row)
    assert "  created ConfigMap console/settings" in lines
    shared_cluster.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": late}})
    left = terminal.finish()
    assert not any("does not exist yet" in line for line in left), "the board is taken away"
    assert not re.search(rb"\x1b\[[\d;]*[0-9]m", terminal.raw), "NO_COLOR"
    text = "\n".join(left)
    assert re.search(r"^Apply the settings\n(  .*\n)+  [\d.]+ s, created 2$", text, re.M), text
    assert re.search(r"^Wait for what comes late  [\d.]+ s$", text, re.M), text
    assert "Never done" not in text
    # Prose is broken between words, as wide as the terminal.
    words = [line for line in left if line.strip().startswith(("a word", "word", "more"))]
    assert " ".join(" ".join(words).split()) == f"a {'word ' * 30}more"
    assert len(words) > 1
    assert max(map(len, words)) <= columns
    assert re.search(r"^Created 2 \(4 tasks in [\d.]+ s\)$", text, re.M), text


def test_in_a_pipe_every_line_is_printed_once_and_stays(shared_cluster: Cluster, tmp_path: Path) -> None:
    gone(shared_cluster, "settings", "login")
    first, again = (piped(shared_cluster, command(tmp_path, APPLY, wait("console"), SKIPPED)) for _ in range(2))
    assert "\x1b" not in first
    assert "\n  created ConfigMap console/settings\n  created Secret console/login\n" in first
    assert re.search(r"^Created 2 \(3 tasks in ", first, re.M)
    assert re.search(r"^Apply the settings  [\d.]+ s$", again, re.M)
    assert re.search(r"^Nothing changed \(3 tasks in ", again, re.M)
    # What scripts read.
    assert re.search(r"^cluster +: ok=2 +changed=0 +unreachable=0 +failed=0 +skipped=1 ", again, re.M)
    assert PASSWORD not in first + again


def test_what_a_wait_says_is_below_its_stage_in_a_pipe(shared_cluster: Cluster, tmp_path: Path) -> None:
    late = "console-late-pipe"
    process = subprocess.Popen(
        command(tmp_path, APPLY, wait(late)),
        cwd=CHECKOUT,
        env=environment(shared_cluster),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if f"Namespace {late}: does not exist yet" in line:
            shared_cluster.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": late}})
    assert process.wait() == 0, lines
    start = lines.index("Wait for what comes late")
    assert re.fullmatch(rf"  Namespace {late}: does not exist yet \(\d+ s\)", lines[start + 1])
    assert re.fullmatch(r"  [\d.]+ s", lines[start + 3]), lines


def test_check_and_diff_read_as_a_plan_and_nothing_is_written(shared_cluster: Cluster, tmp_path: Path) -> None:
    piped(shared_cluster, command(tmp_path, APPLY))
    gone(shared_cluster, "login")
    shared_cluster.kube.patch(SETTINGS, {"data": {"colour": "red"}}, manager="kubectl-patch")
    twice = APPLY | {"name": "Apply them again"}
    plan = piped(shared_cluster, command(tmp_path, APPLY, twice, options=("--check", "--diff")))
    assert "A play (check mode)" in plan
    told = "\n  would change ConfigMap console/settings\n    .data.colour: red → green\n"
    assert told in re.sub(r": taken back.*", "", plan), plan
    assert "\n  would create Secret console/login\n    apiVersion: v1\n    data:\n      password: (hidden)\n" in plan
    assert re.search(r"^Apply them again  [\d.]+ s$", plan, re.M), "each is told once"
    assert re.search(r"^Would create 1, change 1 \(2 tasks in ", plan, re.M)
    assert PASSWORD not in plan
    assert shared_cluster.kube.get("v1", "ConfigMap", "settings", "console")["data"]["colour"] == "red"
    gone(shared_cluster, "settings")


def test_what_a_task_did_before_it_failed_is_told_and_counted(shared_cluster: Cluster, tmp_path: Path) -> None:
    gone(shared_cluster, "login")
    shared_cluster.kube.apply(namespaced("ConfigMap", "theirs", data={"a": "b"}))
    bad = APPLY | {f"{OURS}seldon_apply": {"resources": [LOGIN, namespaced("ConfigMap", "theirs", data={"a": "c"})]}}
    said = piped(shared_cluster, command(tmp_path, bad), code=2)
    assert re.search(
        r"^Apply the settings\n  created Secret console/login\n  FAILED: Apply the settings$", said, re.M
    ), said
    assert re.search(r"^Failed; created 1 \(1 task in ", said, re.M), said


def test_an_error_is_told_whole_and_its_command_in_one_piece(shared_cluster: Cluster, tmp_path: Path) -> None:
    for said in (
        piped(shared_cluster, command(tmp_path, FAILS), code=2),
        Terminal(command(tmp_path, FAILS), environment(shared_cluster), 160, CHECKOUT),
    ):
        text = said if isinstance(said, str) else "\n".join(said.finish(2))
        assert f"\nRefuse it\n  FAILED: Refuse it\nIt cannot work\n{ADVICE}\n" in text, text
        end = r"^\[ERROR\]: Refuse it, on cluster: It cannot work\nFailed; nothing changed \(1 task in "
        assert re.search(end, text, re.M), text


def test_arguments_are_checked_without_a_word_unless_they_fail(shared_cluster: Cluster, tmp_path: Path) -> None:
    roles = tmp_path / "roles" / "adds"
    for name, content in {
        "meta/argument_specs.yml": {"argument_specs": {"main": {"options": {"number": {"type": "int"}}}}},
        "tasks/main.yml": [{"name": "Say it", "ansible.builtin.debug": {"msg": "said"}}],
    }.items():
        (roles / name).parent.mkdir(parents=True)
        (roles / name).write_text(json.dumps(content))
    task = {"name": "Add it", "ansible.builtin.import_role": {"name": "adds"}}
    good = piped(shared_cluster, command(tmp_path, task, options=("-e", "number=1")))
    assert re.search(r"^Add it\n  said\n  [\d.]+ s$", good, re.M), good
    assert "Validating arguments" not in good
    bad = piped(shared_cluster, command(tmp_path, task, options=("-e", "number=x")), code=2)
    assert re.search(r"^Add it\n  FAILED: Validating arguments", bad, re.M), bad


def test_warnings_come_at_the_end_each_once(shared_cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "warns.py").write_text(WARNING)
    lines = Terminal(command(tmp_path, WARNS, SAID), environment(shared_cluster), 160, CHECKOUT).finish()
    (at,) = [number for number, line in enumerate(lines) if "beware of it" in line]
    assert at > max(number for number, line in enumerate(lines) if "at x:9092" in line)


def test_two_clusters_are_told_apart(shared_cluster: Cluster, tmp_path: Path) -> None:
    changes = {
        "name": "Change it",
        "ansible.builtin.debug": {"msg": "done"},
        "changed_when": "inventory_hostname == 'east'",
    }
    arguments = command(tmp_path, changes, hosts="east:west")
    said = piped(shared_cluster, arguments)
    assert "\n  [east] done\n" in said
    assert "\n  [west] done\n" in said
    assert "\n  [east] changed by 'Change it'\n" in said
    assert "\neast: changed 1\nwest: nothing changed\nChanged 1 (2 tasks in " in said


def test_two_clusters_one_after_the_other_are_told_apart_and_each_stage_counts_its_own(
    shared_cluster: Cluster, tmp_path: Path
) -> None:
    changes = {"name": "Change it", "ansible.builtin.debug": {"msg": "done"}, "changed_when": True}
    arguments = command(tmp_path, changes, hosts="east:west")
    (play,) = json.loads((tmp_path / "play.yml").read_text())
    (tmp_path / "play.yml").write_text(json.dumps([play | {"serial": 1}]))
    said = piped(shared_cluster, arguments)
    for host in ("east", "west"):
        told = rf"^Change it\n  \[{host}\] done\n  \[{host}\] changed by 'Change it'\n  [\d.]+ s, changed 1$"
        assert re.search(told, said, re.M), said
    assert "\nChanged 2 (2 tasks in " in said


def test_what_a_run_only_tries_is_no_change(shared_cluster: Cluster, tmp_path: Path) -> None:
    gone(shared_cluster, "settings")
    said = piped(shared_cluster, command(tmp_path, APPLY | {"check_mode": True}))
    assert "\n  would create ConfigMap console/settings\n" in said
    assert re.search(r"^Nothing changed \(1 task in ", said, re.M), said


def test_a_loop_whose_failures_are_ignored_says_so(shared_cluster: Cluster, tmp_path: Path) -> None:
    said = piped(shared_cluster, command(tmp_path, FAILS | {"loop": ["a"], "ignore_errors": True}))
    assert re.search(r"^  FAILED \(a\): Refuse it\n(.*\n)+  ignored: Refuse it$", said, re.M), said


def test_the_folder_of_the_log_may_be_a_template(shared_cluster: Cluster, tmp_path: Path) -> None:
    folder = json.dumps({"validate_report_dir": "{{ playbook_dir }}/elsewhere"})
    said = piped(shared_cluster, command(tmp_path, SAID, options=("-e", folder)))
    assert f"\nThe log: {tmp_path}/elsewhere/play.log\n" in said


def test_verbose_tells_of_every_task_and_very_verbose_is_ansible_s_own(shared_cluster: Cluster, tmp_path: Path) -> None:
    told = piped(shared_cluster, command(tmp_path, APPLY, SKIPPED, options=("-v",)))
    assert "\n  skipped: Never done\n" in told
    assert re.search(r'^  (ok|changed): Apply the settings => \{.*"results": \[', told, re.M), told
    whole = piped(shared_cluster, command(tmp_path, APPLY, SKIPPED, options=("-vv",)))
    assert "\nTASK [Never done] ***" in whole
    assert re.search(r"^Nothing changed \(2 tasks in ", whole, re.M)


def test_the_log_has_every_task_for_its_owner_only_and_no_secret(shared_cluster: Cluster, tmp_path: Path) -> None:
    gone(shared_cluster, "login")
    said = piped(shared_cluster, command(tmp_path, APPLY, SKIPPED))
    log = tmp_path / "report" / "play.log"
    assert f"\nThe log: {log}\n" in said
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text()
    assert re.search(r'^[\d:]{8} changed: \[cluster\] Apply the settings => \{"changed": true, "results": ', text, re.M)
    assert re.search(r"^[\d:]{8} skipped: \[cluster\] Never done => ", text, re.M)
    assert re.search(r"^[\d:]{8} Created 1 \(2 tasks in ", text, re.M)
    assert PASSWORD not in text


def test_a_log_that_cannot_be_written_ends_no_run(shared_cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file where the folder would be")
    done = subprocess.run(
        command(tmp_path, SAID),
        cwd=CHECKOUT,
        env=environment(shared_cluster),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no log is written" in done.stderr
