from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from classifier import site_profile
from classifier.errors import SettingsError
from classifier.models import Category, digest
from classifier.site_profile import KindProfile, SiteProfile, sketch_of

CATEGORIES = tuple(Category(id=f"tags/{n}", kind="tags", title=f"T{n}") for n in range(5))
NAMES = tuple(category.digest for category in CATEGORIES)
KIND = KindProfile(
    articles=40,
    labels=1.5,
    threshold=-1.0,
    expected=1.0,
    floor=0.5,
    levels=dict(zip(NAMES, (0.0, 0.5, -0.5, 0.0, 0.0), strict=True)),
)


def profile(articles: int = 3, **more: object) -> SiteProfile:
    digests = [digest(n) for n in range(articles)]
    known = {"scorer": "embedded:m:1", "made": "2026-11-26", "articles": articles}
    return SiteProfile(**{**known, "sketch": sketch_of(digests), "kinds": {"tags": KIND}, **more})


def minimums(*confidences: float) -> list[float]:
    return list(KIND.minimums(dict(zip(NAMES, confidences, strict=False))).values())


def test_an_average_article_needs_the_threshold_and_the_level_of_each_category() -> None:
    assert minimums(0.2, 0.2, 0.2, 0.2, 0.2) == [0.2689, 0.3775, 0.1824, 0.2689, 0.2689]


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5), st.floats(0, 1))
def test_a_higher_confidence_elsewhere_never_lowers_a_minimum(
    confidences: list[float], higher: float
) -> None:
    # Below the floor it is a higher one: what fits nothing is no average article.
    assume(sum(confidences) >= KIND.floor)
    raised = [max(confidences[0], higher), *confidences[1:]]
    assert all(a <= b for a, b in zip(minimums(*confidences), minimums(*raised), strict=True))


@given(st.lists(st.floats(0, 1), max_size=5))
def test_minimums_are_confidences_with_four_decimals(confidences: list[float]) -> None:
    found = minimums(*confidences)
    assert len(found) == len(confidences)
    assert all(0 <= minimum <= 1 and round(minimum, 4) == minimum for minimum in found)


@given(
    st.dictionaries(st.sampled_from("abcdefghij"), st.floats(0, 1)),
    st.lists(st.sampled_from((-1.25, -0.0, 0.0, 0.3, 2.0)), min_size=8, max_size=8),
    st.floats(-4, 4),
)
def test_each_minimum_is_that_of_its_category_alone(
    judged: dict[str, float], levels: list[float], threshold: float
) -> None:
    kind = KIND.model_copy(
        update={"levels": dict(zip("abcdefgh", levels, strict=True)), "threshold": threshold}
    )
    for name, minimum in kind.minimums(judged).items():
        level = kind.levels.get(name, 0.0)
        alone = kind.model_copy(update={"levels": {n: level for n in kind.levels}})
        assert alone.minimums(judged)[name] == minimum


def test_an_article_that_fits_nothing_needs_the_default_minimum() -> None:
    assert min(minimums(0.3, 0.05, 0.0, 0.0, 0.0)) == site_profile.MISFIT
    assert min(minimums(0.3, 0.3, 0.0, 0.0, 0.0)) < site_profile.MISFIT


def test_an_article_that_is_judged_for_few_categories_has_no_level_of_its_own() -> None:
    assert minimums(0.9, 0.9, 0.9) == [0.2689, 0.3775, 0.1824]


def test_a_new_category_has_the_level_of_all() -> None:
    judged = {**dict.fromkeys(NAMES, 0.2), "new": 0.2}
    assert KIND.minimums(judged)["new"] == KIND.minimums(judged)[NAMES[0]]


def test_a_kind_is_covered_while_few_of_its_categories_are_new() -> None:
    new = [Category(id=f"tags/new{n}", kind="tags", title=f"New {n}") for n in range(2)]
    assert KIND.covers(CATEGORIES)
    assert KIND.covers([*CATEGORIES, new[0]])
    assert not KIND.covers([*CATEGORIES, *new])


def test_the_share_of_new_articles_is_exact_for_a_small_site() -> None:
    made = profile(10)
    assert made.new_share(digest(n) for n in range(10)) == 0
    assert made.new_share(digest(n) for n in range(5, 15)) == 0.5
    assert made.new_share(digest(n) for n in range(3)) == 0
    assert made.new_share([]) == 0


def test_the_share_of_new_articles_is_estimated_for_a_large_one() -> None:
    made = profile(5000)
    assert len(made.sketch) == site_profile.SKETCH
    assert made.new_share(digest(n) for n in range(5000)) == 0
    assert made.new_share(digest(n) for n in range(2500, 7500)) == pytest.approx(0.5, abs=0.1)
    assert made.new_share(digest(n) for n in range(5000, 9000)) == 1


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text(site_profile.dump(profile()))
    assert site_profile.load(file) == profile()
    assert site_profile.load(file).id == profile().id
    assert profile(4).id != profile().id


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"threshold": -1.0', '"threshold": NaN'),
        ('"threshold": -1.0', '"threshold": 1e999'),
        ('"threshold": -1.0', '"threshold": "low"'),
        ('"expected": 1.0', '"expected": 0'),
        ('"floor": 0.5', '"floor": -1'),
        ('"articles": 3', '"articles": -3'),
        ('"made": "2026-11-26"', '"made": "\\u001b[31m"'),
        ('"version": 1', '"version": 2'),
        ('"labels": 1.5', '"labels": 1.5, "run": "rm"'),
        ("{", "["),
    ],
)
def test_what_it_does_not_hold_is_refused_in_one_line(tmp_path: Path, old: str, new: str) -> None:
    text = site_profile.dump(profile())
    assert old in text
    file = tmp_path / "p.json"
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(SettingsError, match=r"not a site profile") as error:
        site_profile.load(file)
    assert "\n" not in str(error.value)
    assert str(file) in str(error.value)
