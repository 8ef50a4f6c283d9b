"""Values, charts and Helm's own words: what differs, what is pinned, what is a secret, what to type."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.helm.charts import same_chart, wanted_chart
from ansible_collections.seldon.openshift.plugins.module_utils.helm.failures import explained
from ansible_collections.seldon.openshift.plugins.module_utils.helm.release import Chart
from ansible_collections.seldon.openshift.plugins.module_utils.helm.values import hidden, value_changes, value_secrets
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        ({}, {}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": {"b": [1, {"c": "x"}]}}, {"a": {"b": [1, {"c": "x"}]}}),
        ({"a": None}, {"a": None}),
        ({"a": {}}, {"a": {}}),
        ({"a": 9007199254740992}, {"a": 9007199254740993}),
    ],
)
def test_the_same_values(there: Any, wanted: Any) -> None:
    assert value_changes(there, wanted) == []


@pytest.mark.parametrize(
    ("there", "wanted", "told"),
    [
        ({"a": 1}, {"a": 2}, [(".values.a", 1, 2, "changed")]),
        ({"a": 1}, {"a": True}, [(".values.a", 1, True, "changed")]),
        ({"a": "1"}, {"a": 1}, [(".values.a", "1", 1, "changed")]),
        ({"a": 0}, {"a": False}, [(".values.a", 0, False, "changed")]),
        ({}, {"a": None}, [(".values.a", None, "null", "added")]),
        ({"a": None}, {}, [(".values.a", "null", None, "removed")]),
        ({}, {"a": {"b": 1, "c": 2}}, [(".values.a.b", None, 1, "added"), (".values.a.c", None, 2, "added")]),
        ({"a": {"b": 1}}, {"a": "x"}, [(".values.a", {"b": 1}, "x", "changed")]),
        ({"a": [1]}, {"a": [1, 2]}, [(".values.a", [1], [1, 2], "changed")]),
        ({"a": [{"name": "x", "b": 1}]}, {"a": [{"name": "x", "b": 2}]}, [('.values.a[name="x"].b', 1, 2, "changed")]),
        ({}, {"a": {}}, [(".values.a", None, {}, "added")]),
    ],
)
def test_each_key_that_differs(there: Any, wanted: Any, told: list[tuple[Any, ...]]) -> None:
    found = [(each.field, each.live, each.wanted, each.fate) for each in value_changes(there, wanted)]
    assert found == told


SECRETS: Any = {
    "password": "one-of-them",
    "env": [{"name": "CLIENT_SECRET", "value": "two-of-them"}, {"name": "COLOUR", "value": "green"}],
    "nested": {"apiToken": "three-of-them", "url": "https://me:four-of-them@example.com"},
}


def test_what_names_a_secret_is_hidden_wherever_it_stands() -> None:
    assert {f"{number}-of-them" for number in ("one", "two", "three", "four")} <= value_secrets(SECRETS)
    assert "green" not in value_secrets(SECRETS)
    for there, wanted in (({}, SECRETS), (SECRETS, {}), ({"x": 1}, {"x": SECRETS}), ({"nested": 1}, SECRETS)):
        told = str([hidden(each).report(secret=False) for each in value_changes(there, wanted)])
        assert "of-them" not in told


@pytest.mark.parametrize(
    ("ref", "version", "chart"),
    [
        ("shop", "2.1.0", Chart("shop", "2.1.0")),
        ("shop", "v2.1.0-rc.1+x", Chart("shop", "v2.1.0-rc.1+x")),
        ("mine/shop", "2.1.0", Chart("shop", "2.1.0")),
        ("oci://registry.example.com/charts/shop", "2.1.0", Chart("shop", "2.1.0")),
        ("shop", "2.1", None),
        ("shop", "~2.1.0", None),
        ("shop", ">=2.1.0", None),
        ("shop", "2.x.x", None),
        ("shop", "", None),
        ("shop", None, None),
        ("https://example.com/shop-2.1.0.tgz", "2.1.0", None),
    ],
)
def test_only_a_whole_version_is_known_without_its_repository(
    ref: str, version: str | None, chart: Chart | None
) -> None:
    assert wanted_chart(ref, version) == chart


def test_a_folder_and_an_archive_have_a_version_of_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    (folder / "charts" / "other").mkdir(parents=True)
    (folder / "charts" / "other" / "Chart.yaml").write_text("name: other\nversion: 9.9.9\n")
    (folder / "Chart.yaml").write_text("name: shop\nversion: 1.2.3\nappVersion: '4'\n")
    with tarfile.open(tmp_path / "shop.tgz", "w:gz") as archive:
        archive.add(folder, "shop")
    for path in (folder, tmp_path / "shop.tgz"):
        assert wanted_chart(str(path), "2.1.0") == Chart("shop", "1.2.3", "4")
    (folder / "Chart.yaml").unlink()
    for path in (folder, tmp_path):
        with pytest.raises(EngineError, match="is no Helm chart"):
            wanted_chart(str(path), None)


def test_an_app_version_counts_where_it_is_known() -> None:
    assert same_chart(Chart("a", "v1.0.0"), Chart("a", "1.0.0", "7"))
    assert not same_chart(Chart("a", "1.0.0", "8"), Chart("a", "1.0.0", "7"))
    assert not same_chart(Chart("b", "1.0.0"), Chart("a", "1.0.0"))


HELM = (
    'Error: Unable to continue with install: {} in namespace "{}" exists and cannot be imported into the current '
    "release: invalid ownership metadata; {}"
)


def test_what_helm_may_not_take_is_explained() -> None:
    label = 'label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"'
    said = explained(HELM.format('Service "s"', "n", label), "r", "n")
    assert "oc label service s -n n --overwrite app.kubernetes.io/managed-by=Helm" in said
    assert "meta.helm.sh/release-name=r meta.helm.sh/release-namespace=n" in said
    owner = 'annotation validation error: key "meta.helm.sh/release-namespace" must equal "n": current value is "other"'
    said = explained(HELM.format('ClusterRole "c"', "", owner), "r", "n")
    assert "ClusterRole c belongs to the Helm release other/r" in said
    assert "helm uninstall r -n other" in said
    assert explained("Error: timed out", "r", "n") == "Error: timed out"
