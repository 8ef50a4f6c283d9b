# `make` lists the targets. Variables: PYTHON (3.11 or newer) for setup; NAME and ARGS for sandbox and demo.
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
SANITY := .cache/sanity
GALAXY := .cache/galaxy
GALAXY_STAMP := $(GALAXY)/.installed-$(shell cat tests/galaxy/requirements.txt requirements-dev.lock | sha256sum | cut -c1-16)
DOCS := .cache/docs
KUBERNETES = $(wildcard $(CURDIR)/.venv/lib/python3.*/site-packages/ansible_collections/kubernetes)

export PATH := $(BIN):$(PATH)
# Settings of other projects must not shadow ours, and no target may reach a cluster that is not a sandbox.
unexport PYTHONPATH PYTHONHOME KUBECONFIG $(filter ANSIBLE_% K8S_AUTH_%,$(.VARIABLES))

.PHONY: help setup lock rights texts lint yamllint ruff mypy ansible-lint changelog shellcheck sanity galaxy docs unit integration \
        molecule test sandbox sandbox-down demo matrix bench screenshots build clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) $(LINK) ## .venv with the pinned tools, and the link that makes seldon.openshift resolve here
	@:

$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../.. $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "error: $(PYTHON) is no Python 3.11 or newer; type: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@# Debian keeps the part of venv that installs pip in a package of its own.
	@$(PYTHON) -c 'import ensurepip' 2> /dev/null || { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y python3-venv; } || \
	    { echo "error: $(PYTHON) cannot make virtual environments; type, as root: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv

$(STAMP): | .venv/bin/pip
	pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c requirements-dev.lock
	@rm -f .venv/.installed-*
	@touch $@

lock: ## renew requirements-dev.lock from requirements-dev.txt
	rm -rf .cache/lock
	$(PYTHON) -m venv .cache/lock
	.cache/lock/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	{ echo '# Written by `make lock`: every package of .venv, to the last one.'; .cache/lock/bin/pip freeze; } > requirements-dev.lock
	rm -rf .cache/lock

rights: setup ## what each playbook needs, by runs on a sandbox: its rows, and docs/rights (ARGS=--recorded: from the last runs)
	@PYTHONPATH=.collections python -m tools.rights $(ARGS)

texts: setup ## what is written from other sources: READMEs of roles, comments above variables, pages and tables in docs
	@PYTHONPATH=.collections python -m tools

lint: yamllint ruff mypy ansible-lint changelog shellcheck ## all linters (each is a target, too)

yamllint: setup
	yamllint --strict .

ruff: setup
	ruff check
	ruff format --check

mypy: setup
	mypy -p ansible_collections.seldon.openshift.plugins -p sandbox -p tools -p tests.matrix -p bench

ansible-lint: setup
	ansible-lint

changelog: setup
	antsibull-changelog lint

shellcheck: setup
	shellcheck --external-sources --source-path=tests/integration/byhand .ci/run tests/integration/byhand/*.sh tests/integration/byhand/chapters/*.sh bench/*.sh

sanity: setup ## ansible-test sanity on what the artifact holds (what it leaves out: CONTRIBUTING.md)
	@rm -rf $(SANITY)/ansible_collections
	@mkdir -p $(SANITY)/ansible_collections/seldon/openshift $(SANITY)/home/.ansible/test/cache
	@# Python outside plugins/ is no Ansible content: ruff and mypy hold it, not the rules for modules.
	@git ls-files -coz --exclude-standard -- . ':!sandbox' ':!bench' ':!tools' ':!molecule' ':(exclude,glob)tests/[!s]*/**' | \
	    tar -c --null --ignore-failed-read -T - 2> /dev/null | tar -x -C $(SANITY)/ansible_collections/seldon/openshift
	@# Of its own, or ansible-test would ask the checkout's git, which ignores this place.
	@git init --quiet $(SANITY)/ansible_collections/seldon/openshift
	@ln -s $(KUBERNETES) $(SANITY)/ansible_collections/
	@# ansible-test takes pip's bootstrap script from a server of its own; Python brings one as well. Each wants its own name.
	@for pip in 23_1_2 24_2 25_2; do cp tests/sanity/get_pip.py $(SANITY)/home/.ansible/test/cache/get_pip_$$pip.py; done
	cd $(SANITY)/ansible_collections/seldon/openshift && HOME=$(abspath $(SANITY))/home \
	    ansible-test sanity --color no --python "$$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"

$(GALAXY_STAMP): $(STAMP)
	rm -rf $(GALAXY)
	python -m venv $(GALAXY)
	grep -v '^attrs==' requirements-dev.lock > $(GALAXY)/constraints.txt
	$(GALAXY)/bin/pip install --quiet --disable-pip-version-check -r tests/galaxy/requirements.txt -c $(GALAXY)/constraints.txt
	@# The importer looks beside the artifact and here, nowhere else.
	@cd $(GALAXY)/lib/python3.*/site-packages && mkdir ansible_collections && ln -s $(KUBERNETES) ansible_collections/
	@touch $@

galaxy: setup $(GALAXY_STAMP) ## the artifact, as Galaxy's importer reads it; no warning is let through
	@rm -rf $(GALAXY)/artifact
	@ansible-galaxy collection build --output-path $(GALAXY)/artifact > $(GALAXY)/importer.log
	@cd $(GALAXY)/artifact && HOME=$(abspath $(GALAXY))/home PATH=$(abspath $(GALAXY))/bin:$$PATH \
	    GALAXY_IMPORTER_CONFIG=$(CURDIR)/tests/galaxy/galaxy-importer.cfg \
	    python -m galaxy_importer.main seldon-openshift-*.tar.gz > ../importer.log 2>&1 || { cat ../importer.log; exit 1; }
	@# W503 and E203 are against the format of PEP 8 and ruff.
	@! grep -E '^(ERROR|WARNING|CRITICAL)' $(GALAXY)/importer.log | grep -vE '^WARNING: \S+ (W503|E203) '

docs: setup ## the site of docs, modules and roles in .cache/docs/html; no warning is let through, no link that leads nowhere
	@rm -rf $(DOCS)
	@mkdir -p $(DOCS)/artifact/modules $(DOCS)/ansible_collections/{kubernetes,seldon}
	@ansible-galaxy collection build --output-path $(DOCS) > $(DOCS)/build.log
	@tar -xzf $(DOCS)/seldon-openshift-*.tar.gz -C $(DOCS)/artifact
	@# A link among the actions becomes a file: antsibull-docs' linter would look for a module's options in the one it links to.
	@cp -rL $(DOCS)/artifact $(DOCS)/ansible_collections/seldon/openshift
	@# A copy: antsibull-docs takes from a git checkout what git has, and .venv it has not.
	@cp -r $(KUBERNETES)/core $(DOCS)/ansible_collections/kubernetes/
	cd $(DOCS) && export GIT_CEILING_DIRECTORIES=$(CURDIR) ANSIBLE_COLLECTIONS_PATH=$(abspath $(DOCS)) && \
	    antsibull-docs lint-collection-docs --plugin-docs ansible_collections/seldon/openshift && \
	    antsibull-docs collection --use-current --fail-on-error --squash-hierarchy --dest-dir artifact/modules seldon.openshift
	sphinx-build -q -W --keep-going -c tests/docs -b html $(DOCS)/artifact $(DOCS)/html
	@echo '<meta http-equiv="refresh" content="0; url=docs/index.html">' > $(DOCS)/html/index.html

unit: setup ## unit tests: no cluster, seconds
	pytest tests/unit $(ARGS)

integration: setup ## integration tests, on sandboxes
	python -m sandbox build
	pytest tests/integration $(ARGS)

molecule: setup ## a scenario on a sandbox: the whole installation, and namespaces that come and go
	helm="$$(python -m sandbox build | awk '$$1 == "helm" { print $$2 }')"; PATH="$${helm%/*}:$$PATH" molecule test $(ARGS)

# Pytest runs every gate, the linters included, so that its last line speaks for all of them. A third worker uses what
# two leave of two cores, because much of a test is waiting; tests/schedule.py says what runs where, and in which order.
test: setup ## every gate there is
	python -m sandbox build
	pytest tests --numprocesses=3 --no-loadscope-reorder --durations=12 --durations-min=5 $(ARGS)

sandbox: setup ## start an OpenShift 4.11 control plane here (NAME=default, ARGS="--profile realistic ...")
	@python -m sandbox up --name $(NAME) $(ARGS)

sandbox-down: setup ## stop it
	@python -m sandbox down --name $(NAME) $(ARGS)

demo: setup ## the whole installation on a sandbox, validated
	@python -m sandbox.demo $(ARGS)

matrix: setup ## units, sanity and site.yml by every supported ansible-core and client (ARGS="2.16 --steps units"); an hour
	@python -m tests.matrix $(ARGS)

bench: setup ## what runs cost, beside other ways and the guide's commands; writes docs/benchmarks.md (ARGS="site --runs 1": a part)
	@python -m bench $(ARGS)

screenshots: setup ## the report in a browser, for docs/validation.md (ARGS="REPORT.json --baseline EARLIER.json": of which run)
	@PYTHONPATH=.collections python -m tools.screenshots $(ARGS)

build: setup ## the collection's artifact, seldon-openshift-<version>.tar.gz
	ansible-galaxy collection build --force

clean: ## remove caches and artifacts; .venv, sandboxes and built programs stay
	rm -rf .cache .ansible .mypy_cache .pytest_cache .ruff_cache seldon-openshift-*.tar.gz
