"""The map of the guide names only what exists, and tells every role."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.checks.registry import CHAPTERS

from tools.guide_map import PAGE, Chapter, Part, beyond, command, others, read, section

CHECKOUT = Path(__file__).parents[3]
MAP = read(CHECKOUT)
ROLES = {path.parents[1].name for path in CHECKOUT.glob("roles/*/meta/argument_specs.yml")}
PARTS = [part for chapter in MAP for part in chapter.parts]


def chapter(**part: object) -> Chapter:
    given = {"title": "Part", "role": "kafka", "playbook": "", "variables": (), "checks": (), "note": ""}
    return Chapter("Kafka", "kafka", (Part(**(given | part)),))  # type: ignore[arg-type]


def test_a_chapter_is_a_command_and_a_table() -> None:
    part = chapter(variables=("kafka_mode",), checks=("kafka.ready",), note="As it is.")
    assert list(section(part, {"kafka_mode": "kafka"})) == [
        *("## Kafka", "", "Role [`kafka`](variables.md#kafka): `ansible-playbook seldon.openshift.site --tags kafka`"),
        *("", "| section | variables | checks | differs |", "|---|---|---|---|"),
        "| Part | [`kafka_mode`](variables.md#kafka_mode) | `kafka.ready` | As it is. |",
        "",
    ]


def test_another_role_and_another_playbook_are_told() -> None:
    lines = list(section(chapter(role="model_namespace", playbook="add_namespace"), {}))
    assert "| Part<br>role `model_namespace`, `add_namespace.yml` |  |  |  |" in lines


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"variables": ("kafka_size",)}, r"Part names kafka_size, which no role has"),
        ({"checks": ("kafka.size",)}, r"Part names kafka.size, which is no check"),
    ],
)
def test_what_does_not_exist_is_refused(part: dict[str, object], message: str) -> None:
    with pytest.raises(LookupError, match=message):
        list(section(chapter(**part), {}))


def test_roles_and_playbooks_of_the_map_exist() -> None:
    assert {each.role for each in (*MAP, *PARTS)} <= ROLES
    assert [
        part.playbook for part in PARTS if not (CHECKOUT / f"playbooks/{part.playbook or 'site'}.yml").exists()
    ] == []


def test_every_tag_of_the_map_is_a_tag_of_site_yml() -> None:
    (play,) = yaml.safe_load((CHECKOUT / "playbooks/site.yml").read_text())
    known = {tag for task in play["tasks"] for tag in (task.get("tags") or [])} | {
        task["tags"] for task in play["tasks"] if isinstance(task.get("tags"), str)
    }
    tags = {command(each.role).split()[-1] for each in MAP if "--tags" in command(each.role)}
    assert tags <= known


def test_every_check_is_told() -> None:
    page = (CHECKOUT / PAGE).read_text()
    assert [check.name for checks in CHAPTERS.values() for check in checks if f"`{check.name}`" not in page] == []


def test_checks_that_belong_to_no_section_are_told_below_their_chapter() -> None:
    names = {check.name for check in CHAPTERS["kafka"]}
    assert others("kafka", names - {"kafka.ready"}) == ["Checked as well: `kafka.ready`.", ""]
    assert others("kafka", names) == []


def test_roles_that_the_guide_does_not_know_are_told_at_the_end() -> None:
    lines = beyond([chapter()], {"kafka": "Install it", "doctor": "Collect data"}, {"doctor_path": "doctor"})
    assert lines[4:] == ["| [`doctor`](variables.md#doctor) | Collect data |", ""]
