"""What a person reads of a recommendation: records in, labelled facts and rows out; `console` prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from epochsearch.analysis.best_epoch import FEWEST_UNITS
from epochsearch.analysis.edges import Edge
from epochsearch.analysis.recommendation import Noise, PointEstimate, Recommendation
from epochsearch.analysis.rivals import Rival
from epochsearch.analysis.scaling import RateScaling
from epochsearch.cli.console import Fact
from epochsearch.cli.words.formats import count_text, duration_text, hyperparameter_text, loss_text, rate_text
from epochsearch.core.measure import Measure
from epochsearch.core.point import Point
from epochsearch.search.answers.race_events import (
    Contestant,
    ContestantOut,
    CurveConfirmed,
    RaceEnded,
    RaceEvent,
    RaceStarted,
)
from epochsearch.search.answers.recommendation import Grounds

RIVAL_COLUMNS = ("loss", "error", "of", "epochs", "lr", "batch", "difference", "interval")
SHOWN_RIVALS = 5
ONCE = "how sure is not known: each point was trained once"


def ending_text(found: Recommendation, measure: Measure) -> str:
    """Return what `run` says at its end, in two or three lines."""
    said = f"{point_text(found.recommended.point)}\n{estimate_text(found.recommended, measure)}"
    if not found.noise.known:
        return f"{said}, the {measure.extreme} on any curve\n{ONCE}"
    least = (
        f"the {measure.extreme}"
        if found.recommended.point == found.best.point
        else "the cheapest within one error"
    )
    said += f", {least} over {noise_text(found.noise)}"
    return said if found.best_epoch is None else f"{said}\n{_epoch_text(found)}"


def recommendation_facts(grounds: Grounds) -> list[Fact]:
    """Return what `recommend` says, apart from the table of rivals and what comes next."""
    found, measure = grounds.recommendation, grounds.spec.measure
    facts = [
        ("Take", _point_lines(found.recommended.point)),
        (measure.word.capitalize(), _estimate_lines(found.recommended, measure)),
        ("Why", _why(found, measure)),
    ]
    if found.noise.known:
        facts.append(("Epochs", _epochs_text(found)))
    facts += [("Matters", importances_text(grounds.importances)), ("Scaling", scaling_text(grounds.scaling))]
    if found.edges:
        facts.append(("Edge", "\n".join(edge_text(edge) for edge in found.edges)))
    return facts


def point_text(point: Point) -> str:
    """Return a point in one line: 12 epochs, learning rate 3.2e-3, batch size 32, dropout 0.1."""
    extras = [f"{name} {hyperparameter_text(value)}" for name, value in point.configuration.extras]
    rate = rate_text(point.learning_rate, 4)
    parts = [count_text(point.epochs, "epoch"), f"learning rate {rate}", f"batch size {point.batch_size}"]
    return ", ".join(parts + extras)


def estimate_text(estimate: PointEstimate, measure: Measure) -> str:
    """Return validation loss 0.0546 +- 0.0012, without the error where none is known."""
    said = f"{measure.title} {loss_text(measure.shown(estimate.loss))}"
    if estimate.standard_error is None:
        return said
    return f"{said} +- {error_text(estimate)}"


def error_text(estimate: PointEstimate) -> str:
    """Return a standard error with as many decimals as its loss where it has a digit there."""
    error = estimate.standard_error
    if error is not None and 0.01 <= abs(estimate.loss) < 1000 and error >= 0.0001:
        return f"{error:.4f}"
    return loss_text(error)


def noise_text(noise: Noise) -> str:
    """Return what a mean is over: 5 folds, 8 fresh seeds, 8 fresh seeds x 5 folds."""
    if noise.source == "seeds":
        seeds = count_text(noise.seeds, "fresh seed")
        return f"{seeds} x {noise.folds} folds" if noise.folds > 1 else seeds
    return count_text(noise.folds, "fold")


def importances_text(importances: Mapping[str, float] | None) -> str:
    """Return learning rate 0.61, epochs 0.27, batch size 0.12 (PED-ANOVA)."""
    if importances is None:
        return "not computed: it takes 20 trials, a tenth of them completed\nand better than others"
    parts = [f"{name.replace('_', ' ')} {share:.2f}" for name, share in importances.items()]
    return f"{', '.join(parts)} (PED-ANOVA)"


def scaling_text(scaling: RateScaling | None) -> str:
    """Return the power law of the best learning rate, with its interval and the rates it rests on."""
    if scaling is None:
        return "not fitted: it takes three batch sizes with three learning rates each"
    exponent = scaling.exponent
    law = f"best learning rate ~ batch size ^ {exponent.estimate:.2f}"
    rates = ", ".join(f"{rate_text(one.learning_rate)} at {one.batch_size}" for one in scaling.best)
    return f"{law} (95 % interval {exponent.low:.2f} to {exponent.high:.2f})\n{rates}"


def edge_text(edge: Edge) -> str:
    """Return where the best point lies at an end, in one line."""
    name, value = edge.axis.replace("_", " "), _number_text(edge.axis, edge.value)
    if edge.curve:
        return f"the best curve ends at epoch {edge.value}, its best: more epochs may be better"
    end = "least" if edge.end == "low" else "most"
    beyond = "less" if edge.end == "low" else "more"
    near = "" if edge.value == edge.limit else f" near {_number_text(edge.axis, edge.limit)},"
    return f"{name} {value} is{near} the {end} that was searched: {beyond} may be better"


def rival_line(rivals: Sequence[Rival], noise: Noise) -> str:
    """Return the sentence before the table of rivals."""
    alike = sum(one.alike for one in rivals)
    scope = "confirmed configurations" if noise.source == "seeds" else "configurations"
    if alike == 1:
        return f"The best can be told apart from each of the {len(rivals) - 1} other {scope}."
    shown = f"; {SHOWN_RIVALS} of them" if alike > SHOWN_RIVALS else ""
    return f"{alike} of {len(rivals)} {scope} cannot be told apart from the best{shown}:"


def rival_rows(rivals: Sequence[Rival], measure: Measure) -> list[tuple[str, ...]]:
    """Return the cells of those that cannot be told apart from the best, under RIVAL_COLUMNS."""
    rows: list[tuple[str, ...]] = []
    for one in [one for one in rivals if one.alike][:SHOWN_RIVALS]:
        point, gap, sign = one.estimate.point, one.difference, -1 if measure.maximise else 1
        ends = sorted((sign * gap.low, sign * gap.high))
        rows.append(
            (
                loss_text(measure.shown(one.estimate.loss)),
                error_text(one.estimate),
                str(one.estimate.units),
                str(point.epochs),
                rate_text(point.learning_rate, 4),
                str(point.batch_size),
                loss_text(sign * gap.estimate) if rows else "",
                f"{loss_text(ends[0])} to {loss_text(ends[1])}" if rows else "",
                *(hyperparameter_text(value) for _, value in point.configuration.extras),
            )
        )
    return rows


def race_line(event: RaceEvent, measure: Measure) -> str | None:
    """Return the plain line of an event of a race; None for one that needs none."""
    match event:
        case RaceStarted():
            points = count_text(len(event.contestants), "configuration")
            return f"racing {points} on up to {count_text(len(event.seeds), 'fresh seed')}"
        case CurveConfirmed():
            loss = loss_text(measure.shown(event.loss))
            return f"seed {event.seed}  {_contestant(event.contestant)}  {measure.word} {loss}"
        case ContestantOut():
            loss = loss_text(measure.shown(event.loss))
            seeds = count_text(event.seeds, "seed")
            return f"out after {seeds}  {_contestant(event.contestant)}  mean {measure.word} {loss}"
        case RaceEnded():
            return None


def race_text(race: RaceEnded) -> str:
    """Return what a race came to."""
    points = count_text(race.contestants, "configuration")
    behind = race.contestants - race.left
    out = f", {behind} fell behind and left early" if behind else ""
    epochs = f"{race.epochs_trained} epochs trained, {race.epochs_read} read back"
    state = "stopped early; " if race.stopped else ""
    return f"{state}{points} raced{out}\n{epochs}"


def _contestant(one: Contestant) -> str:
    point = one.point
    rate = rate_text(point.learning_rate)
    return f"trial {one.trial}  epochs {point.epochs}  lr {rate}  batch {point.batch_size}"


def _point_lines(point: Point) -> str:
    lines = [
        f"epochs         {point.epochs}",
        f"learning rate  {rate_text(point.learning_rate, 4)}",
        f"batch size     {point.batch_size}",
    ]
    lines += [f"{name:13}  {hyperparameter_text(value)}" for name, value in point.configuration.extras]
    return "\n".join(lines)


def _estimate_lines(estimate: PointEstimate, measure: Measure) -> str:
    return f"{estimate_text(estimate, measure)} (trial {estimate.trial}{_cost_text(estimate)})"


def _cost_text(estimate: PointEstimate) -> str:
    return f", {duration_text(estimate.seconds)} of training" if estimate.seconds >= 0.05 else ""


def _why(found: Recommendation, measure: Measure) -> str:
    if not found.noise.known:
        return f"the {measure.extreme} on any curve\n{ONCE}"
    noise = noise_text(found.noise)
    if found.recommended.point == found.best.point:
        return f"the {measure.extreme} mean over {noise};\nnothing cheaper is within one standard error of it"
    best = f"{estimate_text(found.best, measure)}{_cost_text(found.best)}"
    return (
        f"the cheapest of {found.within} points within one standard error, over {noise},\n"
        f"of the best: {point_text(found.best.point)}\n{best}"
    )


def _epochs_text(found: Recommendation) -> str:
    if found.best_epoch is not None:
        return _epoch_text(found)
    if found.recommended.units < FEWEST_UNITS:
        return "an interval of the best epoch needs three folds or fresh seeds"
    return "its curve answers for this number of epochs alone, and for no other"


def _epoch_text(found: Recommendation) -> str:
    interval = found.best_epoch
    assert interval is not None
    share = f"{interval.confidence:.0%}".replace("%", " %")
    return (
        f"best epoch of this configuration {interval.estimate:.0f}, "
        f"{share} interval {interval.low:.0f} to {interval.high:.0f}"
    )


def _number_text(axis: str, value: float) -> str:
    return rate_text(float(value), 4) if axis == "learning_rate" else hyperparameter_text(value)
