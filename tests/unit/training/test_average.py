"""The average of the weights is what its formula says, and lower in loss early on."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from epochsearch.tasks.loading import load_task
from epochsearch.training.average import Average
from epochsearch.training.learner import make_learner
from tests.contract.subjects import Noisy, Plain, identity


def test_the_decay_grows_to_its_end_so_that_the_start_is_forgotten() -> None:
    """min(d, (1 + t) / (10 + t)) after t steps, d = 1 - 1 / horizon."""
    model = nn.Linear(1, 1, bias=False)
    average, expected = Average(model, horizon=4.0, norms="copied"), float(model.weight.detach())

    for step in range(12):
        model.weight.data.fill_(step)
        average.follow()
        decay = min(0.75, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step

    assert float(average.state()["weights"][0]) == pytest.approx(expected, rel=1e-6)


def test_the_model_has_the_average_for_a_block_and_its_own_weights_after_it() -> None:
    """Also where the block fails."""
    model = nn.Linear(2, 1)
    average = Average(model, horizon=4.0, norms="copied")
    model.weight.data.fill_(5.0)

    def fail_inside() -> None:
        with average.in_place(None):  # type: ignore[arg-type]
            assert not torch.equal(model.weight, torch.full((1, 2), 5.0))
            raise ValueError

    with pytest.raises(ValueError):
        fail_inside()

    assert torch.equal(model.weight, torch.full((1, 2), 5.0))


@pytest.mark.parametrize("norms", ["copied", "recomputed"])
def test_an_average_changes_nothing_of_the_curve_itself(norms: str) -> None:
    """Losses and metrics of the weights as they are, bit for bit; the reports say more."""
    plain = make_learner(Noisy(), identity(Noisy()))
    averaged = make_learner(Noisy(), identity(Noisy(), training={"average": 1.0, "average_norms": norms}))

    for _ in range(4):
        without, report = plain.run_epoch(), averaged.run_epoch()
        assert (report.train_loss, report.val_loss) == (without.train_loss, without.val_loss)
        assert report.average_loss is not None
        assert dict(report.metrics).keys() == {"accuracy", "average_accuracy"}
        assert without.average_loss is None


def test_statistics_that_are_computed_anew_are_those_of_the_averaged_weights() -> None:
    """Two ways to give batch norm its means: two losses, both of them finite."""
    copied, recomputed = (
        make_learner(Noisy(), identity(Noisy(), training={"average": 2.0, "average_norms": norms}))
        for norms in ("copied", "recomputed")
    )

    losses = [learner.run_epoch().average_loss for learner in (copied, recomputed)]

    assert losses[0] != losses[1]


def test_an_average_lowers_the_early_loss_of_noisy_steps() -> None:
    """On digits in small batches at a high rate it is lower in each of the first five epochs, by a third."""
    task = load_task("digits")
    curve = identity(task, learning_rate=0.01, batch_size=16, training={"average": 1.0})
    learner = make_learner(task, curve)

    reports = [learner.run_epoch() for _ in range(5)]

    assert all(report.average_loss < 0.67 * report.val_loss for report in reports)


def test_the_score_and_the_model_can_be_of_the_average() -> None:
    """What is delivered is what the objective read; the learner goes on as if nobody had asked."""
    curve = identity(Plain(), training={"average": 1.0})
    learner, other = make_learner(Plain(), curve), make_learner(Plain(), curve)
    learner.run_epoch(), other.run_epoch()

    raw, average = learner.test(), learner.test("average")
    x = next(iter(torch.randn(1, 20, 6)))
    outputs = [learner.trained(weights).outputs(x.numpy()) for weights in ("raw", "average")]

    assert raw != average
    assert not (outputs[0] == outputs[1]).all()
    assert learner.freeze() == other.freeze()
