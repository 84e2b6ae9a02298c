"""What the fork server imports once, so that a worker is there in milliseconds: torch and the learners."""

import sklearn.datasets
import sklearn.model_selection
import sklearn.preprocessing  # noqa: F401
import torch  # noqa: F401

import epochsearch.engines.worker
import epochsearch.training.torch_learner  # noqa: F401
