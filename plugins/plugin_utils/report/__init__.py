# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What seldon_report makes of the rows of seldon_check: pure functions from a report to text."""
