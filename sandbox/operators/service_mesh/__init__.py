"""The OpenShift Service Mesh operator 2.3.0: control planes, member rolls, members and their admission."""

from sandbox.operators.service_mesh import control_plane, member, roll, webhooks
from sandbox.operators.service_mesh.common import operator

__all__ = ["control_plane", "member", "operator", "roll", "webhooks"]
