"""The Gaussian process over curves: against the textbook formula, and at its ends."""

import numpy as np
import pytest

from epochsearch.search.freeze_thaw.process import PRIOR, Points, Posterior, Scales, ahead, matern

SCALES = Scales(course=0.5, surface=0.6, change=0.4, own=0.1, decay=0.5, lengths=np.array([0.8]))
COLUMNS = np.zeros(1, dtype=np.intp)


def points(last: int = 16) -> Points:
    places = np.array([[0.0], [0.5], [2.0]])
    curve = np.array([0, 0, 0, 1, 1, 2])
    epochs = np.array([1.0, 4.0, 16.0, 1.0, 4.0, 1.0])
    return Points(places, curve, epochs, np.array([0.0, -0.5, -0.9, 0.1, -0.3, 0.4]), last)


def covariance(a: list[tuple[float, int, float]], b: list[tuple[float, int, float]], last: int) -> np.ndarray:
    """Each is (place, curve, epoch); written out term by term."""
    found = np.empty((len(a), len(b)))
    for i, (x, m, s) in enumerate(a):
        for j, (y, n, t) in enumerate(b):
            r = np.sqrt(5) * abs(x - y) / SCALES.lengths[0]
            alike = (1 + r + r**2 / 3) * np.exp(-r) + SCALES.own**2 * (m == n)
            between = min(*(float(ahead(np.array([e]), last, SCALES.decay, PRIOR.even)[0]) for e in (s, t)))
            surface = SCALES.surface**2 + SCALES.change**2 * between
            found[i, j] = 2.0**2 + SCALES.course**2 * between + alike * surface
    return found


def test_predictions_are_those_of_the_textbook():
    """Mean and standard deviation of a known curve and of a new one, by the formula with an inverse."""
    seen = points()
    at = [(float(seen.places[c, 0]), int(c), e) for c, e in zip(seen.curve, seen.epochs, strict=True)]
    asked = [(0.5, 1, 16.0), (1.0, 9, 16.0), (0.5, 1, 8.0), (1.0, 9, 8.0)]
    inverse = np.linalg.inv(covariance(at, at, 16) + PRIOR.noise**2 * np.eye(6))
    cross = covariance(asked, at, 16)
    mean = cross @ inverse @ seen.values
    variance = np.diag(covariance(asked, asked, 16) - cross @ inverse @ cross.T)

    posterior = Posterior(seen, SCALES, COLUMNS)
    alike = np.vstack([posterior.known([1]), posterior.new(np.array([[1.0]]))])
    found, deviation = posterior.at(alike, np.array([16.0, 8.0]))

    assert found.T.ravel() == pytest.approx(mean)
    assert deviation.T.ravel() == pytest.approx(np.sqrt(variance))
    assert posterior.means(alike, np.array([16.0, 8.0])) == pytest.approx(found)


def test_the_likelihood_is_that_of_the_textbook():
    """Up to the constant of a normal density."""
    seen = points()
    at = [(float(seen.places[c, 0]), int(c), e) for c, e in zip(seen.curve, seen.epochs, strict=True)]
    whole = covariance(at, at, 16) + PRIOR.noise**2 * np.eye(6)

    found = Posterior(seen, SCALES, COLUMNS).log_likelihood

    expected = -0.5 * seen.values @ np.linalg.inv(whole) @ seen.values - 0.5 * np.linalg.slogdet(whole)[1]
    assert found == pytest.approx(expected)


def test_what_was_seen_is_known_and_what_is_far_is_not():
    """At a seen point little is uncertain; a far configuration is as uncertain as the surface is high."""
    posterior = Posterior(points(), SCALES, COLUMNS)

    mean, seen = posterior.at(posterior.known([0]), np.array([16.0]))
    _, far = posterior.at(posterior.new(np.array([[50.0]])), np.array([16.0]))

    assert mean[0, 0] == pytest.approx(-0.9, abs=0.02)
    assert seen[0, 0] < 2 * PRIOR.noise
    assert far[0, 0] > SCALES.surface


def test_time_runs_from_one_to_zero():
    """After the first epoch everything is ahead, after the last nothing; of one epoch nothing ever is."""
    assert ahead(np.array([1.0, 10.0]), 10, 0.7, 0.5) == pytest.approx([1.0, 0.0])
    assert ahead(np.array([1.0]), 1, 0.7, 0.5) == pytest.approx([0.0])


def test_a_configuration_is_wholly_like_itself():
    """And less so the further another one is."""
    places = np.array([[0.0], [1.0], [3.0]])

    found = matern(places[:1], places)[0]

    assert found[0] == 1.0
    assert 1.0 > found[1] > found[2] > 0.0
