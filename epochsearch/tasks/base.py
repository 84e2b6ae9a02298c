"""What is searched over: data and a model under a name. A user's own task is a subclass with two methods.

class Mine(epochsearch.Task):
    def data(self):
        return X, y
    def model(self):
        return nn.Linear(20, 3)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from epochsearch.core.axis import Written
from epochsearch.core.choice import Scalar
from epochsearch.core.point import Configuration


class Task:
    """Data, model, loss and metrics under a name. A subclass gives `data` and `model`; the rest has defaults.

    Class attributes a task may set:
        name: How it is called (default: the class's name).
        epochs, learning_rate, batch_size: Default axes of the search, in the grammar of `core.axis`. Of
            listed batch sizes those that the training rows cannot fill are left out.
        hyperparameters: Further axes by name, as {"dropout": "0.0:0.5"}; each is searched too. `model`
            receives those it names as arguments; options of the optimiser (weight_decay, momentum) go to the
            optimiser.
        loss: "cross-entropy", "binary-cross-entropy", "mse", or a function (outputs, targets) -> mean loss.
            Default: by the type of the target (whole numbers: cross-entropy; real numbers: mse).
        metrics: Names of metrics to compute on the validation part after each epoch, and functions (outputs,
            targets) -> float of your own. Default: accuracy of classes, mean absolute error of real numbers.
        split: Shares of training, validation and test rows.
        split_by: "random" (classes in equal shares, groups whole); "time": the rows stand in the order of
            time, each part comes after the one before it, and each fold's validation rows after its training;
            or "published": the last rows are the test part that the data came with, the others are drawn at
            random.
        train_rows: How many training rows are used, with the classes in equal shares; validation and test
            part stay what they are. None: all.
        standardise: Whether columns (of 2-d real inputs) are scaled, fitted on the training part only;
            `training` says how, and what is done about missing values and columns of texts.
        standardise_target: Whether real targets are standardised likewise; the loss is then in units of their
            variance (1 is what the training mean scores) and metrics are scaled back to the original units.
        padding_token, unknown_token: Which tokens stand for nothing and for any token; `token_dropout` leaves
            the one and puts the other in place of some.
        optimiser, schedule: Defaults of the recipe.
        training: Techniques of the recipe by name, as {"clip_norm": 1.0}; see `core.techniques`. Those of
            preprocessing are among them: {"impute": "median", "one_hot": True, "scaling": "minmax"}.
        trainer: Options of Lightning's Trainer by name, where `model` returns a LightningModule.
    """

    name: str = ""
    epochs: Written = "5:50"
    learning_rate: Written = "1e-5:1e-1"
    batch_size: Written = "16,32,64,128,256"
    hyperparameters: Mapping[str, Written] = {}
    loss: str | Callable[[Any, Any], Any] | None = None
    metrics: Sequence[str | Callable[[Any, Any], Any]] = ()
    split: tuple[float, float, float] = (0.70, 0.15, 0.15)
    split_by: str = "random"
    train_rows: int | None = None
    standardise: bool = True
    standardise_target: bool = False
    padding_token: int = 0
    unknown_token: int = 1
    optimiser: str = "adam"
    schedule: str = "constant"
    training: Mapping[str, Scalar] = {}
    trainer: Mapping[str, Any] = {}

    recorded: bool = False  # whether curves are read from a record instead of trained
    reference: str = ""  # how it is named on a command line; set by whoever loads it

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if not vars(cls).get("name"):
            cls.name = cls.__name__

    def data(self) -> Any:
        """Return (inputs, targets): arrays, tensors or DataFrames of equal length, or a map-style Dataset.

        Tables may have columns of texts and missing values, if `training` says what is done about them. A
        tokenised dataset for a model of Hugging Face's kind is a mapping, or a Dataset of mappings, with
        input_ids, attention_mask and the like, and labels; it need not be padded. The labels of a model with
        an encoder and a decoder are tokens, as many as a row has. A LightningDataModule is
        taken with its own parts; its training loader must read its attribute `batch_size`, which is set. Its
        training and validation rows are one series of rows where folds are made of them, or a final model is
        trained on both: its loaders then draw other rows, and do to them what they do to their own. Where
        training items are changed at random, folds need both parts to be torch Subsets of two Datasets of the
        same rows, of which validation's are left as they are.
        """
        raise NotImplementedError

    def groups(self) -> Any:
        """Return the group of each row, as names or numbers: a group is never split over parts or folds.

        None: every row stands alone.
        """
        return None

    def model(self, *arguments: Any, **hyperparameters: Any) -> Any:
        """Return a fresh nn.Module, a scikit-learn estimator with `partial_fit`, or a learner of your own.

        A `transformers.PreTrainedModel` is an nn.Module too; it is given the fields of a tokenised dataset.
        One with a decoder foretells each token of an answer from those before it: that is what its loss and
        metrics judge. `predict` has it say answers of its own, as long as the longest in the data.
        A LightningModule is trained by Lightning's Trainer as it is, with its own optimiser and schedule: its
        validation step must log val_loss (other val_NAME are metrics), its test step test_loss. It is told
        the learning rate by `model`, else by its attribute `lr` or `learning_rate`. A schedule of its own
        must count in absolute epochs: how many are planned, the trainer does not know.

        A subclass names the hyperparameters it wants as arguments; `learning_rate` and `batch_size` may be
        among them, and so may `inputs` (how many columns the model reads after preprocessing; of images and
        the like the shape of one) and `outputs` (how many classes, or columns of the target).

        A learner of your own is any object with three methods: `run_epoch()` trains one more epoch and
        returns (training loss, validation loss), or both and a mapping of metrics; `freeze()` returns its
        whole state as bytes, `thaw(state)` puts it back. `test(part)` may be a fourth, which returns the
        loss, or the loss and metrics, for the final evaluation. `model` may then name `train` and
        `validation` too: (inputs, targets) of the two parts, split and treated. The global random generators
        are seeded for each epoch. It has no model that `train` could write.
        """
        raise NotImplementedError

    def training_step(self, model: Any, x: Any, y: Any) -> Any:
        """Return the mean loss of a training batch, a tensor of one number that gradients can be had of.

        model: in training mode; x, y: inputs and targets of the batch as the model reads them. A subclass
        that defines it replaces the model's outputs through the loss: it may call the model several times or
        in parts, add terms, mix rows. The gradient, its bounds, accumulation, mixed precision, the optimiser
        and averaging stay the tool's, at no more cost than the step's own; label_smoothing and class_weights
        are refused with it. It must draw at random from torch's, NumPy's or Python's global generator, which
        are seeded anew for each epoch, and keep nothing in `self`: what changes belongs into the model's
        weights and buffers. `epochsearch check` looks whether that is so. Validation and test go by `loss`.
        """
        raise NotImplementedError

    def layer_rates(self, model: Any, epoch: int) -> Mapping[str, float]:
        """Return by the names of parts of the model how much of the learning rate each is trained at.

        epoch: the one that begins, 1 the first. 0 freezes a part: its weights stay, its batch norm and
        dropout are as in evaluation. Parts that are not named train at the full rate. The same parts must be
        named in every epoch, and nothing but model and epoch may matter.
        """
        return {}

    def lengths(self, x: Any) -> Any:
        """Return how long each row of padded inputs is, (rows,), to train on batches of rows of like length.

        x: rows as the model reads them. None: rows of a batch have nothing in common.
        """
        return None

    def vocabulary(self) -> Mapping[str, Any] | None:
        """Return which number stands for which text in the inputs, or how it is made of the text.

        It is written as JSON beside an exported model, for whoever runs that without the task's code. None:
        the inputs are no texts.
        """
        return None

    def snap(self, configuration: Configuration) -> Configuration:
        """Return the configuration that is really trained; only recorded tables change it."""
        return configuration
