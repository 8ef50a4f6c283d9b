# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which checks each chapter has. Imported by name, so that Ansible ships them with the module."""

from __future__ import annotations

from collections.abc import Mapping

from . import (
    elasticsearch,
    gitops,
    kafka,
    logging,
    model_namespace,
    monitoring,
    namespaces,
    postgresql,
    seldon_core_v1,
    seldon_core_v2,
    seldon_deploy,
    serverless,
    service_mesh,
)
from .model import Check

CHAPTERS: Mapping[str, tuple[Check, ...]] = {
    "elasticsearch": elasticsearch.CHECKS,
    "gitops": gitops.CHECKS,
    "kafka": kafka.CHECKS,
    "logging": logging.CHECKS,
    "model_namespace": model_namespace.CHECKS,
    "monitoring": monitoring.CHECKS,
    "namespaces": namespaces.CHECKS,
    "postgresql": postgresql.CHECKS,
    "seldon_core_v1": seldon_core_v1.CHECKS,
    "seldon_core_v2": seldon_core_v2.CHECKS,
    "seldon_deploy": seldon_deploy.CHECKS,
    "serverless": serverless.CHECKS,
    "service_mesh": service_mesh.CHECKS,
}
