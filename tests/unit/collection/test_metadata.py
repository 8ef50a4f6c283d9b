"""What the collection's own files say of one another is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.kube import dependencies

CHECKOUT = Path(__file__).parents[3]
EXAMPLE = CHECKOUT / "inventories/example"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def test_the_action_group_holds_every_module_that_speaks_to_a_cluster() -> None:
    files = (CHECKOUT / "plugins/modules").glob("*.py")
    modules = {path.stem for path in files if "kubernetes.core.k8s_auth_options" in path.read_text()}
    assert set(read(CHECKOUT / "meta/runtime.yml")["action_groups"]["seldon"]) == modules


def test_the_playbooks_group_holds_what_the_roles_use_of_kubernetes_core() -> None:
    files = [path.read_text() for path in (CHECKOUT / "roles").glob("*/tasks/*.yml")]
    used = {found for text in files for found in re.findall(r"^ +(kubernetes\.core\.\w+):", text, re.MULTILINE)}
    first, *others = read(CHECKOUT / "meta/runtime.yml")["action_groups"]["cluster"]
    assert first == {"metadata": {"extend_group": ["seldon"]}}
    assert set(others) == used


def test_requirements_name_the_dependencies_of_the_collection() -> None:
    required = {entry["name"]: entry["version"] for entry in read(CHECKOUT / "requirements.yml")["collections"]}
    assert required == read(CHECKOUT / "galaxy.yml")["dependencies"]


def test_the_range_of_kubernetes_core_is_the_one_that_tasks_check() -> None:
    checked = f">={dotted(dependencies.CORE_OLDEST)},<{dotted(dependencies.CORE_BELOW)}"
    assert read(CHECKOUT / "galaxy.yml")["dependencies"] == {"kubernetes.core": dependencies.CORE_RANGE}
    assert checked == dependencies.CORE_RANGE


def test_requirements_name_the_libraries_that_tasks_ask_for() -> None:
    lines = (CHECKOUT / "requirements.txt").read_text().splitlines()
    wanted = {line.partition(" ")[0] for line in lines if line and not line.startswith("#")}
    assert set(dependencies.LIBRARIES.values()) <= wanted
    assert {re.split("[<>=]", each)[0] for each in wanted} == {
        *("ansible-core", "kubernetes", "PyYAML"),
        *("jmespath", "openshift"),
    }


def test_the_matrix_proves_the_ends_of_the_range_of_the_client() -> None:
    oldest, newest = read(CHECKOUT / "tests/matrix/versions.yml")["clients"]
    beyond = int(newest.partition(".")[0]) + 1
    assert dependencies.LIBRARIES["kubernetes"] == f"kubernetes>={oldest},<{beyond}"


def test_sanity_leaves_out_the_same_on_every_ansible_core() -> None:
    lines = {path.stem: path.read_text() for path in (CHECKOUT / "tests/sanity").glob("ignore-*.txt")}
    proved = {
        "ignore-" + row["core"].rpartition(".")[0] for row in read(CHECKOUT / "tests/matrix/versions.yml")["rows"]
    }
    assert lines.keys() == proved
    assert set(lines.values()) == {lines["ignore-2.19"]}
    checked = [
        path for kind in ("callback", "lookup", "modules") for path in (CHECKOUT / "plugins" / kind).glob("*.py")
    ]
    licence = "validate-modules:missing-gplv3-license"
    assert set(lines["ignore-2.19"].splitlines()) >= {f"{path.relative_to(CHECKOUT)} {licence}" for path in checked}


def dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


def test_the_example_inventory_names_only_variables_that_exist() -> None:
    group = read(EXAMPLE / "hosts.yml")["seldon_clusters"]
    named = set(read(EXAMPLE / "group_vars/seldon_clusters.yml")).union(*group["hosts"].values())
    settable = {name for file in CHECKOUT.glob("roles/*/defaults/main.yml") for name in read(file) or {}}
    assert named - settable - connection_variables() == set()


def test_the_example_inventory_documents_every_way_to_reach_a_cluster() -> None:
    text = (EXAMPLE / "hosts.yml").read_text()
    assert [name for name in connection_variables() if name not in text] == []


def connection_variables() -> set[str]:
    """Return what the main playbook reads to reach a cluster, beside the roles' variables."""
    play = read(CHECKOUT / "playbooks/site.yml")[0]
    return set(re.findall(r"seldon_\w+", str(play["module_defaults"]["group/seldon.openshift.cluster"])))


def test_addresses_are_below_the_one_that_contributing_names() -> None:
    (home,) = re.findall(r"addresses in `galaxy.yml` are below `(\S+)`", (CHECKOUT / "CONTRIBUTING.md").read_text())
    metadata = read(CHECKOUT / "galaxy.yml")
    addresses = [metadata[field] for field in ("repository", "documentation", "homepage", "issues")]
    assert [address for address in addresses if address != home and not address.startswith(f"{home}/")] == []
