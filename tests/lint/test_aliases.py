from __future__ import annotations

from support.definitions import category, taxonomy

from classifier.lint import AliasUse, lint

TOOLS = category("Build tools", aliases=("recipes",))


def uses(weak: int, strong: int = 0) -> list[AliasUse]:
    return [AliasUse(TOOLS, "recipes", f"{n}.md", n < weak) for n in range(weak + strong)]


def found(*given: AliasUse) -> list[str]:
    findings = lint(taxonomy(TOOLS), rules=["everyday-alias"], alias_uses=given)
    return [finding.message for finding in findings]


def test_an_alias_that_pulls_in_what_is_about_something_else_is_named_with_the_articles() -> None:
    (message,) = found(*uses(4, 1))
    assert "of 5 labelled articles that only it names, 4 are hardly about 'Build tools'" in message
    assert "'0.md', '1.md', '2.md' and 1 more" in message


def test_a_good_alias_is_left_alone() -> None:
    assert found(*uses(2)) == []
    assert found(*uses(3, 4)) == []
    assert len(found(*uses(3, 3))) == 1
