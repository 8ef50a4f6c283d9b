# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which chart a task wants, as far as that can be told without Helm."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path
from typing import Any

from ..kube.errors import EngineError
from ..kube.yamltext import load
from .release import Chart

# Helm reads anything less as a range, and takes the newest version in it (helm.sh, Charts, Version).
_PINNED = re.compile(r"v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?")


def wanted_chart(ref: str, version: str | None) -> Chart | None:
    """Return the chart that `ref` and `version` mean, None when only its repository can tell.

    ref: a name, `REPOSITORY/NAME`, `oci://…/NAME`, or the path of a folder or archive, whose own version counts.
    Raises EngineError for a path where no chart can be read.
    """
    path = Path(ref).expanduser()
    if path.exists() and (path.is_absolute() or "/" in ref):
        return _described(path)
    if ref.startswith(("http://", "https://")) or not version or not _PINNED.fullmatch(version):
        return None
    return Chart(ref.rstrip("/").rpartition("/")[2], version)


def same_chart(wanted: Chart, there: Chart) -> bool:
    """Say whether a release of `there` is one of `wanted`; what `wanted` does not say does not count."""
    one, other = (each.version.removeprefix("v") for each in (wanted, there))
    return (wanted.name, one) == (there.name, other) and wanted.app_version in ("", there.app_version)


def _described(path: Path) -> Chart:
    try:
        text = (path / "Chart.yaml").read_text(encoding="utf-8") if path.is_dir() else _packed(path)
        metadata: Any = load(text)[0]
        found = (str(metadata.get(key) or "") for key in ("name", "version", "appVersion"))
        return Chart(*found)
    except (OSError, tarfile.TarError, LookupError, AttributeError, ValueError) as error:
        raise EngineError(
            f"{path} is no Helm chart: {error}. Give a folder with Chart.yaml, or an archive of one."
        ) from error


def _packed(path: Path) -> str:
    """Return the text of the Chart.yaml of an archive, not of one of the charts in it."""
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
                described = archive.extractfile(member)
                return described.read().decode() if described else ""
    raise LookupError("it holds no Chart.yaml")
