"""The page of a study: one HTML file with everything in it, the answer first; it needs no network.

A section whose facts are missing is left out. Sentences that the command line says too come in as words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from epochsearch.analysis.diagnosis_words import evidence_sentences, verdict_sentence
from epochsearch.analysis.findings import Diagnosis, Reason, Verdict
from epochsearch.analysis.gradients import diagnose_gradients, gradient_sentence
from epochsearch.core.trial import Outcome
from epochsearch.report.landscape import landscape_figure
from epochsearch.report.markup import (
    Figures,
    command,
    document,
    figure,
    number,
    safe,
    sentence,
    table,
    write_document,
)
from epochsearch.report.study_answer import answer
from epochsearch.report.study_figures import (
    curves_figure,
    importances_figure,
    metrics_figure,
    progress_figure,
    returns_figure,
)
from epochsearch.report.study_orders import thawing
from epochsearch.report.study_stages import stages_section
from epochsearch.search.answers.studied import ChosenCurve, StudiedStudy

Said = tuple[str, str]
"""A label and what it stands before; lines are broken where they are."""

MOST_REASONS = 10


@dataclass(frozen=True, slots=True)
class Words:
    """What the command line says of the study in its own words."""

    recommendation: Sequence[Said]  # the point to take, why, how sure
    matters: Sequence[Said]  # importances, scaling, edges
    rivals: tuple[str, Sequence[str], Sequence[Sequence[str]]] | None  # a sentence, columns and rows
    returns: Sequence[str]  # of the chosen curve, line by line
    last_share: str  # what the last of the budget bought, "" if not known
    cost: Sequence[Said]
    spec: Sequence[Said]
    commands: Sequence[Said]  # what each is good for, and the command
    thawing: Sequence[str] = ()  # how much was frozen and thawed, and how well it was foreseen


def write_study_page(found: StudiedStudy, words: Words, file: Path) -> None:
    """Write the page.

    Raises:
        UsageError: The file cannot be written.
    """
    write_document(study_html(found, words), file, "Name another one: --html FILE")


def study_html(found: StudiedStudy, words: Words) -> str:
    """Return the whole page as text."""
    figures: Figures = {}
    summary = found.summary
    title = f"{summary.study}: how many epochs, at which learning rate and batch size"
    head = (
        f"<h1>{safe(title)}</h1><p class='soft'>Task {safe(summary.spec.task)}; as of "
        f"{summary.updated:%Y-%m-%d %H:%M} UTC. Made by epochsearch report.</p>"
    )
    body = [head, answer(found, words.recommendation, words.cost)]
    if found.chosen is not None:
        body += [_curves(found, found.chosen, figures), _diagnosis(found, found.chosen)]
    body += [
        stages_section(summary, [one.curve.trial for one in found.trials]),
        _landscape(found, figures),
        thawing(found, words.thawing, figures),
        _matters(found, words, figures),
    ]
    body += [_returns(found, words, figures), _resources(found), _outcomes(found)]
    body += [_reproduce(found, words), _reading(found)]
    return document(title, [part for part in body if part], figures)


def _curves(found: StudiedStudy, chosen: ChosenCurve, figures: Figures) -> str:
    said = "The line marks the epoch to take"
    said += ", the band the 95 % interval of the best one. " if chosen.interval is not None else ". "
    said += "Grey: validation losses of other trials. Training losses are means while training, so the first "
    said += "ones lie high."
    drawn = curves_figure(chosen, [one.curve for one in found.trials])
    parts = ["<h2>Training and validation</h2>", figure("curves", drawn, said, figures)]
    measured = metrics_figure(chosen)
    if measured is not None:
        parts.append(figure("metrics", measured, "Metrics of the same curve.", figures))
    return "".join(parts)


def _diagnosis(found: StudiedStudy, chosen: ChosenCurve) -> str:
    diagnosis = chosen.found.diagnosis
    assert diagnosis is not None, "a chosen curve has one"
    gradients = diagnose_gradients(chosen.found.curve.reports)
    named = [] if gradients is None else [gradient_sentence(gradients)]
    evidence = "".join(
        f"<li>{safe(sentence(said))}</li>" for said in (*evidence_sentences(diagnosis), *named)
    )
    ends_before = diagnosis.reason is Reason.ROSE and chosen.point.epochs <= diagnosis.epochs - _rising(
        diagnosis
    )
    advised = _commands([(one.why, one.command) for one in chosen.advised[1 if ends_before else 0 :]])
    counts = Counter(one.diagnosis.verdict for one in found.trials if one.diagnosis is not None)
    rows = [[verdict.value, f"{counts[verdict]:,}"] for verdict in Verdict if counts[verdict]]
    trial, verdict = chosen.found.curve.trial.number, sentence(_capital(verdict_sentence(diagnosis)))
    return (
        f"<h2>Under- or over-fitted?</h2><p class='main'>{safe(verdict)}</p>"
        f"<p class='soft'>Of the whole curve that the point lies on, trial {trial}, {diagnosis.epochs} "
        f"epochs.{' The point to take ends before the rise.' if ends_before else ''}</p>"
        f"<ul>{evidence}</ul>{advised}<h3>All trials</h3>{table(['verdict', 'trials'], rows)}"
    )


def _rising(found: Diagnosis) -> int:
    return found.measures.rising_epochs if found.measures else 0


def _landscape(found: StudiedStudy, figures: Figures) -> str:
    point = found.chosen.point if found.chosen else None
    drawn = landscape_figure([one.curve for one in found.trials], point, found.summary.spec.measure)
    if drawn is None:
        return ""
    said = (
        f"Each circle is a trial, its colour the {found.summary.spec.measure.word} after the epoch at the "
        "slider; hollow once the trial had ended. The worst quarter shares the last colour. The star is the "
        "point to take."
    )
    return "<h2>Where the search looked</h2>" + figure("landscape", drawn, said, figures)


def _matters(found: StudiedStudy, words: Words, figures: Figures) -> str:
    if found.grounds is None:
        return ""
    parts = ["<h2>What mattered</h2>"]
    if found.grounds.importances:
        said = "PED-ANOVA: which hyperparameters set the best tenth of the trials apart from the rest."
        parts.append(figure("importances", importances_figure(found.grounds.importances), said, figures))
    named = [fact for fact in words.matters if fact[0] != "Matters" or not found.grounds.importances]
    parts.append(_facts(named))
    if words.rivals is not None:
        said, columns, rows = words.rivals
        parts.append(f"<p>{safe(said)}</p>{table(columns, rows) if rows else ''}")
    return "".join(parts)


def _returns(found: StudiedStudy, words: Words, figures: Figures) -> str:
    parts = []
    if found.chosen is not None and found.chosen.found.returns is not None:
        chosen = found.chosen
        losses = [report.val_loss for report in chosen.found.curve.reports]
        assert chosen.found.returns is not None, "just asked"
        if len(losses) > 1:
            drawn = returns_figure(chosen.found.returns, losses, chosen.point.epochs)
            said = "What each epoch took off the loss, on the convex curve below it; dashed: the least."
            parts += [figure("returns", drawn, said, figures)]
        parts += [f"<p>{safe(sentence(_capital(line)))}</p>" for line in words.returns]
    if found.steps:
        charged = float(found.summary.cost.epochs_charged)
        drawn = progress_figure(found.steps, charged, found.last, found.summary.spec.measure)
        said = "The best completed trial against what the search was charged; shaded: the last of the budget."
        parts.append(figure("progress", drawn, said, figures))
    if words.last_share:
        parts.append(f"<p>{safe(sentence(_capital(words.last_share)))}</p>")
    return f"<h2>Return on compute</h2>{''.join(parts)}" if parts else ""


def _resources(found: StudiedStudy) -> str:
    if not found.batch_costs:
        return ""
    columns = ["batch size", "trials", "seconds an epoch", "peak memory", "epochs charged", "best"]
    measure = found.summary.spec.measure
    rows = [
        [
            str(one.batch_size),
            f"{one.trials:,}",
            number(one.seconds),
            "-" if one.memory_bytes is None else f"{one.memory_bytes / 1e6:,.0f} MB",
            f"{one.epochs_charged:,}",
            number(None if one.best is None else measure.shown(one.best)),
        ]
        for one in found.batch_costs
    ]
    said = "Seconds are the median over all epochs of the search, as measured with its workers side by side."
    return f"<h2>What a batch size costs</h2>{table(columns, rows)}<p class='soft'>{said}</p>"


def _outcomes(found: StudiedStudy) -> str:
    trials = [one.curve.trial for one in found.trials]
    if not trials:
        return ""
    rows = []
    for outcome in Outcome:
        group = [trial for trial in trials if trial.outcome is outcome]
        if group:
            charged = sum(trial.cost.epochs_charged for trial in group)
            spared = sum(max(0, trial.point.epochs - trial.epochs_done) for trial in group)
            rows.append([outcome.value, f"{len(group):,}", f"{charged:,}", f"{spared:,}"])
    broken = [trial for trial in trials if trial.reason][:MOST_REASONS]
    reasons = "".join(
        f"<li>trial {trial.number}, {trial.outcome.value}: {safe(' '.join(trial.reason.split())[:300])}</li>"
        for trial in broken
    )
    columns = ["outcome", "trials", "epochs charged", "epochs not trained"]
    listed = f"<ul>{reasons}</ul>" if reasons else ""
    return f"<h2>Failures and prunings</h2>{table(columns, rows)}{listed}"


def _reproduce(found: StudiedStudy, words: Words) -> str:
    made = "; ".join(f"{name} {value}" for name, value in found.conditions.items())
    return (
        f"<h2>How to reproduce it</h2>{_commands(words.commands)}{_facts(words.spec)}"
        f"<p class='soft'>Begun with {safe(made)}.</p>"
    )


def _reading(found: StudiedStudy) -> str:
    points = [
        "Losses are those of the validation part unless it says otherwise; lower is better. The loss of the "
        "best of many points is optimistic.",
        "A verdict rests on the whole curve; differences count beyond twice the noise. One rise of the "
        "validation loss is never called over-fitting.",
        "Charged is what the search would have cost alone; trained is what was really run for it.",
        "Nothing on this page has touched the test part, except for the looks that are named.",
    ]
    listed = "".join(f"<li>{safe(point)}</li>" for point in points)
    return f"<h2>How to read this</h2><ul class='soft'>{listed}</ul>"


def _facts(said: Sequence[Said]) -> str:
    rows = "".join(
        f"<div><dt>{safe(label)}</dt><dd>{safe(text).replace(chr(10), '<br>')}</dd></div>"
        for label, text in said
    )
    return f"<dl class='facts'>{rows}</dl>" if rows else ""


def _commands(said: Sequence[Said]) -> str:
    return "".join(
        f"<p>{safe(_capital(why))}:</p><pre><code>{command(line)}</code></pre>" for why, line in said
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
