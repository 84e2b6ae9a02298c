"""The scales of the process, learnt from the run itself: a Markov chain under log-normal priors.

The priors are in absolute units (logarithms of losses, decades, doublings), so a few points suffice. The
chain moves a little before each decision: a decision sees one plausible set of scales, not the likeliest one.
Its randomness comes from (study seed, step) and it is run again from the first step when a search goes on.

Sources: Snoek, Larochelle, Adams 2012, "Practical Bayesian optimization of machine learning algorithms",
section 3.1 (scales are sampled, not fitted); Metropolis et al. 1953, "Equation of state calculations by fast
computing machines".
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from epochsearch.search.freeze_thaw.coordinates import FloatArray
from epochsearch.search.freeze_thaw.process import PRIOR, Points, Posterior, Prior, Scales

SPREADS = (0.8, 0.8, 0.8, 0.8, 0.5)  # of the logarithms of course, surface, change, own, decay
LENGTH_SPREAD = 0.6  # of the logarithm of a length, around one unit
STRIDES = (0.15, 0.5, 1.0)  # of a proposal, in parts of the prior's spread
BOUND = 10.0  # no logarithm of a scale is further from its median
RECENT = 40  # decisions that the chain's places are kept for
DRAWN = 4  # of these places, evenly apart, that a forecast is drawn from: successive ones are much alike


class Chain:
    """The scales of one study as its run goes on."""

    def __init__(self, columns: NDArray[np.intp], axes: int, seed: int, prior: Prior = PRIOR) -> None:
        """columns: the axis of each coordinate. seed: of the study."""
        self._columns, self._seed, self._prior = columns, seed, prior
        self._medians = np.log([*prior.medians, *([1.0] * axes)])
        self._spreads = np.array([*SPREADS, *([LENGTH_SPREAD] * axes)])
        self._theta = self._medians
        self._recent: deque[FloatArray] = deque(maxlen=RECENT)
        self._made: tuple[Points, FloatArray, Posterior] | None = None  # the last one

    @property
    def scales(self) -> Scales:
        """The scales where the chain stands."""
        return Scales.from_logarithms(self._theta)

    def posterior(self, points: Points) -> Posterior:
        """Return the process after some points under the scales where the chain stands."""
        return self._posterior(points, self._theta)

    def recent_posteriors(self, points: Points) -> list[Posterior]:
        """Return the process after some points under a few of the last scales, those of now among them."""
        kept = list(self._recent) or [self._theta]
        places = np.unique(np.linspace(0, len(kept) - 1, DRAWN).round().astype(int))
        return [self._posterior(points, kept[i]) for i in places]

    def move(self, points: Points, step: int, times: int) -> None:
        """Take so many Metropolis steps on what was seen before order `step`."""
        random = np.random.default_rng([self._seed, step, 2])
        density = self._density(self._theta, points)
        for _ in range(times):
            stride = random.choice(STRIDES) * self._spreads
            some = random.random(len(stride)) < 0.5
            proposed = self._theta + some * stride * random.standard_normal(len(stride))
            proposed_density = self._density(proposed, points)
            if np.log(random.random()) < proposed_density - density:
                self._theta, density = proposed, proposed_density
        self._recent.append(self._theta)

    def _posterior(self, points: Points, theta: FloatArray) -> Posterior:
        """Return the process; a decision asks for the last one again, which is not computed twice."""
        made = self._made
        if made is None or made[0] is not points or made[1] is not theta:
            posterior = Posterior(points, Scales.from_logarithms(theta), self._columns, self._prior)
            self._made = made = (points, theta, posterior)
        return made[2]

    def _density(self, theta: FloatArray, points: Points) -> float:
        """Return the logarithm of prior times likelihood, without its constant."""
        apart = theta - self._medians
        if np.abs(apart).max() > BOUND:
            return -np.inf
        try:
            likelihood = self._posterior(points, theta).log_likelihood
        except np.linalg.LinAlgError:
            return -np.inf
        return likelihood - 0.5 * float(((apart / self._spreads) ** 2).sum())
