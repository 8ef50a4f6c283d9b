# `make` lists the targets. PYTHON=python3.12 make setup chooses another interpreter (3.11 or newer).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
NAME ?= default
ARGS ?=

BIN := $(CURDIR)/.venv/bin
# Named after what was installed: any change of the pins installs again, a checkout's new file times don't.
STAMP := .venv/.installed-$(shell cat requirements-dev.txt requirements-dev.lock | sha256sum | cut -c1-16)
LINK := .collections/ansible_collections/seldon/openshift

export PATH := $(BIN):$(PATH)
# Pythons of other projects must not shadow ours.
unexport PYTHONPATH PYTHONHOME

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(STAMP) $(LINK) ## .venv with the pinned tools, and the link that makes seldon.openshift resolve from this checkout
	@:

$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../.. $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "error: $(PYTHON) is older than 3.11; type: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@# Debian keeps the part of venv that installs pip in a package of its own.
	@$(PYTHON) -c 'import ensurepip' 2> /dev/null || { apt-get -q update && apt-get -q install -y python3-venv; } || \
	    { echo "error: $(PYTHON) has no venv; type, as root: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv

$(STAMP): | .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c requirements-dev.lock
	@rm -f .venv/.installed-*
	@touch $@
