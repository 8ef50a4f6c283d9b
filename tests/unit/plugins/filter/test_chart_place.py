# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Where Helm finds a chart that is named."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.filter.chart_place import chart_place

TABLE = [
    (
        ("seldon-deploy", "https://charts.example.com/"),
        {"chart_ref": "seldon-deploy", "chart_repo_url": "https://charts.example.com/"},
    ),
    (
        ("seldon-deploy", "oci://r.example.com:5000/charts/"),
        {"chart_ref": "oci://r.example.com:5000/charts/seldon-deploy"},
    ),
    (("seldon-deploy", "/srv/charts"), {"chart_ref": "/srv/charts/seldon-deploy-2.0.0.tgz"}),
    (("seldon-deploy", "~/charts/"), {"chart_ref": "~/charts/seldon-deploy-2.0.0.tgz"}),
    (("/opt/bundle/seldon-deploy", "https://charts.example.com"), {"chart_ref": "/opt/bundle/seldon-deploy"}),
    (("oci://r.example.com/seldon-deploy", "/srv/charts"), {"chart_ref": "oci://r.example.com/seldon-deploy"}),
]


@pytest.mark.parametrize(("given", "expected"), TABLE)
def test_the_place_follows_from_the_form(given: tuple[str, str], expected: dict[str, str]) -> None:
    assert chart_place(*given, "2.0.0") == {**expected, "chart_version": "2.0.0"}
