"""Training rows are changed as asked, anew every epoch, and only they; the gap to validation rows shrinks."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import epochsearch
from epochsearch.core.augmentation import AUGMENTATIONS
from epochsearch.core.errors import TaskError
from epochsearch.core.techniques import TECHNIQUES
from epochsearch.tasks.digits import DigitsCnn
from epochsearch.tasks.prepared import prepare
from epochsearch.training.augmentation import make_change
from epochsearch.training.batches import TensorSource
from epochsearch.training.learner import make_learner
from epochsearch.training.torch_learner import TorchLearner
from tests.contract.subjects import identity


class FewDigits(DigitsCnn):
    """200 images to train on, soon learned by heart, and 799 to see what that is worth."""

    split = (200 / 1797, 799 / 1797, 798 / 1797)

    def model(self, dropout=0.0):
        hidden = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Dropout(dropout))
        return nn.Sequential(nn.Flatten(), hidden, nn.Linear(256, 10))


class Tokens(epochsearch.Task):
    """Rows of tokens 2 to 9 that end in padding."""

    standardise = False

    def data(self):
        x = np.random.default_rng(0).integers(2, 10, size=(100, 12))
        x[:, 9:] = 0
        return x, np.arange(100) % 2

    def model(self):
        return nn.Sequential(nn.Embedding(10, 2), nn.Flatten(), nn.Linear(24, 2))


class Halves(epochsearch.Task):
    """Images whose left or right half is bright, and masks that say which."""

    loss = "cross-entropy"

    def data(self):
        x = np.zeros((40, 1, 6, 6), dtype=np.float32)
        x[::2, :, :, :3] = 1
        x[1::2, :, :, 3:] = 1
        return x, (x[:, 0] > 0.5).astype(int)

    def model(self):
        return nn.Conv2d(1, 2, 1)


def checked(training: Mapping[str, object]) -> dict[str, object]:
    return {name: TECHNIQUES[name].checked(value) for name, value in training.items()}  # type: ignore[arg-type]


def learner_of(task: epochsearch.Task, training: Mapping[str, object], **options: object) -> TorchLearner:
    needs_kornia(training)
    learner = make_learner(task, identity(task, training=checked(training), **options))  # type: ignore[arg-type]
    assert isinstance(learner, TorchLearner)
    return learner


def needs_kornia(training: Mapping[str, object]) -> None:
    """Skip in an environment that was made before kornia was needed; `make install` brings it."""
    if "augment" in training and find_spec("kornia") is None:
        pytest.skip("kornia is not installed")


def changed(task: epochsearch.Task, training: Mapping[str, object], seed: int = 0) -> list[torch.Tensor]:
    """Return the training rows and targets, and both as they are changed."""
    needs_kornia(training)
    part = prepare(task).train
    source = TensorSource(part, torch.device("cpu"))
    change = make_change(task, identity(task, training=checked(training)).recipe, prepare(task), source)
    assert change is not None
    x, y = next(source.ordered(part.rows))
    torch.manual_seed(seed)
    return [x, y, *change(x, y)]


@pytest.mark.parametrize(
    "step", [*AUGMENTATIONS, "flip(vertical=true)", "rotate+scale+shear+shift+crop+flip+colour"]
)
def test_every_step_changes_images_and_not_what_they_show(step: str) -> None:
    """Shape and targets stay, pixels do not; the same draws give the same pixels, others other ones."""
    x, y, new_x, new_y = changed(FewDigits(), {"augment": step})

    assert new_x.shape == x.shape
    assert new_x.dtype == torch.float32
    assert torch.equal(new_y, y)
    assert not torch.equal(new_x, x)
    assert torch.equal(changed(FewDigits(), {"augment": step})[2], new_x)
    assert not torch.equal(changed(FewDigits(), {"augment": step}, seed=1)[2], new_x)


def test_a_mask_moves_with_its_image() -> None:
    """Flipped left to right, the bright half and its mask change sides; classes stay whole numbers."""
    x, y, new_x, new_y = changed(Halves(), {"augment": "flip(chance=1.0)"})

    assert torch.equal(new_x, x.flip(-1))
    assert torch.equal(new_y, y.flip(-1))
    assert new_y.dtype == torch.int64


def test_noise_has_the_deviation_asked_for() -> None:
    """And no direction."""
    x, _, new_x, _ = changed(FewDigits(), {"noise": 0.3})

    assert float((new_x - x).std()) == pytest.approx(0.3, rel=0.05)
    assert abs(float((new_x - x).mean())) < 0.02


def test_dropped_tokens_are_unknown_and_padding_stays() -> None:
    """About the share asked for, none of the padding."""
    x, _, new_x, _ = changed(Tokens(), {"token_dropout": 0.25})

    assert torch.equal(new_x[:, 9:], x[:, 9:])
    assert set(new_x[new_x != x].tolist()) == {1}
    assert float((new_x[:, :9] == 1).float().mean()) == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize(
    ("task", "training", "message"),
    [
        (Tokens(), {"augment": "flip"}, "augment on int64 of shape .rows, 12.: needs images"),
        (Tokens(), {"noise": 0.1}, "noise on int64 .* needs real inputs"),
        (FewDigits(), {"token_dropout": 0.1}, "token_dropout on float32 .* needs tokens"),
        (
            FewDigits(),
            {"augment": "colour(hue=0.1)"},
            "hue need 3 channels, these images have 1",
        ),
        (FewDigits(), {"augment": "rotate(degrees=500)"}, "rotate takes numbers from 0 to 180, not 500"),
    ],
)
def test_rows_that_cannot_be_changed_so_are_told(
    task: epochsearch.Task, training: Mapping[str, object], message: str
) -> None:
    """Before the first epoch, with what was found there."""
    with pytest.raises(TaskError, match=message):
        learner_of(task, training)


def test_validation_rows_are_never_changed() -> None:
    """A model that does not move has the same validation loss, however its training rows are changed."""
    plain, augmented = (
        learner_of(FewDigits(), training, learning_rate=1e-30).run_epoch()
        for training in ({}, {"augment": "rotate(degrees=90)", "noise": 1.0})
    )

    assert plain.train_loss != augmented.train_loss
    assert augmented.val_loss == pytest.approx(plain.val_loss, rel=0.2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("training", "extras"),
    [({"augment": "rotate(degrees=10)+shift(share=0.1)"}, {}), ({"noise": 0.4}, {}), ({}, {"dropout": 0.8})],
)
def test_augmentation_noise_and_dropout_narrow_the_gap(
    training: Mapping[str, object], extras: Mapping[str, float]
) -> None:
    """On 200 digits the loss on validation rows less that on training rows, both unchanged, gets smaller."""

    def gap(training: Mapping[str, object], extras: Mapping[str, float]) -> float:
        task = FewDigits()
        learner = learner_of(task, training, extras=extras, batch_size=16, learning_rate=0.003)
        report = [learner.run_epoch() for _ in range(60)][-1]
        rows = prepare(task).train
        outputs = learner.trained().module.eval()(torch.as_tensor(rows.x)).detach()
        return report.val_loss - float(functional.cross_entropy(outputs, torch.as_tensor(rows.y)))

    assert gap(training, extras) < 0.85 * gap({}, {})
