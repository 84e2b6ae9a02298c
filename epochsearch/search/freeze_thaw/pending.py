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
    running = [curve for curve in curves if curve.standing is Standing.RUNNING]
    if not running:
        return points
    seen = [curve for curve in curves if curve.losses]
    thawed, new = [c for c in running if c.losses], [c for c in running if not c.losses]
    at = [seen.index(curve) for curve in thawed]
    places = coordinates.places([curve.configuration for curve in new])
    alike = np.vstack([posterior.known(at), posterior.new(places)])
    epochs = np.array([float(curve.upto) for curve in (*thawed, *new)])
    index = np.array([*at, *range(len(seen), len(seen) + len(new))], dtype=np.intp)
    return Points(
        np.vstack([points.places, places]),
        np.concatenate([points.curve, index]),
        np.concatenate([points.epochs, epochs]),
        np.concatenate([points.values, np.diag(posterior.means(alike, epochs))]),
        points.last,
    )
