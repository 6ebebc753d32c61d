# Requires Python 3.11 or newer, make and a network. Every target installs what it needs into virtual
# environments, which are recreated when the lock files change.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

export PORT ?= 8000
# Disables the usage reports of ONNX Runtime's official builds.
export ORT_DISABLE_TELEMETRY := 1

# The first of these that exists and is new enough.
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

PIP_INSTALL = -m pip install --quiet --disable-pip-version-check
UV_COMPILE = UV_CUSTOM_COMPILE_COMMAND='make lock' .venv/bin/uv pip compile --quiet $(UPGRADE) \
	--generate-hashes --annotation-style line --python-version 3.11 --python-platform x86_64-manylinux_2_28

.PHONY: help run test test-scale lint types format openapi lock upgrade sbom train knowledge outline bench peers image clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/runtime ## run the service on http://localhost:8000 (to change the port: PORT=9000 make run)
	@echo "Starting on http://localhost:$(PORT); press Ctrl-C to stop. Once it is ready, try:"
	@echo "  curl --data-binary @$(firstword $(wildcard seeds/*.txt)) -H 'Content-Type: text/plain' localhost:$(PORT)/v1/enrich"
	@exec .venv/bin/gunicorn

test: .venv/dev .venv/bin/kubectl .venv-torch/ready .venv-engines/ready ## run all tests, except those of make test-scale
	@.venv/bin/pytest --ignore tests/checkpoints --ignore tests/corpora --ignore tests/scale
	@.venv-torch/bin/python -m pytest tests/checkpoints
	@.venv-engines/bin/python -m pytest tests/corpora --ignore tests/corpora/test_spark.py

# DATA is optional: without it, the articles of corpora are made up.
test-scale: .venv/dev .venv-engines/spark ## test replicas and clusters that fail, in half an hour; needs Java, and root for some
	@.venv/bin/pytest tests/scale
	@SCALE_LINES=20000 SCALE_DATA="$(DATA)" .venv-engines/bin/python -m pytest tests/corpora

lint: .venv/dev ## check style, formatting and import rules
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports --no-logo --no-cache

types: .venv/dev ## check types
	.venv/bin/mypy

format: .venv/dev ## fix style and formatting where possible
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

openapi: .venv/dev ## generate openapi.yaml from the schemas, and the client's types from it
	.venv/bin/python -m service.api.openapi > openapi.yaml
	.venv/bin/datamodel-codegen

# The development lock comes first and constrains the other, so that the versions in both agree.
lock: .venv/dev ## update the lock files after a change to requirements.in or requirements-dev.in
	@$(UV_COMPILE) requirements-dev.in --output-file requirements-dev.txt
	@$(UV_COMPILE) requirements.in --constraints requirements-dev.txt --output-file requirements.txt
	@$(UV_COMPILE) training/knowledge/requirements.in --output-file training/knowledge/requirements.txt

upgrade: UPGRADE = --upgrade
upgrade: lock ## update the lock files to the newest versions of all packages

sbom: .venv/dev ## list the packages of the service and their licences in build/ (CycloneDX); to list an image, too: make sbom IMAGE=article-enrichment
	@.venv/bin/python .ci/sbom.py $(if $(IMAGE),--image "$(IMAGE)")

# Waiting threads must not spin: on cores that other processes use too, spinning makes a step five times as slow.
train: .venv-training/ready ## train the model bundle: make train DATA=folder
	$(if $(DATA),,$(error DATA is not set; usage: make train DATA=folder))
	OMP_WAIT_POLICY=passive .venv-training/bin/python -m training --data "$(DATA)" \
		$(if $(WITHOUT),--without $(WITHOUT)) $(ARGUMENTS)

knowledge: .venv-knowledge/ready ## build the file of places and companies that links refer to
	.venv-knowledge/bin/python -m training.knowledge

# npm checks the package against the digest in its registry.
outline: ## draw the world map of the page and the report (needs npm)
	rm -rf build/world-atlas && mkdir -p build/world-atlas
	cd build/world-atlas && npm pack --silent world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
	$(PYTHON) -m training.knowledge.outline build/world-atlas/package/countries-50m.json

bench: .venv-bench/ready ## measure speed, compared with the installed peers: make bench DATA=folder
	$(if $(DATA),,$(error DATA is not set; usage: make bench DATA=folder, with articles/bbc.jsonl in the folder))
	.venv-bench/bin/python -m benchmarks.speed --data "$(DATA)" --before .venv-peers/before-$(BEFORE) $(ARGUMENTS)

PEERS = $(basename $(notdir $(wildcard benchmarks/peers/*.txt)))
# The commit that this service is compared with: the last one before the work on its speed.
BEFORE ?= ddb46cf

# A peer that cannot be installed is skipped.
peers: $(addprefix .venv-peers/,$(addsuffix /ready,$(PEERS))) .venv-peers/before-$(BEFORE)/.venv/runtime ## install the peers: other servers that make bench compares with

image: ## build the container image (on another base: BASE=python:3.11-slim-bookworm@sha256:...)
	docker build --tag article-enrichment $(if $(BASE),--build-arg BASE="$(BASE)") .

clean: ## remove the virtual environments and caches
	rm -rf .venv .venv-bench .venv-engines .venv-knowledge .venv-peers .venv-torch .venv-training .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/runtime: requirements.txt
	@$(call make-venv,.venv)
	@.venv/bin/python $(PIP_INSTALL) --require-hashes -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt .venv/runtime
	@echo "Installing the development tools into .venv ..."
	@.venv/bin/python $(PIP_INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

.venv/bin/kubectl: .ci/kubectl.py .ci/kubectl.txt .venv/dev
	@.venv/bin/python $< || echo "Skipping kubectl: it cannot be installed."

# torch has no hashes: the right build depends on the machine.
.venv-torch/ready: .venv/dev requirements-torch.txt
	@$(call make-venv,.venv-torch)
	@$(call add-packages,.venv-torch)
	@.venv-torch/bin/python $(PIP_INSTALL) -r requirements-torch.txt
	@touch $@

.venv-engines/ready: .venv/dev requirements-engines.txt
	@$(call make-venv,.venv-engines)
	@$(call add-packages,.venv-engines)
	@.venv-engines/bin/python $(PIP_INSTALL) -r requirements-engines.txt
	@touch $@

.venv-engines/spark: .venv-engines/ready
	@.venv-engines/bin/python $(PIP_INSTALL) "pyspark[sql]==4.3.0"
	@touch $@

.venv-training/ready: requirements.txt training/requirements.txt
	@$(call make-venv,.venv-training)
	@.venv-training/bin/python $(PIP_INSTALL) --require-hashes -r requirements.txt
	@.venv-training/bin/python $(PIP_INSTALL) -r training/requirements.txt
	@touch $@

.venv-knowledge/ready: training/knowledge/requirements.txt
	@$(call make-venv,.venv-knowledge)
	@.venv-knowledge/bin/python $(PIP_INSTALL) --require-hashes -r $<
	@touch $@

.venv-bench/ready: requirements.txt benchmarks/requirements.txt
	@$(call make-venv,.venv-bench)
	@.venv-bench/bin/python $(PIP_INSTALL) --require-hashes -r requirements.txt
	@.venv-bench/bin/python $(PIP_INSTALL) -r benchmarks/requirements.txt
	@touch $@

.venv-peers/%/ready: benchmarks/peers/%.txt
	@$(call make-venv,.venv-peers/$*)
	@.venv-peers/$*/bin/python $(PIP_INSTALL) -r $< && touch $@ || \
		{ rm -rf .venv-peers/$*; echo "Skipping $*: it cannot be installed."; }

# A past commit, which its own Makefile installs.
.venv-peers/before-%/.venv/runtime:
	@git worktree prune
	@git worktree add --detach .venv-peers/before-$* $* && $(MAKE) -C .venv-peers/before-$* .venv/runtime || \
		{ rm -rf .venv-peers/before-$*; echo "Skipping before-$*: it cannot be installed."; }

# A .pth file adds the packages of .venv.
define add-packages
.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	> "$$($(1)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/venv.pth"
endef

define make-venv
$(if $(PYTHON),,$(error Python 3.11 or newer not found; set PYTHON to its path: make PYTHON=... ))
echo "Creating $(1) with $(PYTHON); this takes a minute or two ..."
rm -rf $(1)
$(PYTHON) -m venv $(1)
endef
