"""An OpenShift 4.11 control plane on one machine, with the real API server and the real OLM."""
