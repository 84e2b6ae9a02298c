"""What a study's page says of freezing and thawing: what was thawed when, how well foreseen, what is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from epochsearch.analysis.forecasts import OrderOutcome, last_orders
from epochsearch.core.measure import Measure
from epochsearch.core.trial import TrialRecord
from epochsearch.report.markup import Figures, figure, number, safe, sentence, table
from epochsearch.report.order_figures import forecasts_figure, thawing_figure
from epochsearch.search.answers.studied import StudiedStudy

MOST_ROWS = 10


def thawing(found: StudiedStudy, said: Sequence[str], figures: Figures) -> str:
    """Return the section; "" where nothing was frozen and thawed.

    said: how many trials could go on, how often one was thawed, how many forecasts held.
    """
    if not found.orders:
        return ""
    measure = found.summary.spec.measure
    trials = {one.curve.trial.number: one.curve.trial for one in found.trials}
    caption = (
        "Each line is a stretch of training, in the order in which they were given, as long as its epochs; "
        "the mark shows what became of the trial."
    )
    drawn = thawing_figure(found.orders, trials, measure)
    parts = ["<h2>What was frozen and thawed</h2>"]
    parts += [f"<p>{safe(sentence(line))}</p>" for line in said]
    parts += [figure("orders", drawn, caption, figures), _thawed(found.orders, trials, measure)]
    foreseen = forecasts_figure(found.orders, measure)
    if foreseen is not None:
        caption = (
            f"The best {measure.word} of a trial at the end of a stretch, as expected when the stretch was "
            "ordered, with the interval that is to hold it nine times in ten, against what came."
        )
        parts += ["<h3>Expected and seen</h3>", figure("forecasts", foreseen, caption, figures)]
    return "".join([*parts, _unfinished(found, trials, measure)])


def _thawed(outcomes: Sequence[OrderOutcome], trials: dict[int, TrialRecord], measure: Measure) -> str:
    """Return the table of the trials that were thawed most often, with every stretch."""
    by_trial: dict[int, list[OrderOutcome]] = defaultdict(list)
    for one in outcomes:
        by_trial[one.order.trial].append(one)
    again = {trial: some for trial, some in by_trial.items() if len(some) > 1 and trial in trials}
    if not again:
        return ""
    ranked = sorted(again, key=lambda trial: (-len(again[trial]), trial))[:MOST_ROWS]
    rows = [
        [
            *_configuration(trials[trial]),
            ", ".join(str(one.done) for one in again[trial]),
            ", ".join(f"{one.charged:,}" for one in again[trial][1:]),
            _shown(again[trial][-1].seen, measure),
        ]
        for trial in ranked
    ]
    when = "thawed after charged epochs"
    columns = ["trial", "learning rate", "batch size", "trained to epoch", when, "best"]
    title = "Thawed" if len(ranked) == len(again) else f"Thawed most often, {len(ranked)} of {len(again)}"
    return f"<h3>{title}</h3>{table(columns, rows)}"


def _unfinished(found: StudiedStudy, trials: dict[int, TrialRecord], measure: Measure) -> str:
    """Return the table of what could go on, the most promising first."""
    frozen = [number for number, trial in trials.items() if trial.frozen]
    left = last_orders(found.orders, frozen)
    if not left:
        return ""
    rows = [
        [
            *_configuration(trials[one.order.trial]),
            str(one.done),
            _shown(one.seen, measure),
            *_expected_end(one, measure),
        ]
        for one in left[:MOST_ROWS]
    ]
    last = found.summary.spec.space.max_epochs
    expected = f"expected by epoch {last}"
    columns = ["trial", "learning rate", "batch size", "epochs", "best", expected, "90 % interval"]
    which = f"the {len(rows)} most promising of {len(left)}" if len(rows) < len(left) else "all"
    said = "What was expected when they were last ordered; those begun before the model decided have nothing."
    return f"<h3>Never finished, {which}</h3>{table(columns, rows)}<p class='soft'>{said}</p>"


def _configuration(trial: TrialRecord) -> tuple[str, str, str]:
    point = trial.point
    return str(trial.number), f"{point.learning_rate:.3g}", str(point.batch_size)


def _expected_end(outcome: OrderOutcome, measure: Measure) -> tuple[str, str]:
    forecast = outcome.order.forecast
    if forecast is None:
        return "-", "-"
    low, high = sorted((measure.shown(forecast.end.low), measure.shown(forecast.end.high)))
    return _shown(forecast.end.median, measure), f"{number(low)} to {number(high)}"


def _shown(value: float | None, measure: Measure) -> str:
    return number(None if value is None else measure.shown(value))
