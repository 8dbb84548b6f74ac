"""A run over a folder keeps a profile of the site, and all verbs decide with it."""

from __future__ import annotations

import json
import re
import shutil
import struct
from base64 import b64decode
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from support.reports import held

from classifier import Classifier, composition, site_profile
from classifier.content.document import read
from classifier.models import ConfidenceKind, Failure, Judgement, Outcome, Result, Task, digest
from classifier.project import Project
from classifier.project.events import Event, Message
from classifier.project.review import Review
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.site_profile import SiteProfile
from classifier.web.review.whole import whole

TAGS = ("apples", "bread", "cheese", "dates", "eggs", "figs", "grapes", "honey")
PROFILE = Path(".classify/records.profile.json")


class Scores(EmbeddedScorer):
    """Judges by the words of an article, low as a scorer that does not know the site."""

    identity = "embedded:words:1"

    def with_cache(self, vectors: object) -> Scores:
        return self

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            yield Outcome(
                task=task,
                judgements=tuple(
                    Judgement(
                        category=category.id,
                        confidence=_confidence(task.article.body, category.title),
                        kind=ConfidenceKind.SIMILARITY,
                        scorer=self.identity,
                    )
                    for category in task.categories
                ),
            )


def _confidence(text: str, title: str) -> float:
    noise = int(digest(text, title)[:4], 16) / 0xFFFF / 50
    return round(min(text.count(title.lower()) * 0.12 + noise, 1.0), 4)


def write(start: int, stop: int, folder: str = "posts") -> None:
    Path(folder).mkdir(exist_ok=True)
    for n in range(start, stop):
        words = [TAGS[n % 8]] * (1 + n % 4) + [TAGS[(3 * n + 1) % 8]] * (n % 3)
        Path(folder, f"{n:03}.md").write_text(f"---\ntitle: Day {n}\n---\n{' '.join(words)} {n}\n")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(composition, "_embedded", lambda _settings: Scores())
    for tag in TAGS:
        path = tmp_path / "tags" / f"{tag}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\ntitle: {tag.title()}\n---\n")
    Path("classify.toml").write_text('categories = "tags"\n')
    write(0, 40)
    return tmp_path


def run(folder: str = "posts", **settings: object) -> tuple[dict[str, list[str]], list[str]]:
    """Return labels by article, and what was said."""
    said: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, Message):
            said.append(event.text)

    with Project.open(on_event=listen, **settings) as project:
        found = project.run(folder)
        said += found.policy.taxonomy.warnings
        return labels_of(found.results()), said


def labels_of(results: Iterable[Result]) -> dict[str, list[str]]:
    return {result.article: result.labels["tags"] for result in results}


def _tags(path: Path) -> list[str]:
    document = read(path)
    assert not isinstance(document, Failure)
    return list(document.front_matter.meta.get("tags", []))


def kept() -> SiteProfile:
    return site_profile.load(PROFILE)


def test_a_folder_gives_more_than_the_default_minimum_does(home: Path) -> None:
    by_default, _ = run(profile="off")
    assert not PROFILE.exists()
    by_profile, said = run()
    assert sum(map(len, by_default.values())) < sum(map(len, by_profile.values()))
    assert said == []
    assert kept().articles == 40


def test_an_article_has_the_same_labels_alone_and_in_its_folder(home: Path) -> None:
    in_folder, _ = run()
    with Project.open() as project:
        alone = {path: project.classify(Path(path)) for path in in_folder}
        many = labels_of(project.classify_many(map(Path, in_folder)))
        from_store = labels_of(project.run(*in_folder).results())
    pipeline = Classifier.from_settings()
    assert labels_of(alone.values()) == many == from_store == in_folder
    assert labels_of(pipeline.classify_many(map(Path, in_folder))) == in_folder
    assert {result.decision.profile for result in alone.values()} == {kept().description}


def test_a_rejection_says_that_the_minimum_is_the_sites(home: Path) -> None:
    run()
    with Project.open() as project:
        result = project.classify(Path("posts/003.md"))
    reasons = [rejection.why for rejection in result.decision.rejections]
    assert any(
        re.fullmatch(r"0\.\d+ is below the minimum of 0\.\d+ for this site", why) for why in reasons
    )
    assert all(judged.raw is None for judged in result.judgements)


def test_results_of_a_first_run_have_the_labels_of_the_next_one(home: Path) -> None:
    handed: list[Result] = []
    with Project.open() as project:
        labels = labels_of(project.run("posts", on_result=handed.append).results())
        assert labels_of(handed) == labels
        again: list[Result] = []
        project.run("posts", on_result=again.append)
    assert labels_of(again) == labels


def test_the_order_in_which_articles_came_does_not_matter(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(home, home.with_name("other"))
    run()
    one = kept()
    monkeypatch.chdir(home.with_name("other"))
    shutil.move("posts", "all")
    for number in range(39, -1, -1):
        Path("posts").mkdir(exist_ok=True)
        shutil.move(f"all/{number:03}.md", f"posts/{number:03}.md")
        if number % 10 == 0:
            with Project.open(profile="off") as project:
                project.run("posts")
    run()
    assert kept() == one


def test_few_new_articles_leave_the_profile_and_the_labels_of_others(home: Path) -> None:
    before, _ = run()
    profile = kept()
    write(40, 48)
    with Project.open() as project:
        assert project.run("posts").profile is None
    after, _ = run()
    assert kept() == profile
    assert {path: after[path] for path in before} == before
    assert len(after) == 48


def test_many_new_articles_renew_it_and_changed_labels_are_counted(home: Path) -> None:
    before, _ = run()
    profile = kept()
    for n in range(40, 80):
        Path(f"posts/{n:03}.md").write_text(" ".join([tag + " " for tag in TAGS] * 4) + f"{n}")
    with Project.open() as project:
        found = project.run("posts")
        after = labels_of(found.results())
    assert kept() != profile
    assert found.profile is not None
    assert found.profile.renewed
    assert found.profile.profile == kept()
    added = sum(len({*after[path]} - {*before[path]}) for path in before)
    removed = sum(len({*before[path]} - {*after[path]}) for path in before)
    assert (found.profile.added, found.profile.removed) == (added, removed)
    assert added + removed > 0


def test_a_first_profile_counts_what_it_changes_for_articles_that_had_labels(home: Path) -> None:
    before, _ = run(profile="off")
    with Project.open() as project:
        found = project.run("posts")
        after = labels_of(found.results())
    assert found.profile is not None
    assert not found.profile.renewed
    added = sum(len({*after[path]} - {*before[path]}) for path in before)
    assert found.profile.added == added > 0


def test_a_run_over_a_part_of_the_site_renews_nothing(home: Path) -> None:
    write(100, 112, "news")
    run(".")
    profile = kept()
    shutil.copy("posts/001.md", "news/copy.md")
    write(200, 204, "news")
    run("news")
    assert kept() == profile


def test_two_folders_of_a_site_do_not_take_the_profile_from_each_other(home: Path) -> None:
    write(100, 140, "news")
    run("posts")
    run("news")
    both = kept()
    assert both.articles == 80
    run("posts")
    run("news")
    assert kept() == both


def test_a_tiny_folder_has_none(home: Path) -> None:
    write(100, 109, "few")
    run("few")
    assert not PROFILE.exists()


def test_articles_named_one_by_one_and_a_chosen_part_make_none(home: Path) -> None:
    with Project.open() as project:
        project.run(*sorted(Path("posts").glob("*.md")))
        project.only(categories=["bread", "figs"]).run("posts")
        project.only(include=["00*"]).run("posts")
        project.run("posts", store=False)
    assert not PROFILE.exists()


def test_a_minimum_that_a_person_has_set_wins(home: Path) -> None:
    run()
    with Project.open(minimum=0.5) as project:
        assert project.policy.decided_by == ""
    with Project.open(rules={"tags": {"minimum": 0.4}}) as project:
        assert project.policy.decided_by == ""
    with Project.open(rules={"tags": {"at_most": 2}}) as project:
        assert project.policy.decided_by == kept().description
    assert run(minimum=0.5)[0] == run(profile="off")[0]


def test_it_is_not_used_for_other_scorers_or_other_categories(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    for tag in TAGS[:3]:
        Path(f"tags/{tag}.md").write_text(f"---\ntitle: {tag.title()}\ndescription: New\n---\n")
    with Project.open() as project:
        assert project.policy.decided_by == ""
        assert project.run("posts").profile is not None
        assert project.policy.decided_by == kept().description
    monkeypatch.setattr(Scores, "identity", "embedded:words:2")
    with Project.open() as project:
        assert project.policy.decided_by == ""


def test_one_edited_category_keeps_it_in_use(home: Path) -> None:
    run()
    profile = kept()
    Path("tags/figs.md").write_text("---\ntitle: Figs\ndescription: Fresh or dried.\n---\n")
    labels, _ = run()
    assert kept() == profile
    with Project.open() as project:
        assert (
            labels_of([project.classify(Path("posts/001.md"))])["posts/001.md"]
            == labels["posts/001.md"]
        )


@pytest.mark.parametrize("text", ["", "{", '{"version": 9}', '["\x1b[31m"]', "#!/bin/sh\nls\n"])
def test_a_file_that_is_no_profile_is_ignored_in_one_line_and_left_alone(
    home: Path, text: str
) -> None:
    by_default, _ = run(profile="off")
    PROFILE.write_text(text)
    labels, said = run()
    assert labels == by_default
    assert [line for line in said if "not a site profile" in line]
    assert not [line for line in said if "\n" in line or "\x1b" in line]
    assert PROFILE.read_text() == text


def test_a_clone_without_the_store_decides_as_its_origin(home: Path) -> None:
    labels, _ = run()
    assert Path(".classify/.gitignore").read_text() == f"*\n!{PROFILE.name}\n"
    Path(".classify/records.sqlite3").unlink()
    assert run()[0] == labels
    assert json.loads(PROFILE.read_text())["articles"] == 40


def test_a_profile_that_cannot_be_written_is_a_warning(home: Path) -> None:
    by_default, _ = run(profile="off")
    labels, said = run(profile="nowhere/profile.json")
    assert labels == by_default
    assert ["the site profile is not kept" in line for line in said] == [True]


def test_a_file_of_ones_own_choice_is_kept_there(home: Path) -> None:
    run(profile="site.json")
    assert not PROFILE.exists()
    assert site_profile.load(Path("site.json")).articles == 40


def test_apply_check_history_and_evaluation_decide_with_it(home: Path) -> None:
    labels, _ = run()
    with Project.open() as project:
        project.apply("posts")
        assert not project.check("posts").findings
        written = {path: sorted(_tags(Path(path))) for path in labels}
        assert {path: sorted(tags) for path, tags in labels.items()} == written
        assert project.history("posts/001.md").profile == kept().description
        Path("gold.csv").write_text("article,category,label\nposts/001.md,bread,1\n")
        assert project.evaluate("gold.csv").report.profile == kept().description
    with Project.open(profile="off") as project:
        assert project.check("posts").findings


def test_the_report_names_the_profile_and_has_the_minimum_of_each_pair(home: Path) -> None:
    run()
    with Project.open() as project:
        project.report("posts", output="page.html")
        results = list(project.run("posts").results())
        live = whole(Review(project, [Path("posts")]))
    (scorer,) = held(Path("page.html").read_text()).core["scorers"]
    assert scorer["decided_by"] == live["scorers"][0]["decided_by"] == kept().description
    ids = [category.id for category in project.definitions.categories]
    needed = {
        (result.article, it.category.id): int(it.minimum * 10_000 + 1e-7)
        for result in results
        for it in (*result.decision.labels, *result.decision.rejections)
    }
    in_order = [needed[result.article, name] for result in results for name in ids]
    assert scorer["needed"] == in_order
    assert len(set(in_order)) > len(ids)
    packed = b64decode(live["scorers"][0]["needed"])
    assert [value for (value,) in struct.iter_unpack("<h", packed)] == in_order


def test_the_report_of_what_rules_decide_names_no_profile(home: Path) -> None:
    run(profile="off")
    with Project.open(profile="off") as project:
        project.report("posts", output="page.html")
    (scorer,) = held(Path("page.html").read_text()).core["scorers"]
    assert (scorer["decided_by"], scorer["needed"]) == ("", [])
