"""`classify apply`: labels go into the front matter, and nothing else changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.cli_sites import LUNCH


@pytest.fixture
def applied(run, lunch: Path) -> Path:
    """Lunch with its labels written by us."""
    run("lunch.md")
    run("apply", "lunch.md", "--kind", "tags")
    return lunch


def judged_again(run, path: Path, text: str) -> None:
    path.write_text(re.sub(r"(?s)(---\n.*---\n).*", lambda m: m[1] + text, path.read_text()))
    run(path.name)


def test_labels_are_added_beside_what_people_wrote(run, lunch: Path) -> None:
    run("lunch.md")
    ran = run("apply", "lunch.md", "--kind", "tags")
    assert ran.code == 0
    changed, note = ran.err.splitlines()
    assert changed == "classify: 1 file changed, 0 up to date"
    assert note.startswith("classify: 'classify-labels.tsv' says which labels are the scorer's")
    assert lunch.read_text() == LUNCH.replace("  - cheese\n", "  - cheese\n  - Bread\n")


def test_a_second_time_changes_nothing(run, applied: Path) -> None:
    before = applied.stat().st_mtime_ns, applied.read_text()
    ran = run("apply", "lunch.md", "--kind", "tags")
    assert ran.err == "classify: 0 files changed, 1 up to date\n"
    assert (applied.stat().st_mtime_ns, applied.read_text()) == before


def test_what_was_written_needs_no_new_judging(run, applied: Path) -> None:
    assert "from the store, free" in run("lunch.md").out


def test_a_kind_goes_under_its_own_name_or_what_the_settings_say(run, lunch: Path) -> None:
    Path("classify.toml").write_text(
        'categories = "taxonomy"\n[fields.tags]\nname = "topics"\nvalue = "slug"\n'
    )
    run("lunch.md")
    run("apply", "lunch.md")
    text = lunch.read_text()
    assert "topics:\n  - bread\n" in text
    assert "concepts: []" not in text  # nothing was decided, so there is nothing to add


def test_a_field_can_be_named_for_one_kind(run, lunch: Path) -> None:
    run("lunch.md")
    assert run("apply", "lunch.md", "--field", "tags=topics").code == 0
    assert "topics:\n  - Bread\n" in lunch.read_text()


def test_a_label_of_ours_that_is_decided_no_more_is_withdrawn(run, applied: Path) -> None:
    judged_again(run, applied, "Wine, wine, wine and wine.\n")
    run("apply", "lunch.md", "--kind", "tags")
    assert "  - Picnic\n  - cheese\n  - Wine\n" in applied.read_text()


def test_a_label_that_a_person_had_before_us_is_never_withdrawn(run, lunch: Path) -> None:
    lunch.write_text(LUNCH.replace("cheese", "bread"))
    run("lunch.md")
    run("apply", "lunch.md", "--kind", "tags")
    assert lunch.read_text() == LUNCH.replace("cheese", "bread")
    judged_again(run, lunch, "Wine, wine, wine and wine.\n")
    run("apply", "lunch.md", "--kind", "tags")
    assert "  - Picnic\n  - bread\n  - Wine\n" in lunch.read_text()


def test_a_label_of_ours_that_a_person_removed_is_not_written_again_until_it_is_asked_for(
    run, applied: Path
) -> None:
    applied.write_text(LUNCH)
    ran = run("apply", "lunch.md", "--kind", "tags")
    assert applied.read_text() == LUNCH
    assert "1 article with labels that somebody removed" in ran.err
    assert "- 'lunch.md': Bread" in ran.err
    run("apply", "lunch.md", "--kind", "tags", "--restore")
    assert "  - Bread\n" in applied.read_text()


def test_a_label_of_ours_that_a_person_removed_comes_back_when_accepted(run, applied: Path) -> None:
    applied.write_text(LUNCH)
    run("accept", "lunch.md", "bread")
    run("apply", "lunch.md", "--kind", "tags")
    assert "  - Bread\n" in applied.read_text()


def test_replace_leaves_ours_alone_and_keeps_the_lines_that_stay(run, lunch: Path) -> None:
    lunch.write_text(LUNCH.replace("cheese", "bread  # indeed"))
    run("lunch.md")
    run("apply", "lunch.md", "--kind", "tags", "--replace")
    assert lunch.read_text() == LUNCH.replace("  - Picnic\n", "").replace(
        "cheese", "bread  # indeed"
    )


def test_suggestions_go_to_a_key_of_their_own(run, lunch: Path) -> None:
    run("lunch.md")
    run("apply", "lunch.md", "--suggest", "suggested")
    text = lunch.read_text()
    assert "suggested:\n  - Bread\n" in text
    assert text.replace("suggested:\n  - Bread\n", "") == LUNCH


def test_a_file_that_changed_since_it_was_judged_is_left_as_it_is(run, lunch: Path) -> None:
    run("lunch.md")
    lunch.write_text(LUNCH + "More wine.\n")
    ran = run("apply", "lunch.md", "--kind", "tags")
    assert ran.code == 1
    assert "1 article not judged completely, classify first: 'lunch.md'" in ran.err
    assert lunch.read_text() == LUNCH + "More wine.\n"


def test_a_file_that_cannot_be_edited_safely_is_named_and_the_others_are_done(
    run, lunch: Path
) -> None:
    twice = Path("twice.md")
    twice.write_text("---\ntitle: Twice\ntags: [a]\ntags: [b]\n---\nBread, bread, bread, bread.\n")
    before = twice.read_bytes()
    run(".", "--exclude", "taxonomy", "-q")
    ran = run("apply", "lunch.md", "twice.md", "--kind", "tags")
    assert ran.code == 1
    assert "'twice.md'" in ran.err
    assert "1 skipped" in ran.err
    assert twice.read_bytes() == before
    assert "  - Bread\n" in lunch.read_text()


def test_a_file_without_front_matter_is_given_some_only_when_asked(run, project: Path) -> None:
    bare = project / "bare.md"
    text = "\ufeff# Lunch\r\n\r\nBread, more bread and bread again.\r\n"
    bare.write_bytes(text.encode())
    other = project / "other.md"
    other.write_bytes(b"Nothing of the kind.\n")
    run("bare.md", "other.md")
    ran = run("apply", "bare.md", "--kind", "tags")
    assert ran.code == 1
    assert "'bare.md' was not changed: it has no front matter; --create adds it" in ran.err
    assert run("apply", "bare.md", "other.md", "--kind", "tags", "--create").code == 0
    added = "---\r\ntags:\r\n  - Bread\r\n---\r\n"
    assert bare.read_bytes().decode() == text.replace("\ufeff", "\ufeff" + added)
    assert other.read_bytes() == b"Nothing of the kind.\n"
    assert "from the store, free" in run("bare.md").out


def test_numbers_made_of_confidences_are_written_too(run, lunch: Path) -> None:
    Path("classify.toml").write_text(
        'categories = "taxonomy"\n'
        '[derived.weight]\ncategories = ["Bread", "Wine"]\nat_zero = 1000\nat_one = 0\n'
    )
    run("lunch.md")
    run("apply", "lunch.md", "--kind", "tags")
    (weight,) = re.findall(r"^weight: (\d+)$", lunch.read_text(), re.M)
    assert 0 < int(weight) < 1000


def test_a_run_can_write_what_it_decides(run, lunch: Path) -> None:
    (lunch.parent / "site").mkdir()
    lunch.rename(lunch.parent / "site" / "lunch.md")
    ran = run("site", "--write", "--kind", "tags")
    assert ran.code == 0
    assert "  - Bread\n" in Path("site/lunch.md").read_text()
    assert "1 file changed" in ran.err


def test_a_single_article_can_be_written_at_once(run, lunch: Path) -> None:
    ran = run("lunch.md", "--write", "--kind", "tags")
    assert ran.code == 0
    assert "  - Bread\n" in lunch.read_text()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--merge", "--replace"], "exclude each other"),
        (["--field", "topics"], "for which kind"),
        (["--field", "nothing=topics"], "no kind 'nothing'"),
        (["--suggest", "tags"], "name another"),
        (["--kind", "nothing"], "'nothing'"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_line(run, lunch, options: list[str], told) -> None:
    run("lunch.md")
    ran = run("apply", "lunch.md", *options)
    assert ran.code == 2
    assert told in ran.err
    assert ran.err.count("\n") == 1
    assert lunch.read_text() == LUNCH
