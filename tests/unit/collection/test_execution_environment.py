"""The image that ansible-builder is told to make, as far as it can be known without building it."""

from __future__ import annotations

import configparser
import hashlib
import io
import re
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kubernetes.core.plugins.doc_fragments.k8s_auth_options import ModuleDocFragment
from ansible_collections.seldon.openshift.plugins.modules.seldon_preflight import HELM_NEWEST, HELM_OLDEST
from packaging.requirements import Requirement
from packaging.version import Version

CHECKOUT = Path(__file__).parents[3]
TARBALL = "seldon-openshift-1.0.0.tar.gz"
COPIED = ("execution-environment.yml", "requirements.yml", "requirements.txt", "bindep.txt")
USERS_COLLECTIONS = "~/.ansible/collections"  # without an image (--ee false)
IMAGE_COLLECTIONS = "/usr/share/ansible/collections"


def builder(cwd: Path, *arguments: str) -> str:
    result = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-builder")), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def read(name: str) -> Any:
    return yaml.safe_load((CHECKOUT / name).read_text())


@dataclass(frozen=True)
class Image:
    """What ansible-builder made of the definition: the folder of the build context."""

    context: Path

    @property
    def instructions(self) -> list[str]:
        """The Containerfile's instructions, each with its continued lines."""
        text = (self.context / "Containerfile").read_text().replace("\\\n", " ")
        return [line for line in text.splitlines() if line and not line.startswith("#")]

    def stage(self, name: str) -> list[str]:
        """Return the instructions of one stage, its FROM first."""
        start = next(i for i, line in enumerate(self.instructions) if re.match(rf"FROM .* AS {name}$", line))
        rest = self.instructions[start + 1 :]
        end = next((i for i, line in enumerate(rest) if line.startswith("FROM ")), len(rest))
        return [self.instructions[start], *rest[:end]]

    def arguments(self) -> dict[str, str]:
        """Return the build arguments that have values."""
        lines = [line.removeprefix("ARG ") for line in self.instructions if line.startswith("ARG ") and "=" in line]
        return dict(line.replace('"', "").split("=", 1) for line in lines)

    def step(self, text: str, stage: str = "final") -> str:
        """Return the shell command of the one RUN of a stage that holds `text`."""
        (found,) = [line for line in self.stage(stage) if line.startswith("RUN ") and text in line]
        return found.removeprefix("RUN ")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    folder = tmp_path_factory.mktemp("image")
    for name in COPIED:
        (folder / name).write_bytes((CHECKOUT / name).read_bytes())
    (folder / TARBALL).write_text("the artifact")
    builder(folder, "create", "--output-filename", "Containerfile")
    return Image(folder / "context")


def test_helm_is_the_one_that_is_tested_and_that_preflight_accepts(image: Image) -> None:
    tested = re.search(
        r"^require helm.sh/helm/v3 v(\S+)$", (CHECKOUT / "sandbox/binaries/helm/go.mod").read_text(), re.M
    )
    assert tested
    assert image.arguments()["HELM_URL"] == f"https://get.helm.sh/helm-v{tested[1]}-linux-amd64.tar.gz"
    assert Version(HELM_OLDEST) <= Version(tested[1]) < Version(HELM_NEWEST)


def test_oc_is_of_the_openshift_that_is_tested(image: Image) -> None:
    objects = yaml.safe_load_all((CHECKOUT / "sandbox/platform/cluster.yaml").read_text())
    (tested,) = [each["status"]["desired"]["version"] for each in objects if each["kind"] == "ClusterVersion"]
    mirror = "https://mirror.openshift.com/pub/openshift-v4/x86_64/clients/ocp"
    assert image.arguments()["OC_URL"] == f"{mirror}/{tested}/openshift-client-linux-{tested}.tar.gz"


@pytest.mark.parametrize("program", ["helm", "oc"])
@pytest.mark.parametrize("pinned", [True, False], ids=["pinned", "another"])
def test_a_program_is_installed_only_with_its_checksum(
    image: Image, tmp_path: Path, program: str, pinned: bool
) -> None:
    (tmp_path / "bin").mkdir()
    archive = archived({"linux-amd64/helm": b"#!/bin/sh\n", "oc": b"#!/bin/sh\n", "kubectl": b"#!/bin/sh\n"})
    (tmp_path / "downloaded").write_bytes(archive)
    (tmp_path / "curl").write_text(
        f'#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\ncp {tmp_path}/downloaded "$2"\n'
    )
    (tmp_path / "curl").chmod(0o755)
    given = image.arguments()
    if pinned:
        given[f"{program.upper()}_SHA256"] = hashlib.sha256(archive).hexdigest()
    command = image.step(f"/tmp/{program}.tar.gz").replace("/tmp/", f"{tmp_path}/")
    result = subprocess.run(
        ["/bin/sh", "-c", command.replace("/usr/local/bin", f"{tmp_path}/bin")],
        env=given | {"PATH": f"{tmp_path}:{tmp_path}/bin:/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (result.returncode == 0) is pinned, result.stdout + result.stderr
    assert f"{program}.tar.gz: {'OK' if pinned else 'FAILED'}" in result.stdout
    assert ((tmp_path / "bin" / program).exists()) is pinned


def archived(files: dict[str, bytes]) -> bytes:
    """Return a .tar.gz of programs by their paths."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tarball:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o755
            tarball.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_the_collection_is_installed_after_what_it_needs(image: Image) -> None:
    galaxy = [line for line in image.stage("galaxy") if "ansible-galaxy collection install" in line]
    assert [f"{IMAGE_COLLECTIONS}" in line for line in galaxy] == [True, True]
    assert "-r requirements.yml" in galaxy[0]
    assert "collections/seldon-openshift-*.tar.gz" in galaxy[1]
    assert (image.context / "_build/collections" / TARBALL).read_text() == "the artifact"
    assert yaml.safe_load((image.context / "_build/requirements.yml").read_text()) == read("requirements.yml")
    assert "COPY --from=galaxy /usr/share/ansible /usr/share/ansible" in image.stage("final")


def test_the_image_gets_the_requirements_of_the_collection_and_no_package_that_is_not_public(
    image: Image, tmp_path: Path
) -> None:
    collections = tmp_path / "ansible_collections"
    (collections / "seldon").mkdir(parents=True)
    (collections / "seldon/openshift").symlink_to(CHECKOUT)
    (collections / "kubernetes").symlink_to(Path(sys.modules[ModuleDocFragment.__module__].__file__ or "").parents[3])
    options = image.step("introspect.py introspect", "builder").partition(" introspect ")[2]
    builder(image.context / "_build", "introspect", str(tmp_path), *options.replace("/tmp/src", str(tmp_path)).split())
    python = {Requirement(line.partition("#")[0]).name.lower() for line in lines(tmp_path / "requirements.txt")}
    wanted = {Requirement(line.partition("#")[0]).name.lower() for line in lines(CHECKOUT / "requirements.txt")}
    assert wanted <= python
    system = {line.split()[0] for line in lines(tmp_path / "bindep.txt")}
    assert system == {line.split()[0] for line in lines(CHECKOUT / "bindep.txt")}


def lines(path: Path) -> list[str]:
    """Return the lines of a file that hold something beside comments."""
    return [line for line in path.read_text().splitlines() if line.partition("#")[0].strip()]


@pytest.mark.parametrize("package", ["ansible-core", "ansible-runner"])
def test_the_image_gets_the_ansible_that_is_tested(image: Image, package: str) -> None:
    pinned = {Requirement(line.partition("#")[0]).name: line for line in lines(CHECKOUT / "requirements-dev.txt")}
    tested = Requirement(pinned[package].partition("#")[0]).specifier
    wanted = {(each := Requirement(text)).name: each for text in image.arguments()["ANSIBLE_INSTALL_REFS"].split()}
    assert wanted[package].specifier.contains(next(iter(tested)).version)
    assert "RUN $PYCMD -m pip install --no-cache-dir $ANSIBLE_INSTALL_REFS" in image.stage("base")


def test_the_image_is_named_as_ansible_navigator_looks_for_it() -> None:
    (tag,) = read("execution-environment.yml")["options"]["tags"]
    assert tag == f"localhost/seldon-openshift-ee:{read('galaxy.yml')['version']}"
    assert navigator()["execution-environment"]["image"] == tag
    assert navigator()["execution-environment"]["pull"]["policy"] == "missing"


def test_ansible_navigator_hands_on_how_the_cluster_is_reached() -> None:
    documented = set(re.findall(r"K8S_AUTH_[A-Z_]+", ModuleDocFragment.DOCUMENTATION))
    passed = navigator()["execution-environment"]["environment-variables"]["pass"]
    assert documented | {"KUBECONFIG"} <= set(passed)
    assert len(passed) == len(set(passed))


def test_ansible_navigator_takes_the_roles_of_a_checkout_then_those_of_its_user_then_those_of_the_image() -> None:
    settings = configparser.ConfigParser()
    settings.read(CHECKOUT / "ansible.cfg")
    path = navigator()["execution-environment"]["environment-variables"]["set"]["ANSIBLE_COLLECTIONS_PATH"]
    assert path.split(":") == [settings["defaults"]["collections_path"], USERS_COLLECTIONS, IMAGE_COLLECTIONS]


def test_ansible_navigator_shows_progress_and_keeps_no_results() -> None:
    assert navigator()["mode"] == "stdout"
    assert navigator()["playbook-artifact"]["enable"] is False


def navigator() -> Any:
    """Return the settings. That ansible-navigator knows each of them is what ansible-lint sees to."""
    return read("ansible-navigator.yml")["ansible-navigator"]
