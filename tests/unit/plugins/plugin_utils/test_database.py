"""Which database Seldon Deploy gets: what is there counts before what could be made, and what cannot work is told."""

from __future__ import annotations

from dataclasses import fields

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.filter.database_choice import database_choice
from ansible_collections.seldon.openshift.plugins.plugin_utils.database import (
    AUTO,
    EXTERNAL,
    MANIFEST,
    TEMPLATE,
    There,
    Wanted,
    is_instantiated,
    kind_of,
    problems,
)

from tests.unit.collection.typed_reads import CHECKOUT

EMPTY, OFFERED = There(), There(template=True)
INSTANTIATED = There(instance=True, config=True, template=True, secret=True, internal_secret=True)
NEW_APP = There(config=True, template=True)
OWN = There(deployment=True, template=True, secret=True, internal_secret=True)
ELSEWHERE = There(secret=True, template=True)
INTERNAL_SECRET_LEFT = There(secret=True, internal_secret=True, template=True)


@pytest.mark.parametrize(
    ("wanted", "there", "kind"),
    [
        (Wanted(), EMPTY, MANIFEST),
        (Wanted(), OFFERED, TEMPLATE),
        (Wanted(), INSTANTIATED, TEMPLATE),
        (Wanted(), There(instance=True), TEMPLATE),
        (Wanted(), NEW_APP, TEMPLATE),
        (Wanted(), OWN, MANIFEST),
        (Wanted(), ELSEWHERE, EXTERNAL),
        (Wanted(), INTERNAL_SECRET_LEFT, TEMPLATE),
        (Wanted(), There(secret=True, internal_secret=True), MANIFEST),
        (Wanted(host="db"), INSTANTIATED, EXTERNAL),
        *((Wanted(mode), INSTANTIATED, mode) for mode in (TEMPLATE, MANIFEST, EXTERNAL)),
        (Wanted(MANIFEST, host="db"), OFFERED, MANIFEST),
    ],
)
def test_kind(wanted: Wanted, there: There, kind: str) -> None:
    assert kind_of(wanted, there) == kind


@pytest.mark.parametrize(
    ("kind", "there", "instantiated"),
    [
        (TEMPLATE, OFFERED, True),
        (TEMPLATE, INSTANTIATED, True),
        (TEMPLATE, NEW_APP, False),
        (MANIFEST, INSTANTIATED, False),
        (EXTERNAL, OFFERED, False),
    ],
)
def test_a_deployment_config_without_an_instance_stays_what_it_is(kind: str, there: There, instantiated: bool) -> None:
    assert is_instantiated(kind, there) == instantiated


@pytest.mark.parametrize(
    ("wanted", "there", "told"),
    [
        (Wanted(), EMPTY, []),
        (Wanted(TEMPLATE), OFFERED, []),
        (Wanted(TEMPLATE), There(instance=True), []),
        (Wanted(TEMPLATE), There(config=True), []),
        (Wanted(TEMPLATE), EMPTY, ["postgresql_mode is template, and the cluster has no Template"]),
        (Wanted(host="db", password="x", sslmode="verify-full"), EMPTY, []),
        (Wanted(host="db"), EMPTY, ["To reach a database elsewhere, postgresql_password is missing"]),
        (Wanted(EXTERNAL), EMPTY, ["To reach a database elsewhere, postgresql_host is missing"]),
        (Wanted(EXTERNAL, password="x"), EMPTY, ["To reach a database elsewhere, postgresql_host is missing"]),
        (Wanted(EXTERNAL), ELSEWHERE, []),
        (Wanted(host="db"), ELSEWHERE, []),
        (Wanted(EXTERNAL), INTERNAL_SECRET_LEFT, ["To reach a database elsewhere, postgresql_host is missing"]),
        *((Wanted(sslmode=mode), OFFERED, []) for mode in ("disable", "allow", "prefer")),
        *((Wanted(sslmode=mode), OFFERED, [f"postgresql_sslmode is {mode}, and"]) for mode in ("require", "verify-ca")),
        (Wanted(TEMPLATE, sslmode="require"), EMPTY, ["postgresql_mode is template", "postgresql_sslmode is require"]),
    ],
)
def test_problems(wanted: Wanted, there: There, told: list[str]) -> None:
    found = list(problems(wanted, there))
    assert [said[: len(start)] for said, start in zip(found, told, strict=True)] == told


def test_the_filter_takes_what_the_role_looks_for() -> None:
    variables = yaml.safe_load((CHECKOUT / "roles/postgresql/vars/main.yml").read_text())
    names = [each.name for each in fields(There)]
    assert list(variables["postgresql_objects"]) == names
    seen = {name: [{"name": "metadata"}] for name in names}
    assert database_choice(seen) == {"kind": TEMPLATE, "instantiated": True, "problems": []}
    assert database_choice({name: [] for name in names}, mode=AUTO)["kind"] == MANIFEST


def test_every_mode_that_the_role_offers_is_known() -> None:
    specs = yaml.safe_load((CHECKOUT / "roles/postgresql/meta/argument_specs.yml").read_text())["argument_specs"]
    assert set(specs["main"]["options"]["postgresql_mode"]["choices"]) == {AUTO, TEMPLATE, MANIFEST, EXTERNAL}
