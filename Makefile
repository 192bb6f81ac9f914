# Each target sets up what it needs in .venv, from any state. Needs Python 3.11 or newer with its
# venv module (Debian: apt install python3-venv).

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
RUNTIME := requirements/runtime.txt
LOCK := requirements/constraints.txt
ARGS ?=
KILLS ?= 500
CUTS ?= 100
PREFIX ?= /opt/gsmbridge

.PHONY: help demo test test-systemd lint format docs simulate model crash powercut mutants bench bench-peers soak deb release audit install uninstall clean venv

help:
	@echo "make demo      the daemon between a simulated farm and a stand-in server"
	@echo "make test      all tests (ARGS='tests/config -k key' for some)"
	@echo "make test-systemd  the service under a real systemd, in a machine of its own (docs/systemd.md)"
	@echo "make lint      formatting, lint, types and bandit"
	@echo "make format    mend formatting"
	@echo "make docs      write the tables in docs/ anew from the program"
	@echo "make simulate  days of a farm, with faults, in simulated time, seed after seed (ARGS=--help)"
	@echo "make model     one message's life in every order of events (docs/model.md)"
	@echo "make crash     the real daemon killed at every boundary (KILLS=2000 ARGS='--seed 7')"
	@echo "make powercut  power cuts that lose what was not synced (CUTS=500 ARGS='--seed 7')"
	@echo "make mutants   mistakes put into a copy, which the tests must notice (ARGS=I6, docs/testing.md)"
	@echo "make bench     measure, next to the simplest possible program (ARGS=--help)"
	@echo "make bench-peers  next to gammu-smsd and smstools3, an hour (ARGS='--quick --rows unplug')"
	@echo "make soak      the daemon for MINUTES=60 with faults at random: does anything grow?"
	@echo "make deb       the Debian package, into dist/ (docs/install.md)"
	@echo "make release   sources, wheel, package, bill of materials and checksums (docs/releasing.md)"
	@echo "make audit     known holes in the libraries (docs/releasing.md)"
	@echo "make install   install without a package, as root (PREFIX=$(PREFIX)); make uninstall"
	@echo "make clean     remove what the above made"

demo: venv
	@$(PY) -m gsmbridge demo $(ARGS)

test: venv
	@$(PY) -m pytest --numprocesses auto --dist worksteal $(ARGS)

test-systemd: venv
	@tests/systemd/run $(ARGS)

lint: venv
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m bandit --quiet --recursive daemon 2>/dev/null

audit: venv
	@$(PY) package/audit.py

format: venv
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

docs: venv
	@$(PY) -m tests.test_docs

simulate: venv
	@$(PY) -m gsmbridge.farm.simulate $(if $(SEED),--seed $(SEED)) $(if $(DAYS),--days $(DAYS)) $(ARGS)

model: venv
	@$(PY) -m tests.model $(ARGS)

crash: venv
	@$(PY) -m tests.crash --kills $(KILLS) $(ARGS)

powercut: venv
	@POWER_CUTS=$(CUTS) $(PY) -m pytest tests/journal/test_power.py
	@$(PY) -m tests.crash.powercut --cuts $(CUTS) $(ARGS)

mutants: venv
	@$(PY) -m tests.mutations $(ARGS)

bench: venv
	@$(PY) bench/run.py $(ARGS)

bench-peers: venv
	@cd bench && ../$(PY) -m peers $(ARGS)

soak: venv
	@$(PY) -m pip install --disable-pip-version-check --quiet --constraint $(LOCK) matplotlib
	@mkdir -p build
	@$(PY) bench/soak.py --csv build/soak.csv --plot build/soak.svg \
		$(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

deb: venv
	@$(PY) package/build_deb.py

release: venv
	@$(PY) package/release.py dist $(ARGS)

# Uses no .venv: a root of its own is made at PREFIX.
install:
	@package/install $(PREFIX)

uninstall:
	@package/uninstall $(PREFIX)

clean:
	rm -rf $(VENV) build dist daemon/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find daemon package tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# Asked every time: the stamp is only believed while the interpreter runs and imports this checkout.
venv:
	@.ci/venv $(VENV) $(READY) $(RUNTIME) $(LOCK) pyproject.toml
