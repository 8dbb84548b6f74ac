from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from support.gold_files import given, table

from classifier.errors import UsageError
from classifier.evaluation.gold import read
from classifier.models import Taxonomy


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
    "text",
    [
        "article,category,note\ncontent/one.md,wine\n",
        "article,category\ncontent/one.md,wine,,\n",
        "article,category\ncontent/one.md\ncontent/two.md,wine\n",
        "sep=;\narticle;category\ncontent/one.md;wine\n",
        "SEP=\t\r\narticle\tcategory\r\ncontent/one.md\twine\r\n",
        "\n\r\n ,\narticle,category\n\ncontent/one.md,wine\n",
    ],
)
def test_tables_are_read_as_spreadsheets_leave_them(
    site: Path, kitchen: Taxonomy, text: str
) -> None:
    labels = read(table(site, text), kitchen).labels
    assert [name for name, found in labels.items() if found.get("tags/wine")] == [
        "content/two.md" if "two" in text else "content/one.md"
    ]


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


@pytest.mark.parametrize("is_absolute", [True, False])
def test_a_table_names_no_article_outside_of_the_project(
    site: Path, kitchen: Taxonomy, monkeypatch: pytest.MonkeyPatch, is_absolute: bool
) -> None:
    project = site / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    name = site / "content/one.md" if is_absolute else "../content/one.md"
    Path("gold.csv").write_text(f"article,category\n{name},wine\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"row 2: .* is outside the project: .* `content`"):
        read(Path("gold.csv"), kitchen)
    assert read(Path("gold.csv"), kitchen, content=site / "content").labels
    (site / ".git").mkdir()
    assert read(Path("gold.csv"), kitchen).labels


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
        ("g.csv", "article,category\ncontent/one.md,beer\n", "no label matches a category"),
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
