"""The examples for AWX and Ansible Automation Platform: that their parts fit each other, and the playbooks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.seldon.openshift.plugins.plugin_utils.variables import options, specifications

Object = dict[str, Any]

CHECKOUT = Path(__file__).parents[3]
EXAMPLES = CHECKOUT / "examples/automation-platform"
PROJECT = EXAMPLES / "project"
# What ends an installation, or brings an old one back, nobody does by a button. The others write files to be read.
BY_HAND = {"uninstall", "restore", "mirror", "render", "rights"}
TYPES = {"text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect"}
DATA: Object = {}
for file in sorted(EXAMPLES.glob("controller/vars/*.yml")):
    DATA.update(DataLoader().load_from_file(str(file)))
TEMPLATES: dict[str, Object] = {each["name"]: each for each in DATA["controller_templates"]}
QUESTIONS = [
    pytest.param(template, question, id=f"{template['name']}: {question['variable']}")
    for template in TEMPLATES.values()
    for question in template.get("survey_spec", {}).get("spec", [])
]
NODES = [
    pytest.param(workflow, node, id=f"{workflow['name']}: {node['identifier']}")
    for workflow in DATA["controller_workflows"]
    for node in workflow["workflow_nodes"]
]


def names(kind: str) -> set[str]:
    """Return the names of what is made of a kind."""
    return {each["name"] for each in DATA[f"controller_{kind}"]}


def test_the_project_has_a_file_for_every_playbook() -> None:
    playbooks = {path.stem for path in (CHECKOUT / "playbooks").glob("*.yml")} - BY_HAND
    assert {path.stem for path in PROJECT.glob("*.yml")} == playbooks


@pytest.mark.parametrize("path", sorted(PROJECT.glob("*.yml")), ids=lambda path: path.stem)
def test_a_file_of_the_project_runs_the_playbook_that_it_is_named_after(path: Path) -> None:
    (play,) = DataLoader().load_from_file(str(path))
    (name,) = re.findall(r"^- name: (.*)$", (CHECKOUT / "playbooks" / path.name).read_text(), re.MULTILINE)[:1]
    assert play == {"name": name, "ansible.builtin.import_playbook": f"seldon.openshift.{path.stem}"}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_names_what_is_there(template: Object) -> None:
    assert (PROJECT / template["playbook"]).is_file()
    assert template["project"] in names("projects")
    assert template["inventory"] in names("inventories")
    assert template["execution_environment"] in names("execution_environments")
    assert set(template["credentials"]) <= names("credentials")
    assert set(template["notification_templates_error"]) <= names("notifications")
    assert template.get("survey_enabled", False) is ("survey_spec" in template)


@pytest.mark.parametrize(("template", "question"), QUESTIONS)
def test_a_question_is_one_that_awx_takes(template: Object, question: Object) -> None:
    assert question["type"] in TYPES
    assert isinstance(question["required"], bool)
    assert "choices" not in question or all(isinstance(choice, str) for choice in question["choices"])
    assert ("choices" in question) is question["type"].startswith("multi")
    assert question.get("default", "") in ("", *question.get("choices", []))
    asked = [each["variable"] for each in template["survey_spec"]["spec"]]
    assert asked.count(question["variable"]) == 1


@pytest.mark.parametrize(("template", "question"), QUESTIONS)
def test_a_question_is_about_a_variable_of_its_playbook(template: Object, question: Object) -> None:
    spec = options(specifications()).get(question["variable"])
    if spec is None:  # one of the playbook's own, which its head explains
        text = (CHECKOUT / "playbooks" / template["playbook"]).read_text()
        assert re.search(rf"-e {question['variable']}=", text)
        return
    kinds = {"bool": {"multiplechoice"}, "int": {"integer"}, "str": {"text", "multiplechoice"}}
    assert question["type"] in kinds[spec["type"]]
    allowed = ["true", "false"] if spec["type"] == "bool" else spec.get("choices")
    assert question.get("choices") == allowed


def test_no_answer_that_nobody_gave_overrides_an_inventory() -> None:
    """A default is handed over as an extra variable, which wins over every inventory."""
    questions = [each for template in TEMPLATES.values() for each in template.get("survey_spec", {}).get("spec", [])]
    roles = options(specifications())
    assert [each["variable"] for each in questions if "default" in each and each["variable"] in roles] == []


@pytest.mark.parametrize(("workflow", "node"), NODES)
def test_a_node_names_what_is_there(workflow: Object, node: Object) -> None:
    job = node["unified_job_template"]
    identifiers = {each["identifier"] for each in workflow["workflow_nodes"]}
    assert {each["identifier"] for following in node.get("related", {}).values() for each in following} <= identifiers
    assert job["type"] == "workflow_approval" or job["name"] in TEMPLATES
    if "inventory" in node:
        assert node["inventory"]["name"] in names("inventories")
        assert TEMPLATES[job["name"]]["ask_inventory_on_launch"]


@pytest.mark.parametrize("workflow", DATA["controller_workflows"], ids=lambda workflow: workflow["name"])
def test_nothing_is_installed_that_was_not_looked_at_and_approved(workflow: Object) -> None:
    nodes = {each["identifier"]: each for each in workflow["workflow_nodes"]}
    followed = {
        each["identifier"]: name
        for name, node in nodes.items()
        for each in node.get("related", {}).get("success_nodes", [])
    }
    (last,) = [name for name in nodes if name.startswith("validate") and name != "validate-canary"]
    way = [last]
    while way[-1] in followed:
        way.append(followed[way[-1]])
    assert way[-1] == "preflight"
    assert "approve" in way
    assert set(nodes) - set(way) == {name for name in nodes if name.startswith("doctor")}


def test_each_wave_is_an_inventory_of_the_same_file() -> None:
    sources = {each["inventory"]: each for each in DATA["controller_inventory_sources"]}
    assert set(sources) == names("inventories")
    assert {each["source_path"] for each in sources.values()} == {"inventory/hosts.yml"}
    assert {name: each.get("limit") for name, each in sources.items()} == {
        "Seldon clusters": None,
        "Seldon canary": "canary",
        "Seldon others": "seldon_clusters:!canary",
    }
    inventory = DataLoader().load_from_file(str(PROJECT / "inventory/hosts.yml"))
    assert "canary" in inventory["seldon_clusters"]["children"]


@pytest.mark.parametrize("schedule", DATA["controller_schedules"], ids=lambda schedule: schedule["name"])
def test_a_schedule_answers_questions_that_are_asked(schedule: Object) -> None:
    template = TEMPLATES[schedule["unified_job_template"]]
    asked = {each["variable"]: each["choices"] for each in template["survey_spec"]["spec"]}
    assert all(value in asked[name] for name, value in schedule.get("extra_data", {}).items())
    assert re.fullmatch(r"DTSTART;TZID=\w+/\w+:\d{8}T\d{6} RRULE:FREQ=\w+;INTERVAL=\d+(;\w+=\w+)*", schedule["rrule"])


def test_no_secret_is_in_a_file() -> None:
    inputs = [value for each in DATA["controller_credentials"] for value in each["inputs"].values()]
    assert inputs
    assert all(re.fullmatch(r"{{ platform_\w+ }}", value) for value in inputs)
