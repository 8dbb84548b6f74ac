from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.examples import after, examples

from classifier.training.correction_model import fit
from classifier.training.cross_validate import (
    average_precision,
    cross_validate,
)


def test_what_was_learned_ranks_other_articles_better() -> None:
    every = examples(160)
    rest = every.of_rows(np.arange(80, 160))
    ours = after(rest, every.of_rows(np.arange(80)))
    before = average_precision(rest.logits, rest.truth, rest.known)
    assert average_precision(ours, rest.truth, rest.known) > before + 0.05


def test_what_is_said_of_one_category_says_little_of_another() -> None:
    """All they share are the weights of features, and how log-odds are to be read."""
    one = examples(categories=3)
    other = replace(one, truth=np.column_stack([one.truth[:, :1], ~one.truth[:, 1:]]))
    found = [fit(it)[0].by_vector for it in (one, other)]
    alike = [np.corrcoef(found[0][:, i], found[1][:, i])[0, 1] for i in range(3)]
    assert alike[0] > 0.9
    assert max(alike[1:]) < -0.5


def test_nothing_known_changes_nothing() -> None:
    silent = replace(examples(), known=np.zeros((60, 4), dtype=bool))
    assert after(silent, silent) == pytest.approx(silent.logits, abs=1e-3)


def test_single_corrections_do_not_change_how_confidences_are_read() -> None:
    given = examples(40, 5)
    known = np.random.default_rng(1).random(given.truth.shape) < 0.5
    (found,) = fit(replace(given, known=known & (np.arange(5) > 0)))
    assert (found.slope, found.constant) == (1.0, 0.0)
    assert not found.weights.any()


def test_a_weaker_prior_moves_more() -> None:
    given = examples()
    weak, strong = fit(given, strengths=(4.0, 0.25))
    assert np.abs(weak.added(given)).mean() > np.abs(strong.added(given)).mean()


def test_the_same_examples_teach_the_same() -> None:
    one, other = cross_validate(examples()), cross_validate(examples())
    assert np.array_equal(one.after, other.after)
    assert np.array_equal(one.fit.by_word, other.fit.by_word)


def test_a_label_that_weighs_less_moves_less() -> None:
    given = examples(60)
    light = replace(given, trust=np.full(given.truth.shape, 0.1))
    (whole,), (part,) = fit(given), fit(light)
    assert np.abs(part.by_vector).sum() < np.abs(whole.by_vector).sum()
    assert np.allclose(light.weight, 0.1)
