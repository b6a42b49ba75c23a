# Everything a developer starts. `make demo` needs make and Python 3.11, nothing else.

# The first interpreter that is new enough; name another with PYTHON=…
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done || echo python3)
BIN = .venv/bin
ARGS ?=
# Several processes at once; JOBS=0 runs the suite in one.
JOBS ?= auto
# The supervisor ends when make is killed, not only when it is asked to.
export STABLEDOOR_STOP_WITH_PARENT = 1
# A demo and a run of the suite start dozens of processes; each would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo up test api-requests lint format chaos defects bench screenshots clean

help:
	@echo "make demo         everything with sample data, on http://127.0.0.1:8000 (HOST, PORT, STABLEDOOR_HOME)"
	@echo "make up           the same without sample data"
	@echo "make test         the whole suite on a real PostgreSQL and Redis (ARGS='-k name', JOBS=4)"
	@echo "make api-requests  20,000 and more requests made from the API's schema (API_REQUESTS=50000)"
	@echo "make chaos        an hour of faults under load, then the reckoning (MINUTES=10, SEED=1)"
	@echo "make lint         style, types, imports, templates, migrations, Dockerfile"
	@echo "make format       put style right"
	@echo "make defects      break the code on purpose, and see whether the suite notices (ARGS='--part 1/4')"
	@echo "make bench        speed of each path beside its limit, and the proof of the numbers"
	@echo "make screenshots  pictures of the pages, for docs/"
	@echo "make clean        remove what make made; data in STABLEDOOR_HOME stays"

.venv/.installed: uv.lock config/stack/bootstrap.py
	@$(or $(PYTHON),python3) -I config/stack/bootstrap.py

demo: .venv/.installed
	@exec $(BIN)/python manage.py up --demo

up: .venv/.installed
	@exec $(BIN)/python manage.py up

test: .venv/.installed
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

api-requests: export API_REQUESTS ?= 20000
api-requests: .venv/.installed
	@$(BIN)/python -m pytest -n $(JOBS) --dist load tests/test_api_requests.py $(ARGS)

chaos: .venv/.installed
	@exec $(BIN)/python -m tests.chaos

# DATABASE_URL is emptied: makemigrations only compares files here.
lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	find templates surveys analytics -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	DATABASE_URL= $(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	$(BIN)/hadolint docker/Dockerfile

format: .venv/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find templates surveys analytics -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} +

defects: .venv/.installed
	@$(BIN)/python -m tests.defects $(ARGS)

bench: .venv/.installed
	@$(BIN)/python -m bench $(ARGS)

screenshots: .venv/.installed
	@$(BIN)/python -m tests.screenshots $(ARGS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
