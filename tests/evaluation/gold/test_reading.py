from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from classifier.errors import UsageError
from classifier.evaluation.gold import Gold, read
from classifier.models import Taxonomy

KINDS = {
    "concepts": {"concepts/craft", "concepts/trade"},
    "tags": {"tags/craft", "tags/rye-bread", "tags/wine"},
}


def table(site: Path, text: str, name: str = "gold.csv") -> Path:
    (site / name).write_text(text, encoding="utf-8")
    return Path(name)


def given(gold: Gold, article: str) -> set[str]:
    return {category for category, belongs in gold.labels[article].items() if belongs}


# --- tables --------------------------------------------------------------------------------------


def test_without_values_a_named_article_has_what_is_listed_and_no_more(
    site: Path, kitchen: Taxonomy
) -> None:
    path = table(site, "article,category\ncontent/one.md,Wine\ncontent/two.md,\n")
    gold = read(path, kitchen)
    assert set(gold.labels) == {"content/one.md", "content/two.md"}
    assert given(gold, "content/one.md") == {"tags/wine"}
    assert given(gold, "content/two.md") == set()
    assert set(gold.labels["content/one.md"]) == KINDS["tags"]
    assert gold.warnings == ()


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("in_table", ["NFC", "NFD"])
def test_a_file_is_found_however_its_letters_are_composed(
    site: Path, kitchen: Taxonomy, on_disk: str, in_table: str
) -> None:
    name = "content/cr\u00e8me.md"
    file = unicodedata.normalize(on_disk, name)
    (site / file).write_text("Wine and cream.\n", encoding="utf-8")
    row = f"{unicodedata.normalize(in_table, name)},wine\n"
    gold = read(table(site, f"article,category\n{row}"), kitchen)
    assert given(gold, file) == {"tags/wine"}


def test_with_values_only_what_is_listed_is_known(site: Path, kitchen: Taxonomy) -> None:
    path = table(site, "article,category,value\ncontent/one.md,wine,yes\ncontent/one.md,trade,0\n")
    assert read(path, kitchen).labels == {
        "content/one.md": {"tags/wine": True, "concepts/trade": False}
    }


@pytest.mark.parametrize(
    ("value", "belongs"),
    [
        ("true", True),
        ("No", False),
        ("1", True),
        ("0.49", False),
        ("0.5", True),
        ("Primary", True),
        ("secondary", True),
        ("Tertiary", False),
        ("Ignored", False),
    ],
)
def test_values_are_words_numbers_or_levels(
    site: Path, kitchen: Taxonomy, value: str, belongs: bool
) -> None:
    path = table(site, f"article,category,value\ncontent/one.md,wine,{value}\n")
    assert read(path, kitchen).labels == {"content/one.md": {"tags/wine": belongs}}


@pytest.mark.parametrize(
    "header", ["Article,Category,Value", "FILE;label;level", "path\ttag\tLabel", '"path",tag,truth']
)
def test_headings_have_several_names_and_delimiters(
    site: Path, kitchen: Taxonomy, header: str
) -> None:
    delimiter = next(d for d in ";\t," if d in header)
    row = delimiter.join(["content/one.md", "wine", "true"])
    (site / "gold.csv").write_bytes(f"\ufeff{header}\r\n{row}\r\n".encode())
    assert read(Path("gold.csv"), kitchen).labels == {"content/one.md": {"tags/wine": True}}


@pytest.mark.parametrize(
    "label", ["tags/rye-bread", "Rye Bread", "rye-bread", "BREAD, DARK", "Pumpernickel"]
)
def test_a_label_is_an_id_a_title_a_slug_or_an_alias(
    site: Path, kitchen: Taxonomy, label: str
) -> None:
    path = table(site, f'article,category,value\ncontent/one.md,"{label}",1\n')
    assert read(path, kitchen).labels == {"content/one.md": {"tags/rye-bread": True}}


def test_a_label_that_is_no_category_is_counted_and_named_and_never_invented(
    site: Path, kitchen: Taxonomy
) -> None:
    path = table(
        site,
        "article,category\ncontent/one.md,Wine\ncontent/one.md,Beer\ncontent/two.md,Beer\n",
    )
    gold = read(path, kitchen)
    assert given(gold, "content/two.md") == set()
    assert gold.warnings == (
        "'gold.csv': left out 1 label that no category matches, 2 times in all: 'Beer' (2x)",
    )


def test_what_an_ambiguous_label_may_mean_stays_unknown(site: Path, kitchen: Taxonomy) -> None:
    path = table(site, "article,category\ncontent/one.md,Wine\ncontent/one.md,Craft\n")
    gold = read(path, kitchen)
    assert gold.labels["content/one.md"] == {"tags/wine": True, "tags/rye-bread": False}
    assert "'Craft' (concepts/craft or tags/craft)" in gold.warnings[0]


def test_json_lines_may_list_several_labels_and_say_why(site: Path, kitchen: Taxonomy) -> None:
    path = table(
        site,
        '{"article": "content/one.md", "category": ["wine", "rye bread"], "note": "a tasting"}\n'
        '\n{"Path": "content/two.md", "label": []}\n',
        "gold.jsonl",
    )
    gold = read(path, kitchen)
    assert given(gold, "content/one.md") == {"tags/wine", "tags/rye-bread"}
    assert given(gold, "content/two.md") == set()
    assert gold.origins["content/one.md", "tags/wine"] == "'gold.jsonl', row 1: a tasting"


def test_articles_are_found_beside_the_table_here_or_in_the_content(
    site: Path, kitchen: Taxonomy
) -> None:
    rows = "".join(f"{name},wine,1\n" for name in ("here.md", "content/one.md", "two", "gone.md"))
    (site / "data").mkdir()
    (site / "data" / "here.md").write_text("Words.")
    path = table(site, f"article,category,value\n{rows}", "data/gold.csv")
    gold = read(path, kitchen, content=Path("content"))
    assert set(gold.labels) == {"data/here.md", "content/one.md", "content/two.md"}
    assert gold.warnings == ("'data/gold.csv': left out 1 missing article: 'gone.md'",)


def test_a_file_that_is_named_in_two_ways_is_one_article(site: Path, kitchen: Taxonomy) -> None:
    rows = "content/one.md,wine\n./content/../content/one.md,rye bread\n"
    gold = read(table(site, f"article,category\n{rows}"), kitchen)
    assert len(gold.labels) == 1
    assert given(gold, "content/one.md") == {"tags/wine", "tags/rye-bread"}


def test_values_in_json_lines_may_be_true_numbers(site: Path, kitchen: Taxonomy) -> None:
    rows = ['"wine", "value": false', '"trade", "value": 1', '"rye bread", "value": null']
    text = "".join(f'{{"article": "content/one.md", "category": {row}}}\n' for row in rows)
    assert read(table(site, text, "gold.jsonl"), kitchen).labels == {
        "content/one.md": {"tags/wine": False, "concepts/trade": True}
    }


def test_rows_without_a_value_among_others_say_nothing(site: Path, kitchen: Taxonomy) -> None:
    rows = "content/one.md,wine,1\ncontent/one.md,trade,\n"
    gold = read(table(site, f"article,category,value\n{rows}"), kitchen)
    assert gold.labels == {"content/one.md": {"tags/wine": True}}
    assert gold.warnings == ("'gold.csv': left out 1 row without a value",)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "g.csv",
            "article,category,value\ncontent/one.md,wine,maybe\n",
            "'g.csv', row 2: value ",
        ),
        ("g.csv", "article,category\ncontent/one.md,a,b\n", "'g.csv', row 2: 3 cells under"),
        ("g.csv", "article,category\n,wine\n", "'g.csv', row 2 names no article"),
        ("g.csv", 'article,category\ncontent/one.md,"wine\n', "'g.csv', row 2: unexpected end"),
        ("g.csv", "category\nwine\n", "'g.csv': no column of articles in its first row"),
        ("g.csv", "article\nx\n", "'g.csv': no column of categories in its first row"),
        ("g.csv", "article,category\n", "'g.csv' has no rows"),
        ("g.csv", "", "'g.csv' has no rows"),
        ("g.csv", "article,category,value\ncontent/one.md,wine,\n", "'g.csv': no row has a value"),
        ("g.csv", "article,category\nnowhere.md,wine\n", "none of its articles exists"),
        ("g.csv", "article,category\ncontent/one.md,beer\n", "no label is the name of a category"),
        ("g.jsonl", "{]\n", "'g.jsonl', row 1 is not JSON"),
        ("g.jsonl", "[1]\n", "'g.jsonl', row 1: expected an object"),
        ("g.jsonl", '{"article": "x"}\n', "'g.jsonl', row 1 has no 'category'"),
        ("g.txt", "x", "'g.txt': expected a .csv, .tsv or .jsonl file, or a folder"),
        (
            "g.csv",
            "article,category,value\ncontent/one.md,wine,1\ncontent/one.md,Wine,0\n",
            "'g.csv', row 3 contradicts 'g.csv', row 2 about 'content/one.md' and 'tags/wine'",
        ),
    ],
)
def test_a_row_that_cannot_be_understood_is_named(
    site: Path, kitchen: Taxonomy, name: str, text: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read(table(site, text, name), kitchen)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_there_or_not_utf8_is_one_line(site: Path, kitchen: Taxonomy) -> None:
    with pytest.raises(UsageError, match=r"no such file or folder: 'nowhere.csv'"):
        read(Path("nowhere.csv"), kitchen)
    (site / "gold.csv").write_bytes("article,category\n".encode("utf-16"))
    with pytest.raises(UsageError, match="is not UTF-8"):
        read(Path("gold.csv"), kitchen)


# --- folders -------------------------------------------------------------------------------------


def labelled(site: Path, **metas: str) -> Path:
    for name, meta in metas.items():
        front = f"---\n{meta}\n---\n" if meta else ""
        (site / "content" / f"{name}.md").write_text(f"{front}Some words.\n", encoding="utf-8")
    return Path("content")


def test_an_article_that_has_the_field_is_labelled_for_its_kinds(
    site: Path, kitchen: Taxonomy
) -> None:
    folder = labelled(site, one="tags: [Wine]", two="tags: []", three="title: Three")
    gold = read(folder, kitchen, fields=["tags"])
    assert gold.labels == {
        "content/one.md": {"tags/wine": True, "tags/craft": False, "tags/rye-bread": False},
        "content/two.md": dict.fromkeys(KINDS["tags"], False),
    }
    assert gold.origins["content/one.md", "tags/wine"] == "front matter: tags"


def test_a_field_that_says_nothing_leaves_the_article_unknown(
    site: Path, kitchen: Taxonomy
) -> None:
    folder = labelled(site, one="tags: [wine]", two="tags:", three="tags: ''")
    assert set(read(folder, kitchen, fields=["tags"]).labels) == {"content/one.md"}


@pytest.mark.parametrize(
    "meta",
    [
        "Tags: [WINE, rye-bread]",
        'tags: "wine, Rye Bread"',
        "tags: wine rye-bread",
        "tags:\n- Wine\n- pumpernickel\n- ",
    ],
)
def test_labels_are_lists_or_texts_with_commas_or_words(
    site: Path, kitchen: Taxonomy, meta: str
) -> None:
    gold = read(labelled(site, one=meta), kitchen, fields=["tags"])
    assert given(gold, "content/one.md") == {"tags/wine", "tags/rye-bread"}


def test_a_title_of_several_words_is_one_label(site: Path, kitchen: Taxonomy) -> None:
    gold = read(labelled(site, one="tags: Rye Bread"), kitchen, fields=["tags"])
    assert given(gold, "content/one.md") == {"tags/rye-bread"}
    other = read(labelled(site, one="tags: wine", two="tags: No such"), kitchen, fields=["tags"])
    assert any("'No such'" in warning for warning in other.warnings)


def test_a_title_with_a_comma_is_one_label(site: Path, kitchen: Taxonomy) -> None:
    gold = read(labelled(site, one="tags: Bread, dark"), kitchen, fields=["tags"])
    assert given(gold, "content/one.md") == {"tags/rye-bread"}
    assert gold.warnings == ()


def test_a_field_named_for_a_kind_settles_what_is_ambiguous(site: Path, kitchen: Taxonomy) -> None:
    folder = labelled(site, one="keywords: [craft]", two="topics: {main: craft}")
    gold = read(folder, kitchen, fields=["concepts=keywords", "tags=topics.main"])
    assert gold.labels == {
        "content/one.md": {"concepts/craft": True, "concepts/trade": False},
        "content/two.md": {"tags/craft": True, "tags/rye-bread": False, "tags/wine": False},
    }


def test_another_field_is_about_the_kinds_its_labels_are_of(site: Path, kitchen: Taxonomy) -> None:
    gold = read(labelled(site, one="about: [trade]"), kitchen, fields=["about"])
    assert set(gold.labels["content/one.md"]) == KINDS["concepts"]


def test_what_one_field_leaves_out_another_may_have(site: Path, kitchen: Taxonomy) -> None:
    folder = labelled(site, one="tags: [wine]\nmore: [rye bread]")
    gold = read(folder, kitchen, fields=["tags", "tags=more"])
    assert given(gold, "content/one.md") == {"tags/wine", "tags/rye-bread"}


def test_broken_front_matter_is_counted_and_named(site: Path, kitchen: Taxonomy) -> None:
    folder = labelled(site, one="tags: [wine]", two="tags: [wine")
    gold = read(folder, kitchen, fields=["tags"])
    assert gold.warnings == (
        "'content': left out 1 article with unreadable front matter: 'content/two.md'",
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ([], "name the front matter field that holds the labels, with --field"),
        (["labels"], "no article in 'content' has that field"),
        (["topics=tags"], "no kind 'topics' in the definitions, only concepts, tags"),
    ],
)
def test_a_folder_needs_a_field_that_is_there(
    site: Path, kitchen: Taxonomy, fields: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read(labelled(site, one="tags: [wine]"), kitchen, fields=fields)


def test_a_definition_among_the_articles_is_no_gold(site: Path, kitchen: Taxonomy) -> None:
    from dataclasses import replace

    folder = labelled(site, one="tags: [wine]", two="tags: [wine]")
    wine = replace(kitchen.categories[-1], source=str(site / "content" / "two.md"))
    taxonomy = replace(kitchen, categories=(*kitchen.categories[:-1], wine))
    assert set(read(folder, taxonomy, fields=["tags"]).labels) == {"content/one.md"}
