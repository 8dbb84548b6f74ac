"""`--sidecar` and `classify sidecars`: nothing is lost on the way to the files and back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.cli_sites import ENTRY, write_lunch_and_trip

from classifier.sidecars.parsing import LEGACY_SCORER
from classifier.store import JudgementRecord, Store

STORE = Path(".classify/records.sqlite3")
LUNCH = Path("site/data.lunch.classifications.json")


@pytest.fixture
def site(project: Path) -> Path:
    return write_lunch_and_trip(project)


def read(path: Path = LUNCH) -> dict[str, dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))


def files() -> dict[str, tuple[bytes, int]]:
    found = Path("site").rglob("data.*.json")
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def records(path: Path = STORE) -> list[JudgementRecord]:
    """Return everything that is stored about the articles of the site."""
    with Store.open(path, read_only=True) as store:
        digests = [digest for file in store.paths() for digest, _ in store.versions(file)]
        found = [record for digest in digests for record in store.history(digest)]
    return sorted(found, key=lambda it: (it.scorer, it.article, it.judgement.category))


def before(changes: dict[str, object] | None = None, *, path: Path = LUNCH, key="Wine") -> None:
    path.write_text(json.dumps({key: ENTRY | (changes or {})}, indent=2), encoding="utf-8")


# --- there and back ------------------------------------------------------------------------------


def test_a_run_writes_a_sidecar_beside_every_article(run, site: Path) -> None:
    ran = run("site", "--sidecar")
    assert ran.code == 0
    assert "2 sidecars written, 0 unchanged" in ran.err
    assert set(files()) == {str(LUNCH), "site/trip/data.index.classifications.json"}
    assert list(read()) == ["Craft", "Bread", "Cheese", "Olives", "Wine"]
    bread = read()["Bread"]
    assert (bread["id"], bread["final_score"], bread["label"]) == ("tags/bread", 90.0, True)


def test_a_single_article_has_its_page_and_its_sidecar(run, site: Path) -> None:
    ran = run("site/lunch.md", "site/trip", "--sidecar")
    assert (ran.code, "Lunch" in ran.out) == (0, True)
    assert len(files()) == 2


def test_a_second_run_touches_no_file(run, site: Path) -> None:
    run("site", "--sidecar")
    was = files()
    assert "0 sidecars written, 2 unchanged" in run("site", "--sidecar").err
    assert files() == was


@pytest.mark.slow
def test_a_file_that_was_only_formatted_in_another_way_is_left_alone(run, site: Path) -> None:
    run("site", "--sidecar")
    LUNCH.write_text("\ufeff" + json.dumps(read()).replace(", ", ",\r\n"), newline="")
    was = files()
    assert "0 sidecars written" in run("site", "--sidecar").err
    assert files() == was


def test_a_changed_definition_changes_its_entry_alone(run, site: Path) -> None:
    run("site", "--sidecar")
    was = read()
    (site.parent / "taxonomy/tags/cheese.md").write_text("---\ntitle: Cheese\naliases: [Brie]\n---")
    run("site", "--sidecar")
    now = read()
    assert [key for key in now if now[key] != was[key]] == ["Cheese"]


@pytest.mark.slow
def test_a_copy_of_the_site_without_its_store_is_judged_for_free(run, site: Path) -> None:
    run("site", "--sidecar")
    run("accept", "site/lunch.md", "wine", "--note", "there was some")
    run("site", "--sidecar")
    was, stored = files(), records()
    shutil.rmtree(".classify")
    ran = run("sidecars", "import", "site")
    assert ran.code == 0
    assert "10 judgements and 1 verdict imported from 2 files; 0 already stored" in ran.err
    assert records() == stored
    ran = run("site", "--sidecar")
    assert "nothing to judge: 2 articles x 5 categories are stored" in ran.out
    assert files() == was
    for path in was:
        Path(path).unlink()
    run("site", "--sidecar")
    assert {path: data for path, (data, _) in files().items()} == {
        path: data for path, (data, _) in was.items()
    }


@pytest.mark.slow
def test_a_second_import_brings_nothing_new(run, site: Path) -> None:
    run("site", "--sidecar")
    before(path=site / "data.lunch.tags.json")
    run("sidecars", "import", "site")
    was = records()
    ran = run("sidecars", "import", "site")
    assert "0 judgements and 0 verdicts imported from 3 files; 11 already stored" in ran.err
    assert records() == was


def test_the_word_of_a_person_that_was_taken_back_does_not_come_back(run, site: Path) -> None:
    run("accept", "site/lunch.md", "wine")
    run("site", "--sidecar")
    run("accept", "site/lunch.md", "wine", "--undo")
    run("sidecars", "import", "site")
    assert json.loads(run("verdicts", "list", "--json").out)["verdicts"] == []
    run("site", "--sidecar")
    assert "verdict" not in read()["Wine"]


def test_labels_are_those_of_the_whole_taxonomy_whatever_was_judged_this_time(
    run, site: Path
) -> None:
    run("site", "--sidecar")
    was = read()
    ran = run("site", "--category", "olives", "--sidecar")
    assert ran.code == 0
    assert read() == was


def test_a_part_of_the_taxonomy_leaves_the_rest_as_it_is(run, site: Path) -> None:
    run("site", "--kind", "tags", "--sidecar")
    assert "Craft" not in read()
    run("site", "--kind", "concepts", "--sidecar")
    assert list(read()) == ["Craft", "Bread", "Cheese", "Olives", "Wine"]


def test_what_could_not_be_judged_keeps_what_was_said_before(run, site: Path) -> None:
    run("site", "--sidecar")
    was = read()
    (site / "lunch.md").write_text("---\ntitle: Lunch\n---\nFAIL refused\nOnly wine.\n")
    ran = run("site", "--sidecar")
    assert ran.code == 1
    now = read()
    assert now["Craft"] == was["Craft"]
    assert now["Wine"]["article_digest"] != was["Wine"]["article_digest"]


# --- files of before -----------------------------------------------------------------------------


def test_a_file_of_before_becomes_records_of_nobody_in_particular(run, site: Path) -> None:
    before()
    before(key="Loaves", changes={"category": "Loaves"}, path=site / "data.lunch.tags.json")
    (site.parent / "taxonomy/tags/bread.md").write_text("---\ntitle: Bread\naliases: [loaves]\n---")
    ran = run("sidecars", "import", "site")
    assert ran.code == 0
    assert "2 judgements and 0 verdicts imported from 2 files" in ran.err
    assert "2 aspects outside 0-100, clamped" in ran.err
    bread, wine = records()
    assert (bread.judgement.category, wine.judgement.category) == ("tags/bread", "tags/wine")
    assert (wine.scorer, wine.judgement.confidence, wine.judged_at) == (
        LEGACY_SCORER,
        0.84,
        1714979289,
    )
    assert wine.judgement.aspects == {"mentions": 1.0}
    assert "imported" in run("history", "site/lunch.md").out


def test_a_file_called_after_a_kind_is_of_that_kind(run, site: Path) -> None:
    (site.parent / "taxonomy/concepts/wine.md").write_text("---\ntitle: Wine\n---\n")
    before(path=site / "data.lunch.tags.json")
    run("sidecars", "import", "site")
    (wine,) = records()
    assert wine.judgement.category == "tags/wine"


@pytest.mark.slow
def test_entries_of_before_stay_until_they_are_stored(run, site: Path) -> None:
    LUNCH.write_text(json.dumps({"Beer": ENTRY | {"category": "Beer"}, "Wine": ENTRY}))
    was = LUNCH.read_bytes()
    ran = run("site", "--sidecar")
    assert ran.code == 1
    assert f"'{LUNCH}': its entry for 'Wine' would be lost, because it is not stored" in ran.err
    assert LUNCH.read_bytes() == was
    run("sidecars", "import", str(LUNCH))
    assert run("site", "--sidecar").code == 0
    assert read()["Beer"] == ENTRY | {"category": "Beer"}
    assert read()["Wine"]["scorer"].startswith("keywords:")
    assert list(read())[-1] == "Beer"


def test_an_entry_of_before_under_the_name_of_another_category_is_not_overwritten(
    run, site: Path
) -> None:
    before({"category": "Beer"})
    assert run("site", "--sidecar").code == 1
    assert read() == {"Wine": ENTRY | {"category": "Beer"}}


def test_an_edit_of_the_article_does_not_make_what_was_imported_unknown(run, site: Path) -> None:
    before()
    run("sidecars", "import", "site")
    (site / "lunch.md").write_text("---\ntitle: Lunch\n---\nOther words.\n")
    assert "0 judgements and 0 verdicts imported" in run("sidecars", "import", "site").err
    assert run("site", "--sidecar").code == 0


@pytest.mark.slow
def test_records_of_another_scorer_are_not_overwritten_before_they_are_imported(
    run, site: Path
) -> None:
    run("site", "--sidecar")
    LUNCH.write_text(LUNCH.read_text().replace("keywords:counting", "openai:gpt"))
    shutil.rmtree(".classify")
    ran = run("site", "--sidecar")
    assert ran.code == 1
    assert "its entry for 'Craft' and 4 more would be lost" in ran.err
    assert "openai:gpt" in LUNCH.read_text()
    run("sidecars", "import", "site")
    assert run("site", "--sidecar").code == 0
    assert "openai:gpt" not in LUNCH.read_text()
    assert {it.scorer for it in records()} >= {"openai:gpt:0123456789"}


def test_judged_again_elsewhere_with_the_same_result_changes_no_time(run, site: Path) -> None:
    run("site", "--sidecar")
    was = files()
    shutil.rmtree(".classify")
    assert "0 sidecars written, 2 unchanged" in run("site", "--sidecar").err
    assert files() == was


def test_our_entry_of_a_category_that_is_no_more_goes(run, site: Path) -> None:
    run("site", "--sidecar")
    (site.parent / "taxonomy/tags/olives.md").unlink()
    run("site", "--sidecar")
    assert list(read()) == ["Craft", "Bread", "Cheese", "Wine"]


# --- what cannot be used -------------------------------------------------------------------------


def _link(path: Path) -> None:
    path.with_name("elsewhere.json").write_text("{}")
    path.symlink_to("elsewhere.json")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.write_text("{"), "not usable JSON"),
        (lambda path: path.write_bytes(b'"\xff"'), "not UTF-8"),
        (lambda path: path.mkdir(), "a link, folder or device"),
        (_link, "a link, folder or device"),
        (lambda path: path.write_bytes(b" " * (16 * 2**20 + 1)), "larger than"),
        (lambda path: before({"final_score": 200}), "'Wine': final_score = 200"),
    ],
)
def test_a_file_that_cannot_be_used_is_left_alone_and_the_others_are_not(
    run, site: Path, spoil: Callable[[Path], object], told: str
) -> None:
    spoil(LUNCH)
    before(path=site / "trip/data.index.classifications.json")
    ran = run("sidecars", "import", "site")
    assert ran.code == 1
    (line,) = (line for line in ran.err.splitlines() if told in line)
    assert f"'{LUNCH}': " in line
    assert "1 judgement and 0 verdicts imported" in ran.err
    assert run("site/lunch.md", "--sidecar").code == 1


def test_two_articles_that_would_share_a_sidecar_have_none(run, site: Path) -> None:
    (site / "lunch.mdx").write_text("---\ntitle: Other\n---\nBread.\n")
    ran = run("site", "--sidecar")
    assert ran.code == 1
    assert "both 'lunch.md' and 'lunch.mdx': rename one of them" in ran.err
    assert not LUNCH.exists()


def test_a_sidecar_without_its_article_is_told(run, site: Path) -> None:
    (site / "data.gone.classifications.json").write_text("{}")
    ran = run("sidecars", "import", "site/data.gone.classifications.json")
    assert ran.code == 2
    assert "the article of this sidecar does not exist" in ran.err


def test_an_article_that_cannot_be_read_is_told_only_where_it_has_a_sidecar(
    run, site: Path
) -> None:
    (site / "bad.md").write_bytes(b"\xff")
    assert run("sidecars", "import", "site").code == 0
    before(path=site / "data.bad.classifications.json")
    ran = run("sidecars", "import", "site")
    assert ran.code == 1
    assert "'site/bad.md' is not UTF-8" in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["site", "--no-store"], "--no-store keeps none"),
        (["site", "--dry-run"], "nothing for --sidecar"),
        (["-"], "standard input"),
    ],
)
def test_options_that_contradict_a_sidecar_are_refused(
    run, site: Path, arguments: list[str], told: str
) -> None:
    ran = run(*arguments, "--sidecar")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert told in ran.err


def test_sidecars_are_no_articles(run, site: Path) -> None:
    run("site", "--sidecar")
    assert "nothing to judge: 2 articles" in run("site").out
