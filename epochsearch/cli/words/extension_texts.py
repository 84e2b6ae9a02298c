"""What is told of an extension: how far each configuration was carried on, and why it stopped."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from epochsearch.analysis.extension import Ending
from epochsearch.analysis.intervals import Interval
from epochsearch.cli.console import Fact
from epochsearch.cli.words.documents import number
from epochsearch.cli.words.formats import hyperparameter_text, loss_text, rate_text
from epochsearch.core.measure import Measure
from epochsearch.search.extending.extended import Extended, Extension

_WIDTH = 68  # beside the labels, on 80 columns


def extension_facts(extension: Extension, measure: Measure) -> list[Fact]:
    """Return each configuration with its epochs and losses before and after, and why it stopped."""
    lines: list[str] = []
    for one in extension.configurations:
        lines.append(_carried_text(one, measure))
        told = f"stopped: {ending_text(one, extension)}" if one.ending else ending_text(one, extension)
        lines += textwrap.wrap(told, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return [("From", extension.source), ("Carried", "\n".join(lines))]


def ending_text(one: Extended, extension: Extension) -> str:
    """Return why a configuration stopped, in words."""
    if one.ending is Ending.GAIN and one.gain is not None:
        limit = f", not more than {_percent(extension.rule.gain)}" if one.gain.estimate >= 0 else ""
        return _gain_text(one.gain) + limit
    if one.ending is Ending.MAX_EPOCHS:
        ahead = f"; {_gain_text(one.gain)}" if one.gain is not None else ""
        return f"it may have {extension.rule.max_epochs} epochs at most{ahead}"
    if one.ending is not None:
        reasons = [trial.reason for trial in one.trials if trial.reason]
        return " ".join(reasons[-1].split()) if reasons else one.ending.value
    return "not stopped yet: the same command goes on with it"


def extension_document(extension: Extension) -> dict[str, Any]:
    """Return what `--json` says of an extension beside what it says of every study."""
    return {
        "from": extension.source,
        "gain": extension.rule.gain,
        "max_epochs": extension.rule.max_epochs,
        "configurations": [_configuration(one, extension) for one in extension.configurations],
    }


def further_epochs(extension: Extension) -> int | None:
    """Return how many epochs to allow those that were stopped only by their number; None if none was."""
    limited = any(one.ending is Ending.MAX_EPOCHS for one in extension.configurations)
    return 2 * extension.rule.max_epochs if limited else None


def _configuration(one: Extended, extension: Extension) -> dict[str, Any]:
    first, longest, configuration = one.first, one.longest, one.start.configuration
    return {
        "learning_rate": configuration.learning_rate,
        "batch_size": configuration.batch_size,
        "hyperparameters": dict(configuration.extras),
        "epochs": {
            "from": one.start.epochs,
            "to": longest.point.epochs if longest else None,
            "trained": one.epochs_trained,
        },
        "value": {
            "from": number(first.value) if first else None,
            "to": number(longest.value) if longest else None,
        },
        "trials": [trial.number for trial in one.trials],
        "stopped": one.ending.value if one.ending else None,
        "reason": ending_text(one, extension),
        "predicted_gain": _interval(one.gain),
    }


def _interval(gain: Interval | None) -> dict[str, float] | None:
    if gain is None:
        return None
    return {"estimate": gain.estimate, "low": gain.low, "high": gain.high, "confidence": gain.confidence}


def _carried_text(one: Extended, measure: Measure) -> str:
    configuration, first, longest = one.start.configuration, one.first, one.longest
    words = [f"lr {rate_text(configuration.learning_rate)}", f"batch {configuration.batch_size}"]
    words += [f"{name} {hyperparameter_text(value)}" for name, value in configuration.extras]
    ends = [trial for trial in (first, longest) if trial is not None and trial.value is not None]
    steps = dict.fromkeys((trial.point.epochs, trial.value) for trial in ends)  # one if it was not carried on
    words.append(f"epochs {_path([str(epochs) for epochs, _ in steps] or [str(one.start.epochs)])}")
    if steps:
        values = [loss_text(measure.shown(value)) for _, value in steps if value is not None]
        words.append(f"{measure.word} {_path(values)}")
    return "  ".join(words)


def _path(ends: Sequence[str]) -> str:
    return " to ".join(ends)


def _gain_text(gain: Interval) -> str:
    better = gain.estimate >= 0
    low, high = (gain.low, gain.high) if better else (-gain.high, -gain.low)
    size = _percent(abs(gain.estimate))
    said = f"gain {size}" if better else f"cost {size}"
    interval = f"95 % interval {_percent(low).removesuffix(' %')} to {_percent(high)}"
    return f"the next epoch is predicted to {said} ({interval})"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
