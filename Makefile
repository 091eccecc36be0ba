# Thin: each target is one command. `make` alone says what there is.
.DEFAULT_GOAL := help
.PHONY: help setup browser up demo test faults lint asyncapi openapi histories clean

UV := $(or $(shell command -v uv 2>/dev/null),.local/tools/bin/uv)
RUN := $(UV) run --no-sync

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(UV) ## bring uv and the locked packages, the local parts included; build the site's assets
	@$(UV) sync --locked --all-extras --quiet
	@$(RUN) candidat-libre site

# Where the machine has no uv: a private one, from PyPI. A Debian Python may come without venv or without pip.
.local/tools/bin/uv:
	@command -v python3 >/dev/null || { echo "Python 3.11 ou plus manque (Debian : apt-get install python3 python3-venv)" >&2; exit 1; }
	@mkdir -p .local
	@python3 -m venv .local/tools 2>/dev/null && .local/tools/bin/python -m pip install --quiet uv \
		|| { rm -rf .local/tools; python3 -m pip install --quiet --target .local/tools uv; } \
		|| { echo "Ni venv ni pip dans ce Python : apt-get install python3-venv, ou installez uv" >&2; exit 1; }

browser: ## Debian's Chromium, for the tests of the pages
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
		&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
		|| { echo "Chromium manque, et ceci n'est pas root sur Debian : installez le paquet chromium" >&2; exit 1; }

up: setup ## start everything and stay up until Ctrl-C
	@$(RUN) candidat-libre up

demo: setup ## play a whole session on a compressed calendar; STAY=1 leaves its pages open until Ctrl-C
	@$(RUN) candidat-libre demo $(if $(STAY),--stay)

lint: setup ## style, types, walls
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) lint-imports

test: lint browser ## lint, then every test on the real parts
	$(RUN) pytest -n logical --maxprocesses 4 --durations 25

SEEDS ?= 10
ROWS ?= all
LIVES ?= 40
PACE ?= 1

faults: setup ## break everything while lives are played: SEEDS=10 or SEEDS=3,17, ROWS=all or kill,mixed, LIVES=40, PACE=1
	@$(RUN) python -m tests.faults --seeds $(SEEDS) --rows $(ROWS) --lives $(LIVES) --pace $(PACE)

asyncapi: setup ## write the events’ AsyncAPI document to docs/asyncapi.yaml
	@$(RUN) candidat-libre asyncapi --output docs/asyncapi.yaml

openapi: setup ## write the API’s OpenAPI documents to docs/openapi/
	@$(RUN) candidat-libre openapi --output docs/openapi

histories: setup ## record the workflows' replay corpus anew
	@$(RUN) python -m tests.replay.record

clean: ## forget all local data; the downloaded parts stay
	@for place in .local/*/postgres; do if [ -L "$$place" ]; then rm -rf "$$(readlink "$$place")"; fi; done
	@find .local -mindepth 1 -maxdepth 1 ! -name parts ! -name tools -exec rm -rf {} + 2>/dev/null || true
