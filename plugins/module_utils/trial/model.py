# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The models that are tried: the smallest public example of each Seldon Core, and how a request to it looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..kube.kinds import MODEL, SELDON_DEPLOYMENT
from ..kube.objects import Kind, Reference

PREFIX = "seldon-try-"
KINDS: Mapping[str, Kind] = {"v1": SELDON_DEPLOYMENT, "v2": MODEL}


@dataclass(frozen=True)
class Trial:
    """One model that is tried. core: v1 or v2, of Seldon Core."""

    core: str
    namespace: str
    name: str

    @property
    def reference(self) -> Reference:
        """Which object it is."""
        return KINDS[self.core].named(self.name, self.namespace)

    @property
    def path(self) -> str:
        """The path of its predictions, as in the guide."""
        if self.core == "v1":
            return f"/seldon/{self.namespace}/{self.name}/api/v0.1/predictions"
        return f"/v2/models/{self.name}/infer"

    @property
    def headers(self) -> dict[str, str]:
        """What a request says beside its path; the first two of Core v2 choose its namespace at the gateway."""
        if self.core == "v1":
            return {}
        return {"namespace": self.namespace, "inference": "seldon-mesh", "Seldon-Model": self.name}

    @property
    def payload(self) -> dict[str, Any]:
        """The measures of one iris."""
        if self.core == "v1":
            return {"data": {"ndarray": [[1, 2, 3, 4]]}}
        return {"inputs": [{"name": "predict", "shape": [1, 4], "datatype": "FP32", "data": [[1, 2, 3, 4]]}]}

    @property
    def answer_field(self) -> str:
        """The field that every prediction has."""
        return "data" if self.core == "v1" else "outputs"
