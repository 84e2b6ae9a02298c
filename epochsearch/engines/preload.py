"""What the fork server imports once, so that a worker is there in milliseconds: torch and the learners.

An optimiser of torch imports all of its compiler when the first one is made: a second in every worker, or
here once.
"""

import sklearn.datasets
import sklearn.model_selection
import sklearn.preprocessing  # noqa: F401
import torch
import torch._dynamo  # noqa: F401

import epochsearch.engines.worker
import epochsearch.training.torch_learner  # noqa: F401
