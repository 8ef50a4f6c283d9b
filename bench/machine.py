"""What the figures were measured with: the machine and the versions of the programs."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from sandbox.build import binaries
from sandbox.cluster import Settings

MODEL = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)
TOTAL = re.compile(r"^MemTotal:\s*(\d+) kB$", re.MULTILINE)
VERSION = re.compile(r"v(\d[\w.+-]*)")


def machine() -> dict[str, str]:
    """Return what the page tells of the machine and the versions, by the names of its template."""
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{memory(_text('/proc/meminfo'))} GiB",
        "cpu": model(_text("/proc/cpuinfo")),
        "ansible": version("ansible-core"),
        "python": platform.python_version(),
        "kubectl": _said("kubectl", "version", "--client", "--short"),
        "helm": _said("helm", "version", "--short"),
        "openshift": Settings().version,
    }


def model(cpuinfo: str) -> str:
    """Return the model of the processor, as /proc/cpuinfo tells it."""
    found = MODEL.search(cpuinfo)
    return re.sub(r"\s+", " ", found.group(1)) if found else platform.machine()


def memory(meminfo: str) -> int:
    """Return the memory in GiB, as /proc/meminfo tells it; 0 when it does not."""
    found = TOTAL.search(meminfo)
    return round(int(found.group(1)) / 2**20) if found else 0


def number(said: str) -> str:
    """Return the version in what a program says of itself."""
    found = VERSION.search(said)
    return found.group(1) if found else said.strip()


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""


def _said(program: str, *arguments: str) -> str:
    done = subprocess.run([binaries()[program], *arguments], capture_output=True, text=True, check=True)  # noqa: S603
    return number(done.stdout)
