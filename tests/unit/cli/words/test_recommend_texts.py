"""What a person reads of a recommendation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from epochsearch.analysis.edges import Edge
from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.recommendation import Noise, PointEstimate, Recommendation
from epochsearch.analysis.rivals import Rival
from epochsearch.analysis.scaling import BestRate, RateScaling
from epochsearch.cli.words.recommend_documents import grounds_document
from epochsearch.cli.words.recommend_texts import (
    edge_text,
    ending_text,
    estimate_text,
    race_line,
    race_text,
    recommendation_facts,
    rival_line,
    rival_rows,
)
from epochsearch.core.measure import THE_LOSS, Measure
from epochsearch.core.point import Configuration, Point
from epochsearch.search.answers.race_events import (
    Contestant,
    ContestantOut,
    CurveConfirmed,
    RaceEnded,
    RaceStarted,
)
from epochsearch.search.answers.recommendation import Grounds
from tests.unit.cli.fakes import SPEC
from tests.unit.store.records import IDENTITY

ACCURACY = Measure("accuracy", maximise=True)
WIDTH = 80


def estimate(epochs: int = 12, loss: float = 0.0546, error: float | None = 0.0012) -> PointEstimate:
    return PointEstimate(Point(epochs, Configuration(0.003161, 32)), 80, loss, error, 8, 1.25)


SURE = Recommendation(
    recommended=estimate(9, 0.0551),
    best=estimate(),
    noise=Noise("seeds", 8, 1, 5),
    within=4,
    best_epoch=Interval(12, 9, 15),
    edges=(Edge("batch_size", 32, "low", 32),),
)
UNSURE = Recommendation(estimate(error=None), estimate(error=None), Noise("none", 1, 1, 90), 1, None, ())
RIVALS = (
    Rival(estimate(), Interval(0, 0, 0), 1.0),
    Rival(estimate(20, 0.0549), Interval(0.0003, -0.001, 0.0016), 1.0),
    Rival(estimate(30, 0.09), Interval(0.04, 0.03, 0.05), 0.001),
)
SCALING = RateScaling(
    Interval(0.46, 0.21, 0.8), 1e-3, tuple(BestRate(2**i, 1e-3 * i, 0.1, 9) for i in range(4, 9))
)
GROUNDS = Grounds(SPEC, SURE, RIVALS, {"learning_rate": 0.61, "epochs": 0.27, "batch_size": 0.12}, SCALING)


def test_a_search_ends_with_the_point_to_take_and_how_sure_it_is() -> None:
    """Three lines: the triple, its loss with the error and the rule, the interval of the best epoch."""
    assert ending_text(SURE, THE_LOSS).split("\n") == [
        "9 epochs, learning rate 3.161e-3, batch size 32",
        "validation loss 0.0551 +- 0.0012, the cheapest within one error over 8 fresh seeds",
        "best epoch of this configuration 12, 95 % interval 9 to 15",
    ]


def test_without_noise_the_end_says_so() -> None:
    """No error is shown that nobody measured."""
    assert ending_text(UNSURE, THE_LOSS).split("\n") == [
        "12 epochs, learning rate 3.161e-3, batch size 32",
        "validation loss 0.0546, the lowest on any curve",
        "how sure is not known: each point was trained once",
    ]


def test_folds_and_seeds_are_named() -> None:
    """What a mean is over."""
    folds = replace(UNSURE, noise=Noise("folds", 1, 5, 90))
    both = replace(UNSURE, noise=Noise("seeds", 4, 5, 3))

    assert "the lowest over 5 folds" in ending_text(folds, THE_LOSS)
    assert "the lowest over 4 fresh seeds x 5 folds" in ending_text(both, THE_LOSS)


def test_a_metric_is_shown_as_its_user_knows_it() -> None:
    """1 - metric is what was minimised."""
    assert estimate_text(estimate(loss=0.0259), ACCURACY) == "validation accuracy 0.9741 +- 0.0012"
    assert rival_rows(RIVALS, ACCURACY)[1][6:8] == ("-3e-4", "-1.6e-3 to 1e-3")


def test_the_answer_comes_first_and_fits() -> None:
    """The triple, its loss, the rule, then what is known of the hyperparameters; 80 columns wide."""
    facts = recommendation_facts(GROUNDS)

    assert [label for label, _ in facts] == ["Take", "Loss", "Why", "Epochs", "Matters", "Scaling", "Edge"]
    assert dict(facts)["Take"] == "epochs         9\nlearning rate  3.161e-3\nbatch size     32"
    assert dict(facts)["Matters"] == "learning rate 0.61, epochs 0.27, batch size 0.12 (PED-ANOVA)"
    assert "learning rate ~ batch size ^ 0.46 (95 % interval 0.21 to 0.80)" in dict(facts)["Scaling"]
    lines = [line for _, said in facts for line in said.split("\n")]
    assert max(map(len, lines)) + len("Scaling  ") <= WIDTH


def test_what_is_not_known_is_said_in_words() -> None:
    """Not left out, and not made up."""
    facts = dict(recommendation_facts(Grounds(SPEC, UNSURE, None, None, None)))

    assert facts["Why"] == "the lowest on any curve\nhow sure is not known: each point was trained once"
    assert facts["Matters"].startswith("not computed")
    assert facts["Scaling"].startswith("not fitted")
    assert "Edge" not in facts
    assert max(len(line) for said in facts.values() for line in said.split("\n")) + 9 <= WIDTH


def test_only_those_that_cannot_be_told_apart_are_listed() -> None:
    """The best first, without a difference to itself."""
    rows = rival_rows(RIVALS, THE_LOSS)

    assert (
        rival_line(RIVALS, SURE.noise)
        == "2 of 3 confirmed configurations cannot be told apart from the best:"
    )
    assert [row[3] for row in rows] == ["12", "20"]
    assert rows[0][6:8] == ("", "")
    assert rows[1][6:8] == ("3e-4", "-1e-3 to 1.6e-3")
    assert rival_line(RIVALS[::2], SURE.noise).startswith(
        "The best can be told apart from each of the 1 other"
    )


@pytest.mark.parametrize(
    ("edge", "said"),
    [
        (Edge("epochs", 50, "high", 50), "epochs 50 is the most that was searched: more may be better"),
        (
            Edge("learning_rate", 0.0891, "high", 0.1),
            "learning rate 0.0891 is near 0.1, the most that was searched: more may be better",
        ),
        (
            Edge("batch_size", 16, "low", 16),
            "batch size 16 is the least that was searched: less may be better",
        ),
        (
            Edge("epochs", 30, "high", 30, curve=True),
            "the best curve ends at epoch 30, its best: more epochs may be better",
        ),
    ],
)
def test_an_edge_says_where_to_look(edge: Edge, said: str) -> None:
    """The value, the end and the direction."""
    assert edge_text(edge) == said


def test_a_race_is_told_line_by_line() -> None:
    """Who starts, each curve, who leaves; the end is in the result."""
    one = Contestant(80, Point(12, Configuration(0.003161, 32)), IDENTITY, 30)
    ended = RaceEnded(5, 2, 8, 412, 30, stopped=False)

    lines = [
        race_line(event, THE_LOSS)
        for event in (
            RaceStarted((one,) * 5, (1, 2, 3)),
            CurveConfirmed(one, 3, 0.0567),
            ContestantOut(one, 5, 0.06),
            ended,
        )
    ]

    assert lines == [
        "racing 5 configurations on up to 3 fresh seeds",
        "seed 3  trial 80  epochs 12  lr 3.2e-3  batch 32  loss 0.0567",
        "out after 5 seeds  trial 80  epochs 12  lr 3.2e-3  batch 32  mean loss 0.0600",
        None,
    ]
    assert (
        race_text(ended)
        == "5 configurations raced, 3 fell behind and left early\n412 epochs trained, 30 read back"
    )
    assert race_text(replace(ended, stopped=True)).startswith("stopped early; ")


def test_the_document_has_its_keys() -> None:
    """Programs rely on them; what is not known is null."""
    document = grounds_document("s", GROUNDS, None, ["epochsearch show s"])
    unsure = grounds_document("s", Grounds(SPEC, UNSURE, None, None, None), None, [])

    recommended = document["recommended"]
    assert {"epochs", "learning_rate", "batch_size", "value", "standard_error"} <= recommended.keys()
    assert recommended["noise"] == {"source": "seeds", "seeds": 8, "folds": 1, "configurations": 5}
    assert recommended["best_epoch"] == {"estimate": 12, "low": 9, "high": 15, "confidence": 0.95}
    assert [one["alike"] for one in document["rivals"]] == [True, True, False]
    assert unsure["recommended"]["standard_error"] is None
    assert unsure["recommended"]["noise"]["source"] is None
    assert unsure["rivals"] is unsure["importances"] is unsure["scaling"] is unsure["confirmed"] is None
