"""The configurations of a study with their curves under every seed."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.core.measure import Measure
from epochsearch.core.point import Configuration, Point
from epochsearch.store.replicates import tried_configurations
from tests.unit.store.records import IDENTITY, POINT, SPEC, Study, completed, opened, reports, study, url

OTHER = Point(5, Configuration(0.01, 32, (("act", "1"),)))


def also(s: Study, identity: CurveIdentity, epochs: list[EpochReport]) -> None:
    """Write a curve that no trial of the study was read on."""
    for report in epochs:
        s.journal.extend(identity, report)
    s.journal.flush()


def test_each_configuration_comes_with_its_trials_and_its_curve(tmp_path: Path) -> None:
    """Two trials on one curve are one configuration."""
    with opened(tmp_path) as database:
        s = study(database)
        s.whole(completed(0))
        s.whole(completed(1, point=OTHER))
        s.whole(completed(2, point=Point(3, POINT.configuration)))

    spec, found = tried_configurations(url(tmp_path), "s")

    assert spec == SPEC
    assert [one.identity.configuration for one in found] == [POINT.configuration, OTHER.configuration]
    assert [[trial.number for trial in one.trials] for one in found] == [[0, 2], [1]]
    assert found[0].replicates[0].losses == tuple(1.5 / epoch for epoch in range(1, 6))
    assert found[0].replicates[0].seconds == (0.25,) * 5


def test_curves_of_other_seeds_are_found_by_their_identity(tmp_path: Path) -> None:
    """Nothing but the seed may differ: another fingerprint or rate is another curve."""
    with opened(tmp_path) as database:
        s = study(database)
        s.whole(completed(0))
        also(s, replace(IDENTITY, seed=8), reports(4))
        also(s, replace(IDENTITY, seed=7), reports(5))
        also(s, replace(IDENTITY, seed=9, fingerprint="g"), reports(5))
        also(s, replace(IDENTITY, seed=9, configuration=OTHER.configuration), reports(5))
        also(s, replace(IDENTITY, seed=9, folds=2), reports(5))

    _, (found,) = tried_configurations(url(tmp_path), "s")

    assert [(one.seed, len(one.losses)) for one in found.replicates] == [(0, 5), (7, 5), (8, 4)]
    assert found.seeds == (0, 7, 8)


def test_a_loss_that_is_not_finite_is_infinite(tmp_path: Path) -> None:
    """Whichever of the two losses it was."""
    with opened(tmp_path) as database:
        s = study(database)
        s.whole(completed(0), [EpochReport(1, 0.5, 0.6, 1.0), EpochReport(2, math.nan, 0.6, 1.0)])

    _, (found,) = tried_configurations(url(tmp_path), "s")

    assert found.replicates[0].losses == (0.6, math.inf)


@pytest.mark.parametrize(("measure", "expected"), [("accuracy", (1.0, 0.5)), ("f1", (math.inf, math.inf))])
def test_what_the_objective_reads_is_read(measure: str, expected: tuple[float, ...], tmp_path: Path) -> None:
    """1 - metric where higher is better; infinite where it was not computed."""
    with opened(tmp_path) as database:
        s = study(database, spec=replace(SPEC, measure=Measure(measure, maximise=True)))
        s.whole(completed(0, point=Point(2, POINT.configuration)))

    _, (found,) = tried_configurations(url(tmp_path), "s")

    assert found.replicates[0].losses == expected


def test_the_averaged_weights_are_read_where_they_count(tmp_path: Path) -> None:
    """Their loss in place of the last weights'; infinite in an epoch without any."""
    with opened(tmp_path) as database:
        s = study(database, spec=replace(SPEC, measure=Measure(weights="average")))
        curve = [EpochReport(1, 0.5, 0.6, 1.0), EpochReport(2, 0.5, 0.6, 1.0, average_loss=0.4)]
        s.whole(completed(0, point=Point(2, POINT.configuration)), curve)

    _, (found,) = tried_configurations(url(tmp_path), "s")

    assert found.replicates[0].losses == (math.inf, 0.4)


def test_of_wanted_trials_the_configurations_are_as_without_and_no_other_is_there(tmp_path: Path) -> None:
    """All trials of a wanted configuration come, and its curves under other seeds."""
    with opened(tmp_path) as database:
        s = study(database)
        s.whole(completed(0))
        s.whole(completed(1, point=OTHER))
        s.whole(completed(2, point=Point(3, POINT.configuration)))
        also(s, replace(IDENTITY, seed=8), reports(4))

    _, (first, _) = tried_configurations(url(tmp_path), "s")

    assert tried_configurations(url(tmp_path), "s", only=[2])[1] == [first]
    assert tried_configurations(url(tmp_path), "s", only=[9])[1] == []
