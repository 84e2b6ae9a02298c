"""What the fork server imports once, so that a worker is there in milliseconds: torch and the learners."""

import sklearn.datasets  # noqa: F401  # type: ignore[import-untyped]
import sklearn.model_selection  # noqa: F401
import sklearn.preprocessing  # noqa: F401
import torch  # noqa: F401

import epochsearch.engines.worker
import epochsearch.training.torch_learner  # noqa: F401
