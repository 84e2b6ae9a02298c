"""The recommended point of a study, read off the ledger: nothing is trained, and no test row is touched."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.candidates import Candidate
from epochsearch.analysis.recommendation import Recommendation, rank, recommend
from epochsearch.analysis.rivals import Rival, rivals
from epochsearch.analysis.scaling import RateScaling, Tried, rate_scaling
from epochsearch.analysis.traces import FloatArray
from epochsearch.core.axis import Range
from epochsearch.core.errors import SearchFailedError
from epochsearch.core.extension import is_extension
from epochsearch.core.spec import StudySpec
from epochsearch.core.summary import go_on
from epochsearch.store.replicates import Replicate, TriedConfiguration, tried_configurations


@dataclass(frozen=True, slots=True)
class Grounds:
    """A recommendation with what else is known around it."""

    spec: StudySpec
    recommendation: Recommendation
    rivals: tuple[Rival, ...] | None  # None: nothing tells noise from difference
    importances: (
        Mapping[str, float] | None
    )  # by axis, the largest first, adding up to 1; None: too few trials
    scaling: RateScaling | None  # None: too few batch sizes, or too few learning rates at each


def recommended(storage: str, study: str) -> Recommendation:
    """Return the point to take of a study, and how sure that is.

    Raises:
        NotFoundError: There is no such database or study.
        SearchFailedError: It has no curve with a finite loss.
    """
    spec, tried = tried_configurations(storage, study)
    return _recommendation(study, spec, study_candidates(spec, tried))


def grounds(storage: str, study: str) -> Grounds:
    """Return the point to take of a study with its rivals, and how the hyperparameters interact.

    Raises:
        NotFoundError: There is no such database or study.
        SearchFailedError: It has no curve with a finite loss.
    """
    from epochsearch.search.answers.importances import importances  # loads scipy.stats

    spec, tried = tried_configurations(storage, study)
    candidates = study_candidates(spec, tried)
    recommendation = _recommendation(study, spec, candidates)
    ranking = rank(candidates, spec.training_seed, spec.objective)
    assert ranking is not None, "there is a recommendation"
    trials = sorted((trial for one in tried for trial in one.trials), key=lambda trial: trial.number)
    return Grounds(
        spec=spec,
        recommendation=recommendation,
        rivals=rivals(ranking),
        importances=None if is_extension(spec) else importances(spec.point_space, trials),
        scaling=rate_scaling(_lowest(candidates), octaves=isinstance(spec.space.batch_size, Range)),
    )


def _recommendation(study: str, spec: StudySpec, candidates: Sequence[Candidate]) -> Recommendation:
    found = recommend(candidates, spec.space, spec.training_seed, spec.objective)
    if found is None:
        rule = "no trial has a finite loss at an epoch that may be recommended"
        raise SearchFailedError("study", study, rule, go_on(study, spec.task))
    return found


def _lowest(candidates: Sequence[Candidate]) -> list[Tried]:
    """Return each configuration with the lowest loss on the search's own curve."""
    return [
        Tried(
            candidate.configuration.learning_rate,
            candidate.configuration.batch_size,
            float(candidate.own[:, np.asarray(candidate.answers) - 1].mean(axis=0).min()),
        )
        for candidate in candidates
        if candidate.answers
    ]


def study_candidates(spec: StudySpec, tried: Sequence[TriedConfiguration]) -> list[Candidate]:
    """Return the candidates of a study's configurations, those with at least one epoch under its own seed.

    A curve counts as far as a trial of the study went on it. It answers for every epoch from the low end of
    the range of epochs on, from the first where they are a list; bound to its length, for its end alone.
    """
    return [candidate for _, candidate in candidates_of(spec, tried)]


def candidates_of(
    spec: StudySpec, tried: Sequence[TriedConfiguration]
) -> list[tuple[TriedConfiguration, Candidate]]:
    """Return what `study_candidates` does, each beside the configuration that it was made of."""
    pace = _paces(tried)
    found = [(one, _candidate(spec, one, pace[_kind(one)])) for one in tried]
    return [(one, candidate) for one, candidate in found if candidate is not None]


def _candidate(spec: StudySpec, one: TriedConfiguration, seconds: float) -> Candidate | None:
    by_seed: dict[int, list[Replicate]] = defaultdict(list)
    for replicate in one.replicates:
        by_seed[replicate.seed].append(replicate)
    length = max(trial.epochs_done for trial in one.trials)
    own = _folds(by_seed.pop(spec.training_seed, []), spec.folds, length)
    if own is None:
        return None
    axis = spec.space.epochs
    first = int(axis.low) if isinstance(axis, Range) else 1
    last = own.shape[1]
    if one.identity.length is not None:
        answers: tuple[int, ...] = (last,) if last == one.identity.length else ()
    else:
        answers = tuple(range(first, last + 1))
    return Candidate(
        configuration=one.identity.configuration,
        trial=min((-trial.epochs_done, trial.number) for trial in one.trials)[1],
        own=own,
        answers=answers,
        seconds=seconds,
        fresh=_fresh(own, answers, by_seed, spec.folds),
        bound=one.identity.length is not None,
    )


def _folds(replicates: Sequence[Replicate], folds: int, length: int) -> FloatArray | None:
    """Return the losses of one seed as (folds, epochs), as far as all folds go; None if a fold is missing.

    A curve that diverged ends there; it stays infinite up to `length`.
    """
    if len(replicates) != folds:
        return None
    curves = [_to_the_end(one.losses[:length], length) for one in replicates]
    reach = min(len(curve) for curve in curves)
    return np.asarray([curve[:reach] for curve in curves], dtype=np.float64) if reach else None


def _to_the_end(losses: tuple[float, ...], length: int) -> tuple[float, ...]:
    if losses and not math.isfinite(losses[-1]):
        return losses + (math.inf,) * (length - len(losses))
    return losses


def _fresh(
    own: FloatArray, answers: Sequence[int], by_seed: dict[int, list[Replicate]], folds: int
) -> dict[int, FloatArray]:
    """Return the curves of other seeds that go at least to the best epoch of the search's own.

    One that is another's copy to the last bit is no further evidence: a recorded table lends its few curves
    to many seeds.
    """
    if not answers:
        return {}
    means = own[:, np.asarray(answers) - 1].mean(axis=0)
    needed = answers[int(np.argmin(means))]
    kept: dict[int, FloatArray] = {}
    for seed in sorted(by_seed):
        losses = _folds(by_seed[seed], folds, own.shape[1])
        if losses is None or losses.shape[1] < needed:
            continue
        if not any(_same_curve(losses, other) for other in (own, *kept.values())):
            kept[seed] = losses
    return kept


def _same_curve(a: FloatArray, b: FloatArray) -> bool:
    reach = min(a.shape[1], b.shape[1])
    return bool(np.array_equal(a[:, :reach], b[:, :reach]))


def _kind(one: TriedConfiguration) -> tuple[object, ...]:
    """Return what the time of an epoch depends on: all but the learning rate."""
    configuration = one.identity.configuration
    return configuration.batch_size, configuration.extras


def _paces(tried: Sequence[TriedConfiguration]) -> dict[tuple[object, ...], float]:
    """Return the median seconds of an epoch by kind: single times are noisy, and the rate does not matter."""
    seconds: dict[tuple[object, ...], list[float]] = defaultdict(list)
    for one in tried:
        for replicate in one.replicates:
            seconds[_kind(one)] += replicate.seconds
    return {kind: statistics.median(found) if found else 0.0 for kind, found in seconds.items()}
