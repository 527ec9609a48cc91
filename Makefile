# make run: the app on a sample firm.  make test: everything.  make setup: only the installing.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
PY := $(VENV)/bin/python
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.PHONY: run serve test setup setup-test check

setup: $(VENV)/.app

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV) || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends python3-venv && $(PYTHON) -m venv --clear $(VENV); }

$(VENV)/.app: requirements.txt | $(VENV)/bin/pip
	$(PY) -m pip install -q --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.test: requirements.txt requirements-dev.txt | $(VENV)/bin/pip
	$(PY) -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $(VENV)/.app $@

/usr/bin/chromium:
	$(SUDO) apt-get update -q
	DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends chromium fonts-liberation

setup-test: $(VENV)/.test /usr/bin/chromium

run: setup
	$(PY) -m core demo --if-empty
	$(PY) -m core serve --port $(PORT)

serve: setup
	$(PY) -m core serve --port $(PORT)

test: setup-test
	$(PY) -m pytest -n 2 --dist loadfile

check: setup-test
	$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .

