from __future__ import annotations

from support.definitions import category, taxonomy

from classifier.lint import Severity, UnreadDefinition, lint


def test_a_definition_that_the_scorer_does_not_read_is_named_with_its_language() -> None:
    about = "Companies that change when their market does."
    bread, pain = category("Bread", description=about), category("Pain", description=about)
    unread = [UnreadDefinition(pain, "fr", "embedded (all-MiniLM-L6-v2)")]
    (found,) = lint(taxonomy(bread, pain), unread=unread)
    assert (found.rule, found.severity) == ("unread-language", Severity.WARNING)
    assert found.categories == (pain,)
    assert "French, which embedded (all-MiniLM-L6-v2) does not read" in found.message
    assert list(lint(taxonomy(bread, pain), rules=["loading"], unread=unread)) == []
