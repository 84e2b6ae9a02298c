"""The head of a study's page: the point to take, how sure that is, the test score if seen, the cost."""

from __future__ import annotations

import math
from collections.abc import Sequence

from epochsearch.core.choice import scalar_text
from epochsearch.core.curve import EpochReport
from epochsearch.core.measure import Measure
from epochsearch.core.point import Point
from epochsearch.report.markup import number, safe
from epochsearch.search.answers.studied import StudiedStudy
from epochsearch.store.looks import SeenLook


def answer(
    found: StudiedStudy, recommendation: Sequence[tuple[str, str]], cost: Sequence[tuple[str, str]]
) -> str:
    """Return the section; recommendation, cost: labels and what they stand before."""
    if found.chosen is None:
        point = "<p class='main'>No answer yet: no trial has ended with a finite loss.</p>"
    else:
        point = _triple(found.chosen.point)
    said = [*recommendation, ("Test", _test(found)), *cost]
    facts = "".join(
        f"<div><dt>{safe(label)}</dt><dd>{safe(text).replace(chr(10), '<br>')}</dd></div>"
        for label, text in said
    )
    return f"<section class='verdict' id='answer'>{point}<dl class='facts'>{facts}</dl></section>"


def _triple(point: Point) -> str:
    cells = [
        ("epochs", str(point.epochs)),
        ("learning rate", f"{point.learning_rate:.4g}"),
        ("batch size", str(point.batch_size)),
    ]
    for name, value in point.configuration.extras:
        shown = f"{value:.4g}" if isinstance(value, float) else scalar_text(value)
        cells.append((name.replace("_", " "), shown))
    shown_cells = "".join(f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd></div>" for name, value in cells)
    return f"<dl class='triple'>{shown_cells}</dl>"


def _test(found: StudiedStudy) -> str:
    if not found.looks:
        return "the test part has not been looked at"
    last = found.looks[-1]
    looks = "once" if len(found.looks) == 1 else f"{len(found.looks)} times"
    said = f"{_score(last)} (trial {last.trial} after epoch {last.epoch}); looked at {looks}"
    trial = next((one.curve.trial for one in found.trials if one.curve.trial.number == last.trial), None)
    reports = next((one.curve.reports for one in found.trials if one.curve.trial is trial), ())
    if len(reports) >= last.epoch:
        said += _optimism(found.summary.spec.measure, last, reports[last.epoch - 1])
    return said


def _optimism(measure: Measure, look: SeenLook, report: EpochReport) -> str:
    """Return how the test part's score in what was optimised differs from the one that chose the point."""
    test = measure.shown(measure.read(look.score.loss, look.score.metrics))
    validation = measure.shown(measure.of(report))
    if not math.isfinite(test - validation):
        return ""
    where, word = "above" if test >= validation else "below", measure.word
    apart = number(abs(test - validation))
    return f"\nvalidation {word} there {number(validation)}; the test {word} is {apart} {where} it"


def _score(look: SeenLook) -> str:
    metrics = [f"{name.replace('_', ' ')} {number(value)}" for name, value in look.score.metrics]
    return ", ".join([f"loss {number(look.score.loss)}", *metrics])
