"""A diagnosis in words: the verdict in a sentence, the evidence in a few, each without its full stop.

Numbers are written with as many digits as the noise leaves them.
"""

from __future__ import annotations

import math

from epochsearch.analysis.findings import Diagnosis, Measures, Reason, Verdict

_SAID = {
    Reason.NOT_FINITE: "the loss is no longer a number",
    Reason.BLEW_UP: "the training loss itself went up and stayed there",
    Reason.ROSE: "the validation loss rose for long while the training loss went on down",
    Reason.GAP: "it learned its training data better than what carries over to new data",
    Reason.BIAS: "the training loss itself stays above what others reach on validation data",
    Reason.CHANCE: "it does hardly better than always predicting the same",
    Reason.REACHED: "it stands still near the lowest validation loss that is known here",
    Reason.FLAT: "it stands still; nothing else is known that says how low it could be",
    Reason.FALLING: "the validation loss still falls",
    Reason.NEW_RISE: "the validation loss rose at the end, and one rise is not over-fitting",
    Reason.FALLING_AGAIN: "the validation loss rose and falls again (double descent looks like this)",
    Reason.UNSTABLE: "both losses rose: the training is restless, which is not over-fitting",
    Reason.NOISY: "the noise hides whether it still falls",
    Reason.NO_TRAINING_LOSS: "it stays above what others reach; the cause is open without a training loss",
    Reason.TOO_SHORT: "too few epochs to tell where it goes",
}


def verdict_sentence(found: Diagnosis) -> str:
    """Return the verdict and its reason: well fitted: it stands still near ..."""
    said = f"{found.verdict}: {_SAID[found.reason]}"
    if found.reason is Reason.FALLING and found.measures is not None:
        return f"{said}; {convergence_sentence(found.epochs, found.measures)}"
    if found.verdict is Verdict.OVER_FITTED and found.reason is Reason.ROSE and found.measures is not None:
        return f"{said}, since about epoch {found.epochs - found.measures.rising_epochs}"
    return said


def convergence_sentence(epochs: int, found: Measures) -> str:
    """Return what twice the epochs would bring: not converged at epoch 20, about 0.012 +- 0.004 more."""
    more = found.more
    amount, around = rounded(more.estimate, (more.high - more.low) / 2)
    return f"not converged at epoch {epochs}, about {amount} +- {around} more by epoch {2 * epochs}"


def evidence_sentences(found: Diagnosis) -> list[str]:
    """Return what the verdict rests on, the most telling first."""
    if found.measures is None:
        return [f"it ends after epoch {found.epochs}"]
    return [
        *_rise(found, found.measures),
        *_slope(found.measures),
        *_level(found, found.measures),
        _criteria(found, found.measures),
        _noise(found.measures),
    ]


def rounded(value: float, spread: float) -> tuple[str, str]:
    """Return a value and its spread with two digits of the spread: ("0.012", "0.004")."""
    if not (math.isfinite(value) and math.isfinite(spread)) or spread <= 0:
        return f"{value:.2g}", f"{spread:.2g}"
    digits = 1 - math.floor(math.log10(spread))
    if digits <= 0:
        return f"{value:,.0f}", f"{spread:,.0f}"
    return (
        (f"{value:.{digits}f}", f"{spread:.{digits}f}") if digits <= 6 else (f"{value:.2g}", f"{spread:.2g}")
    )


def _rise(found: Diagnosis, measured: Measures) -> list[str]:
    if measured.rise <= 0:
        return []
    held = "beyond" if math.log1p(measured.rise) > measured.counts else "within"
    said = f"validation ends {_percent(measured.rise)} above its lowest level, {held} the noise"
    if measured.rising_epochs:
        said += f", and has been above it for {measured.rising_epochs} of {found.epochs} epochs"
    return [said]


def _slope(measured: Measures) -> list[str]:
    slope = measured.slope
    gain = slope.gain_share()
    said = f"from epoch {slope.first} to {slope.last} validation"
    low, high = sorted((abs(gain.low), abs(gain.high)))
    if not slope.falls and not slope.rises:
        ends = f"between {_percent(-gain.high)} and {_percent(-gain.low)}"
        return [f"{said} neither falls nor rises: by twice the epochs a change {ends} (Theil-Sen, 95 %)"]
    way, done = ("falls", "take off") if slope.falls else ("rises", "add")
    return [
        f"{said} {way}: a slope that would {done} {_percent(abs(gain.estimate))} by twice the epochs "
        f"(Theil-Sen, 95 % {_percent(low)} to {_percent(high)})"
    ]


def _level(found: Diagnosis, measured: Measures) -> list[str]:
    said, known = [], found.reference
    if measured.gap is not None:
        said.append(
            f"at the end training is at {measured.train_end:.4g}, validation at {measured.val_end:.4g} "
            f"(medians of {measured.level_epochs} epochs): a gap of {measured.gap:.3g}"
        )
    if known.reachable is not None and measured.over_reachable is not None:
        side = "above" if measured.over_reachable >= 0 else "below"
        apart = _percent(abs(measured.over_reachable))
        said.append(f"validation ends {apart} {side} the {known.reachable:.4g} of {known.source}")
    if known.chance is not None and known.chance > 0:
        share = 1 - measured.val_end / known.chance
        said.append(
            f"always predicting the same scores {known.chance:.4g}: {_percent(max(share, 0.0))} of it is gone"
        )
    return said


def _criteria(found: Diagnosis, measured: Measures) -> str:
    lost, quotient, up = measured.criteria.at(found.chosen)
    return (
        f"at epoch {found.chosen} GL {_plain(lost)} %, PQ {_plain(quotient)}, "
        f"UP {up:.0f} strips of {measured.criteria.strip} (Prechelt)"
    )


def _noise(measured: Measures) -> str:
    spread = _percent(math.expm1(min(measured.noise.spread, 700.0)))
    if measured.noise.between == "seeds":
        return f"the noise between {measured.noise.seeds} seeds is {spread} of the loss; twice that counts"
    own = f"one seed only: the noise is the curve's own from epoch to epoch, {spread} of the loss"
    return f"{own}; twice that counts"


def _percent(share: float) -> str:
    """Return 0.02 %, 4.1 %, 250 %, or from tenfold on 16 times."""
    if abs(share) >= 10:
        return f"{share:,.0f} times"
    return f"{100 * share:.2g} %" if abs(share) < 0.1 else f"{100 * share:.0f} %"


def _plain(value: float) -> str:
    return "-" if not math.isfinite(value) else f"{value:.2f}" if value < 100 else f"{value:,.0f}"
