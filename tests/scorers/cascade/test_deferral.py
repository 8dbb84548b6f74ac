from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import artifacts
from classifier.calibration import UNCHANGED
from classifier.errors import SettingsError
from classifier.models import Category, ConfidenceKind, Judgement
from classifier.scorers.cascade import deferral
from classifier.scorers.cascade.common_scale import CommonScale
from classifier.scorers.cascade.deferral import (
    MAX_THRESHOLD,
    ArticleThreshold,
    CascadeFile,
    CategoryThreshold,
    FittedThresholds,
    KindThreshold,
    Route,
    SettledArticles,
    Shortlist,
)

CATEGORIES = tuple(
    Category(id=f"{kind}/{n}", kind=kind, title=f"{kind} {n}")
    for kind in ("tags", "concepts")
    for n in range(6)
)
CONFIDENCES = st.lists(st.floats(0, 1), min_size=len(CATEGORIES), max_size=len(CATEGORIES))
ARTICLES = st.text(min_size=1, max_size=5)


def measured(cut: float, *, sample: float = 0.1, own: float | None = None) -> FittedThresholds:
    kind = KindThreshold(
        cut=cut,
        sample=sample,
        together=("tags",),
        articles=1,
        pairs=6,
        settled=0.5,
        labels=1,
        drawn=1,
        below=0,
        minimum=0.5,
    )
    categories = (
        {}
        if own is None
        else {CATEGORIES[0].id: CategoryThreshold(definition=CATEGORIES[0].digest, cut=own)}
    )
    return FittedThresholds(
        fitted="2026-01-01",
        recall=0.9,
        confidence=0.95,
        kinds={"tags": kind},
        categories=categories,
    )


@given(ARTICLES, CONFIDENCES, st.floats(0, 1))
def test_a_pair_at_or_above_the_cut_is_asked_about_and_below_only_when_drawn(
    article: str, confidences: list[float], cut: float
) -> None:
    rule = measured(cut)
    routes = rule.routes(article, zip(CATEGORIES, confidences, strict=True))
    for category, confidence in zip(CATEGORIES, confidences, strict=True):
        asked = confidence >= rule.threshold(category)
        assert (routes[category.id] is Route.DEFER) == asked
        assert category.kind == "tags" or asked  # a kind that is not in the file


@given(ARTICLES, CONFIDENCES, st.floats(0, 1), st.floats(0, 1))
def test_a_lower_cut_asks_about_all_that_a_higher_one_does(
    article: str, confidences: list[float], one: float, other: float
) -> None:
    judged = list(zip(CATEGORIES, confidences, strict=True))
    low, high = (measured(cut).routes(article, judged) for cut in sorted((one, other)))
    assert all(low[name] is not Route.KEEP for name in high if high[name] is not Route.KEEP)


@given(ARTICLES, CONFIDENCES, st.integers(1, 6))
def test_a_shortlist_has_the_likeliest_of_each_kind(
    article: str, confidences: list[float], size: int
) -> None:
    judged = list(zip(CATEGORIES, confidences, strict=True))
    routes = Shortlist(size).routes(article, judged)
    for kind in ("tags", "concepts"):
        those = [(confidence, routes[c.id]) for c, confidence in judged if c.kind == kind]
        asked = [confidence for confidence, fate in those if fate is Route.DEFER]
        rest = [confidence for confidence, fate in those if fate is not Route.DEFER]
        assert len(asked) >= size
        assert not rest or max(rest) <= min(asked)
        assert not rest or max(rest) < MAX_THRESHOLD


@given(ARTICLES, CONFIDENCES, st.integers(1, 6), st.sets(st.sampled_from(range(12))))
def test_in_smaller_company_a_pair_is_asked_about_at_least_as_soon(
    article: str, confidences: list[float], size: int, some: set[int]
) -> None:
    judged = list(zip(CATEGORIES, confidences, strict=True))
    every = Shortlist(size).routes(article, judged)
    fewer = Shortlist(size).routes(article, [judged[n] for n in some])
    assert all(every[name] is Route.KEEP for name in fewer if fewer[name] is Route.KEEP)


def test_the_share_that_is_drawn_is_the_share_asked_for() -> None:
    lots = [deferral.hash_uniform(f"article {n}", CATEGORIES[0].digest) for n in range(4000)]
    assert sum(lot < 0.1 for lot in lots) / len(lots) == pytest.approx(0.1, abs=0.02)
    other = [
        deferral.hash_uniform(f"article {n}", CATEGORIES[0].digest, "salt") for n in range(4000)
    ]
    both = sum(a < 0.1 and b < 0.1 for a, b in zip(lots, other, strict=True))
    assert both / len(lots) == pytest.approx(0.01, abs=0.008)


def test_a_changed_definition_falls_back_to_the_cut_of_its_kind() -> None:
    rule = measured(0.01, own=0.3)
    changed = Category(id=CATEGORIES[0].id, kind="tags", title="another title")
    assert rule.threshold(CATEGORIES[0]) == 0.3
    assert rule.threshold(changed) == 0.01


def test_no_cut_rules_out_what_might_be_a_label() -> None:
    assert measured(1.0, own=1.0).threshold(CATEGORIES[0]) == MAX_THRESHOLD


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    written = CascadeFile(cascades={deferral.key_of("a", "b"): measured(0.1, own=0.2)})
    (tmp_path / artifacts.FILES["cuts"]).write_text(artifacts.dump(written))
    assert deferral.load(artifacts.path_for(tmp_path, "cuts")) == written


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2}', '{"cascades": {"a": 1}}'])
def test_a_file_that_is_something_else_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / artifacts.FILES["cuts"]).write_text(text)
    with pytest.raises(SettingsError, match=r"cascade\.json.*classify cascade"):
        deferral.load(tmp_path / artifacts.FILES["cuts"])


def test_what_cannot_change_a_fate_is_not_in_the_digest() -> None:
    rule = measured(0.1)
    assert rule.digest == rule.model_copy(update={"fitted": "2027-01-01"}).digest
    assert len({measured(0.1).digest, measured(0.2).digest, measured(0.1, sample=0.2).digest}) == 3


SHIFTED = CommonScale(
    curves=dict.fromkeys(("tags", "concepts"), UNCHANGED),
    offsets={category.uncorrected.digest: 2.0 for category in CATEGORIES},
)


def settled(cut: float, scale: CommonScale = CommonScale()) -> SettledArticles:  # noqa: B008
    whole = ArticleThreshold(
        cut=cut,
        categories=deferral.company(CATEGORIES),
        articles=10,
        settled=0.5,
        labels=20,
        precision=1.0,
        scale=scale,
    )
    return SettledArticles(measured(0.2).model_copy(update={"whole": whole}), whole)


@given(ARTICLES, CONFIDENCES, st.floats(0, 1))
def test_an_article_is_kept_or_deferred_as_a_whole(
    article: str, confidences: list[float], cut: float
) -> None:
    policy = settled(cut)
    judged = list(zip(CATEGORIES, confidences, strict=True))
    routes = set(policy.routes(article, judged).values())
    unsure = deferral.doubt(confidences) >= cut
    assert routes == {Route.DEFER if unsure else Route.KEEP}
    # In other company it is always asked about.
    assert set(policy.routes(article, judged[:-1]).values()) == {Route.DEFER}
    assert set(policy.routes(article, judged[::-1]).values()) == routes


@given(ARTICLES, CONFIDENCES, st.floats(0, 1))
def test_doubt_is_that_of_the_confidences_that_are_given(
    article: str, confidences: list[float], cut: float
) -> None:
    policy = settled(cut, SHIFTED)
    judged = list(zip(CATEGORIES, confidences, strict=True))
    unsure = deferral.doubt(policy.kept(c, judgement(c, x)).confidence for c, x in judged) >= cut
    assert set(policy.routes(article, judged).values()) == {Route.DEFER if unsure else Route.KEEP}


def judgement(category: Category, confidence: float) -> Judgement:
    return Judgement(
        category=category.id, confidence=confidence, kind=ConfidenceKind.CALIBRATED, scorer="first"
    )


def test_what_is_kept_has_its_confidence_on_the_common_scale() -> None:
    before = judgement(CATEGORIES[0], 0.2)
    after = settled(0.3, SHIFTED).kept(CATEGORIES[0], before)
    assert (after.raw, after.kind, after.scorer) == (0.2, ConfidenceKind.CALIBRATED, "first")
    assert after.confidence == SHIFTED(CATEGORIES[0], 0.2) > 0.5
    for policy in (settled(0.3), measured(0.2), Shortlist(3)):
        assert policy.kept(CATEGORIES[0], before) is before


def test_another_scale_is_another_policy() -> None:
    assert settled(0.3).digest != settled(0.3, SHIFTED).digest


def test_doubt_grows_with_the_errors_to_expect() -> None:
    assert deferral.doubt([0.0, 1.0]) == 0
    assert deferral.doubt([0.5, 0.5]) == pytest.approx(0.5)
    assert deferral.doubt([0.1]) == pytest.approx(deferral.doubt([0.9]))
    assert deferral.doubt([0.1]) < deferral.doubt([0.1, 0.1]) < 1


def test_whole_articles_are_described_and_another_cut_is_another_policy() -> None:
    assert settled(0.3).digest != settled(0.4).digest
    assert "recall 0.9 with 95% confidence" in settled(0.3).description
    assert settled(0.3).audit_rate("tags") == 0


def test_a_file_without_a_threshold_for_articles_is_read(tmp_path: Path) -> None:
    file = tmp_path / "cascade.json"
    for fitted in (measured(0.2), settled(0.3).fitted):
        file.write_text(artifacts.dump(CascadeFile(cascades={"a > b": fitted})))
        assert deferral.load(file).cascades["a > b"].whole == fitted.whole
    content = json.loads(file.read_text())
    del content["cascades"]["a > b"]["whole"]["scale"]
    file.write_text(json.dumps(content))
    assert deferral.load(file).cascades["a > b"].whole == settled(0.3).threshold
    del content["cascades"]["a > b"]["whole"]
    file.write_text(json.dumps(content))
    assert deferral.load(file).cascades["a > b"].whole is None
