"""The Seldon Core operator 1.15.0: SeldonDeployments, their objects, states and admission."""

from sandbox.operators.seldon_v1 import admission, models
from sandbox.operators.seldon_v1.common import operator

__all__ = ["admission", "models", "operator"]
