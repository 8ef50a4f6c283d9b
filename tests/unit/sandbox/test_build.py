"""The build of the sandbox's programs, with a compiler that only pretends."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sandbox import build
from sandbox.build import BuildError, Module, Program

GO = """#!/bin/sh
# A compiler that takes note of what it is asked for, and fails for a package called 'broken' until a file allows it.
case "$1" in
env) echo go1.26.8 ;;
build)
    echo "$PWD $*" >> "$GO_LOG"
    while [ "$1" != -o ]; do shift; done
    out=$2; shift 2
    for package in "$@"; do
        if [ "${package##*/}" = broken ] && [ ! -e "$GO_LOG.mended" ]; then
            echo "go: downloading example.com/noise v1" >&2; echo "broken.go:1: syntax error" >&2; exit 1
        fi
        echo program > "$out/$(basename "${package%/v[0-9]}")"
    done ;;
esac
"""


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two modules to build, a pretending Go, and a cache of their own."""
    package = tmp_path / "sandbox"
    for folder in ("first", "second"):
        (package / "binaries" / folder).mkdir(parents=True)
        (package / "binaries" / folder / "go.mod").write_text(f"module {folder}\n")
        (package / "binaries" / folder / "go.sum").write_text("sum\n")
    script(tmp_path / "path" / "go", GO)
    monkeypatch.setattr(build, "PACKAGE", package)
    monkeypatch.setattr(
        build,
        "MODULES",
        (
            Module("first", (Program("one", "example.com/one"), Program("etcd", "example.com/server/v3")), minutes=1),
            Module("second", (Program("broken", "example.com/broken", ("--version",), r"v1\.24\."),), minutes=1),
        ),
    )
    monkeypatch.setenv("SELDON_SANDBOX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GO_LOG", str(tmp_path / "go.log"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    return tmp_path


def builds(workshop: Path) -> list[str]:
    log = workshop / "go.log"
    return [Path(line.split()[0]).name for line in log.read_text().splitlines()] if log.exists() else []


def test_a_failed_build_says_why_and_goes_on_where_it_stopped(workshop: Path) -> None:
    with pytest.raises(BuildError, match=r"second failed in .*\nbroken.go:1: syntax error\n.*run again"):
        build.binaries()
    (workshop / "go.log.mended").touch()
    lines: list[str] = []
    found = build.binaries(lines.append)
    assert builds(workshop) == ["first", "second", "second"]
    assert {path.read_text() for path in found.values()} == {"program\n"}
    assert set(found) == {"one", "etcd", "broken"}
    assert "about 1 minutes on two cores" in lines[0]
    assert not (workshop / "cache" / "build").exists(), "the compiler's caches are left behind"


def test_what_is_built_stays_until_a_pin_changes(workshop: Path) -> None:
    (workshop / "go.log.mended").touch()
    before = build.binaries()
    assert build.binaries() == before
    assert builds(workshop) == ["first", "second"]
    (workshop / "sandbox" / "binaries" / "first" / "go.sum").write_text("another sum\n")
    after = build.binaries()
    assert builds(workshop) == ["first", "second", "first"]
    assert after["one"] != before["one"]
    assert after["broken"] == before["broken"]


@pytest.mark.parametrize(
    ("where", "version", "taken"),
    [
        ("KUBEBUILDER_ASSETS", "Kubernetes v1.24.6", True),
        ("KUBEBUILDER_ASSETS", "Kubernetes v1.31.0", False),
        ("PATH", "Kubernetes v1.24.17", True),
        ("PATH", "Kubernetes v1.25.1", False),
    ],
)
def test_a_ready_made_program_of_a_fitting_version_is_taken(
    workshop: Path, monkeypatch: pytest.MonkeyPatch, where: str, version: str, taken: bool
) -> None:
    (workshop / "go.log.mended").touch()
    script(workshop / "assets" / "broken", f"#!/bin/sh\necho {version}\n")
    if where == "PATH":
        monkeypatch.setenv("PATH", f"{workshop / 'path'}:{workshop / 'assets'}:/usr/bin:/bin")
    else:
        monkeypatch.setenv(where, str(workshop / "assets"))
    assert (build.binaries()["broken"].parent == workshop / "assets") is taken
    assert ("second" in builds(workshop)) is not taken
