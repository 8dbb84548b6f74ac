from __future__ import annotations

from pathlib import Path

from support import sites

from classifier import taxonomy
from classifier.site import existing, proposal, reading, vocabulary
from classifier.site.fields import LabelField
from classifier.site.proposal import FieldProposal


def propose(folder: Path, *labels: str, least_uses: int = 1) -> FieldProposal:
    field = LabelField(
        name="tags",
        customary=True,
        forms={"list": len(labels)},
        labels={str(n): (label,) for n, label in enumerate(labels)},
    )
    return proposal.propose(field, "tags", [], least_uses=least_uses, folder=folder)


def files(one: FieldProposal, folder: Path) -> dict[str, str]:
    return {each.path.relative_to(folder).as_posix(): each.title for each in one.new}


def test_slugs_get_readable_titles_and_are_written_as_slugs(tmp_path: Path) -> None:
    one = propose(tmp_path, "open-data", "api")
    assert files(one, tmp_path) == {"tags/api.md": "Api", "tags/open-data.md": "Open data"}
    assert one.value == "slug"


def test_other_labels_are_titles_as_editors_write_them(tmp_path: Path) -> None:
    one = propose(tmp_path, "Open Data", "API")
    assert files(one, tmp_path) == {"tags/api.md": "API", "tags/open-data.md": "Open Data"}
    assert one.value == "title"


def test_nested_labels_are_nested_files_with_a_parent_that_is_in_use(tmp_path: Path) -> None:
    one = propose(tmp_path, "topic", "topic/bread", "mood/good")
    assert {each.path.relative_to(tmp_path).as_posix(): each.parent for each in one.new} == {
        "tags/topic.md": "",
        "tags/topic/bread.md": "topic",
        "tags/mood/good.md": "",
    }
    assert one.value == "path"


def test_two_nested_labels_with_one_name_have_two_titles(tmp_path: Path) -> None:
    one = propose(tmp_path, "a/news", "b/news")
    assert sorted(each.title for each in one.new) == ["News (a)".replace("a", "A"), "News (B)"]


def test_labels_with_the_same_name_for_a_file_get_two(tmp_path: Path) -> None:
    (tmp_path / "tags").mkdir()
    (tmp_path / "tags/C-plus-plus.md").write_text("mine")
    one = propose(tmp_path, "C++", "c plus plus")
    assert set(files(one, tmp_path)) == {"tags/c-plus-plus-2.md", "tags/c-plus-plus-3.md"}


def test_rare_labels_and_those_without_a_letter_are_left_out(tmp_path: Path) -> None:
    one = propose(tmp_path, "a", "a", "b", "🍞", "🍞", least_uses=2)
    assert [each.title for each in one.new] == ["A"]
    assert [label.text for label in one.rare] == ["b"]
    assert [label.text for label in one.unusable] == ["🍞"]


def test_labels_that_lead_elsewhere_stay_in_the_folder(tmp_path: Path) -> None:
    one = propose(tmp_path, "../x", "/etc/passwd", "a/../../b", "CON", "index", "tags.yml")
    for each in one.new:
        assert each.path.resolve().is_relative_to(tmp_path / "tags")
        assert each.path.stem.lower() not in ("con", "index")


def test_drafts_load_as_categories_of_their_kind(tmp_path: Path) -> None:
    site = reading.read(sites.eleventy(tmp_path), [])
    (field,) = site.fields()
    labels = vocabulary.vocabulary(field)
    defined = existing.definitions(tmp_path, site.content, "tags", labels, site.generator)
    one = proposal.propose(field, "tags", defined, least_uses=1, folder=tmp_path / "taxonomy")
    (made,) = proposal.drafted([one], site)
    for each in made.new:
        each.path.parent.mkdir(parents=True, exist_ok=True)
        each.path.write_text(each.text, encoding="utf-8")
    found = taxonomy.load(tmp_path / "taxonomy")
    ids = [category.id for category in found.categories]
    assert ids == ["tags/baking", "tags/cycling", "tags/diary"]
    assert found.warnings == ()
