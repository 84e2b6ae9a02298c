"""What a person reads of one trial: the diagnosis with its evidence, a chart, and every epoch."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from epochsearch.analysis.diagnosis_words import evidence_sentences, verdict_sentence
from epochsearch.analysis.findings import Diagnosis
from epochsearch.analysis.gradients import diagnose_gradients, gradient_sentence
from epochsearch.cli.console import Fact
from epochsearch.cli.terminal.chart import chart_lines
from epochsearch.cli.words.formats import hyperparameter_text, loss_text, rate_text
from epochsearch.cli.words.returns_texts import gain_text, returns_lines
from epochsearch.core.stages import stage_at, stages_of
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import TrialCurve, TrialRecord
from epochsearch.search.answers.advice import Advice
from epochsearch.search.answers.diagnosing import DiagnosedTrial

WIDTH = 80
LABEL = len("Diagnosis") + 2  # columns before a fact
SPARE = ("GL %", "seconds", "MB")


def trial_facts(summary: StudySummary, found: DiagnosedTrial, advised: Sequence[Advice]) -> list[Fact]:
    """Return what `show --trial` says above the chart: trial, best epoch, diagnosis, what to do."""
    trial = found.curve.trial
    stage = stage_at(stages_of(summary.spec), trial.number)
    of_stage = f", stage {stage.name}" if stage else ""
    facts = [
        ("Study", f"{summary.study} ({summary.spec.task})"),
        ("Trial", wrapped(f"{_trial_text(trial)}{of_stage}")),
        ("Point", wrapped(_point_text(trial))),
    ]
    if found.diagnosis is None:
        return [*facts, ("Diagnosis", "none: no epoch of it is known")]
    facts += [("Best", wrapped(_best_text(found.curve, found.diagnosis)))]
    facts += [("Diagnosis", wrapped(f"{verdict_sentence(found.diagnosis)}."))]
    facts += [("Evidence", "\n".join(_item(said) for said in evidence_sentences(found.diagnosis)))]
    gradients = diagnose_gradients(found.curve.reports)
    if gradients is not None:
        facts += [("Gradients", wrapped(gradient_sentence(gradients)))]
    if found.returns is not None:
        facts += [("Returns", "\n".join(wrapped(said) for said in returns_lines(found.returns)))]
    if advised:
        facts += [("Next", "\n".join(f"{one.command}\n  {one.why}" for one in advised))]
    return facts


def curve_lines(curve: TrialCurve, *, unicode: bool) -> list[str]:
    """Return the small chart of validation and training loss."""
    curves = {
        "validation loss": [(float(report.epoch), report.val_loss) for report in curve.reports],
        "training loss": [(float(report.epoch), report.train_loss) for report in curve.reports],
    }
    return chart_lines(curves, len(curve.reports), "epochs", width=WIDTH, unicode=unicode)


def epoch_table(found: DiagnosedTrial) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the columns of a trial's epochs and their cells, a row for each."""
    reports, gained = found.curve.reports, found.returns
    names = list(dict.fromkeys(name for report in reports for name, _ in report.metrics))
    measured = found.diagnosis.measures if found.diagnosis else None
    remembered = any(report.memory_bytes is not None for report in reports)
    columns = ["epoch", "training", "validation", *names, "GL %", "gain", "seconds"]
    columns += ["MB"] if remembered else []
    columns += ["money"] if gained is not None and gained.money is not None else []
    rows = []
    for i, report in enumerate(reports):
        metrics = dict(report.metrics)
        cells = [str(report.epoch), loss_text(report.train_loss), loss_text(report.val_loss)]
        cells += [loss_text(metrics.get(name)) for name in names]
        cells += [_number(measured.criteria.generalisation_loss[i], "{:.1f}") if measured else "-"]
        cells += [gain_text(float(gained.gain[i])) if gained else "-", f"{report.seconds:.3g}"]
        if remembered:
            cells += [f"{report.memory_bytes / 1e6:,.0f}" if report.memory_bytes else "-"]
        if gained is not None and gained.money is not None:
            cells += [f"{gained.money[i]:.3g}"]
        rows.append(tuple(cells))
    return columns, rows


def _trial_text(trial: TrialRecord) -> str:
    said = f"{trial.number}, {trial.outcome.value}"
    if trial.epochs_done != trial.point.epochs:
        said += f" after {trial.epochs_done} of {trial.point.epochs} epochs"
    return f"{said}: {' '.join(trial.reason.split())}" if trial.reason else said


def _point_text(trial: TrialRecord) -> str:
    point = trial.point
    parts = [f"epochs {point.epochs}", f"learning rate {rate_text(point.learning_rate, 4)}"]
    parts += [f"batch size {point.batch_size}"]
    parts += [f"{name} {hyperparameter_text(value)}" for name, value in point.configuration.extras]
    return ", ".join(parts)


def _best_text(curve: TrialCurve, found: Diagnosis) -> str:
    finite = [report for report in curve.reports if math.isfinite(report.val_loss)]
    if not finite:
        return "none: no loss is a number"
    best = min(finite, key=lambda report: report.val_loss)
    at = "" if found.chosen == best.epoch else f"; the trial's value is of epoch {found.chosen}"
    return f"epoch {best.epoch} of {len(curve.reports)}, validation loss {loss_text(best.val_loss)}{at}"


def _number(value: float, form: str) -> str:
    return form.format(value) if math.isfinite(value) else "-"


def wrapped(text: str) -> str:
    """Return a fact as lines that fit beside its label."""
    return textwrap.fill(text, WIDTH - LABEL, break_long_words=False, break_on_hyphens=False)


def _item(text: str) -> str:
    return textwrap.fill(
        f"- {text}", WIDTH - LABEL, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
