# Two commands matter: `make run` shows the product on its example, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
EXAMPLE := examples/video_platform
export DO_NOT_TRACK := 1
export HF_HUB_OFFLINE := 1

.PHONY: run test check docs bench bench-labels bench-themes bench-emerging bench-incidents bench-receipts bench-releases bench-silence train format clean

run: .venv/.runtime
	FEEDBACK_TRIAGE_PRODUCT=Vidlane $(BIN)/feedback-triage run \
		--feedback $(EXAMPLE)/feedback/app_reviews.csv $(EXAMPLE)/feedback/chat.jsonl $(EXAMPLE)/feedback/social.csv \
			$(EXAMPLE)/feedback/support_email.jsonl $(EXAMPLE)/feedback/survey.csv \
		--releases $(EXAMPLE)/releases.csv

test: .venv/.development
	$(BIN)/python -m tests.support.prepare
	$(BIN)/python -m pytest

check: .venv/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q tests/docs

docs: .venv/.development
	$(BIN)/python -m tests.docs.render

bench: bench-labels bench-themes bench-emerging bench-releases bench-silence

bench-labels bench-emerging bench-incidents bench-receipts: bench-%: .venv/.development
	$(BIN)/python benchmarks/$*.py

bench-releases: .venv/.development
	$(BIN)/python benchmarks/releases.py
	$(BIN)/python benchmarks/suspects.py

bench-silence: .venv/.development bench-incidents bench-receipts
	$(BIN)/python benchmarks/silence.py

bench-themes: .venv/.bench
	$(BIN)/python benchmarks/themes.py --sets all --peers bertopic
	$(BIN)/python benchmarks/themes_growth.py
	$(BIN)/python benchmarks/themes_speed.py

train: .venv/.runtime
	$(BIN)/feedback-triage train

format: .venv/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv feedback-triage-data

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

# Each stamp is written last: an installation that was cut short is taken up again by the next call.
.venv/.runtime: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/.development: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ .venv/.runtime

.venv/.bench: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) install --quiet --constraint constraints.txt --editable '.[bench]'
	@touch $@ .venv/.runtime
