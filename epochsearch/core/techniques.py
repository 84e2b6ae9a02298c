"""The techniques of a recipe beside its optimiser and schedule: what each does, its default, what it may be.

A technique is a name with one plain value: it can stand in a study file's `[training]` table, be given as
`--training NAME=VALUE` and be searched as `--param NAME=RANGE`. One that is at its default is left out of a
curve's identity.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from epochsearch.core.augmentation import NO_STEPS, parse_steps, steps_text
from epochsearch.core.choice import Scalar, scalar_text
from epochsearch.core.errors import UsageError, nearest


@dataclass(frozen=True, slots=True)
class Technique:
    """One technique; the default's type is the type of its values."""

    default: bool | int | float | str
    said: str  # what it does, in a few words
    low: float = 0.0  # the least number
    below: float = math.inf  # all numbers are less than this
    words: tuple[str, ...] = ()  # what may be said instead of a number
    steps: bool = False  # a text of augmentation steps

    def checked(self, value: Scalar) -> bool | int | float | str:
        """Return `value` in the technique's own type.

        Raises:
            ValueError: It may not be that; the message says the rule.
            UsageError: A step of an augmentation may not be that.
        """
        if self.steps:
            return steps_text(parse_steps(str(value), "augment"))
        if self.words:
            fits = value in self.words
        elif isinstance(self.default, bool):
            fits = isinstance(value, bool)
        else:
            fits = self._in_range(value)
        if not fits or value is None:
            raise ValueError(self._rule)
        return type(self.default)(value)

    def _in_range(self, value: Scalar) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        whole = isinstance(self.default, float) or value == int(value)
        return self.low <= value < self.below and whole

    @property
    def _rule(self) -> str:
        if self.words or isinstance(self.default, bool):
            return f"must be {' or '.join(self.words or ('true', 'false'))}"
        kind = "a number" if isinstance(self.default, float) else "a whole number"
        most = f" and below {self.below:g}" if math.isfinite(self.below) else ""
        return f"must be {kind}, at least {self.low:g}{most}"


TECHNIQUES: Mapping[str, Technique] = {
    "accumulate": Technique(1, "parts in which each batch is taken: the same step with less memory", low=1),
    "clip_norm": Technique(0.0, "the largest norm of a step's gradient over all weights; 0: any"),
    "clip_value": Technique(0.0, "the largest size of any one number of a gradient; 0: any"),
    "label_smoothing": Technique(0.0, "the share of each target spread evenly over all classes", below=1.0),
    "l1": Technique(0.0, "how strongly weights are drawn to exactly 0, per step and unit of learning rate"),
    "class_weights": Technique("none", "balanced: rare classes count as much", words=("none", "balanced")),
    "precision": Technique("float32", "bf16: mixed precision while training", words=("float32", "bf16")),
    "scaling": Technique(
        "standard",
        "how columns of real inputs are scaled, fitted on the training rows",
        words=("standard", "minmax", "none"),
    ),
    "impute": Technique(
        "none",
        "what of a column's training values stands for its missing ones",
        words=("none", "mean", "median", "most_frequent"),
    ),
    "one_hot": Technique(False, "true: a column of categories becomes a column of 0 and 1 for each of them"),
    "select_best": Technique(0, "how many input columns are read, those that tell most alone; 0: all"),
    "select_recursive": Technique(0, "the same, leaving out the least useful one by one; 0: all"),
    "train_rows": Technique(0, "how many training rows are used, drawn as the split draws; 0: all"),
    "augment": Technique(NO_STEPS, "changes training images: steps like rotate(degrees=5)+flip", steps=True),
    "noise": Technique(0.0, "the standard deviation of noise that is added to training inputs"),
    "token_dropout": Technique(0.0, "the share of training tokens that are made unknown", below=1.0),
    "average": Technique(0.0, "epochs over which an average of the weights reaches back; 0: no average"),
    "average_norms": Technique(
        "copied",
        "recomputed: batch norm's statistics are computed anew for the average",
        words=("copied", "recomputed"),
    ),
    "gradient_norm": Technique(False, "true: each epoch reports the largest norm of its steps' gradients"),
}
"""Every technique by the name it has everywhere; each is a field of `Recipe`."""

PREPROCESSING = ("scaling", "impute", "one_hot", "select_best", "select_recursive")
"""Those that are fitted on the training rows of a table before any model sees them."""

OF_DATA = (*PREPROCESSING, "train_rows")
"""Those that say what of the data a model sees, whatever trains it."""


def checked_technique(name: str, value: Scalar, where: str) -> bool | int | float | str:
    """Return the value of a technique in its own type.

    Raises:
        UsageError: There is no such technique (with the nearest name), or it may not be that.
    """
    if name not in TECHNIQUES:
        raise UsageError(where, name, "there is no such technique of training", nearest(name, TECHNIQUES))
    try:
        return TECHNIQUES[name].checked(value)
    except ValueError as error:
        default = scalar_text(TECHNIQUES[name].default)
        raise UsageError(
            where, scalar_text(value), f"{name} {error}", f"Leave it out for {default}."
        ) from None
