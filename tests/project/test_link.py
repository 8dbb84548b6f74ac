"""`Project.link`: mentions become links, noted as ours, and are taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier.errors import SettingsError
from classifier.outputs.label_file import FILE
from classifier.outputs.write_back import Refused
from classifier.project import Project, noted_writing
from classifier.project.events import Event, Message
from classifier.project.link import LinkOptions, LinkOutcome

LUNCH = Path("lunch.md")
UNDO = LinkOptions(undo=True)
LINKED = "[Bread](/tags/bread/), more bread and bread again. [Cheese](/tags/cheese/) too.\n"


@pytest.fixture
def restart(site: Path, keywords: None) -> Iterator[Project]:
    """The project as it is after its settings have changed."""
    Path("classify.toml").write_text(
        'categories = "taxonomy"\n[links]\nat_most = 1\nopt_out = "CrossLinkingInContent"\n'
        "template = '[{text}]({{< ref \"/{id}\" >}})'\n"
    )
    with Project.open() as project:
        yield project


def test_the_first_mention_of_each_category_is_linked(project: Project) -> None:
    result = project.link(LUNCH)
    assert LUNCH.read_text() == LINKED
    assert (result.changed, result.added, result.removed, result.ok) == ((LUNCH,), 2, 0, True)
    assert Path(FILE).read_text().splitlines()[1:] == [
        "lunch.md\t(link)\t1+5 [Bread](/tags/bread/)",
        "lunch.md\t(link)\t1+6 [Cheese](/tags/cheese/)",
    ]


def test_a_second_time_nothing_changes(project: Project) -> None:
    project.link(".")
    before = Path(FILE).read_bytes()
    result = project.link(".")
    assert (result.changed, result.unchanged, result.added) == ((), 2, 0)
    assert (LUNCH.read_text(), Path(FILE).read_bytes()) == (LINKED, before)


def test_what_was_written_is_taken_out_exactly(project: Project) -> None:
    LUNCH.write_bytes(b"\xef\xbb\xbf---\r\ntitle: x\r\n---\r\nRye\r\nbread. Wine  \r\n\r\n")
    before = LUNCH.read_bytes()
    project.link(LUNCH)
    assert LUNCH.read_bytes().count(b"](/tags/") == 2
    result = project.link(LUNCH, options=UNDO)
    assert LUNCH.read_bytes() == before
    assert (result.added, result.removed) == (0, 2)
    assert len(Path(FILE).read_text().splitlines()) == 1
    assert project.link(LUNCH).added == 2


def test_links_of_people_stay(project: Project) -> None:
    own = "See [bread](/tags/bread/) and wine.\n"
    LUNCH.write_text(own)
    project.link(LUNCH)
    assert LUNCH.read_text() == own.replace("wine", "[wine](/tags/wine/)")
    project.link(LUNCH, options=UNDO)
    assert LUNCH.read_text() == own


def test_a_dry_run_shows_a_diff_and_writes_nothing(project: Project) -> None:
    before, seen = LUNCH.read_bytes(), list[LinkOutcome]()
    result = project.link(LUNCH, dry_run=True, on_file=seen.append)
    assert result.changed == (LUNCH,)
    assert LUNCH.read_bytes() == before
    assert not Path(FILE).exists()
    assert not Path(".classify").exists()
    (outcome,) = seen
    assert not isinstance(outcome, Refused)
    assert "+[Bread](/tags/bread/), more" in outcome.edited.diff()


def test_what_is_judged_stays_judged(project: Project) -> None:
    project.run(".")
    project.link(".")
    run = project.run(".")
    assert run.progress.due_pairs == 0
    assert not project.apply(".").not_judged
    project.link(".", options=UNDO)
    assert project.run(".").progress.due_pairs == 0


def test_a_link_that_a_person_removed_is_restored_only_on_demand(project: Project) -> None:
    before = LUNCH.read_text()
    project.link(LUNCH)
    LUNCH.write_text(before)
    assert project.link(LUNCH).changed == ()
    assert project.link(LUNCH, options=LinkOptions(restore=True)).added == 2
    assert LUNCH.read_text() == LINKED


def test_a_copy_of_our_link_keeps_both_from_being_taken_out(project: Project) -> None:
    project.link(LUNCH)
    twice = LINKED + LINKED
    LUNCH.write_text(twice)
    result = project.link(LUNCH, options=UNDO)
    assert LUNCH.read_text() == twice
    assert [it.path for it in result.refused] == [LUNCH]
    assert "more than once" in result.refused[0].message


def test_settings_choose_template_number_and_opt_out(restart: Project) -> None:
    LUNCH.write_text("---\nCrossLinkingInContent: false\n---\nBread\n")
    before = LUNCH.read_text()
    assert restart.link(".").changed == (Path("dinner.md"),)
    assert LUNCH.read_text() == before
    LUNCH.write_text("Bread and cheese.\n")
    restart.link(".")
    assert LUNCH.read_text() == '[Bread]({{< ref "/tags/bread" >}}) and cheese.\n'
    restart.link(".", options=LinkOptions(at_most=2))
    assert LUNCH.read_text().endswith('and [cheese]({{< ref "/tags/cheese" >}}).\n')


def test_links_in_an_older_form_are_written_again(project: Project, restart: Project) -> None:
    project.link("dinner.md")
    result = restart.link("dinner.md")
    assert (result.added, result.removed) == (1, 1)
    text = '[Wine]({{< ref "/tags/wine" >}}), wine and wine.\n'
    assert Path("dinner.md").read_text() == text


def test_links_of_other_kinds_stay(project: Project) -> None:
    LUNCH.write_text("A craft, and wine.\n")
    project.link(LUNCH)
    text = LUNCH.read_text()
    project.only(kinds=["tags"]).link(LUNCH)
    assert LUNCH.read_text() == text == "A [craft](/concepts/craft/), and [wine](/tags/wine/).\n"


def test_a_link_of_a_category_that_is_gone_goes(project: Project) -> None:
    project.link(LUNCH)
    Path("taxonomy/tags/cheese.md").unlink()
    project.forget_parts()
    project.link(LUNCH)
    assert LUNCH.read_text() == LINKED.replace("[Cheese](/tags/cheese/)", "Cheese")


def test_links_may_be_noted_in_the_front_matter(project: Project) -> None:
    inside = project.with_settings(provenance="front-matter")
    LUNCH.write_text("---\ntitle: x\nclassify_labels: [tags=Bread]\n---\nBread\n")
    before = LUNCH.read_bytes()
    inside.link(LUNCH)
    text = LUNCH.read_text()
    assert text.endswith("[Bread](/tags/bread/)\n")
    assert "(link)=1+5 [Bread](/tags/bread/)" in text
    assert inside.link(LUNCH).changed == ()
    assert not Path(FILE).exists()
    inside.link(LUNCH, options=UNDO)
    assert LUNCH.read_bytes() == before


def test_a_file_without_front_matter_cannot_note_links_itself(project: Project) -> None:
    inside = project.with_settings(provenance="front-matter")
    before = LUNCH.read_bytes()
    assert [it.path for it in inside.link(LUNCH).refused] == [LUNCH]
    assert LUNCH.read_bytes() == before


def test_a_kill_before_the_file_is_noted_loses_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = LUNCH.read_text()
    with monkeypatch.context() as patch:
        patch.setattr(noted_writing.NotingWriter, "_settle", killed)
        with pytest.raises(KeyboardInterrupt):
            project.link(LUNCH)
    assert LUNCH.read_text() == LINKED
    project.link(LUNCH, options=UNDO)
    assert LUNCH.read_text() == before


def test_categories_whose_address_would_break_a_link_are_named(
    project: Project, events: list[Event]
) -> None:
    Path("taxonomy/tags/a) b.md").write_text("---\ntitle: Bagel\n---\n")
    LUNCH.write_text("A bagel\n")
    assert project.link(LUNCH).changed == ()
    assert any("would break a link" in it.text for it in events if isinstance(it, Message))


def test_articles_that_cannot_be_read_are_named(project: Project) -> None:
    LUNCH.write_bytes(b"\xff\xfe")
    result = project.link(".")
    assert [it.path for it in result.refused] == [LUNCH]
    assert result.changed == (Path("dinner.md"),)


def test_a_template_is_checked(project: Project) -> None:
    with pytest.raises(SettingsError, match=r"expected \{text\}"):
        project.with_settings(links={"template": "x"})


LABELS_ONLY = LinkOptions(labels_only=True)


def test_only_labels_of_the_article_are_linked(project: Project) -> None:
    project.run(".")
    result = project.link(".", options=LABELS_ONLY)
    assert (result.added, result.not_judged, result.ok) == (2, (), True)
    # Cheese is mentioned once, which makes it no label.
    assert LUNCH.read_text() == LINKED.replace("[Cheese](/tags/cheese/)", "Cheese")
    assert project.link(".", options=LABELS_ONLY).changed == ()


def test_a_link_to_what_is_no_label_any_more_is_taken_out(project: Project) -> None:
    project.run(".")
    project.link(LUNCH)
    project.reject(LUNCH, "Bread")
    project.accept(LUNCH, "Cheese")
    result = project.link(LUNCH, options=LABELS_ONLY)
    assert (result.added, result.removed) == (0, 1)
    assert LUNCH.read_text() == LINKED.replace("[Bread](/tags/bread/)", "Bread")
    assert project.run(".").progress.due_pairs == 0


def test_a_removed_link_stays_removed_while_its_category_is_no_label(project: Project) -> None:
    before = LUNCH.read_text()
    project.run(".")
    project.link(LUNCH)
    LUNCH.write_text(f"{before}Wine.\n")
    project.reject(LUNCH, "Bread")
    project.accept(LUNCH, "Wine")
    project.run(LUNCH)
    assert project.link(LUNCH, options=LABELS_ONLY).added == 1
    assert project.link(LUNCH).changed == ()
    assert LUNCH.read_text() == f"{before}[Wine](/tags/wine/).\n"


def test_articles_whose_labels_nobody_knows_stay(project: Project) -> None:
    project.link(LUNCH)
    project.run("dinner.md")
    result = project.link(".", options=LABELS_ONLY)
    assert (result.not_judged, result.changed, result.ok) == ((LUNCH,), (Path("dinner.md"),), False)
    assert LUNCH.read_text() == LINKED
    Path("dinner.md").unlink()
    result = project.link(".", options=LinkOptions(labels_only=True, undo=True))
    assert (result.removed, result.ok) == (2, True)


def test_a_category_that_is_not_judged_yet_keeps_its_link(project: Project, site: Path) -> None:
    project.run(".")
    project.link(LUNCH)
    definition = site / "taxonomy" / "tags" / "cheese.md"
    definition.write_text("---\ntitle: Cheese\ndescription: Of milk.\n---\n")
    with Project.open() as later:
        result = later.link(LUNCH, options=LABELS_ONLY)
    assert (result.changed, result.ok) == ((), True)
    assert LUNCH.read_text() == LINKED


def test_rivals_that_are_left_out_of_the_links_decide_all_the_same(
    project: Project, site: Path
) -> None:
    (site / "classify.toml").write_text(
        'categories = "taxonomy"\nat_most = 1\n[links]\nlabels_only = true\n'
    )
    LUNCH.write_text("Bread, bread, bread and cheese, cheese.\n")
    with Project.open() as later:
        later.run(LUNCH)
        only = later.only(categories=["cheese"])
        assert only.link(LUNCH).added == 0
        assert only.link(LUNCH, options=LinkOptions(labels_only=False)).added == 1


def test_a_link_of_ours_that_is_there_twice_stays_known(project: Project) -> None:
    project.run(".")
    project.link(LUNCH)
    twice = LINKED + LINKED
    LUNCH.write_text(twice)
    project.run(".")
    project.reject(LUNCH, "Bread")
    project.link(LUNCH, options=LABELS_ONLY)
    assert "\t1+5 [Bread](/tags/bread/)" in Path(FILE).read_text()
    assert LUNCH.read_text().count("[Bread]") == 2
