"""What is missing is told in one line that says what to type, inside Ansible's process and beyond it."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube import dependencies
from ansible_collections.seldon.openshift.plugins.module_utils.kube.connection import Connection
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import MissingLibrary

from sandbox.paths import CHECKOUT

CORE = Path(next(iter(importlib.import_module("ansible_collections.kubernetes.core").__path__)))
TYPE = "Next: ansible-galaxy collection install 'kubernetes.core:>=5.0.0,<7.0.0'"
NAMESPACE = {"api_version": "v1", "kind": "Namespace", "name": "default"}
PIP = f"Next: {sys.executable} -m pip install 'PyYAML>=5.4' 'kubernetes>=24.2.0,<38'"


@pytest.mark.parametrize("version", ["", "5.0.0", "5.4.1", "6.0.0-beta.1", "6.99.0"])
def test_versions_within_the_range_are_no_problem(version: str) -> None:
    assert dependencies.collection_problem(version, None) == ""


@pytest.mark.parametrize("version", ["2.4.2", "3.2.0", "7.0.0", "10.1.0"])
def test_a_version_outside_the_range_is_named_with_the_range(version: str) -> None:
    told = f"The collection kubernetes.core is {version}, and seldon.openshift needs >=5.0.0,<7.0.0."
    assert dependencies.collection_problem(version, None) == told
    assert dependencies.collection_problem(version, ImportError("no function")) == told


def test_a_missing_function_is_named() -> None:
    error = ImportError("cannot import name 'AUTH_ARG_MAP'\nfrom args_common")
    assert dependencies.collection_problem("6.9.0", error) == (
        "The collection kubernetes.core 6.9.0 lacks what seldon.openshift imports of it: "
        "cannot import name 'AUTH_ARG_MAP' from args_common."
    )


def test_the_version_is_that_of_the_collection_in_use() -> None:
    manifest = json.loads((CORE / "MANIFEST.json").read_text())
    assert dependencies.collection_version() == manifest["collection_info"]["version"]


@pytest.mark.parametrize(("absent", "library"), [("kubernetes", "kubernetes"), ("yaml", "PyYAML")])
def test_a_missing_library_is_named_with_the_python_and_what_to_type(
    monkeypatch: pytest.MonkeyPatch, absent: str, library: str
) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(MissingLibrary) as caught:
        Connection({"host": "https://localhost", "api_key": "a-token"})
    assert str(caught.value).startswith(f"Python's library {library} is not installed for {sys.executable} on ")
    assert str(caught.value).endswith(PIP)
    assert "\n" not in str(caught.value)


def test_a_library_that_lacks_one_of_its_own_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> Any:
        raise ModuleNotFoundError(f"{name}: No module named 'dateutil'", name="dateutil")

    monkeypatch.setattr(dependencies.importlib, "import_module", broken)
    with pytest.raises(MissingLibrary, match=r"cannot be imported \(yaml: No module named 'dateutil'\) for"):
        dependencies.require_libraries()


def ansible(tmp_path: Path, module: str, *options: str, **environment: str) -> str:
    """Run one module, with no other collection than those below `tmp_path`, and return what Ansible prints."""
    home = tmp_path / "ansible_collections"
    (home / "seldon").mkdir(parents=True, exist_ok=True)
    (home / "seldon/openshift").symlink_to(CHECKOUT)
    (tmp_path / "ansible.cfg").touch()
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("ansible"), "localhost", "-m", f"seldon.openshift.{module}"),
            *("-a", json.dumps({"resources": [NAMESPACE], "host": "https://127.0.0.1:1", "api_key": "a-token"})),
            *("-c", "local", *options),
        ],
        cwd=tmp_path,
        env=os.environ
        | {
            "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(tmp_path),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            "ANSIBLE_NOCOLOR": "1",
            **environment,
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    return done.stdout + done.stderr


def core(tmp_path: Path, version: str, options: str) -> None:
    """Put a kubernetes.core of a version, with this as its args_common.py, below `tmp_path`."""
    runtime = (CORE / "meta/runtime.yml").read_text()
    for name, text in {"plugins/module_utils/args_common.py": options, "meta/runtime.yml": runtime}.items():
        target = tmp_path / "ansible_collections/kubernetes/core" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    manifest = {"collection_info": {"namespace": "kubernetes", "name": "core", "version": version}, "format": 1}
    (target.parents[1] / "MANIFEST.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("shipped", [False, True], ids=["inside", "shipped"])
def test_a_task_without_kubernetes_core_says_what_to_type(tmp_path: Path, shipped: bool) -> None:
    options = ["-e", "ansible_python_interpreter=/usr/bin/env python3"] if shipped else []
    said = ansible(tmp_path, "seldon_wait", *options)
    told = f"The collection kubernetes.core is not installed, and seldon.openshift needs >=5.0.0,<7.0.0. {TYPE}"
    assert told in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("6.5.0", "The collection kubernetes.core 6.5.0 lacks what seldon.openshift imports of it: cannot import name"),
        ("7.1.0", "The collection kubernetes.core is 7.1.0, and seldon.openshift needs >=5.0.0,<7.0.0."),
    ],
    ids=["options-missing", "too-new"],
)
def test_a_task_with_a_kubernetes_core_that_does_not_fit_says_so(tmp_path: Path, version: str, told: str) -> None:
    core(tmp_path, version, "")
    said = ansible(tmp_path, "seldon_apply")
    assert told in said
    assert TYPE in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("absent", "library"), [("kubernetes", "kubernetes"), ("yaml", "PyYAML")])
def test_a_shipped_module_names_the_library_that_its_python_lacks(tmp_path: Path, absent: str, library: str) -> None:
    python = tmp_path / "python-without"
    block = f"import sys, runpy; sys.modules[{absent!r}] = None; del sys.argv[0]"
    run = "runpy.run_path(sys.argv[0], run_name='__main__')"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{block}; {run}" "$@"\n')
    python.chmod(0o755)
    (tmp_path / "ansible_collections/kubernetes").mkdir(parents=True)
    (tmp_path / "ansible_collections/kubernetes/core").symlink_to(CORE)
    said = ansible(tmp_path, "seldon_wait", "-e", f"ansible_python_interpreter={python}")
    assert f"Python's library {library} is not installed for" in said
    assert PIP in said
    assert "Traceback" not in said
