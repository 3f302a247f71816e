# Two commands matter: `make app` opens the tool, `make test` runs every test. Both create .venv by themselves.

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
# No browser is opened in CI nor on a Linux machine without a screen.
HEADLESS ?= $(if $(CI),1,$(if $(filter Linux,$(shell uname -s)),$(if $(DISPLAY)$(WAYLAND_DISPLAY),,1)))
PY := $(VENV)/bin/python

.PHONY: app test check lint types content bench requirements screenshots build clean help

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

app: $(VENV)/.runtime ## open the tool in the browser (PORT=8501; HEADLESS=1 opens none)
	$(PY) -m streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT) \
	  --server.showEmailPrompt false --browser.gatherUsageStats false --server.headless $(if $(HEADLESS),true,false)

test: $(VENV)/.dev ## run every test; installs a browser where it may
	bash scripts/ensure_browser.sh
	bash scripts/ensure_provider.sh
	$(PY) -m pytest -n 2 --dist loadfile -m "not browser"
	$(PY) -m pytest tests/browser

check: lint types content ## what a quick look before a commit needs: style, types, checklists and texts

lint: $(VENV)/.dev
	$(PY) -m ruff check .

types: $(VENV)/.dev
	$(PY) -m mypy

content: $(VENV)/.dev
	$(PY) -m pytest -q -m "not browser and not slow" tests/test_architecture.py tests/test_packaging.py tests/test_contracts.py tests/test_content.py

bench: $(VENV)/.runtime ## measure against a hand-written pandas script; prints the table of docs/performance.md
	$(PY) benchmarks/import_and_score.py
	$(PY) benchmarks/save_answer.py

requirements: $(VENV)/.uv ## write the pinned requirements anew from the .in files
	$(VENV)/bin/uv pip compile $(PINNING) requirements.in -o requirements.txt
	$(VENV)/bin/uv pip compile $(PINNING) requirements-dev.in -o requirements-dev.txt

# One file for Linux, macOS and Windows, Python 3.11 and later; no registry address and no machine path in it.
PINNING := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header

screenshots: $(VENV)/.dev ## take the pictures of the README
	bash scripts/ensure_browser.sh
	$(PY) scripts/take_screenshots.py

build: $(VENV)/.build ## build the wheel into dist/
	$(PY) -m build --wheel

clean: ## remove everything that can be made again
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; choose one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# uv halves the wait and trusts whom the system trusts; pip steps in where only pip has been told of the registry.
$(VENV)/.dev: requirements-dev.txt | $(VENV)/.uv
	$(VENV)/bin/uv pip install --quiet --system-certs --compile-bytecode --python $(PY) --require-hashes -r requirements-dev.txt \
	  || $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.uv: | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	@touch $@

$(VENV)/.build: | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check build
	@touch $@
