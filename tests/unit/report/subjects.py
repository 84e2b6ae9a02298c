"""A study that never ran, as a report sees it."""

from __future__ import annotations

import math
from dataclasses import replace

from epochsearch.analysis.batch_costs import batch_costs
from epochsearch.analysis.diagnosis import diagnose
from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.returns import curve_returns
from epochsearch.analysis.traces import Trace
from epochsearch.core.curve import EpochReport
from epochsearch.core.point import Point
from epochsearch.core.trial import TrialCurve
from epochsearch.search.answers.advice import Advice
from epochsearch.search.answers.diagnosing import DiagnosedTrial
from epochsearch.search.answers.studied import ChosenCurve, StudiedStudy
from tests.unit.cli.fakes import point, summary, trial


def curve(number: int, epochs: int = 12, rate: float = 0.001, size: int = 32) -> TrialCurve:
    reports = tuple(
        EpochReport(e, 2.0 / e, 2.1 / e + 0.1 + 0.01 * number, 0.5, (("accuracy", 1 - 0.5 / e),))
        for e in range(1, epochs + 1)
    )
    at = Point(epochs, replace(point().configuration, learning_rate=rate, batch_size=size))
    record = replace(trial(number, reports[-1].val_loss, epochs_done=epochs), point=at)
    return TrialCurve(record, reports)


def found(one: TrialCurve) -> DiagnosedTrial:
    train, val = [r.train_loss for r in one.reports], [r.val_loss for r in one.reports]
    return DiagnosedTrial(one, diagnose(train, val), curve_returns(val, [0.5] * len(val), price=2.0))


def studied(*curves: TrialCurve) -> StudiedStudy:
    trials = tuple(found(one) for one in curves)
    chosen = ChosenCurve(
        trials[0],
        Point(5, trials[0].curve.trial.point.configuration),
        Interval(5, 4, 7),
        ((math.inf, 0.5, 0.4),),
        (Advice("go on", "epochsearch run"),),
    )
    return StudiedStudy(
        summary=summary(curves[0].trial, completed=len(curves)),
        trials=trials,
        grounds=None,
        chosen=chosen,
        looks=(),
        batch_costs=batch_costs(curves),
        steps=(),
        last=None,
        conditions={"torch": "2.9"},
        searched=Trace("s", "", 0, ()),
    )
