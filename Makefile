# make app [HOST=0.0.0.0] [PORT=8501]   start the app; loopback unless HOST says otherwise
# make test                             everything that has to hold: style, types, layers, tests
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8501
BIN := .venv/bin

.PHONY: app test check gallery clean

app: .venv/app
	@$(BIN)/streamlit run app.py --server.address $(HOST) --server.port $(PORT)

test: check
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

gallery: .venv/app
	$(BIN)/python -m lmc_core gallery

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer; $(PYTHON) is older. Try make PYTHON=python3.12 app."; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/app: .venv/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: .venv/app requirements-dev.txt tests/browser/install.sh
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	sh tests/browser/install.sh $(BIN)/python
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
