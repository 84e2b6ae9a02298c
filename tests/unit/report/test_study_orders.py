"""What a study's page says of freezing and thawing."""

from __future__ import annotations

from dataclasses import replace

from epochsearch.analysis.forecasts import order_outcomes
from epochsearch.core.measure import Measure
from epochsearch.core.orders import Expected, Forecast, TrialOrder
from epochsearch.report.order_figures import forecasts_figure, thawing_figure
from epochsearch.report.study_orders import thawing
from tests.unit.report.subjects import curve, studied

CURVES = (curve(0, 12), curve(1, 4, 0.01), curve(2, 2, 0.02))
MEASURE = Measure()


def order(step: int, trial: int, upto: int, low: float, high: float) -> TrialOrder:
    expected = Expected((low + high) / 2, low, high)
    return TrialOrder(step, trial, upto, Forecast(expected, expected, 0.01))


ORDERS = order_outcomes(
    [
        TrialOrder(0, 0, 2),
        TrialOrder(1, 1, 2),
        order(2, 1, 4, 0.6, 0.7),
        order(3, 2, 2, 0.9, 1.0),
        order(4, 0, 12, 0.2, 0.4),
    ],
    {one.trial.number: [report.val_loss for report in one.reports] for one in CURVES},
    last=12,
)
TRIALS = {
    one.trial.number: replace(one.trial, frozen=frozen)
    for one, frozen in zip(CURVES, (False, True, True), strict=True)
}
STUDY = replace(studied(*(replace(one, trial=TRIALS[one.trial.number]) for one in CURVES)), orders=ORDERS)


def test_every_stretch_is_a_line_from_what_had_been_charged() -> None:
    """Those that began a trial, those that thawed one, and what became of each trial at its last epoch."""
    begun, thawed, frozen, ended = thawing_figure(ORDERS, TRIALS, MEASURE).data

    assert [trace.name for trace in (begun, thawed, frozen, ended)] == [
        "begun", "thawed", "frozen", "trained to the end",
    ]  # fmt: skip
    assert list(begun.x) == [0, 2, None, 2, 4, None, 6, 8, None]
    assert list(begun.y) == [0, 0, None, 1, 1, None, 2, 2, None]
    assert list(thawed.x) == [4, 6, None, 8, 18, None]
    assert (list(frozen.x), list(frozen.y), list(ended.x)) == ([6, 8], [1, 2], [18])


def test_forecasts_stand_against_what_came_with_their_intervals() -> None:
    """Inside and outside apart; an axis that grows upwards for a metric that does."""
    _, inside, outside = forecasts_figure(ORDERS, MEASURE).data  # type: ignore[union-attr]
    _, shown, _ = forecasts_figure(ORDERS, Measure("accuracy", maximise=True)).data  # type: ignore[union-attr]

    assert (len(inside.x), len(outside.x)) == (2, 1)
    assert abs(inside.x[1] - 0.3) < 1e-9
    assert abs(inside.error_x.array[1] - 0.1) < 1e-9
    assert abs(shown.x[1] - 0.7) < 1e-9
    assert forecasts_figure(ORDERS[:2], MEASURE) is None


def test_the_section_says_what_was_thawed_and_what_was_never_finished() -> None:
    """The most promising first; other samplers have no such section."""
    text = thawing(STUDY, ["2 trials could go on <&>"], figures := {})

    assert list(figures) == ["orders", "forecasts"]
    assert "2 trials could go on &lt;&amp;&gt;." in text
    assert "<h3>Thawed</h3>" in text
    assert "<h3>Never finished, all</h3>" in text
    rows = text.rpartition("<tbody>")[2].split("<tr>")[1:]
    assert [row.partition("</td>")[0] for row in rows] == ["<td>1", "<td>2"]
    assert "0.6 to 0.7" in rows[0]
    assert thawing(replace(STUDY, orders=()), [], {}) == ""
