# Every target sets up what it needs; the only things asked of the machine are Python 3.11 or newer,
# make and a network. The virtual environments are remade when the lock files change.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

export PORT ?= 8000
# ONNX Runtime's own builds report their use to its makers unless this is set.
export ORT_DISABLE_TELEMETRY := 1
# Many threads that allocate in few places: a worker keeps 35 MB less after an overload.
export MALLOC_ARENA_MAX ?= 2

# The first of these that is there and new enough.
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

PIP_INSTALL = -m pip install --quiet --disable-pip-version-check
UV_COMPILE = UV_CUSTOM_COMPILE_COMMAND='make lock' .venv/bin/uv pip compile --quiet $(UPGRADE) \
	--generate-hashes --annotation-style line --python-version 3.11 --python-platform x86_64-manylinux_2_28

.PHONY: help run test lint types format openapi lock upgrade train bench peers image clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/runtime ## the service on http://localhost:8000 (another port: PORT=9000 make run)
	@echo "Starting on http://localhost:$(PORT); Ctrl-C ends it. When it is ready:"
	@echo "  curl --data-binary @$(firstword $(wildcard seeds/*.txt)) -H 'Content-Type: text/plain' localhost:$(PORT)/v1/enrich"
	@exec .venv/bin/gunicorn

test: .venv/dev .venv-torch/ready ## all tests
	@.venv/bin/pytest --ignore tests/checkpoints
	@.venv-torch/bin/python -m pytest tests/checkpoints

lint: .venv/dev ## style and formatting
	.venv/bin/ruff check
	.venv/bin/ruff format --check

types: .venv/dev ## type check
	.venv/bin/mypy

format: .venv/dev ## what can be put right by itself
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

openapi: .venv/dev ## openapi.yaml, generated from the schemas
	.venv/bin/python -m service.api.openapi > openapi.yaml

# The development lock comes first: it holds both files to versions that go together.
lock: .venv/dev ## the lock files, after a change of requirements.in or requirements-dev.in
	@$(UV_COMPILE) requirements-dev.in --output-file requirements-dev.txt
	@$(UV_COMPILE) requirements.in --constraints requirements-dev.txt --output-file requirements.txt

upgrade: UPGRADE = --upgrade
upgrade: lock ## the lock files, with the newest versions of everything

# Threads that wait without spinning: on cores that others use too, a step takes a fifth of the time.
train: .venv-training/ready ## the model bundle, from base encoder and data: make train DATA=folder
	$(if $(DATA),,$(error say where the training data is: make train DATA=folder))
	OMP_WAIT_POLICY=passive .venv-training/bin/python -m training --data "$(DATA)" \
		$(if $(WITHOUT),--without $(WITHOUT)) $(ARGUMENTS)

bench: .venv-bench/ready ## the figures of speed, beside peers that are installed: make bench DATA=folder
	$(if $(DATA),,$(error say where articles/bbc.jsonl is: make bench DATA=folder))
	.venv-bench/bin/python -m benchmarks.speed --data "$(DATA)" $(ARGUMENTS)

PEERS = $(basename $(notdir $(wildcard benchmarks/peers/*.txt)))

# One that cannot be installed is left out.
peers: $(addprefix .venv-peers/,$(addsuffix /ready,$(PEERS))) ## other servers, to be measured beside this one

image: ## the container image
	docker build --tag article-enrichment .

clean: ## without the virtual environments and caches
	rm -rf .venv .venv-bench .venv-peers .venv-torch .venv-training .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/runtime: requirements.txt
	@$(call make-venv,.venv)
	@.venv/bin/python $(PIP_INSTALL) --require-hashes -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt .venv/runtime
	@echo "Installing the development tools into .venv ..."
	@.venv/bin/python $(PIP_INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

# No hashes for torch: which build of it is right depends on the machine. What else is needed, this
# environment sees in the other.
.venv-torch/ready: .venv/dev requirements-torch.txt
	@$(call make-venv,.venv-torch)
	@.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		> "$$(.venv-torch/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/other.pth"
	@.venv-torch/bin/python $(PIP_INSTALL) -r requirements-torch.txt
	@touch $@

.venv-training/ready: requirements.txt training/requirements.txt
	@$(call make-venv,.venv-training)
	@.venv-training/bin/python $(PIP_INSTALL) --require-hashes -r requirements.txt
	@.venv-training/bin/python $(PIP_INSTALL) -r training/requirements.txt
	@touch $@

.venv-bench/ready: requirements.txt benchmarks/requirements.txt
	@$(call make-venv,.venv-bench)
	@.venv-bench/bin/python $(PIP_INSTALL) --require-hashes -r requirements.txt
	@.venv-bench/bin/python $(PIP_INSTALL) -r benchmarks/requirements.txt
	@touch $@

.venv-peers/%/ready: benchmarks/peers/%.txt
	@$(call make-venv,.venv-peers/$*)
	@.venv-peers/$*/bin/python $(PIP_INSTALL) -r $< && touch $@ || \
		{ rm -rf .venv-peers/$*; echo "$* cannot be installed, and is left out."; }

define make-venv
$(if $(PYTHON),,$(error Python 3.11 or newer is needed and none was found; name yours with PYTHON=...))
echo "Setting up $(1) with $(PYTHON), once; this takes a minute or two ..."
rm -rf $(1)
$(PYTHON) -m venv $(1)
endef
