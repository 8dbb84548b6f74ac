"""What vectors can weigh of exclusion rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.scorers.embedded.exclusions import affirmative, beyond, examples, triggers


def texts(*rules: str) -> list[str]:
    return [trigger.text for trigger in triggers(rules)]


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ("Discussions on unrelated Agile frameworks such as Scrum.", ["Scrum"]),
        (
            "unrelated frameworks (e.g., Kanban, Lean, DevOps) or not Scrum",
            ["Kanban", "Lean", "DevOps"],
        ),
        (
            "Posts without code, for example job adverts and invitations",
            ["job adverts and invitations"],
        ),
        ("Frameworks that do not scale, like Scrum or Kanban", ["Scrum", "Kanban"]),
        ("Keine fremden Methoden, z. B. Scrum oder Kanban", ["Scrum", "Kanban"]),
        ("Des m\u00e9thodes hors sujet, telles que Scrum et Kanban", ["Scrum", "Kanban"]),
        ("M\u00e9todos ajenos, como Scrum", ["Scrum"]),
        ("Metodi non pertinenti, ad esempio Scrum", ["Scrum"]),
        ("Geen andere methoden, zoals Scrum", ["Scrum"]),
        ("M\u00e9todos que n\u00e3o cabem, por exemplo Scrum", ["Scrum"]),
    ],
)
def test_a_rule_about_what_is_missing_is_weighed_by_its_examples(
    rule: str, named: list[str]
) -> None:
    assert examples(rule) == named
    assert texts(rule) == named
    assert beyond([rule]) == ()


@pytest.mark.parametrize(
    "rule",
    [
        "Content that does not align with the principles of Kanban",
        "General topics, such as methods that lack Scrum, Kanban or Lean",
        "Beitr\u00e4ge, die Skalierung nicht behandeln",
        "Non-iterative approaches",
        "Articles sans rapport avec le sujet",
    ],
)
def test_a_rule_that_names_nothing_is_beyond_vectors(rule: str) -> None:
    assert texts(rule) == []
    assert beyond([rule, "job adverts"]) == (rule,)


def test_a_rule_that_says_what_is_excluded_is_weighed_whole() -> None:
    (trigger,) = triggers(["Autoscaling of servers, such as load balancers"])
    assert (trigger.rule, trigger.whole) == (0, True)
    assert trigger.text == "Autoscaling of servers, such as load balancers"


def test_triggers_know_their_rule() -> None:
    found = triggers(["no match", "unrelated tools such as A1, B2", "Servers"])
    assert [(it.rule, it.text, it.whole) for it in found] == [
        (1, "A1", False),
        (1, "B2", False),
        (2, "Servers", True),
    ]
    assert affirmative(["no match", "Servers"]) == (1,)


@given(st.text(max_size=200))
def test_any_text_can_be_a_rule(rule: str) -> None:
    assert len(triggers([rule])) + len(beyond([rule])) >= 1
