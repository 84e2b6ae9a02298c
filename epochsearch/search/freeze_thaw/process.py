"""The model of curves: the logarithm of the loss is one Gaussian process over configurations and epochs.

It adds up a level, a course that all curves share, a surface over the configurations (where curves end), and
that surface's change along the curves, which tells what an early loss is worth: where curves cross, the
change is large and early losses say little. A part of surface and change is each curve's own. Time runs
backwards, from the end (0) to the first epoch (1), as the part of a power law's way that is still to go; both
courses are Brownian in it.

Sources: Swersky, Snoek, Adams 2014, "Freeze-thaw Bayesian optimization" (arXiv 1406.3896), for one process
over all curves; Lin et al. 2024 (arXiv 2410.09239) for a product of kernels over configurations and epochs;
Rasmussen, Williams 2006, "Gaussian processes for machine learning", algorithm 2.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochsearch.search.freeze_thaw.coordinates import FloatArray

TINY = 1e-8  # no variance is smaller


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before anything was seen: what stays as it is, and medians of what is learnt."""

    level: float = 2.0  # standard deviation of the level: wide, in the logarithm of losses
    even: float = 0.5  # of time runs evenly in the logarithm of epochs, the rest as the power law says
    noise: float = 0.03  # standard deviation of a seen point around its curve
    course: float = 0.5  # medians of the scales, see `Scales`
    surface: float = 0.4
    change: float = 1.0
    own: float = 0.2
    decay: float = 0.5

    @property
    def medians(self) -> tuple[float, float, float, float, float]:
        """Of the scales but the lengths, in their order."""
        return self.course, self.surface, self.change, self.own, self.decay


PRIOR = Prior()


@dataclass(frozen=True, slots=True)
class Points:
    """What has been seen of some curves at some epochs."""

    places: FloatArray  # (curves, coordinates)
    curve: NDArray[np.intp]  # (points,) index of the curve
    epochs: FloatArray  # (points,)
    values: FloatArray  # (points,) logarithms of losses
    last: int  # the largest number of epochs


@dataclass(frozen=True, slots=True)
class Scales:
    """How far losses differ (in the logarithm), where, and how fast they settle."""

    course: float  # of the course that all curves share
    surface: float  # of the ends of curves
    change: float  # between first epochs and ends
    own: float  # of what a curve has to itself, as a part of surface and change
    decay: float  # exponent of the power law in epochs
    lengths: FloatArray  # (axes,) over which losses are alike, in units of the coordinates

    @classmethod
    def from_logarithms(cls, theta: FloatArray) -> Scales:
        """Return the scales whose logarithms are `theta`, (5 + axes,)."""
        course, surface, change, own, decay = np.exp(theta[:5]).tolist()
        return cls(course, surface, change, own, decay, np.exp(theta[5:]))


class Posterior:
    """The process under some scales, after some points."""

    def __init__(
        self, points: Points, scales: Scales, columns: NDArray[np.intp], prior: Prior = PRIOR
    ) -> None:
        """columns: the axis of each coordinate.

        Raises:
            LinAlgError: The points' covariance has no Cholesky factor.
        """
        self._points, self._scales, self._prior = points, scales, prior
        self._divisors = scales.lengths[columns]
        self._places = points.places / self._divisors
        self._time = self._ahead(points.epochs)
        seen, which = np.unique(points.curve, return_inverse=True)  # of many curves only some have points
        alike = self._own_added(matern(self._places[seen], self._places[seen]), np.arange(len(seen)))
        covariance = self._covariance(alike[np.ix_(which, which)], np.minimum.outer(self._time, self._time))
        covariance[np.diag_indices_from(covariance)] += prior.noise**2
        self._factor: FloatArray = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
        self._whitened = _solved(self._factor, points.values[:, None])

    @property
    def log_likelihood(self) -> float:
        """The logarithm of the points' density, without its constant."""
        return float(-0.5 * (self._whitened**2).sum() - np.log(np.diag(self._factor)).sum())

    @property
    def last(self) -> int:
        """The largest number of epochs."""
        return self._points.last

    def known(self, curves: Sequence[int]) -> FloatArray:
        """Return how alike some of the seen curves are to all of them, (those, curves)."""
        rows = np.array(curves, dtype=np.intp)
        return self._own_added(matern(self._places[rows], self._places), rows)

    def new(self, places: FloatArray) -> FloatArray:
        """Return how alike new curves are to those seen, (places, curves)."""
        return matern(places / self._divisors, self._places)

    def means(self, alike: FloatArray, epochs: FloatArray) -> FloatArray:
        """Return the mean of the loss's logarithm, (curves, epochs); quick.

        alike: of each curve, as `known` and `new` return it.
        """
        between = self._between(epochs)
        weights = _solved(self._factor, self._whitened, transposed=True)[:, 0]  # (points,)
        shared = (self._prior.level**2 + self._scales.course**2 * between) @ weights  # (epochs,)
        kinds = (self._scales.surface**2 + self._scales.change**2 * between) * weights
        return np.asarray(shared + alike[:, self._points.curve] @ kinds.T)

    def at(self, alike: FloatArray, epochs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of the loss's logarithm, without noise, each (curves, epochs).

        alike: as for `means`.
        """
        cross = self._covariance(alike[:, None, self._points.curve], self._between(epochs)[None])
        weights = _solved(self._factor, cross.reshape(-1, cross.shape[-1]).T)  # (points, curves x epochs)
        mean = (weights.T @ self._whitened).reshape(len(alike), len(epochs))
        explained = np.einsum("ij,ij->j", weights, weights).reshape(mean.shape)
        own = np.full(len(epochs), 1.0 + self._scales.own**2)
        before = self._covariance(own, self._ahead(epochs))
        return mean, np.sqrt(np.maximum(before - explained, TINY))

    def along(self, alike: FloatArray, epochs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean (epochs,) and covariance (epochs, epochs) of one curve's points, noise included.

        alike: of this curve, (curves,).
        """
        time = self._ahead(epochs)
        cross = self._covariance(alike[None, self._points.curve], self._between(epochs))
        weights = _solved(self._factor, cross.T)  # (points, epochs)
        own = np.full((len(time), len(time)), 1.0 + self._scales.own**2)
        before = self._covariance(own, np.asarray(np.minimum.outer(time, time)))
        noise = self._prior.noise**2 * np.eye(len(time))
        return (weights.T @ self._whitened)[:, 0], np.asarray(before - weights.T @ weights + noise)

    def _own_added(self, alike: FloatArray, curves: NDArray[np.intp]) -> FloatArray:
        """Add to each row what a curve has in common with itself alone; `curves` are the rows' columns."""
        alike[np.arange(len(curves)), curves] += self._scales.own**2
        return alike

    def _ahead(self, epochs: FloatArray) -> FloatArray:
        return ahead(epochs, self._points.last, self._scales.decay, self._prior.even)

    def _between(self, epochs: FloatArray) -> FloatArray:
        """Return the way that some epochs share with the points, (epochs, points)."""
        time = self._ahead(epochs)
        return np.asarray(np.minimum.outer(time, self._time))

    def _covariance(self, alike: FloatArray, between: FloatArray) -> FloatArray:
        scales = self._scales
        course = self._prior.level**2 + scales.course**2 * between
        return course + alike * (scales.surface**2 + scales.change**2 * between)


def ahead(epochs: FloatArray, last: int, decay: float, even: float) -> FloatArray:
    """Return the part of the way still to go after `epochs`: 1 after the first, 0 after the last."""
    if last == 1:
        return np.zeros_like(epochs)
    end = last**-decay
    power = (epochs**-decay - end) / (1.0 - end)
    return np.asarray((1.0 - even) * power + even * np.log(last / epochs) / np.log(last))


def matern(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the Matern covariance of smoothness 5/2 and length 1 between rows, (rows of a, rows of b)."""
    squares = np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2.0 * a @ b.T, 0.0)
    apart = math.sqrt(5.0) * np.sqrt(squares)
    return np.asarray((1.0 + apart + apart**2 / 3.0) * np.exp(-apart))


def _solved(factor: FloatArray, right: FloatArray, *, transposed: bool = False) -> FloatArray:
    """Return the inverse of a lower triangle (or of its transpose) times `right`, (points, columns)."""
    from scipy.linalg.blas import dtrsm

    # A row-major lower triangle is a column-major upper one: so nothing is copied.
    return np.asarray(dtrsm(1.0, factor.T, right, lower=0, trans_a=int(not transposed)))
