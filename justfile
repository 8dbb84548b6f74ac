# The same checks `.ci/run` makes. Needs an environment with what the README's test command installs.

default: check test

# formatting, lint, types, layers, the documentation site
check: && site
    ruff format --check .
    ruff check .
    mypy
    lint-imports

# lint and type-check the scripts of the report page (needs npm)
check-js:
    npm ci --silent
    npm run --silent check

# build the documentation site strictly, into site/ (needs docs/requirements.lock)
site:
    NO_MKDOCS_2_WARNING=1 mkdocs build --strict --quiet

# tests, but for those marked slow
test *args:
    pytest -m 'not slow' {{args}}

test-all *args:
    pytest {{args}}

# rewrite the generated pages
docs:
    python -m classifier.cli.reference > docs/cli.md
    python docs/generate_settings.py

format:
    ruff format .
    ruff check --fix .

# pin the newest allowed versions, for Python 3.11 and later (needs uv)
lock:
    {{compile}} --extra test --output-file requirements.lock pyproject.toml
    {{compile}} --extra mcp --constraint requirements.lock --output-file requirements-serve.lock pyproject.toml
    {{compile}} --extra docs --constraint requirements.lock --output-file docs/requirements.lock pyproject.toml

compile := 'uv pip compile --no-config --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "just lock"'
