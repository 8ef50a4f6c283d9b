"""Settings of Sphinx for `make docs`: the pages of antsibull-docs, built without the network."""

from __future__ import annotations

from typing import Any

project = "seldon.openshift"
extensions = ["sphinx_antsibull_ext"]
html_theme = "alabaster"


def setup(app: Any) -> None:
    """Connect what this build answers itself."""
    app.connect("missing-reference", elsewhere)


def elsewhere(_app: Any, _env: Any, node: Any, text: Any) -> Any:
    """Keep a reference to the pages of Ansible and of other collections as text; they are on a server."""
    return None if node["reftarget"].startswith("ansible_collections.seldon.openshift.") else text
