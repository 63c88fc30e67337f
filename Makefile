# One command each. Everything is written inside this folder: .venv, .data, .static
# (and, for root in a folder nobody else can enter, in a folder of its own under /var/tmp).

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo stop test check e2e races rehearse bench viewers census freshness line lighthouse screens fmt messages lock reset clean

PYTHON ?= python3
VENV := .venv/bin/python
STAMP := .venv/.installed
# Real PostgreSQL and Valkey around a command, stopped when it ends.
BESIDE := $(VENV) deploy/embedded.py run --

help: ## List what can be made.
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(STAMP) ## Start everything with invented data; Ctrl-C stops it. HOST and PORT may be set.
	@$(VENV) deploy/embedded.py demo

stop: ## Stop all that this clone started, killed supervisors' leftovers too.
	@if [ -d .data ]; then $(ANY_PYTHON); "$$python" deploy/embedded.py stop; fi

test: $(STAMP) ## Run the tests beside a real PostgreSQL and Valkey; ARGS go to pytest.
	$(BESIDE) $(VENV) -m pytest -n 2 --dist worksteal --ignore tests/e2e --ignore tests/races $(ARGS)
	$(BESIDE) $(VENV) -m pytest tests/e2e tests/races $(ARGS)

check: $(STAMP) ## Judge the sources: format, lint, layers, templates, migrations, settings.
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	.venv/bin/lint-imports
	$(VENV) -m djlint templates --lint --quiet
	$(BESIDE) $(VENV) manage.py makemigrations --check --dry-run
	BEHIND_TLS=1 ALLOWED_HOSTS=example.org $(BESIDE) \
	  $(VENV) manage.py check --deploy --fail-level WARNING

e2e: $(STAMP) ## Run the journeys through a real browser.
	$(BESIDE) $(VENV) -m pytest tests/e2e $(ARGS)

races: $(STAMP) ## Run the tests that set processes against each other.
	$(BESIDE) $(VENV) -m pytest tests/races $(ARGS)

rehearse: $(STAMP) ## Act a whole week against the running demo; ARGS="--kill" takes parts down meanwhile.
	$(VENV) deploy/embedded.py with-demo -- $(VENV) manage.py rehearse $(ARGS)

bench: $(STAMP) ## Measure, in six minutes at most; ARGS=--quick for a first look.
	$(VENV) deploy/embedded.py run --durable -- $(VENV) -W ignore -m bench $(ARGS)

viewers: $(STAMP) ## Measure 300 open pages beside plain reload, in four minutes; ARGS=--quick.
	$(VENV) deploy/embedded.py run --durable -- $(VENV) -W ignore -m bench.viewers $(ARGS)

census: $(STAMP) ## Measure 2,500 households from upload to done, and files made to hurt.
	$(VENV) deploy/embedded.py run --durable -- $(VENV) -W ignore -m bench.census $(ARGS)

freshness: $(STAMP) ## Measure on the running demo how long a tap takes to reach the street's open page.
	$(VENV) deploy/embedded.py with-demo -- $(VENV) -m bench.freshness $(ARGS)

line: $(STAMP) ## Measure on the running demo how the phone's shell opens on a poor line.
	$(VENV) deploy/embedded.py with-demo -- $(VENV) -m bench.phone $(ARGS)

lighthouse: $(STAMP) ## Ask Lighthouse about six pages of the running demo (needs node).
	$(VENV) deploy/embedded.py with-demo -- $(VENV) -m bench.lighthouse $(ARGS)

screens: $(STAMP) ## Take pictures of every page of the running demo into docs/screens/.
	$(VENV) deploy/embedded.py with-demo -- $(VENV) -m bench.screens $(ARGS)

fmt: $(STAMP) ## Format the sources and mend what can be mended.
	$(VENV) -m ruff check --fix .
	$(VENV) -m ruff format .

messages: $(STAMP) ## Gather the Chinese sentences for translation and compile the English ones (needs gettext).
	@command -v xgettext >/dev/null || { echo "需要 gettext，请先安装它。"; exit 1; }
	$(BESIDE) $(VENV) manage.py makemessages -l en --no-obsolete --add-location file
	$(BESIDE) $(VENV) manage.py compile_language

lock: $(STAMP) ## Resolve pyproject.toml into requirements.lock, hashes and no index.
	$(VENV) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	  --group servers --group dev pyproject.toml -o requirements.lock
	@! grep -nE 'https?://' requirements.lock

reset: ## Stop the demo and drop its data.
	@if [ -d .data ]; then $(ANY_PYTHON); "$$python" deploy/embedded.py reset; fi

clean: ## Stop everything and drop all that can be made again.
	@if [ -d .data ]; then $(ANY_PYTHON); "$$python" deploy/embedded.py reset --all; fi
	rm -rf .venv .static .hypothesis .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Sets $python to the first interpreter that is new enough and can make an environment.
define ANY_PYTHON
python=; for candidate in $(VENV) "$(PYTHON)" python3.13 python3.12 python3.11 /usr/bin/python3; do \
  if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
    2>/dev/null; then python=$$candidate; break; fi; done; \
if [ -z "$$python" ]; then \
  echo "需要 Python 3.11 以上版本和它的 venv 模块（Debian、Ubuntu 上是 python3-venv）。"; exit 1; fi
endef

# uv installs in seconds what takes pip minutes; both check the same hashes. uv does not read
# pip's configuration, so a mirror chosen there is handed on, and it trusts whom the system trusts.
$(STAMP): requirements.lock
	@$(ANY_PYTHON); \
	[ -x $(VENV) ] || "$$python" -m venv --clear .venv
	@echo "正在安装依赖……"; \
	export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore UV_SYSTEM_CERTS=1; \
	mirror=$${PIP_INDEX_URL:-$$($(VENV) -m pip config get global.index-url 2>/dev/null)}; \
	if [ -n "$$mirror" ]; then export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$mirror}"; fi; \
	{ $(VENV) -m pip install --quiet uv && \
	  $(VENV) -m uv pip install --quiet --python $(VENV) --require-hashes -r $<; } || \
	{ echo "uv 用不了，改用 pip（要几分钟）……"; \
	  $(VENV) -m pip install --quiet --require-hashes -r $<; }
	@touch $@
