"""Lists of related articles in files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.errors import OutputError, UsageError
from classifier.related.files import SCHEMA, path_of, per_article, write_all, write_list
from classifier.related.values import Related, RelatedPage


def page(name: str, **more: str) -> RelatedPage:
    return RelatedPage(
        path=f"content/{name}.md",
        reference=name,
        title=name.title(),
        section="blog",
        slug=name,
        type="blog",
        **more,
    )


LOAF, RYE = page("loaf", id="L1", kind="resource"), page("rye")
NEAR = (Related(page=RYE, similarity=0.75, labels=("tags/bread",)),)


def test_a_path_with_fields_is_a_file_for_each_article() -> None:
    assert not per_article("data/related.json")
    assert per_article("site/data/{ItemId}/related.json")
    for wrong in ("a{", "a}b", "{}", "{a{b}}"):
        with pytest.raises(UsageError, match="fields as"):
            per_article(wrong)


def test_fields_are_the_place_of_the_article_and_its_front_matter() -> None:
    meta = {"itemid": "L1", "Number": 7}
    assert path_of("d/{ItemId}/{number}.json", LOAF, meta) == Path("d/L1/7.json")
    assert path_of("{folder}/{stem}.json", LOAF, meta) == Path("content/loaf.json")


@pytest.mark.parametrize("value", ["..", ".hidden", "a/b", "a\\b", "", "x" * 201, "a\x00b", True])
def test_front_matter_is_never_a_way_out_of_the_folder(value: object) -> None:
    with pytest.raises(OutputError, match="ItemId"):
        path_of("d/{ItemId}/related.json", LOAF, {"ItemId": value})


def test_the_list_of_one_article_has_the_layout_of_the_seed(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "related.json"
    assert write_list(file, LOAF, NEAR)
    written = json.loads(file.read_text())
    (entry,) = written["related"]
    assert list(entry) == [
        *("Title", "Slug", "Reference", "EntryId", "EntryKind", "EntryType"),
        *("EntryGenAt", "Similarity"),
    ]
    assert (entry["Title"], entry["EntryId"], entry["Similarity"]) == ("Rye", "rye", 0.75)
    assert written["target"]["EntryId"] == "L1"
    assert written["target"]["GeneratedAt"] == entry["EntryGenAt"]


def test_a_file_that_says_the_same_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "related.json"
    write_list(file, LOAF, NEAR)
    old = file.read_bytes().replace(b"202", b"199")  # the times
    file.write_bytes(old)
    assert not write_list(file, LOAF, NEAR)
    assert file.read_bytes() == old
    assert write_list(file, LOAF, ())


def test_one_file_for_all_has_the_lists_by_reference(tmp_path: Path) -> None:
    file = tmp_path / "related.json"
    lists = {"content/loaf.md": (LOAF, NEAR)}
    assert write_all(file, lists)
    assert not write_all(file, lists)
    found = json.loads(file.read_text())
    assert found["schema"] == SCHEMA
    assert found["articles"]["loaf"] == [
        {
            "reference": "rye",
            "title": "Rye",
            "section": "blog",
            "similarity": 0.75,
            "labels": ["tags/bread"],
        }
    ]


@pytest.mark.parametrize(
    "text", ["not JSON", "[]", '{"mine": 1}', '{"schema": "other/1"}', "[" * 9]
)
def test_a_file_that_is_something_else_is_never_replaced(tmp_path: Path, text: str) -> None:
    file = tmp_path / "related.json"
    file.write_text(text)
    with pytest.raises(OutputError, match="name another file"):
        write_all(file, {})
    with pytest.raises(OutputError, match="name another file"):
        write_list(file, LOAF, NEAR)
    assert file.read_text() == text
