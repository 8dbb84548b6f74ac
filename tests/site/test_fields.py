from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from classifier.site.fields import ArticleMeta, label_fields
from classifier.site.generator import Generator


def read(metas: Iterable[dict[str, Any]], generator: Generator = "plain", body: str = ""):
    return label_fields((ArticleMeta(str(n), m, body) for n, m in enumerate(metas)), generator)


def test_lists_texts_with_commas_and_nested_keys_are_fields() -> None:
    tags = {"Tags": ["a", "b"], "taxonomies": {"topics": ["x"]}, "category": "News, Old"}
    found = {one.name: one for one in read([tags, tags])}
    assert found["Tags"].uses == {"a": 2, "b": 2}
    assert found["taxonomies.topics"].uses == {"x": 2}
    assert found["category"].uses == {"News": 2, "Old": 2}
    assert [found[name].forms for name in ("Tags", "category")] == [{"list": 2}, {"commas": 2}]


@pytest.mark.parametrize(("generator", "labels"), [("Jekyll", {"a", "b"}), ("Hugo", {"a b"})])
def test_a_text_of_words_is_labels_where_the_generator_reads_it_so(
    generator: Generator, labels: set[str]
) -> None:
    (found,) = read([{"tags": "a b"}] * 2, generator)
    assert set(found.uses) == labels


def test_tags_in_the_text_of_notes_count() -> None:
    body = (
        "A #topic/bread day, not issue#4, #12 or https://a/#b; #Öfen too. Nor `#code`, [[a#b]] "
        "or %% #hidden %%\n```\n#fenced\n```\n# Heading\n"
    )
    (found,) = read([{"tags": ["diary"]}, {}], "Obsidian", body)
    assert found.uses == {"topic/bread": 2, "Öfen": 2, "diary": 1}
    assert found.forms["inline"] == 2


@pytest.mark.parametrize(
    "value", [None, "", [], [None, {"a": 1}, [2]], True, {}, date(2024, 1, 2), [True], 7]
)
def test_what_cannot_be_a_label_is_left_out(value: object) -> None:
    (found,) = read([{"tags": ["a"]}, {"tags": ["a"]}, {"tags": value}])
    assert found.uses == {"a": 2}


def test_numbers_in_a_list_are_labels() -> None:
    (found,) = read([{"tags": [2024, 1.5, "a"]}] * 2)
    assert set(found.uses) == {"2024", "1.5", "a"}


def test_shared_short_texts_of_an_unknown_key_may_be_labels_and_others_not() -> None:
    meta = {"audience": ["staff"], "authors": ["me"], "see": ["/a/b"], "notes": ["n" * 70]}
    found = read([meta] * 4)
    assert [(one.name, one.customary) for one in found] == [("audience", False)]


def test_a_field_of_a_few_articles_is_none() -> None:
    assert read([{"tags": ["a"]}, *[{}] * 99]) == []
