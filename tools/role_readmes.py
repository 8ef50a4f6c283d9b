"""Each role's README.md, from its argument specs, the playbooks' tasks and the shared variables.

What a README says is written where Ansible reads it too (meta/argument_specs.yml); the file is made of that and of
nothing else, so that the same sources give the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from antsibull_docs_parser.format import LinkProvider

from tools.markup import COLLECTION, code, linked, markdown
from tools.options import Spec, in_block, traits

SHARED = "common"  # the role whose variables are every role's
NOTICE = "<!-- Written by `make texts`; what to edit is meta/argument_specs.yml. -->"
GUIDE = (
    "[Seldon's installation guide for OpenShift]"
    "(https://deploy.seldon.io/en/v2.0/contents/getting-started/openshift-installation/index.html)"
)


@dataclass(frozen=True)
class Use:
    """One place where a playbook opens a role, directly or through another role."""

    playbook: str
    role: str
    entry_point: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Role:
    """All that a README is made of.

    `shared` are the names of the variables of `common` that the role reads; `uses` are in the order of the tasks.
    """

    name: str
    entry_points: Mapping[str, Spec]
    shared: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()

    @property
    def options(self) -> Mapping[str, Spec]:
        """The variables; every entry point takes the same."""
        return self.entry_points["main"].get("options") or {}


class Dumper(yaml.SafeDumper):
    """YAML as people write it here: lists indented, templates in double quotes."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent a list below its key."""
        super().increase_indent(flow, False)

    def text(self, value: str) -> yaml.ScalarNode:
        """Return a string's node."""
        return self.represent_scalar("tag:yaml.org,2002:str", value, style='"' if "{{" in value else None)


Dumper.add_representer(str, Dumper.text)


def block(value: Any) -> list[str]:
    """Return a value as a block of YAML, with an empty line between the tasks of a play."""
    dumped: str = yaml.dump(value, Dumper=Dumper, sort_keys=False, width=10_000)
    lines = re.sub(r"(?<!tasks:)\n    - name:", "\n\n    - name:", dumped).splitlines()
    return ["```yaml", *lines, "```"]


def variable(role: str, name: str, option: Spec, links: LinkProvider | None = None) -> list[str]:
    """Return the section of one variable, linked as the README of its role links."""
    lines = [f"### {code(name)}", "", traits(option), ""]
    if in_block(option.get("default")):
        lines += ["The default:", "", *block(option["default"]), ""]
    for paragraph in markdown(role, option["description"], links):
        lines += [paragraph, ""]
    for key, inner in option.get("options", {}).items():
        lines.append(f"- {code(key)} ({traits(inner)}): {' '.join(markdown(role, inner['description'], links))}")
    return [*lines, ""] if option.get("options") else lines


def variables(role: Role) -> list[str]:
    """Return the sections of all variables, and the links to those that other roles read as well."""
    own = [line for name, option in role.options.items() for line in variable(role.name, name, option)]
    lines = ["## Variables", "", *(own or ["The role has no variables of its own.", ""])]
    if role.shared:
        links = [linked(code(name), f"../{SHARED}/README.md#{name}") for name in role.shared]
        lines += ["## Shared variables", "", f"The role also reads: {', '.join(links)}.", ""]
    return lines


def entry_points(role: Role) -> list[str]:
    """Return what each entry point does; the main one is described at the top."""
    others = [(name, spec) for name, spec in role.entry_points.items() if name != "main"]
    if not others:
        return []
    lines = [
        "## Entry points",
        "",
        "Without `tasks_from`, the role runs its entry point `main`. The others read variables of the role "
        f"[`{COLLECTION}.{SHARED}`](../{SHARED}/README.md): a play that does not begin with `main` imports it first.",
        "",
    ]
    for name, spec in others:
        text = " ".join(markdown(role.name, spec["description"]))
        lines.append(f"- {code(name)}: {spec['short_description']}. {text}")
    return [*lines, ""]


def playbooks(role: Role) -> list[str]:
    """Return the table of the playbooks that open the role, with the tag that selects it."""
    if not role.uses:
        return []
    lines = ["## Playbooks", ""]
    if any(use.playbook == "site" and role.name in use.tags for use in role.uses):
        lines += [f"    ansible-playbook {COLLECTION}.site --tags {role.name}", ""]
    lines += ["| playbook | entry points | tags |", "|---|---|---|"]
    for playbook in dict.fromkeys(use.playbook for use in role.uses):
        uses = [use for use in role.uses if use.playbook == playbook]
        names = dict.fromkeys(code(use.entry_point) for use in uses)
        lines.append(f"| {code(f'{COLLECTION}.{playbook}')} | {', '.join(names)} | {tags_of(role.name, uses)} |")
    return [*lines, ""]


def tags_of(role: str, uses: list[Use]) -> str:
    """Return the tags that select a role: its own, and how many others do when these are many."""
    tags = list(dict.fromkeys(tag for use in uses for tag in use.tags))
    shown = [code(tag) for tag in tags if tag in (role, "always") or role not in tags]
    others = len(tags) - len(shown)
    return ", ".join([*shown, *([f"and those of {others} roles that need it"] if others > 2 else [])])


def example(role: Role) -> list[str]:
    """Return a play that runs the role by itself and waits where it can; variables alone for a role without tasks."""
    values = {name: option["default"] for name, option in role.options.items() if typical(name, option)}
    given = dict(list(values.items())[:2])
    if not role.uses:
        return ["## Example", "", "In an inventory, with values that are the defaults:", "", *block(given), ""]
    play: dict[str, Any] = {
        "name": f"Run the role {role.name}",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
    }
    play |= {"vars": given} if given else {}
    play["tasks"] = [task(role, name) for name in ("main", "wait") if name in role.entry_points]
    said = "On the cluster of the current kubeconfig" + (", with values that are the defaults:" if given else ":")
    return ["## Example", "", said, "", *block([play]), ""]


def task(role: Role, entry_point: str) -> dict[str, Any]:
    """Return the task that opens a role's entry point."""
    opened = {"name": fqcn(role)} | ({} if entry_point == "main" else {"tasks_from": entry_point})
    name = role.entry_points[entry_point]["short_description"]
    return {"name": name, "ansible.builtin.import_role": opened}


def typical(name: str, option: Spec) -> bool:
    """Tell whether a variable's default is one that an example can show."""
    value = option.get("default")
    return isinstance(value, str | int) and value != "" and "{{" not in str(value) and not name.endswith("_timeout")


def fqcn(role: Role) -> str:
    """Return the name under which a play finds the role."""
    return f"{COLLECTION}.{role.name}"


def render(role: Role) -> str:
    """Return the text of a role's README.

    Raises ValueError when the markup of a description cannot be read.
    """
    main = role.entry_points["main"]
    head = [NOTICE, "", f"# {fqcn(role)}", "", f"{main['short_description']}.", ""]
    for paragraph in markdown(role.name, main["description"]):
        head += [paragraph, ""]
    body = [*playbooks(role), *example(role), *entry_points(role), *variables(role)]
    lines = [*head, *guide([*head, *body]), *body]
    return "\n".join(lines).rstrip("\n") + "\n"


def guide(lines: list[str]) -> list[str]:
    """Return what 'the guide' is, where these lines speak of it."""
    return [f"The guide is {GUIDE}.", ""] if re.search(r"\bguide\b", "\n".join(lines)) else []


def uses_in(
    tasks: list[dict[str, Any]] | None, tags: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield role, entry point and tags of what a list of tasks imports or includes from this collection, in order."""
    for task in tasks or []:
        own = (*tags, *([task["tags"]] if isinstance(task.get("tags"), str) else task.get("tags", ())))
        yield from uses_in(task.get("block"), own)
        for action in ("ansible.builtin.import_role", "ansible.builtin.include_role"):
            opened = task.get(action, {})
            if opened.get("name", "").startswith(f"{COLLECTION}."):
                role = opened["name"].removeprefix(f"{COLLECTION}.")
                yield role, opened.get("tasks_from", "main").removesuffix(".yml"), own


def with_files(tasks: list[dict[str, Any]] | None, folder: Path) -> list[dict[str, Any]]:
    """Return a playbook's tasks, those in place of each import that the imported file (below `folder`) holds."""
    files = [folder / str(task.get("ansible.builtin.import_tasks")) for task in tasks or []]
    return [
        {**task, "block": yaml.safe_load(file.read_text())} if file.is_file() else task
        for task, file in zip(tasks or [], files, strict=True)
    ]


def uses_of_playbook(path: Path, roles: Path) -> Iterator[Use]:
    """Yield every use of a role in a playbook, those through the tasks of other roles included."""
    for play in yaml.safe_load(path.read_text()):
        for part in ("pre_tasks", "tasks", "post_tasks"):
            for role, entry_point, tags in uses_in(with_files(play.get(part), path.parent)):
                yield from expanded(Use(path.stem, role, entry_point, tags), roles)


def expanded(use: Use, roles: Path) -> Iterator[Use]:
    """Yield a use, and those that its tasks make of other roles; these have tags of their own, or the outer ones."""
    yield use
    file = roles / use.role / "tasks" / f"{use.entry_point}.yml"
    for role, entry_point, tags in uses_in(yaml.safe_load(file.read_text()) if file.exists() else None):
        yield from expanded(Use(use.playbook, role, entry_point, tags or use.tags), roles)


def shared_names(folder: Path, names: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which of the shared variables are named in a role's own files, in the order of their definition."""
    texts = [path.read_text() for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "README.md"]
    words = {word for text in texts for word in re.findall(r"\bseldon_\w+", text)}
    return tuple(name for name in names if name in words)


def read(checkout: Path) -> list[Role]:
    """Return all roles of a checkout."""
    folders = sorted(path for path in (checkout / "roles").iterdir() if path.is_dir())
    specs = {
        folder.name: yaml.safe_load((folder / "meta/argument_specs.yml").read_text())["argument_specs"]
        for folder in folders
    }
    used = [
        use
        for path in sorted((checkout / "playbooks").glob("*.yml"), key=order)
        for use in uses_of_playbook(path, checkout / "roles")
    ]
    return [
        Role(
            folder.name,
            specs[folder.name],
            () if folder.name == SHARED else shared_names(folder, specs[SHARED]["main"]["options"]),
            tuple(use for use in used if use.role == folder.name != SHARED),
        )
        for folder in folders
    ]


def order(path: Path) -> tuple[bool, str]:
    """Sort `site` before the other playbooks."""
    return path.stem != "site", path.stem


def texts(checkout: Path) -> dict[Path, str]:
    """Return what the README of every role should hold.

    Raises ValueError when the markup of a description cannot be read.
    """
    return {checkout / "roles" / role.name / "README.md": render(role) for role in read(checkout)}
