from __future__ import annotations

import numpy as np
import pytest

from classifier.training.random_intercepts import Observations, Prior, fit, probabilities, sigmoid

PRIOR = Prior(
    mean=np.array([1.0, 0.0]), precision=1e-3 * np.eye(2), lowest=np.array([0.05, -np.inf])
)


def made_up(seed: int = 0, *, slope: float = 1.5, pairs: int = 4000) -> Observations:
    """Four categories whose log-odds differ by 1 from one to the next, around 0."""
    rng = np.random.default_rng(seed)
    x, columns = rng.normal(0, 1.5, pairs), rng.integers(4, size=pairs)
    chance = sigmoid(slope * x - 1 + (columns - 1.5))
    return Observations(
        design=np.column_stack([x, np.ones(pairs)]),
        truth=(rng.random(pairs) < chance).astype(np.float64),
        rows=np.arange(pairs),
        columns=columns,
        categories=4,
        weight=np.ones(pairs),
    )


def test_what_the_labels_were_made_from_is_found_again() -> None:
    fitted = fit(made_up(), PRIOR, precision=0.5)
    assert fitted.weights[0] == pytest.approx(1.5, abs=0.2)
    assert np.diff(fitted.intercepts) == pytest.approx([1, 1, 1], abs=0.35)


def test_at_the_mode_the_gradient_is_zero() -> None:
    data, precision = made_up(1), 2.0
    fitted = fit(data, PRIOR, precision=precision)
    residual = data.truth - probabilities(data, fitted)
    assert data.by_category(residual) == pytest.approx(precision * fitted.intercepts, abs=1e-4)
    pull = PRIOR.precision @ (fitted.weights - PRIOR.mean)
    assert data.design.T @ residual == pytest.approx(pull, abs=1e-3)


def test_a_higher_precision_shrinks_the_intercepts() -> None:
    spread = [np.abs(fit(made_up(), PRIOR, precision=p).intercepts).max() for p in (0.1, 100, 1e12)]
    assert spread[0] > spread[1] > spread[2]
    assert spread[2] == pytest.approx(0, abs=1e-6)


def test_a_slope_never_falls_below_its_bound() -> None:
    assert fit(made_up(slope=-3.0), PRIOR, precision=1.0).weights[0] == 0.05


def test_a_pair_of_weight_two_counts_as_two_pairs() -> None:
    data = made_up(2, pairs=300)
    twice = np.concatenate([np.arange(300), np.arange(300)])
    doubled = Observations(
        design=data.design[twice],
        truth=data.truth[twice],
        rows=data.rows[twice],
        columns=data.columns[twice],
        categories=4,
        weight=np.ones(600),
    )
    weighted = Observations(
        design=data.design,
        truth=data.truth,
        rows=data.rows,
        columns=data.columns,
        categories=4,
        weight=np.full(300, 2.0),
    )
    one, other = (fit(each, PRIOR, precision=1.0) for each in (doubled, weighted))
    assert one.weights == pytest.approx(other.weights, abs=1e-6)
    assert one.intercepts == pytest.approx(other.intercepts, abs=1e-6)


def test_labels_that_a_line_separates_have_a_finite_fit() -> None:
    data = made_up(3, pairs=200)
    separated = Observations(
        design=data.design,
        truth=(data.design[:, 0] > 0).astype(np.float64),
        rows=data.rows,
        columns=data.columns,
        categories=4,
        weight=data.weight,
    )
    assert np.isfinite(fit(separated, PRIOR, precision=2.0).weights).all()
