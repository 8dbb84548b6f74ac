"""Every module has a test module of the same name and place."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
DECLARATIONS = {
    # What all others use, and so test.
    "cli/commands/group.py",
    "content/front_matter/model.py",
    "errors.py",
    "models.py",
    "outputs/report/data.py",
    "project/events.py",
    "project/verbs/categories.py",
    "project/verbs/learning.py",
    "project/verbs/publishing.py",
    "project/verbs/running.py",
    "project/verbs/storage.py",
    "project/verbs/verdicts.py",
}
ELSEWHERE = {
    # One behaviour that several modules make together is tested under its own name.
    "scorers/batch/bounded.py": "scorers/batch/test_server.py",
    "scorers/contained.py": "test_unexpected.py",
    "scorers/routed.py": "scorers/cascade/test_scorer.py",
    "store/values.py": "store/test_checks.py",
}


def test_every_module_has_its_tests_in_the_same_place() -> None:
    package, tests = ROOT / "classifier", ROOT / "tests"
    modules = (path.relative_to(package) for path in package.rglob("*.py") if path.stem[:2] != "__")
    missing = {
        module.as_posix()
        for module in modules
        if not (tests / module.parent / f"test_{module.name}").exists()
    }
    assert missing == DECLARATIONS | ELSEWHERE.keys()
    assert all((tests / place).exists() for place in ELSEWHERE.values())
