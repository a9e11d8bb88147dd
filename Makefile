# Everything a newcomer types. `make help` lists it; `make setup` is done by whatever needs it.

PYTHON ?= python3
PROFILE ?= embedded
BIN := .venv/bin
KUBERNETES := 1.34
# Without what Kubernetes itself does not know: kustomize's files and KEDA's; tests look at those.
MANIFESTS = $(shell grep --recursive --files-without-match --extended-regexp \
	'^apiVersion: (kustomize.config.k8s.io|keda.sh)/' infra/kubernetes)
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-11s %s\n", $$1, $$2 }'

.PHONY: setup
setup: $(BIN)/.ready node_modules/.ready .local/browser.ready ## Install all that the platform and its tests need (Python 3.11+)

$(BIN)/.ready: requirements/dev.txt requirements/tools.txt pyproject.toml infra/local/venv.sh
	PYTHON="$(PYTHON)" infra/local/venv.sh
	@touch $@

node_modules/.ready: package-lock.json package.json infra/local/assets.sh | $(BIN)/.ready
	infra/local/assets.sh
	@touch $@

# A Chromium, where one can be had: only tests need it.
.local/browser.ready: infra/local/browser.sh | $(BIN)/.ready
	infra/local/browser.sh
	@mkdir -p $(@D) && touch $@

.PHONY: run
run: setup build/sample/.ready ## Start the whole platform in one process with sample data: http://127.0.0.1:8000
	$(BIN)/entente up --sample build/sample

# Written anew when the tables change: a platform does not start on those of another version.
build/sample/.ready: $(wildcard services/*/migrations/*.py) | $(BIN)/.ready
	rm -rf build/sample
	$(BIN)/entente sample build/sample
	@touch $@

.PHONY: demo
demo: setup ## Play the main job in a folder of its own (PROFILE=distributed, or running: on what make run runs)
	$(BIN)/entente demo --profile $(PROFILE)

.PHONY: services
services: setup ## Start a RabbitMQ and a PostgreSQL that stay up, and print their addresses
	@$(BIN)/python -m infra.local up

.PHONY: compose-env
compose-env: setup ## Make random passwords and keys for `docker compose up` in .env, where it has none yet
	$(BIN)/python -m infra.docker.environment

.PHONY: test
test: setup ## Run every test, on all cores (T=path or more arguments for pytest: those alone)
	$(BIN)/python -m $(if $(T),pytest,tests) $(T)

.PHONY: bench
bench: setup ## Measure how fast it is, beside peers (B="backlog rpc --quick" or other names)
	$(BIN)/python -W ignore -m tests.benchmarks $(B)

MINUTES ?= 5
SEED ?= $(shell date +%s)

.PHONY: chaos
chaos: setup ## Break everything at random under load, and count every fact (MINUTES=n SEED=s)
	$(BIN)/python -W ignore -m tests.reliability.chaos --minutes $(MINUTES) --seed $(SEED)

.PHONY: rows
rows: setup ## Show each row of the feature table with its tests
	$(BIN)/python -m tests.rows

.PHONY: check
check: setup ## Style, types, walls between the parts, dependencies, dead code, manifests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture
	$(BIN)/kubernetes-validate --strict --quiet -k $(KUBERNETES) $(MANIFESTS)

.PHONY: format
format: setup ## Put the code into the common style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: lock
lock: ## Choose versions anew, after a change of pyproject.toml or package.json (UPGRADE=1: the newest)
	export PATH="$(CURDIR)/$(BIN):$$PATH" && \
	$(LOCK) $(if $(UPGRADE),--upgrade) --extra dev --extra tracing pyproject.toml requirements/tools.in -o requirements/dev.txt && \
	$(LOCK) -c requirements/dev.txt --extra tracing pyproject.toml requirements/tools.in -o requirements/run.txt && \
	$(LOCK) -c requirements/dev.txt requirements/tools.in -o requirements/tools.txt && \
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/node.in -o requirements/node.txt && \
	npm install --package-lock-only --ignore-scripts --loglevel=error

.PHONY: clean
clean: ## Stop the local servers and remove all that was made here, but for data/
	if [ -x $(BIN)/python ] && [ -d .local ]; then $(BIN)/python -m infra.local down; fi
	rm -rf .venv .local build node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
