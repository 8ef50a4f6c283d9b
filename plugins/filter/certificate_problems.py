# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter certificate_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: certificate_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Whether a certificate and its key can serve a host
description:
  - >-
    Says what keeps a certificate from serving: it is no PEM, the key is of another one or has a passphrase, it has
    expired, or it is for other hosts. A wildcard stands for one label.
  - No text is quoted, because one of them is a secret. An authority is named by its subject.
positional: _input, prefix
options:
  _input:
    description:
      - >-
        The texts in PEM by C(certificate) (the server's own first), C(key) and C(ca) (the certificates above it). Each
        may be empty or missing. What else is given are authorities to trust, which belong to no key. Of these
        it is said when one has expired, is no authority, or comes with a private key.
    type: dict
    required: true
  prefix:
    description:
      - What stands before these names in the names of the variables.
    type: str
    default: ""
  host:
    description:
      - The host that it shall serve. With an empty one this is not judged.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Fail on a certificate that could not serve the host
  ansible.builtin.assert:
    that: >-
      {'certificate': route_certificate, 'key': route_key}
      | seldon.openshift.certificate_problems('route_', host='seldon.apps.example.com') | length == 0
"""

RETURN = r"""
_value:
  description: What is wrong, a sentence for each; empty when all is well.
  type: list
  elements: str
"""

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.credentials.served import (
    authority_problems,
    problems,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.texts import no_texts


def certificate_problems(texts: Mapping[str, Any], prefix: str = "", host: str = "") -> list[str]:
    """Return what is wrong with a certificate and what belongs to it (as in DOCUMENTATION)."""
    given = {name: value for name, value in texts.items() if value is not None}
    if wrong := no_texts(given, prefix):
        return [f"{problem}." for problem in wrong]
    certificate, key, authority = (given.pop(name, "") for name in ("certificate", "key", "ca"))
    now = datetime.now(timezone.utc)
    found = list(problems(certificate, key, authority, host, prefix, now))
    trusted = [authority_problems(f"{prefix}{name}", text, now) for name, text in given.items()]
    return [*found, *(problem for each in trusted for problem in each)]


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"certificate_problems": certificate_problems}
