"""What is advised, given what is known."""

from __future__ import annotations

import shlex

import pytest

from classifier.project.advice import Advice, Carried, Facts, advise

LABELLED = Facts(after="run", paths=["content"], articles=150, labelled=120, looked_at=150)
TAGGED = {"tags": Carried(143, 120), "topics": Carried(150, 12)}


def facts(**known: object) -> Facts:
    given = {name: getattr(LABELLED, name) for name in Facts.__dataclass_fields__}
    return Facts(**{**given, **known})


def test_labels_that_people_wrote_are_to_be_learned_from_first() -> None:
    assert advise(facts(carry=TAGGED, uncertain=17)) == Advice(
        "143 of 150 articles have labels in 'tags'", "classify train content --field tags"
    )


def test_a_field_that_the_settings_name_needs_no_option() -> None:
    of_tags = advise(facts(carry=TAGGED, label_fields=["Tags"]))
    of_others = advise(facts(carry=TAGGED, label_fields=["topics"]))
    assert of_tags is not None
    assert of_others is not None
    assert of_tags.command == "classify train content"
    assert of_others.command == "classify train content --field tags"


def test_a_sample_is_called_one() -> None:
    advice = advise(facts(carry=TAGGED, articles=4000))
    assert advice is not None
    assert advice.reason == "143 of 150 articles looked at have labels in 'tags'"


@pytest.mark.parametrize(
    ("known", "command"),
    [
        ({"own_categories": False, "carry": TAGGED}, "classify init content"),
        ({"after": "init", "unjudged": 150, "carry": TAGGED}, "classify run content"),
        ({"after": "train", "unjudged": 150, "trained": True}, "classify run content"),
        ({"carry": {"tags": Carried(143, 9)}, "uncertain": 17}, "classify review content"),
        ({"trained": True, "new_verdicts": 12, "uncertain": 17}, "classify train"),
        ({"new_verdicts": 9, "uncertain": 1}, "classify review content"),
        ({"after": "review", "uncertain": 17}, "classify apply content --dry-run"),
        ({"labelled": 60}, "classify taxonomy suggest content"),
        ({}, "classify apply content --dry-run"),
        ({"applied": True}, "classify report content"),
    ],
)
def test_the_advice_fits_what_is_known(known: dict[str, object], command: str) -> None:
    advice = advise(facts(**known))
    assert advice is not None
    assert advice.command == command


def test_the_same_is_not_advised_twice_in_a_row() -> None:
    known = facts(uncertain=17)
    first = advise(known)
    assert first is not None
    second = advise(known, last=first.command)
    assert second is not None
    assert second.command != first.command


def test_nothing_is_advised_where_nothing_is_left() -> None:
    only = facts(applied=True, after="run")
    assert advise(only, last="classify report content") is None
    assert advise(facts(applied=True, after="report")) is None
    assert advise(Facts(after="eval")) is None


def test_training_is_not_followed_by_training() -> None:
    advice = advise(facts(after="train", carry=TAGGED, new_verdicts=50))
    assert advice is not None
    assert "train" not in advice.command


def test_a_path_is_one_word_of_the_command() -> None:
    advice = advise(facts(paths=["my articles; rm x"]))
    assert advice is not None
    assert shlex.split(advice.command)[2] == "my articles; rm x"


def test_labels_are_to_be_written_only_where_that_changes_an_article() -> None:
    some = advise(facts(changes=lambda: 12))
    one = advise(facts(changes=lambda: 1))
    none = advise(facts(changes=lambda: 0))
    unknown = advise(facts())
    assert some == Advice("12 articles would change", "classify apply content --dry-run")
    assert one == Advice("1 article would change", "classify apply content --dry-run")
    assert none == Advice("all labels on one page", "classify report content")
    assert unknown is not None
    assert unknown.reason.startswith("120 articles with labels")


def test_what_would_change_is_counted_only_where_it_matters() -> None:
    def count() -> int:
        raise AssertionError

    assert advise(facts(carry=TAGGED, changes=count)) is not None
    assert advise(facts(applied=True, changes=count)) is not None
