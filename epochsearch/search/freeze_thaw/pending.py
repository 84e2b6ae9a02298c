"""What other workers train counts as if it came out as predicted, so that nobody orders it a second time.

Source: Ginsbourger, Le Riche, Carraro 2010, "Kriging is well-suited to parallelize optimization" (the
"kriging believer").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from epochsearch.search.freeze_thaw.coordinates import Coordinates
from epochsearch.search.freeze_thaw.curves import SeenCurve, Standing
from epochsearch.search.freeze_thaw.process import Points, Posterior


def pending_points(
    curves: Sequence[SeenCurve], points: Points, posterior: Posterior, coordinates: Coordinates
) -> Points:
    """Return the points, and for each running curve the one expected at the end of its order.

    A thawed curve keeps its place, a new one gets a place after those of the curves that have losses. The
    same object comes back if nothing runs.
    """
    seen = [curve for curve in curves if curve.losses]
    running = [curve for curve in curves if curve.standing is Standing.RUNNING]
    if not running:
        return points
    new = [curve for curve in running if not curve.losses]
    places = coordinates.places([curve.configuration for curve in new])
    index = [seen.index(curve) if curve.losses else len(seen) + new.index(curve) for curve in running]
    alike = np.vstack([posterior.known(range(len(seen))), posterior.new(places)])[index]
    epochs = np.array([float(curve.upto) for curve in running])
    return Points(
        np.vstack([points.places, places]),
        np.concatenate([points.curve, np.array(index, dtype=np.intp)]),
        np.concatenate([points.epochs, epochs]),
        np.concatenate([points.values, np.diag(posterior.means(alike, epochs))]),
        points.last,
    )
