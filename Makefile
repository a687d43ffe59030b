# `make site` builds the book, `make test` tests it. The same steps without make: see README.md.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: site serve lab exercises check test programs benchmark clean

site: .venv/site-ready
	@$(BIN)/python -m book.site

serve: .venv/site-ready
	@$(BIN)/python -m book.site serve $(if $(PORT),--port $(PORT))

lab: .venv/lab-ready
	$(BIN)/jupyter lab --ServerApp.kernel_websocket_connection_class=book.site.lab.PromptConnection

exercises: .venv/site-ready
	@$(BIN)/python -m book.exercises

# Without browser, kernel, sandbox and training: what to run after every edit.
check: .venv/test-ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses=2 -m "not slow" --durations=3

# What tests drive is asked for first: the packages take minutes.
test: programs .venv/test-ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

programs: .venv/made
	@$(BIN)/python -m tests.programs

benchmark: .venv/benchmark-ready
	$(BIN)/python -m tests.benchmarks $(NAMES)

clean:
	rm -rf _build .venv

# The mark is written last, so an installation that was interrupted is done again.
.venv/%-ready: pyproject.toml constraints.txt | .venv/made
	@echo "Installing what 'make $*' needs into .venv (once; a few minutes)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --editable ".[$*]" --constraint constraints.txt || { \
	    echo; echo "pip could not install the packages; its reason is above."; \
	    echo "The first time needs the network: check the connection (or set HTTPS_PROXY,"; \
	    echo "or PIP_INDEX_URL for a mirror) and run 'make' again; it goes on from here."; \
	    exit 1; }
	@touch $@

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "The book needs Python 3.11 or newer, and '$(PYTHON)' is" \
	         "$$($(PYTHON) --version 2>/dev/null || echo missing)."; \
	    echo "Install a newer Python, or name one: make site PYTHON=python3.12"; \
	    exit 1; }
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { \
	    rm -rf .venv; \
	    echo "'$(PYTHON)' could not make a virtual environment; its reason is above."; \
	    echo "On Debian and Ubuntu: sudo apt-get install python3-venv"; \
	    exit 1; }
	@touch $@
