"""The names of kinds in paths, beside those of their CRDs."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.kube.discovery import KNOWN

DEFINITIONS = Path(__file__).parents[4] / "sandbox/definitions"


def test_the_names_in_paths_are_those_of_the_crds() -> None:
    known = {(kind.api_version.rpartition("/")[0], kind.name): resource.plural for kind, resource in KNOWN.items()}
    served = {
        (name.partition(".")[2], definition["kind"]): name.partition(".")[0]
        for table in DEFINITIONS.glob("*.yaml")
        for name, definition in yaml.safe_load(table.read_text()).items()
    }
    both = known.keys() & served.keys()
    assert len(both) > 40
    assert {each: known[each] for each in both} == {each: served[each] for each in both}
