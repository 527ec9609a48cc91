# make run: the app on a sample firm.  make test: everything.  make setup: only the installing.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
PY := $(VENV)/bin/python
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

# Compiled modules are kept: without them every server and every worker of the tests compiles the app anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run serve test test-wide test-days faults attacks test-duckdb-1.5 setup setup-test lock check bench bench-data

setup: $(VENV)/.app

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV) || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends python3-venv && $(PYTHON) -m venv --clear $(VENV); }

# Every package in the version and with the hash the lock holds; nothing else is taken in.
INSTALL := $(PY) -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all:

$(VENV)/.app: requirements.lock | $(VENV)/bin/pip
	$(INSTALL) -r requirements.lock
	touch $@

$(VENV)/.test: requirements.lock requirements-dev.lock | $(VENV)/bin/pip
	$(INSTALL) -r requirements-dev.lock
	touch $(VENV)/.app $@

# Writes requirements.txt and both locks from pyproject.toml; UPGRADE=1 takes the newest of what it does not pin itself.
UV := uv==0.13.9
lock: $(VENV)/.test
	$(PY) -m pip install -q --disable-pip-version-check $(UV)
	$(PY) -m tools.lock $(if $(UPGRADE),--upgrade)

/usr/bin/chromium:
	$(SUDO) apt-get update -q
	DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends chromium fonts-liberation

# Chromium without a window around it, a quarter quicker; where it cannot be had the tests use the whole one.
/usr/bin/chromium-headless-shell: | /usr/bin/chromium
	-$(SUDO) apt-get update -q
	-DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends chromium-headless-shell chromium

# The identity provider that the sign-in is tested against: node from Debian, and oidc-provider as tests/oidc/package-lock.json pins it.
NODE := $(shell command -v node >/dev/null && command -v npm >/dev/null || echo install-node)
.PHONY: install-node
install-node:
	$(SUDO) apt-get update -q
	DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends nodejs
	command -v npm >/dev/null || DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends npm

tests/oidc/node_modules/.package-lock.json: tests/oidc/package-lock.json | $(NODE)
	cd tests/oidc && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	touch $@

# The mail server that fetching is tested against; the tests start one of their own.
/usr/sbin/dovecot:
	$(SUDO) apt-get update -q
	DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends dovecot-imapd

# Everything the tests need on a bare Debian: Python packages, Chromium, the identity provider under node, the mail server.
setup-test: $(VENV)/.test /usr/bin/chromium-headless-shell tests/oidc/node_modules/.package-lock.json /usr/sbin/dovecot

run: setup
	$(PY) -m core demo --if-empty
	$(PY) -m core serve --port $(PORT)

serve: setup
	$(PY) -m core serve --port $(PORT)

test: setup-test
	$(PY) -m pytest -n 4 --dist loadfile

# The same in all its breadth: every path through the browser in both languages, every day, file and way that the run above tries some of.
test-wide: setup-test
	TESTS=wide $(PY) -m pytest -n 4 --dist loadfile

# The clock of a process set to another day: libfaketime from Debian.
FAKETIME := $(or $(wildcard /usr/lib/*/faketime/libfaketimeMT.so.1),install-faketime)
.PHONY: install-faketime
install-faketime:
	$(SUDO) apt-get update -q
	DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends faketime

# All but the browser's tests on days and at hours that are hard to bear, one day after the other; DAYS="2028-02-29T00:05 …" runs only these.
test-days: setup-test $(FAKETIME)
	$(PY) -m tests.days $(DAYS)

# Every fault of tests/faults at its full size, an hour and more; RESULTS.md there says what came out.
faults: setup-test
	$(PY) tests/faults/save_kills.py
	$(PY) tests/faults/migration_kills.py
	$(PY) tests/faults/photo_kills.py
	$(PY) tests/faults/import_kills.py
	$(PY) tests/faults/backups.py
	$(PY) tests/faults/disk_full.py
	$(PY) tests/faults/damage.py
	$(PY) tests/faults/model.py
	$(PY) tests/faults/audit_mutations.py 1000 1

# Every attack of tests/attacks at its full size; the ordinary run has them small. RESULTS.md there says what came out.
attacks: setup-test
	ATTACKS=full $(PY) -m pytest -n 2 --dist loadfile tests/attacks tests/test_access.py tests/test_signed_out.py tests/test_throttle.py

# The store's tests on the older engine that can read our files; its environment stands beside the app's.
OLDER := .venv-1.5
$(OLDER)/.test: requirements-dev.lock
	$(PYTHON) -m venv $(OLDER)
	$(OLDER)/bin/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.lock
	$(OLDER)/bin/python -m pip install -q --disable-pip-version-check 'duckdb>=1.5.4,<1.6'
	touch $@

test-duckdb-1.5: $(OLDER)/.test tests/oidc/node_modules/.package-lock.json
	$(OLDER)/bin/python -m pytest -n 2 --dist loadfile --ignore=tests/browser --ignore=tests/attacks/browser tests

# SIZE=S or L says how large a firm, ONLY=page,crowd which benches, WRITE=1 that tests/bench/RESULTS.md is to hold the table.
SIZE ?= S
bench: setup-test
	$(PY) -m tests.bench --size $(SIZE) $(if $(ONLY),--only $(ONLY)) $(if $(WRITE),--write)

# Style, floors, types, locks, published holes.
check: setup-test
	$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/lint-imports && $(VENV)/bin/mypy
	$(PY) -m tools.lock --check
	$(PY) -m tools.audit

# The firm the large benches measure, and the same rows in PostgreSQL beside it; SIZE=L takes half an hour and 30 GB.
/usr/lib/postgresql/15/bin/postgres:
	$(SUDO) apt-get update -q
	DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends postgresql-15

bench-data: setup-test /usr/lib/postgresql/15/bin/postgres
	$(PY) -m tests.bench.data --size $(SIZE) --postgres
