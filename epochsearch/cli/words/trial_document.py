"""What `show --trial N --json` prints: every epoch, the diagnosis and its measures, returns, what to do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from epochsearch.analysis.diagnosis_words import evidence_sentences, verdict_sentence
from epochsearch.analysis.findings import Diagnosis, Measures, Reason
from epochsearch.analysis.gradients import diagnose_gradients, gradient_sentence
from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.returns import CurveReturns
from epochsearch.cli.words.documents import number, trial_document
from epochsearch.core.curve import EpochReport
from epochsearch.core.summary import StudySummary
from epochsearch.search.answers.advice import Advice
from epochsearch.search.answers.diagnosing import DiagnosedTrial


def diagnosis_document(
    summary: StudySummary, found: DiagnosedTrial, advised: Sequence[Advice]
) -> dict[str, Any]:
    """Return the document of one trial."""
    return {
        "study": summary.study,
        "task": summary.spec.task,
        "trial": trial_document(found.curve),
        "epochs": [
            {
                "epoch": report.epoch,
                "train_loss": number(report.train_loss),
                "val_loss": number(report.val_loss),
                "metrics": {name: number(value) for name, value in report.metrics},
                "seconds": number(report.seconds),
                "memory_bytes": report.memory_bytes,
                "average_loss": number(report.average_loss),
                "gradient_norm": number(report.gradient_norm),
            }
            for report in found.curve.reports
        ],
        "diagnosis": None if found.diagnosis is None else diagnosis_fields(found.diagnosis),
        "gradients": gradient_fields(found.curve.reports),
        "returns": None if found.returns is None else returns_fields(found.returns),
        "next": [{"why": one.why, "command": one.command} for one in advised],
    }


def diagnosis_fields(found: Diagnosis) -> dict[str, Any]:
    """Return a diagnosis; `evidence` is null where there are too few epochs or none that is finite."""
    measured = found.measures
    return {
        "verdict": found.verdict.value,
        "reason": found.reason.name.lower(),
        "said": verdict_sentence(found),
        "sentences": evidence_sentences(found),
        "epochs": found.epochs,
        "chosen_epoch": found.chosen,
        "best_epoch": measured.best_epoch if measured else None,
        "converged": found.converged,
        "more_by_twice_the_epochs": (
            _interval(measured.more) if measured and found.reason is Reason.FALLING else None
        ),
        "evidence": _evidence(found, measured) if measured else None,
    }


def gradient_fields(reports: Sequence[EpochReport]) -> dict[str, Any] | None:
    """Return what the gradient norms say; None where none were measured."""
    found = diagnose_gradients(reports)
    if found is None:
        return None
    numbers = {"epoch": found.epoch, "norm": number(found.norm), "typical": number(found.typical)}
    return {"state": found.state, "said": gradient_sentence(found), **numbers}


def returns_fields(found: CurveReturns) -> dict[str, Any]:
    """Return what each epoch bought; the first one is null everywhere."""
    return {
        "least_gain": found.least,
        "worth_until": found.worth,
        "seconds": [number(float(value)) for value in found.seconds],
        "per_epoch": _column(found.gain),
        "per_second": _column(found.per_second),
        "per_gigabyte_second": _column(found.per_gigabyte_second),
        "per_money": _column(found.per_money),
        "money": _column(found.money),
    }


def _evidence(found: Diagnosis, measured: Measures) -> dict[str, Any]:
    lost, quotient, up = measured.criteria.at(found.chosen)
    gain = measured.slope.gain_share()
    return {
        "gl": number(lost),
        "pq": number(quotient),
        "up": int(up),
        "strip": measured.criteria.strip,
        "slope": _interval(measured.slope.slope)
        | {"from_epoch": measured.slope.first, "to_epoch": measured.slope.last},
        "gain_by_twice_the_epochs": _interval(gain),
        "late_share": measured.late_share,
        "rise": measured.rise,
        "rising_epochs": measured.rising_epochs,
        "gap": number(measured.gap),
        "train_end": number(measured.train_end),
        "val_end": number(measured.val_end),
        "noise": {
            "between": measured.noise.between,
            "seeds": measured.noise.seeds,
            "share_of_loss": math.expm1(measured.noise.spread),
            "counts_beyond": math.expm1(measured.counts),
        },
        "reference": {
            "reachable": number(found.reference.reachable),
            "source": found.reference.source or None,
            "chance": number(found.reference.chance),
            "over_reachable": number(measured.over_reachable),
        },
    }


def _interval(found: Interval) -> dict[str, Any]:
    return {
        "estimate": number(found.estimate),
        "low": number(found.low),
        "high": number(found.high),
        "confidence": found.confidence,
    }


def _column(values: Any) -> list[float | None] | None:
    return None if values is None else [number(float(value)) for value in values]
