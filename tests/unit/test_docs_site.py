"""The site of the docs: what its settings make of links and of the table of contents."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[1] / "docs/conf.py"
SPEC = importlib.util.spec_from_file_location("docs_conf", FILE)
assert SPEC
assert SPEC.loader
conf = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(conf)

INDEX = """\
# Documentation

Words.

## Reference

- [Variables](variables.md): all of them.
<!-- The site lists the pages of modules here. -->

## Words alone

- not a [link](variables.md) at its beginning

## Contributing

- [Contributing](../CONTRIBUTING.md): the gates.
"""
CONTENTS = """\
```{toctree}
:hidden:
:caption: Reference

Variables <variables>
Modules, roles, filters and lookups <../modules/index>
```

```{toctree}
:hidden:
:caption: Contributing

Contributing <../CONTRIBUTING>
```
"""


def adapted(page: str, text: str) -> str:
    source = [text]
    conf.adapted(None, page, source)
    return source[0]


def test_the_table_of_contents_is_made_of_the_index() -> None:
    assert adapted("docs/index", INDEX).endswith(CONTENTS)


def test_other_pages_stay_as_they_are() -> None:
    assert adapted("docs/results", INDEX) == INDEX


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[kafka](../roles/kafka/README.md)", "[kafka](../modules/kafka_role.rst)"),
        ("[size](../roles/kafka/README.md#kafka_replicas)", "[size](variables.md#kafka_replicas)"),
        ("[README](../README.md#versions)", "[README](../README.md#versions)"),
    ],
)
def test_a_link_to_the_readme_of_a_role_leads_to_a_page_of_the_site(link: str, expected: str) -> None:
    assert adapted("docs/results", link) == expected


def test_only_references_of_others_are_kept_as_text() -> None:
    own = {"reftype": "ref", "reftarget": "ansible_collections.seldon.openshift.kafka_role"}
    assert conf.elsewhere(None, None, own, "text") is None
    assert conf.elsewhere(None, None, {"reftype": "myst", "reftarget": "nowhere.md"}, "text") is None
    assert conf.elsewhere(None, None, {"reftype": "ref", "reftarget": "playbooks_vault"}, "text") == "text"
