"""`make rights`: the rights that each playbook needs, from what the API server was asked while it ran."""
