"""OpenShift's admission of pods by SecurityContextConstraints: by the first that lets them in and that they may use."""

from sandbox.operators.security.admission import operator

__all__ = ["operator"]
