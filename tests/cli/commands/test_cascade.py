"""A keyword scorer first, then a real server on loopback."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from support.cascade_site import ARTICLES, PAIRS, TITLES, asked
from support.chat_server import ChatServer, refusing

from classifier import artifacts
from classifier.scorers.cascade import deferral


def rows(project: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((project / "rows.csv").read_text().splitlines()))


def test_the_model_is_asked_about_the_shortlist_and_the_rest_keeps_the_first_judgement(
    run_cascade, cascade_site: Path, server: ChatServer
) -> None:
    ran = run_cascade("--shortlist", "1", "--output", "rows.csv")
    assert ran.code == 0
    assert "the 1 likeliest categories of each kind, no guaranteed recall" in ran.err
    found = rows(cascade_site)
    judges = [row["scorer"].partition(":")[0] for row in found]
    assert judges.count("openai") == asked(server)
    assert asked(server) + judges.count("keywords") == PAIRS
    # One tag and the only concept of each article, and one of a hundred others.
    assert 2 * ARTICLES <= asked(server) <= 2 * ARTICLES + 8
    for row in found:
        likeliest = row["category"] in ("tags/bread", "tags/cheese", "tags/olives", "tags/wine")
        if likeliest and float(row["confidence"]) > 0.5:
            assert row["scorer"].startswith("openai")


def test_a_second_run_and_another_shortlist_pay_for_nothing_twice(
    run_cascade, server: ChatServer
) -> None:
    run_cascade("--shortlist", "2")
    before = asked(server)
    assert run_cascade("--shortlist", "2").code == 0
    assert run_cascade("--shortlist", "1").code == 0
    assert asked(server) == before
    run_cascade("--shortlist", "4")
    assert asked(server) == PAIRS
    assert (
        "nothing to judge: 40 articles x 5 categories are stored"
        in run_cascade("--shortlist", "4").out
    )


def test_the_summary_says_what_recall_the_sample_supports(run_cascade) -> None:
    told = " ".join(run_cascade("--shortlist", "1").out.split())
    assert "settled by keywords (counting)" in told
    assert "no guaranteed recall" in told
    assert "estimated recall" in told
    assert "at least 0." in told
    assert "sampled pairs were labels" in told
    every = " ".join(run_cascade("--shortlist", "4").out.split())
    assert "0 pairs settled by keywords (counting), 200 asked about" in every
    assert "recall 1.000: the model was asked about every pair" in every
    assert "sample" not in every.partition("asked about")[2]


def test_a_cut_is_measured_written_and_used_and_its_answers_are_not_paid_for_again(
    ask, run_cascade, cascade_site: Path, server: ChatServer
) -> None:
    ran = ask("cascade", "site", "--recall", "0.5")
    assert ran.code == 0, ran.err
    told = " ".join(ran.out.split())
    assert "of the pairs skip the language model: recall >= 0.5 with 95% confidence" in told
    sample = asked(server)
    assert sample < PAIRS
    measured = deferral.load(cascade_site / "taxonomy" / artifacts.FILES["cuts"]).cascades
    assert len(measured) == 1
    ran = run_cascade("--output", "rows.csv")
    assert "thresholds of 2" in ran.out
    assert "no thresholds are tuned" not in ran.err
    judged = [row["scorer"].partition(":")[0] for row in rows(cascade_site)]
    assert judged.count("keywords") > 0
    # The first look draws a few that no rule asks about again.
    assert judged.count("openai") <= asked(server) <= judged.count("openai") + 12
    before = asked(server)
    assert ask("cascade", "site", "--recall", "0.5").code == 0
    assert asked(server) == before


def test_a_run_with_cuts_finds_what_a_run_without_a_cascade_finds(
    ask, run_cascade, cascade_site: Path
) -> None:
    ask("cascade", "site", "--recall", "0.5")
    run_cascade("--output", "rows.csv")
    cascaded = {(r["article"], r["category"]) for r in rows(cascade_site) if r["label"] == "true"}
    ask("run", "site", "--scorer", "openai", "--output", "rows.csv")
    alone = {(r["article"], r["category"]) for r in rows(cascade_site) if r["label"] == "true"}
    assert cascaded == alone


def test_too_few_labels_for_a_promise_are_told_and_all_is_asked_about(
    ask, run_cascade, server: ChatServer
) -> None:
    ran = ask("cascade", "site")
    assert ran.code == 0
    assert "no threshold would save calls" in ran.out
    run_cascade()
    assert asked(server) == PAIRS


def test_a_dry_run_of_measuring_writes_and_sends_nothing(
    ask, cascade_site: Path, server: ChatServer
) -> None:
    ran = ask("cascade", "site", "--dry-run")
    assert ran.code == 0
    assert f"at most: {PAIRS} pairs" in " ".join(ran.out.split())
    assert not server.requests
    assert not (cascade_site / "taxonomy" / artifacts.FILES["cuts"]).exists()
    assert not (cascade_site / ".classify").exists()


def test_a_budget_that_does_not_do_writes_no_cut_and_can_be_gone_on_with(
    ask, cascade_site: Path, server: ChatServer
) -> None:
    ran = ask("cascade", "site", "--max-calls", "3")
    assert ran.code == 1
    assert "budget used up" in ran.err
    assert len(server.requests) == 3
    assert not (cascade_site / "taxonomy" / artifacts.FILES["cuts"]).exists()
    assert ask("cascade", "site", "--recall", "0.5").code == 0
    assert len({request.raw for request in server.requests}) == len(server.requests)


def test_answers_that_cannot_be_had_promise_nothing(
    ask, cascade_site: Path, server: ChatServer
) -> None:
    server.always = refusing
    ran = ask("cascade", "site", "--recall", "0.5")
    assert ran.code == 1
    assert "refused" in ran.err
    (measured,) = deferral.load(
        cascade_site / "taxonomy" / artifacts.FILES["cuts"]
    ).cascades.values()
    assert all(kind.settled == 0 for kind in measured.kinds.values())


def test_the_parts_of_other_scorers_in_the_file_are_kept(ask, command, cascade_site: Path) -> None:
    ask("cascade", "site", "--recall", "0.5")
    ask("cascade", "site", "--recall", "0.5", "--no-canary")
    assert len(deferral.load(cascade_site / "taxonomy" / artifacts.FILES["cuts"]).cascades) == 2


def test_a_single_article_says_who_judged_what(ask, cascade_site: Path) -> None:
    ran = ask("site/00.md", "--scorer", "cascade", "--shortlist", "1", "--json")
    document = json.loads(ran.out)
    judges = {judged["scorer"].partition(":")[0] for judged in document["judgements"]}
    assert judges == {"keywords", "openai"}
    assert document["scorer"].startswith("cascade:m1:")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("cascade", "site", "--recall", "1"), "--recall 1.0: expected a number between 0 and 1"),
        (("cascade", "--model", "m"), "name the articles to tune on"),
        (("cascade", "site", "--gold", "a.csv"), "--gold names the articles"),
        (("run", "site", "--shortlist", "3"), "--shortlist is for a cascade"),
        (("run", "site", "--cuts", "off", "--scorer", "openai"), "--cuts is for a cascade"),
        (("run", "site", "--scorer", "cascade"), "scorer 'cascade' needs the name of a model"),
        (
            ("run", "site", "--scorer", "cascade", "--model", "m", "--cuts", "no.json"),
            "cannot read 'no.json'",
        ),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(
    cascade_site: Path, command, arguments: tuple[str, ...], told: str
) -> None:
    ran = command(*arguments)
    assert ran.code == 2
    assert told in ran.err


def test_with_peoples_labels_a_cut_is_measured_and_the_model_is_not_asked(
    ask, run_cascade, cascade_site: Path, server: ChatServer
) -> None:
    lines = [f"site/{n:02}.md,{TITLES[n % 4]}\n" for n in range(ARTICLES)]
    (cascade_site / "gold.csv").write_text("article,category\n" + "".join(lines))
    ran = ask("cascade", "--gold", "gold.csv", "--recall", "0.9")
    assert ran.code == 0, ran.err
    told = " ".join(ran.out.split())
    assert "based on 40 labels of 'gold.csv', 0 of them below the threshold" in told
    assert not server.requests
    ran = run_cascade()
    assert "recall 0.9 with 95% confidence for labels like those of 'gold.csv'" in " ".join(
        ran.out.split()
    )
    # Each article's own tag and, as no label of its kind is known, the concept.
    assert 2 * ARTICLES <= asked(server) <= 2 * ARTICLES + 8


def test_cuts_of_other_scorers_are_not_used_and_it_is_said(
    ask, run_cascade, cascade_site: Path
) -> None:
    ask("cascade", "site", "--recall", "0.5")
    ran = run_cascade("--no-canary", "--dry-run")
    assert "cascade.json' is for other scorers" in ran.err
    assert "no guaranteed recall" in ran.out


def test_a_minimum_so_low_that_the_model_may_not_be_asked_about_a_label_is_warned_about(
    run_cascade, cascade_site: Path
) -> None:
    (cascade_site / "classify.toml").write_text('categories = "taxonomy"\nminimum = 0.3\n')
    assert "labels of concepts, tags need less than 0.4" in run_cascade("--dry-run").err
