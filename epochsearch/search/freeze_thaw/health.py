"""Whether a curve will still be finite: how many of those like it were, weighted by how alike they are.

Divergence is kept out of the model of losses: a cliff would tell a smooth process wrong things about curves
far away.

Source: Nadaraya 1964, "On estimating regression" (the weighted mean of neighbours).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from epochsearch.search.freeze_thaw.coordinates import FloatArray
from epochsearch.search.freeze_thaw.curves import SeenCurve

DOUBT = 0.3  # what is believed to be healthy before anything was seen, in whole curves just alike


def healthy_shares(alike: FloatArray, seen: Sequence[SeenCurve], levels: FloatArray) -> FloatArray:
    """Return the share that is expected to be finite up to each level, (candidates, levels).

    alike: of candidates to the curves seen, (candidates, curves).
    """
    done = np.array([len(curve.losses) for curve in seen])[:, None]
    diverged = np.array([curve.diverged for curve in seen])[:, None]
    lost = diverged & (done <= levels[None])  # (curves, levels)
    kept = done - diverged >= levels[None]
    weights = np.maximum(alike, 0.0)
    total = weights @ (lost | kept) + DOUBT
    return np.asarray(1.0 - (weights @ lost) / total)
