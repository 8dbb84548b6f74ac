# The same checks `.ci/run` makes. Needs an environment with `pip install -e '.[test]'`.

default: check test

# formatting, lint, types, layers
check:
    ruff format --check .
    ruff check .
    mypy
    lint-imports

test *args:
    pytest {{args}}

# rewrite the generated pages
docs:
    python -m classifier.cli.reference > docs/cli.md
    python docs/generate_settings.py

format:
    ruff format .
    ruff check --fix .
