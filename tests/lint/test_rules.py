from __future__ import annotations

from classifier.lint.rules import RULES, LintFinding, based_on, shortened


def test_every_rule_looks_at_one_thing() -> None:
    found = [name for basis in ("texts", "meaning", "labels") for name in based_on(basis)]
    assert sorted(found) == sorted(RULES)
    assert based_on("texts", {"loading", "shared-topic"}) == ["loading"]


def test_a_finding_is_as_severe_as_its_rule() -> None:
    for name, rule in RULES.items():
        assert LintFinding(rule=name, message="").severity is rule.severity


def test_a_long_quote_is_cut() -> None:
    assert shortened("x" * 80) == repr("x" * 80)
    assert shortened("x" * 81) == repr("x" * 77 + "...")
